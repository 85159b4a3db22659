"""The app without its guard against double claims: the race must tell it from the real one."""

from sqlalchemy import true

from ticketing.app import create_app
from ticketing.inventory import claims, named

named._LOOK = named.looking_statement(true())
claims._CLAIM = claims.claim_statement(claims._THESE, true())
claims._CLAIM_EACH = claims.claim_statement(claims._THIS, true())
app = create_app()

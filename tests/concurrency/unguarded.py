"""The app without its guard against double claims: the race must tell it from the real one."""

import sqlalchemy

from ticketing.app import create_app
from ticketing.inventory import claims, named

named._LOOK = named.looking_statement(sqlalchemy.true())
claims._CLAIM_EACH = claims.claim_each_statement(sqlalchemy.true())
app = create_app()

"""The app with its guard against double claims taken out: what the race must be able to tell from the real one."""

import sqlalchemy

from ticketing.app import create_app
from ticketing.inventory import claims

claims._CLAIM = claims.claim_statement(sqlalchemy.true())
app = create_app()

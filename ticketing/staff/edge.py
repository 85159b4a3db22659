"""Staff at the edge: whose token or session a request carries."""

from ticketing.foundation.actor import Actor
from ticketing.foundation.api import bearer
from ticketing.foundation.web import runtime
from ticketing.staff.accounts import Role, require_role, token_actor


def token_staff(*roles: Role) -> Actor:
    """Return the staff member of the bearer token. Raises UnauthorizedError or ForbiddenError."""
    token = bearer()
    with runtime().database.reading() as session:
        actor = token_actor(session, token)
    require_role(actor, *roles)
    return actor

"""Who may do what: a manager everything, the others what is named."""

import pytest

from ticketing.foundation.actor import Actor, ActorKind
from ticketing.foundation.errors import ForbiddenError
from ticketing.staff.accounts import Role, require_role


def staff(role: str) -> Actor:
    return Actor(kind=ActorKind.STAFF, role=role)


@pytest.mark.parametrize("named", [(), (Role.BOXOFFICE,), (Role.USHER, Role.BOXOFFICE)])
@pytest.mark.parametrize("role", [*Role, "", "king"])
def test_roles(role: str, named: tuple[Role, ...]) -> None:
    if role == Role.MANAGER or role in named:
        require_role(staff(role), *named)
    else:
        with pytest.raises(ForbiddenError):
            require_role(staff(role), *named)

"""Accounts and API tokens: who staff are, and what their role lets them do."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ticketing.foundation.actor import Actor, ActorKind
from ticketing.foundation.errors import ForbiddenError, UnauthorizedError
from ticketing.foundation.ids import new_id
from ticketing.foundation.security import new_token, token_hash
from ticketing.staff.audit import Deed, record
from ticketing.staff.errors import LoginTakenError, SignInRefusedError
from ticketing.staff.models import ApiToken, StaffAccount

_HASHER = PasswordHasher()
# Verified when nobody has the login, so that the answer takes as long as for somebody who has: the hash of
# a password that was thrown away, with the parameters that the hasher uses.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$T1UJPYgQNq5L6Aewq2y6jA$0wsaiQ4GIGI70+F6Ney2kX6UARL9T4XiAtpTadLqHNk"


class Role(StrEnum):
    """A manager may do everything, the box office sells and refunds, an usher works at the door."""

    MANAGER = "manager"
    BOXOFFICE = "boxoffice"
    USHER = "usher"


def add_account(
    session: Session, login: str, name: str, role: Role, password: str, actor: Actor, now: datetime
) -> UUID:
    """Add an account. Raises LoginTakenError."""
    login = login.strip().lower()
    if session.scalar(select(StaffAccount.id).where(StaffAccount.login == login)) is not None:
        raise LoginTakenError(login=login)
    account = new_id(now)
    session.execute(
        insert(StaffAccount).values(
            id=account,
            login=login,
            name=name,
            role=role,
            password_hash=_HASHER.hash(password),
            created_at=now,
        )
    )
    after = {"login": login, "role": role}
    record(
        session,
        actor,
        Deed(action="add_account", object_kind="staff", object_id=str(account), after=after),
        now,
    )
    return account


def sign_in(session: Session, login: str, password: str) -> StaffAccount:
    """Return the account of a login and password. Raises SignInRefusedError."""
    account = session.scalars(
        select(StaffAccount).where(
            StaffAccount.login == login.strip().lower(), StaffAccount.disabled_at.is_(None)
        )
    ).one_or_none()
    try:
        _HASHER.verify(account.password_hash if account else _NOBODY, password)
    except VerificationError:
        raise SignInRefusedError from None
    if account is None:
        raise SignInRefusedError
    return account


def account_by_id(session: Session, account_id: UUID) -> StaffAccount | None:
    """Return a living account."""
    return session.scalars(
        select(StaffAccount).where(StaffAccount.id == account_id, StaffAccount.disabled_at.is_(None))
    ).one_or_none()


def issue_token(session: Session, role: Role, name: str, actor: Actor, now: datetime) -> str:
    """Return a new API token; it is shown this once."""
    token, token_id = new_token("ks"), new_id(now)
    session.execute(
        insert(ApiToken).values(
            id=token_id, token_hash=token_hash(token), name=name, role=role, created_at=now
        )
    )
    after = {"role": role, "name": name}
    record(
        session,
        actor,
        Deed(action="issue_token", object_kind="token", object_id=str(token_id), after=after),
        now,
    )
    return token


def token_actor(session: Session, token: str) -> Actor:
    """Return whose token this is. Raises UnauthorizedError."""
    row = session.scalars(
        select(ApiToken).where(ApiToken.token_hash == token_hash(token), ApiToken.revoked_at.is_(None))
    ).one_or_none()
    if row is None:
        raise UnauthorizedError
    return Actor(kind=ActorKind.STAFF, id=str(row.id), name=row.name, role=row.role)


def account_actor(account: StaffAccount) -> Actor:
    """Return an account as a doer."""
    return Actor(kind=ActorKind.STAFF, id=str(account.id), name=account.name, role=account.role)


def require_role(actor: Actor, *roles: Role) -> None:
    """Let managers and the named roles pass. Raises ForbiddenError."""
    if actor.role not in (Role.MANAGER, *roles):
        raise ForbiddenError

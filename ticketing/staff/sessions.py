"""Who is signed in at a staff page, and the guard in front of all of them.

A page says with `allow("staff:boxoffice")` who may see it, and the guard does what the page says: the
declaration is the check. API views have tokens instead (ticketing/staff/edge.py).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from flask import Flask, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import UnauthorizedError
from ticketing.foundation.web import is_api, runtime
from ticketing.staff.accounts import Role, account_actor, account_by_id, require_role
from ticketing.staff.models import StaffAccount

# A shift and a bit: a desk that was left open does not stay open for ever.
SESSION_LIFE = timedelta(hours=14)
STAFF = "staff"
_SINCE = "staff_since"
_MARK_CHARACTERS = 16


@dataclass(frozen=True)
class SignedIn(UserMixin):  # type: ignore[misc]
    """A living account with a session of this browser."""

    actor: Actor
    mark: str

    def get_id(self) -> str:
        """Return the account and a mark of its password: a new password ends every older session."""
        return f"{self.actor.id}:{self.mark}"


def install(app: Flask) -> None:
    """Put the guard before every page, and before the forms' protection, which strangers need not meet."""
    manager = LoginManager(app)
    manager.user_loader(_load)
    app.before_request(_guard)
    app.jinja_env.globals.update(staff=signed_in, staff_may=may)


def start_session(account: StaffAccount, now: datetime) -> None:
    """Renew the browser's session and sign the account in."""
    session.clear()
    login_user(SignedIn(account_actor(account), _mark(account)))
    session[_SINCE] = int(now.timestamp())


def end_session() -> None:
    """Sign out."""
    logout_user()
    session.clear()


def signed_in() -> Actor | None:
    """Return who is signed in."""
    return cast("SignedIn", current_user).actor if current_user.is_authenticated else None


def current_actor() -> Actor:
    """Return who does what this request asks for. Raises UnauthorizedError."""
    actor = signed_in()
    if actor is None:
        raise UnauthorizedError
    return actor


def may(*roles: str) -> bool:
    """Tell whether the role of who is signed in is one of these; a manager's always is."""
    actor = signed_in()
    return actor is not None and actor.role in (Role.MANAGER, *roles)


def _guard() -> ResponseReturnValue | None:
    view: Any = current_app.view_functions.get(request.endpoint or "")
    callers: tuple[str, ...] = getattr(view, "callers", ())
    if is_api() or not callers or not all(caller.partition(":")[0] == STAFF for caller in callers):
        return None
    actor = signed_in()
    if actor is None:
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("staff.sign_in", next=wanted), 303)
    if STAFF not in callers:
        require_role(actor, *(Role(caller.partition(":")[2]) for caller in callers))
    return None


def _load(user_id: str) -> SignedIn | None:
    account_id, _, mark = user_id.partition(":")
    here = runtime()
    since = session.get(_SINCE)
    if not isinstance(since, int) or here.clock.now().timestamp() - since > SESSION_LIFE.total_seconds():
        return None
    with here.database.reading() as reading:
        account = account_by_id(reading, UUID(account_id))
    if account is None or mark != _mark(account):
        return None
    return SignedIn(account_actor(account), mark)


def _mark(account: StaffAccount) -> str:
    return hashlib.sha256(account.password_hash.encode()).hexdigest()[:_MARK_CHARACTERS]

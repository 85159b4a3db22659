"""The demo gateway: a bank played on a page. Its tables are its own memory, as a bank's are."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import quote

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ticketing.foundation.clock import Clock
from ticketing.foundation.db import Database
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.ids import new_id
from ticketing.sales.errors import SessionClosedError
from ticketing.sales.models import DemoRefund, DemoSession
from ticketing.sales.payments.port import (
    Capture,
    GatewayRefusedError,
    Notification,
    RefundRequest,
    RefundState,
    RefundStatus,
    SessionState,
    SessionStatus,
    Started,
    StartRequest,
)

NAME = "demo"
_STATES = {
    "open": SessionState.OPEN,
    "complete": SessionState.CAPTURED,
    "declined": SessionState.DECLINED,
    "expired": SessionState.EXPIRED,
}


_D = DemoSession.__table__.c
_OPEN = {
    "sqlite": sqlite.insert(DemoSession.__table__).on_conflict_do_nothing(index_elements=["key"]),  # type: ignore[arg-type]
    "postgresql": postgresql.insert(DemoSession.__table__).on_conflict_do_nothing(index_elements=["key"]),  # type: ignore[arg-type]
}
_WITH_KEY = select(_D.id).where(_D.key == bindparam("key"))
_STATUS = select(_D.state, _D.captured_minor, _D.currency).where(_D.id == bindparam("of_session"))
_STATE = select(_D.state).where(_D.id == bindparam("of_session")).with_for_update()
_SETTLE = (
    update(DemoSession.__table__)  # type: ignore[arg-type]
    .where(_D.id == bindparam("of_session"))
    .values(state=bindparam("to_state"))
)
_COMPLETE = _SETTLE.values(captured_minor=_D.amount_minor)


class Outcome(StrEnum):
    """What the player of the bank can do."""

    APPROVE = "approve"
    DECLINE = "decline"
    ABANDON = "abandon"
    LATE = "late"
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class DemoGateway:
    """Implements the gateway port over the demo bank's tables."""

    database: Database
    clock: Clock
    base_url: str
    name: str = NAME
    itemised: bool = False
    capture_mode: Capture = Capture.AUTOMATIC

    def start(self, request: StartRequest) -> Started:
        """Open a payment page; the same key gives the same page."""
        with self.database.transaction() as session:
            # Two at once may both find nothing, so the key itself says which of them opens the page.
            fresh = f"demo_{new_id(self.clock.now()).hex}"
            session.execute(_OPEN[session.get_bind().dialect.name], self._row(fresh, request))
            known = session.execute(_WITH_KEY, {"key": request.key}).scalar_one()
        return Started(session=known, url=f"{self.base_url}/demo-bank/{quote(known)}")

    def _row(self, session_id: str, request: StartRequest) -> dict[str, object]:
        return {
            "id": session_id,
            "key": request.key,
            "state": "open",
            "amount_minor": request.amount_minor,
            "currency": request.currency,
            "reference": request.order,
            "locale": request.locale,
            "return_url": request.return_url,
            "expires_at": datetime.fromisoformat(request.expires_at),
            "captured_minor": 0,
            "refunded_minor": 0,
        }

    def status(self, session: str) -> SessionStatus:
        """Read a session."""
        with self.database.reading() as reading:
            row = reading.execute(_STATUS, {"of_session": session}).one_or_none()
        if row is None:
            raise GatewayRefusedError("unknown_session")
        return _status(row)

    def expire(self, session: str) -> SessionStatus:
        """Close an open session; return what it then is."""
        with self.database.transaction() as writing:
            _move(writing, session, "open", "expired")
            row = writing.get(DemoSession, session)
            if row is None:
                raise GatewayRefusedError("unknown_session")
            return _status(row)

    def refund(self, request: RefundRequest) -> RefundStatus:
        """Give money back, once per key, never more than was taken."""
        with self.database.transaction() as writing:
            # The row first, so that the same key asked twice at once waits.
            row = _for_update(writing, request.session)
            if row is None:
                raise GatewayRefusedError("unknown_session")
            if writing.get(DemoRefund, request.key) is not None:
                return _done(request)
            if row.refunded_minor + request.amount_minor > row.captured_minor:
                raise GatewayRefusedError("more_than_captured")
            row.refunded_minor += request.amount_minor
            made = DemoRefund(key=request.key, session_id=request.session, amount_minor=request.amount_minor)
            writing.add(made)
            return _done(request)

    def refund_status(self, request: RefundRequest, name: str) -> RefundStatus:
        """Read a refund: its key is its name, and once it is made it is done."""
        with self.database.reading() as reading:
            if reading.get(DemoRefund, name) is None:
                raise GatewayRefusedError("unknown_refund")
        return _done(request)


def play(session: Session, session_id: str, outcome: Outcome) -> tuple[tuple[str, Notification], ...]:
    """Let the bank do something; return, in order, the state it then has and the notification that it sends.

    Raises NotFoundError, or SessionClosedError when the page came to an end before.
    """
    state = session.execute(_STATE, {"of_session": session_id}).scalar_one_or_none()
    if state is None:
        raise NotFoundError
    if state != "open":
        raise SessionClosedError(state=state)
    match outcome:
        case Outcome.ABANDON:
            return ()
        case Outcome.DECLINE:
            return (("declined", _notification(session_id, "declined")),)
        case Outcome.LATE:
            return (
                ("expired", _notification(session_id, "expired")),
                ("complete", _notification(session_id, "completed")),
            )
        case Outcome.DUPLICATE:
            notification = _notification(session_id, "completed")
            return (("complete", notification), ("complete", notification))
        case Outcome.APPROVE:
            return (("complete", _notification(session_id, "completed")),)


def settle(session: Session, session_id: str, state: str) -> None:
    """Give a session its new state in the bank's memory."""
    statement = _COMPLETE if state == "complete" else _SETTLE
    session.execute(statement, {"of_session": session_id, "to_state": state})


def find_session(session: Session, session_id: str) -> DemoSession:
    """Return the bank's row. Raises NotFoundError."""
    row = session.get(DemoSession, session_id)
    if row is None:
        raise NotFoundError
    return row


def _for_update(session: Session, session_id: str) -> DemoSession | None:
    return session.scalars(
        select(DemoSession).where(DemoSession.id == session_id).with_for_update()
    ).one_or_none()


def _move(session: Session, session_id: str, before: str, after: str) -> None:
    session.execute(
        update(DemoSession)
        .where(DemoSession.id == session_id, DemoSession.state == before)
        .values(state=after)
    )


def _status(row: DemoSession | Row[str, int, str]) -> SessionStatus:
    return SessionStatus(state=_STATES[row.state], captured_minor=row.captured_minor, currency=row.currency)


def _notification(session_id: str, kind: str) -> Notification:
    return Notification(event=f"{session_id}:{kind}", name=session_id, kind=kind)


def _done(request: RefundRequest) -> RefundStatus:
    return RefundStatus(
        state=RefundState.DONE,
        name=request.key,
        refund=request.refund,
        amount_minor=request.amount_minor,
        currency=request.currency,
    )

"""What staff must decide about money: one list, normally empty."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.ids import new_id
from ticketing.sales import affair_models as tables
from ticketing.staff.audit import Deed, record
from ticketing.staff.errors import ReasonRequiredError

KINDS = (
    "amount_differs",
    "unknown_session",
    "refund_failed",
    "refund_twice",
    "refund_differs",
    "refund_outside",
    "cancelled_not_refunded",
    "early_fraud_warning",
    "dispute_lost",
    "unknown_dispute",
    "payout_differs",
    "payout_failed",
    "receipt_refused",
)
_TABLE = tables.Matter.__table__
_OPEN = {
    "sqlite": sqlite.insert(_TABLE).on_conflict_do_nothing(),  # type: ignore[arg-type]
    "postgresql": postgresql.insert(_TABLE).on_conflict_do_nothing(),  # type: ignore[arg-type]
}
_AGAIN = (
    update(tables.Matter)
    .where(
        tables.Matter.gateway == bindparam("of_gateway"),
        tables.Matter.kind == bindparam("of_kind"),
        tables.Matter.subject == bindparam("of_subject"),
    )
    .values(closed_at=None, closed_by=None, decision="", amount_minor=bindparam("amount"))
)


@dataclass(frozen=True, kw_only=True)
class Matter:
    """Something to decide: its kind, and the gateway's name or Kassa's id of what it is about."""

    gateway: str
    kind: str
    subject: str
    amount_minor: int
    currency: str
    order_id: UUID | None = None


def open_matter(session: Session, matter: Matter, now: datetime) -> None:
    """Put something before staff; the same thing twice stands there once, as it was decided."""
    values = {**asdict(matter), "id": new_id(now), "opened_at": now, "decision": ""}
    session.execute(_OPEN[session.get_bind().dialect.name], values)


def reopen_matter(session: Session, matter: Matter, now: datetime) -> None:
    """Put something before staff, also if it was decided once: it has happened again, or is another sum."""
    open_matter(session, matter, now)
    names = {"of_gateway": matter.gateway, "of_kind": matter.kind, "of_subject": matter.subject}
    session.execute(
        _AGAIN, {**names, "amount": matter.amount_minor}, execution_options={"synchronize_session": False}
    )


def close_matter(session: Session, matter_id: UUID, decision: str, actor: Actor, now: datetime) -> None:
    """Record what staff decided. Raises NotFoundError for one that is not open, and ReasonRequiredError."""
    said = " ".join(decision.split())
    if not said:
        raise ReasonRequiredError
    row = session.scalars(
        select(tables.Matter)
        .where(tables.Matter.id == matter_id, tables.Matter.closed_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFoundError
    row.closed_at, row.closed_by, row.decision = now, actor.name, said
    deed = Deed(
        action="decide_matter",
        object_kind="matter",
        object_id=row.subject,
        reason=said,
        before={"kind": row.kind, "amount_minor": row.amount_minor, "currency": row.currency},
        after={"closed": True},
    )
    record(session, actor, deed, now)
    session.flush()


def settle_matter(
    session: Session, gateway: str, kind: str, subject: str, now: datetime, by: str = "Kassa"
) -> None:
    """Close a matter that has come right, by itself or by somebody's decision that is recorded elsewhere."""
    session.execute(
        update(tables.Matter)
        .where(
            tables.Matter.gateway == gateway,
            tables.Matter.kind == kind,
            tables.Matter.subject == subject,
            tables.Matter.closed_at.is_(None),
        )
        .values(closed_at=now, closed_by=by, decision="settled"),
        execution_options={"synchronize_session": False},
    )


def open_matters(session: Session) -> list[tables.Matter]:
    """Return what is to be decided, the oldest first."""
    query = select(tables.Matter).where(tables.Matter.closed_at.is_(None))
    return list(session.scalars(query.order_by(tables.Matter.opened_at, tables.Matter.id)))


def decided_matters(session: Session, most: int) -> list[tables.Matter]:
    """Return what was decided last, the latest first."""
    query = select(tables.Matter).where(tables.Matter.closed_at.is_not(None))
    return list(session.scalars(query.order_by(tables.Matter.closed_at.desc(), tables.Matter.id).limit(most)))

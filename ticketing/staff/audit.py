"""The audit trail: who did what, when, why, and what was before and after (I7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from ticketing.foundation.actor import Actor
from ticketing.foundation.ids import new_id
from ticketing.staff.models import AuditEntry


@dataclass(frozen=True, kw_only=True)
class Deed:
    """An action on one object, without personal data of buyers in `before` and `after`."""

    action: str
    object_kind: str
    object_id: str
    reason: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


def record(session: Session, actor: Actor, deed: Deed, now: datetime) -> None:
    """Write an entry in the transaction that does the deed."""
    session.execute(
        insert(AuditEntry).values(
            id=new_id(now),
            at=now,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name,
            action=deed.action,
            object_kind=deed.object_kind,
            object_id=deed.object_id,
            reason=deed.reason,
            before=None if deed.before is None else dict(deed.before),
            after=None if deed.after is None else dict(deed.after),
        )
    )

"""Reads of the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.staff.models import AuditEntry

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """What to look for; blank finds all. `about` is the object's id or code, `actor` a part of the name."""

    kind: str = ""
    about: str = ""
    actor: str = ""
    before: UUID | None = None


@dataclass(frozen=True)
class AuditPage:
    """Entries, newest first; `older` is where the next page starts, if there is one."""

    entries: Sequence[AuditEntry]
    older: UUID | None


def audit_page(session: Session, wanted: AuditFilter) -> AuditPage:
    """Return a page of the trail. Ids sort by time, so the last id of a page is where the next begins."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(PAGE + 1)
    if wanted.kind:
        query = query.where(AuditEntry.object_kind == wanted.kind)
    if wanted.about:
        query = query.where(AuditEntry.object_id == wanted.about)
    if wanted.actor:
        query = query.where(AuditEntry.actor_name.icontains(wanted.actor, autoescape=True))
    if wanted.before is not None:
        query = query.where(AuditEntry.id < wanted.before)
    found = session.scalars(query).all()
    return AuditPage(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)


def entries_about(session: Session, kind: str, object_id: str) -> Sequence[AuditEntry]:
    """Return everything that was done to one object, newest first."""
    return session.scalars(
        select(AuditEntry)
        .where(AuditEntry.object_kind == kind, AuditEntry.object_id == object_id)
        .order_by(AuditEntry.id.desc())
    ).all()


def object_kinds(session: Session) -> Sequence[str]:
    """Return the kinds of object that the trail has entries of."""
    return session.scalars(select(AuditEntry.object_kind).distinct().order_by(AuditEntry.object_kind)).all()

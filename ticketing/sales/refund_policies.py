"""The refund policy of the festival and of its screenings: what holds, and staff changing it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Screening
from ticketing.catalogue.programme.values import ScreeningStatus
from ticketing.catalogue.revision import bump
from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import InvalidRequestError, NotFoundError
from ticketing.foundation.ids import new_id
from ticketing.foundation.outbox import emit
from ticketing.sales.effects import FilmChanged
from ticketing.sales.refund_rules import MOST_FEE_MINOR, MOST_HOURS, PERCENT, RefundPolicy, Showing
from ticketing.staff.audit import Deed, record
from ticketing.staff.errors import ReasonRequiredError


def festival_policy(festival: Festival) -> RefundPolicy:
    """Return the policy of screenings that have none of their own."""
    return RefundPolicy(
        self_service=festival.refund_self_service,
        until_hours=festival.refund_until_hours,
        fee_percent=festival.refund_fee_percent,
        fee_minor=festival.refund_fee_minor,
    )


def own_policy(screening: Screening) -> RefundPolicy | None:
    """Return a screening's own policy, if it has one."""
    if screening.refund_self_service is None:
        return None
    return RefundPolicy(
        self_service=screening.refund_self_service,
        until_hours=screening.refund_until_hours or 0,
        fee_percent=screening.refund_fee_percent or 0,
        fee_minor=screening.refund_fee_minor or 0,
    )


def showing_of(screening: Screening, festival: Festival, *, place_changed: bool = False) -> Showing:
    """Return what of a screening decides on its tickets' refunds, or on those of an equal place there."""
    return Showing(
        starts_at=screening.starts_at,
        cancelled=screening.status == ScreeningStatus.CANCELLED,
        film_changed=screening.film_changed_at is not None,
        policy=own_policy(screening) or festival_policy(festival),
        place_changed=place_changed,
    )


def set_festival_policy(
    session: Session, policy: RefundPolicy, reason: str, actor: Actor, now: datetime
) -> None:
    """Set the festival's policy; the programme's files leave it alone from then on.

    Raises NotFoundError, InvalidRequestError or ReasonRequiredError.
    """
    said = _reason(reason)
    _check(policy)
    row = session.scalars(select(Festival).with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError
    before = festival_policy(row)
    if before == policy:
        return
    _write(row, policy)
    row.refund_changed_at = now
    session.flush()
    bump(session)
    deed = Deed(
        action="set_refund_policy",
        object_kind="festival",
        object_id=row.code,
        reason=said,
        before=_told(before),
        after=_told(policy),
    )
    record(session, actor, deed, now)


def set_screening_policy(
    session: Session, screening: str, policy: RefundPolicy | None, reason: str, actor: Actor, now: datetime
) -> None:
    """Give a screening a policy of its own, or the festival's again (None).

    It holds for tickets sold before too. Raises NotFoundError, InvalidRequestError or ReasonRequiredError.
    """
    said = _reason(reason)
    if policy is not None:
        _check(policy)
    row = _locked(session, screening)
    before = own_policy(row)
    if before == policy:
        return
    _write(row, policy)
    session.flush()
    bump(session)
    deed = Deed(
        action="set_refund_policy",
        object_kind="screening",
        object_id=row.code,
        reason=said,
        before=_told(before),
        after=_told(policy),
    )
    record(session, actor, deed, now)


def mark_film_changed(
    session: Session, screening: str, reason: str, actor: Actor, now: datetime, *, changed: bool
) -> None:
    """Say that a screening plays another film than was sold, or that it does not after all.

    Until it begins every ticket of it that nobody has used goes back in full. Raises NotFoundError or
    ReasonRequiredError.
    """
    said = _reason(reason)
    row = _locked(session, screening)
    if (row.film_changed_at is not None) == changed:
        return
    if changed:
        film_changed(session, row, said, actor, now)
    else:
        _set_film_mark(session, row, None, said, actor, now)


def film_changed(session: Session, row: Screening, reason: str, actor: Actor, now: datetime) -> None:
    """Mark a screening that plays another film than was sold, also once more, and let buyers hear of it."""
    _set_film_mark(session, row, now, reason, actor, now)
    emit(session, FilmChanged(row.id, new_id(now).hex), now)


def _set_film_mark(
    session: Session, row: Screening, mark: datetime | None, reason: str, actor: Actor, now: datetime
) -> None:
    before = {"film_changed": row.film_changed_at is not None}
    row.film_changed_at = mark
    session.flush()
    bump(session)
    deed = Deed(
        action="unmark_film_changed" if mark is None else "mark_film_changed",
        object_kind="screening",
        object_id=row.code,
        reason=reason,
        before=before,
        after={"film_changed": mark is not None},
    )
    record(session, actor, deed, now)


def _locked(session: Session, screening: str) -> Screening:
    query = select(Screening).where(Screening.code == screening).with_for_update(of=Screening)
    row = session.scalars(query).unique().one_or_none()
    if row is None:
        raise NotFoundError
    return row


def _reason(text: str) -> str:
    said = " ".join(text.split())
    if not said:
        raise ReasonRequiredError
    return said


def _check(policy: RefundPolicy) -> None:
    limits = (
        ("until_hours", policy.until_hours, MOST_HOURS),
        ("fee_percent", policy.fee_percent, PERCENT),
        ("fee_minor", policy.fee_minor, MOST_FEE_MINOR),
    )
    errors = [
        {"path": name, "message": f"from 0 to {most}"}
        for name, number, most in limits
        if not 0 <= number <= most
    ]
    if errors:
        raise InvalidRequestError(errors=errors)


def _write(row: Festival | Screening, policy: RefundPolicy | None) -> None:
    for name in ("self_service", "until_hours", "fee_percent", "fee_minor"):
        setattr(row, f"refund_{name}", None if policy is None else getattr(policy, name))


def _told(policy: RefundPolicy | None) -> dict[str, Any]:
    if policy is None:
        return {"policy": "festival"}
    return {
        "self_service": policy.self_service,
        "until_hours": policy.until_hours,
        "fee_percent": policy.fee_percent,
        "fee_minor": policy.fee_minor,
    }

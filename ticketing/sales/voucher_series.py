"""Staff's deeds with vouchers: making a series, stopping it, giving a use back after a refund."""

import re
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.ids import PEOPLE_ALPHABET, new_id
from ticketing.sales.errors import UseGivenBackError, VoucherFormError, VoucherStoppedError
from ticketing.sales.models import Order
from ticketing.sales.voucher_models import NAME, PREFIX, VoucherCode, VoucherSeries, VoucherUse
from ticketing.sales.voucher_rules import CODE_LETTERS, MOST_PERCENT, VoucherKind, canonical
from ticketing.sales.vouchers import give_back
from ticketing.staff.audit import Deed, record
from ticketing.staff.errors import ReasonRequiredError

MOST_CODES = 5000
MOST_USES = 1_000_000
MOST_MINOR = 10**12
MOST_TICKETS = 200
_REASON = 200
_PREFIX = re.compile(rf"[A-Z0-9]{{0,{PREFIX}}}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class SeriesRequest:
    """A series to make. `value` is a per cent or minor units, by kind; None limits nothing."""

    name: str
    reason: str
    kind: VoucherKind
    codes: int
    valid_from: datetime
    prefix: str = ""
    value: int = 0
    uses_per_code: int = 1
    valid_until: datetime | None = None
    most_tickets: int | None = None
    budget_minor: int | None = None
    budget_uses: int | None = None
    screenings: frozenset[str] = field(default=frozenset())
    sections: frozenset[str] = field(default=frozenset())
    bands: frozenset[str] = field(default=frozenset())


def make_series(
    session: Session, series_id: UUID, wanted: SeriesRequest, actor: Actor, now: datetime
) -> None:
    """Make a series with its codes. Raises ReasonRequiredError, or VoucherFormError naming the `field`."""
    reason = " ".join(wanted.reason.split())[:_REASON]
    if not reason:
        raise ReasonRequiredError
    prefix = canonical(wanted.prefix)
    is_gift = wanted.kind is VoucherKind.GIFT
    if is_gift:  # spent in as many orders as it takes
        wanted = replace(wanted, uses_per_code=MOST_USES)
    _require_sound(wanted, prefix)
    values = {
        "id": series_id,
        "name": wanted.name.strip()[:NAME],
        "reason": reason,
        "prefix": prefix,
        "kind": wanted.kind,
        "value": wanted.value,
        "uses_per_code": wanted.uses_per_code,
        "most_tickets": wanted.most_tickets,
        "valid_from": wanted.valid_from,
        "valid_until": wanted.valid_until,
        "screenings": sorted(wanted.screenings),
        "sections": sorted(wanted.sections),
        "bands": sorted(wanted.bands),
        "budget_minor": wanted.budget_minor,
        "budget_uses": wanted.budget_uses,
        "created_at": now,
        "made_by": actor.name,
    }
    session.execute(insert(VoucherSeries).values(values))
    session.execute(
        insert(VoucherCode),
        [
            {
                "id": new_id(now),
                "series_id": series_id,
                "code": code,
                "uses_allowed": wanted.uses_per_code,
                "uses": 0,
                "left_minor": wanted.value if is_gift else None,
            }
            for code in sorted(_fresh_codes(session, prefix, wanted.codes))
        ],
    )
    shown = (
        "name",
        "prefix",
        "kind",
        "value",
        "uses_per_code",
        "most_tickets",
        "budget_minor",
        "budget_uses",
    )
    after = {
        **{name: values[name] for name in (*shown, "screenings", "sections", "bands")},
        "codes": wanted.codes,
        "valid_from": wanted.valid_from.isoformat(),
        "valid_until": None if wanted.valid_until is None else wanted.valid_until.isoformat(),
    }
    _note(session, actor, "make_vouchers", series_id, reason, None, after, now)


def stop_series(session: Session, series_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Let no more orders use a series; those made keep their price.

    Raises ReasonRequiredError, NotFoundError or VoucherStoppedError.
    """
    kept = " ".join(reason.split())[:_REASON]
    if not kept:
        raise ReasonRequiredError
    stopped = session.execute(
        update(VoucherSeries)
        .where(VoucherSeries.id == series_id, VoucherSeries.stopped_at.is_(None))
        .values(stopped_at=now)
    )
    if stopped.rowcount != 1:  # type: ignore[attr-defined]
        if session.get(VoucherSeries, series_id) is None:
            raise NotFoundError
        raise VoucherStoppedError
    _note(session, actor, "stop_vouchers", series_id, kept, None, {"stopped_at": now.isoformat()}, now)


def give_use_back(
    session: Session, series_id: UUID, order_code: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Count a refunded order's use of a voucher no longer, because staff say so.

    Raises ReasonRequiredError, NotFoundError, or UseGivenBackError where it was given back, or tickets are
    still valid.
    """
    kept = " ".join(reason.split())[:_REASON]
    if not kept:
        raise ReasonRequiredError
    order = session.execute(
        select(Order.id, Order.status)
        .join(VoucherUse, VoucherUse.order_id == Order.id)
        .where(Order.code == order_code, VoucherUse.series_id == series_id)
        .with_for_update(of=Order.__table__)
    ).one_or_none()
    if order is None:
        raise NotFoundError
    if order.status != "refunded" or not give_back(session, order.id):
        raise UseGivenBackError
    _note(session, actor, "give_voucher_back", series_id, kept, None, {"order": order_code}, now)


def _require_sound(wanted: SeriesRequest, prefix: str) -> None:
    """Refuse the first field that cannot be meant."""
    is_money = wanted.kind in (VoucherKind.PER_TICKET, VoucherKind.PER_ORDER, VoucherKind.GIFT)
    values = {
        VoucherKind.PERCENT: 1 <= wanted.value <= MOST_PERCENT,
        VoucherKind.FIXED: 0 <= wanted.value <= MOST_MINOR,
        VoucherKind.FREE: wanted.value == 0,
    }
    sound = {
        "name": bool(wanted.name.strip()),
        "value": 1 <= wanted.value <= MOST_MINOR if is_money else values[wanted.kind],
        "prefix": _PREFIX.fullmatch(prefix) is not None,
        "codes": 1 <= wanted.codes <= MOST_CODES,
        "uses_per_code": 1 <= wanted.uses_per_code <= MOST_USES,
        "valid_until": wanted.valid_until is None or wanted.valid_until > wanted.valid_from,
        "most_tickets": wanted.most_tickets is None or 1 <= wanted.most_tickets <= MOST_TICKETS,
        "budget_minor": wanted.budget_minor is None or 1 <= wanted.budget_minor <= MOST_MINOR,
        "budget_uses": wanted.budget_uses is None or 1 <= wanted.budget_uses <= MOST_USES,
    }
    for name, is_sound in sound.items():
        if not is_sound:
            raise VoucherFormError(field=name)


def _fresh_codes(session: Session, prefix: str, number: int) -> set[str]:
    """Return codes that nobody has: 27^8 letters behind the prefix, so that a guess is hopeless."""
    taken = set(session.scalars(select(VoucherCode.code).where(VoucherCode.code.startswith(prefix))))
    fresh: set[str] = set()
    while len(fresh) < number:
        letters = "".join(secrets.choice(PEOPLE_ALPHABET) for _ in range(CODE_LETTERS))
        if prefix + letters not in taken:
            fresh.add(prefix + letters)
    return fresh


def _note(
    session: Session,
    actor: Actor,
    action: str,
    series_id: UUID,
    reason: str,
    before: dict[str, object] | None,
    after: dict[str, object] | None,
    now: datetime,
) -> None:
    deed = Deed(
        action=action,
        object_kind="vouchers",
        object_id=str(series_id),
        reason=reason,
        before=before,
        after=after,
    )
    record(session, actor, deed, now)

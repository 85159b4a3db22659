"""Comps: tickets that cost nothing, given by staff for a reason.

A comp is an order with a total of nothing, paid at once. It takes places that are on sale or kept for a
group; made void, they go on sale. An account gives as many a day as the festival's setting for its role says
(managers as many as they like, unless there is one for them), counted under the counter's own condition; a
comp made void is not given back to it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Update, and_, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Screening
from ticketing.catalogue.queries import the_festival
from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import InvalidRequestError
from ticketing.foundation.outbox import emit
from ticketing.foundation.security import CodeVault
from ticketing.inventory.allocations import end_emptied
from ticketing.inventory.errors import NotOnSaleError
from ticketing.inventory.models import Allocation, Place
from ticketing.inventory.staff_choice import (
    PUBLIC,
    SELLABLE,
    PlaceRow,
    StaffChoice,
    change,
    lock_chosen,
    mark_changed,
    require_reason,
    screening_facts,
)
from ticketing.sales.comp_models import Comp, CompCount
from ticketing.sales.effects import OrderPaid
from ticketing.sales.errors import TooManyCompsError
from ticketing.sales.lines import Line, insert_lines
from ticketing.sales.models import Order
from ticketing.sales.orders import search_text
from ticketing.sales.place_limits import count_again
from ticketing.sales.rules import Buyer, OrderStatus, check_email, check_name
from ticketing.staff.accounts import Role
from ticketing.staff.audit import Deed, record
from ticketing.tickets.issue import TicketToIssue, issue

COMP = "comp"
MOST_COMPS_A_DAY = 10_000
_C, _P = CompCount.__table__.c, Place.__table__.c
_HERE = and_(_C.account == bindparam("who"), _C.day == bindparam("on"))
_GIVEN = select(_C.tickets).where(_HERE)
_COUNT = (
    update(CompCount.__table__)  # type: ignore[arg-type]
    .where(_HERE)
    .values(tickets=_C.tickets + bindparam("more"))
)
_COUNT_WITHIN = _COUNT.where(_C.tickets + bindparam("more") <= bindparam("limit"))
# A first comp of the day; another one at the same moment may have made the row already.
_START = {
    "sqlite": sqlite.insert(CompCount.__table__).values(tickets=0).on_conflict_do_nothing(),  # type: ignore[arg-type]
    "postgresql": postgresql.insert(CompCount.__table__).values(tickets=0).on_conflict_do_nothing(),  # type: ignore[arg-type]
}


@dataclass(frozen=True, kw_only=True)
class CompRequest:
    """Places to give away, why and to whom; a quantity may come out of an allocation. No `email`: no mail."""

    screening: str
    choice: StaffChoice
    reason: str
    name: str
    locale: str
    email: str = ""
    allocation: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class CompLimits:
    """How many tickets an account of the box office, and one of a manager, may give away in a day."""

    comps_per_day: int
    manager_comps_per_day: int | None


def make_comps(
    session: Session,
    order_id: UUID,
    code: str,
    request: CompRequest,
    vault: CodeVault,
    actor: Actor,
    now: datetime,
) -> None:
    """Give places away, and send the tickets where there is an address.

    Raises NotFoundError, ReasonRequiredError, NameRequiredError, EmailInvalidError, NotOnSaleError,
    TooManyCompsError, UnknownPlaceError, SoldOutError or PlacesTakenError.
    """
    reason = require_reason(request.reason)
    email = check_email(request.email) if request.email.strip() else ""
    buyer = Buyer(name=check_name(request.name), email=email, phone=None)
    facts = screening_facts(session, request.screening)
    _require_ahead(session, facts.id, now)
    festival = the_festival(session)
    day = now.astimezone(ZoneInfo(festival.time_zone)).date()
    number = len(request.choice.labels) or request.choice.quantity
    # Before the places: nobody else's order waits for this row.
    _count(session, actor, day, number, comps_a_day(festival, actor))
    order = Order(
        id=order_id,
        code=code,
        status=OrderStatus.PAID,
        buyer_name=buyer.name,
        buyer_email=buyer.email,
        buyer_phone=None,
        search=search_text(code, buyer),
        locale=request.locale,
        terms_version=festival.terms_version,
        total_minor=0,
        currency=festival.currency,
        created_at=now,
        pay_until=now,
        paid_at=now,
        attempts=0,
    )
    session.add(order)
    session.flush()
    rows = _take_places(session, facts, request, order_id, now)
    _write(session, order, facts.id, rows, reason, vault, now)
    kept_for = _kept_for(session, rows)
    session.execute(
        insert(Comp).values(
            order_id=order_id,
            screening_id=facts.id,
            tickets=len(rows),
            reason=reason,
            kept_for=kept_for,
            made_at=now,
            account=actor.id,
            made_by=actor.name,
            day=day,
        )
    )
    after = {"screening": facts.code, "places": [row.label for row in rows], "kept_for": kept_for}
    deed = Deed(action="make_comps", object_kind="order", object_id=code, reason=reason, after=after)
    record(session, actor, deed, now)
    if email:
        emit(session, OrderPaid(str(order_id)), now)


def comps_a_day(festival: Festival, actor: Actor) -> int | None:
    """Return how many tickets somebody may give away in a day; None for no limit."""
    return festival.manager_comps_per_day if actor.role == Role.MANAGER else festival.comps_per_day


def comps_left(session: Session, actor: Actor, now: datetime) -> int | None:
    """Return how many more tickets somebody may give away today; None for no limit."""
    festival = the_festival(session)
    limit = comps_a_day(festival, actor)
    if limit is None:
        return None
    day = now.astimezone(ZoneInfo(festival.time_zone)).date()
    return max(limit - (session.scalar(_GIVEN, {"who": actor.id, "on": day}) or 0), 0)


def set_comps_a_day(session: Session, limits: CompLimits, actor: Actor, now: datetime) -> None:
    """Set how many tickets an account may give away in a day, by its role. Raises InvalidRequestError."""
    after = asdict(limits)
    errors = [
        {"path": name, "message": f"from 0 to {MOST_COMPS_A_DAY}"}
        for name, number in after.items()
        if number is not None and not 0 <= number <= MOST_COMPS_A_DAY
    ]
    if errors:
        raise InvalidRequestError(errors=errors)
    festival = the_festival(session)
    before = {name: getattr(festival, name) for name in after}
    if before == after:
        return
    session.execute(update(Festival).values(after))
    deed = Deed(action="set_comps_a_day", object_kind="festival", object_id="1", before=before, after=after)
    record(session, actor, deed, now)


def _require_ahead(session: Session, screening_id: int, now: datetime) -> None:
    """Refuse a screening that nobody will see: cancelled, or over."""
    row = session.execute(
        select(Screening.code, Screening.status, Screening.ends_at).where(Screening.id == screening_id)
    ).one()
    if row.status == "cancelled" or row.ends_at <= now:
        raise NotOnSaleError(screening=row.code, state=row.status)


def _take_places(
    session: Session, facts: PlaceRow, request: CompRequest, order_id: UUID, now: datetime
) -> Sequence[PlaceRow]:
    condition = SELLABLE if request.choice.labels else PUBLIC
    if request.allocation is not None and not request.choice.labels:
        condition = and_(SELLABLE, _P.allocation_id == request.allocation)
    rows = lock_chosen(session, facts, request.choice, condition, now, (_P.rank,))
    taken = {"order_id": order_id, "allocation_id": None, "hold_id": None, "held_until": None}
    change(session, rows, condition, taken, now)
    end_emptied(session, rows, now)
    if any(row.allocation_id is not None for row in rows):
        mark_changed(session, facts.id, now)
    return rows


def _write(
    session: Session,
    order: Order,
    screening_id: int,
    rows: Sequence[PlaceRow],
    reason: str,
    vault: CodeVault,
    now: datetime,
) -> None:
    found = session.execute(select(_P.id, _P.band).where(_P.id.in_([row.id for row in rows])))
    bands = {row.id: row.band for row in found}
    facts = [
        {
            "screening_id": screening_id,
            "place_id": row.id,
            "label": row.label,
            "band": bands[row.id],
            "concession": COMP,
            "price_minor": 0,
        }
        for row in rows
    ]
    insert_lines(session, order.id, [Line(**fact) for fact in facts])
    count_again(session, order)
    issue(session, vault, order.id, [TicketToIssue(**fact, comp_reason=reason) for fact in facts], now)


def _kept_for(session: Session, rows: Sequence[PlaceRow]) -> str:
    allocations = {row.allocation_id for row in rows} - {None}
    kinds = set(session.scalars(select(Allocation.kind).where(Allocation.id.in_(allocations))))
    return kinds.pop() if len(kinds) == 1 else ""


def _count(session: Session, actor: Actor, day: date, number: int, limit: int | None) -> None:
    """Count tickets that are being given away. Raises TooManyCompsError."""
    values: dict[str, object] = {"who": actor.id, "on": day, "more": number}
    if limit is not None:
        values["limit"] = limit
    statement = _COUNT if limit is None else _COUNT_WITHIN
    session.execute(_START[session.get_bind().dialect.name], {"account": actor.id, "day": day})
    if not _moved(session, statement, values):
        given = session.scalar(_GIVEN, {"who": actor.id, "on": day}) or 0
        raise TooManyCompsError(max=limit, left=max((limit or 0) - given, 0))


def _moved(session: Session, statement: Update, values: dict[str, object]) -> bool:
    return session.execute(statement, values).rowcount == 1  # type: ignore[attr-defined,no-any-return]

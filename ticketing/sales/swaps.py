"""Swaps: tickets of an order become other tickets of it, and only the difference moves.

The new places are the order's from the beginning, beside the old tickets. If they cost more, the difference
is paid first; the swap itself is one transaction with the word that the money is in, and only while every old
ticket is valid and nobody has entered with it. Else the new places are free again, and the difference goes
back.

What an old ticket is worth is what was paid for it: what a voucher took off does not carry over, and what a
gift code paid goes back to the code.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.foundation.actor import SYSTEM, Actor
from ticketing.foundation.errors import DomainError, NotFoundError
from ticketing.foundation.outbox import emit
from ticketing.foundation.security import CodeVault
from ticketing.inventory import claims
from ticketing.inventory.errors import NotOnSaleError
from ticketing.inventory.holds import find_hold, require_usable, use_hold
from ticketing.sales.effects import TicketsSwapped
from ticketing.sales.errors import (
    DifferenceTooSmallError,
    OrderNotPaidError,
    SwapPendingError,
    TicketNotValidError,
)
from ticketing.sales.gifts import return_gift
from ticketing.sales.ledger import EntryOf, Side, post
from ticketing.sales.lines import Line, priced_lines, to_issue
from ticketing.sales.models import Order, Payment
from ticketing.sales.orders import ChosenHold, Way, add_attempt, require_on_sale
from ticketing.sales.owing import refund_from_order
from ticketing.sales.place_limits import count_without_limit, forget_places
from ticketing.sales.rules import OrderStatus
from ticketing.sales.swap_models import Swap, SwapLine, SwapTicket
from ticketing.sales.voucher_rules import LEAST_TO_PAY_MINOR
from ticketing.staff.audit import Deed, record
from ticketing.staff.errors import ReasonRequiredError
from ticketing.tickets.errors import AlreadyAdmittedError, TicketBlockedError
from ticketing.tickets.issue import PlaceLostError, issue, void
from ticketing.tickets.models import Ticket

# At the door and on the order page an exchanged ticket is what it is: replaced by a newer one.
VOID_REASON = "reissued"
REASON = "exchanged"
PENDING, DONE, RELEASED = "pending", "done", "released"
# As long as a page of payment stays open for an order.
_TIME_TO_PAY = timedelta(minutes=10)
_OF_PAYMENT = select(Swap).where(Swap.payment_id == bindparam("payment")).with_for_update()


@dataclass(frozen=True, kw_only=True)
class SwapRequest:
    """Tickets to give up, and the holds whose places are to be had for them."""

    order_id: UUID
    tickets: tuple[UUID, ...]
    holds: tuple[ChosenHold, ...]
    reason: str


def begin_swap(
    session: Session,
    swap_id: UUID,
    request: SwapRequest,
    way: Way,
    vault: CodeVault,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep the new places for an order; swap at once if they cost no more, else ask for the difference.

    Raises ReasonRequiredError, NotFoundError, OrderNotPaidError, SwapPendingError, TicketNotValidError,
    AlreadyAdmittedError, TicketBlockedError, DifferenceTooSmallError, what making an order of the holds
    raises, and GatewayUnavailableError where nothing can be paid.
    """
    reason = " ".join(request.reason.split())
    if not reason:
        raise ReasonRequiredError
    old = _old_tickets(session, request.order_id, request.tickets)
    order = session.scalars(select(Order).where(Order.id == request.order_id).with_for_update()).one()
    if order.status != OrderStatus.PAID:
        raise OrderNotPaidError
    if session.scalars(select(Swap.id).where(Swap.order_id == order.id, Swap.status == PENDING)).first():
        raise SwapPendingError
    held = [find_hold(session, one.hold_id) for one in request.holds]
    require_on_sale(session, held)
    for hold in held:
        require_usable(hold, now)
    lines = [
        line
        for one, hold in zip(request.holds, held, strict=True)
        for line in priced_lines(session, hold, one.concessions)
    ]
    difference = sum(line.price_minor for line in lines) - sum(t.price_minor for t in old)
    if 0 < difference < LEAST_TO_PAY_MINOR:
        # No gateway would open a page for it, so nothing is claimed in vain.
        raise DifferenceTooSmallError(difference=difference, least=LEAST_TO_PAY_MINOR)
    for hold in sorted(held, key=lambda one: one.id.hex):
        use_hold(session, hold, order.id, now)
    count_without_limit(session, order, (line.screening_id for line in lines))
    swap = Swap(
        id=swap_id,
        order_id=order.id,
        status=DONE,
        difference_minor=difference,
        pay_until=now + _TIME_TO_PAY,
        reason=reason,
        actor_name=actor.name,
        created_at=now,
        closed_at=now,
    )
    if swap.difference_minor > 0:
        swap.payment_id = add_attempt(session, order.id, way, now, swap.difference_minor)
        swap.status, swap.closed_at = PENDING, None
    session.add(swap)
    session.flush()
    session.add_all(SwapTicket(swap_id=swap_id, ticket_id=ticket.id) for ticket in old)
    session.add_all(_line_row(swap_id, number, line) for number, line in enumerate(lines, start=1))
    session.flush()
    record(session, actor, _deed("swap", order, swap, old, lines), now)
    if swap.status == DONE:
        _carry_out(session, order, swap, lines, None, vault, now)


def swap_of_payment(session: Session, payment_id: UUID) -> Swap | None:
    """Return the swap whose difference an attempt pays, locked."""
    return session.scalars(_OF_PAYMENT, {"payment": payment_id}).one_or_none()


def lock_given_up(session: Session, payment_id: UUID) -> None:
    """Lock the tickets that the swap of an attempt gives up, before its order is locked."""
    session.execute(
        select(Ticket.serial)
        .join(SwapTicket, SwapTicket.ticket_id == Ticket.id)
        .join(Swap, Swap.id == SwapTicket.swap_id)
        .where(Swap.payment_id == payment_id)
        .order_by(Ticket.serial)
        .with_for_update(of=Ticket)
    )


def receive_difference(
    session: Session, order: Order, payment: Payment, swap: Swap, vault: CodeVault, now: datetime
) -> bool:
    """Swap for money that is in, also if the places were free again meanwhile; False if that cannot be.

    Then the places are free, and the caller gives the money back.
    """
    lines = lines_of(session, swap.id)
    try:
        with session.begin_nested():
            if swap.status == RELEASED:
                _take_back(session, order, lines, now)
            _require_shown(session, lines)
            _carry_out(session, order, swap, lines, payment, vault, now)
    except (DomainError, PlaceLostError):
        session.refresh(swap)
        release_swap(session, order, swap, now)
        return False
    return True


def can_take(session: Session, order: Order, swap: Swap, now: datetime) -> bool:
    """Tell whether reserved money may be captured for a swap; its places are the order's again if so."""
    lines = lines_of(session, swap.id)
    try:
        with session.begin_nested():
            if swap.status == RELEASED:
                _take_back(session, order, lines, now)
                swap.status, swap.closed_at = PENDING, None
                session.flush()
            _require_shown(session, lines)
            _old_tickets(session, order.id, _ids(session, swap.id))
    except (DomainError, PlaceLostError):
        session.refresh(swap)
        return False
    return True


def release_swap(session: Session, order: Order, swap: Swap, now: datetime) -> None:
    """Free the new places of a swap that nothing open can pay any more; the old tickets stay as they are."""
    if swap.status != PENDING:
        return
    swap.status, swap.closed_at = RELEASED, now
    # Every other place of a paid order has its ticket.
    claims.free_order(session, order.id)
    forget_places(session, order, (line.screening_id for line in lines_of(session, swap.id)))
    session.flush()


def lines_of(session: Session, swap_id: UUID) -> list[Line]:
    """Return the new places of a swap with their prices."""
    rows = session.scalars(select(SwapLine).where(SwapLine.swap_id == swap_id).order_by(SwapLine.line_no))
    return [
        Line(
            screening_id=row.screening_id,
            place_id=row.place_id,
            label=row.label,
            band=row.band,
            concession=row.concession,
            price_minor=row.price_minor,
        )
        for row in rows
    ]


def _carry_out(
    session: Session,
    order: Order,
    swap: Swap,
    lines: Sequence[Line],
    payment: Payment | None,
    vault: CodeVault,
    now: datetime,
) -> None:
    """Make the old tickets void and issue the new ones, with the money that moves for it.

    Raises what void raises, and PlaceLostError.
    """
    ids = _ids(session, swap.id)
    _old_tickets(session, order.id, ids)
    old = void(session, order.id, ids, VOID_REASON, now)
    forget_places(session, order, (ticket.screening_id for ticket in old))
    return_gift(session, order.id, [ticket.place_id for ticket in old])
    issue(session, vault, order.id, [to_issue(line) for line in lines], now)
    sides = [Side("tickets", amount, screening) for screening, amount in _sums(old)]
    sides += [Side("tickets", -amount, screening) for screening, amount in _sums(lines)]
    gateway = payment.gateway if payment is not None else _gateway_of(session, order.id)
    if payment is not None:
        sides.append(Side("gateway", payment.captured_minor))
    elif swap.difference_minor < 0:
        sides.append(Side("refunds_owed", swap.difference_minor))
        refund_from_order(session, order.id, -swap.difference_minor, REASON, swap.actor_name, now)
    about = EntryOf(kind="swap", order_id=order.id, gateway=gateway, currency=order.currency)
    swap.entry = post(session, about, sides, now)
    swap.status, swap.closed_at = DONE, now
    # Between begin and end a refund may have taken the last of the other tickets.
    order.status = OrderStatus.PAID
    session.flush()
    emit(session, TicketsSwapped(str(swap.id)), now)
    if payment is not None:
        record(session, SYSTEM, _deed("swap_paid", order, swap, old, lines), now)


def _take_back(session: Session, order: Order, lines: Sequence[Line], now: datetime) -> None:
    """Give the order the new places again. Raises PlaceLostError if any is somebody else's."""
    if not claims.take_back(session, sorted(line.place_id for line in lines), order.id, now):
        raise PlaceLostError
    count_without_limit(session, order, (line.screening_id for line in lines))


def _require_shown(session: Session, lines: Sequence[Line]) -> None:
    """Refuse places of a screening that was cancelled meanwhile. Raises NotOnSaleError."""
    gone = session.scalars(
        select(Screening.code).where(
            Screening.id.in_({line.screening_id for line in lines}), Screening.status == "cancelled"
        )
    ).first()
    if gone is not None:
        raise NotOnSaleError(screening=gone, state="cancelled")


def _old_tickets(session: Session, order_id: UUID, ids: Sequence[UUID]) -> list[Ticket]:
    """Return an order's tickets that may be given up, locked.

    Raises NotFoundError, TicketNotValidError, TicketBlockedError or AlreadyAdmittedError.
    """
    tickets = list(
        session.scalars(
            select(Ticket)
            .where(Ticket.order_id == order_id, Ticket.id.in_(ids))
            .order_by(Ticket.serial)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
    if not ids or len(tickets) != len(set(ids)):
        raise NotFoundError
    for refusal, wrong in (
        (TicketNotValidError, [ticket for ticket in tickets if ticket.state != "valid"]),
        (TicketBlockedError, [ticket for ticket in tickets if ticket.blocked]),
        (AlreadyAdmittedError, [ticket for ticket in tickets if ticket.admitted_at is not None]),
    ):
        if wrong:
            raise refusal(tickets=[str(ticket.id) for ticket in wrong])
    return tickets


def _ids(session: Session, swap_id: UUID) -> list[UUID]:
    return list(session.scalars(select(SwapTicket.ticket_id).where(SwapTicket.swap_id == swap_id)))


def _gateway_of(session: Session, order_id: UUID) -> str:
    first = select(Payment.gateway).where(Payment.order_id == order_id).order_by(Payment.attempt).limit(1)
    return session.scalars(first).one_or_none() or ""


def _sums(sold: Sequence[Ticket] | Sequence[Line]) -> list[tuple[int, int]]:
    amounts: dict[int, int] = defaultdict(int)
    for one in sold:
        amounts[one.screening_id] += one.price_minor
    return sorted(amounts.items())


def _line_row(swap_id: UUID, number: int, line: Line) -> SwapLine:
    return SwapLine(
        swap_id=swap_id,
        line_no=number,
        screening_id=line.screening_id,
        place_id=line.place_id,
        label=line.label,
        band=line.band,
        concession=line.concession,
        price_minor=line.price_minor,
    )


def _deed(action: str, order: Order, swap: Swap, old: Sequence[Ticket], lines: Sequence[Line]) -> Deed:
    return Deed(
        action=action,
        object_kind="order",
        object_id=order.code,
        reason=swap.reason,
        before={"tickets": [{"serial": ticket.serial, "place": ticket.label} for ticket in old]},
        after={
            "places": [line.label for line in lines],
            "difference_minor": swap.difference_minor,
            "swap": swap.status,
        },
    )

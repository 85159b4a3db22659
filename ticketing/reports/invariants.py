"""The invariants I1 to I5 on live data. Each check is a query that returns what breaks it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ScalarSelect, Select, and_, bindparam, case, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from ticketing.catalogue.models import Screening
from ticketing.door.models import Incident, Scan
from ticketing.inventory.models import Place
from ticketing.reports.receipt_audit import receipt_faults
from ticketing.reports.rush_audit import rush_faults, slip_faults
from ticketing.reports.swap_audit import swap_faults
from ticketing.reports.transfer_audit import transfer_faults
from ticketing.reports.voucher_audit import voucher_faults
from ticketing.sales.affair_models import Dispute
from ticketing.sales.comp_models import Comp, CompCount
from ticketing.sales.models import BuyerCount, LedgerLine, Order, OrderLine, Payment, Refund
from ticketing.sales.refund_ends import OUTSIDE
from ticketing.sales.rules import OPEN_STATES
from ticketing.sales.swap_models import Swap, SwapLine
from ticketing.tickets.models import Ticket

_MOST_SHOWN = 20


@dataclass(frozen=True)
class Result:
    """One invariant and the first things that break it; none means that it holds."""

    name: str
    broken: Sequence[str]


def check_invariants(session: Session, now: datetime) -> list[Result]:
    """Check every invariant."""
    return [
        Result(
            name, [f"{row[0]}: {row[1]}" for query in queries for row in session.execute(query, {"now": now})]
        )
        for name, queries in _checks().items()
    ]


@cache
def _checks() -> Mapping[str, Sequence[Select[str, str]]]:
    """Return each invariant's queries. Made once: making them takes longer than asking them."""
    checks = {
        "I1 a place has one owner, a valid ticket one place": [
            _place_owners(),
            _ticket_places(),
            *transfer_faults(),
        ],
        "I2 capacity is never passed": [_capacity(), _layouts(), _buyers(), *rush_faults()],
        "I3 no money without tickets, no tickets without money": [
            *_money(),
            _refunded_too_much(),
            _parts(),
            _balanced(),
            _paid_orders(),
            *_sums(),
            *voucher_faults(),
            *_comps(),
            *receipt_faults(),
        ],
        "I4 nobody is in twice unreported": [_admissions(), _double_admissions(), *slip_faults()],
        "I5 a place is kept while it can be paid for": [_payable(), _kept(), *swap_faults()],
    }
    return {name: [query.limit(_MOST_SHOWN) for query in queries] for name, queries in checks.items()}


def _place_owners() -> Select[str, str]:
    """Return places with more than one claim, or claimed by an order that may not have them."""
    for_swap = (
        select(Swap.id)
        .join(SwapLine, SwapLine.swap_id == Swap.id)
        .where(Swap.order_id == Order.id, Swap.status == "pending", SwapLine.place_id == Place.id)
        .exists()
    )
    return (
        select(Place.label, Order.status)
        .join(Order, Order.id == Place.order_id)
        .where(
            or_(
                and_(Place.ticket_id.is_(None), Order.status != "pending", ~for_swap),
                and_(Place.ticket_id.is_not(None), Order.status != "paid"),
                Place.hold_id.is_not(None),
            )
        )
    )


def _ticket_places() -> Select[str, str]:
    """Return valid tickets whose place is not theirs, and places whose ticket is not valid."""
    return (
        select(func.coalesce(Ticket.label, Place.label), func.coalesce(Ticket.state, "no ticket"))
        .select_from(Place)
        .join(
            Ticket,
            or_(Ticket.id == Place.ticket_id, and_(Ticket.place_id == Place.id, Ticket.state == "valid")),
            isouter=True,
        )
        .where(
            or_(
                and_(
                    Ticket.state == "valid",
                    or_(
                        Place.ticket_id.is_(None),
                        Place.ticket_id != Ticket.id,
                        Place.id != Ticket.place_id,
                        Place.order_id != Ticket.order_id,
                        Place.screening_id != Ticket.screening_id,
                    ),
                ),
                and_(Place.ticket_id.is_not(None), or_(Ticket.state.is_(None), Ticket.state != "valid")),
            )
        )
    )


def _capacity() -> Select[str, str]:
    """Return screenings where tickets, live holds, orders, allocations and kills pass the capacity."""
    tickets = (
        select(func.count())
        .where(Ticket.screening_id == Screening.id, Ticket.state == "valid")
        .scalar_subquery()
    )
    others = (
        select(func.count())
        .where(
            Place.screening_id == Screening.id,
            Place.layout == Screening.layout,
            Place.ticket_id.is_(None),
            or_(
                Place.order_id.is_not(None),
                and_(Place.hold_id.is_not(None), Place.held_until > bindparam("now")),
                Place.allocation_id.is_not(None),
                Place.killed.is_(True),
                Place.rush.is_(True),
            ),
        )
        .scalar_subquery()
    )
    return select(Screening.code, Screening.status).where(tickets + others > Screening.capacity)


def _buyers() -> Select[str, str]:
    """Return screenings whose buyers' counters are not what orders have of it: limits would be wrong."""
    counted = func.coalesce(
        select(func.sum(BuyerCount.places)).where(BuyerCount.screening_id == Screening.id).scalar_subquery(),
        0,
    )
    ordered = (
        select(func.count())
        .where(Place.screening_id == Screening.id, Place.order_id.is_not(None))
        .scalar_subquery()
    )
    return select(Screening.code, Screening.status).where(counted != ordered)


def _layouts() -> Select[str, str]:
    """Return screenings whose places are not as many as their capacity."""
    places = (
        select(func.count())
        .where(Place.screening_id == Screening.id, Place.layout == Screening.layout)
        .scalar_subquery()
    )
    return select(Screening.code, Screening.status).where(places != Screening.capacity)


def _money() -> list[Select[str, str]]:
    """Return, for each account, orders whose ledger differs from payments, refunds and tickets."""
    captured = select(func.coalesce(func.sum(Payment.captured_minor), 0)).where(
        Payment.order_id == Order.id, Payment.state.in_(("captured", "parked"))
    )
    returned = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.order_id == Order.id, Refund.status == "done", Refund.method == "original"
    )
    handed_out = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.order_id == Order.id, Refund.method == "cash"
    )
    taken = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.order_id == Order.id, Refund.method == "dispute"
    )
    outside = returned.where(Refund.outside.is_(True))
    owed = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.order_id == Order.id, Refund.status != "done", Refund.outside.is_(False)
    )
    withheld = select(func.coalesce(func.sum(Dispute.withdrawn_minor), 0)).where(Dispute.order_id == Order.id)
    fees = select(func.coalesce(func.sum(Refund.fee_minor), 0)).where(Refund.order_id == Order.id)
    stands_for = case((Refund.method == "outside", Refund.amount_minor), else_=0)
    losses = select(func.coalesce(func.sum(Refund.loss_minor - stands_for), 0)).where(
        Refund.order_id == Order.id
    )
    parked = select(func.coalesce(func.sum(Payment.captured_minor), 0)).where(
        Payment.order_id == Order.id, Payment.state == "parked"
    )
    valid = select(func.coalesce(func.sum(Ticket.price_minor), 0)).where(
        Ticket.order_id == Order.id, Ticket.state == "valid", Ticket.blocked.is_(False)
    )
    blocked = select(func.coalesce(func.sum(Ticket.price_minor), 0)).where(
        Ticket.order_id == Order.id, Ticket.blocked.is_(True)
    )
    truths = {
        "gateway": captured.scalar_subquery() - returned.scalar_subquery() - withheld.scalar_subquery(),
        "cash": -handed_out.scalar_subquery(),
        "withheld": withheld.scalar_subquery(),
        "disputed": -blocked.scalar_subquery() - taken.scalar_subquery(),
        "refunds_owed": -owed.scalar_subquery(),
        "fees": -fees.scalar_subquery(),
        "losses": losses.scalar_subquery(),
        "parked": outside.scalar_subquery() - parked.scalar_subquery(),
        "tickets": -valid.scalar_subquery(),
    }
    queries = []
    for account, truth in truths.items():
        booked = (
            select(func.coalesce(func.sum(LedgerLine.amount_minor), 0))
            .where(LedgerLine.order_id == Order.id, LedgerLine.account == account)
            .scalar_subquery()
        )
        queries.append(select(Order.code, Order.status).where(booked != truth))
    return queries


def _refunded_too_much() -> Select[str, str]:
    """Return payments of which more is owed or given back than came in."""
    owed = (
        select(func.coalesce(func.sum(Refund.amount_minor - Refund.loss_minor), 0))
        .where(Refund.payment_id == Payment.id, Refund.outside.is_(False), Refund.method != "outside")
        .scalar_subquery()
    )
    return (
        select(Order.code, Payment.state)
        .join(Order, Order.id == Payment.order_id)
        .where(or_(owed > Payment.captured_minor, owed > Payment.refunded_minor))
    )


def _parts() -> Select[str, str]:
    """Return refunds' parts that are of another order than the refund, or of the same payment.

    What the bank gave back by hand and what Kassa then gave of the rest may be of one payment.
    """
    whole = aliased(Refund)
    return (
        select(Order.code, Refund.status)
        .join(Order, Order.id == Refund.order_id)
        .join(whole, whole.id == Refund.part_of)
        .where(
            or_(
                whole.order_id != Refund.order_id,
                and_(
                    whole.payment_id == Refund.payment_id, whole.reason != OUTSIDE, Refund.reason != OUTSIDE
                ),
                whole.part_of.is_not(None),
            )
        )
    )


def _payable() -> Select[str, str]:
    """Return orders without their places of which an attempt can still bring money."""
    return (
        select(Order.code, Payment.state)
        .join(Order, Order.id == Payment.order_id)
        .where(Payment.state.in_(OPEN_STATES), Order.status.in_(("expired", "cancelled")))
    )


def _kept() -> Select[str, str]:
    """Return orders that wait for their money without having all of their places."""
    lines = select(func.count()).where(OrderLine.order_id == Order.id).scalar_subquery()
    places = select(func.count()).where(Place.order_id == Order.id).scalar_subquery()
    return select(Order.code, Order.status).where(Order.status == "pending", lines != places)


def _balanced() -> Select[str, str]:
    """Return orders with a ledger entry whose debits are not its credits."""
    return (
        select(Order.code, LedgerLine.kind)
        .join(Order, Order.id == LedgerLine.order_id)
        .group_by(LedgerLine.entry, Order.code, LedgerLine.kind)
        .having(func.sum(LedgerLine.amount_minor) != 0)
    )


def _paid_orders() -> Select[str, str]:
    """Return paid orders without a valid ticket, and valid tickets of orders that are not paid."""
    has_valid = select(Ticket.id).where(Ticket.order_id == Order.id, Ticket.state == "valid").exists()
    return select(Order.code, Order.status).where((Order.status == "paid") != has_valid)


def _sums() -> list[Select[str, str]]:
    """Return orders whose lines do not add up to their total, or to what their voucher saves."""
    return [
        select(Order.code, Order.status).where(_summed(OrderLine.price_minor) != Order.total_minor),
        select(Order.code, Order.status).where(_summed(OrderLine.saved_minor) != Order.saved_minor),
    ]


def _summed(column: InstrumentedAttribute[int]) -> ScalarSelect[int]:
    return select(func.coalesce(func.sum(column), 0)).where(OrderLine.order_id == Order.id).scalar_subquery()


def _comps() -> list[Select[str, str]]:
    """Return comps that cost something, and accounts whose count of a day is not what they have given."""
    given = (
        select(func.coalesce(func.sum(Comp.tickets), 0))
        .where(Comp.account == CompCount.account, Comp.day == CompCount.day)
        .scalar_subquery()
    )
    return [
        select(Order.code, Order.status)
        .join(Comp, Comp.order_id == Order.id)
        .where(or_(Order.total_minor != 0, Order.saved_minor != 0)),
        select(CompCount.account, literal("comps")).where(CompCount.tickets != given),
    ]


def _admissions() -> Select[str, str]:
    """Return tickets that are inside by a scan that did not admit."""
    shown = func.coalesce(Scan.final_verdict, Scan.verdict)
    return (
        select(Ticket.label, func.coalesce(shown, "no scan"))
        .join(Scan, Scan.id == Ticket.admitted_scan, isouter=True)
        .where(Ticket.inside.is_(True), or_(Scan.id.is_(None), shown != "admit", Scan.ticket_id != Ticket.id))
    )


def _double_admissions() -> Select[str, str]:
    """Return tickets that were shown green more often than exits and incidents explain."""
    shown = func.coalesce(Scan.final_verdict, Scan.verdict)
    entries = (
        select(func.count())
        .where(Scan.ticket_id == Ticket.id, shown == "admit", Scan.direction == "in")
        .scalar_subquery()
    )
    exits = (
        select(func.count())
        .where(Scan.ticket_id == Ticket.id, shown == "admit", Scan.direction == "out")
        .scalar_subquery()
    )
    reported = (
        select(func.count())
        .where(Incident.ticket_id == Ticket.id, Incident.kind == "double_admission")
        .scalar_subquery()
    )
    return select(Ticket.label, Ticket.state).where(entries > 1 + exits + reported)

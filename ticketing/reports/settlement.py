"""The settlement: what was sold, given back, kept and owed, as the ledger says, and that it adds up."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, String, cast, func, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.catalogue.queries import the_festival
from ticketing.sales.models import LedgerLine
from ticketing.sales.receipt_models import Receipt
from ticketing.sales.receipts import RETURN, missing
from ticketing.tickets.models import Ticket

# What the festival has, against what it has it for: the two add up to nothing.
HELD = ("gateway", "withheld", "cash")
OWED = ("tickets", "fees", "refunds_owed", "parked", "disputed", "losses")
# `2024-11-20 07:05` of a moment's text, the same on both databases, whose clocks are UTC.
_TO_THE_MINUTE = len("2024-11-20 07:05")
# Entries by which money comes in.
_PAYING = ("sale", "swap")
_L = LedgerLine


@dataclass(frozen=True, kw_only=True)
class Period:
    """Days at the hall's clock, both included; None is open on that side."""

    first: date | None = None
    last: date | None = None


@dataclass(kw_only=True)
class Sums:
    """Minor units and tickets of a screening, of a way to pay, or of a day."""

    sold: int = 0
    returned: int = 0
    disputed: int = 0
    fees: int = 0
    tickets: int = 0
    free: int = 0
    given_back: int = 0

    @property
    def kept(self) -> int:
        """Return what stays with the festival, disputes aside."""
        return self.sold - self.returned - self.disputed + self.fees


@dataclass(frozen=True, kw_only=True)
class TaxSum:
    """What was sold less what was returned at one rate, in hundredths of a per cent; the tax it contains."""

    rate: int
    amount: int
    tax: int
    receipts: int


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """Everything on the page. Of `accounts` debits are positive; no `difference`: the books agree."""

    currency: str
    accounts: dict[str, int]
    screenings: Sequence[tuple[Screening, Sums]]
    gateways: Sequence[tuple[str, dict[str, int]]]
    days: Sequence[tuple[date, Sums]]
    taxes: Sequence[TaxSum]
    without_receipt: int
    total: Sums = field(default_factory=Sums)

    @property
    def difference(self) -> int:
        """Return what the two sides of the books differ by."""
        return sum(self.accounts.values())


def settlement(session: Session, period: Period) -> Settlement:
    """Return the accounts of a period, in a fixed number of statements."""
    festival = the_festival(session)
    zone = ZoneInfo(festival.time_zone)
    screenings = _by_screening(session, period, zone)
    total = Sums()
    for _, sums in screenings:
        for name in ("sold", "returned", "disputed", "tickets", "free", "given_back"):
            setattr(total, name, getattr(total, name) + getattr(sums, name))
    accounts = _accounts(session, period, zone)
    total.fees = -accounts.get("fees", 0)
    return Settlement(
        currency=festival.currency,
        accounts={name: accounts.get(name, 0) for name in (*HELD, *OWED)},
        screenings=screenings,
        gateways=_by_gateway(session, period, zone),
        days=_by_day(session, period, zone),
        taxes=_taxes(session, period, zone),
        without_receipt=missing(session),
        total=total,
    )


def _within(column: ColumnElement[datetime], period: Period, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    """Return the conditions of a moment in the period: midnights at the hall's clock."""
    conditions = []
    if period.first is not None:
        conditions.append(column >= datetime.combine(period.first, time(), zone))
    if period.last is not None:
        conditions.append(column < datetime.combine(period.last + timedelta(days=1), time(), zone))
    return conditions


def _accounts(session: Session, period: Period, zone: ZoneInfo) -> dict[str, int]:
    rows = session.execute(
        select(_L.account, func.sum(_L.amount_minor))
        .where(*_within(_L.__table__.c.at, period, zone))
        .group_by(_L.account)
    )
    return {account: int(amount) for account, amount in rows}


def _by_screening(session: Session, period: Period, zone: ZoneInfo) -> list[tuple[Screening, Sums]]:
    sums: dict[int, Sums] = defaultdict(Sums)
    rows = session.execute(
        select(_L.screening_id, _L.account, _L.kind, func.sum(_L.amount_minor))
        .where(_L.screening_id.is_not(None), *_within(_L.__table__.c.at, period, zone))
        .group_by(_L.screening_id, _L.account, _L.kind)
    )
    for screening_id, account, kind, amount in rows:
        _add(sums[screening_id or 0], account, kind, int(amount))
    for name, query in _counts(period, zone).items():
        for screening_id, number in session.execute(query):
            setattr(sums[screening_id], name, number)
    known = session.scalars(
        select(Screening).where(Screening.id.in_(sums)).order_by(Screening.starts_at, Screening.id)
    ).unique()
    return [(screening, sums[screening.id]) for screening in known]


def _counts(period: Period, zone: ZoneInfo) -> dict[str, Select[int, int]]:
    ticket = Ticket.__table__.c
    issued = _within(ticket.issued_at, period, zone)
    voided = _within(ticket.voided_at, period, zone)
    counted = select(Ticket.screening_id, func.count()).group_by(Ticket.screening_id)
    return {
        "tickets": counted.where(Ticket.price_minor > 0, *issued),
        "free": counted.where(Ticket.price_minor == 0, *issued),
        "given_back": counted.where(Ticket.state == "void", *voided),
    }


def _add(sums: Sums, account: str, kind: str, amount: int) -> None:
    """Count a sum of ledger lines, whose debits are positive."""
    if account == "tickets" and kind != "dispute":
        # An exchange within a screening counts with what is left of it.
        if amount < 0:
            sums.sold -= amount
        else:
            sums.returned += amount
    elif account == "disputed":
        sums.disputed -= amount
    elif account == "fees":
        sums.fees -= amount


def _by_gateway(session: Session, period: Period, zone: ZoneInfo) -> list[tuple[str, dict[str, int]]]:
    """Return of each gateway what came in, went back, is withheld, and the balance that it owes."""
    rows = session.execute(
        select(_L.gateway, _L.account, _L.kind, func.sum(_L.amount_minor))
        .where(_L.account.in_(HELD), *_within(_L.__table__.c.at, period, zone))
        .group_by(_L.gateway, _L.account, _L.kind)
    )
    ways: dict[str, dict[str, int]] = {}
    for gateway, account, kind, amount in rows:
        way = ways.setdefault(gateway, {"in": 0, "back": 0, "cash": 0, "withheld": 0})
        name = account if account != "gateway" else "in" if kind in _PAYING else "back"
        if account == "gateway" and kind == "dispute":
            continue  # It is the other side of what is withheld.
        way[name] += int(amount)
    return sorted(ways.items())


def _by_day(session: Session, period: Period, zone: ZoneInfo) -> list[tuple[date, Sums]]:
    minute = func.substr(cast(_L.at, String), 1, _TO_THE_MINUTE)
    rows = session.execute(
        select(minute, _L.account, _L.kind, func.sum(_L.amount_minor))
        .where(_L.account.in_(("tickets", "disputed", "fees")), *_within(_L.__table__.c.at, period, zone))
        .group_by(minute, _L.account, _L.kind)
    )
    days: dict[date, Sums] = defaultdict(Sums)
    for text, account, kind, amount in rows:
        moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
        _add(days[moment.astimezone(zone).date()], account, kind, int(amount))
    return sorted(days.items())


def _taxes(session: Session, period: Period, zone: ZoneInfo) -> list[TaxSum]:
    rows = session.execute(
        select(
            Receipt.tax_rate,
            Receipt.kind,
            func.sum(Receipt.amount_minor),
            func.sum(Receipt.tax_minor),
            func.count(),
        )
        .where(*_within(Receipt.__table__.c.at, period, zone))
        .group_by(Receipt.tax_rate, Receipt.kind)
    )
    rates: dict[int, tuple[int, int, int]] = {}
    for rate, kind, amount, tax, number in rows:
        sign = -1 if kind == RETURN else 1
        before = rates.get(rate, (0, 0, 0))
        rates[rate] = (before[0] + sign * int(amount), before[1] + sign * int(tax), before[2] + number)
    return [
        TaxSum(rate=rate, amount=amount, tax=tax, receipts=number)
        for rate, (amount, tax, number) in sorted(rates.items())
    ]

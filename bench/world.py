"""The festival that is measured: the demo's, grown to 100 screenings, with paid tickets for the door."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tests.support.great_hall import with_great_hall
from ticketing.app import make_runtime
from ticketing.boxoffice.programme import apply_programme
from ticketing.catalogue.models import Festival, Screening
from ticketing.catalogue.programme.parse import parse_programme
from ticketing.catalogue.programme.shift import shift_weeks
from ticketing.catalogue.programme.values import Programme
from ticketing.demo_run import DEMO_PROGRAMME
from ticketing.door.devices import offer_pairing, pair
from ticketing.door.models import Incident, Scan
from ticketing.foundation.actor import SYSTEM
from ticketing.foundation.config import Settings
from ticketing.foundation.ids import new_id
from ticketing.foundation.models import OutboxEntry
from ticketing.foundation.web import Runtime
from ticketing.inventory.holds import HoldRequest, hold_places
from ticketing.inventory.models import Hold, Place
from ticketing.inventory.remembered import RememberedHalls
from ticketing.inventory.rules import KEPT_FOR_THOSE_WHO_ASK
from ticketing.inventory.seats import Candidate, stretches
from ticketing.reports.invariants import check_invariants
from ticketing.sales.capture import record_status
from ticketing.sales.models import Payment
from ticketing.sales.orders import ChosenHold, OrderRequest, Way, fresh_order_code, make_order
from ticketing.sales.payments.demo import NAME as DEMO
from ticketing.sales.payments.port import SessionState, SessionStatus
from ticketing.sales.rules import Buyer
from ticketing.tickets.models import Ticket

PHONES = 8
_COPIES = 40
# Of the demo: the premiere in the hall of 1,200 for the shop, an evening in the hall of 346 for the door.
_FOR_SALE, _FOR_THE_DOOR = "s18", "s06"
_WHOLE_HALL = 400
_BUYER = Buyer(name="Айгерім Сейтқали", email="buyer@example.com", phone=None)


@dataclass(frozen=True)
class Pair:
    """Two neighbouring seats of a screening, by their labels, and their place among all pairs."""

    number: int
    screening: str
    seats: tuple[str, str]


@dataclass(frozen=True)
class Admittance:
    """A ticket's code with the screening and a time at which its door is open."""

    code: str
    screening: str
    at: str


@dataclass(frozen=True, kw_only=True)
class World:
    """A loaded database, and what the scenarios take from it: pairs of seats are used up from the left."""

    runtime: Runtime
    phones: Sequence[str]
    pairs: deque[Pair]
    held: list[Pair]
    admittances: Sequence[Admittance]

    def free_holds(self) -> None:
        """Give every hold back, so that its seats can be held again."""
        with self.runtime.database.transaction() as session:
            held = Place.hold_id.is_not(None)
            session.execute(update(Place).where(held).values(hold_id=None, held_until=None))
            session.execute(update(Hold).where(Hold.state == "live").values(state="released"))
        # From where they were taken: a stretch is always filled from its end, so that no seat is left alone.
        self.pairs.extendleft(sorted(self.held, key=lambda pair: pair.number, reverse=True))
        self.held.clear()

    def empty_halls(self) -> None:
        """Forget every scan, so that each ticket can be admitted again."""
        outside = {
            "inside": False,
            "admitted_at": None,
            "admitted_scan": None,
            "admitted_device": None,
            "admitted_gate": None,
            "left_at": None,
        }
        with self.runtime.database.transaction() as session:
            session.execute(delete(Incident))
            session.execute(delete(Scan))
            session.execute(update(Ticket).where(Ticket.admitted_at.is_not(None)).values(outside))

    def broken_invariants(self) -> list[str]:
        """Return what the load has broken: nothing, or the figures are worth nothing."""
        with self.runtime.database.reading() as session:
            results = check_invariants(session, self.runtime.clock.now())
        return [f"{result.name}: {line}" for result in results for line in result.broken]


def load_world(settings: Settings) -> World:
    """Fill a migrated, empty database."""
    here = make_runtime(settings)
    now = here.clock.now()
    with here.database.transaction() as session:
        programme = _grown(shift_weeks(parse_programme(DEMO_PROGRAMME), now.date()))
        apply_programme(session, programme, SYSTEM, now)
        phones = [
            pair(session, offer_pairing(session, None, f"Phone {n}", SYSTEM, now), now).token
            for n in range(PHONES)
        ]
        pairs = _pairs(session)
        for_the_door = session.scalars(select(Screening).where(Screening.code.like("door-%"))).unique().all()
        codes = {screening.id: (screening.code, _open_door(screening)) for screening in for_the_door}
    for screening, _ in codes.values():
        with here.database.transaction() as session:
            _sell(session, here, screening, now)
    with here.database.transaction() as session:
        session.execute(update(Festival).values(max_places_per_order=8))
        # The worker is to be measured with what the load gives it, not with mails of 346 tickets.
        session.execute(update(OutboxEntry).values(done_at=now))
        tickets = session.execute(select(Ticket.code_sealed, Ticket.screening_id).order_by(Ticket.serial))
        admittances = [Admittance(here.vault.open(sealed), *codes[of]) for sealed, of in tickets]
    # Neighbours at a door have not bought one after the other: every hall gets its share of each second.
    mixed = [one for start in range(_COPIES) for one in admittances[start::_COPIES]]
    return World(runtime=here, phones=phones, pairs=pairs, held=[], admittances=mixed)


def _grown(programme: Programme) -> Programme:
    festival = replace(programme.festival, max_places_per_order=_WHOLE_HALL)
    screenings = {screening.code: screening for screening in programme.screenings}
    copies = [
        replace(
            screenings[original],
            code=f"{prefix}-{number}",
            starts_at=screenings[original].starts_at - timedelta(minutes=10 * number),
        )
        for original, prefix in ((_FOR_SALE, "sale"), (_FOR_THE_DOOR, "door"))
        for number in range(_COPIES)
    ]
    programme = with_great_hall(programme)
    return replace(programme, festival=festival, screenings=(*programme.screenings, *copies))


def _pairs(session: Session) -> deque[Pair]:
    """Return neighbours for sale; one screening after the other, so that clients don't meet in a row.

    A stretch of an odd number keeps its last three seats: a pair of them would leave one seat alone.
    """
    by_screening: dict[str, list[Candidate]] = {}
    labels: dict[tuple[str, int], str] = {}
    for code, label, *seat in session.execute(
        select(
            Screening.code, Place.label,
            Place.place_no, Place.line, Place.block, Place.rank, Place.kind, Place.pair_no,
        )
        .join(Screening, Screening.id == Place.screening_id)
        .where(Screening.code.like("sale-%"), Place.allocation_id.is_(None), Place.killed.is_(False))
        .where(Place.kind.not_in(KEPT_FOR_THOSE_WHO_ASK))
        .order_by(Screening.id, Place.place_no)
    ):  # fmt: skip
        candidate = Candidate(*seat)
        by_screening.setdefault(code, []).append(candidate)
        labels[code, candidate.number] = label
    in_turn = sorted(
        (start, code, [labels[code, seat.number] for seat in run[start : start + 2]])
        for code, seats in by_screening.items()
        for run in stretches(seats)
        for start in range(0, len(run) - 3 * (len(run) % 2), 2)
    )
    return deque(Pair(number, code, (one, two)) for number, (_, code, (one, two)) in enumerate(in_turn))


def _open_door(screening: Screening) -> str:
    return (screening.starts_at - timedelta(minutes=5)).isoformat()


def _sell(session: Session, here: Runtime, screening: str, now: datetime) -> None:
    """Sell a whole hall in one order, by the services that sell one seat."""
    labels = session.scalars(
        select(Place.label)
        .join(Screening, Screening.id == Place.screening_id)
        .where(Screening.code == screening, Place.allocation_id.is_(None), Place.killed.is_(False))
    ).all()
    hold_id, order_id = new_id(now), new_id(now)
    hold_places(
        session, RememberedHalls(), hold_id, HoldRequest(screening=screening, places=tuple(labels)), now
    )
    wanted = OrderRequest(holds=(ChosenHold(hold_id=hold_id),), buyer=_BUYER, locale="kk", accept_terms=True)
    way = Way(gateway=DEMO, return_url=here.settings.base_url)
    code = fresh_order_code(session)
    payment_id = make_order(session, order_id, code, wanted, way, here.vault, now)
    if payment_id is None:
        raise RuntimeError("the door's tickets must cost something")
    payment = session.get_one(Payment, payment_id)
    paid = SessionStatus(
        state=SessionState.CAPTURED, captured_minor=payment.amount_minor, currency=payment.currency
    )
    record_status(session, payment_id, paid, here.vault, now)

"""What can be wrong with rush lines: more people than places, and slips that are in twice unreported."""

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from ticketing.catalogue.models import Screening
from ticketing.door.models import Incident, Scan
from ticketing.door.rush_models import RushLine, RushPlace, RushSlip
from ticketing.inventory.models import Place
from ticketing.tickets.models import Ticket

_SHOWN = func.coalesce(Scan.final_verdict, Scan.verdict)


def rush_faults() -> list[Select[str, str]]:
    """Return what breaks I2 at the door: Σ leases + people let in + places still guaranteed ≤ capacity."""
    return [_promised_twice(), _taken_by_nobody(), _still_on_sale(), _too_many(), _slips_without_place()]


def slip_faults() -> list[Select[str, str]]:
    """Return what breaks I4 for slips."""
    return [_slip_admissions(), _slip_doubles()]


def _promised_twice() -> Select[str, str]:
    """Return places whose ticket is in on it while the line has given it to another scan or a phone."""
    other = aliased(RushPlace)
    on_line = exists().where(other.scan_id == Scan.id, Scan.ticket_id == Ticket.id)
    told = exists().where(
        Incident.ticket_id == Ticket.id, Incident.kind.in_(("over_capacity", "override", "double_admission"))
    )
    return (
        select(Place.label, literal("promised twice"))
        .select_from(RushPlace)
        .join(Place, Place.id == RushPlace.place_id)
        .join(Ticket, Ticket.id == RushPlace.ticket_id)
        .where(
            Ticket.admitted_scan.is_not(None),
            ~on_line,
            or_(RushPlace.device_id.is_not(None), RushPlace.scan_id.is_not(None)),
            ~told,
        )
    )


def _taken_by_nobody() -> Select[str, str]:
    """Return places taken by a scan that was not shown green."""
    return (
        select(Place.label, func.coalesce(_SHOWN, "no scan"))
        .select_from(RushPlace)
        .join(Place, Place.id == RushPlace.place_id)
        .outerjoin(Scan, Scan.id == RushPlace.scan_id)
        .where(RushPlace.scan_id.is_not(None), or_(Scan.id.is_(None), _SHOWN != "admit"))
    )


def _still_on_sale() -> Select[str, str]:
    """Return places of the line that could be sold, and such as have left sales without belonging to it."""
    return (
        select(Place.label, case((Place.rush.is_(True), "not in the line"), else_="still on sale"))
        .select_from(Place)
        .outerjoin(RushPlace, RushPlace.place_id == Place.id)
        .where(Place.rush != RushPlace.place_id.is_not(None))
    )


def _too_many() -> Select[str, str]:
    """Return screenings where leases, people of the line and guaranteed tickets pass the capacity."""
    given = _count(
        RushPlace.screening_id == Screening.id,
        or_(RushPlace.device_id.is_not(None), RushPlace.scan_id.is_not(None)),
    )
    guaranteed = (
        select(func.count())
        .select_from(Ticket)
        .where(
            Ticket.screening_id == Screening.id,
            Ticket.state == "valid",
            ~exists().where(RushPlace.ticket_id == Ticket.id),
        )
        .scalar_subquery()
    )
    return (
        select(Screening.code, literal("rush line"))
        .join(RushLine, RushLine.screening_id == Screening.id)
        .where(given + guaranteed > Screening.capacity)
    )


def _slips_without_place() -> Select[str, str]:
    """Return slips that were let in on no place of the line, unless somebody was told."""
    told = exists().where(
        Incident.slip_id == RushSlip.id, Incident.kind.in_(("over_capacity", "override", "double_admission"))
    )
    return (
        select(Screening.code, literal("slip without a place"))
        .select_from(RushSlip)
        .join(Screening, Screening.id == RushSlip.screening_id)
        .where(
            RushSlip.admitted_scan.is_not(None),
            ~exists().where(RushPlace.scan_id == Scan.id, Scan.slip_id == RushSlip.id),
            ~told,
        )
    )


def _slip_admissions() -> Select[str, str]:
    """Return slips that are inside by a scan that did not admit."""
    return (
        select(Screening.code, func.coalesce(_SHOWN, "no scan"))
        .select_from(RushSlip)
        .join(Screening, Screening.id == RushSlip.screening_id)
        .outerjoin(Scan, Scan.id == RushSlip.admitted_scan)
        .where(
            RushSlip.inside.is_(True), or_(Scan.id.is_(None), _SHOWN != "admit", Scan.slip_id != RushSlip.id)
        )
    )


def _slip_doubles() -> Select[str, str]:
    """Return slips that were shown green more often than exits and incidents explain."""
    entries, exits = (
        _count(Scan.slip_id == RushSlip.id, _SHOWN == "admit", Scan.direction == way) for way in ("in", "out")
    )
    reported = _count(Incident.slip_id == RushSlip.id, Incident.kind == "double_admission")
    return (
        select(Screening.code, literal("slip"))
        .select_from(RushSlip)
        .join(Screening, Screening.id == RushSlip.screening_id)
        .where(entries > 1 + exits + reported)
    )


def _count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).where(and_(*conditions)).scalar_subquery()

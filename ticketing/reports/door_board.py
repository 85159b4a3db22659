"""Every door at a glance: what plays and what is next in each hall, who is in, which phones are silent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.catalogue.programme.values import Words
from ticketing.door.facts import KnownScreening, admitted_counts, all_screenings
from ticketing.door.models import Device, Incident, Scan
from ticketing.door.rush_models import RushSlip
from ticketing.door.rush_queries import RushFigures, rush_figures
from ticketing.inventory.models import Place
from ticketing.reports.door_flow import Flow, flows
from ticketing.tickets.models import Ticket

# Phones sync every ten seconds, all of them at least once a minute.
_SILENT_AFTER = timedelta(minutes=2)
_LOW_BATTERY = 20
_RATE_MINUTES = 5
_LATELY = timedelta(minutes=_RATE_MINUTES)
_MOST_INCIDENTS = 5


class DoorState(StrEnum):
    """What a hall's door is doing."""

    WAITING = "waiting"
    OPEN = "open"
    STARTED = "started"
    ENDED = "ended"
    CANCELLED = "cancelled"


class DeviceCondition(StrEnum):
    """What a phone needs."""

    FINE = "fine"
    LOW_BATTERY = "low_battery"
    UNSENT = "unsent"
    SILENT = "silent"


@dataclass(frozen=True, kw_only=True)
class BoardDevice:
    """A phone, with what it last said of itself."""

    name: str
    condition: DeviceCondition
    synced_at: datetime | None
    unsent: int
    battery: int | None


@dataclass(frozen=True, kw_only=True)
class Showing:
    """A screening with its people: inside now, tickets sold, places."""

    code: str
    title: Words
    section: str
    starts_at: datetime
    doors_open: datetime
    inside: int
    sold: int
    capacity: int
    flow: Flow | None
    rush: RushFigures | None


@dataclass(frozen=True, kw_only=True)
class HallCard:
    """A hall: what plays there now, or else what comes first, and what comes after it."""

    hall: Words
    venue: Words
    state: DoorState
    now: Showing
    next: Showing | None
    devices: Sequence[BoardDevice] = field(default=())

    @property
    def needs_somebody(self) -> bool:
        """Tell whether a phone of this open door is silent or has scans that it cannot send."""
        at_work = self.state in (DoorState.OPEN, DoorState.STARTED)
        return at_work and any(
            device.condition in (DeviceCondition.SILENT, DeviceCondition.UNSENT) for device in self.devices
        )


@dataclass(frozen=True, kw_only=True)
class BoardIncident:
    """Something that a supervisor should know of."""

    kind: str
    at: datetime
    hall: Words | None
    row: str
    number: str


@dataclass(frozen=True, kw_only=True)
class Board:
    """The whole wall. `a_minute` is the mean of the last minutes."""

    at: datetime
    inside: int
    a_minute: int
    refused: int
    unsent: int
    cards: Sequence[HallCard]
    elsewhere: Sequence[BoardDevice]
    incidents: Sequence[BoardIncident]
    incident_count: int


def door_board(session: Session, now: datetime) -> Board:
    """Return the wall as it is now; the day is that of the halls' own time."""
    known = all_screenings(session)
    today = [one for one in known if _is_today(one, now)]
    midnight = _midnight(today[0], now) if today else now
    inside = admitted_counts(session, [one.id for one in today])
    sold, devices = _sold(session, today), _devices(session, now)
    flow = flows(session, today, sold, now)
    rush = rush_figures(session, [one.id for one in today])
    listed = {screening.id: screening for screening in session.scalars(select(Screening)).unique()}
    halls_of = _last_halls(session, midnight, listed.values())
    cards = []
    for hall, group in groupby(sorted(today, key=_by_hall), key=lambda one: one.fact.hall):
        screenings = list(group)
        here = [devices[one] for one in devices if halls_of.get(one) == hall]
        showings = [
            _showing(one, inside, sold, listed[one.id].section.code, flow.get(one.id), rush.get(one.id))
            for one in screenings
        ]
        cards.append(_card(screenings, showings, here, now))
    halls = {screening.fact.hall for screening in today}
    placed = {one for one, hall in halls_of.items() if hall in halls}
    incidents, count = _incidents(session, midnight, listed)
    return Board(
        at=now,
        inside=sum(inside.values()),
        a_minute=_admitted_lately(session, now),
        refused=_count_refused(session, midnight),
        unsent=sum(device.unsent for device in devices.values()),
        cards=sorted(cards, key=lambda card: (card.state == DoorState.ENDED, card.now.starts_at)),
        elsewhere=[device for one, device in devices.items() if one not in placed],
        incidents=incidents,
        incident_count=count,
    )


def _is_today(screening: KnownScreening, now: datetime) -> bool:
    """Tell whether a screening is of the day that it is in the hall, or still runs after midnight."""
    local = now.astimezone(screening.starts_at.tzinfo)
    return screening.starts_at.date() == local.date() or screening.starts_at <= local < screening.ends_at


def _midnight(screening: KnownScreening, now: datetime) -> datetime:
    local = now.astimezone(screening.starts_at.tzinfo)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def _by_hall(screening: KnownScreening) -> tuple[str, datetime]:
    return screening.fact.hall, screening.starts_at


def _card(
    screenings: Sequence[KnownScreening],
    showings: Sequence[Showing],
    devices: Sequence[BoardDevice],
    now: datetime,
) -> HallCard:
    """Show what plays, else what comes first, else what ended last."""
    states = [_state(one, now) for one in screenings]
    # Doors may open while the film before still runs: the queue is what matters then.
    order = (DoorState.OPEN, DoorState.STARTED, DoorState.WAITING)
    at = next((states.index(state) for state in order if state in states), len(states) - 1)
    coming = [n for n in range(len(states)) if n != at and states[n] is DoorState.WAITING]
    first = screenings[at]
    return HallCard(
        hall=first.hall_name,
        venue=first.venue_name,
        state=states[at],
        now=showings[at],
        next=showings[coming[0]] if coming else None,
        devices=sorted(devices, key=lambda device: device.name),
    )


def _state(screening: KnownScreening, now: datetime) -> DoorState:
    if screening.fact.status == "cancelled":
        return DoorState.CANCELLED
    if now < screening.fact.doors_open:
        return DoorState.WAITING
    if now < screening.starts_at:
        return DoorState.OPEN
    return DoorState.STARTED if now < screening.ends_at else DoorState.ENDED


def _showing(
    screening: KnownScreening,
    inside: Mapping[int, int],
    sold: Mapping[int, int],
    section: str,
    flow: Flow | None,
    rush: RushFigures | None,
) -> Showing:
    return Showing(
        code=screening.fact.code,
        title=screening.title,
        section=section,
        starts_at=screening.starts_at,
        doors_open=screening.fact.doors_open,
        inside=inside.get(screening.id, 0),
        sold=sold.get(screening.id, 0),
        capacity=screening.capacity,
        flow=flow,
        rush=rush,
    )


def _sold(session: Session, screenings: Sequence[KnownScreening]) -> dict[int, int]:
    query = (
        select(Ticket.screening_id, func.count())
        .where(Ticket.state == "valid", Ticket.screening_id.in_([one.id for one in screenings]))
        .group_by(Ticket.screening_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _devices(session: Session, now: datetime) -> dict[UUID, BoardDevice]:
    query = select(Device).where(Device.revoked_at.is_(None)).order_by(Device.name, Device.id)
    return {device.id: _device(device, now) for device in session.scalars(query)}


def _device(device: Device, now: datetime) -> BoardDevice:
    if device.synced_at is None or now - device.synced_at > _SILENT_AFTER:
        condition = DeviceCondition.SILENT
    elif device.unsent:
        condition = DeviceCondition.UNSENT
    elif device.battery is not None and device.battery < _LOW_BATTERY:
        condition = DeviceCondition.LOW_BATTERY
    else:
        condition = DeviceCondition.FINE
    return BoardDevice(
        name=device.name,
        condition=condition,
        synced_at=device.synced_at,
        unsent=device.unsent or 0,
        battery=device.battery,
    )


def _last_halls(session: Session, since: datetime, screenings: Iterable[Screening]) -> dict[UUID, str]:
    """Return the hall at whose door each phone has last scanned today."""
    newest = (
        select(Scan.device_id, func.max(Scan.received_at).label("at"))
        .where(Scan.received_at >= since)
        .group_by(Scan.device_id)
        .subquery()
    )
    query = select(Scan.device_id, Scan.screening).join(
        newest, (newest.c.device_id == Scan.device_id) & (newest.c.at == Scan.received_at)
    )
    halls = {screening.code: screening.hall.code for screening in screenings}
    rows = session.execute(query)
    return {row.device_id: halls[row.screening] for row in rows if row.screening in halls}


def _admitted_lately(session: Session, now: datetime) -> int:
    lately = select(func.count()).where(
        Scan.verdict == "admit", Scan.direction == "in", Scan.corrected_at > now - _LATELY
    )
    return round((session.scalar(lately) or 0) / _RATE_MINUTES)


def _count_refused(session: Session, since: datetime) -> int:
    query = select(func.count()).where(Scan.verdict == "refuse", Scan.corrected_at >= since)
    return session.scalar(query) or 0


def _incidents(
    session: Session, since: datetime, screenings: Mapping[int, Screening]
) -> tuple[list[BoardIncident], int]:
    count = session.scalar(select(func.count()).where(Incident.at >= since)) or 0
    query = (
        select(
            Incident.kind,
            Incident.at,
            Place.row,
            Place.number,
            func.coalesce(Ticket.screening_id, RushSlip.screening_id).label("screening_id"),
        )
        .outerjoin(RushSlip, RushSlip.id == Incident.slip_id)
        .outerjoin(Ticket, Ticket.id == Incident.ticket_id)
        .outerjoin(Place, Place.id == Ticket.place_id)
        .where(Incident.at >= since)
        .order_by(Incident.at.desc(), Incident.id)
        .limit(_MOST_INCIDENTS)
    )
    return [
        BoardIncident(
            kind=row.kind,
            at=row.at,
            hall=screenings[row.screening_id].hall.name if row.screening_id in screenings else None,
            row=row.row or "",
            number=row.number or "",
        )
        for row in session.execute(query)
    ], count

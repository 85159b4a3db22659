"""The screenings of an import: new ones get places, known ones change where nobody has a claim."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ticketing.catalogue import models
from ticketing.catalogue.programme import values
from ticketing.inventory.models import Allocation, Place
from ticketing.inventory.places import NewPlace, is_touched, schedule_places, unnumbered
from ticketing.sales.pricing import PriceTable

_AGES = [str(rating) for rating in values.AgeRating]
# A change of these makes the places anew, so nobody may have a claim on one.
_PLACES_DEPEND_ON = frozenset({"hall", "plan", "public_places"})


@dataclass
class ImportReport:
    """What an import did. A conflict is (screening, field, what stands, what the files say)."""

    added: int = 0
    changed: int = 0
    conflicts: list[tuple[str, str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Existing:
    """The rows that screenings refer to, by code."""

    sections: Mapping[str, int]
    halls: Mapping[str, models.Hall]
    films: Mapping[str, models.Film]
    price_lists: Mapping[str, models.PriceList]


def apply_screenings(
    session: Session, programme: values.Programme, existing: Existing, report: ImportReport, now: datetime
) -> None:
    """Add new screenings and bring known ones to the files, as far as sales and staff changes allow."""
    rows = {row.code: row for row in session.scalars(select(models.Screening)).unique()}
    for screening in programme.screenings:
        said = _said(programme, screening)
        row = rows.pop(screening.code, None)
        if row is None:
            _add(session, screening, said, existing, programme, now)
            report.added += 1
        elif said != row.imported:
            _change(session, _Known(row, said, screening, programme), existing, report, now)
    for code in sorted(rows):
        report.conflicts.append((code, "screening", "kept", "not in the files"))


@dataclass(frozen=True)
class _Known:
    row: models.Screening
    said: dict[str, Any]
    screening: values.Screening
    programme: values.Programme


def _said(programme: values.Programme, screening: values.Screening) -> dict[str, Any]:
    """Return a screening as the files have it, in JSON."""
    hall = next(hall for hall in programme.halls if hall.code == screening.hall)
    plan = programme.plan_of(hall)
    return {
        "starts_at": screening.starts_at.isoformat(),
        "minutes": screening.minutes,
        "hall": screening.hall,
        "plan": None if plan is None else plan.sha256.hex(),
        "public_places": screening.public_places,
        "status": str(screening.status),
        "section": screening.section,
        "price_list": screening.price_list,
        "films": list(screening.films),
        "title": None if screening.title is None else asdict(screening.title),
        "kind": str(screening.kind),
        "audience": str(screening.audience),
        "audio": list(screening.audio),
        "subtitles": list(screening.subtitles),
        "interpreting": list(screening.interpreting),
        "age_rating": str(screening.age_rating or ""),
        "motif": str(screening.motif or ""),
        "note": screening.note,
    }


def _columns(screening: values.Screening, existing: Existing) -> dict[str, Any]:
    """Return the columns that stand for a screening's values, apart from its films and places."""
    films = [existing.films[code] for code in screening.films]
    ages = [film.age_rating for film in films]
    if screening.title is None and not films:
        message = f"screening {screening.code} has neither title nor film"
        raise ValueError(message)
    return {
        "section_id": existing.sections[screening.section],
        "price_list_id": existing.price_lists[screening.price_list].id,
        "title": screening.title or films[0].title,
        "kind": str(screening.kind),
        "audience": str(screening.audience),
        "starts_at": screening.starts_at,
        "ends_at": screening.ends_at,
        "audio": list(screening.audio),
        "subtitles": list(screening.subtitles),
        "interpreting": list(screening.interpreting),
        "age_rating": str(screening.age_rating or max(ages, key=_AGES.index, default="")),
        "motif": str(screening.motif or (films[0].motif if films else "")),
        "status": str(screening.status),
        "note": screening.note,
    }


def _add(
    session: Session,
    screening: values.Screening,
    said: dict[str, Any],
    existing: Existing,
    programme: values.Programme,
    now: datetime,
) -> None:
    hall = existing.halls[screening.hall]
    row = models.Screening(
        code=screening.code,
        hall_id=hall.id,
        layout=1,
        plan_id=_plan_id(session, hall),
        capacity=hall.capacity,
        public_places=screening.public_places,
        imported=said,
        **_columns(screening, existing),
    )
    session.add(row)
    session.flush()
    _set_films(session, row.id, screening, existing)
    _make_places(session, row, screening, programme, now)


def _change(session: Session, known: _Known, existing: Existing, report: ImportReport, now: datetime) -> None:
    row, said = known.row, known.said
    moved = {name for name, value in said.items() if row.imported.get(name) != value}
    blocked = _changed_by_staff(row) & moved
    if moved & _PLACES_DEPEND_ON and (row.places_changed_at or is_touched(session, row.id)):
        blocked |= moved & _PLACES_DEPEND_ON
    if "price_list" in moved and is_touched(session, row.id):
        blocked.add("price_list")
    for name in sorted(blocked):
        report.conflicts.append((row.code, name, str(row.imported.get(name)), str(said[name])))
    allowed = moved - blocked
    if not allowed:
        return
    columns = _columns(known.screening, existing)
    for name in allowed:
        for column in _COLUMNS_OF.get(name, (name,)):
            if column in columns:
                setattr(row, column, columns[column])
    if "films" in allowed:
        _set_films(session, row.id, known.screening, existing)
    if allowed & _PLACES_DEPEND_ON and not blocked & _PLACES_DEPEND_ON:
        _remake_places(session, known, existing, now)
    row.imported = {**row.imported, **{name: said[name] for name in allowed}}
    report.changed += 1
    session.flush()


_COLUMNS_OF = {
    "starts_at": ("starts_at", "ends_at"),
    "minutes": ("ends_at",),
    "films": ("title", "age_rating", "motif"),
    "section": ("section_id",),
    "price_list": ("price_list_id",),
}


def _changed_by_staff(row: models.Screening) -> set[str]:
    """Return what stands otherwise than the last import said."""
    imported = row.imported
    changed = set()
    if row.status != imported["status"]:
        changed.add("status")
    if row.starts_at != datetime.fromisoformat(imported["starts_at"]):
        changed |= {"starts_at", "minutes"}
    if row.hall.code != imported["hall"]:
        changed |= {"hall", "plan"}
    return changed


def _set_films(session: Session, screening_id: int, screening: values.Screening, existing: Existing) -> None:
    session.execute(delete(models.ScreeningFilm).where(models.ScreeningFilm.screening_id == screening_id))
    session.add_all(
        models.ScreeningFilm(screening_id=screening_id, film_id=existing.films[code].id, position=position)
        for position, code in enumerate(screening.films)
    )
    session.flush()


def _plan_id(session: Session, hall: models.Hall) -> int | None:
    query = (
        select(models.SeatPlan.id)
        .where(models.SeatPlan.hall_id == hall.id, models.SeatPlan.draft.is_(False))
        .order_by(models.SeatPlan.version.desc())
    )
    return session.scalars(query.limit(1)).first() if hall.seating == "reserved" else None


def _remake_places(session: Session, known: _Known, existing: Existing, now: datetime) -> None:
    """Make the places of a screening anew on which nobody has a claim."""
    row = known.row
    session.execute(delete(Place).where(Place.screening_id == row.id))
    session.execute(delete(Allocation).where(Allocation.screening_id == row.id))
    hall = existing.halls[known.screening.hall]
    row.hall_id, row.capacity, row.plan_id = hall.id, hall.capacity, _plan_id(session, hall)
    row.public_places = known.screening.public_places
    session.flush()
    _make_places(session, row, known.screening, known.programme, now)


def _make_places(
    session: Session,
    row: models.Screening,
    screening: values.Screening,
    programme: values.Programme,
    now: datetime,
) -> None:
    hall = next(hall for hall in programme.halls if hall.code == screening.hall)
    plan = programme.plan_of(hall)
    if plan is None:
        places = unnumbered(hall.capacity)
    else:
        places = [
            NewPlace(
                label=seat.guid,
                section=seat.section,
                row=seat.row,
                number=seat.number,
                band=seat.band,
                kind=str(seat.kind),
                pair=seat.pair_with,
                x=seat.x,
                y=seat.y,
            )
            for seat in plan.seats
        ]
    prices = PriceTable.of(
        (price.band, price.concession, price.amount_minor)
        for price_list in programme.price_lists
        if price_list.code == screening.price_list
        for price in price_list.prices
    )
    priced = {place.band: prices.price(place.band, None) for place in places}
    band_prices = {band: 0 if price is None else price[1] for band, price in priced.items()}
    schedule_places(session, row.id, row.layout, places, band_prices, screening.public_places, now)

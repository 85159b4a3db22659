"""The screenings of an import: new ones get places, known ones change where nobody has a claim."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ticketing.boxoffice.place_making import PlaceMaker
from ticketing.boxoffice.programme_plans import PLAN
from ticketing.catalogue import models
from ticketing.catalogue.plan_queries import versions
from ticketing.catalogue.programme import values
from ticketing.catalogue.programme.values import ScreeningStatus, Seating
from ticketing.foundation.actor import Actor
from ticketing.foundation.ids import new_id
from ticketing.foundation.outbox import emit
from ticketing.inventory.models import Allocation, Place
from ticketing.inventory.places import is_sold, is_touched
from ticketing.sales.cancelling import cancel_screening
from ticketing.sales.effects import ScreeningMoved
from ticketing.sales.refund_policies import film_changed
from ticketing.tickets.wallet.changes import screening_changed

_AGES = [str(rating) for rating in values.AgeRating]
# A change of these makes the places anew, so nobody may have a claim on one.
_PLACES_DEPEND_ON = frozenset({"hall", "plan", "public_places"})
# The reason in the audit trail of what files did.
_FROM_FILES = "import_programme"


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
    session: Session,
    programme: values.Programme,
    existing: Existing,
    report: ImportReport,
    actor: Actor,
    now: datetime,
) -> None:
    """Add new screenings and bring known ones to the files, as far as sales and staff changes allow."""
    rows = {row.code: row for row in session.scalars(select(models.Screening)).unique()}
    making = _Making(PlaceMaker(session), actor, now)
    refused = {hall for hall, what, _, _ in report.conflicts if what == PLAN}
    for screening in programme.screenings:
        said = _said(programme, screening)
        row = rows.pop(screening.code, None)
        if row is not None and screening.hall in refused and row.imported["hall"] == screening.hall:
            # The hall's conflict says it: the plan stays, and nothing is to be done here.
            said["plan"] = row.imported.get("plan")
        if row is None:
            _add(session, screening, said, existing, making, report)
            report.added += 1
        elif said != row.imported:
            _change(session, _Known(row, said, screening), existing, making, report)
    for code in sorted(rows):
        report.conflicts.append((code, "screening", "kept", "not in the files"))


@dataclass(frozen=True)
class _Known:
    row: models.Screening
    said: dict[str, Any]
    screening: values.Screening


@dataclass(frozen=True)
class _Making:
    places: PlaceMaker
    actor: Actor
    now: datetime


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
    making: _Making,
    report: ImportReport,
) -> None:
    hall = existing.halls[screening.hall]
    row = models.Screening(
        code=screening.code,
        hall_id=hall.id,
        layout=1,
        capacity=hall.capacity,
        public_places=screening.public_places,
        imported=said,
        **_columns(screening, existing),
    )
    session.add(row)
    session.flush()
    _set_films(session, row.id, screening, existing)
    _make_places(session, row, hall, making, report)


def _change(
    session: Session, known: _Known, existing: Existing, making: _Making, report: ImportReport
) -> None:
    row, said = known.row, known.said
    moved = {name for name, value in said.items() if row.imported.get(name) != value}
    blocked = _blocked(session, row, said, moved)
    for name in sorted(blocked):
        report.conflicts.append((row.code, name, str(row.imported.get(name)), str(said[name])))
    allowed = moved - blocked
    if not allowed:
        return
    before = (row.starts_at, row.hall_id)
    if "status" in allowed:
        _cancel_if_said(session, known, making)
    columns = _columns(known.screening, existing)
    for name in allowed:
        for column in _COLUMNS_OF.get(name, (name,)):
            if column in columns:
                setattr(row, column, columns[column])
    if "films" in allowed:
        _set_films(session, row.id, known.screening, existing)
        _mark_if_sold(session, known, making)
    if allowed & _PLACES_DEPEND_ON and not blocked & _PLACES_DEPEND_ON:
        _remake_places(session, known, existing, making, report)
    row.imported = {**row.imported, **{name: said[name] for name in allowed}}
    report.changed += 1
    session.flush()
    _tell_if_moved(session, row, *before, making.now)
    screening_changed(session, row.id, making.now)


def _blocked(session: Session, row: models.Screening, said: dict[str, Any], moved: set[str]) -> set[str]:
    """Return what of that which files change is left as it is, for what staff did or what is sold."""
    blocked = (_changed_by_staff(row) | _for_good(row, said)) & moved
    if moved & _PLACES_DEPEND_ON and (row.places_changed_at or is_touched(session, row.id)):
        blocked |= moved & _PLACES_DEPEND_ON
    if "price_list" in moved and is_touched(session, row.id):
        blocked.add("price_list")
    if said["status"] == row.status:
        # Staff and files say the same.
        blocked.discard("status")
    return blocked


def _tell_if_moved(
    session: Session, row: models.Screening, was_at: datetime, was_hall: int, now: datetime
) -> None:
    """Let those who have tickets hear of another time or hall."""
    if (row.starts_at, row.hall_id) != (was_at, was_hall):
        move = ScreeningMoved(row.id, new_id(now).hex, was_at.isoformat(), was_hall)
        emit(session, move, now)


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


def _cancel_if_said(session: Session, known: _Known, making: _Making) -> None:
    """Cancel a screening that files call cancelled as the desk does."""
    if known.said["status"] == ScreeningStatus.CANCELLED and known.row.cancelled_at is None:
        cancel_screening(session, known.row.code, _FROM_FILES, making.actor, making.now)


def _mark_if_sold(session: Session, known: _Known, making: _Making) -> None:
    """Let those who bought other films than these have their money back; their order does not matter."""
    row = known.row
    is_other = set(known.said["films"]) != set(row.imported["films"])
    is_to_come = row.status != ScreeningStatus.CANCELLED and making.now < row.starts_at
    if is_other and is_to_come and is_sold(session, row.id):
        film_changed(session, row, _FROM_FILES, making.actor, making.now)


def _for_good(row: models.Screening, said: dict[str, Any]) -> set[str]:
    """Return the status of a cancelled screening that files want shown after all: its tickets go back."""
    if row.cancelled_at is None or said["status"] == ScreeningStatus.CANCELLED:
        return set()
    return {"status"}


def _set_films(session: Session, screening_id: int, screening: values.Screening, existing: Existing) -> None:
    session.execute(delete(models.ScreeningFilm).where(models.ScreeningFilm.screening_id == screening_id))
    session.add_all(
        models.ScreeningFilm(screening_id=screening_id, film_id=existing.films[code].id, position=position)
        for position, code in enumerate(screening.films)
    )
    session.flush()


def _remake_places(
    session: Session, known: _Known, existing: Existing, making: _Making, report: ImportReport
) -> None:
    """Make the places of a screening anew on which nobody has a claim."""
    row = known.row
    session.execute(delete(Place).where(Place.screening_id == row.id))
    session.execute(delete(Allocation).where(Allocation.screening_id == row.id))
    hall = existing.halls[known.screening.hall]
    row.hall_id = hall.id
    row.public_places = known.screening.public_places
    session.flush()
    _make_places(session, row, hall, making, report)


def _make_places(
    session: Session, row: models.Screening, hall: models.Hall, making: _Making, report: ImportReport
) -> None:
    """Make places of the newest version of the hall's plan that the screening's prices can sell."""
    known = [] if hall.seating != Seating.RESERVED else versions(session, hall.id)
    row.plan_id, row.capacity = None, hall.capacity
    for plan in known:
        missing = making.places.unpriced(row, plan.id)
        if missing:
            said = f"no price for {', '.join(missing)}"
            report.conflicts.append((row.code, PLAN, f"version {plan.version}", said))
        if not missing or plan is known[-1]:
            row.plan_id, row.capacity = plan.id, len(making.places.plan(plan.id).seats)
            break
    session.flush()
    making.places.make(row, making.now)

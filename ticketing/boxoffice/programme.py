"""Applying a programme to the database: all or nothing, again and again, without touching what is sold.

The files never reverse a staff change: what staff changed since the last import stays, and the report
lists it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ticketing.boxoffice.programme_plans import PLAN, HallPlan, judge_plan, take_plan
from ticketing.boxoffice.programme_screenings import Existing, ImportReport, apply_screenings
from ticketing.catalogue import models
from ticketing.catalogue.programme import values
from ticketing.catalogue.programme.tax import format_tax
from ticketing.catalogue.revision import bump
from ticketing.foundation.actor import Actor
from ticketing.foundation.db import Base
from ticketing.staff.audit import Deed, record

# What of the festival's row staff may set on their page of refund rules.
_REFUND_POLICY = {"refund_until_hours", "refund_fee_percent"}

Row = TypeVar("Row", bound=Base)


@dataclass
class _Sync:
    """Brings the rows of one table to the files' values, by code, and counts."""

    session: Session
    report: ImportReport
    now: datetime

    def bring(self, model: type[Row], code: str, wanted: dict[str, Any]) -> Row:
        row = self.session.scalars(select(model).where(model.code == code)).unique().one_or_none()  # type: ignore[attr-defined]
        if row is None:
            row = model(code=code, **wanted)
            self.session.add(row)
            self.report.added += 1
        elif changed := {name for name, value in wanted.items() if getattr(row, name) != value}:
            for name in changed:
                setattr(row, name, wanted[name])
            self.report.changed += 1
        self.session.flush()
        return row


def apply_programme(
    session: Session, programme: values.Programme, actor: Actor, now: datetime
) -> ImportReport:
    """Bring the database to a programme; return what changed, and the conflicts that were left."""
    report = ImportReport()
    sync = _Sync(session, report, now)
    _apply_festival(session, programme.festival, report)
    sections = {
        s.code: sync.bring(
            models.ProgrammeSection,
            s.code,
            {"name": s.name, "short": s.short, "competition": s.competition, "position": n},
        ).id
        for n, s in enumerate(programme.sections)
    }
    venues = {
        v.code: sync.bring(
            models.Venue,
            v.code,
            {"name": v.name, "address": v.address, "transfer_minutes": v.transfer_minutes},
        ).id
        for v in programme.venues
    }
    halls = {h.code: _apply_hall(sync, programme, h, venues, n) for n, h in enumerate(programme.halls)}
    films = {f.code: _apply_film(sync, f) for f in programme.films}
    price_lists = {p.code: _apply_prices(sync, p) for p in programme.price_lists}
    existing = Existing(sections=sections, halls=halls, films=films, price_lists=price_lists)
    apply_screenings(session, programme, existing, report, actor, now)
    after = {"added": report.added, "changed": report.changed, "conflicts": len(report.conflicts)}
    if report.added or report.changed:
        bump(session)
        record(
            session,
            actor,
            Deed(action="import_programme", object_kind="festival", object_id="1", after=after),
            now,
        )
    return report


def _apply_festival(session: Session, festival: values.Festival, report: ImportReport) -> None:
    names = {field.name for field in fields(values.Festival)} - {"tax", "languages"}
    wanted: dict[str, Any] = {name: getattr(festival, name) for name in names}
    wanted |= {
        "tax": format_tax(festival.tax),
        "languages": list(festival.languages),
        "ticket_code": str(festival.ticket_code),
    }
    row = session.get(models.Festival, 1)
    if row is None:
        session.add(models.Festival(id=1, **wanted))
        report.added += 1
    elif changed := {name for name, value in wanted.items() if getattr(row, name) != value}:
        for name in sorted(changed & _set_by_staff(row)):
            # Files never take back what staff have set since.
            report.conflicts.append((row.code, name, str(getattr(row, name)), str(wanted[name])))
            changed.remove(name)
        for name in changed:
            setattr(row, name, wanted[name])
        report.changed += bool(changed)
    session.flush()


def _set_by_staff(row: models.Festival) -> set[str]:
    policy = _REFUND_POLICY if row.refund_changed_at else set[str]()
    return policy | ({"ticket_code"} if row.ticket_code_changed_at else set[str]())


def _apply_hall(
    sync: _Sync, programme: values.Programme, hall: values.Hall, venues: dict[str, int], position: int
) -> models.Hall:
    plan = programme.plan_of(hall)
    known = sync.session.scalars(select(models.Hall).where(models.Hall.code == hall.code)).one_or_none()
    judged = HallPlan(kept={}) if known is None else judge_plan(sync.session, known, plan)
    row = sync.bring(
        models.Hall,
        hall.code,
        {
            "venue_id": venues[hall.venue],
            "name": hall.name,
            "seating": str(hall.seating),
            "capacity": hall.capacity,
            "plan_path": hall.plan,
            "position": position,
            **judged.kept,
        },
    )
    if judged.conflict is not None:
        sync.report.conflicts.append((hall.code, PLAN, *judged.conflict))
    elif plan is not None:
        take_plan(sync.session, row.id, plan, sync.now)
    return row


def _apply_film(sync: _Sync, film: values.Film) -> models.Film:
    return sync.bring(
        models.Film,
        film.code,
        {
            "title": film.title,
            "title_original": film.title_original,
            "year": film.year,
            "countries": list(film.countries),
            "directors": film.directors,
            "runtime_minutes": film.runtime_minutes,
            "age_rating": str(film.age_rating),
            "fictional": film.fictional,
            "motif": str(film.motif or ""),
            "note": film.note,
        },
    )


def _apply_prices(sync: _Sync, prices: values.PriceList) -> models.PriceList:
    added = sync.report.added
    row = sync.bring(models.PriceList, prices.code, {})
    is_new = sync.report.added > added
    wanted = [(p.band, p.concession, p.amount_minor) for p in prices.prices]
    if [(p.band, p.concession, p.amount_minor) for p in _prices(sync.session, row.id)] != wanted:
        sync.session.execute(delete(models.Price).where(models.Price.price_list_id == row.id))
        sync.session.add_all(
            models.Price(
                price_list_id=row.id, band=band, concession=concession, amount_minor=minor, position=n
            )
            for n, (band, concession, minor) in enumerate(wanted)
        )
        sync.report.changed += not is_new
        sync.session.flush()
        sync.session.expire(row)
    return row


def _prices(session: Session, price_list_id: int) -> Sequence[models.Price]:
    query = (
        select(models.Price)
        .where(models.Price.price_list_id == price_list_id)
        .order_by(models.Price.position)
    )
    return session.scalars(query).all()

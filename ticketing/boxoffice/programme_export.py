"""The stored programme as a value again, for `programme export`."""

from dataclasses import fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.catalogue import models
from ticketing.catalogue.plan_queries import versions
from ticketing.catalogue.plans import SeatPlan, stored_plan
from ticketing.catalogue.posters import Motif
from ticketing.catalogue.programme import values
from ticketing.catalogue.programme.tax import parse_tax
from ticketing.catalogue.queries import all_halls, all_screenings, all_sections, the_festival


def stored_programme(session: Session) -> values.Programme:
    """Return what the database holds as a programme. Raises NotFoundError before one is imported."""
    festival = the_festival(session)
    zone = ZoneInfo(festival.time_zone)
    halls = all_halls(session)
    venues = session.scalars(select(models.Venue).order_by(models.Venue.id))
    films = session.scalars(select(models.Film).order_by(models.Film.id))
    price_lists = session.scalars(select(models.PriceList).order_by(models.PriceList.id)).unique()
    screenings = sorted(all_screenings(session, zone), key=lambda screening: screening.id)
    return values.Programme(
        festival=_festival(festival),
        sections=tuple(
            values.ProgrammeSection(code=s.code, name=s.name, short=s.short, competition=s.competition)
            for s in all_sections(session)
        ),
        venues=tuple(
            values.Venue(code=v.code, name=v.name, address=v.address, transfer_minutes=v.transfer_minutes)
            for v in venues
        ),
        halls=tuple(_hall(hall) for hall in halls),
        films=tuple(_film(film) for film in films),
        screenings=tuple(_screening(screening, zone) for screening in screenings),
        price_lists=tuple(_price_list(price_list) for price_list in price_lists),
        plans={hall.plan_path: _plan(session, hall) for hall in halls if hall.plan_path is not None},
    )


def _festival(row: models.Festival) -> values.Festival:
    names = {field.name for field in fields(values.Festival)} - {"tax", "languages", "ticket_code"}
    kept: dict[str, Any] = {name: getattr(row, name) for name in names}
    return values.Festival(
        tax=parse_tax(row.tax),
        languages=tuple(row.languages),
        ticket_code=values.TicketCodeKind(row.ticket_code),
        **kept,
    )


def _hall(row: models.Hall) -> values.Hall:
    return values.Hall(
        code=row.code,
        venue=row.venue.code,
        name=row.name,
        seating=values.Seating(row.seating),
        capacity=row.capacity,
        plan=row.plan_path,
    )


def _film(row: models.Film) -> values.Film:
    return values.Film(
        code=row.code,
        title_original=row.title_original,
        title=row.title,
        year=row.year,
        countries=tuple(row.countries),
        directors=row.directors,
        runtime_minutes=row.runtime_minutes,
        age_rating=values.AgeRating(row.age_rating),
        fictional=row.fictional,
        motif=Motif(row.motif) if row.motif else None,
        note=row.note,
    )


def _price_list(row: models.PriceList) -> values.PriceList:
    prices = tuple(
        values.Price(band=price.band, concession=price.concession, amount_minor=price.amount_minor)
        for price in row.prices
    )
    return values.PriceList(code=row.code, prices=prices)


def _plan(session: Session, hall: models.Hall) -> SeatPlan:
    row = versions(session, hall.id)[0]
    return stored_plan(row.source, row.seats)


def _screening(row: models.Screening, zone: ZoneInfo) -> values.Screening:
    """Return a screening as it stands now; what is derived from films stays blank, as in the files."""
    imported = row.imported
    starts_at: datetime = row.starts_at.astimezone(zone)
    title = imported["title"]
    return values.Screening(
        code=row.code,
        starts_at=starts_at,
        hall=row.hall.code,
        section=row.section.code,
        films=tuple(entry.film.code for entry in row.films),
        title=None if title is None else values.Words(**title),
        kind=values.ScreeningKind(row.kind),
        audience=values.Audience(row.audience),
        minutes=int((row.ends_at - row.starts_at).total_seconds() // 60),
        audio=tuple(row.audio),
        subtitles=tuple(row.subtitles),
        interpreting=tuple(row.interpreting),
        price_list=row.price_list.code,
        public_places=row.public_places,
        age_rating=values.AgeRating(imported["age_rating"]) if imported["age_rating"] else None,
        motif=Motif(imported["motif"]) if imported["motif"] else None,
        status=values.ScreeningStatus(row.status),
        note=row.note,
    )

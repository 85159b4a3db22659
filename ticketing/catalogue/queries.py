"""Reads of the catalogue."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Film, Hall, ProgrammeSection, Screening, ScreeningFilm, Venue
from ticketing.foundation.errors import NotFoundError


def the_festival(session: Session) -> Festival:
    """Return the edition that this database holds. Raises NotFoundError before a programme is imported."""
    festival = session.scalars(select(Festival)).one_or_none()
    if festival is None:
        raise NotFoundError
    return festival


def all_screenings(
    session: Session, zone: ZoneInfo, day: date | None = None, venue: str | None = None
) -> Sequence[Screening]:
    """Return the screenings of a day and a venue, or all, in the order of time."""
    query = select(Screening).order_by(Screening.starts_at, Screening.id)
    if day is not None:
        midnight = datetime.combine(day, time(), zone)
        query = query.where(
            Screening.starts_at >= midnight, Screening.starts_at < midnight + timedelta(days=1)
        )
    if venue is not None:
        query = query.join(Hall).join(Venue).where(Venue.code == venue)
    return session.scalars(query).unique().all()


def screening_by_code(session: Session, code: str) -> Screening:
    """Return a screening. Raises NotFoundError."""
    screening = session.scalars(select(Screening).where(Screening.code == code)).unique().one_or_none()
    if screening is None:
        raise NotFoundError
    return screening


def screenings_by_ids(session: Session, ids: Collection[int]) -> dict[int, Screening]:
    """Return screenings by their ids."""
    query = select(Screening).where(Screening.id.in_(ids))
    return {screening.id: screening for screening in session.scalars(query).unique()}


def screenings_by_codes(session: Session, codes: Collection[str]) -> Sequence[Screening]:
    """Return the screenings of these codes in the order of time; codes of no screening are left out."""
    query = select(Screening).where(Screening.code.in_(codes)).order_by(Screening.starts_at, Screening.id)
    return session.scalars(query).unique().all()


def poster_of(session: Session, code: str) -> tuple[str, str]:
    """Return the section and the motif of the poster of a film, or of a screening. Raises NotFoundError.

    A film's section is that of its first screening; a film that is not shown yet has none.
    """
    film = session.execute(
        select(Film.motif, ProgrammeSection.code)
        .outerjoin(ScreeningFilm, ScreeningFilm.film_id == Film.id)
        .outerjoin(Screening, Screening.id == ScreeningFilm.screening_id)
        .outerjoin(ProgrammeSection, ProgrammeSection.id == Screening.section_id)
        .where(Film.code == code)
        .order_by(Screening.starts_at, Screening.id)
    ).first()
    found = (
        film
        or session.execute(
            select(Screening.motif, ProgrammeSection.code)
            .join(ProgrammeSection, ProgrammeSection.id == Screening.section_id)
            .where(Screening.code == code)
        ).first()
    )
    if found is None:
        raise NotFoundError
    return found[1] or "", found[0]


def film_by_code(session: Session, code: str) -> Film:
    """Return a film. Raises NotFoundError."""
    film = session.scalars(select(Film).where(Film.code == code)).one_or_none()
    if film is None:
        raise NotFoundError
    return film


def screenings_of_film(session: Session, film_id: int) -> Sequence[Screening]:
    """Return when a film is shown."""
    query = (
        select(Screening)
        .join(ScreeningFilm, ScreeningFilm.screening_id == Screening.id)
        .where(ScreeningFilm.film_id == film_id)
        .order_by(Screening.starts_at)
    )
    return session.scalars(query).unique().all()


def all_halls(session: Session) -> Sequence[Hall]:
    """Return the halls in the programme's order."""
    return session.scalars(select(Hall).order_by(Hall.position)).unique().all()


def all_sections(session: Session) -> Sequence[ProgrammeSection]:
    """Return the sections in the programme's order."""
    return session.scalars(select(ProgrammeSection).order_by(ProgrammeSection.position)).all()

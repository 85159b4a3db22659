"""Tables of the catalogue: the festival, its venues and halls, films, screenings, prices."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    TextClause,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ticketing.catalogue.programme.values import Words
from ticketing.foundation.db import Base, MinorUnits, UtcDateTime

NAME = 200
CODE = 40
_REFUND_LIMITS = "refund_until_hours >= 0 AND refund_fee_percent BETWEEN 0 AND 100 AND refund_fee_minor >= 0"
# A screening has a policy of its own, or none of it.
_REFUND_WHOLE = (
    "(refund_self_service IS NULL) = (refund_until_hours IS NULL)"
    " AND (refund_self_service IS NULL) = (refund_fee_percent IS NULL)"
    " AND (refund_self_service IS NULL) = (refund_fee_minor IS NULL)"
)


def _where(condition: TextClause) -> dict[str, Any]:
    return {"postgresql_where": condition, "sqlite_where": condition}


class WordsType(TypeDecorator[Words]):
    """A text in the three languages, kept as one JSON object."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Words | None, dialect: Dialect) -> dict[str, str] | None:
        """Keep the three texts under their languages."""
        del dialect
        return None if value is None else {"kk": value.kk, "ru": value.ru, "en": value.en}

    def process_result_value(self, value: Any, dialect: Dialect) -> Words | None:
        """Give the texts back."""
        del dialect
        return None if value is None else Words(kk=value["kk"], ru=value["ru"], en=value["en"])


class Festival(Base):
    """One row: the edition that this database holds, and its settings."""

    __tablename__ = "festival"
    __table_args__ = (
        CheckConstraint("id = 1", name="single"),
        CheckConstraint(_REFUND_LIMITS, name="refund_policy"),
        CheckConstraint("comps_per_day >= 0", name="comps_per_day"),
        CheckConstraint("manager_comps_per_day >= 0", name="manager_comps_per_day"),
        CheckConstraint("guarantee_minutes BETWEEN -120 AND 120", name="guarantee_minutes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(CODE))
    edition: Mapped[int]
    name: Mapped[Words] = mapped_column(WordsType)
    short: Mapped[Words] = mapped_column(WordsType)
    city: Mapped[Words] = mapped_column(WordsType)
    first_day: Mapped[date]
    last_day: Mapped[date]
    time_zone: Mapped[str] = mapped_column(String(64))
    currency: Mapped[str] = mapped_column(String(3))
    languages: Mapped[list[str]] = mapped_column(JSON)
    organiser: Mapped[str] = mapped_column(String(NAME))
    organiser_bin: Mapped[str] = mapped_column(String(12))
    support_email: Mapped[str] = mapped_column(String(NAME))
    support_phone: Mapped[str] = mapped_column(String(32))
    tax: Mapped[str] = mapped_column(String(NAME))
    hold_minutes: Mapped[int]
    max_places_per_order: Mapped[int]
    # The refund policy (sales/refund_rules.py): may buyers return tickets themselves, until when, for what.
    refund_self_service: Mapped[bool] = mapped_column(default=True)
    # How many tickets an account of the box office may give away in a day; set by managers, not by files.
    comps_per_day: Mapped[int] = mapped_column(default=20)
    # The same for managers; none: as many as they like.
    manager_comps_per_day: Mapped[int | None]
    refund_until_hours: Mapped[int]
    refund_fee_percent: Mapped[int]
    refund_fee_minor: Mapped[MinorUnits] = mapped_column(default=0)
    # When staff last set the policy: from then on the programme's files leave it alone.
    refund_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    doors_open_minutes: Mapped[int]
    doors_close_minutes: Mapped[int]
    release_minutes: Mapped[int]
    accessible_release_hours: Mapped[int]
    # When tickets that nobody has entered with stop guaranteeing a place: minutes after the start, before it
    # if negative; None: never by itself. Set by managers, not by files (catalogue/guarantee.py).
    guarantee_minutes: Mapped[int | None]
    # Which kind of code new tickets get, and when staff last said so: files leave it alone from then on.
    ticket_code: Mapped[str] = mapped_column(String(16))
    ticket_code_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    terms_version: Mapped[str] = mapped_column(String(32))
    # Counts the changes of the catalogue; see catalogue/revision.py.
    revision: Mapped[int] = mapped_column(default=0)


class Venue(Base):
    """A building."""

    __tablename__ = "venue"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(CODE), unique=True)
    name: Mapped[Words] = mapped_column(WordsType)
    address: Mapped[Words] = mapped_column(WordsType)
    transfer_minutes: Mapped[int]


class SeatPlan(Base):
    """One version of a hall's plan; screenings that were sold keep the version that they were sold on.

    `seats` has what the plan's own format cannot say: kind and pair by guid, as JSON. A hall has at most one
    draft, which no screening uses; a published version never changes.
    """

    __tablename__ = "seat_plan"
    __table_args__ = (
        UniqueConstraint("hall_id", "version"),
        Index("uq_seat_plan_sha256", "hall_id", "sha256", unique=True, **_where(text("NOT draft"))),
        Index("uq_seat_plan_draft", "hall_id", unique=True, **_where(text("draft"))),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    # 1, 2, 3 … of the hall, in the order in which they were made.
    version: Mapped[int]
    draft: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Made on staff's plan page; the files of a programme never replace such a plan.
    by_staff: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(String(NAME))
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    source: Mapped[str] = mapped_column(Text)
    seats: Mapped[str] = mapped_column(Text)


class Hall(Base):
    """One auditorium in a venue."""

    __tablename__ = "hall"
    __table_args__ = (CheckConstraint("seating IN ('reserved', 'general')", name="seating"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(CODE), unique=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    name: Mapped[Words] = mapped_column(WordsType)
    seating: Mapped[str] = mapped_column(String(16))
    capacity: Mapped[int]
    # Where the plan stands beside the programme's tables; the plan itself is in seat_plan.
    plan_path: Mapped[str | None] = mapped_column(String(NAME))
    position: Mapped[int]

    venue: Mapped[Venue] = relationship(lazy="joined")


class ProgrammeSection(Base):
    """A section of the programme; its colour belongs to its code."""

    __tablename__ = "programme_section"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(CODE), unique=True)
    name: Mapped[Words] = mapped_column(WordsType)
    short: Mapped[Words] = mapped_column(WordsType)
    competition: Mapped[bool]
    position: Mapped[int]


class Film(Base):
    """A work."""

    __tablename__ = "film"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(CODE), unique=True)
    title: Mapped[Words] = mapped_column(WordsType)
    title_original: Mapped[str] = mapped_column(String(NAME))
    year: Mapped[int]
    countries: Mapped[list[str]] = mapped_column(JSON)
    directors: Mapped[str] = mapped_column(String(NAME))
    runtime_minutes: Mapped[int]
    age_rating: Mapped[str] = mapped_column(String(4))
    fictional: Mapped[bool]
    motif: Mapped[str] = mapped_column(String(CODE))
    note: Mapped[str] = mapped_column(String(500))


class PriceList(Base):
    """Prices by band and concession, under a name."""

    __tablename__ = "price_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(CODE), unique=True)

    prices: Mapped[list["Price"]] = relationship(lazy="selectin", order_by="Price.position")


class Price(Base):
    """What one band costs one concession. An empty band is every band."""

    __tablename__ = "price"
    __table_args__ = (
        UniqueConstraint("price_list_id", "band", "concession"),
        CheckConstraint("amount_minor >= 0", name="not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    price_list_id: Mapped[int] = mapped_column(ForeignKey("price_list.id"))
    band: Mapped[str] = mapped_column(String(NAME))
    concession: Mapped[str] = mapped_column(String(CODE))
    amount_minor: Mapped[MinorUnits]
    position: Mapped[int]


class ScreeningFilm(Base):
    """The films of a screening, in order."""

    __tablename__ = "screening_film"

    screening_id: Mapped[int] = mapped_column(ForeignKey("screening.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    film_id: Mapped[int] = mapped_column(ForeignKey("film.id"), index=True)

    film: Mapped[Film] = relationship(lazy="joined")


class Screening(Base):
    """One dated showing. Its id is the screening number of signed ticket codes."""

    __tablename__ = "screening"
    __table_args__ = (
        CheckConstraint("status IN ('scheduled', 'on_sale', 'closed', 'cancelled')", name="status"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("max_places_per_order > 0 AND max_places_per_buyer > 0", name="limits_allow_one"),
        CheckConstraint(_REFUND_WHOLE, name="refund_policy_whole"),
        CheckConstraint(_REFUND_LIMITS, name="refund_policy"),
        CheckConstraint("(cancelled_at IS NULL) = (cancelled_by IS NULL)", name="cancelled_by_somebody"),
        CheckConstraint("guarantee IN ('festival', 'own', 'always')", name="guarantee"),
        CheckConstraint(
            "(guarantee = 'own') = (guarantee_minutes IS NOT NULL)"
            " AND (guarantee_minutes IS NULL OR guarantee_minutes BETWEEN -120 AND 120)",
            name="guarantee_minutes",
        ),
        Index("ix_screening_starts_at", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(CODE), unique=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    layout: Mapped[int] = mapped_column(default=1)
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("seat_plan.id"))
    section_id: Mapped[int] = mapped_column(ForeignKey("programme_section.id"))
    price_list_id: Mapped[int] = mapped_column(ForeignKey("price_list.id"))
    title: Mapped[Words] = mapped_column(WordsType)
    kind: Mapped[str] = mapped_column(String(16))
    audience: Mapped[str] = mapped_column(String(16))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sales_close_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    audio: Mapped[list[str]] = mapped_column(JSON)
    subtitles: Mapped[list[str]] = mapped_column(JSON)
    interpreting: Mapped[list[str]] = mapped_column(JSON)
    capacity: Mapped[int]
    public_places: Mapped[int | None]
    # None: the festival's limit; no limit.
    max_places_per_order: Mapped[int | None]
    max_places_per_buyer: Mapped[int | None]
    # Until when wheelchair spaces are kept for those who ask. None: the festival's hours before the start.
    accessible_release_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Until when a ticket guarantees its place: as the festival says, its own minutes, or always.
    guarantee: Mapped[str] = mapped_column(String(8), default="festival")
    guarantee_minutes: Mapped[int | None]
    # When staff last set places aside or gave them back: from then on files leave the places alone.
    places_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The screening's own refund policy, or None for the festival's.
    refund_self_service: Mapped[bool | None]
    refund_until_hours: Mapped[int | None]
    refund_fee_percent: Mapped[int | None]
    refund_fee_minor: Mapped[MinorUnits | None]
    # Since when another film plays than the one that was sold: tickets go back in full.
    film_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When staff cancelled it: from then on the worker refunds whatever ticket of it is valid.
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_by: Mapped[str | None] = mapped_column(String(NAME))
    age_rating: Mapped[str] = mapped_column(String(4))
    motif: Mapped[str] = mapped_column(String(CODE))
    status: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(500))
    # What the last import said of it: tells what staff have changed since from what the files change.
    imported: Mapped[dict[str, Any]] = mapped_column(JSON)

    hall: Mapped[Hall] = relationship(lazy="joined")
    section: Mapped[ProgrammeSection] = relationship(lazy="joined")
    price_list: Mapped[PriceList] = relationship(lazy="joined")
    plan: Mapped[SeatPlan | None] = relationship(lazy="select")
    films: Mapped[list[ScreeningFilm]] = relationship(lazy="selectin", order_by=ScreeningFilm.position)

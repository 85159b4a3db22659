"""A festival's programme as a value: what the files say, typed and checked, before anything is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from ticketing.catalogue.plans import SeatPlan
from ticketing.catalogue.posters import Motif
from ticketing.catalogue.programme.tax import TaxRate


class Seating(StrEnum):
    """Numbered seats of a plan, or so many places without numbers."""

    RESERVED = "reserved"
    GENERAL = "general"


class ScreeningKind(StrEnum):
    """What takes place."""

    FILM = "film"
    CEREMONY = "ceremony"
    MASTERCLASS = "masterclass"
    BUSINESS = "business"
    PRESS = "press"
    JURY = "jury"


class Audience(StrEnum):
    """Whom a screening is for."""

    PUBLIC = "public"
    INVITATION = "invitation"
    PRESS = "press"
    JURY = "jury"
    MARKET = "market"


class ScreeningStatus(StrEnum):
    """How a screening stands towards sale."""

    SCHEDULED = "scheduled"
    ON_SALE = "on_sale"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class TicketCodeKind(StrEnum):
    """How the edition's ticket codes are made."""

    OPAQUE = "opaque"
    SIGNED = "signed"


class AgeRating(StrEnum):
    """The age ratings of Kazakhstan's law on culture; the first is spelled with a minus sign."""

    UNDER_6 = "6−"
    FROM_6 = "6+"
    FROM_12 = "12+"
    FROM_14 = "14+"
    FROM_16 = "16+"
    FROM_18 = "18+"
    FROM_21 = "21+"


@dataclass(frozen=True, kw_only=True)
class Words:
    """One text in Kazakh, Russian and English."""

    kk: str
    ru: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Festival:
    """The edition and its policies. `refund_fee_percent` is of the price; other units are in the names."""

    code: str
    edition: int
    name: Words
    short: Words
    city: Words
    first_day: date
    last_day: date
    time_zone: str
    currency: str
    languages: tuple[str, ...]
    organiser: str
    organiser_bin: str
    support_email: str
    support_phone: str
    tax: tuple[TaxRate, ...]
    hold_minutes: int
    max_places_per_order: int
    refund_until_hours: int
    refund_fee_percent: int
    doors_open_minutes: int
    doors_close_minutes: int
    release_minutes: int
    accessible_release_hours: int
    ticket_code: TicketCodeKind
    terms_version: str


@dataclass(frozen=True, kw_only=True)
class ProgrammeSection:
    """A part of the programme; its colour belongs to its code."""

    code: str
    name: Words
    short: Words
    competition: bool


@dataclass(frozen=True, kw_only=True)
class Venue:
    """A building. `transfer_minutes` is the way from the festival's main venue."""

    code: str
    name: Words
    address: Words
    transfer_minutes: int


@dataclass(frozen=True, kw_only=True)
class Hall:
    """One auditorium. `plan` is the key of its seat plan in the programme; only reserved halls have one."""

    code: str
    venue: str
    name: Words
    seating: Seating
    capacity: int
    plan: str | None


@dataclass(frozen=True, kw_only=True)
class Film:
    """A work. `directors` is one text as printed; `countries` are ISO 3166 codes."""

    code: str
    title_original: str
    title: Words
    year: int
    countries: tuple[str, ...]
    directors: str
    runtime_minutes: int
    age_rating: AgeRating
    fictional: bool
    motif: Motif | None
    note: str


@dataclass(frozen=True, kw_only=True)
class Price:
    """What a place costs, in minor units. An empty band means every band."""

    band: str
    concession: str
    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class PriceList:
    """Prices under one name, in the order of the file."""

    code: str
    prices: tuple[Price, ...]

    def concessions_of(self, band: str) -> frozenset[str]:
        """Return who has a price in that band, its own or that of every band."""
        return frozenset(price.concession for price in self.prices if price.band in {band, ""})


@dataclass(frozen=True, kw_only=True)
class Screening:
    """One dated showing. `starts_at` is aware, in the festival's zone; `public_places` None means all."""

    code: str
    starts_at: datetime
    hall: str
    section: str
    films: tuple[str, ...]
    title: Words | None
    kind: ScreeningKind
    audience: Audience
    minutes: int
    audio: tuple[str, ...]
    subtitles: tuple[str, ...]
    interpreting: tuple[str, ...]
    price_list: str
    public_places: int | None
    age_rating: AgeRating | None
    motif: Motif | None
    status: ScreeningStatus
    note: str

    @property
    def ends_at(self) -> datetime:
        """Return the end, as a wall clock in the festival's zone shows it."""
        zone = self.starts_at.tzinfo
        # Through UTC, because adding to a local time would ignore a change of the clocks in between.
        return (self.starts_at.astimezone(UTC) + timedelta(minutes=self.minutes)).astimezone(zone)


@dataclass(frozen=True, kw_only=True)
class Programme:
    """All of it, in the order of the files. `plans` is keyed by the plan's path, `plans/hall-1.json`."""

    festival: Festival
    sections: tuple[ProgrammeSection, ...]
    venues: tuple[Venue, ...]
    halls: tuple[Hall, ...]
    films: tuple[Film, ...]
    screenings: tuple[Screening, ...]
    price_lists: tuple[PriceList, ...]
    plans: Mapping[str, SeatPlan]

    def plan_of(self, hall: Hall) -> SeatPlan | None:
        """Return the hall's seat plan; None for a hall without numbers."""
        return None if hall.plan is None else self.plans[hall.plan]

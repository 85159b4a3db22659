"""The columns of every table, and the settings of `festival`; CSV files and sheets have the same."""

from collections.abc import Mapping

FESTIVAL = "festival"
SECTIONS = "sections"
VENUES = "venues"
HALLS = "halls"
FILMS = "films"
SCREENINGS = "screenings"
PRICES = "prices"

LANGUAGES = ("kk", "ru", "en")
FESTIVAL_COLUMNS = ("key", "value")
SEATS_COLUMNS = ("seat_guid", "kind", "pair_with")


def _in_languages(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}_{language}" for language in LANGUAGES)


TABLE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    FESTIVAL: FESTIVAL_COLUMNS,
    SECTIONS: ("code", *_in_languages("name"), *_in_languages("short"), "competition"),
    VENUES: ("code", *_in_languages("name"), *_in_languages("address"), "transfer_minutes_from_esentai"),
    HALLS: ("code", "venue", *_in_languages("name"), "seating", "capacity", "plan"),
    FILMS: (
        "code",
        "title_original",
        *_in_languages("title"),
        "year",
        "countries",
        "directors",
        "runtime_min",
        "age_rating",
        "fictional",
        "motif",
        "note",
    ),
    SCREENINGS: (
        "code",
        "starts_at",
        "hall",
        "section",
        "films",
        *_in_languages("title"),
        "kind",
        "audience",
        "minutes",
        "audio",
        "subtitles",
        "interpreting",
        "price_list",
        "public_places",
        "age_rating",
        "motif",
        "status",
        "note",
    ),
    PRICES: ("price_list", "band", "concession", "amount_kzt"),
}

FESTIVAL_KEYS = (
    "code",
    "edition",
    *_in_languages("name"),
    *_in_languages("short"),
    *_in_languages("city"),
    "first_day",
    "last_day",
    "time_zone",
    "currency",
    "languages",
    "organiser",
    "organiser_bin",
    "support_email",
    "support_phone",
    "tax",
    "hold_minutes",
    "max_places_per_order",
    "refund_until_hours",
    "refund_fee_percent",
    "doors_open_minutes",
    "doors_close_minutes",
    "release_minutes",
    "accessible_release_hours",
    "ticket_code",
    "terms_version",
)


def sidecar_of(plan: str) -> str:
    """Return the path of the seats file that stands beside a plan: `plans/a.json` has `plans/a.seats.csv`."""
    return plan.removesuffix(".json") + ".seats.csv"

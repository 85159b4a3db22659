"""The settings of the edition, from the keys and values of `festival`."""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ticketing.catalogue.programme.cells import RowReader
from ticketing.catalogue.programme.faults import FaultCode, FaultLog
from ticketing.catalogue.programme.layout import LANGUAGES
from ticketing.catalogue.programme.tables import Record
from ticketing.catalogue.programme.tax import TaxRate, parse_tax
from ticketing.catalogue.programme.values import Festival, TicketCodeKind

# The column `amount_kzt` and the shop's "₸" know no other.
CURRENCIES = ("KZT",)
_HOUR = 60
_MONTH_OF_HOURS = 31 * 24


def read_festival(record: Record, log: FaultLog) -> Festival | None:
    """Return the edition's settings, or None once their faults are recorded."""
    reader = RowReader(record, log)
    festival = Festival(
        code=reader.code("code"),
        edition=reader.whole("edition", 1, 1000),
        name=reader.words("name"),
        short=reader.words("short"),
        city=reader.words("city"),
        first_day=reader.day("first_day"),
        last_day=reader.day("last_day"),
        time_zone=_read_time_zone(reader),
        currency=_read_currency(reader),
        languages=_read_languages(reader),
        organiser=reader.text("organiser"),
        organiser_bin=reader.matching("organiser_bin", r"[0-9]{12}", "a number of 12 figures"),
        support_email=reader.matching("support_email", r"[^@\s]+@[^@\s]+\.[^@\s]+", "a mail address"),
        support_phone=reader.matching("support_phone", r"\+[0-9]{8,15}", "a number such as +77270000000"),
        tax=_read_tax(reader),
        hold_minutes=reader.whole("hold_minutes", 1, _HOUR),
        max_places_per_order=reader.whole("max_places_per_order", 1, 100),
        refund_until_hours=reader.whole("refund_until_hours", 0, _MONTH_OF_HOURS),
        refund_fee_percent=reader.whole("refund_fee_percent", 0, 100),
        doors_open_minutes=reader.whole("doors_open_minutes", 0, 4 * _HOUR),
        doors_close_minutes=reader.whole("doors_close_minutes", 0, 4 * _HOUR),
        release_minutes=reader.whole("release_minutes", 0, 4 * _HOUR),
        accessible_release_hours=reader.whole("accessible_release_hours", 0, _MONTH_OF_HOURS),
        ticket_code=reader.choice("ticket_code", TicketCodeKind),
        terms_version=reader.text("terms_version", limit=32),
    )
    if not reader.failed and festival.last_day < festival.first_day:
        reader.fault(
            "last_day",
            FaultCode.LAST_DAY_BEFORE_FIRST,
            first=festival.first_day.isoformat(),
            last=festival.last_day.isoformat(),
        )
    return None if reader.failed else festival


def zone_of(festival: Festival | None) -> tzinfo:
    """Return the festival's zone; without a festival any will do, since nothing comes of the reading then."""
    return UTC if festival is None else ZoneInfo(festival.time_zone)


def _read_time_zone(reader: RowReader) -> str:
    name = reader.text("time_zone", limit=64)
    try:
        ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        reader.fault("time_zone", FaultCode.UNKNOWN_TIME_ZONE, value=name)
    return name


def _read_currency(reader: RowReader) -> str:
    currency = reader.text("currency")
    if currency and currency not in CURRENCIES:
        reader.fault("currency", FaultCode.UNKNOWN_CHOICE, value=currency, known=", ".join(CURRENCIES))
    return currency


def _read_languages(reader: RowReader) -> tuple[str, ...]:
    reader.text("languages")
    return reader.items("languages", "|".join(LANGUAGES), f"one of {', '.join(LANGUAGES)}")


def _read_tax(reader: RowReader) -> tuple[TaxRate, ...]:
    text = reader.optional_text("tax")
    try:
        return parse_tax(text)
    except ValueError:
        reader.fault("tax", FaultCode.BAD_TAX, value=text)
        return ()

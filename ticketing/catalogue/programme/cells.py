"""Typed reading of one record's cells.

A cell that cannot be read records its fault and yields a stand-in value; `failed` then tells the caller
to throw the whole row away, so that no stand-in ever leaves this package.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from ticketing.catalogue.programme.faults import FaultCode, FaultLog
from ticketing.catalogue.programme.layout import LANGUAGES
from ticketing.catalogue.programme.tables import Record
from ticketing.catalogue.programme.values import Words
from ticketing.foundation.money import MINOR_PER_MAJOR

# As wide as the columns that keep the texts.
MAX_TEXT = 200
MAX_NOTE = 500
MAX_AMOUNT = 10_000_000
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]00:00(?::00)?)?")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::00)?")
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,2})?")
# A year outside these is a slip of the finger, and sums of dates stay within the calendar.
_FIRST_YEAR, _LAST_YEAR = 2000, 2099
_SOME_DAY = date(2000, 1, 1)

Choice = TypeVar("Choice", bound=StrEnum)


class RowReader:
    """Reads one record, noting in `failed` whether any cell was wrong."""

    def __init__(self, record: Record, log: FaultLog) -> None:
        self.record = record
        self.failed = False
        self._log = log

    def fault(self, column: str, code: FaultCode, **params: str | int) -> None:
        """Record a fault of one cell."""
        self.failed = True
        row, place = self.record.places[column]
        self._log.add(self.record.file, code, row=row, column=place, params=params)

    def optional_text(self, column: str, limit: int = MAX_TEXT) -> str:
        """Return the text, "" for an empty cell."""
        value = self.record.cells[column]
        if value is None:
            self.failed = True
            return ""
        if len(value) > limit:
            self.fault(column, FaultCode.TOO_LONG, length=len(value), limit=limit)
        return value

    def text(self, column: str, limit: int = MAX_TEXT) -> str:
        """Return the text, which must not be empty."""
        value = self.optional_text(column, limit)
        if not value and self.record.cells[column] is not None:
            self.fault(column, FaultCode.MISSING_VALUE)
        return value

    def words(self, prefix: str) -> Words:
        """Return the text in the three languages, none of them empty."""
        return Words(kk=self.text(f"{prefix}_kk"), ru=self.text(f"{prefix}_ru"), en=self.text(f"{prefix}_en"))

    def words_or(self, prefix: str, other: str) -> Words:
        """Return the text in the three languages, and `other` where there is none in one of them."""
        kk, ru, en = (self.optional_text(f"{prefix}_{language}") or other for language in LANGUAGES)
        return Words(kk=kk, ru=ru, en=en)

    def optional_words(self, prefix: str) -> Words | None:
        """Return the text in the three languages, or None when all three are empty."""
        if any(self.record.cells[f"{prefix}_{language}"] != "" for language in LANGUAGES):
            return self.words(prefix)
        return None

    def matching(self, column: str, pattern: str, expected: str, limit: int = MAX_TEXT) -> str:
        """Return a text of a given form; `expected` says it in words."""
        value = self.text(column, limit)
        if value and not re.fullmatch(pattern, value):
            self.fault(column, FaultCode.BAD_FORMAT, value=value, expected=expected)
        return value

    def code(self, column: str) -> str:
        """Return a code: small Latin letters, figures and hyphens, at most 40 characters."""
        value = self.text(column)
        if value and not _CODE.fullmatch(value):
            self.fault(column, FaultCode.BAD_CODE, value=value)
        return value

    def codes(self, column: str) -> tuple[str, ...]:
        """Return codes separated by semicolons; none for an empty cell."""
        return self.items(column, _CODE.pattern, "a code")

    def items(self, column: str, pattern: str, expected: str) -> tuple[str, ...]:
        """Return the parts of a list separated by semicolons, each of a given form and none twice."""
        value = self.optional_text(column)
        parts = [part.strip() for part in value.split(";")] if value else []
        for index, part in enumerate(parts):
            if not re.fullmatch(pattern, part):
                self.fault(column, FaultCode.BAD_LIST_ITEM, value=part, expected=expected)
            elif part in parts[:index]:
                self.fault(column, FaultCode.DUPLICATE_LIST_ITEM, value=part)
        return tuple(parts)

    def whole(self, column: str, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`."""
        value = self.text(column)
        if not value:
            return low
        if not _WHOLE.fullmatch(value):
            self.fault(column, FaultCode.BAD_NUMBER, value=value)
            return low
        if not low <= int(value) <= high:
            self.fault(column, FaultCode.OUT_OF_RANGE, value=value, low=low, high=high)
        return int(value)

    def optional_whole(self, column: str, low: int, high: int) -> int | None:
        """Return a whole number from `low` to `high`, None for an empty cell."""
        return None if self.record.cells[column] == "" else self.whole(column, low, high)

    def amount(self, column: str) -> int:
        """Return an amount of money in minor units."""
        value = self.text(column)
        if not value:
            return 0
        if not _AMOUNT.fullmatch(value) or Decimal(value) > MAX_AMOUNT:
            self.fault(column, FaultCode.BAD_AMOUNT, value=value, high=MAX_AMOUNT)
            return 0
        return int(Decimal(value) * MINOR_PER_MAJOR)

    def day(self, column: str) -> date:
        """Return a date."""
        value = self.text(column)
        match = _DATE.fullmatch(value)
        day = _real(match[1]) if match else None
        if day is None:
            if value:
                self.fault(column, FaultCode.BAD_DATE, value=value)
            return _SOME_DAY
        return day.date()

    def local_time(self, column: str, zone: tzinfo) -> datetime:
        """Return the moment at which clocks in `zone` show the time; of an hour shown twice, the first."""
        value = self.text(column)
        moment = _real(value) if _TIME.fullmatch(value) else None
        if moment is None:
            if value:
                self.fault(column, FaultCode.BAD_TIME, value=value)
            return datetime(_FIRST_YEAR, 1, 1, tzinfo=zone)
        local = moment.replace(tzinfo=zone)
        if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
            self.fault(column, FaultCode.NO_SUCH_LOCAL_TIME, value=value, time_zone=str(zone))
        return local

    def choice(self, column: str, choices: type[Choice]) -> Choice:
        """Return one of the values of an enumeration."""
        value = self.text(column)
        if value not in set(choices):
            if value:
                self.fault(column, FaultCode.UNKNOWN_CHOICE, value=value, known=", ".join(choices))
            return next(iter(choices))
        return choices(value)

    def optional_choice(self, column: str, choices: type[Choice]) -> Choice | None:
        """Return one of the values of an enumeration, None for an empty cell."""
        return None if self.record.cells[column] == "" else self.choice(column, choices)

    def yes_no(self, column: str) -> bool:
        """Return True for yes and False for no."""
        value = self.text(column)
        if value and value not in {"yes", "no"}:
            self.fault(column, FaultCode.UNKNOWN_CHOICE, value=value, known="yes, no")
        return value == "yes"


def first_rows(records: Sequence[Record], column: str, log: FaultLog) -> dict[str, int]:
    """Return where each code stands first, recording those that come again."""
    rows: dict[str, int] = {}
    for record in records:
        value = record.cells[column]
        if not value:
            continue
        first = rows.setdefault(value, record.row)
        if first != record.row:
            params: dict[str, str | int] = {"value": value, "first": first}
            log.add(record.file, FaultCode.DUPLICATE_CODE, row=record.row, column=column, params=params)
    return rows


def _real(text: str) -> datetime | None:
    """Return the moment that the text names, None for a 31st of February or a year far away."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None

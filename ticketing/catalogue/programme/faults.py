"""What can be wrong with programme files, and how it is said to the person who mends them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ticketing.catalogue.plan_json import PlanError, PlanFaultCode
from ticketing.foundation.errors import DomainError

# Long enough to recognise a value, short enough for one line.
_SHOWN_CHARACTERS = 80


class FaultCode(StrEnum):
    """The faults of tables. Those of plans are `PlanFaultCode`."""

    MISSING_FILE = "missing_file"
    MISSING_PLAN = "missing_plan"
    UNREADABLE_FILE = "unreadable_file"
    NOT_A_PROGRAMME = "not_a_programme"
    TOO_LARGE = "too_large"
    TOO_LARGE_UNPACKED = "too_large_unpacked"
    NOT_UTF8 = "not_utf8"
    MALFORMED_CSV = "malformed_csv"
    DAMAGED_WORKBOOK = "damaged_workbook"
    MISSING_SHEET = "missing_sheet"
    TOO_MANY_ROWS = "too_many_rows"
    NO_HEADER = "no_header"
    WRONG_SEPARATOR = "wrong_separator"
    MISSING_COLUMN = "missing_column"
    UNKNOWN_COLUMN = "unknown_column"
    DUPLICATE_COLUMN = "duplicate_column"
    TOO_MANY_FIELDS = "too_many_fields"
    MISSING_KEY = "missing_key"
    UNKNOWN_KEY = "unknown_key"
    DUPLICATE_KEY = "duplicate_key"
    FORMULA = "formula"
    ERROR_VALUE = "error_value"
    CONTROL_CHARACTER = "control_character"
    TOO_LONG = "too_long"
    MISSING_VALUE = "missing_value"
    BAD_CODE = "bad_code"
    BAD_NUMBER = "bad_number"
    OUT_OF_RANGE = "out_of_range"
    BAD_AMOUNT = "bad_amount"
    BAD_DATE = "bad_date"
    BAD_TIME = "bad_time"
    NO_SUCH_LOCAL_TIME = "no_such_local_time"
    UNKNOWN_CHOICE = "unknown_choice"
    BAD_LIST_ITEM = "bad_list_item"
    DUPLICATE_LIST_ITEM = "duplicate_list_item"
    BAD_FORMAT = "bad_format"
    UNKNOWN_TIME_ZONE = "unknown_time_zone"
    BAD_TAX = "bad_tax"
    DUPLICATE_CODE = "duplicate_code"
    UNKNOWN_REFERENCE = "unknown_reference"
    LAST_DAY_BEFORE_FIRST = "last_day_before_first"
    OUTSIDE_FESTIVAL = "outside_festival"
    OVERLAP = "overlap"
    PLAN_REQUIRED = "plan_required"
    PLAN_UNEXPECTED = "plan_unexpected"
    PLAN_PATH = "plan_path"
    CAPACITY_DIFFERS = "capacity_differs"
    TOO_MANY_PUBLIC_PLACES = "too_many_public_places"
    PRICE_MISSING = "price_missing"
    ADULT_PRICE_MISSING = "adult_price_missing"
    UNKNOWN_SEAT = "unknown_seat"
    PAIR_REQUIRED = "pair_required"
    PAIR_UNEXPECTED = "pair_unexpected"
    PAIR_NOT_MUTUAL = "pair_not_mutual"
    PAIR_KINDS = "pair_kinds"


# Plain English for the command line; {…} are the fault's parameters.
MESSAGES: Mapping[str, str] = {
    FaultCode.MISSING_FILE: "the file is missing",
    FaultCode.MISSING_PLAN: "there is no file '{value}' beside the tables",
    FaultCode.UNREADABLE_FILE: "the file cannot be read",
    FaultCode.NOT_A_PROGRAMME: "this is neither a folder of CSV files nor an .xlsx workbook",
    FaultCode.TOO_LARGE: "the file has {bytes} bytes; at most {limit} are read",
    FaultCode.TOO_LARGE_UNPACKED: "unpacked the workbook has {bytes} bytes; at most {limit} are read",
    FaultCode.NOT_UTF8: "the text is not UTF-8; save the file as 'CSV UTF-8'",
    FaultCode.MALFORMED_CSV: "this is not well-formed CSV ({reason})",
    FaultCode.DAMAGED_WORKBOOK: "the workbook cannot be read; save it again as .xlsx",
    FaultCode.MISSING_SHEET: "the workbook has no sheet '{sheet}'",
    FaultCode.TOO_MANY_ROWS: "the table has more than {limit} rows",
    FaultCode.NO_HEADER: "the first row must hold the names of the columns",
    FaultCode.WRONG_SEPARATOR: "the columns are separated by semicolons; save the file with commas",
    FaultCode.MISSING_COLUMN: "the column is missing",
    FaultCode.UNKNOWN_COLUMN: "there is no such column here; known are {known}",
    FaultCode.DUPLICATE_COLUMN: "the column is there twice",
    FaultCode.TOO_MANY_FIELDS: "'{value}' stands beyond the last column",
    FaultCode.MISSING_KEY: "the setting '{key}' is missing",
    FaultCode.UNKNOWN_KEY: "there is no setting '{key}'",
    FaultCode.DUPLICATE_KEY: "the setting '{key}' is there already, in row {first}",
    FaultCode.FORMULA: "this looks like a formula; write the value itself",
    FaultCode.ERROR_VALUE: "the cell holds the spreadsheet error '{value}'",
    FaultCode.CONTROL_CHARACTER: "the cell holds a line break or another character that cannot be printed",
    FaultCode.TOO_LONG: "the text has {length} characters; at most {limit} fit",
    FaultCode.MISSING_VALUE: "a value is missing",
    FaultCode.BAD_CODE: "'{value}' is not a code: small letters a to z, figures and hyphens, at most 40",
    FaultCode.BAD_NUMBER: "'{value}' is not a whole number",
    FaultCode.OUT_OF_RANGE: "{value} is not between {low} and {high}",
    FaultCode.BAD_AMOUNT: "'{value}' is not an amount from 0 to {high} with at most two decimals",
    FaultCode.BAD_DATE: "'{value}' is not a date; write it as 2024-11-24",
    FaultCode.BAD_TIME: "'{value}' is not a time; write it as 2024-11-24T18:30",
    FaultCode.NO_SUCH_LOCAL_TIME: "the clocks skip '{value}' in {time_zone}",
    FaultCode.UNKNOWN_CHOICE: "'{value}' is not one of {known}",
    FaultCode.BAD_LIST_ITEM: "'{value}' is not {expected}; separate several with semicolons",
    FaultCode.DUPLICATE_LIST_ITEM: "'{value}' is in the list twice",
    FaultCode.BAD_FORMAT: "'{value}' is not {expected}",
    FaultCode.UNKNOWN_TIME_ZONE: "there is no time zone '{value}'; write it as Asia/Almaty",
    FaultCode.BAD_TAX: "'{value}' is not a list of rates such as vat:12:2024-01-01, days rising",
    FaultCode.DUPLICATE_CODE: "'{value}' is there already, in row {first}",
    FaultCode.UNKNOWN_REFERENCE: "there is no {what} '{value}' in {where}",
    FaultCode.LAST_DAY_BEFORE_FIRST: "the festival ends on {last}, before it begins on {first}",
    FaultCode.OUTSIDE_FESTIVAL: "{day} is not a day of the festival, which lasts from {first} to {last}",
    FaultCode.OVERLAP: "the hall is taken until {until} by screening '{other}' (row {row})",
    FaultCode.PLAN_REQUIRED: "a hall with reserved seating needs a plan",
    FaultCode.PLAN_UNEXPECTED: "a hall with general seating has no plan",
    FaultCode.PLAN_PATH: "'{value}' is not a path such as plans/hall-1.json inside the programme's folder",
    FaultCode.CAPACITY_DIFFERS: "the capacity is {capacity}, but {plan} has {seats} seats",
    FaultCode.TOO_MANY_PUBLIC_PLACES: "{value} public places are more than the hall's {capacity}",
    FaultCode.PRICE_MISSING: "the price list '{price_list}' has no price for band '{band}' in '{hall}'",
    FaultCode.ADULT_PRICE_MISSING: (
        "the price list '{price_list}' has several prices for band '{band}' in '{hall}', but none for adults"
    ),
    FaultCode.UNKNOWN_SEAT: "there is no seat '{value}' in {plan}",
    FaultCode.PAIR_REQUIRED: "a {kind} seat needs the other seat of its pair",
    FaultCode.PAIR_UNEXPECTED: "a {kind} seat has no pair",
    FaultCode.PAIR_NOT_MUTUAL: "'{value}' does not name '{seat}' as its pair",
    FaultCode.PAIR_KINDS: "a {kind} seat cannot be paired with the {other} seat '{value}'",
    PlanFaultCode.NOT_JSON: "this is not JSON (line {line})",
    PlanFaultCode.NOT_AN_OBJECT: "an object was expected here",
    PlanFaultCode.NOT_A_LIST: "a list was expected here",
    PlanFaultCode.NOT_A_TEXT: "a text was expected here",
    PlanFaultCode.NOT_A_NUMBER: "a number within the drawing was expected here",
    PlanFaultCode.NOT_YES_NO: "true or false was expected here",
    PlanFaultCode.MISSING: "a value is missing",
    PlanFaultCode.TOO_LONG: "the text has more than {limit} characters",
    PlanFaultCode.BAD_CHARACTER: "the text holds a character that cannot be printed",
    PlanFaultCode.UNKNOWN_BAND: "there is no category '{band}' in the plan's categories",
    PlanFaultCode.UNKNOWN_CHOICE: "'{value}' is not one of the values that the format knows here",
    PlanFaultCode.DUPLICATE_GUID: "the seat_guid '{guid}' is there already, at {first}",
    PlanFaultCode.NO_SEATS: "the plan has no seats",
    PlanFaultCode.TOO_MANY_SEATS: "the plan has more than {limit} seats",
    PlanFaultCode.TOO_MANY_AREAS: "the plan has more than {limit} areas",
}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault. `row` is the spreadsheet's (the header is row 1); `column` is a name, or a path in JSON.

    Both are None where the whole file is meant. `file` names a sheet as `programme.xlsx, sheet halls`.
    """

    file: str
    row: int | None = None
    column: str | None = None
    code: FaultCode | PlanFaultCode
    params: Mapping[str, str | int] = field(default_factory=dict)


class ProgrammeError(DomainError):
    """The programme was refused; `faults` holds all that is wrong with it, ordered by file and row."""

    code = "programme_invalid"
    status = 422

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.file, fault.row or 0)))
        super().__init__(faults=self.faults)

    def __str__(self) -> str:
        """Give one line a fault."""
        return "\n".join(describe(fault) for fault in self.faults)


def describe(fault: Fault) -> str:
    """Return the fault in plain English: where it is, then what is wrong."""
    place = fault.file
    if fault.row is not None:
        place += f", row {fault.row}"
    if fault.column is not None:
        place += f", {'at' if isinstance(fault.code, PlanFaultCode) else 'column'} {_shown(fault.column)}"
    params = {name: _shown(value) for name, value in fault.params.items()}
    return f"{place}: {MESSAGES[fault.code].format(**params)}"


def _shown(value: str | int) -> str:
    """Return a value from a file so that it can do no harm in a terminal or a log."""
    text = str(value)
    if len(text) > _SHOWN_CHARACTERS:
        text = text[:_SHOWN_CHARACTERS] + "…"
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)


class FaultLog:
    """Collects faults, so that one reading of the files finds them all."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(
        self,
        file: str,
        code: FaultCode,
        *,
        row: int | None = None,
        column: str | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> None:
        """Record a fault of a table."""
        self.faults.append(Fault(file=file, row=row, column=column, code=code, params=params or {}))

    def add_plan(self, file: str, error: PlanError) -> None:
        """Record every fault of a plan, each with its path in the JSON."""
        for fault in error.faults:
            self.faults.append(Fault(file=file, column=fault.path, code=fault.code, params=fault.params))

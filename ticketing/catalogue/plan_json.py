"""Reading a plan's JSON by path: every wrong value becomes a fault that names where it stands.

A reader goes on after a fault with a stand-in value, so that one pass finds all faults; whoever reads must
look at the faults before using what was read.
"""

import json
import math
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ticketing.foundation.errors import DomainError

# Far beyond any drawing, near enough that sums and SVG stay exact.
MAX_COORDINATE = 1_000_000
# As wide as pretix's own columns, and ours.
MAX_NAME = 190
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class PlanFaultCode(StrEnum):
    """What can be wrong with a plan."""

    NOT_JSON = "plan_not_json"
    NOT_AN_OBJECT = "plan_not_an_object"
    NOT_A_LIST = "plan_not_a_list"
    NOT_A_TEXT = "plan_not_a_text"
    NOT_A_NUMBER = "plan_not_a_number"
    NOT_YES_NO = "plan_not_yes_no"
    MISSING = "plan_missing_value"
    TOO_LONG = "plan_text_too_long"
    BAD_CHARACTER = "plan_bad_character"
    UNKNOWN_BAND = "plan_unknown_band"
    UNKNOWN_CHOICE = "plan_unknown_choice"
    DUPLICATE_GUID = "plan_duplicate_seat_guid"
    NO_SEATS = "plan_no_seats"
    TOO_MANY_SEATS = "plan_too_many_seats"
    TOO_MANY_AREAS = "plan_too_many_areas"


@dataclass(frozen=True, kw_only=True)
class PlanFault:
    """One fault; `path` is the place in the file, such as `zones[0].rows[3].seats[5].category`."""

    path: str
    code: PlanFaultCode
    params: Mapping[str, str | int] = field(default_factory=dict)


class PlanError(DomainError):
    """The plan cannot be used; `faults` holds every reason, in the order of the file."""

    code = "plan_invalid"
    status = 422

    def __init__(self, faults: tuple[PlanFault, ...]) -> None:
        super().__init__(faults=faults)
        self.faults = faults

    def __str__(self) -> str:
        """Name the faults, for logs."""
        return "; ".join(f"{fault.path}: {fault.code}" for fault in self.faults)


def load(source: str) -> "Node":
    """Return the top of the document. Raises PlanError when the text is not JSON."""
    try:
        document = json.loads(source, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        fault = PlanFault(path="$", code=PlanFaultCode.NOT_JSON, params={"line": line})
        raise PlanError((fault,)) from None
    return Node(value=document, path="", faults=[])


def canonical(document: object) -> str:
    """Return the one spelling of a document: keys sorted, no spaces, letters as themselves."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _refuse_constant(name: str) -> float:
    """Refuse NaN and Infinity, which Python reads and JSON does not have."""
    message = f"{name} is not JSON"
    raise ValueError(message)


def _finite(digits: str) -> float:
    """Refuse numbers such as 1e999, which Python would read as infinite."""
    number = float(digits)
    return number if math.isfinite(number) else _refuse_constant(digits)


@dataclass(frozen=True, kw_only=True)
class Node:
    """A value of the document with its path; `faults` is shared by all nodes of one document."""

    value: object
    path: str
    faults: list[PlanFault]

    def fault(self, code: PlanFaultCode, **params: str | int) -> None:
        """Record what is wrong with this value."""
        self.faults.append(PlanFault(path=self.path or "$", code=code, params=params))

    def has(self, key: str) -> bool:
        """Tell whether the object carries a value under `key`; null counts as none."""
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def child(self, key: str) -> "Node":
        """Return the value under `key`; null when there is none."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return Node(value=value, path=f"{self.path}.{key}" if self.path else key, faults=self.faults)

    def is_object(self) -> bool:
        """Tell whether this is an object, recording the fault if it is not."""
        if not isinstance(self.value, dict):
            self.fault(PlanFaultCode.NOT_AN_OBJECT)
        return isinstance(self.value, dict)

    def items(self, key: str, *, required: bool = True) -> list["Node"]:
        """Return the objects of the list under `key`; a wrong list or item is a fault and is left out."""
        place = self.child(key)
        if place.value is None:
            if required:
                place.fault(PlanFaultCode.MISSING)
            return []
        if not isinstance(place.value, list):
            place.fault(PlanFaultCode.NOT_A_LIST)
            return []
        nodes = [
            Node(value=value, path=f"{place.path}[{index}]", faults=self.faults)
            for index, value in enumerate(place.value)
        ]
        return [node for node in nodes if node.is_object()]

    def text(self, key: str, *, limit: int = MAX_NAME, required: bool = True) -> str:
        """Return the text under `key` as one line, at most `limit` characters; "" where missing or wrong.

        Blanks around it are cut off and control characters become blanks: both come of copying by hand.
        A text that is required may be empty.
        """
        words = _CONTROL.sub(" ", self._text(key, required=required)).strip()
        if len(words) > limit:
            self.child(key).fault(PlanFaultCode.TOO_LONG, limit=limit)
            return ""
        return words

    def lines(self, key: str, *, required: bool = False) -> str:
        """Return the text under `key`, of any length, with its line breaks."""
        lines = self._text(key, required=required).splitlines()
        return "\n".join(_CONTROL.sub(" ", line).strip() for line in lines).strip()

    def exact(self, key: str, *, limit: int = MAX_NAME) -> str:
        """Return the text under `key` as it stands: not empty, at most `limit` characters."""
        text = self._text(key, required=True)
        place = self.child(key)
        if place.value == "":
            place.fault(PlanFaultCode.MISSING)
        if _CONTROL.search(text):
            place.fault(PlanFaultCode.BAD_CHARACTER)
            return ""
        if len(text) > limit:
            place.fault(PlanFaultCode.TOO_LONG, limit=limit)
            return ""
        return text

    def choice(self, key: str, choices: Container[str]) -> str | None:
        """Return which of the known values stands under `key`; None where there is none."""
        value = self._text(key, required=False)
        if value in choices:
            return value
        place = self.child(key)
        if value == place.value:
            place.fault(PlanFaultCode.UNKNOWN_CHOICE, value=value)
        return None

    def yes_no(self, key: str) -> bool:
        """Return whether true stands under `key`."""
        place = self.child(key)
        if place.value is not None and not isinstance(place.value, bool):
            place.fault(PlanFaultCode.NOT_YES_NO)
        return place.value is True

    def check_texts(self, *keys: str) -> None:
        """Require that what stands under these keys, if anything, is text that can be kept."""
        for key in keys:
            self._text(key, required=False)

    def check_numbers(self, *keys: str) -> None:
        """Require that what stands under these keys, if anything, are numbers."""
        for key in keys:
            self.number(key, default=0)

    def number(self, key: str, *, default: float | None = None) -> float:
        """Return the number under `key`, at most MAX_COORDINATE from 0; required without a `default`."""
        place = self.child(key)
        if place.value is None:
            if default is None:
                place.fault(PlanFaultCode.MISSING)
            return default or 0.0
        value = place.value
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and -MAX_COORDINATE <= value <= MAX_COORDINATE:  # type: ignore[operator]
            return float(value)  # type: ignore[arg-type]
        place.fault(PlanFaultCode.NOT_A_NUMBER)
        return 0.0

    def point(self, key: str, *, required: bool = True) -> tuple[float, float]:
        """Return x and y of the object under `key`; the origin where none is required and none is there."""
        place = self.child(key)
        if place.value is None:
            if required:
                place.fault(PlanFaultCode.MISSING)
            return 0.0, 0.0
        if not place.is_object():
            return 0.0, 0.0
        return place.number("x"), place.number("y")

    def _text(self, key: str, *, required: bool) -> str:
        """Return the text under `key`, "" where it is missing or wrong."""
        place = self.child(key)
        if place.value is None:
            if required:
                place.fault(PlanFaultCode.MISSING)
            return ""
        if not isinstance(place.value, str):
            place.fault(PlanFaultCode.NOT_A_TEXT)
            return ""
        if _SURROGATE.search(place.value):
            place.fault(PlanFaultCode.BAD_CHARACTER)
            return ""
        return place.value

"""Reading the plan editor's forms: which seats, what to do with them, what to build."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import request

from ticketing.catalogue.plan_build import Block, build
from ticketing.catalogue.plan_drafts import Edit
from ticketing.catalogue.plan_edit import Count, name_rows, name_section, number_seats, remove_seats, set_band
from ticketing.catalogue.plan_errors import PlanFormError
from ticketing.catalogue.plan_json import MAX_NAME
from ticketing.catalogue.plan_kinds import KindChoice, set_kind
from ticketing.catalogue.plans import MAX_SEATS, SeatPlan
from ticketing.foundation.forms import form_line

MOST_ROWS, MOST_SEATS_IN_ROW, MOST_NUMBER, MOST_STEP = 200, 300, 9_999, 50
NEW_BAND = "+"
_DIGITS = 4


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A change that a form asks for, and how the audit trail tells of it."""

    edit: Edit
    what: Mapping[str, Any]


def chosen_numbers() -> frozenset[int]:
    """Return the marked seats by their numbers in the plan's order; what is no number is none of them."""
    texts = request.form.getlist("place")[:MAX_SEATS]
    return frozenset(int(text) for text in texts if _is_number(text))


def seat_change() -> Wanted:
    """Return what the form wants of the marked seats. Raises PlanFormError."""
    chosen = chosen_numbers()
    do = form_line("do")
    readers: Mapping[str, Callable[[], tuple[Callable[[SeatPlan, Collection[str]], SeatPlan], Any]]] = {
        "band": _band,
        "kind": _kind,
        "section": _section,
        "rows": _rows,
        "numbers": _numbers,
        "remove": lambda: (remove_seats, None),
    }
    if do not in readers:
        raise PlanFormError(field="do")
    change, value = readers[do]()

    def edit(plan: SeatPlan) -> SeatPlan:
        return change(plan, {seat.guid for seat in plan.seats if seat.ordinal in chosen})

    return Wanted(edit=edit, what={"change": do, "chosen": len(chosen), "value": value})


def new_block() -> Block:
    """Return the rows × seats that the form describes, in a new band. Raises PlanFormError."""
    return _block(_new_band())


def _block(band: str) -> Block:
    return Block(
        section=form_line("section", MAX_NAME),
        rows=_number("rows", 1, MOST_ROWS),
        seats=_number("seats", 1, MOST_SEATS_IN_ROW),
        first_row=_number("first_row", 0, MOST_NUMBER),
        seat_numbers=Count(
            first=_number("first_seat", 0, MOST_NUMBER), backwards=form_line("from") == "right"
        ),
        aisles=_aisles(),
        band=band,
    )


def block_change() -> Wanted:
    """Return the change that adds a block. Raises PlanFormError."""
    band_of = _band_field()
    block = _block("")
    what = {"change": "block", "section": block.section, "rows": block.rows, "seats_in_row": block.seats}
    return Wanted(edit=lambda plan: build(plan, plan.name, replace(block, band=band_of(plan))), what=what)


def _band() -> tuple[Callable[[SeatPlan, Collection[str]], SeatPlan], Any]:
    band_of = _band_field()
    return (lambda plan, chosen: set_band(plan, chosen, band_of(plan))), form_line("new_band", MAX_NAME)


def _kind() -> tuple[Callable[[SeatPlan, Collection[str]], SeatPlan], Any]:
    try:
        choice = KindChoice(form_line("kind"))
    except ValueError:
        raise PlanFormError(field="kind") from None
    return (lambda plan, chosen: set_kind(plan, chosen, choice)), str(choice)


def _section() -> tuple[Callable[[SeatPlan, Collection[str]], SeatPlan], Any]:
    name = form_line("section", MAX_NAME)
    return (lambda plan, chosen: name_section(plan, chosen, name)), name


def _rows() -> tuple[Callable[[SeatPlan, Collection[str]], SeatPlan], Any]:
    first = form_line("row", MAX_NAME)
    if not first:
        raise PlanFormError(field="row")
    count = Count(
        first=int(first) if _is_number(first) else 0,
        step=_number("row_step", 1, MOST_STEP),
        backwards=form_line("row_from") == "back",
    )
    return (lambda plan, chosen: name_rows(plan, chosen, first, count)), first


def _numbers() -> tuple[Callable[[SeatPlan, Collection[str]], SeatPlan], Any]:
    count = Count(
        first=_number("number", 0, MOST_NUMBER),
        step=_number("number_step", 1, MOST_STEP),
        backwards=form_line("number_from") == "right",
    )
    return (lambda plan, chosen: number_seats(plan, chosen, count)), count.first


def _band_field() -> Callable[[SeatPlan], str]:
    """Return what finds the band in a plan: a known one by its number there, or the name of a new one."""
    known = request.form.get("band", NEW_BAND)
    if known == NEW_BAND:
        name = _new_band()
        return lambda _plan: name
    if not _is_number(known):
        raise PlanFormError(field="band")

    def find(plan: SeatPlan) -> str:
        if int(known) >= len(plan.bands):
            raise PlanFormError(field="band")
        return plan.bands[int(known)]

    return find


def _new_band() -> str:
    name = form_line("new_band", MAX_NAME)
    if not name:
        raise PlanFormError(field="new_band")
    return name


def _aisles() -> frozenset[int]:
    """Return after which seats from the left there is an aisle: "6, 14"."""
    parts = [part.strip() for part in form_line("aisles").replace(";", ",").split(",")]
    if not all(_is_number(part) for part in parts if part):
        raise PlanFormError(field="aisles")
    return frozenset(int(part) for part in parts if part)


def _number(name: str, low: int, high: int) -> int:
    text = form_line(name)
    if not _is_number(text) or not low <= int(text) <= high:
        raise PlanFormError(field=name, low=low, high=high)
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _DIGITS

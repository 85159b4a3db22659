"""A hall as templates draw it: blocks of rows of seats on a plan's drawing. templates/_macros/hall.html."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from ticketing.catalogue.plan_drawing import Drawing


class HallSeat(NamedTuple):
    """A seat: `no` is its place in the plan's order, `value` what its checkbox sends.

    `icon` stands for the number; `pair` is the `no` of the sofa's other half, or of a wheelchair space's
    companion seat; `attributes` are the rest of the checkbox: its spoken name and its state.
    """

    no: int
    value: str
    number: str
    classes: str
    attributes: Markup
    icon: str | None = None
    pair: int | None = None


class HallLine(NamedTuple):
    """A row; `name` says its block too, where the hall has several."""

    no: int
    name: str
    block: str
    row: str
    seats: Sequence[HallSeat]


@dataclass(frozen=True, kw_only=True)
class HallView:
    """The whole hall; the plan's style sheet says where its seats stand."""

    drawing: Drawing
    lines: Sequence[HallLine]

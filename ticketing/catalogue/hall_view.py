"""A hall as templates draw it: blocks of rows of seats on a plan's drawing. templates/_macros/hall.html."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from markupsafe import Markup

from ticketing.catalogue.plan_drawing import Drawing


class Seat(Protocol):
    """What pages say of a seat: of a place of a screening, or of a plan that nobody sells by."""

    @property
    def place_no(self) -> int:
        """Its place in the plan's order."""

    @property
    def label(self) -> str:
        """What its checkbox sends."""

    @property
    def section(self) -> str:
        """Its block."""

    @property
    def row(self) -> str:
        """Its row."""

    @property
    def line(self) -> int:
        """The row's place in the plan's order."""

    @property
    def number(self) -> str:
        """Its number."""

    @property
    def band(self) -> str:
        """Its price band."""

    @property
    def kind(self) -> str:
        """What is special about it."""

    @property
    def pair_no(self) -> int | None:
        """The other half of its pair."""


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

"""What seats are: standard, sofas and wheelchair spaces by pairs of neighbours, restricted view. Pure."""

from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum

from ticketing.catalogue.plan_edit import without_pairs
from ticketing.catalogue.plan_errors import SeatsCannotPairError, SeatsNotChosenError
from ticketing.catalogue.plan_geometry import blocks_of
from ticketing.catalogue.plans import PlanSeat, SeatKind, SeatPlan, with_kinds

_PAIR = 2


class KindChoice(StrEnum):
    """What staff make of seats."""

    STANDARD = "standard"
    RESTRICTED_VIEW = "restricted_view"
    SOFA = "sofa"
    # Two neighbours each: the wheelchair space, and its companion seat on one side of it.
    COMPANION_RIGHT = "companion_right"
    COMPANION_LEFT = "companion_left"


def set_kind(plan: SeatPlan, chosen: Collection[str], choice: KindChoice) -> SeatPlan:
    """Make seats what they are.

    Raises SeatsNotChosenError, or SeatsCannotPairError if pairs are wanted of seats that are no neighbours.
    """
    seats = [seat for seat in plan.seats if seat.guid in chosen]
    if not seats:
        raise SeatsNotChosenError
    kinds = without_pairs(plan, chosen)
    if choice is KindChoice.RESTRICTED_VIEW:
        kinds |= {seat.guid: (SeatKind.RESTRICTED_VIEW, None) for seat in seats}
    elif choice is not KindChoice.STANDARD:
        for left, right in _pairs(plan, chosen):
            kind, other_kind = _kinds_of_pair(choice)
            kinds[left.guid] = (kind, right.guid)
            kinds[right.guid] = (other_kind, left.guid)
    standard = {seat.guid: (SeatKind.STANDARD, None) for seat in plan.seats}
    return with_kinds(plan, {**standard, **kinds})


def _kinds_of_pair(choice: KindChoice) -> tuple[SeatKind, SeatKind]:
    """Return the kinds of the left and the right seat."""
    if choice is KindChoice.SOFA:
        return SeatKind.SOFA, SeatKind.SOFA
    if choice is KindChoice.COMPANION_RIGHT:
        return SeatKind.WHEELCHAIR, SeatKind.COMPANION
    return SeatKind.COMPANION, SeatKind.WHEELCHAIR


def _pairs(plan: SeatPlan, chosen: Collection[str]) -> list[tuple[PlanSeat, PlanSeat]]:
    """Return the chosen seats by twos, the left one first."""
    runs = list(_runs(plan.seats, chosen))
    odd = [run[-1] for run in runs if len(run) % _PAIR]
    if odd:
        raise SeatsCannotPairError(seats=tuple((seat.section, seat.row, seat.number) for seat in odd))
    twos = [run[at : at + _PAIR] for run in runs for at in range(0, len(run), _PAIR)]
    return [(two[0], two[1]) if two[0].x <= two[1].x else (two[1], two[0]) for two in twos]


def _runs(seats: Sequence[PlanSeat], chosen: Collection[str]) -> Iterator[list[PlanSeat]]:
    """Return the chosen seats by stretches of neighbours; an aisle ends one."""
    run: list[PlanSeat] = []
    run_block = 0
    for seat, block in zip(seats, blocks_of(seats), strict=True):
        goes_on = seat.guid in chosen and block == run_block
        if run and not goes_on:
            yield run
            run = []
        if seat.guid in chosen:
            run.append(seat)
            run_block = block
        else:
            run_block = 0
    if run:
        yield run

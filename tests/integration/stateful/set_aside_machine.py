"""The rules of the state machine for staff who keep, release, withdraw and revive places."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.integration.stateful.door_machine import DoorMachine
from tests.integration.stateful.model import PLACES, Seat
from ticketing.foundation.actor import SYSTEM
from ticketing.inventory.allocations import AllocationKind, KeepRequest, keep, release
from ticketing.inventory.errors import PlacesTakenError
from ticketing.inventory.kills import kill, revive
from ticketing.inventory.staff_choice import StaffChoice

some_places = st.sampled_from(sorted(PLACES)).flatmap(
    lambda code: st.tuples(
        st.just(code), st.sets(st.sampled_from(PLACES[code]), min_size=1, max_size=3).map(sorted)
    )
)


class SetAsideMachine(DoorMachine):
    """What staff do with places; each deed is done whole or refused whole."""

    @rule(wanted=some_places)
    def staff_keep(self, wanted: tuple[str, list[str]]) -> None:
        code, labels = wanted
        request = KeepRequest(
            screening=code,
            choice=StaffChoice(labels=tuple(labels)),
            kind=AllocationKind.GUESTS,
            reason="delegation",
        )
        blocked = self.model.claimed(self.now) | self.model.killed
        if self._do(wanted, blocked, lambda session: keep(session, request, SYSTEM, self.now)):
            self.model.kept |= _seats(wanted)

    @rule(wanted=some_places)
    def staff_kill(self, wanted: tuple[str, list[str]]) -> None:
        blocked = self.model.claimed(self.now) | self.model.killed
        if self._do(wanted, blocked, self._deed(kill, wanted)):
            self.model.kept -= _seats(wanted)
            self.model.killed |= _seats(wanted)

    @precondition(lambda self: self.model.kept)
    @rule(data=st.data())
    def staff_release(self, data: st.DataObject) -> None:
        wanted = self._some_of(data, self.model.kept)
        assert self._do(wanted, set(), self._deed(release, wanted))
        self.model.kept -= _seats(wanted)

    @precondition(lambda self: self.model.killed)
    @rule(data=st.data())
    def staff_revive(self, data: st.DataObject) -> None:
        wanted = self._some_of(data, self.model.killed)
        assert self._do(wanted, set(), self._deed(revive, wanted))
        self.model.killed -= _seats(wanted)

    def _some_of(self, data: st.DataObject, seats: set[Seat]) -> tuple[str, list[str]]:
        code = data.draw(st.sampled_from(sorted({code for code, _ in seats})))
        labels = sorted(label for where, label in seats if where == code)
        return code, sorted(data.draw(st.sets(st.sampled_from(labels), min_size=1)))

    def _deed(self, deed: Callable[..., int], wanted: tuple[str, list[str]]) -> Callable[[Any], int]:
        code, labels = wanted
        choice = StaffChoice(labels=tuple(labels))
        return lambda session: deed(session, code, choice, "why", SYSTEM, self.now)

    def _do(self, wanted: tuple[str, list[str]], blocked: set[Seat], deed: Callable[[Any], object]) -> bool:
        """Do it; return whether it was done, which must be so unless a wanted seat is blocked."""
        refused = sorted(label for code, label in _seats(wanted) & blocked)
        if refused:
            with pytest.raises(PlacesTakenError) as caught:
                self._commit(deed)
            assert sorted(caught.value.params["places"]) == refused  # type: ignore[call-overload]
            return False
        self._commit(deed)
        return True

    def _commit(self, deed: Callable[[Any], object]) -> None:
        with self.house.database.transaction() as session:
            deed(session)


def _seats(wanted: tuple[str, list[str]]) -> set[Seat]:
    code, labels = wanted
    return {(code, label) for label in labels}

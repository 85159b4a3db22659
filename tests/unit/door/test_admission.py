"""Where the people of a ticket are follows from what was shown, not from the order in which it arrived."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ticketing.door.admission import Admission, Passage, derive, is_disagreement
from ticketing.door.rules import Direction

START = datetime(2024, 11, 25, 14, tzinfo=UTC)


def passage(number: int, minute: int, way: Direction = Direction.IN, device: int = 1) -> Passage:
    at = START + timedelta(minutes=minute)
    return Passage(scan=UUID(int=number), device=UUID(int=device), gate="A", at=at, direction=way)


ways = st.sampled_from((Direction.IN, Direction.IN, Direction.OUT))
histories = st.lists(st.tuples(st.integers(0, 5), ways), max_size=8).map(
    lambda some: [passage(n, minute, way) for n, (minute, way) in enumerate(some)]
)


def said(admission: Admission) -> object:
    doubles = [(later.scan, first.scan) for later, first in admission.doubles]
    return admission.entry, admission.inside, admission.left_at, doubles


@given(history=histories, seed=st.randoms())
def test_the_order_of_arrival_does_not_matter(history: list[Passage], seed: object) -> None:
    shuffled = list(history)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    assert said(derive(shuffled)) == said(derive(history))


@given(history=histories)
def test_every_entry_is_the_first_or_after_an_exit_or_a_double(history: list[Passage]) -> None:
    admission = derive(history)
    entries = sum(one.direction is Direction.IN for one in history)
    exits = len(history) - entries
    assert entries - len(admission.doubles) <= 1 + exits
    assert admission.inside <= bool(entries)
    assert (admission.entry is None) == (entries == 0)


def test_the_first_by_time_is_in_and_the_later_is_the_double() -> None:
    admission = derive([passage(1, 2, device=1), passage(2, 1, device=2)])
    assert admission.entry == passage(2, 1, device=2)
    assert [later.scan for later, _ in admission.doubles] == [UUID(int=1)]


def test_an_exit_lets_the_next_one_in() -> None:
    admission = derive([passage(1, 1), passage(2, 2, Direction.OUT), passage(3, 3)])
    assert (admission.entry, admission.inside, admission.doubles) == (passage(3, 3), True, [])


def test_a_way_out_alone_is_nobody_in() -> None:
    left_at = START + timedelta(minutes=1)
    only_out = Admission(entry=None, inside=False, left_at=left_at, doubles=[])
    assert derive([passage(1, 1, Direction.OUT)]) == only_out


def test_a_refusal_after_a_look_at_the_card_is_ordinary_an_entry_past_the_servers_no_is_not() -> None:
    assert not is_disagreement("admit", "ok_attention", "refuse", "ok_attention")
    assert not is_disagreement("admit", "ok", "refuse", "undo")
    assert is_disagreement("refuse", "too_early", "admit", "ok_attention")
    assert is_disagreement("refuse", "too_early", "admit", "ok")
    assert not is_disagreement("refuse", "already_in", "admit", "ok_attention")

"""When a key signs and how long phones know it, over time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ticketing.tickets.key_rules import (
    KNOWN_BEFORE,
    KeyLife,
    KeyState,
    is_published,
    signing_key,
    signs_from,
    state_of,
)

START = datetime(2024, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

hours = st.integers(-200, 200).map(lambda number: START + number * HOUR)
keys = st.lists(
    st.builds(
        KeyLife,
        number=st.integers(0, 15),
        signs_from=hours,
        retired_at=st.none() | hours,
        revoked_at=st.none() | hours,
        awaited=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda key: key.number,
)


def test_a_rotation_from_the_first_key_to_the_last_ticket() -> None:
    first = KeyLife(number=0, signs_from=signs_from([], START))
    assert first.signs_from == START
    second = KeyLife(number=1, signs_from=signs_from([first], START + HOUR))
    both = [first, second]
    assert second.signs_from == START + HOUR + KNOWN_BEFORE
    assert [state_of(key, both, START + HOUR) for key in both] == [KeyState.SIGNING, KeyState.NEXT]
    later = second.signs_from
    assert signing_key(both, later - timedelta(seconds=1)) == 0
    assert signing_key(both, later) == 1
    assert [state_of(key, both, later) for key in both] == [KeyState.EARLIER, KeyState.SIGNING]
    retired = KeyLife(number=0, signs_from=START, retired_at=later, awaited=True)
    assert is_published(retired)
    assert state_of(retired, [retired, second], later) is KeyState.RETIRED
    assert not is_published(KeyLife(number=0, signs_from=START, retired_at=later, awaited=False))


def test_a_leaked_key_counts_no_more_even_if_its_tickets_are_awaited() -> None:
    leaked = KeyLife(number=0, signs_from=START, revoked_at=START + HOUR, awaited=True)
    assert not is_published(leaked)
    assert state_of(leaked, [leaked], START + 2 * HOUR) is KeyState.REVOKED
    assert signing_key([leaked], START + 2 * HOUR) is None
    # Nobody signs, so the next one need not wait to be known.
    assert signs_from([leaked], START + 2 * HOUR) == START + 2 * HOUR


@given(keys=keys, now=hours)
def test_what_signs_is_published_began_and_has_not_ended(keys: list[KeyLife], now: datetime) -> None:
    number = signing_key(keys, now)
    signing = [key for key in keys if state_of(key, keys, now) is KeyState.SIGNING]
    assert [key.number for key in signing] == ([] if number is None else [number])
    for key in signing:
        assert is_published(key)
        assert key.signs_from <= now
        assert not key.has_ended


@given(keys=keys, now=hours)
def test_a_new_key_takes_over_when_it_may(keys: list[KeyLife], now: datetime) -> None:
    new = KeyLife(number=16, signs_from=signs_from(keys, now))
    assert (new.signs_from == now) == (signing_key(keys, now) is None)
    assert new.signs_from - now in (timedelta(), KNOWN_BEFORE)
    if new.signs_from == now:
        assert signing_key([*keys, new], now) == 16

"""Identifiers: they sort by time, and people can read them out."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ticketing.foundation.ids import (
    PAIRING_ALPHABET,
    PEOPLE_ALPHABET,
    new_id,
    new_order_code,
    new_pairing_code,
)

NOW = datetime(2024, 11, 20, tzinfo=UTC)


@given(st.integers(1, 10**9))
def test_ids_sort_by_their_millisecond(milliseconds: int) -> None:
    early, late = new_id(NOW), new_id(NOW + timedelta(milliseconds=milliseconds))
    assert early < late
    assert (early.version, early.variant) == (7, "specified in RFC 4122")
    assert early.int >> 80 == int(NOW.timestamp() * 1000)


def test_ids_of_one_moment_differ() -> None:
    assert len({new_id(NOW) for _ in range(1000)}) == 1000


def test_codes_for_people() -> None:
    for _ in range(200):
        code = new_order_code()
        assert (len(code), code[3]) == (8, "-")
        assert set(code) - {"-"} <= set(PEOPLE_ALPHABET)
        assert set(new_pairing_code()) <= set(PAIRING_ALPHABET)
    assert not set("0O1IL5S8B") & set(PEOPLE_ALPHABET)

"""The chain of a phone's log: the shared vectors, gaps, breaks and replays."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ticketing.door.chain import NOTHING_YET, Entry, Head, follow
from ticketing.door.merge import override_text

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "log.json").read_text(encoding="utf-8"))


def entry(sent: dict[str, Any]) -> Entry:
    return Entry(
        id=UUID(sent["id"]),
        seq=sent["seq"],
        code=sent["code"],
        screening=sent["screening"],
        direction=sent["direction"],
        gate=sent["gate"],
        at=datetime.fromisoformat(sent["at"]),
        offline=sent["offline"],
        verdict=sent.get("verdict") or "",
        reason=sent.get("reason") or "",
        override=override_text(sent.get("override")),
        prev=sent["prev"],
    )


def chain(length: int) -> list[Entry]:
    entries: list[Entry] = []
    for number in range(1, length + 1):
        sent = {
            "id": str(UUID(int=number)), "seq": number, "code": "K1", "screening": "s06", "direction": "in",
            "gate": "A", "at": datetime(2024, 11, 25, tzinfo=UTC).isoformat(), "offline": True,
            "prev": entries[-1].hash() if entries else "",
        }  # fmt: skip
        entries.append(entry(sent))
    return entries


def faults(head: Head, entries: list[Entry], *replays: UUID) -> list[tuple[str, int, int]]:
    return [(one.kind, one.expected, one.seq) for one in follow(head, entries, replays)[1]]


def test_entries_hash_as_the_phone_hashes_them() -> None:
    for one in VECTORS["entries"]:
        assert entry(one["entry"]).hash() == one["hash"]


@given(cuts=st.lists(st.integers(0, 12), max_size=3))
def test_a_whole_log_has_no_faults_however_it_is_cut(cuts: list[int]) -> None:
    entries, head, stored = chain(12), NOTHING_YET, list[UUID]()
    ends = [*sorted(cuts), 12]
    for start, end in zip([0, *ends], ends, strict=False):
        head, found = follow(head, entries[start:end], stored)
        assert found == []
        stored += [one.id for one in entries[start:end]]
    assert head == Head(12, entries[-1].hash())


@given(lost=st.integers(0, 10))
def test_a_missing_entry_is_a_gap_said_once(lost: int) -> None:
    entries = chain(12)
    assert faults(NOTHING_YET, entries[:lost] + entries[lost + 1 :]) == [("log_gap", lost + 1, lost + 2)]


def test_an_entry_that_was_changed_breaks_the_chain_behind_it() -> None:
    entries = chain(4)
    changed = VECTORS["entries"][0]["entry"] | {"seq": 2, "prev": entries[0].hash()}
    assert faults(NOTHING_YET, [entries[0], entry(changed), *entries[2:]]) == [("log_break", 3, 3)]


def test_replays_are_no_faults() -> None:
    entries = chain(5)
    head, _ = follow(NOTHING_YET, entries, [])
    assert follow(head, entries[1:4], [one.id for one in entries]) == (head, [])


def test_a_log_that_was_begun_anew_is_a_break() -> None:
    head, _ = follow(NOTHING_YET, chain(5), [])
    begun_anew = entry(VECTORS["entries"][0]["entry"])
    assert faults(head, [begun_anew]) == [("log_break", 6, 1)]

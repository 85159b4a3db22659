"""The columns of a whole festival are small enough for a phone on a bad network."""

import gzip
import hashlib
import json
from types import SimpleNamespace
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from ticketing.door.columns import Columns, _pack, digest_of

TICKETS, SCREENINGS = 30_000, 100
MOST_BYTES = 350 * 1024


def ticket(number: int, **more: Any) -> Any:
    row = {
        "code_hash": hashlib.sha256(str(number).encode()).digest(),
        "screening_id": number % SCREENINGS,
        "label": str(uuid5(NAMESPACE_OID, str(number))),  # as plans of other programs name their seats
        "band": "Центр" if number % 3 else "Партер",
        "section": "",
        "row": str(number // SCREENINGS // 24 + 1),
        "number": str(number // SCREENINGS % 24 + 1),
        "concession": "student" if number % 7 == 0 else "adult",
        "state": "valid",
        "void_reason": None,
        "revision": 1,
        "serial": number + 1,
        "admitted_at": None,
    }
    return SimpleNamespace(**row | more)


def packed(rows: list[Any], former: list[Any]) -> Columns:
    screenings: list[Any] = [
        SimpleNamespace(id=n, venue_id=1, fact=SimpleNamespace(code=f"s{n:03}")) for n in range(SCREENINGS)
    ]
    return _pack(rows, former, screenings, None)


def test_30000_tickets_are_350_kilobytes() -> None:
    columns = packed([ticket(n) for n in range(TICKETS)], [])
    raw = json.dumps([columns.tickets, columns.admissions], ensure_ascii=False, separators=(",", ":"))
    assert len(gzip.compress(raw.encode(), 6)) <= MOST_BYTES


def test_a_digest_is_of_what_the_last_row_of_a_code_says() -> None:
    """A reissue may end between the reading of tickets and of former codes: the code is then in both."""
    once = packed([ticket(1)], [ticket(2, state="void", void_reason="reissued")])
    twice = packed([ticket(1), ticket(2)], [ticket(2, state="void", void_reason="reissued")])
    assert digest_of(once) == digest_of(twice)
    assert digest_of(once) != digest_of(packed([ticket(1), ticket(2)], []))

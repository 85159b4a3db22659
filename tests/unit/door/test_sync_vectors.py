"""The shared vectors of syncing, run against the tests' own phone and the server's digest."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.held import Held
from ticketing.door.columns import Columns, digest_of
from ticketing.tickets.codes import digest

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "sync.json").read_text(encoding="utf-8"))


def test_a_code_is_known_by_the_first_bytes_of_its_digest() -> None:
    assert {code: digest(code)[:8].hex() for code in VECTORS["codes"]} == VECTORS["codes"]


def test_each_answer_is_followed() -> None:
    held = Held()
    for step in VECTORS["steps"]:
        held.apply(step["answer"])
        assert held.tickets == step["tickets"], step["name"]


@pytest.mark.parametrize("step", [one for one in VECTORS["steps"] if one["answer"]["full"]])
def test_the_digest_is_of_what_a_phone_holds(step: dict[str, Any]) -> None:
    answer = step["answer"]
    columns = Columns(tickets=answer["tickets"], admissions=answer["admissions"], screening_ids=frozenset())
    assert digest_of(columns) == step["digest"]

"""The shared vectors, run against the Python rule; tests/scanner runs the same against the scanner's."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ticketing.door.rules import (
    CapacityFact,
    Direction,
    Gate,
    Outcome,
    Reason,
    ScreeningFact,
    Snapshot,
    TicketFact,
    Verdict,
    judge,
    may_override,
)
from ticketing.tickets.codes import parse
from ticketing.tickets.signed_codes import Standing

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "verdict.json").read_text(encoding="utf-8"))
BASE = VECTORS["base"]
TIMES = ("starts_at", "doors_open", "doors_close", "admitted_at", "left_at", "since")
STATED_ELSEWHERE = {
    Reason.DEVICE_REVOKED,
    Reason.CLOCK_SKEW,
    Reason.STORAGE_FULL,
    Reason.CAMERA_LOST,
    Reason.UNDO,
    Reason.RELAYED,
}


def with_times(fact: dict[str, Any]) -> dict[str, Any]:
    return {
        key: datetime.fromisoformat(value) if key in TIMES and value else value for key, value in fact.items()
    }


def given(case: dict[str, Any], name: str) -> Any:
    """Lay the case's fact over the base's, key by key."""
    fact = case["given"].get(name, BASE[name])
    return {**BASE[name], **fact} if isinstance(fact, dict) and isinstance(BASE[name], dict) else fact


def answer(case: dict[str, Any]) -> Verdict:
    ticket, capacity = given(case, "ticket"), given(case, "capacity")
    return judge(
        code=parse(given(case, "code")),
        ticket=TicketFact(**with_times(ticket)) if ticket else None,
        gate=Gate(**given(case, "gate")),
        screenings={
            code: ScreeningFact(**with_times(fact)) for code, fact in given(case, "screenings").items()
        },
        at=datetime.fromisoformat(given(case, "at")),
        snapshot=Snapshot(**given(case, "snapshot")),
        direction=Direction(given(case, "direction")),
        capacity=CapacityFact(**capacity) if capacity else None,
        signature=Standing(signature) if (signature := given(case, "signature")) else None,
    )


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_verdict_of_the_shared_vector(case: dict[str, Any]) -> None:
    expected = with_times(case["expect"])
    assert answer(case) == Verdict(
        verdict=Outcome(expected.pop("verdict")),
        reason=Reason(expected.pop("reason")),
        attention=tuple(expected.pop("attention", ())),
        **expected,
    )


def test_vectors_cover_every_reason_that_the_rule_can_give() -> None:
    covered = {case["expect"]["reason"] for case in VECTORS["cases"]}
    assert covered == {reason.value for reason in Reason} - {reason.value for reason in STATED_ELSEWHERE}


def test_vectors_have_names_of_their_own() -> None:
    names = [case["name"] for case in VECTORS["cases"]]
    assert len(names) == len(set(names))


def test_what_a_supervisor_may_override() -> None:
    assert {str(reason): may_override(reason) for reason in Reason} == VECTORS["may_override"]

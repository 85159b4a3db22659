"""What must hold of the verdict whatever the facts are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

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
)
from ticketing.tickets.codes import CodeKind, ParsedCode
from ticketing.tickets.signed_codes import Standing

Situation = dict[str, Any]

START = datetime(2024, 11, 25, 14, 30, tzinfo=UTC)
VENUE_OF = {"esentai-1": "esentai", "esentai-2": "esentai", "arman-retro": "arman"}
TICKETED = {CodeKind.OPAQUE, CodeKind.SIGNED}
REDIRECTS = {Reason.WRONG_SCREENING, Reason.WRONG_VENUE, Reason.WRONG_DAY, Reason.SCREENING_MOVED}

moments = st.integers(-120, 120).map(lambda minutes: START + timedelta(minutes=minutes))
codes = st.sampled_from(CodeKind).map(lambda kind: ParsedCode(kind=kind, canonical=kind.value))
gates = st.builds(
    lambda screening, hall: Gate(screening=screening, hall=hall, venue=VENUE_OF[hall]),
    st.sampled_from(["s1", "s2", "s9"]),
    st.sampled_from(sorted(VENUE_OF)),
)
tickets = st.builds(
    TicketFact,
    ticket=st.just("t"),
    screening=st.sampled_from(["s1", "s2", "s9"]),
    place=st.just("P-1-1"),
    state=st.sampled_from(["valid", "valid", "void"]),
    void_reason=st.sampled_from([None, "refunded", "cancelled", "blocked", "reissued", "?"]),
    attention=st.sampled_from([None, "student"]),
    inside=st.booleans(),
    ever_admitted=st.booleans(),
    admitted_at=st.none() | moments,
    left_at=st.none() | moments,
    needs_reservation=st.booleans(),
    unlisted=st.booleans(),
)


@st.composite
def screenings(draw: st.DrawFn) -> dict[str, ScreeningFact]:
    facts = {}
    for code in draw(st.sets(st.sampled_from(["s1", "s2"]))):
        hall = draw(st.sampled_from(sorted(VENUE_OF)))
        facts[code] = ScreeningFact(
            code=code,
            hall=hall,
            venue=VENUE_OF[hall],
            day=draw(st.sampled_from(["2024-11-25", "2024-11-26"])),
            starts_at=START,
            doors_open=START - timedelta(minutes=30),
            doors_close=START + timedelta(minutes=15),
            status=draw(st.sampled_from(["scheduled", "on_sale", "closed", "cancelled"])),
            age=draw(st.sampled_from([None, "6+", "16+", "18+"])),
            ends_after_22=draw(st.booleans()),
        )
    return facts


situations = st.fixed_dictionaries(
    {
        "code": codes,
        "ticket": st.none() | tickets,
        "gate": gates,
        "screenings": screenings(),
        "at": moments,
        "snapshot": st.builds(Snapshot, authoritative=st.booleans(), age_seconds=st.floats(0, 1e6)),
        "direction": st.sampled_from(Direction),
        "signature": st.none() | st.sampled_from(Standing),
        "capacity": st.none()
        | st.builds(
            CapacityFact,
            admitted=st.integers(0, 5),
            capacity=st.integers(0, 5),
            lease_left=st.none() | st.integers(0, 2),
        ),
    }
)


@given(situation=situations)
def test_verdict_always_comes_and_is_consistent(situation: Situation) -> None:
    verdict = judge(**situation)
    admitted = {Reason.OK, Reason.REENTRY, Reason.EXIT, Reason.OK_ATTENTION, Reason.OK_UNLISTED}
    assert (verdict.verdict is Outcome.ADMIT) == (verdict.reason in admitted)
    assert verdict.reason is not Reason.OK_UNLISTED or situation["ticket"].unlisted
    assert (verdict.verdict is Outcome.NONE) == (verdict.reason is Reason.NOT_A_TICKET)
    assert bool(verdict.attention) == (verdict.reason is Reason.OK_ATTENTION)
    assert (verdict.redirect is not None) == (verdict.reason in REDIRECTS)
    assert verdict.since is None or verdict.reason in {Reason.ALREADY_IN, Reason.REENTRY}


@given(situation=situations)
def test_nobody_is_admitted_without_every_condition(situation: Situation) -> None:
    verdict = judge(**situation)
    if verdict.verdict is not Outcome.ADMIT:
        return
    ticket, gate = situation["ticket"], situation["gate"]
    own = situation["screenings"][ticket.screening]
    assert situation["code"].kind in TICKETED
    assert ticket.state == "valid"
    assert own.status != "cancelled"
    assert (own.code, own.hall) == (gate.screening, gate.hall)
    if situation["direction"] is Direction.IN:
        assert own.doors_open <= situation["at"] < own.doors_close
        assert not ticket.inside
        assert not ticket.needs_reservation


@given(situation=situations, ticket=tickets)
def test_validity_comes_before_everything_but_the_code(situation: Situation, ticket: TicketFact) -> None:
    situation["ticket"] = replace(ticket, state="void", void_reason="refunded")
    situation["code"] = ParsedCode(kind=CodeKind.OPAQUE, canonical="K1")
    assert judge(**situation).reason is Reason.REFUNDED


@given(situation=situations, ticket=tickets)
def test_history_of_a_ticket_never_changes_where_it_is_sent(situation: Situation, ticket: TicketFact) -> None:
    situation["ticket"] = replace(ticket, inside=False, ever_admitted=False, needs_reservation=False)
    fresh = judge(**situation)
    situation["ticket"] = replace(ticket, inside=True, ever_admitted=True, needs_reservation=True)
    used = judge(**situation)
    if fresh.reason in REDIRECTS | {Reason.SCREENING_CANCELLED, Reason.TOO_EARLY, Reason.TOO_LATE}:
        assert used == fresh


@given(situation=situations)
def test_way_out_depends_on_neither_clock_nor_room(situation: Situation) -> None:
    situation["direction"] = Direction.OUT
    before = judge(**situation)
    situation["at"] += timedelta(days=3)
    situation["capacity"] = CapacityFact(admitted=5, capacity=5, lease_left=0)
    assert judge(**situation) == before


@given(situation=situations)
def test_age_of_the_snapshot_matters_only_for_a_code_not_found(situation: Situation) -> None:
    old = {**situation, "snapshot": Snapshot(authoritative=False, age_seconds=1e6)}
    new = {**situation, "snapshot": Snapshot(authoritative=True, age_seconds=0)}
    if situation["ticket"] is not None or situation["code"].kind not in (*TICKETED, CodeKind.SLIP):
        assert judge(**old) == judge(**new)
    elif situation["code"].kind is CodeKind.SIGNED and situation["signature"] is not Standing.GOOD:
        # Only the server knows that there is no such key, and no sync would bring it.
        pair = (judge(**old).reason, judge(**new).reason)
        assert pair == (Reason.UNKNOWN_KEY, Reason.BAD_SIGNATURE) or pair[0] is pair[1]
    else:
        assert judge(**old) == Verdict(verdict=Outcome.REFUSE, reason=Reason.STALE)
        assert judge(**new) == Verdict(verdict=Outcome.REFUSE, reason=Reason.UNKNOWN)

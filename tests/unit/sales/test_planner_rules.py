"""Gaps, ways and clashes of any screenings."""

from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from ticketing.sales.planner_rules import Fit, Stay, Way, chain, conflicts, meeting, way_between

NOON = datetime(2024, 11, 25, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
# The festival's main venue and three others; two of them are as far.
VENUES = {"esentai": 0, "palace": 20, "arman": 20, "zhurgenov": 25}


@st.composite
def stays(draw: st.DrawFn, key: str = "") -> Stay:
    venue = draw(st.sampled_from(sorted(VENUES)))
    starts = NOON + MINUTE * draw(st.integers(-2000, 2000))
    return Stay(
        key=key or f"s{draw(st.integers(0, 10**6))}",
        starts=starts,
        ends=starts + MINUTE * draw(st.integers(1, 300)),
        venue=venue,
        transfer_minutes=VENUES[venue],
    )


PLANS = st.lists(stays(), max_size=12, unique_by=lambda stay: stay.key)


def at(hours: float, length: float, venue: str = "esentai", key: str = "") -> Stay:
    starts = NOON + timedelta(hours=hours)
    return Stay(
        key=key or f"{hours}",
        starts=starts,
        ends=starts + timedelta(hours=length),
        venue=venue,
        transfer_minutes=VENUES[venue],
    )


@given(stays("a"), stays("b"))
def test_whichever_is_named_first_the_answer_is_the_same(one: Stay, other: Stay) -> None:
    assert meeting(one, other) == meeting(other, one)
    assert way_between(one, other) == way_between(other, one)


@given(PLANS.flatmap(lambda plan: st.tuples(st.just(plan), st.permutations(plan))))
def test_the_order_of_marking_does_not_matter(plans: tuple[list[Stay], list[Stay]]) -> None:
    plan, shuffled = plans
    assert chain(shuffled) == chain(plan)
    assert conflicts(shuffled) == conflicts(plan)


@given(PLANS)
def test_the_conflicts_are_all_pairs_that_do_not_fit(plan: list[Stay]) -> None:
    each = [meeting(one, other) for one, other in combinations(plan, 2)]
    wanted = {(one.first.key, one.second.key) for one in each if one.fit is not Fit.FINE}
    assert {(one.first.key, one.second.key) for one in conflicts(plan)} == wanted


@given(PLANS)
def test_a_chain_joins_each_to_the_next(plan: list[Stay]) -> None:
    links = chain(plan)
    assert len(links) == max(len(plan) - 1, 0)
    assert all(one.second == other.first for one, other in pairwise(links))


@given(stays("a"), stays("b"))
def test_a_clash_is_a_moment_that_both_take(one: Stay, other: Stay) -> None:
    shared = max(one.starts, other.starts) < min(one.ends, other.ends)
    pair = meeting(one, other)
    assert (pair.fit is Fit.CLASH) == shared == (pair.gap < timedelta()) == (pair.overlap > timedelta())
    assert pair.overlap <= min(one.ends - one.starts, other.ends - other.starts)


@given(stays("a"), stays("b"))
def test_what_is_tight_is_fine_when_it_begins_later(one: Stay, other: Stay) -> None:
    pair = meeting(one, other)
    need = timedelta(minutes=pair.way.minutes) - pair.gap
    if pair.fit is Fit.FINE:
        assert need <= timedelta()
        return
    later = Stay(
        **{**vars(pair.second), "starts": pair.second.starts + need, "ends": pair.second.ends + need}
    )
    assert meeting(pair.first, later).fit is Fit.FINE
    almost = Stay(**{**vars(later), "starts": later.starts - MINUTE})
    assert meeting(pair.first, almost).fit is not Fit.FINE


@given(stays("a"))
def test_beginning_at_the_others_end_is_no_overlap(one: Stay) -> None:
    after = Stay(**{**vars(one), "key": "b", "starts": one.ends, "ends": one.ends + MINUTE})
    assert meeting(one, after).fit is Fit.FINE
    before = Stay(**{**vars(one), "key": "b", "starts": one.starts - MINUTE, "ends": one.starts})
    assert meeting(one, before).fit is Fit.FINE


def test_a_screening_after_midnight_follows_the_one_before() -> None:
    # 23:30 UTC until 01:30, then 01:00: the calendar's days say nothing of the times between.
    late, next_day = at(11.5, 2), at(13, 1)
    assert late.starts.date() < next_day.starts.date()
    assert meeting(next_day, late).fit is Fit.CLASH
    assert meeting(next_day, late).overlap == timedelta(minutes=30)


def test_the_way_is_that_of_the_data() -> None:
    main, palace, arman, far = (at(0, 1, venue) for venue in ("esentai", "palace", "arman", "zhurgenov"))
    assert way_between(main, palace) == way_between(palace, main) == Way(minutes=20, at_most=False)
    assert way_between(far, main) == Way(minutes=25, at_most=False)
    assert way_between(palace, far) == Way(minutes=45, at_most=True)
    assert way_between(palace, arman) == Way(minutes=40, at_most=True)
    assert way_between(far, at(5, 1, "zhurgenov")) == Way(minutes=0, at_most=False)


def test_a_gap_as_long_as_the_way_is_fine() -> None:
    first = at(0, 1)
    assert meeting(first, at(1 + 20 / 60, 1, "palace")).fit is Fit.FINE
    assert meeting(first, at(1 + 19 / 60, 1, "palace")).fit is Fit.TIGHT
    assert meeting(first, at(1, 1)).fit is Fit.FINE


def test_one_inside_another_overlaps_for_its_own_length() -> None:
    pair = meeting(at(0, 3, key="long"), at(1, 1, key="short"))
    assert (pair.first.key, pair.overlap) == ("long", timedelta(hours=1))


def test_a_long_one_conflicts_with_those_that_are_not_next_to_it() -> None:
    plan = [at(0, 4, key="long"), at(1, 1, key="a"), at(2, 1, key="b"), at(3, 1, key="c"), at(4, 1, key="d")]
    assert [(one.first.key, one.second.key) for one in conflicts(plan)] == [
        ("long", "a"), ("long", "b"), ("long", "c"),
    ]  # fmt: skip
    assert [one.fit for one in chain(plan)] == [Fit.CLASH, Fit.FINE, Fit.FINE, Fit.FINE]

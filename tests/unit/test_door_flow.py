"""Entries by five minutes, and how many will be in by the start."""

from datetime import UTC, datetime, timedelta

from ticketing.reports.door_flow import flow_of

DOORS = datetime(2024, 11, 25, 14, tzinfo=UTC)
START = DOORS + timedelta(minutes=30)


def minutes(*numbers: float) -> list[datetime]:
    return [DOORS + timedelta(minutes=number) for number in numbers]


def test_bars_are_of_five_minutes_and_the_last_is_unfinished() -> None:
    flow = flow_of(minutes(0, 4.9, 5, 11, 11.5), DOORS, START, 100, DOORS + timedelta(minutes=12))
    assert list(flow.bars) == [2, 1, 2]
    assert flow.width == 30
    assert flow.path.startswith("M0 20v-20.0h8v20.0zM10 20v-10.0h8")


def test_the_rate_is_of_the_last_five_minutes_and_goes_on_to_the_start() -> None:
    came = minutes(1, 2, 3, 6, 7, 8, 9, 10)
    flow = flow_of(came, DOORS, START, 100, DOORS + timedelta(minutes=10))
    assert flow.a_minute == 1
    assert flow.expected == 28


def test_no_more_are_expected_than_were_sold_a_ticket() -> None:
    flow = flow_of(minutes(6, 7, 8, 9, 10), DOORS, START, 12, DOORS + timedelta(minutes=10))
    assert flow.expected == 12
    nobody = flow_of([], DOORS, START, 12, DOORS)
    assert (list(nobody.bars), nobody.expected, nobody.a_minute) == ([0], 0, 0)


def test_doors_that_are_open_for_hours_show_the_last_two() -> None:
    now = DOORS + timedelta(hours=5)
    flow = flow_of([DOORS, now - timedelta(minutes=1)], DOORS, now + timedelta(hours=1), 12, now)
    assert len(flow.bars) == 24
    assert (flow.bars[0], flow.bars[-1]) == (1, 1)

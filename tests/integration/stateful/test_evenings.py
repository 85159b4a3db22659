"""Evenings of three phones with cut networks: the server ends where a model without a database ends.

`python -m bench.schedules` spends hundreds of them with thousands of scans.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, false, select

from tests.database import DatabaseFactory
from tests.support.evenings.account import Difference
from tests.support.evenings.evening import spend
from tests.support.evenings.plan import Plan, plans
from tests.support.evenings.town import Town
from ticketing.door import merge, scans
from ticketing.door.models import Incident

CAPACITY, SCANS = 16, 120
EVENINGS = max(settings.default.max_examples // 10, 10)
BUSY = Plan(
    seed=0, scans=150, offsets=(-300, 0, 40), clock_set=25, slow=1, network=100, cuts=8, lost_requests=100,
    lost_answers=200, repeats=200, kills=10, same_ticket=400, out=80, undo=100, override=20, wilful=10,
    elsewhere=50, unknown=10, office=10,
)  # fmt: skip
_NOTHING_REPORTED = select(Incident.scan_id).where(
    Incident.ticket_id.in_(bindparam("tickets", expanding=True)), false()
)


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    opened = Town(database_url, tmp_path, capacity=CAPACITY)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_town(databases: DatabaseFactory, tmp_path: Path) -> Iterator[Town]:
    """A town on SQLite alone: which rule is broken has nothing to do with the database."""
    url = databases.fresh("sqlite")
    opened = Town(url, tmp_path, capacity=CAPACITY)
    yield opened
    opened.close()
    databases.drop(url)


def test_any_evening_ends_where_the_model_ends(town: Town) -> None:
    @settings(
        max_examples=EVENINGS,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(plans(st.integers(1, SCANS)))
    def every_evening(plan: Plan) -> None:
        spend(plan, town)

    every_evening()


def test_a_busy_evening_has_met_everything(sqlite_town: Town) -> None:
    account = spend(BUSY, sqlite_town)
    assert {"ok", "ok_attention", "already_in", "exit", "reentry", "wrong_venue", "too_early"} <= set(
        account.reasons
    )
    assert {"double_admission", "override", "disagreement"} <= set(account.incidents)
    assert min(account.lost, account.repeated, account.kills) > 0


def arrival_decides(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(merge, "is_next", lambda *_: True)


def clocks_are_believed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(scans, "_corrected", lambda at, *_: at)


def what_is_taken_back_stays(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(scans, "derive_again", lambda *_: None)


def doubles_are_told_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(merge, "_REPORTED", _NOTHING_REPORTED)


def replays_are_stored_anew(patch: pytest.MonkeyPatch) -> None:
    """Take any statement of a known scan for a newer one."""
    own = scans._again

    def again(session: Any, batch: Any, scan: Any, earlier: dict[str, Any]) -> Any:
        return own(session, batch, scan, {**earlier, "stated_seq": 0} if scan.verdict else earlier)

    patch.setattr(scans, "_again", again)


@pytest.mark.parametrize(
    "broken",
    [
        arrival_decides,
        clocks_are_believed,
        what_is_taken_back_stays,
        doubles_are_told_again,
        replays_are_stored_anew,
    ],
)
def test_a_broken_rule_is_found(
    sqlite_town: Town, monkeypatch: pytest.MonkeyPatch, broken: Callable[[pytest.MonkeyPatch], None]
) -> None:
    broken(monkeypatch)
    with pytest.raises(Difference):
        spend(BUSY, sqlite_town)

"""`programme import` and plans that staff made: files never take them back, new screenings have them."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.integration.kassa_cli import Cli
from tests.unit.catalogue.programme_files import ProgrammeFiles, cut_small
from ticketing.catalogue.models import Hall, Screening, SeatPlan
from ticketing.catalogue.plan_drafts import change_draft, plan_of_row, publish_draft, start_draft, state_of
from ticketing.catalogue.plan_edit import remove_seats, set_band
from ticketing.catalogue.plan_queries import draft_of, hall_by_code, newest_version
from ticketing.catalogue.plans import SeatPlan as Plan
from ticketing.demo_run import DEMO_PROGRAMME
from ticketing.foundation.actor import SYSTEM
from ticketing.foundation.clock import SystemClock
from ticketing.foundation.db import Database
from ticketing.inventory.models import Place

HALL, PLAN = "esentai-3", "plans/esentai-3.json"
UNCHANGED = "0 added, 0 changed"


@pytest.fixture
def files(tmp_path: Path) -> ProgrammeFiles:
    """A copy of a small part of the demo festival."""
    folder = tmp_path / "programme"
    shutil.copytree(DEMO_PROGRAMME, folder)
    cut_small(folder)
    return ProgrammeFiles(folder)


@pytest.fixture
def cli(database_url: str, files: ProgrammeFiles, tmp_path: Path) -> Cli:
    """The command line, with the small festival imported."""
    here = Cli(database_url, tmp_path)
    here.say("programme", "import", files.folder)
    return here


@pytest.fixture
def database(cli: Cli) -> Iterator[Database]:
    """The database of the command line."""
    opened = Database(cli.url)
    yield opened
    opened.close()


def publish(database: Database, edit: object) -> None:
    """Let staff publish the newest version with a change."""
    now = SystemClock().now()
    with database.transaction() as session:
        hall = hall_by_code(session, HALL)
        newest = newest_version(session, hall.id)
        assert newest is not None
        start_draft(session, hall, plan_of_row(newest), {}, SYSTEM, now)
        for step in (edit, None):
            draft = draft_of(session, hall.id)
            assert draft is not None
            session.refresh(draft)
            if step is None:
                publish_draft(session, hall, state_of(draft), SYSTEM, now)
            else:
                change_draft(session, hall, state_of(draft), step, {}, SYSTEM, now)  # type: ignore[arg-type]


def one_seat_less(plan: Plan) -> Plan:
    return remove_seats(plan, {plan.seats[-1].guid})


def a_band_without_a_price(plan: Plan) -> Plan:
    return set_band(plan, {plan.seats[-1].guid}, "Ложа")


def state(database: Database) -> tuple[int, int]:
    """Return the hall's capacity, and how many plans it has."""
    with database.reading() as session:
        hall = session.scalars(select(Hall).where(Hall.code == HALL)).one()
        plans = select(func.count()).select_from(SeatPlan).where(SeatPlan.hall_id == hall.id)
        return hall.capacity, session.scalar(plans) or 0


def version_and_places(database: Database, code: str) -> tuple[int, int, int]:
    """Return a screening's version of the plan, its capacity, and how many places it has."""
    with database.reading() as session:
        row = session.scalars(select(Screening).where(Screening.code == code)).unique().one()
        places = select(func.count()).select_from(Place).where(Place.screening_id == row.id)
        assert row.plan is not None
        return row.plan.version, row.capacity, session.scalar(places) or 0


def renumber(files: ProgrammeFiles) -> None:
    """Change the files' plan."""
    path = files.folder / PLAN
    plan = json.loads(path.read_text(encoding="utf-8"))
    plan["zones"][0]["rows"][0]["seats"][0]["seat_number"] = "99"
    path.write_text(json.dumps(plan), encoding="utf-8")


def test_the_same_files_leave_a_plan_of_staff_alone(
    cli: Cli, files: ProgrammeFiles, database: Database
) -> None:
    seats, _ = state(database)
    publish(database, one_seat_less)
    assert cli.say("programme", "import", files.folder).startswith(UNCHANGED)
    assert state(database) == (seats - 1, 2)


def test_another_plan_in_the_files_is_a_conflict_and_is_not_taken(
    cli: Cli, files: ProgrammeFiles, database: Database
) -> None:
    seats, _ = state(database)
    publish(database, one_seat_less)
    renumber(files)
    said = cli.say("programme", "import", files.folder)
    assert f"{HALL}, plan: here version 2 by staff, in the files the files' plan" in said
    assert said.startswith(UNCHANGED)
    assert state(database) == (seats - 1, 2)
    assert version_and_places(database, "s10") == (1, seats, seats)


def test_files_cannot_take_the_numbers_from_a_hall_with_a_plan_of_staff(
    cli: Cli, files: ProgrammeFiles, database: Database
) -> None:
    publish(database, one_seat_less)
    files.set("halls.csv", HALL, "seating", "general")
    files.set("halls.csv", HALL, "plan", "")
    files.append("prices.csv", price_list="evening", band="", concession="adult", amount_kzt="2000")
    said = cli.say("programme", "import", files.folder)
    assert f"{HALL}, plan: here version 2 by staff, in the files no plan" in said
    with database.reading() as session:
        assert hall_by_code(session, HALL).seating == "reserved"


def test_without_a_plan_of_staff_another_plan_of_the_files_is_the_next_version(
    cli: Cli, files: ProgrammeFiles, database: Database
) -> None:
    renumber(files)
    said = cli.say("programme", "import", files.folder)
    assert "by staff" not in said
    assert state(database)[1] == 2
    assert version_and_places(database, "s10")[0] == 2


def test_a_new_screening_has_the_newest_version(cli: Cli, files: ProgrammeFiles, database: Database) -> None:
    seats, _ = state(database)
    publish(database, one_seat_less)
    add_screening(files)
    assert "1 added" in cli.say("programme", "import", files.folder)
    assert version_and_places(database, "s99") == (2, seats - 1, seats - 1)
    assert version_and_places(database, "s10") == (1, seats, seats)
    assert cli.say("programme", "import", files.folder).startswith(UNCHANGED)


def test_a_new_screening_without_a_price_for_a_band_has_the_version_that_can_be_sold(
    cli: Cli, files: ProgrammeFiles, database: Database
) -> None:
    seats, _ = state(database)
    publish(database, a_band_without_a_price)
    add_screening(files)
    said = cli.say("programme", "import", files.folder)
    assert "s99, plan: here version 2, in the files no price for Ложа" in said
    assert version_and_places(database, "s99") == (1, seats, seats)


def add_screening(files: ProgrammeFiles) -> None:
    """Show in the hall what is shown there already, on another day."""
    header, *rows = files.rows("screenings.csv")
    fresh = dict(zip(header, next(row for row in rows if row[0] == "s10"), strict=True))
    fresh |= {"code": "s99", "starts_at": "2024-11-27T10:00"}
    files.write("screenings.csv", [header, *rows, [fresh[name] for name in header]])


def test_what_staff_made_is_exported_and_imported_elsewhere(
    cli: Cli, files: ProgrammeFiles, database: Database, make_database_url: object, tmp_path: Path
) -> None:
    publish(database, one_seat_less)
    cli.say("programme", "export", tmp_path / "exported")
    elsewhere = Cli(make_database_url(), tmp_path / "elsewhere")  # type: ignore[operator]
    elsewhere.say("programme", "import", tmp_path / "exported")
    copied = Database(elsewhere.url)
    assert state(copied)[0] == state(database)[0]
    with copied.reading() as theirs, database.reading() as ours:
        there = newest_version(theirs, hall_by_code(theirs, HALL).id)
        here = newest_version(ours, hall_by_code(ours, HALL).id)
        assert there is not None
        assert here is not None
        assert there.sha256 == here.sha256
    copied.close()

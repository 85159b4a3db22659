"""`programme import` and `export`: all or nothing, again and again, and never against what is sold."""

import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select, update

from tests.integration.kassa_cli import Cli
from tests.support.kassa import Kassa, fingerprint
from tests.unit.catalogue.programme_files import ProgrammeFiles, cut_small
from ticketing.catalogue.models import Screening
from ticketing.demo_run import DEMO_PROGRAMME
from ticketing.foundation.db import Database
from ticketing.inventory.models import Place

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


def table_hashes(cli: Cli) -> dict[str, tuple[int, str]]:
    database = Database(cli.url)
    try:
        return fingerprint(database)
    finally:
        database.close()


def test_a_dry_run_changes_nothing(
    make_database_url: Callable[[], str], files: ProgrammeFiles, tmp_path: Path
) -> None:
    cli = Cli(make_database_url(), tmp_path)
    empty = table_hashes(cli)
    assert "would be added" in cli.say("programme", "import", "--dry-run", files.folder)
    assert table_hashes(cli) == empty


def test_again_is_nothing_new(cli: Cli, files: ProgrammeFiles) -> None:
    before = table_hashes(cli)
    assert cli.say("programme", "import", files.folder).startswith(UNCHANGED)
    assert table_hashes(cli) == before


def test_a_fault_is_named_by_file_row_and_column(cli: Cli, files: ProgrammeFiles) -> None:
    row = files.set("screenings.csv", "s10", "hall", "nowhere")
    before = table_hashes(cli)
    said = cli.refused("programme", "import", files.folder)
    assert "screenings.csv" in said
    assert str(row) in said
    assert "hall" in said
    assert table_hashes(cli) == before
    assert cli.refused("programme", "import", files.folder / "no-such-folder")


def test_what_was_exported_is_imported_without_a_change(cli: Cli, tmp_path: Path) -> None:
    cli.say("programme", "export", tmp_path / "exported")
    before = table_hashes(cli)
    assert cli.say("programme", "import", tmp_path / "exported").startswith(UNCHANGED)
    assert table_hashes(cli) == before


def test_a_workbook_says_the_same_as_the_files(cli: Cli, files: ProgrammeFiles) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for path in sorted(files.folder.glob("*.csv")):
        sheet = book.create_sheet(path.stem)
        for row in files.rows(path.name):
            sheet.append(row)
    book.save(files.folder / "programme.xlsx")
    before = table_hashes(cli)
    assert cli.say("programme", "import", files.folder / "programme.xlsx").startswith(UNCHANGED)
    assert table_hashes(cli) == before


def test_a_staff_change_stays_and_is_listed(cli: Cli, files: ProgrammeFiles) -> None:
    database = Database(cli.url)
    with database.transaction() as session:
        session.execute(update(Screening).where(Screening.code == "s10").values(status="closed"))
    database.close()
    assert cli.say("programme", "import", files.folder).startswith(UNCHANGED)
    files.set("screenings.csv", "s10", "status", "cancelled")
    said = cli.say("programme", "import", files.folder)
    assert "s10" in said
    assert "status" in said
    database = Database(cli.url)
    with database.reading() as session:
        assert session.scalars(select(Screening.status).where(Screening.code == "s10")).one() == "closed"
    database.close()


def test_a_sold_screening_keeps_its_hall_and_its_places(
    cli: Cli, files: ProgrammeFiles, tmp_path: Path
) -> None:
    here = Kassa(cli.url, tmp_path)
    sold = here.buy("s10", 2)
    places = places_of(here, "s10")
    files.set("screenings.csv", "s10", "hall", "esentai-2")
    said = cli.say("programme", "import", files.folder)
    assert "s10, hall: here esentai-3, in the files esentai-2" in said
    assert places_of(here, "s10") == places
    assert here.read(sold)["status"] == "paid"
    assert here.broken_invariants() == []
    here.close()


def test_an_unsold_screening_moves_with_its_places(cli: Cli, files: ProgrammeFiles, tmp_path: Path) -> None:
    files.set("screenings.csv", "s10", "hall", "esentai-2")
    assert "1 changed" in cli.say("programme", "import", files.folder)
    here = Kassa(cli.url, tmp_path)
    screening = here.get("/api/v1/screenings/s10").get_json()
    assert screening["hall"] == "esentai-2"
    assert screening["places"]["capacity"] == len(places_of(here, "s10"))
    assert here.broken_invariants() == []
    here.close()


def test_a_screening_that_is_gone_from_the_files_is_kept_and_listed(cli: Cli, files: ProgrammeFiles) -> None:
    header, *rows = files.rows("screenings.csv")
    files.write("screenings.csv", [header, *[row for row in rows if row[0] != "s10"]])
    assert "left as it is: s10" in cli.say("programme", "import", files.folder)


def places_of(kassa: Kassa, code: str) -> list[tuple[object, ...]]:
    with kassa.database.reading() as session:
        query = select(Place.id, Place.label, Place.ticket_id).join(
            Screening, Screening.id == Place.screening_id
        )
        return [tuple(row) for row in session.execute(query.where(Screening.code == code).order_by(Place.id))]

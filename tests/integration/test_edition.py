"""`edition new`: the next year's database, with what stays and nothing of what was sold."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.database import DatabaseFactory
from tests.integration.kassa_cli import Cli
from tests.support.kassa import Kassa
from tests.support.signing import sign_codes
from ticketing.catalogue.models import Festival, Hall, Screening, SeatPlan, Venue
from ticketing.demo_run import DEMO_PROGRAMME
from ticketing.door.models import Device
from ticketing.foundation.actor import OPERATOR
from ticketing.foundation.db import Base, Database
from ticketing.foundation.models import Instance
from ticketing.sales.affair_models import NumberedPage
from ticketing.sales.models import Order
from ticketing.staff.accounts import Role, add_account, sign_in
from ticketing.staff.models import ApiToken, AuditEntry, StaffAccount
from ticketing.tickets.key_models import SigningKey
from ticketing.tickets.models import Ticket


@pytest.fixture
def cli(kassa: Kassa, tmp_path: Path) -> Cli:
    """The command line on an edition that has been played."""
    from_here = Cli(str(kassa.settings.database_url), tmp_path, {"TICKETING_DATA_DIR": str(tmp_path)})
    for login, role in (("dana", Role.MANAGER), ("asel", Role.USHER)):
        with kassa.database.transaction() as session:
            add_account(session, login, login, role, "a-secret", OPERATOR, kassa.clock.now())
    sign_codes(kassa.runtime, kassa.clock)
    kassa.buy("s06", 2)
    kassa.device()
    kassa.staff()
    return from_here


@pytest.fixture
def other(databases: DatabaseFactory, backend: str) -> Iterator[str]:
    """The URL of an empty database."""
    url = databases.fresh(backend)
    yield url
    databases.drop(url)


def count(database: Database, model: type[Base]) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(model)).one()


def everything(database: Database, model: type[Base], *without: str) -> list[Any]:
    table = model.__table__
    with database.reading() as session:
        rows = session.execute(select(table)).mappings().all()
    return sorted(str({name: value for name, value in row.items() if name not in without}) for row in rows)


def test_halls_plans_staff_and_settings_go_on(kassa: Kassa, cli: Cli, other: str) -> None:
    with kassa.database.transaction() as session:
        session.add(NumberedPage(id=100_007, gateway="bank", key="order:x:1"))
        session.add(NumberedPage(id=100_008, gateway="bank", key="order:y:1"))
        asel = session.scalars(select(StaffAccount).where(StaffAccount.login == "asel")).one()
        asel.disabled_at = kassa.clock.now()
        festival = session.get_one(Festival, 1)
        festival.comps_per_day = 7
    before = kassa.fingerprint()
    said = cli.say("edition", "new", "XVIII фестиваль", "--to", other)
    assert "eurasia-18" in said
    assert said.split()[-1] == Database(other).url.render_as_string(hide_password=True)
    assert kassa.fingerprint() == before
    fresh = Database(other)
    for model in (Venue, Hall, SeatPlan):
        assert count(fresh, model) > 0
        assert everything(fresh, model) == everything(kassa.database, model)
    for gone in (Screening, Order, Ticket, Device, ApiToken, SigningKey):
        assert count(kassa.database, gone) > 0
        assert count(fresh, gone) == 0
    with fresh.transaction() as session, kassa.database.reading() as old:
        festival = session.get_one(Festival, 1)
        assert (festival.code, festival.edition, festival.name.kk) == ("eurasia-18", 18, "XVIII фестиваль")
        assert (festival.comps_per_day, festival.first_day) == (7, old.get_one(Festival, 1).first_day)
        account = sign_in(session, "dana", "a-secret")
        # A session of the old edition's browser names an account that is not here.
        assert old.get(StaffAccount, account.id) is None
        assert session.scalars(select(StaffAccount.login)).all() == ["dana"]
        assert session.scalars(select(AuditEntry.action)).all() == ["begin_edition"]
        assert session.scalar(select(Instance.epoch)) != old.scalar(select(Instance.epoch))
        page = NumberedPage(gateway="bank", key="order:z:1")
        session.add(page)
        session.flush()
        assert page.id == 100_009
        session.rollback()
    fresh.close()


def test_the_new_edition_takes_a_programme_and_sells(kassa: Kassa, cli: Cli, other: str) -> None:
    cli.say("edition", "new", "XVIII", "--to", other)
    there = Cli(other, cli.folder, cli.environment)
    assert there.say("programme", "import", DEMO_PROGRAMME)
    assert all(line.endswith("holds") for line in there.say("audit").splitlines())
    later = Kassa(other, cli.folder, clock=kassa.clock)
    later.buy("s06", 2)
    assert later.broken_invariants() == []
    with later.database.reading() as session:
        assert session.get_one(Festival, 1).code == "eurasia-17"  # the file's word
    later.close()


def test_the_last_published_plan_and_the_draft_go_on(kassa: Kassa, cli: Cli, other: str) -> None:
    with kassa.database.transaction() as session:
        last = session.scalars(select(SeatPlan).order_by(SeatPlan.id).limit(1)).one()
        hall = last.hall_id
        for version, draft in ((2, False), (3, True)):
            session.add(
                SeatPlan(
                    hall_id=hall, version=version, draft=draft, created_at=kassa.clock.now(), name=last.name,
                    sha256=bytes([version]) * 32, source=last.source, seats=last.seats,
                )
            )  # fmt: skip
    cli.say("edition", "new", "XVIII", "--to", other)
    fresh = Database(other)
    with fresh.reading() as session:
        plans = (
            select(SeatPlan.version, SeatPlan.draft)
            .where(SeatPlan.hall_id == hall)
            .order_by(SeatPlan.version)
        )
        assert [tuple(row) for row in session.execute(plans)] == [(2, False), (3, True)]
    fresh.close()


def test_it_is_made_in_an_empty_database_and_nowhere_else(
    kassa: Kassa, cli: Cli, backend: str, database_url: str
) -> None:
    before = kassa.fingerprint()
    if backend == "sqlite":
        assert cli.say("edition", "new", "XVIII").endswith("kassa-eurasia-18.db")
        beside = Path(kassa.database.url.database or "").with_name("kassa-eurasia-18.db")
        assert beside.exists()
        assert "not empty" in cli.refused("edition", "new", "XVIII")
        for file in beside.parent.glob(f"{beside.name}*"):
            file.unlink()
        path = database_url.removeprefix("sqlite:///")
        assert cli.say("edition", "new", "XVIII", "--to", path).endswith(path)
    else:
        assert "--to" in cli.refused("edition", "new", "XVIII")
    assert "not empty" in cli.refused("edition", "new", "XVIII", "--to", cli.url)
    assert "name" in cli.refused("edition", "new", " ", "--to", database_url)
    assert kassa.fingerprint() == before


def test_there_must_be_an_edition_to_go_on_from(make_database_url: Callable[[], str], tmp_path: Path) -> None:
    cli = Cli(make_database_url(), tmp_path)
    assert "no festival" in cli.refused("edition", "new", "XVIII", "--to", make_database_url())

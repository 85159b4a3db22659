"""`python -m ticketing …` as other programs depend on it."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.database import DatabaseFactory
from tests.integration.kassa_cli import Cli
from tests.support.kassa import Kassa, expect, fingerprint
from ticketing.catalogue.models import Festival
from ticketing.foundation.clock import SystemClock
from ticketing.foundation.db import Database
from ticketing.staff.accounts import sign_in
from ticketing.staff.models import AuditEntry

PRODUCTION = {
    "TICKETING_ENV": "production",
    "TICKETING_SECRET_KEY": "s" * 32,
    "TICKETING_CODE_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "TICKETING_BASE_URL": "https://tickets.example.kz",
    "TICKETING_SMTP_URL": "smtp://mail.example.kz:587",
    "STRIPE_SECRET_KEY": "sk_live_0000",
    "STRIPE_WEBHOOK_SECRET": "whsec_0000",
}


@pytest.fixture
def cli(database_url: str, tmp_path: Path) -> Cli:
    """The command line on an empty, migrated database."""
    return Cli(database_url, tmp_path)


@pytest.fixture
def festival_cli(copy_festival: Callable[[], str], tmp_path: Path) -> Cli:
    """The command line on a database with a few screenings."""
    return Cli(copy_festival(), tmp_path)


def test_migrate_twice(backend: str, databases: DatabaseFactory, tmp_path: Path) -> None:
    cli = Cli(databases.blank(backend), tmp_path)
    assert "migrate" in cli.refused("token", "issue", "--role", "manager")
    first, second = cli.say("migrate"), cli.say("migrate")
    assert first == second
    assert cli.say("token", "issue", "--role", "usher")
    databases.drop(cli.url)


def test_demo_load_lies_one_to_two_weeks_ahead(cli: Cli) -> None:
    assert "added" in cli.say("demo", "load")
    assert cli.say("demo", "load").startswith("0 added, 0 changed")
    database = Database(cli.url)
    with database.reading() as session:
        first = session.scalars(select(Festival.first_day)).one()
        assert sign_in(session, "kassa", "kassa-demo").role == "boxoffice"
    database.close()
    today = SystemClock().now().date()
    assert today + timedelta(days=6) <= first <= today + timedelta(days=13)
    assert (first - date(2024, 11, 24)).days % 7 == 0
    assert all(line.endswith("holds") for line in cli.say("audit").splitlines())


def test_staff_add(festival_cli: Cli) -> None:
    said = festival_cli.say("staff", "add", "--login", "Dana", "--name", "Дана", "--role", "boxoffice")
    database = Database(festival_cli.url)
    with database.reading() as session:
        account = sign_in(session, "dana", said.split()[-1])
        assert (account.name, account.role) == ("Дана", "boxoffice")
        assert session.scalars(select(AuditEntry.action).where(AuditEntry.object_kind == "staff")).all()
    database.close()
    taken = festival_cli.refused("staff", "add", "--login", "dana", "--name", "D", "--role", "usher")
    assert "login_taken" in taken
    given = festival_cli.say(
        "staff",
        "add",
        "--login",
        "asel",
        "--name",
        "Әсел",
        "--role",
        "manager",
        "--password",
        "my-own-secret",
    )
    assert "my-own-secret" not in given
    assert "manager" in festival_cli.refused("staff", "add", "--login", "x", "--name", "X", "--role", "king")


def test_keys_of_signed_codes(festival_cli: Cli) -> None:
    assert festival_cli.say("keys", "list") == ""
    assert festival_cli.say("keys", "new", "--reason", "test").split()[-1] == "0"
    assert festival_cli.say("keys", "new", "--reason", "test").split()[-1] == "1"
    listed = festival_cli.say("keys", "list").splitlines()
    assert [line.split(",")[0] for line in listed] == ["1: next", "0: signing"]
    assert festival_cli.say("keys", "retire", "1", "--reason", "test").strip() == "retired 1"
    assert "key_ended" in festival_cli.refused("keys", "retire", "1", "--reason", "test")
    said = festival_cli.say("keys", "revoke", "0", "--reason", "test", "--reissue")
    assert said.strip() == "revoked 0; being reissued: 0"
    assert "not_found" in festival_cli.refused("keys", "revoke", "9", "--reason", "test")


def test_secrets_are_the_last_word(festival_cli: Cli, tmp_path: Path) -> None:
    token = festival_cli.say("token", "issue", "--role", "boxoffice").split()[-1]
    code = festival_cli.say("door", "pair", "--venue", "esentai", "--name", "Door 7").split()[-1]
    assert re.fullmatch("[A-Z]{8}", code)
    assert "not_found" in festival_cli.refused("door", "pair", "--venue", "nowhere")
    here = Kassa(festival_cli.url, tmp_path)
    here.clock.at = SystemClock().now()
    paired = expect(here.post("/api/v1/door/devices", {"pairing_code": code}), 201)
    assert (paired["venue"], paired["name"]) == ("esentai", "Door 7")
    staff = here.post("/api/v1/orders/AAA-AAAA/refunds", {"reason": "x"}, f"Bearer {token}")
    assert staff.status_code == 404  # and not 401: the token is good
    here.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TICKETING_ENV", "staging"),
        ("TICKETING_BASE_URL", "tickets.example.kz"),
        ("TICKETING_SMTP_URL", "http://mail.example.kz"),
        ("TICKETING_LIMITS", "perhaps"),
        ("PORT", "80000"),
        ("PORT", "eighty"),
        ("WEB_CONCURRENCY", "0"),
        ("STRIPE_SECRET_KEY", "pk_test_0000"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_0000"),
        ("STRIPE_CAPTURE", "perhaps"),
    ],
)
def test_a_setting_that_is_wrong_is_named(tmp_path: Path, name: str, value: str) -> None:
    cli = Cli(f"sqlite:///{tmp_path}/none.db", tmp_path)
    assert name in cli.refused("audit", **{name: value})


@pytest.mark.parametrize("missing", [name for name in PRODUCTION if name != "TICKETING_ENV"])
def test_production_wants_its_own_secrets(tmp_path: Path, missing: str) -> None:
    cli = Cli(f"sqlite:///{tmp_path}/none.db", tmp_path)
    assert missing in cli.refused("migrate", **{**PRODUCTION, missing: ""})


def test_production_wants_https_and_a_long_secret(tmp_path: Path) -> None:
    cli = Cli(f"sqlite:///{tmp_path}/none.db", tmp_path, PRODUCTION)
    assert "https" in cli.refused("migrate", TICKETING_BASE_URL="http://tickets.example.kz")
    assert "32" in cli.refused("migrate", TICKETING_SECRET_KEY="short")
    assert not (tmp_path / "none.db").exists()


def test_the_demo_takes_no_real_money(tmp_path: Path) -> None:
    cli = Cli(f"sqlite:///{tmp_path}/none.db", tmp_path, {"STRIPE_WEBHOOK_SECRET": "whsec_0000"})
    assert "live" in cli.refused("audit", STRIPE_SECRET_KEY="sk_live_0000")
    assert "sk_" in cli.refused("audit", STRIPE_SECRET_KEY="pk_test_0000")


def test_a_database_belongs_to_one_environment(festival_cli: Cli) -> None:
    before = whole(festival_cli)
    for command in (("migrate",), ("audit",), ("token", "issue", "--role", "manager")):
        said = festival_cli.refused(*command, **PRODUCTION)
        assert "demo" in said
        assert "production" in said
    assert whole(festival_cli) == before


def test_production_runs_and_plays_no_bank(backend: str, databases: DatabaseFactory, tmp_path: Path) -> None:
    cli = Cli(databases.blank(backend), tmp_path, PRODUCTION)
    cli.say("migrate")
    assert "forbidden" in cli.refused("demo", "load")
    assert cli.say("audit")
    databases.drop(cli.url)


def whole(cli: Cli) -> dict[str, tuple[int, str]]:
    database = Database(cli.url)
    try:
        return fingerprint(database)
    finally:
        database.close()

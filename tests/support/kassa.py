"""A running Kassa for tests: the demo festival on a fresh database, a clock that can be set, and its callers.

Import `festival_template` and `kassa` in a conftest to have them as fixtures.
"""

import hashlib
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import make_url, select
from werkzeug.test import TestResponse

from tests.database import DatabaseFactory
from tests.support.kept import KeptStatements, KeptTemplates, LateRule
from ticketing.app import create_app, mail_sender
from ticketing.boxoffice.programme import apply_programme
from ticketing.catalogue.programme.parse import parse_programme
from ticketing.catalogue.programme.values import Programme
from ticketing.demo_run import DEMO_PROGRAMME
from ticketing.door.devices import offer_pairing, revoke
from ticketing.door.edge import release_to_rush_lines
from ticketing.door.models import Device, DoorPin
from ticketing.door.pins import DoorRole, verifier_of
from ticketing.foundation.actor import SYSTEM, Actor, ActorKind
from ticketing.foundation.config import Settings, load_settings
from ticketing.foundation.db import Database, metadata
from ticketing.foundation.mail_sending import MailSender
from ticketing.foundation.outbox import drain
from ticketing.foundation.web import Runtime
from ticketing.inventory.edge import release_kept_places
from ticketing.reports.invariants import check_invariants
from ticketing.sales.edge import SalesDesk
from ticketing.sales.handlers import handlers
from ticketing.sales.payments.port import Gateways
from ticketing.staff.accounts import Role, issue_token

# Four days before the festival, whose dates are those of 2024: everything is ahead and nothing is shifted.
START = datetime(2024, 11, 20, 7, tzinfo=UTC)
# Enough to meet every case: not on sale; the same venue and day; free and elsewhere; numbered; unnumbered on
# another day; small and late.
KEPT = frozenset({"s02", "s03", "s05", "s06", "s07", "s10"})
OPERATOR = Actor(kind=ActorKind.STAFF, name="operator", role="manager")
BUYER = {"email": "aigerim@example.kz", "name": "Айгерім Сәдуақасова"}
# s06: 25 November 19:30 in Almaty (UTC+5), esentai-1; doors open half an hour before.
DOORS_OF_S06 = datetime(2024, 11, 25, 14, tzinfo=UTC)
Json = dict[str, Any]
_PINS = ("314159", "271828")


_TEMPLATES = KeptTemplates()
_STATEMENTS = KeptStatements()
Flask.url_rule_class = LateRule


class SettableClock:
    """Stands still until a test moves it."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)


class Kassa:
    """The application with its callers: buyers, staff, devices, the bank, the worker."""

    def __init__(
        self, url: str, folder: Path, *, clock: SettableClock | None = None, **settings: Any
    ) -> None:
        self.clock = clock or SettableClock()
        self.settings = settings_for(url, folder, **settings)
        self.app: Flask = create_app(self.settings, self.clock, self.gateways())
        self.app.jinja_env.bytecode_cache = _TEMPLATES
        self.client = self.app.test_client()
        self.runtime: Runtime = self.app.extensions["kassa"]
        self.database: Database = self.runtime.database
        _STATEMENTS.share(self.database)
        self.desk: SalesDesk = self.app.extensions["kassa.sales"]
        self.invariants_hold = True

    def gateways(self) -> Gateways | None:
        """Return the gateways instead of those of the settings."""
        return None

    # Calls

    def get(self, path: str, auth: str = "", **headers: str) -> TestResponse:
        return self.client.get(path, headers=_headers(auth, headers))

    def post(
        self, path: str, body: object = None, auth: str = "", key: str | None = None, **headers: str
    ) -> TestResponse:
        given = _headers(auth, headers)
        if key is not None:
            given["Idempotency-Key"] = key
        if body is None:
            return self.client.post(path, headers=given)
        return self.client.post(path, json=body, headers=given)

    def delete(self, path: str, auth: str = "") -> TestResponse:
        return self.client.delete(path, headers=_headers(auth, {}))

    # Buyers

    def free_places(self, screening: str) -> list[str]:
        places = expect(self.get(f"/api/v1/screenings/{screening}/places"), 200)["places"]
        return [place["place"] for place in places if place["free"]]

    def hold(self, screening: str = "s06", quantity: int = 2, **body: object) -> Json:
        wanted = body if "places" in body else {"quantity": quantity, **body}
        return expect(self.post("/api/v1/holds", {"screening": screening, **wanted}), 201)

    def order(self, *holds: Json, concessions: Mapping[str, str] | None = None, **buyer: str) -> Json:
        return expect(self.post("/api/v1/orders", order_body(*holds, concessions=concessions, **buyer)), 201)

    def play(self, order: Json, outcome: str) -> TestResponse:
        return self.post(f"/api/v1/demo-payments/{session_of(order)}", {"outcome": outcome})

    def read(self, order: Json) -> Json:
        return expect(self.get(f"/api/v1/orders/{order['order']}", order_auth(order)), 200)

    def buy(self, screening: str = "s06", quantity: int = 2, **body: object) -> Json:
        """Return a paid order, with its key."""
        order = self.order(self.hold(screening, quantity, **body))
        if order["payment"] is not None:
            assert self.play(order, "approve").status_code == 200
        paid = self.read(order)
        assert paid["status"] == "paid"
        return {**paid, "key": order["key"]}

    # Staff

    def staff(self, role: Role = Role.BOXOFFICE) -> str:
        """Return the Authorization of a new staff token."""
        with self.database.transaction() as session:
            return f"Bearer {issue_token(session, role, 'Сәуле', OPERATOR, self.clock.now())}"

    def refund(self, order: Json, auth: str, key: str | None = None, **body: object) -> TestResponse:
        return self.post(f"/api/v1/orders/{order['order']}/refunds", {"reason": "ill", **body}, auth, key)

    # The door

    def pairing_code(self, venue: str | None = None, name: str = "Door 1") -> str:
        with self.database.transaction() as session:
            return offer_pairing(session, venue, name, OPERATOR, self.clock.now())

    def device(self, venue: str | None = None, name: str = "Door 1") -> str:
        """Return the Authorization of a newly paired device."""
        paired = self.post("/api/v1/door/devices", {"pairing_code": self.pairing_code(venue, name)})
        return f"Bearer {expect(paired, 201)['token']}"

    def revoke(self, name: str = "Door 1") -> UUID:
        """Disconnect the device of this name, as staff do, and return its id."""
        with self.database.transaction() as session:
            device = session.scalars(select(Device.id).where(Device.name == name)).one()
            revoke(session, device, OPERATOR, self.clock.now())
        return device

    def day_of(self, screening: str) -> date:
        """Return the day of a screening, as a calendar in its venue has it."""
        starts_at = expect(self.get(f"/api/v1/screenings/{screening}"), 200)["starts_at"]
        return datetime.fromisoformat(starts_at).date()

    def door_pins(self, day: date) -> tuple[str, str]:
        """Let a day have PINs that are cheap to check, and return the usher's and the supervisor's."""
        with self.database.transaction() as session:
            for role, pin in zip(DoorRole, _PINS, strict=True):
                session.add(
                    DoorPin(
                        day=day, role=role, salt=b"salt" * 4, verifier=verifier_of(pin, b"salt" * 4, 1),
                        iterations=1, made_at=self.clock.now(),
                    )
                )  # fmt: skip
        return _PINS

    def open_doors(self) -> None:
        """Let it be five minutes after the doors of s06 have opened."""
        self.clock.at = DOORS_OF_S06 + timedelta(minutes=5)

    def scan(self, device: str, code: str | None, screening: str = "s06", **more: object) -> Json:
        """Send one scan made now, and return its answer."""
        return self.scans(device, [self.scan_body(code, screening, **more)])[0]

    def scans(self, device: str, scans: list[Json], sent_at: datetime | None = None) -> list[Json]:
        body = {"sent_at": (sent_at or self.clock.now()).isoformat(), "scans": scans}
        return list(expect(self.post("/api/v1/door/scans", body, device), 200)["results"])

    def scan_body(self, code: str | None, screening: str = "s06", **more: object) -> Json:
        body = {
            "id": str(uuid4()),
            "screening": screening,
            "at": self.clock.now().isoformat(),
            "seq": 1,
            **more,
        }
        return body if code is None else {"code": code, **body}

    # The worker, the operator

    def work(self) -> None:
        """Do what the worker would do now: end overdue orders, release what is due, empty the outbox."""
        self.desk.calls.end_overdue(self.clock.now())
        release_kept_places(self.database, self.clock.now())
        release_to_rush_lines(self.database, self.clock.now())
        while drain(self.database, handlers(self.runtime, self.desk.calls), self.clock.now()):
            continue
        while self.mail_sender().send_due(self.clock.now()):
            continue

    def mail_sender(self) -> MailSender:
        """Return what sends mails, as the worker's does."""
        return mail_sender(self.app)

    def mails(self) -> list[str]:
        return [mail.read_text() for mail in sorted((self.settings.data_dir / "mail").glob("*.eml"))]

    def broken_invariants(self) -> list[str]:
        with self.database.reading() as session:
            return [
                f"{one.name}: {line}"
                for one in check_invariants(session, self.clock.now())
                for line in one.broken
            ]

    def fingerprint(self) -> dict[str, tuple[int, str]]:
        """Return each table's number of rows and a hash of all of them, to see that nothing has changed."""
        return fingerprint(self.database)

    def close(self) -> None:
        self.database.close()


def fingerprint(database: Database) -> dict[str, tuple[int, str]]:
    """Return each table's number of rows and a hash of all of them."""
    result = {}
    with database.reading() as session:
        for table in metadata.sorted_tables:
            rows = sorted(repr(tuple(row)) for row in session.execute(select(table)))
            result[table.name] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return result


def settings_for(url: str, folder: Path, **changed: Any) -> Settings:
    """Return demo settings for a database, with everything else kept in a folder."""
    settings = load_settings({"TICKETING_DATABASE_URL": url, "TICKETING_DATA_DIR": str(folder)})
    return replace(settings, **{"base_url": "http://kassa.test", **changed})


def order_body(*holds: Json, concessions: Mapping[str, str] | None = None, **buyer: str) -> Json:
    """Return the body that orders holds; concessions go to the hold that has the place."""
    chosen = concessions or {}
    return {
        "holds": [
            {
                "hold": hold["hold"],
                "key": hold["key"],
                "concessions": {place: chosen[place] for place in hold["places"] if place in chosen},
            }
            for hold in holds
        ],
        "buyer": {**BUYER, **buyer},
        "locale": "kk",
        "accept_terms": True,
    }


def expect(response: TestResponse, status: int) -> Json:
    """Return the JSON body of an answer that has this status, else show what came instead."""
    assert response.status_code == status, response.get_data(as_text=True)
    body = response.get_json()
    assert isinstance(body, dict)
    return body


def expect_problem(response: TestResponse, status: int, code: str) -> Json:
    """Return the problem, which must be a whole RFC 9457 one."""
    body = expect(response, status)
    assert response.content_type == "application/problem+json"
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:kassa:{code}")
    assert body["title"]
    return body


def hold_auth(hold: Json) -> str:
    return f"Hold {hold['key']}"


def order_auth(order: Json) -> str:
    return f"Order {order['key']}"


def session_of(order: Json) -> str:
    """Return the session: the last segment of where to pay."""
    return str(order["payment"]["url"]).rsplit("/", 1)[1]


def _headers(auth: str, others: Mapping[str, str]) -> dict[str, str]:
    headers = {name.replace("_", "-"): value for name, value in others.items()}
    return {**headers, "Authorization": auth} if auth else headers


def programme_with(screenings: Collection[str]) -> Programme:
    """Return the demo festival with only some of its screenings."""
    programme = parse_programme(DEMO_PROGRAMME)
    return replace(programme, screenings=tuple(one for one in programme.screenings if one.code in screenings))


def template_of(databases: DatabaseFactory, backend: str, screenings: Collection[str] | None = None) -> str:
    """Return the URL of a database with the demo festival, or these screenings of it. To be copied only.

    It is filled once a session: a fixture that runs on each database is set up anew with every file.
    """

    def fill(url: str) -> None:
        database = Database(url)
        with database.transaction() as session:
            programme = parse_programme(DEMO_PROGRAMME) if screenings is None else programme_with(screenings)
            apply_programme(session, programme, SYSTEM, START)
        database.close()

    name = "festival" if screenings is None else f"festival {' '.join(sorted(screenings))}"
    return databases.filled(backend, name, fill)


@pytest.fixture(scope="session")
def whole_festival(backend: str, databases: DatabaseFactory) -> str:
    """The URL of a database with the demo festival, in the dates of its files. To be read or copied only."""
    return template_of(databases, backend)


@pytest.fixture(scope="session")
def festival_template(backend: str, databases: DatabaseFactory) -> str:
    """The URL of a database with a few screenings of the demo festival. To be copied only."""
    return template_of(databases, backend, KEPT)


@pytest.fixture
def copy_festival(
    backend: str, databases: DatabaseFactory, festival_template: str
) -> Iterator[Callable[[], str]]:
    """A function that returns the URL of one more database with those screenings."""
    made: list[str] = []

    def copy() -> str:
        made.append(copy_database(databases, backend, festival_template))
        return made[-1]

    yield copy
    for url in made:
        databases.drop(url)


def copy_database(databases: DatabaseFactory, backend: str, template: str) -> str:
    """Return the URL of a copy of a database that nobody has open."""
    url = databases.blank(backend, template)
    if backend == "sqlite":
        shutil.copyfile(make_url(template).database or "", make_url(url).database or "")
    return url


@pytest.fixture
def kassa(copy_festival: Callable[[], str], tmp_path: Path) -> Iterator[Kassa]:
    """Kassa with a few screenings of the demo festival (KEPT). At the end the invariants must hold."""
    here = Kassa(copy_festival(), tmp_path)
    yield here
    if here.invariants_hold:
        assert here.broken_invariants() == []
    here.close()

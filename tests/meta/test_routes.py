"""Every address says who may call it, and keeps to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.database import DatabaseFactory
from ticketing.app import create_app
from ticketing.foundation.config import load_settings
from ticketing.foundation.web import runtime
from ticketing.staff.accounts import Role

CALLERS = {"public", "buyer", "device", "staff", *(f"staff:{role}" for role in Role)}
OPEN = {"public", "buyer"}
REFUSED = {401, 403}
SEE_OTHER = {302, 303}
EXAMPLES = {"code": "no-such-thing", "order": "AAA-AAAA", "language": "kk"}


@pytest.fixture(scope="module")
def app(databases: DatabaseFactory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    url = databases.fresh("sqlite")
    folder: Path = tmp_path_factory.mktemp("data")
    made = create_app(load_settings({"TICKETING_DATABASE_URL": url, "TICKETING_DATA_DIR": str(folder)}))
    yield made
    with made.app_context():
        runtime().database.close()
    databases.drop(url)


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.rpartition(".")[2] != "static"]


def callers(app: Flask, rule: Rule) -> tuple[str, ...]:
    return getattr(app.view_functions[rule.endpoint], "callers", ())


def test_every_route_declares_its_callers(app: Flask) -> None:
    undeclared = [rule.rule for rule in rules(app) if not callers(app, rule)]
    assert rules(app)
    assert not undeclared


def test_every_declared_caller_is_known(app: Flask) -> None:
    declared = {caller for rule in rules(app) for caller in callers(app, rule)}
    assert declared <= CALLERS


def test_a_stranger_is_turned_away_where_strangers_are_not_declared(app: Flask) -> None:
    client = app.test_client()
    closed = [rule for rule in rules(app) if not OPEN & set(callers(app, rule))]
    admitted = []
    for rule in closed:
        _, path = rule.build(_examples(rule)) or (None, None)
        assert path is not None, rule.rule
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = client.open(path, method=method, json={} if method != "GET" else None)
            to_sign_in = answer.status_code in SEE_OTHER and "sign-in" in answer.headers["Location"]
            if answer.status_code not in REFUSED and not to_sign_in:
                admitted.append(f"{method} {path} answers {answer.status_code}")
    assert closed
    assert not admitted


def _examples(rule: Rule) -> dict[str, object]:
    """A value for every variable of a path that its converter takes."""
    values: dict[str, object] = {}
    for variable, converter in rule._converters.items():
        names = [kind for kind, known in rule.map.converters.items() if type(converter) is known]
        simple = {"int": 1, "uuid": "00000000-0000-7000-8000-000000000000"}
        values[variable] = next((simple.get(kind) or EXAMPLES.get(kind) for kind in names), None) or "x"
    return values

"""The manuals name what there is: every setting, command, call and code."""

import re
from pathlib import Path

import click
import pytest

from tests.support.kassa import Kassa
from ticketing.cli import cli
from ticketing.foundation.config import ENVIRONMENT_NAMES
from ticketing.foundation.errors import DomainError
from ticketing.texts import ERRORS

DOCS = Path(__file__).resolve().parents[2] / "docs"
OPERATIONS = (DOCS / "operations.md").read_text()
API = (DOCS / "api.md").read_text()


def refusals(kind: type[DomainError] = DomainError) -> list[type[DomainError]]:
    return [
        each for child in kind.__subclasses__() for each in (child, *refusals(child)) if hasattr(each, "code")
    ]


def commands(group: click.Group, before: str = "") -> list[str]:
    return [
        name
        for word, command in group.commands.items()
        for name in (
            commands(command, f"{before}{word} ") if isinstance(command, click.Group) else [f"{before}{word}"]
        )
    ]


@pytest.mark.parametrize("name", ENVIRONMENT_NAMES)
def test_every_setting_is_explained(name: str) -> None:
    assert f"| `{name}` |" in OPERATIONS


def test_no_setting_is_explained_that_is_not_there() -> None:
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", OPERATIONS, re.MULTILINE)) == set(ENVIRONMENT_NAMES)


@pytest.mark.parametrize("name", commands(cli))
def test_every_command_is_explained(name: str) -> None:
    assert re.search(rf"^\| `{name}[ `]", OPERATIONS, re.MULTILINE)


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_every_code_is_explained(code: str) -> None:
    assert len(re.findall(rf"^\| `{code}` \| \d{{3}} \| \S", API, re.MULTILINE)) == 1


@pytest.mark.parametrize("refusal", refusals(), ids=lambda refusal: refusal.__name__)
def test_every_refusal_has_words_and_its_status_in_the_manual(refusal: type[DomainError]) -> None:
    assert refusal.code in ERRORS
    assert f"| `{refusal.code}` | {refusal.status} |" in API


def test_every_call_is_explained(reader_app: Kassa) -> None:
    for rule in reader_app.app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/"):
            start = rule.rule.partition("<")[0].rstrip("/")
            assert start in API, rule.rule
            assert rule.rule.rpartition("/")[2].partition("<")[0] in API


@pytest.fixture
def reader_app(kassa: Kassa) -> Kassa:
    return kassa

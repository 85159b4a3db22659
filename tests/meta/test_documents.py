"""The manuals name what the code has: settings, commands, error codes."""

import importlib
import pkgutil
import re

import pytest

import ticketing
from tests.meta.repository import ROOT, TICKETING
from ticketing.cli import cli
from ticketing.door.rules import Reason
from ticketing.foundation.config import ENVIRONMENT_NAMES
from ticketing.foundation.errors import DomainError
from ticketing.texts import ERRORS

OPERATIONS = ROOT / "docs" / "operations.md"
API = ROOT / "docs" / "api.md"
SETTING = re.compile(r'"((?:TICKETING|STRIPE)_[A-Z_]+|HOST|PORT|WEB_CONCURRENCY)"')


def refusals() -> list[type[DomainError]]:
    for module in pkgutil.walk_packages(ticketing.__path__, "ticketing."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return [kind for kind in _below(DomainError) if hasattr(kind, "code")]


def error_codes() -> set[str]:
    return {kind.code for kind in refusals()}


def _below(kind: type[DomainError]) -> set[type[DomainError]]:
    children = set(kind.__subclasses__())
    return children.union(*(_below(child) for child in children))


def commands() -> list[str]:
    found = []
    for word, command in cli.commands.items():
        found += [f"{word} {sub}" for sub in getattr(command, "commands", {})] or [word]
    return found


def test_the_list_of_settings_is_what_the_code_reads() -> None:
    read = {
        setting
        for path in TICKETING.rglob("*.py")
        for setting in SETTING.findall(path.read_text())
        if path.name != "demo_run.py"  # sets them for its own children
    }
    assert read == set(ENVIRONMENT_NAMES)


def test_operations_explains_every_setting_and_no_other() -> None:
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", OPERATIONS.read_text(), re.MULTILINE)) == set(
        ENVIRONMENT_NAMES
    )


@pytest.mark.parametrize("command", commands())
def test_operations_explains_every_command(command: str) -> None:
    assert re.search(rf"^\| `{command}[ `]", OPERATIONS.read_text(), re.MULTILINE)


def test_api_explains_every_error_code_and_no_other() -> None:
    section = API.read_text().partition("## Error codes\n")[2].partition("\n## ")[0]
    documented = set(re.findall(r"^\| `([a-z_]+)` \|", section, re.MULTILINE))
    assert documented == error_codes() | set(ERRORS)


def test_api_gives_every_refusal_its_status() -> None:
    text = API.read_text()
    missing = [kind.code for kind in refusals() if f"| `{kind.code}` | {kind.status} |" not in text]
    assert missing == []


def test_api_explains_every_reason_of_the_door() -> None:
    section = API.read_text().partition("## Reasons at the door\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([a-z_]+)`", section)) >= {str(reason) for reason in Reason}


def test_every_error_code_has_words() -> None:
    assert error_codes() - set(ERRORS) == set()

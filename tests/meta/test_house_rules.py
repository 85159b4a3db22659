"""The rules of the house that no ready-made linter knows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.meta.repository import ROOT, TICKETING, modules, name, texts

MODULES = modules()
LONGEST_FILE = 400
SOURCES = (".py", ".js", ".mjs", ".css", ".html", ".md")
# What a pure module decides must follow from its arguments alone.
CLOCK_OR_CHANCE = re.compile(
    r"\.now\(|\.today\(|utcnow|time\.time|monotonic\(|\brandom\.|\bsecrets\.|uuid4|urandom"
)
PURE = [
    *sorted(TICKETING.glob("*/rules.py")),
    TICKETING / "sales/planner_rules.py",
    TICKETING / "sales/pricing.py",
    TICKETING / "sales/refund_rules.py",
    TICKETING / "tickets/base45.py",
    TICKETING / "tickets/codes.py",
    TICKETING / "tickets/key_rules.py",
    TICKETING / "tickets/signed_codes.py",
    TICKETING / "catalogue/plans.py",
    *(
        TICKETING / f"catalogue/plan_{name}.py"
        for name in (
            "areas",
            "build",
            "drawing",
            "edit",
            "geometry",
            "json",
            "kinds",
            "rows",
            "warnings",
            "words",
        )
    ),
    *sorted((TICKETING / "catalogue/programme").glob("*.py")),
    *sorted((TICKETING / "catalogue/posters").glob("*.py")),
]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def code_of(text: str) -> str:
    """The module without docstrings and comments."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node, clean=False
        ):
            node.body[0] = ast.Pass()
    return ast.unparse(tree)


def test_only_the_database_module_commits() -> None:
    guilty = [
        f"{path}:{node.lineno}"
        for path, tree in MODULES.items()
        if path != "ticketing/foundation/db.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    ]
    assert not guilty


def test_no_import_inside_a_function() -> None:
    guilty = [
        f"{path}:{node.lineno}"
        for path, tree in {**MODULES, **modules(ROOT / "tests"), **modules(ROOT / "migrations")}.items()
        for function in functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not guilty


def test_no_file_is_too_long_to_read() -> None:
    guilty = {
        name(path): lines
        for path in texts(*SOURCES)
        # A migration is one list of operations, drafted by Alembic: nobody reads it for its shape.
        if path.parent.name != "versions" and (lines := path.read_text().count("\n")) > LONGEST_FILE
    }
    assert not guilty


def test_no_attic() -> None:
    attics = {"util", "utils", "helper", "helpers", "misc", "common"}
    assert not [name(path) for path in texts(".py", ".js", ".mjs") if path.stem in attics]


@pytest.mark.parametrize("path", PURE, ids=name)
def test_pure_modules_take_time_and_chance_as_arguments(path: Path) -> None:
    assert not CLOCK_OR_CHANCE.findall(code_of(path.read_text()))


def test_a_page_is_asked_until_it_says_yes() -> None:
    """Playwright takes a promise for a yes: whatever it holds, the wait is over. `becomes` asks again."""
    promise = re.compile(r"\basync\b|\bPromise\b|\.then\(")
    guilty = []
    for path in (ROOT / "tests" / "browser").glob("*.py"):
        text = path.read_text()
        for asked in re.findall(r"\.wait_for_function\(\s*([A-Z][A-Z_]+|f?\"[^\"]*\")", text):
            meant = re.search(
                rf"^{re.escape(asked)} = (.+?)(?=^\S)", f"{text}\nend", re.DOTALL | re.MULTILINE
            )
            # A question from another file cannot be read here.
            if promise.search(meant[1] if meant else asked) or (asked[0].isupper() and not meant):
                guilty.append(f"{name(path)}: {asked}")
    assert not guilty


def test_no_work_is_left_as_a_note() -> None:
    note = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|HA" + r"CK)\b")
    assert not [name(path) for path in texts(*SOURCES) if note.search(path.read_text())]


def test_a_silenced_linter_says_which_rule() -> None:
    blanket = re.compile(r"#\s*(no" + r"qa(?!:)|type: ig" + r"nore(?!\[))")
    assert not [name(path) for path in texts(".py") if blanket.search(path.read_text())]

"""Templates keep to the strict content policy and escape what they show."""

import re
from pathlib import Path

import pytest

from tests.meta.repository import ROOT, name, texts

PAGES = [
    path
    for path in texts(".html")
    if path.is_relative_to(ROOT / "templates") or path.is_relative_to(ROOT / "scanner")
]
FORBIDDEN = {
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "inline script": re.compile(
        r"<script(?![^>]*\ssrc=)(?![^>]*application/(?:ld\+)?json)[^>]*>", re.IGNORECASE
    ),
    "style block without nonce": re.compile(r"<style(?![^>]*\snonce=)", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
    "other host": re.compile(
        r"<(?:link|script|img|iframe|source)[^>]*(?:src|href)=[\"'](?:https?:)?//", re.IGNORECASE
    ),
    "escaping switched off": re.compile(r"{%-?\s*autoescape\s+false"),
}
UNESCAPED = re.compile(r"\|\s*safe\b")
REASON = re.compile(r"{#-?\s*safe: \S")
MARKUP = re.compile(r"\bMarkup\(")


def test_there_are_pages() -> None:
    assert any(path.is_relative_to(ROOT / "templates") for path in PAGES)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_pages_keep_to_the_policy(path: Path) -> None:
    text = path.read_text()
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_unescaped_text_has_a_reason(path: Path) -> None:
    lines = path.read_text().splitlines()
    bare = [
        number
        for number, line in enumerate(lines, 1)
        if UNESCAPED.search(line) and not REASON.search(line) and not REASON.search(lines[max(number - 2, 0)])
    ]
    assert not bare


def test_markup_made_in_python_has_a_reason() -> None:
    bare = []
    for path in texts(".py"):
        lines = path.read_text().splitlines() if path.is_relative_to(ROOT / "ticketing") else []
        for number, line in enumerate(lines, 1):
            around = line + lines[max(number - 2, 0)]
            if MARKUP.search(line) and "# safe: " not in around:
                bare.append(f"{name(path)}:{number}")
    assert not bare

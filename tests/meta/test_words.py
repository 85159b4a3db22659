"""Every sentence that a person can see exists in Kazakh, Russian and English."""

import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from tests.meta.repository import ROOT

LANGUAGES = {"kk": 2, "ru": 3, "en": 2}
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "say": None, "lazy_ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|(?<!%)%[sd]|\{\w*\}")
TAG = re.compile(r"</?\w+[^>]*>")
LATIN = re.compile(r"[A-Za-z]{2}")
# Names that are the same everywhere.
NAMES = {"3-D Secure"}


@cache
def sentences() -> dict[str | tuple[str, str], tuple[str, ...]]:
    """The messages of the sources: single ones as text, plural ones as a pair."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    method_map = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    found = {}
    for folder in ("ticketing", "templates"):
        inside = [(pattern.removeprefix(f"{folder}/"), method) for pattern, method in method_map
                  if pattern.startswith(folder)]  # fmt: skip
        for path, _line, message, _comments, _context in extract_from_dir(
            ROOT / folder, inside, keywords=KEYWORDS, directory_filter=_is_ours
        ):
            found[message] = (*found.get(message, ()), path)
    return found


def _is_ours(folder: str) -> bool:
    """Whether sentences are looked for in a folder; Babel itself would pass by `_macros`."""
    return not Path(folder).name.startswith(".")


@cache
def catalogue(language: str) -> Catalog:
    path = ROOT / "ticketing" / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def translated(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def forms(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple | list) else [message.string]


def sources(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, tuple | list) else [message.id]


def placeholders(text: str) -> Counter[str]:
    return Counter(match.group() for match in PLACEHOLDER.finditer(text))


def test_the_sources_have_sentences() -> None:
    assert sentences()
    assert any(Path(path).suffix == ".html" for paths in sentences().values() for path in paths)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_in_the_catalogue_and_no_other(language: str) -> None:
    known = {message.id for message in translated(language)}
    assert {str(sentence) for sentence in sentences()} == {str(sentence) for sentence in known}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str) -> None:
    missing = [message.id for message in translated(language) if message.fuzzy or not all(forms(message))]
    assert not missing


@pytest.mark.parametrize(("language", "count"), LANGUAGES.items())
def test_plurals_have_every_form(language: str, count: int) -> None:
    assert catalogue(language).num_plurals == count
    wrong = [
        message.id
        for message in translated(language)
        if message.pluralizable and len(forms(message)) != count
    ]
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_placeholders_and_tags(language: str) -> None:
    """A plural form may leave a number out ("one ticket") but may not invent one."""
    wrong = []
    for message in translated(language):
        wanted = placeholders(sources(message)[-1])
        tags = Counter(TAG.findall(sources(message)[-1]))
        for form in forms(message):
            have = placeholders(form)
            fits = have <= wanted if message.pluralizable else have == wanted
            if not fits or Counter(TAG.findall(form)) != tags:
                wrong.append((message.id, form))
    assert not wrong


def _is_untranslated(message: Message) -> bool:
    """Whether a form says what the source says, but for what is the same in every language."""
    return any(form in sources(message) and form not in NAMES for form in forms(message))


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_translations_are_not_left_in_english(language: str) -> None:
    same = [
        message.id
        for message in translated(language)
        if LATIN.search(PLACEHOLDER.sub("", sources(message)[0])) and _is_untranslated(message)
    ]
    assert not same

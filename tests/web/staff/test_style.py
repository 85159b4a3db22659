"""The style page shows what the product is made of: every token of the style sheet, every motif."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.web.staff.conftest import Desk
from ticketing.boxoffice import style_web
from ticketing.catalogue.posters import Motif, poster_svg
from ticketing.catalogue.posters.palette import PALETTES
from ticketing.staff.accounts import Role

ROOT = Path(__file__).resolve().parents[3]
TOKENS = "".join((ROOT / "static" / "src" / name).read_text() for name in ("measures.css", "tokens.css"))
# A section has these four for itself; its name stands for them.
OF_A_SECTION = {"fill", "on", "ink", "ink-dark", "sec"}


@pytest.fixture
def manager(staff: Callable[..., Desk]) -> Desk:
    """The manager's browser."""
    return staff(Role.MANAGER)


def test_every_token_of_the_style_sheet_is_shown_and_no_other() -> None:
    written = set(re.findall(r"--([a-z0-9-]+):", TOKENS)) - OF_A_SECTION - {"font"}
    shown = [
        *style_web.COLOURS,
        *style_web.TYPE,
        *style_web.WEIGHTS,
        *style_web.SPACES,
        *style_web.SHAPES,
    ]
    assert len(written) > 40
    assert len(shown) == len(set(shown))
    assert set(shown) == written


def test_sections_of_the_style_sheet_are_those_with_posters() -> None:
    coloured = set(re.findall(r"^\.sec-([a-z]+)", TOKENS, re.MULTILINE))
    assert coloured == set(PALETTES)


def test_every_tone_of_the_scanner_is_shown() -> None:
    tones = (ROOT / "scanner" / "src" / "tones.css").read_text()
    assert set(re.findall(r"\.verdict--(\w+)", tones)) == set(style_web.TONES)


@pytest.mark.parametrize(("language", "title"), [("kk", "Стиль"), ("ru", "Стиль"), ("en", "Style")])
def test_the_page_speaks_the_reader_s_language(staff: Callable[..., Desk], language: str, title: str) -> None:
    page = staff(Role.MANAGER, language).page("/staff/style")
    assert f"<title>{title} · Kassa</title>" in page
    assert "International competition" in page if language == "en" else "International" not in page


def test_the_page_has_a_swatch_for_each_colour_by_day_and_by_night(manager: Desk) -> None:
    page = manager.page("/staff/style")
    for name in style_web.COLOURS:
        assert page.count(f'class="colour-{name}"') == 2
        assert f".colour-{name}{{background:var(--{name})}}" in page


def test_each_motif_has_its_poster(manager: Desk) -> None:
    page = manager.page("/staff/style")
    for motif in Motif:
        path = f"/staff/style/posters/{motif}.svg"
        assert path in page
        answer = manager.get(path)
        assert answer.content_type.startswith("image/svg+xml")
        sections = [code for code in PALETTES if poster_svg(motif, code, motif) == answer.text]
        assert len(sections) == 1
    assert manager.get("/staff/style/posters/camel.svg").status_code == 404


def test_it_is_for_managers_and_not_for_search_engines(manager: Desk) -> None:
    assert manager.get("/staff/style").headers["X-Robots-Tag"] == "noindex"


def test_the_box_office_is_turned_away(desk: Desk) -> None:
    assert desk.get("/staff/style").status_code == 403

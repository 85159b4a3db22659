"""Posters: the nineteen of the design byte for byte, and what holds for every other."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ticketing.catalogue.posters import Motif, poster_svg
from ticketing.catalogue.posters.drawing import CodeBytes, short
from ticketing.catalogue.posters.palette import PALETTES
from ticketing.catalogue.programme.parse import parse_programme
from ticketing.catalogue.programme.values import Programme

GOLDEN = Path(__file__).parent / "posters"
# Not shown in the demo festival, so that no screening gives it a section.
UNSHOWN = {"manshuk": "aimanov"}

codes = st.from_regex(r"[a-z0-9][a-z0-9-]{0,39}", fullmatch=True)


@pytest.fixture(scope="module")
def programme(demo_folder: Path) -> Programme:
    return parse_programme(demo_folder)


def first_section(programme: Programme, code: str) -> str:
    """Return the section of the screening `code`, or of the film's first screening."""
    sections = [
        screening.section for screening in programme.screenings if code in {screening.code, *screening.films}
    ]
    return sections[0] if sections else UNSHOWN[code]


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.svg")), ids=lambda path: path.stem)
def test_the_poster_is_the_design_s(programme: Programme, path: Path) -> None:
    motifs = {film.code: film.motif for film in programme.films}
    motifs |= {screening.code: screening.motif for screening in programme.screenings}
    drawn = poster_svg(path.stem, first_section(programme, path.stem), motifs[path.stem])
    assert drawn == path.read_text(encoding="utf-8")


def test_every_film_has_its_golden_poster(programme: Programme) -> None:
    assert {film.code for film in programme.films} < {path.stem for path in GOLDEN.glob("*.svg")}


@settings(max_examples=50)
@given(code=codes, section=st.sampled_from(sorted(PALETTES)), motif=st.sampled_from([*Motif, None]))
def test_any_poster_is_well_formed_and_holds_no_letters(code: str, section: str, motif: Motif | None) -> None:
    svg = poster_svg(code, section, motif)
    root = ET.fromstring(svg)
    assert root.attrib["viewBox"] == "0 0 240 360"
    assert not list(root.itertext()) or not "".join(root.itertext()).strip()
    assert "style=" not in svg
    palette = PALETTES[section]
    used = set(re.findall(r"#[0-9A-F]{6}", svg))
    assert used <= {palette.deep, palette.fill, palette.pale, *palette.sparks}
    assert len(used & set(palette.sparks)) <= 1 or palette.fill in palette.sparks
    assert svg == poster_svg(code, section, motif)


@given(code=codes, motif=st.sampled_from(list(Motif)))
def test_ids_are_prefixed_and_known(code: str, motif: Motif) -> None:
    svg = poster_svg(code, "turkic", motif)
    ids = re.findall(r'id="([^"]*)"', svg)
    assert set(ids) == set(re.findall(r"url\(#([^)]*)\)", svg))
    assert set(ids) <= {f"{code}-a", f"{code}-b"}


# A piece of each motif that no other has.
PIECES = {
    Motif.WELL: '-b)"><circle',
    Motif.HORN: 'stroke-width="18"',
    Motif.WIND: "q30 ",
    Motif.ORCHARD: "h60.8v60.8h-60.8z",
    Motif.HORIZON: 'r="78"',
    Motif.FERRY: "<rect",
    Motif.SHANYRAK: 'r="83"',
    Motif.WINDOW: "M20 120h200v240H20z",
    Motif.WING: "rotate(",
    Motif.ROAD: "M120 112L290 360H-50z",
    Motif.FOLD: "l9 13-9 13-9-13z",
    Motif.RHOMB: 'stroke-width="9"',
    Motif.FURROW: "h240v14H0z",
}


def motifs_in(svg: str) -> set[Motif]:
    return {motif for motif, piece in PIECES.items() if piece in svg}


@given(code=codes, motif=st.sampled_from(list(Motif)))
def test_a_named_motif_is_drawn(code: str, motif: Motif) -> None:
    assert motifs_in(poster_svg(code, "turkic", motif)) == {motif}


@given(code=codes)
def test_without_a_known_motif_the_hash_picks_one(code: str) -> None:
    choices = CodeBytes(code)
    choices.below(3)
    by_hash = list(Motif)[choices.below(13)]
    unnamed = poster_svg(code, "turkic", None)
    assert motifs_in(unnamed) == {by_hash}
    assert poster_svg(code, "turkic", "no-such-motif") == unnamed


def test_the_hash_picks_every_motif_in_turn() -> None:
    drawn = [motifs_in(poster_svg(f"film-{number}", "turkic", None)) for number in range(120)]
    assert set.union(*drawn) == set(Motif)


def test_an_unknown_section_gets_the_soberest_palette() -> None:
    assert poster_svg("a", "no-such-section", "horn") == poster_svg("a", "business", "horn")
    assert poster_svg("a", "turkic", "horn") != poster_svg("a", "business", "horn")


def test_counts_vary_by_code() -> None:
    rings = {poster_svg(f"film-{number}", "turkic", "well").count("<circle") for number in range(60)}
    # Six to ten rings above, as many below, and the eye.
    assert rings == {13, 15, 17, 19, 21}


@pytest.mark.parametrize(
    ("number", "text"), [(12.0, "12"), (0.25, "0.2"), (-0.5, "-0.5"), (10, "10"), (100.04, "100"), (0, "0")]
)
def test_numbers_are_short(number: float, text: str) -> None:
    assert short(number) == text

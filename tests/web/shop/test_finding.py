"""Looking for a film by its title, a name or a venue, however it is spelled."""

import pytest

from tests.support.kassa import Kassa
from tests.web.shop.conftest import Page, Shopper


def titles(page: Page) -> set[str]:
    """Return the codes of the films that a list shows."""
    return {link["href"].rpartition("/")[2] for link in page.all("a", class_="mini")}


def shown(page: Page) -> set[str]:
    return {
        item["id"] for item in page.all("li") + page.all("article") if item.get("id", "").startswith("s-")
    }


# A title as people write it: in three languages, in Latin letters, without Kazakh ones, badly typed.
SPELLINGS = (
    "Шыны бақ", "шыны бак", "ШЫНЫ", "shyny baq", "Shyny bak",
    "Стеклянный сад", "стеклянныи", "steklyanny sad",
    "Glass Orchard", "orchard glass", "  glass   ORCH ", "гласс",
)  # fmt: skip


@pytest.mark.parametrize("typed", SPELLINGS)
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_title_is_found_in_any_spelling(reader: Kassa, typed: str, language: str) -> None:
    page = Shopper(reader, language).get(f"films/?q={typed}")
    assert "glass-orchard" in titles(page)
    assert len(titles(page)) < len(titles(Shopper(reader, language).get("films/"))) / 2
    assert page.value("q") == " ".join(typed.split())


def test_a_programme_is_searched_with_its_filters(visitor: Shopper) -> None:
    everything, found = shown(visitor.get("")), shown(visitor.get("?q=orchard"))
    assert found
    assert found < everything
    assert shown(visitor.get("?q=orchard&section=none")) == set()
    assert shown(visitor.get("?q=")) == everything


def test_venues_and_directors_are_found(visitor: Shopper, reader: Kassa) -> None:
    screening = reader.get("/api/v1/screenings/s06").json
    assert screening is not None
    assert "s-s06" in shown(visitor.get(f"?q={screening['venue']}"))
    assert "s-s06" in shown(visitor.get("?q=esentai"))


def test_nothing_found_says_what_to_do(visitor: Shopper) -> None:
    page = visitor.get("films/?q=brontosaurus")
    assert titles(page) == set()
    assert "Nothing found for “brontosaurus”" in page.words
    assert page.all("a", href="/en/films/")


@pytest.mark.parametrize(
    "typed",
    [
        "%00",
        "a%01b%02c%03d%1f",
        "%",
        "x" * 5000,
        "<script>alert(1)</script>",
        "'; DROP TABLE film; --",
        "%F0%9F%8E%AC",
        "%ff%fe",
        "|",
    ],
)
@pytest.mark.parametrize("path", ["films/", ""])
def test_whatever_is_typed_the_answer_is_a_page(visitor: Shopper, path: str, typed: str) -> None:
    page = visitor.get(f"{path}?q={typed}")
    assert "<script>alert" not in page.html
    assert len(page.value("q")) <= 100

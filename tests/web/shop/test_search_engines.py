"""Search engines find every public page in its languages, and read what a screening is."""

import json
import re
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import update

from tests.support.kassa import Kassa
from tests.web.shop.conftest import Shopper
from ticketing.catalogue.models import Film, Screening
from ticketing.catalogue.programme.values import Words
from ticketing.catalogue.revision import bump

_LINKED = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def linked(html: str) -> dict[str, object]:
    (found,) = _LINKED.findall(html)
    said = json.loads(found)
    assert said["@context"] == "https://schema.org"
    return dict(said)


def test_a_screening_says_what_where_when_and_for_how_much(visitor: Shopper) -> None:
    said = linked(visitor.get("screenings/s06").html)
    assert (said["@type"], said["startDate"]) == ("ScreeningEvent", "2024-11-25T19:30:00+05:00")
    assert said["url"] == "http://kassa.test/en/screenings/s06"
    assert said["eventStatus"] == "https://schema.org/EventScheduled"
    offer = said["offers"]
    assert isinstance(offer, dict)
    assert (offer["price"], offer["priceCurrency"]) == ("2000.00", "KZT")
    assert offer["availability"] == "https://schema.org/InStock"
    location = said["location"]
    assert isinstance(location, dict)
    assert location["address"]["addressCountry"] == "KZ"
    (film,) = said["workPresented"]  # type: ignore[misc]
    assert film["@type"] == "Movie"


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_film_names_its_screenings(kassa: Kassa, language: str) -> None:
    page = Shopper(kassa, language).get("films/glass-orchard")
    said = linked(page.html)["@graph"]
    assert [one["@type"] for one in said] == ["Movie", "ScreeningEvent"]  # type: ignore[attr-defined]
    assert {one["url"].split("/")[3] for one in said} == {language}  # type: ignore[attr-defined]


def test_a_cancelled_screening_is_said_to_be_and_offers_nothing(shopper: Shopper, kassa: Kassa) -> None:
    with kassa.database.transaction() as session:
        session.execute(
            update(Screening)
            .where(Screening.code == "s06")
            .values(status="cancelled", cancelled_at=kassa.clock.now(), cancelled_by="x")
        )
        bump(session)
    said = linked(shopper.get("screenings/s06").html)
    assert said["eventStatus"] == "https://schema.org/EventCancelled"
    assert "offers" not in said


def test_a_title_cannot_leave_its_script(shopper: Shopper, kassa: Kassa) -> None:
    nasty = "</script><script>alert(1)</script>&\u2028"
    with kassa.database.transaction() as session:
        session.execute(
            update(Film).where(Film.code == "glass-orchard").values(title=Words(kk=nasty, ru=nasty, en=nasty))
        )
        bump(session)
    html = shopper.get("films/glass-orchard").html
    assert "<script>alert" not in html
    graph = linked(html)["@graph"]
    assert graph[0]["name"] == nasty  # type: ignore[index]


def test_the_sitemap_has_every_public_page_in_each_language(visitor: Shopper, reader: Kassa) -> None:
    answer = reader.client.get("/sitemap.xml")
    assert answer.content_type == "application/xml; charset=utf-8"
    urls = [url.findtext(f"{_SITEMAP}loc") or "" for url in ET.fromstring(answer.data)]
    assert len(urls) == len(set(urls))
    assert "http://kassa.test/kk/screenings/s06" in urls
    # The press' screening is nobody else's business.
    assert not [url for url in urls if url.endswith("/s02")]
    for url in urls[::4]:
        assert reader.client.get(url.removeprefix("http://kassa.test")).status_code == 200
    robots = reader.client.get("/robots.txt").get_data(as_text=True)
    assert "Sitemap: http://kassa.test/sitemap.xml" in robots


def test_pages_that_are_passed_on_say_what_they_are(visitor: Shopper) -> None:
    page = visitor.get("screenings/s06")
    told = {tag["property"]: tag["content"] for tag in page.all("meta") if "property" in tag}
    assert told["og:url"] == "http://kassa.test/en/screenings/s06"
    assert told["og:title"].endswith("19:30")
    assert "Eurasia" in told["og:site_name"]
    assert told["og:description"]


@pytest.mark.parametrize(
    ("page", "picture"),
    [
        ("", "share.png"),
        ("films/glass-orchard", "share/glass-orchard.png"),
        ("screenings/s06", "share/s06.png"),
    ],
)
def test_a_link_has_its_picture(visitor: Shopper, page: str, picture: str) -> None:
    (said,) = visitor.get(page).all("meta", property="og:image")
    assert said["content"] == f"http://kassa.test/en/{picture}"
    answer = visitor.client.get(f"/en/{picture}")
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert answer.data.startswith(b"\x89PNG")
    assert len(answer.data) < 200_000
    again = visitor.client.get(f"/en/{picture}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("code", ["nothing", "s06x", "S06", "..", "a" * 300])
def test_what_is_not_shown_has_no_picture(visitor: Shopper, code: str) -> None:
    assert visitor.client.get(f"/en/share/{code}.png").status_code == 404


def test_what_the_audience_does_not_hear_of_has_no_picture(shopper: Shopper, kassa: Kassa) -> None:
    with kassa.database.transaction() as session:
        session.execute(update(Screening).where(Screening.code == "s06").values(audience="press"))
        bump(session)
    assert shopper.client.get("/en/share/s06.png").status_code == 404

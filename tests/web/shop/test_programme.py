"""The programme and the films: languages, filters, addresses, and how much they ask of the database."""

import gzip
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import pytest
from sqlalchemy import func, insert, select, update

from tests.support.kassa import Kassa
from tests.support.statements import statements
from tests.web.shop.conftest import Page, Shopper
from ticketing.catalogue.models import Screening, ScreeningFilm
from ticketing.catalogue.revision import bump
from ticketing.foundation.db import Database
from ticketing.foundation.errors import BusyError
from ticketing.inventory.models import Place

KB = 1024


def add_screenings(kassa: Kassa, copies: int) -> None:
    """Add copies of s06, two hours apart, so that the programme is a whole festival's."""
    kassa.invariants_hold = False  # they have no places
    with kassa.database.transaction() as session:
        table = Screening.__table__
        row = dict(session.execute(select(table).where(table.c.code == "s06")).mappings().one())
        film = session.scalars(
            select(ScreeningFilm.film_id).where(ScreeningFilm.screening_id == row["id"])
        ).one()
        begin = 1000 + (session.scalar(select(func.max(table.c.id))) or 0)
        for number in range(copies):
            shift = timedelta(hours=2 * (number % 5), days=number // 5 % 7)
            values = {**row, "id": begin + number, "code": f"x{begin + number}"}
            values |= {"starts_at": row["starts_at"] + shift, "ends_at": row["ends_at"] + shift}
            session.execute(insert(table).values(values))
            session.execute(
                insert(ScreeningFilm).values(screening_id=begin + number, position=1, film_id=film)
            )
        bump(session)


@pytest.mark.parametrize(
    ("headers", "cookie", "language"),
    [
        ({}, None, "kk"),
        ({"Accept-Language": "de"}, None, "kk"),
        ({"Accept-Language": "en-GB,en;q=0.9"}, None, "en"),
        ({"Accept-Language": "ru-RU"}, None, "ru"),
        ({"Accept-Language": "ru-RU"}, "en", "en"),
        ({"Accept-Language": "ru-RU"}, "xx", "ru"),
    ],
)
def test_the_root_leads_to_the_readers_language(
    visitor: Shopper, headers: dict[str, str], cookie: str | None, language: str
) -> None:
    if cookie:
        visitor.client.set_cookie("language", cookie)
    answer = visitor.client.get("/", headers=headers)
    assert answer.status_code == 302
    assert answer.location == f"/{language}/"


def test_the_language_of_the_path_is_remembered(visitor: Shopper) -> None:
    visitor.get("/ru/films/")
    assert visitor.client.get("/").location == "/ru/"


def test_pages_know_their_translations(visitor: Shopper) -> None:
    page = visitor.get("films/glass-orchard?x=1")
    for language in ("kk", "ru", "en"):
        address = f"http://kassa.test/{language}/films/glass-orchard"
        assert page.all("link", rel="alternate", hreflang=language, href=address)
        assert page.all("a", hreflang=language, href=f"/{language}/films/glass-orchard?x=1")
    assert page.all("link", rel="canonical", href="http://kassa.test/en/films/glass-orchard")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_each_page_has_a_title_of_its_own(reader: Kassa, language: str) -> None:
    shopper = Shopper(reader, language)
    titles = [
        shopper.get(path).html.split("<title>", 1)[1].split("</title>", 1)[0]
        for path in ("", "films/", "screenings/s06", "screenings/s07", "basket", "tickets/", "terms")
    ]
    assert len(set(titles)) == len(titles)


def test_what_the_audience_does_not_hear_of_is_not_listed(visitor: Shopper) -> None:
    page = visitor.get("")
    codes = {item["id"] for item in page.all("li", class_="show")}
    assert codes == {"s-s03", "s-s05", "s-s06", "s-s07", "s-s10"}


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("section=international", {"s03", "s06"}),
        ("section=international&section=masterclass", {"s03", "s06", "s07"}),
        ("hall=esentai-1", {"s06"}),
        ("audio=ru", {"s05", "s07"}),
        ("subtitles=kk&audio=uz", {"s03"}),
        ("gratis=1", {"s05"}),
        ("day=2024-11-26", {"s07", "s10"}),
        ("day=not-a-day", {"s03", "s05", "s06", "s07", "s10"}),
        ("places=1&section=international&day=2024-11-25&hall=esentai-2", {"s03"}),
    ],
)
def test_filters(visitor: Shopper, query: str, codes: set[str]) -> None:
    page = visitor.get(f"?{query}")
    assert {item["id"].removeprefix("s-") for item in page.all("li", class_="show")} == codes


def test_filters_stay_chosen(visitor: Shopper) -> None:
    page = visitor.get("?section=masterclass&gratis=1&hall=esentai-1")
    assert [box["value"] for box in page.all("input", name="section") if "checked" in box] == ["masterclass"]
    assert "checked" in page.all("input", name="gratis")[0]
    assert page.all("option", value="esentai-1", selected="")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", "Бұл сүзгілермен ештеңе табылмады. Біреуін алып тастаңыз."),
        ("ru", "По этим фильтрам ничего нет. Снимите один из них."),
        ("en", "Nothing fits these filters. Clear one of them."),
    ],
)
def test_nothing_found_says_so_and_shows_the_way_back(reader: Kassa, language: str, words: str) -> None:
    page = Shopper(reader, language).get("?gratis=1&section=international")
    assert words in page.words
    assert page.all("a", href=f"/{language}/", class_="btn")


def test_a_cancelled_screening_is_still_listed(shopper: Shopper, kassa: Kassa) -> None:
    with kassa.database.transaction() as session:
        session.execute(
            Screening.__table__.update().where(Screening.code == "s03").values(status="cancelled")
        )
    assert "Screening cancelled" in shopper.get("").words
    assert "This screening will not take place." in shopper.get("screenings/s03").words


def test_films_stand_in_the_order_of_the_readers_alphabet(reader: Kassa) -> None:
    def titles(language: str) -> list[str]:
        html = Shopper(reader, language).get("films/").html
        return [part.split("</b>", 1)[0] for part in html.split("<b>")[1:] if "</b>" in part][:4]

    assert titles("kk") == ["Біздің сүйікті дәрігер", "Тұзды жел", "Түнгі ауысым", "Шыны бақ"]
    assert titles("ru") == ["Наш милый доктор", "Ночная смена", "Солёный ветер", "Стеклянный сад"]


@pytest.mark.parametrize("path", ["", "?section=international", "films/", "films/glass-orchard"])
def test_statements_do_not_grow_with_the_festival(shopper: Shopper, kassa: Kassa, path: str) -> None:
    shopper.get(path)
    add_screenings(kassa, 1)
    with statements(kassa.database) as few:
        before = shopper.get(path)
    add_screenings(kassa, 100)
    with statements(kassa.database) as many:
        after = shopper.get(path)
    assert len(many) == len(few) <= 12
    assert len(after.html) >= len(before.html)


@pytest.mark.parametrize("path", ["", "?section=international"])
def test_an_unchanged_programme_asks_next_to_nothing(shopper: Shopper, kassa: Kassa, path: str) -> None:
    shopper.get(path)
    with statements(kassa.database) as seen:
        shopper.get(path)
    assert len([one for one in seen if one.startswith("SELECT")]) == 1


def test_a_whole_festival_fits_a_phones_connection(shopper: Shopper, kassa: Kassa) -> None:
    add_screenings(kassa, 95)
    page = shopper.get("")
    assert len(page.all("li", class_="show")) == 100
    assert len(gzip.compress(page.response.data)) <= 25 * KB


def test_statements_of_a_hall_do_not_depend_on_its_size(visitor: Shopper, reader: Kassa) -> None:
    counts = []
    for code in ("s06", "s10"):
        visitor.get(f"screenings/{code}")  # the first to look at a hall puts it into memory
        with statements(reader.database) as seen:
            visitor.get(f"screenings/{code}")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 5


def test_the_addresses_of_machines(visitor: Shopper) -> None:
    robots = visitor.client.get("/robots.txt")
    assert "Disallow: /*/orders/" in robots.get_data(as_text=True)
    icon = visitor.client.get("/favicon.svg")
    assert icon.content_type == "image/svg+xml"
    poster = visitor.client.get("/posters/glass-orchard.svg")
    assert poster.get_data(as_text=True).startswith("<svg")
    assert "max-age" in poster.headers["Cache-Control"]
    seen = visitor.client.get("/posters/glass-orchard.svg", headers={"If-None-Match": poster.headers["ETag"]})
    assert seen.status_code == 304
    assert visitor.client.get("/posters/s07.svg").status_code == 200
    assert visitor.client.get("/posters/nobody.svg").status_code == 404


def test_a_page_of_a_film_that_nobody_shows_is_not_here(visitor: Shopper) -> None:
    assert "This page is not here." in visitor.get("films/tulpar", 404).words


def test_errors_speak_the_paths_language_and_ask_nothing_of_the_database(
    visitor: Shopper, reader: Kassa
) -> None:
    with statements(reader.database) as seen:
        page = Page(visitor.client.get("/ru/nowhere"))
    assert page.status == 404
    assert "Такой страницы нет." in page.words
    assert page.all("html") == [{"lang": "ru"}]
    assert not seen


@pytest.mark.parametrize(("fault", "status"), [(BusyError(retry_after=1), 503), (OSError("gone"), 500)])
def test_errors_are_pages_while_the_database_is_away(
    visitor: Shopper, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int
) -> None:
    def away(_database: Database) -> NoReturn:
        raise fault

    with monkeypatch.context() as patched:
        patched.setattr(Database, "reading", away)
        page = Page(visitor.client.get("/kk/"))
    assert page.status == status
    assert page.all("html") == [{"lang": "kk"}]
    assert page.all("a", href="/kk/", class_="btn")
    assert (page.response.headers.get("Retry-After") == "1") == (status == 503)


def state_of(page: Page, code: str) -> str:
    """Return what a card says after its title, in one line."""
    html = page.html.partition(f'id="s-{code}"')[2].partition("</li>")[0]
    return " ".join(re.sub("<[^>]+>", " ", html.partition('class="state"')[2].partition(">")[2]).split())


def test_what_is_remembered_follows_sales_and_the_clock(shopper: Shopper, kassa: Kassa) -> None:
    assert state_of(shopper.get(""), "s06").startswith("from 2")
    kept = kassa.free_places("s06")[:4]
    with kassa.database.transaction() as session:
        of_s06 = select(Screening.id).where(Screening.code == "s06").scalar_subquery()
        others = (Place.screening_id == of_s06, Place.label.not_in(kept))
        session.execute(update(Place).where(*others).values(killed=True))
    assert state_of(shopper.get(""), "s06").startswith("4 places left")
    hold = kassa.hold("s06", places=kept[:2])
    assert state_of(shopper.get(""), "s06").startswith("2 places left")
    kassa.clock.at = datetime.fromisoformat(hold["expires_at"]) - timedelta(seconds=1)
    assert state_of(shopper.get(""), "s06").startswith("2 places left")
    kassa.clock.forward(seconds=2)
    assert state_of(shopper.get(""), "s06").startswith("4 places left")
    assert state_of(shopper.get("?section=international"), "s06").startswith("4 places left")
    kassa.clock.at = datetime(2024, 11, 25, 14, 30, tzinfo=UTC)
    assert state_of(shopper.get(""), "s06").startswith("Sales closed")
    kassa.clock.forward(hours=4)
    assert state_of(shopper.get(""), "s06").startswith("Ended")


def test_readers_do_not_see_each_others_marks_and_tokens(another: Callable[..., Shopper]) -> None:
    hers, his = another("en"), another("en")
    first = hers.get("")
    hers.send("plan", {"add": "s06", "back": "/en/"}, first)
    marked, plain = hers.get(""), his.get("")
    assert [one["value"] for one in marked.all("button", class_="is-in")] == ["s06"]
    assert plain.all("button", class_="is-in") == []
    assert marked.value("csrf_token") != plain.value("csrf_token")
    assert "Бағдарлама" in another("kk").get("").words

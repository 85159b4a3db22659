"""A screening's page is written once for who has nothing of her own on it: it must be the right one."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from tests.support.kassa import Kassa
from tests.web.shop.conftest import Shopper
from ticketing.catalogue.models import Festival, Screening
from ticketing.catalogue.programme.values import Words
from ticketing.catalogue.revision import bump
from ticketing.foundation.i18n import LANGUAGES
from ticketing.inventory.models import Place

HALL = "screenings/s06"
_TOKEN = re.compile(r'(name="csrf_token" value=")[^"]+')


def page(kassa: Kassa, language: str = "en", path: str = HALL) -> str:
    """What a new reader sees, less the token of her browser."""
    return _TOKEN.sub(r"\1", Shopper(kassa, language).get(path).html)


def rename(kassa: Kassa) -> None:
    with kassa.database.transaction() as session:
        session.execute(update(Festival).values(short=Words(kk="Ә", ru="Я", en="New <name>")))
        bump(session)


def cancel(kassa: Kassa) -> None:
    with kassa.database.transaction() as session:
        session.execute(update(Screening).where(Screening.code == "s06").values(status="cancelled"))
        bump(session)


def all_but(left: int) -> Callable[[Kassa], None]:
    """Return an act that leaves so many places free."""

    def act(kassa: Kassa) -> None:
        free = kassa.free_places("s06")
        taken = Place.label.in_(free[: len(free) - left])
        of_hall = Place.screening_id == select(Screening.id).where(Screening.code == "s06").scalar_subquery()
        with kassa.database.transaction() as session:
            session.execute(update(Place).where(of_hall, taken).values(killed=True))

    return act


ACTS: dict[str, Callable[[Kassa], object]] = {
    "two places are held": lambda kassa: kassa.hold("s06", 2),
    "few are left": all_but(20),
    "fewer are left": all_but(19),
    "none is left": all_but(0),
    "holds run out": lambda kassa: kassa.clock.forward(minutes=30),
    "the festival has another name": rename,
    "the screening is cancelled": cancel,
    "the screening is over": lambda kassa: kassa.clock.forward(days=400),
}


def test_it_is_what_another_process_would_write(kassa: Kassa) -> None:
    seen = set()
    for act in (lambda _kassa: None, *ACTS.values()):
        act(kassa)
        other = Kassa(kassa.settings.database_url, kassa.settings.data_dir, clock=kassa.clock)
        try:
            for language in LANGUAGES:
                first = page(kassa, language)
                assert page(kassa, language) == first == page(other, language)
                seen.add(first)
        finally:
            other.close()
    # Each act but one shows: that a cancelled screening is over is nothing new.
    assert len(seen) >= len(LANGUAGES) * len(ACTS)


def test_each_browser_has_its_own_token(kassa: Kassa) -> None:
    one, other = Shopper(kassa), Shopper(kassa)
    tokens = {who.get(HALL).value("csrf_token") for who in (one, other)}
    assert len(tokens) == 2
    for who in (one, other):
        form = {"csrf_token": who.get(HALL).value("csrf_token"), "add": "s06", "back": "/en/"}
        assert who.client.post("/en/plan", data=form).status_code == 303


def test_what_is_a_readers_own_is_seen_by_nobody_else(kassa: Kassa) -> None:
    stranger = page(kassa)
    reader = Shopper(kassa)
    held, marked = Shopper(kassa), Shopper(kassa)
    seats = kassa.free_places("s06")[:2]
    assert held.choose("s06", *seats).status_code == 303
    assert "Already in your basket" in held.get(HALL).words
    assert held.get(HALL).all("a", href="/en/basket")
    marked.send("plan", {"add": "s06", "back": f"/en/{HALL}"})
    assert "In my plan" in marked.get(HALL).words
    asked = reader.get(f"{HALL}?place={seats[0]}&from=plan")
    assert asked.all("a", class_="back")[0]["href"].startswith("/en/plan")
    now = page(kassa)
    for own in ("Already in your basket", 'href="/en/basket"', "is-in", "from=plan"):
        assert own not in stranger
        assert own not in now


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_written_before_costs_no_template(
    kassa: Kassa, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = page(kassa, language)

    def refuse(*_what: object, **_more: object) -> str:
        raise AssertionError("written again")

    monkeypatch.setattr("ticketing.sales.shop.screening.render_template", refuse)
    assert page(kassa, language) == before

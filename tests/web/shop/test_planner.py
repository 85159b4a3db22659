"""The festival planner: marking, the plan and its breaks, sharing, and the calendar."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import update

from tests.support.kassa import Kassa
from tests.support.statements import statements
from tests.web.shop.conftest import Page, Shopper
from ticketing.catalogue.models import Hall, Screening
from ticketing.catalogue.revision import bump
from ticketing.sales.shop.planner_marks import MOST_MARKED


def marked(shopper: Shopper) -> list[str]:
    cookie = shopper.client.get_cookie("plan")
    return cookie.value.split(".") if cookie is not None and cookie.value else []


def mark(shopper: Shopper, *codes: str) -> None:
    for code in codes:
        assert shopper.send("plan", {"add": code}).status_code == 303


def move(kassa: Kassa, code: str, **values: object) -> None:
    """Change a screening; `starts_at` moves its end with it."""
    kassa.invariants_hold = False  # a hall is changed without its places
    with kassa.database.transaction() as session:
        row = session.query(Screening).where(Screening.code == code).one()
        if "hall" in values:
            values["hall_id"] = session.query(Hall).where(Hall.code == values.pop("hall")).one().id
        if "starts_at" in values:
            values["ends_at"] = values["starts_at"] + (row.ends_at - row.starts_at)  # type: ignore[operator]
        session.execute(update(Screening).where(Screening.code == code).values(**values))
        bump(session)


def starts_of(kassa: Kassa, code: str) -> tuple[object, ...]:
    with kassa.database.reading() as session:
        row = session.query(Screening).where(Screening.code == code).one()
        return row.starts_at, row.ends_at


# Marking


@pytest.mark.parametrize("path", ["", "films/glass-orchard", "screenings/s06"])
def test_each_page_with_a_screening_has_a_button_for_it(shopper: Shopper, path: str) -> None:
    page = shopper.get(path)
    (form,) = page.all("form", id="plan")
    assert (form["method"], form["action"]) == ("post", "/en/plan")
    assert page.all("button", form="plan", name="add", value="s06")
    answer = shopper.send("plan", {"add": "s06", "back": page.value("back")})
    assert answer.status_code == 303
    assert answer.location == f"/en/{path}#s-s06"
    assert shopper.get(path).all("button", form="plan", name="remove", value="s06")
    shopper.send("plan", {"remove": "s06"})
    assert marked(shopper) == []
    assert shopper.get(path).all("button", form="plan", name="add", value="s06")


def test_filters_stay_when_a_screening_is_marked(shopper: Shopper) -> None:
    page = shopper.get("?section=international&places=1")
    answer = shopper.send("plan", {"add": "s03", "back": page.value("back")})
    assert answer.location == "/en/?section=international&places=1#s-s03"


def test_marking_is_counted_in_the_head_of_every_page(shopper: Shopper) -> None:
    mark(shopper, "s03", "s05", "s03")
    assert marked(shopper) == ["s03", "s05"]
    for path in ("", "basket", "terms"):
        assert "My plan 2" in shopper.get(path).words


def test_a_script_marks_without_another_page(shopper: Shopper) -> None:
    data = {"csrf_token": shopper.token(), "add": "s06"}
    answer = shopper.client.post("/en/plan", data=data, headers={"Accept": "application/json"})
    assert answer.get_json() == {"marked": ["s06"]}
    assert answer.headers["Cache-Control"] == "no-store"
    assert marked(shopper) == ["s06"]


def test_a_form_of_another_site_marks_nothing(shopper: Shopper) -> None:
    answer = shopper.client.post("/en/plan", data={"add": "s06"})
    assert answer.status_code == 400
    assert marked(shopper) == []


def test_the_cookie_says_nothing_of_anybody_and_is_not_for_scripts(shopper: Shopper) -> None:
    answer = shopper.send("plan", {"add": "s06"})
    (header,) = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("plan=")]
    assert header.startswith("plan=s06;")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(header.split("; "))


@pytest.mark.parametrize("code", ["s02", "nowhere", "", "%00", "S06", "s06/.."])
def test_only_what_the_audience_hears_of_can_be_marked(shopper: Shopper, code: str) -> None:
    assert shopper.send("plan", {"add": code}).status_code == 404
    assert marked(shopper) == []


def test_a_full_plan_takes_no_more(shopper: Shopper) -> None:
    full = [f"x{n}" for n in range(MOST_MARKED)]
    shopper.client.set_cookie("plan", ".".join(full))
    refused = Page(shopper.send("plan", {"add": "s06"}))
    assert refused.status == 409
    assert "A plan holds 60 screenings at most. Remove one first." in refused.words
    assert marked(shopper) == full


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
        "evil",
        "/staff/",
        "/en",
        "/en/\n\nx",
        "/en/я",
    ],
)
def test_the_way_back_leads_to_no_other_site(shopper: Shopper, back: str) -> None:
    assert shopper.send("plan", {"add": "s06", "back": back}).location == "/en/plan"


# The plan


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", "Әзірге ештеңе белгіленген жоқ."),
        ("ru", "Пока ничего не отмечено."),
        ("en", "Nothing is marked yet."),
    ],
)
def test_an_empty_plan_says_what_it_is_for(reader: Kassa, language: str, words: str) -> None:
    page = Shopper(reader, language).get("plan")
    assert words in page.words
    assert page.all("a", href=f"/{language}/", class_="btn")


@pytest.mark.parametrize(
    ("language", "break_words", "overlap"),
    [
        ("kk", "Үзіліс: 55 мин, жолға 20 мин кетеді", "уақыты 25 мин қабаттасады."),
        ("ru", "Перерыв: 55 мин, дорога займёт 20 мин", "пересекаются на 25 мин."),
        ("en", "Break: 55 min, the way takes 20 min", "overlap by 25 min."),
    ],
)
def test_breaks_ways_and_overlaps_are_said(
    kassa: Kassa, language: str, break_words: str, overlap: str
) -> None:
    shopper = Shopper(kassa, language)
    # 17:00 to 18:35 in Arman, 19:30 at Esentai: 55 minutes, and 20 for the way.
    mark(shopper, "s06", "s05")
    assert break_words in shopper.get("plan").words
    start, _ = starts_of(kassa, "s06")
    move(kassa, "s06", starts_at=start - timedelta(minutes=80))  # type: ignore[operator]
    page = shopper.get("plan")
    assert overlap in page.words
    assert page.all("p", class_="is-clash")


def test_a_break_shorter_than_the_way_is_tight(shopper: Shopper, kassa: Kassa) -> None:
    mark(shopper, "s05", "s06")
    start, _ = starts_of(kassa, "s06")
    move(kassa, "s06", starts_at=start - timedelta(minutes=45))  # type: ignore[operator]
    page = shopper.get("plan")
    assert "Break: 10 min, too short: the way takes 20 min" in page.words
    assert (
        "Between ‘Our Dear Doctor’ (until 18:35) and ‘Glass Orchard’ (from 18:45): 10 min."
        " The way takes 20 min." in page.words
    )


def test_a_way_that_is_known_only_by_the_main_venue_is_a_limit(shopper: Shopper, kassa: Kassa) -> None:
    mark(shopper, "s05", "s07")
    _, end = starts_of(kassa, "s05")
    move(kassa, "s07", starts_at=end + timedelta(minutes=50))  # type: ignore[operator]
    assert "Break: 50 min, the way takes up to 45 min" in shopper.get("plan").words


def test_halls_of_one_building_need_no_way(shopper: Shopper) -> None:
    mark(shopper, "s03", "s06")
    assert "Break: 4 h 35 min, the same building" in shopper.get("plan").words


def test_a_screening_after_midnight_belongs_to_the_evening(shopper: Shopper, kassa: Kassa) -> None:
    mark(shopper, "s06", "s10")
    _, end = starts_of(kassa, "s06")
    move(kassa, "s10", starts_at=end + timedelta(hours=2, minutes=30))  # type: ignore[operator]
    page = shopper.get("plan")
    assert len(page.all("h2", class_="planner__date")) == 1
    assert "Break: 2 h 30 min, the same building" in page.words


def test_what_is_cancelled_or_over_is_said_and_in_nobodys_way(shopper: Shopper, kassa: Kassa) -> None:
    mark(shopper, "s05", "s06", "s10")
    start, _ = starts_of(kassa, "s05")
    move(kassa, "s06", starts_at=start)
    assert "overlap by" in shopper.get("plan").words
    move(kassa, "s06", status="cancelled", cancelled_at=kassa.clock.now(), cancelled_by="x")
    page = shopper.get("plan")
    assert "overlap" not in page.words
    assert "Screening cancelled" in page.words
    assert page.all("button", name="remove", value="s06")
    kassa.clock.forward(days=30)
    page = shopper.get("plan")
    assert page.words.count("Ended") == 2
    assert not page.all("form", action="/en/plan/hold")


def test_what_left_the_programme_is_not_counted_for_ever(shopper: Shopper) -> None:
    shopper.client.set_cookie("plan", "s06.gone.s02")
    shopper.get("plan")
    assert marked(shopper) == ["s06"]


def test_what_is_held_and_bought_is_said_and_is_part_of_the_plan(shopper: Shopper) -> None:
    shopper.buy("s06", 2)
    shopper.choose_number("s07", 1)
    page = shopper.get("plan")
    assert "You have 2 tickets" in page.words
    assert "1 place in your basket" in page.words
    assert [item["id"] for item in page.all("li", class_="stop")] == ["s-s06", "s-s07"]
    assert not page.all("button", name="remove")
    assert not page.all("form", action="/en/plan/hold")


def test_an_unpaid_order_is_said(shopper: Shopper) -> None:
    shopper.choose_number("s06", 2, best="1")
    shopper.pay()
    assert "2 places in an order to pay" in shopper.get("plan").words


def test_somebody_elses_tickets_are_not_ones_own(shopper: Shopper, another: Callable[..., Shopper]) -> None:
    another().buy("s06", 1)
    mark(shopper, "s06")
    words = shopper.get("plan").words
    assert "You have" not in words
    forged = "orders=AAA-AAAA." + "a" * 26
    assert shopper.client.get("/en/plan", headers={"Cookie": forged}).status_code == 200


def test_statements_do_not_grow_with_the_plan(shopper: Shopper, kassa: Kassa) -> None:
    counts = []
    for codes in (("s06",), ("s03", "s05", "s07", "s10")):
        mark(shopper, *codes)
        with statements(kassa.database) as seen:
            shopper.get("plan")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 9


# Sharing


def share_path(page: Page) -> str:
    found = re.search(r"http://kassa\.test(/en/plan\?s=[a-z0-9.-]+)", page.html)
    assert found is not None
    return found[1]


def test_a_friend_sees_the_plan_and_takes_it_over(shopper: Shopper, another: Callable[..., Shopper]) -> None:
    shopper.buy("s03", 1)
    mark(shopper, "s06", "s05")
    address = share_path(shopper.get("plan"))
    assert address == "/en/plan?s=s03.s05.s06"
    friend = another()
    mark(friend, "s10")
    page = friend.get(address)
    assert [item["id"] for item in page.all("li", class_="stop")] == ["s-s03", "s-s05", "s-s06"]
    assert "You have" not in page.words
    assert not page.all("form", action="/en/plan/hold")
    assert marked(friend) == ["s10"]
    friend.send("plan", {"take": page.value("take")})
    assert marked(friend) == ["s10", "s03", "s05", "s06"]
    assert "All of it is in your plan." in friend.get(address).words


def test_a_shared_plan_says_nothing_of_the_readers_own_tickets(shopper: Shopper) -> None:
    shopper.buy("s06", 1)
    page = shopper.get("plan?s=s06")
    assert "You have" not in page.words
    assert "Nothing" not in page.words


def test_a_link_that_names_nothing_says_so(visitor: Shopper) -> None:
    page = visitor.get("plan?s=s02.nowhere.%00.<script>")
    assert "This link names no screening of the programme." in page.words


def test_search_engines_stay_out(visitor: Shopper) -> None:
    for path in ("plan", "plan?s=s06"):
        response = visitor.get(path).response
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert response.headers["Cache-Control"] == "no-store"
    assert "Disallow: /*/plan" in visitor.client.get("/robots.txt").get_data(as_text=True)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_plan_in_a_calendar(kassa: Kassa, language: str) -> None:
    shopper = Shopper(kassa, language)
    mark(shopper, "s06", "s05")
    for path in ("plan.ics", "plan.ics?s=s05.s06"):
        answer = shopper.client.get(f"/{language}/{path}")
        assert answer.content_type == "text/calendar; charset=utf-8"
        names = [str(event["UID"]).partition(".")[0] for event in Calendar.from_ical(answer.data).events]
        assert names == ["s05", "s06"]
    assert shopper.client.get(f"/{language}/plan.ics?s=s02").status_code == 404


def test_the_plan_and_the_whole_festival_are_the_same_entries_to_a_calendar(visitor: Shopper) -> None:
    def names(path: str) -> set[str]:
        return {str(one["UID"]) for one in Calendar.from_ical(visitor.client.get(path).data).events}

    assert names("/en/plan.ics?s=s06") < names("/en/festival.ics")

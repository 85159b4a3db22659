"""Calendars: read by a parser, stable in name, newer with every change."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event
from sqlalchemy import select

from tests.support.kassa import Json, Kassa, expect
from tests.web.shop.conftest import Page, Shopper
from ticketing.catalogue.models import Screening
from ticketing.catalogue.revision import bump

ALMATY = ZoneInfo("Asia/Almaty")


def feed_of(page: Page) -> str:
    """Return the path of the feed that an order's page offers."""
    return urlsplit(page.html.partition('class="order__address" translate="no">')[2].partition("<")[0]).path


def opened(shopper: Shopper, order: Json) -> Page:
    shopper.get(f"orders/{order['order']}?key={order['key']}", 303)
    return shopper.get(f"orders/{order['order']}")


def events(shopper: Shopper, path: str) -> list[Event]:
    answer = shopper.client.get(path)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.data)
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Asia/Almaty"]
    assert not calendar.walk("VALARM")
    return list(calendar.events)


def screening_row(kassa: Kassa, code: str) -> Screening:
    with kassa.database.reading() as session:
        return session.scalars(select(Screening).where(Screening.code == code)).unique().one()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_an_order_in_a_calendar(kassa: Kassa, language: str) -> None:
    shopper, order = Shopper(kassa, language), kassa.buy("s06", 2)
    opened(shopper, order)
    (event,) = events(shopper, f"/{language}/orders/{order['order']}.ics")
    row = screening_row(kassa, "s06")
    assert event["SUMMARY"] == getattr(row.title, language)
    assert event.decoded("DTSTART") == row.starts_at
    assert event.decoded("DTEND") == row.ends_at
    assert event["DTSTART"].params["TZID"] == "Asia/Almaty"
    assert event.decoded("DTSTART").utcoffset() == timedelta(hours=5)
    assert getattr(row.hall.venue.name, language) in event["LOCATION"]
    assert event["STATUS"] == "CONFIRMED"
    assert event["CLASS"] == "PRIVATE"
    assert order["key"] not in event.to_ical().decode()


def test_the_order_is_for_its_owner(kassa: Kassa, shopper: Shopper) -> None:
    order = kassa.buy()
    path = f"/en/orders/{order['order']}.ics"
    assert shopper.client.get(path).status_code == 404
    answer = shopper.client.get(path, headers={"Authorization": f"Order {order['key']}"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_feed_has_a_key_that_opens_nothing_else(kassa: Kassa, shopper: Shopper) -> None:
    order = kassa.buy()
    feed = feed_of(opened(shopper, order))
    stranger = Shopper(kassa)
    (event,) = events(stranger, feed)
    key = feed.rpartition("/")[2].removesuffix(".ics")
    assert key != order["key"]
    assert stranger.client.get(f"/en/orders/{order['order']}?key={key}").status_code == 404
    assert stranger.client.get(feed.replace(key, order["key"])).status_code == 404
    assert stranger.client.get(feed.replace(key, "x")).status_code == 404
    assert stranger.client.get(feed).headers["Referrer-Policy"] == "no-referrer"
    (downloaded,) = events(shopper, f"/en/orders/{order['order']}.ics")
    assert event["UID"] == downloaded["UID"]


def test_a_moved_screening_is_newer_under_the_same_name(kassa: Kassa, shopper: Shopper) -> None:
    feed = feed_of(opened(shopper, kassa.buy("s06", 1)))
    (before,) = events(shopper, feed)
    with kassa.database.transaction() as session:
        row = session.scalars(select(Screening).where(Screening.code == "s06")).unique().one()
        row.starts_at += timedelta(hours=2)
        row.ends_at += timedelta(hours=2)
        bump(session)
    (after,) = events(shopper, feed)
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after.decoded("DTSTART") - before.decoded("DTSTART") == timedelta(hours=2)


def test_returned_tickets_leave_the_calendar(kassa: Kassa, shopper: Shopper) -> None:
    order, staff = kassa.buy("s06", 2), kassa.staff()
    feed = feed_of(opened(shopper, order))
    read = kassa.get(f"/api/v1/orders/{order['order']}", f"Order {order['key']}")
    first, second = expect(read, 200)["tickets"]
    seen = events(shopper, feed)
    for ticket, status in ((first, "CONFIRMED"), (second, "CANCELLED")):
        kassa.refund({"order": order["order"]}, staff, tickets=[ticket["ticket"]])
        (event,) = events(shopper, feed)
        assert event["STATUS"] == status
        assert event["UID"] == seen[-1]["UID"]
        assert event["SEQUENCE"] > seen[-1]["SEQUENCE"]
        seen.append(event)


def test_the_festival_is_for_everybody(kassa: Kassa, shopper: Shopper) -> None:
    before = {event["UID"]: event for event in events(shopper, "/en/festival.ics")}
    listed = expect(kassa.get("/api/v1/screenings"), 200)["screenings"]
    assert {uid.partition(".")[0] for uid in before} <= {screening["code"] for screening in listed}
    assert len(before) > 1
    with kassa.database.transaction() as session:
        row = session.scalars(select(Screening).where(Screening.code == "s06")).unique().one()
        row.status, row.cancelled_at, row.cancelled_by = (
            "cancelled",
            datetime(2024, 11, 20, tzinfo=UTC),
            "Сәуле",
        )
        bump(session)
    after = {event["UID"]: event for event in events(shopper, "/en/festival.ics")}
    assert after.keys() == before.keys()
    (changed,) = [event for uid, event in after.items() if uid.startswith("s06.")]
    assert changed["STATUS"] == "CANCELLED"
    assert changed["CLASS"] == "PUBLIC"
    assert all(after[uid]["SEQUENCE"] > before[uid]["SEQUENCE"] for uid in before)

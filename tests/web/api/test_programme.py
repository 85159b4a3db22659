"""`GET /api/v1/screenings…`: shapes, filters, and the places with their ETag."""

import pytest

from tests.support.kassa import Kassa, expect, expect_problem

SCREENING = {
    "code", "title", "starts_at", "ends_at", "venue", "hall", "seating", "status", "places", "prices",
}  # fmt: skip


def test_a_screening_has_the_shape_of_the_contract(reader: Kassa) -> None:
    one = expect(reader.get("/api/v1/screenings/s06"), 200)
    assert one.keys() >= SCREENING
    assert one["code"] == "s06"
    assert one["title"].keys() == {"kk", "ru", "en"}
    assert one["starts_at"] == "2024-11-25T19:30:00+05:00"
    assert one["ends_at"] == "2024-11-25T21:50:00+05:00"
    assert (one["venue"], one["hall"], one["seating"]) == ("esentai", "esentai-1", "reserved")
    assert one["status"] == "on_sale"
    assert one["places"] == {"capacity": 346, "free": 346}
    assert {"band": "Центр", "concession": "student", "price": {"minor": 175000, "currency": "KZT"}} in one[
        "prices"
    ]


def test_the_list_has_every_screening_in_the_order_of_time(reader: Kassa) -> None:
    listed = expect(reader.get("/api/v1/screenings"), 200)["screenings"]
    assert [one["code"] for one in listed] == [f"s{n:02}" for n in range(1, 21)]
    assert listed[5] == expect(reader.get("/api/v1/screenings/s06"), 200)


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("date=2024-11-25", ["s02", "s03", "s04", "s05", "s06"]),
        ("venue=esentai&date=2024-11-25", ["s02", "s03", "s04", "s06"]),
        ("venue=palace", ["s01", "s18", "s20"]),
        ("venue=nowhere", []),
        ("date=2030-01-01", []),
        ("date=&venue=&date=2024-11-24", [f"s{n:02}" for n in range(1, 21)]),
        ("date=2024-11-24&colour=red", ["s01"]),
    ],
)
def test_date_and_venue_narrow_the_list(reader: Kassa, query: str, codes: list[str]) -> None:
    found = expect(reader.get(f"/api/v1/screenings?{query}"), 200)["screenings"]
    assert [one["code"] for one in found] == codes


@pytest.mark.parametrize(
    "query",
    [
        "date=tomorrow", "date=2024-02-30", "date=0001-01-01", "date=9999-12-31", "date=99999-01-01",
        "date=2024-11-25T10:00", "date=%00", "date=%ff%fe", "venue=%00", "venue=a%27b", "venue=%F0%9F%8E%9F",
        "date=-1", "date=٢٠٢٤-١١-٢٥",
    ],
)  # fmt: skip
def test_a_filter_that_means_nothing_is_refused(reader: Kassa, query: str) -> None:
    expect_problem(reader.get(f"/api/v1/screenings?{query}"), 422, "invalid_request")


def test_general_admission_lists_its_places_like_seats(reader: Kassa) -> None:
    screening = expect(reader.get("/api/v1/screenings/s07"), 200)
    places = expect(reader.get("/api/v1/screenings/s07/places"), 200)["places"]
    assert screening["seating"] == "general"
    assert len(places) == screening["places"]["capacity"] == 220
    assert places[0].keys() == {"place", "section", "row", "number", "band", "kind", "free"}
    assert all(isinstance(place["place"], str) for place in places)


def test_places_kept_for_the_house_are_not_free(reader: Kassa) -> None:
    screening = expect(reader.get("/api/v1/screenings/s01"), 200)
    assert screening["places"] == {"capacity": 1200, "free": 200}
    assert len(reader.free_places("s01")) == 200


def test_numbered_places_say_where_they_are(reader: Kassa) -> None:
    places = expect(reader.get("/api/v1/screenings/s06/places"), 200)["places"]
    by_label = {place["place"]: place for place in places}
    assert len(by_label) == len(places) == 346
    seat = by_label["З-5-7"]
    assert (seat["row"], seat["number"], seat["kind"], seat["free"]) == ("5", "7", "standard", True)
    assert by_label["З-1-1"]["kind"] == "wheelchair"


def test_the_etag_lasts_until_a_place_changes_hands(kassa: Kassa) -> None:
    first = kassa.get("/api/v1/screenings/s06/places")
    tag = first.headers["ETag"]
    assert first.get_json()["version"] == tag.strip('"')
    same = kassa.get("/api/v1/screenings/s06/places", If_None_Match=tag)
    assert (same.status_code, same.data) == (304, b"")
    assert same.headers["ETag"] == tag
    held = kassa.hold("s06", places=["З-5-7"])
    changed = kassa.get("/api/v1/screenings/s06/places", If_None_Match=tag)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag
    kassa.delete(f"/api/v1/holds/{held['hold']}", f"Hold {held['key']}")
    assert kassa.get("/api/v1/screenings/s06/places", If_None_Match=tag).status_code == 304


def test_free_counts_follow_holds_and_their_end(kassa: Kassa) -> None:
    kassa.hold("s07", 5)
    assert expect(kassa.get("/api/v1/screenings/s07"), 200)["places"]["free"] == 215
    kassa.clock.forward(minutes=10)
    assert expect(kassa.get("/api/v1/screenings/s07"), 200)["places"]["free"] == 220


@pytest.mark.parametrize("path", ["s99", "s99/places", "S06", "s06%00", "%D1%81", "s06/", "..", "a" * 41])
def test_what_is_not_in_the_programme_is_not_found(reader: Kassa, path: str) -> None:
    expect_problem(reader.get(f"/api/v1/screenings/{path}"), 404, "not_found")

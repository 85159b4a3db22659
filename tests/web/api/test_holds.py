"""`POST /api/v1/holds` and what can be done with a hold."""

from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest

from tests.support.kassa import START, Kassa, expect, expect_problem, hold_auth, order_auth, order_body


def test_a_hold_has_the_shape_of_the_contract(kassa: Kassa) -> None:
    hold = kassa.hold("s06", places=["З-5-7", "З-5-8"])
    assert hold.keys() >= {"hold", "key", "screening", "expires_at", "places", "total"}
    assert hold["screening"] == "s06"
    assert sorted(hold["places"]) == ["З-5-7", "З-5-8"]
    assert hold["expires_at"] == (START + timedelta(minutes=10)).isoformat()
    assert hold["total"] == {
        "minor": sum(line["price"]["minor"] for line in hold["lines"]),
        "currency": "KZT",
    }
    assert hold["total"]["minor"] in (2 * 200000, 2 * 250000)


def test_a_quantity_gives_the_best_places_side_by_side(kassa: Kassa) -> None:
    hold = kassa.hold("s06", 3)
    rows = {place.split("-")[1] for place in hold["places"]}
    numbers = sorted(int(place.split("-")[2]) for place in hold["places"])
    assert len(rows) == 1
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_a_quantity_of_one_band_stays_in_it(kassa: Kassa) -> None:
    hold = kassa.hold("s06", 2, band="Стандарт")
    assert {line["band"] for line in hold["lines"]} == {"Стандарт"}


def test_a_quantity_in_an_unnumbered_hall(kassa: Kassa) -> None:
    hold = kassa.hold("s07", 8)
    assert len(set(hold["places"])) == 8
    assert hold["total"] == {"minor": 8 * 200000, "currency": "KZT"}


def test_a_free_screening_costs_nothing(kassa: Kassa) -> None:
    assert kassa.hold("s05", 2)["total"] == {"minor": 0, "currency": "KZT"}


def test_taken_places_are_named_and_nothing_is_held(kassa: Kassa) -> None:
    kassa.hold("s06", places=["З-5-7"])
    free = kassa.free_places("s06")
    refused = kassa.post("/api/v1/holds", {"screening": "s06", "places": ["З-5-6", "З-5-7"]})
    assert expect_problem(refused, 409, "places_taken")["places"] == ["З-5-7"]
    assert kassa.free_places("s06") == free


def test_sold_out_when_too_few_are_left(kassa: Kassa) -> None:
    # Four of the 96 are a wheelchair space or its companion seat, kept for those who ask.
    for quantity in (*[8] * 11, 4):
        kassa.hold("s10", quantity)
    expect_problem(kassa.post("/api/v1/holds", {"screening": "s10", "quantity": 1}), 409, "sold_out")
    for _ in range(27):
        kassa.hold("s07", 8)
    expect_problem(kassa.post("/api/v1/holds", {"screening": "s07", "quantity": 5}), 409, "sold_out")
    assert len(kassa.hold("s07", 4)["places"]) == 4


@pytest.mark.parametrize("body", [{"quantity": 9}, {"places": [f"З-5-{n}" for n in range(1, 10)]}])
def test_too_many_places(kassa: Kassa, body: dict[str, object]) -> None:
    refused = kassa.post("/api/v1/holds", {"screening": "s06", **body})
    assert expect_problem(refused, 422, "too_many_places")["max"] == 8


def test_a_screening_not_on_sale(kassa: Kassa) -> None:
    refused = expect_problem(
        kassa.post("/api/v1/holds", {"screening": "s02", "quantity": 1}), 409, "not_on_sale"
    )
    assert (refused["screening"], refused["state"]) == ("s02", "scheduled")


def test_sales_close_when_the_screening_starts(kassa: Kassa) -> None:
    kassa.clock.forward(days=5, hours=7, minutes=29, seconds=59)
    kassa.hold("s06", 1)
    kassa.clock.forward(seconds=1)
    expect_problem(kassa.post("/api/v1/holds", {"screening": "s06", "quantity": 1}), 409, "not_on_sale")


def test_unknown_screening_and_places(kassa: Kassa) -> None:
    expect_problem(kassa.post("/api/v1/holds", {"screening": "s99", "quantity": 1}), 404, "not_found")
    refused = kassa.post("/api/v1/holds", {"screening": "s06", "places": ["З-5-7", "З-99-1"]})
    assert expect_problem(refused, 422, "unknown_place")["places"] == ["З-99-1"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"places": ["З-5-7"], "quantity": 1},
        {"places": ["З-5-7", "З-5-7"]},
        {"places": []},
        {"quantity": 0},
        {"quantity": -1},
        {"quantity": 1, "colour": "red"},
    ],
)
def test_a_hold_that_makes_no_sense(kassa: Kassa, body: dict[str, object]) -> None:
    refused = kassa.post("/api/v1/holds", {"screening": "s06", **body})
    assert expect_problem(refused, 422, "invalid_request")["errors"]


def test_renewed_once(kassa: Kassa) -> None:
    hold = kassa.hold()
    path = f"/api/v1/holds/{hold['hold']}/renew"
    kassa.clock.forward(minutes=9)
    renewed = expect(kassa.post(path, auth=hold_auth(hold)), 200)
    assert renewed["expires_at"] == (START + timedelta(minutes=19)).isoformat()
    assert {**renewed, "expires_at": hold["expires_at"]} == hold
    expect_problem(kassa.post(path, auth=hold_auth(hold)), 409, "already_renewed")


def test_renewed_holds_keep_their_places_for_the_longer_time(kassa: Kassa) -> None:
    hold = kassa.hold("s06", places=["З-5-7"])
    kassa.clock.forward(minutes=9)
    kassa.post(f"/api/v1/holds/{hold['hold']}/renew", auth=hold_auth(hold))
    kassa.clock.forward(minutes=5)
    assert "З-5-7" not in kassa.free_places("s06")
    kassa.clock.forward(minutes=5)
    assert "З-5-7" in kassa.free_places("s06")


def test_an_expired_hold_is_not_renewed(kassa: Kassa) -> None:
    hold = kassa.hold()
    kassa.clock.forward(minutes=10)
    refused = kassa.post(f"/api/v1/holds/{hold['hold']}/renew", auth=hold_auth(hold))
    expect_problem(refused, 410, "hold_expired")


def test_a_used_hold_is_neither_renewed_nor_released(kassa: Kassa) -> None:
    hold = kassa.hold()
    kassa.order(hold)
    path = f"/api/v1/holds/{hold['hold']}"
    expect_problem(kassa.post(f"{path}/renew", auth=hold_auth(hold)), 409, "hold_used")
    expect_problem(kassa.delete(path, hold_auth(hold)), 409, "hold_used")


def test_released_places_are_free_at_once(kassa: Kassa) -> None:
    hold = kassa.hold("s06", places=["З-5-7"])
    released = kassa.delete(f"/api/v1/holds/{hold['hold']}", hold_auth(hold))
    assert (released.status_code, released.data) == (204, b"")
    assert "З-5-7" in kassa.free_places("s06")
    assert kassa.delete(f"/api/v1/holds/{hold['hold']}", hold_auth(hold)).status_code == 204
    expect_problem(
        kassa.post(f"/api/v1/holds/{hold['hold']}/renew", auth=hold_auth(hold)), 410, "hold_expired"
    )
    expect_problem(kassa.post("/api/v1/orders", order_body(hold)), 410, "hold_expired")


def test_releasing_an_expired_hold_leaves_its_new_owner_alone(kassa: Kassa) -> None:
    old = kassa.hold("s06", places=["З-5-7"])
    kassa.clock.forward(minutes=10)
    kassa.hold("s06", places=["З-5-7"])
    assert kassa.delete(f"/api/v1/holds/{old['hold']}", hold_auth(old)).status_code == 204
    assert "З-5-7" not in kassa.free_places("s06")


def test_a_hold_needs_its_own_key(kassa: Kassa) -> None:
    hold, other = kassa.hold(), kassa.hold()
    order = kassa.order(kassa.hold())
    path = f"/api/v1/holds/{hold['hold']}"
    for auth in (
        hold_auth(other),
        "Hold wrong",
        f"Hold {order['key']}",
        "Hold ключ".encode().decode("latin-1"),
    ):
        expect_problem(kassa.delete(path, auth), 404, "not_found")
        expect_problem(kassa.post(f"{path}/renew", auth=auth), 404, "not_found")
    for auth in ("", "Hold", "Hold ", f"Bearer {hold['key']}", order_auth(order)):
        expect_problem(kassa.delete(path, auth), 401, "unauthorized")
        expect_problem(kassa.post(f"{path}/renew", auth=auth), 401, "unauthorized")
    expect_problem(kassa.delete(f"/api/v1/holds/{uuid4()}", hold_auth(hold)), 404, "not_found")
    assert kassa.delete(path, f"hold {hold['key']}").status_code == 204


@pytest.mark.parametrize(
    ("taken", "wanted", "lone"),
    [
        ([], ["З-12-2", "З-12-3"], ["З-12-1"]),
        (["З-12-5", "З-12-6"], ["З-12-8", "З-12-9"], ["З-12-7"]),
        ([], ["З-12-2", "З-12-3", "З-12-20", "З-12-21"], ["З-12-1", "З-12-22"]),
    ],
)
def test_a_seat_left_alone_is_named_with_a_mend(
    kassa: Kassa, taken: list[str], wanted: list[str], lone: list[str]
) -> None:
    if taken:
        kassa.hold("s06", places=taken)
    free = kassa.free_places("s06")
    refused = kassa.post("/api/v1/holds", {"screening": "s06", "places": wanted})
    body = expect_problem(refused, 422, "single_seat_left")
    assert body["places"] == lone
    assert len(body["mend"]) == len(wanted)
    assert kassa.free_places("s06") == free
    held = kassa.hold("s06", places=body["mend"])
    assert sorted(held["places"]) == sorted(body["mend"])


def test_every_mend_is_accepted_however_the_hall_is_sold(kassa: Kassa) -> None:
    """Choices at random in a hall that fills up: what is offered instead is always good."""
    dice = Random(7)
    mended = 0
    for _ in range(60):
        free = sorted(kassa.free_places("s10"))
        wanted = dice.sample(free, min(len(free), dice.choice((1, 1, 2, 3))))
        answer = kassa.post("/api/v1/holds", {"screening": "s10", "places": wanted})
        if answer.status_code == 422 and answer.get_json()["code"] == "single_seat_left":
            problem = answer.get_json()
            assert set(problem["places"]) <= set(free) - set(wanted)
            if problem["mend"]:
                kassa.hold("s10", places=problem["mend"])
                mended += 1
    assert mended > 5

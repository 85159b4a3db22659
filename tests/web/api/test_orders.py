"""`POST /api/v1/orders` and `GET /api/v1/orders/<order>`."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.support.kassa import (
    DOORS_OF_S06,
    START,
    Kassa,
    expect,
    expect_problem,
    order_auth,
    order_body,
    session_of,
)
from ticketing.catalogue.models import Screening

TICKET = {"ticket", "code", "status", "screening", "place", "price", "pdf"}


def test_an_order_has_the_shape_of_the_contract(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s07", 2))
    assert order.keys() >= {"order", "key", "status", "total", "payment", "tickets"}
    assert re.fullmatch(r"[A-Z0-9]{3}-[A-Z0-9]{4}", order["order"])
    assert (order["status"], order["tickets"]) == ("pending", [])
    assert order["total"] == {"minor": 400000, "currency": "KZT"}
    assert order["payment"].keys() == {"gateway", "url"}
    assert order["payment"]["gateway"] == "demo"
    assert order["payment"]["url"].startswith("http://kassa.test/")
    assert order["pay_until"] == (START + timedelta(minutes=10)).isoformat()
    assert "key" not in kassa.read(order)


def test_a_paid_order_has_one_ticket_a_place(kassa: Kassa) -> None:
    order = kassa.buy("s06", places=["З-5-7", "З-5-8"])
    assert order["payment"] is None
    assert sorted(ticket["place"] for ticket in order["tickets"]) == ["З-5-7", "З-5-8"]
    assert [ticket["status"] for ticket in order["tickets"]] == ["valid", "valid"]
    assert len({ticket["code"] for ticket in order["tickets"]}) == 2
    for ticket in order["tickets"]:
        assert ticket.keys() >= TICKET
        assert ticket["screening"] == "s06"
        assert re.fullmatch("K1[A-Z2-7]{26}", ticket["code"])
    assert order["total"]["minor"] == sum(ticket["price"]["minor"] for ticket in order["tickets"])
    assert [(one["attempt"], one["gateway"], one["status"]) for one in order["payments"]] == [
        (1, "demo", "captured")
    ]
    assert order["refunds"] == []


def test_concessions_set_the_price_of_each_place(kassa: Kassa) -> None:
    hold = kassa.hold("s07", 3)
    first, second, third = hold["places"]
    order = kassa.order(hold, concessions={first: "student", second: "child"})
    assert order["total"]["minor"] == 140000 + 100000 + 200000
    kassa.play(order, "approve")
    prices = {t["place"]: (t["concession"], t["price"]["minor"]) for t in kassa.read(order)["tickets"]}
    assert prices == {first: ("student", 140000), second: ("child", 100000), third: ("adult", 200000)}


def test_an_omitted_concession_is_the_price_lists_only_one(kassa: Kassa) -> None:
    order = kassa.buy("s05", 2)
    assert {ticket["concession"] for ticket in order["tickets"]} == {"registration"}


def test_a_total_of_nothing_is_paid_at_once(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s05", 2))
    assert (order["status"], order["payment"], order["payments"]) == ("paid", None, [])
    assert order["total"] == {"minor": 0, "currency": "KZT"}
    assert len(order["tickets"]) == 2


def test_several_holds_make_one_order(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s06", 2), kassa.hold("s07", 1), kassa.hold("s05", 1))
    kassa.play(order, "approve")
    tickets = kassa.read(order)["tickets"]
    assert [ticket["screening"] for ticket in tickets] == ["s05", "s06", "s06", "s07"]


def test_a_price_that_is_not_offered(kassa: Kassa) -> None:
    hold = kassa.hold("s06", 1)
    refused = kassa.post("/api/v1/orders", order_body(hold, concessions={hold["places"][0]: "astronaut"}))
    problem = expect_problem(refused, 422, "concession_not_offered")
    assert (problem["place"], problem["concession"]) == (hold["places"][0], "astronaut")


def test_a_concession_of_a_place_outside_the_hold(kassa: Kassa) -> None:
    body = order_body(kassa.hold("s06", places=["З-5-7"]))
    body["holds"][0]["concessions"] = {"З-5-8": "student"}
    expect_problem(kassa.post("/api/v1/orders", body), 422, "invalid_request")


def test_an_expired_hold(kassa: Kassa) -> None:
    hold = kassa.hold()
    kassa.clock.forward(minutes=10)
    before = kassa.fingerprint()
    expect_problem(kassa.post("/api/v1/orders", order_body(hold)), 410, "hold_expired")
    assert kassa.fingerprint() == before


def test_an_expired_hold_whose_places_another_has(kassa: Kassa) -> None:
    hold = kassa.hold("s06", places=["З-5-9", "З-5-10"])
    kassa.clock.forward(minutes=10)
    kassa.hold("s06", places=["З-5-10"])
    before = kassa.fingerprint()
    expect_problem(kassa.post("/api/v1/orders", order_body(hold)), 410, "hold_expired")
    assert kassa.fingerprint() == before


def test_one_expired_hold_of_two_refuses_both(kassa: Kassa) -> None:
    late = kassa.hold("s06", 1)
    kassa.clock.forward(minutes=9)
    fresh = kassa.hold("s07", 1)
    kassa.clock.forward(minutes=1)
    expect_problem(kassa.post("/api/v1/orders", order_body(fresh, late)), 410, "hold_expired")
    assert kassa.order(fresh)["status"] == "pending"


def test_a_hold_is_used_once(kassa: Kassa) -> None:
    hold = kassa.hold()
    kassa.order(hold)
    expect_problem(kassa.post("/api/v1/orders", order_body(hold)), 409, "hold_used")
    other = kassa.hold()
    expect_problem(kassa.post("/api/v1/orders", order_body(other, hold)), 409, "hold_used")
    expect_problem(kassa.post("/api/v1/orders", order_body(other, other)), 422, "invalid_request")


def test_a_hold_needs_its_key(kassa: Kassa) -> None:
    hold, other = kassa.hold(), kassa.hold()
    stolen = {**hold, "key": other["key"]}
    expect_problem(kassa.post("/api/v1/orders", order_body(stolen)), 404, "not_found")
    assert kassa.order(hold)["status"] == "pending"


def test_a_screening_that_was_taken_off_sale_meanwhile(kassa: Kassa) -> None:
    hold = kassa.hold("s06", 1)
    with kassa.database.transaction() as session:
        session.execute(update(Screening).where(Screening.code == "s06").values(status="closed"))
    refused = expect_problem(kassa.post("/api/v1/orders", order_body(hold)), 409, "not_on_sale")
    assert refused["screening"] == "s06"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"accept_terms": False}, 422, "terms_required"),
        ({"accept_terms": "true"}, 422, "invalid_request"),
        ({"locale": "de"}, 422, "invalid_request"),
        ({"holds": []}, 422, "invalid_request"),
        ({"buyer": {"email": "not an address", "name": "A"}}, 422, "email_invalid"),
        ({"buyer": {"email": "a@b@c.kz", "name": "A"}}, 422, "email_invalid"),
        ({"buyer": {"email": "", "name": "A"}}, 422, "email_invalid"),
        ({"buyer": {"email": "a@example.kz\r\nBcc: b@example.kz", "name": "A"}}, 422, "invalid_request"),
        ({"buyer": {"email": "a@example.kz", "name": "   "}}, 422, "name_required"),
        ({"buyer": {"email": "a@example.kz", "name": "A", "phone": "12"}}, 422, "phone_invalid"),
        ({"buyer": {"email": "a@example.kz", "name": "A", "phone": "call me"}}, 422, "phone_invalid"),
        ({"buyer": {"email": "a@example.kz", "name": "A" * 201}}, 422, "invalid_request"),
    ],
)
def test_what_a_buyer_must_tell(kassa: Kassa, change: dict[str, object], status: int, code: str) -> None:
    hold = kassa.hold()
    before = kassa.fingerprint()
    expect_problem(kassa.post("/api/v1/orders", {**order_body(hold), **change}), status, code)
    assert kassa.fingerprint() == before
    assert kassa.order(hold)["status"] == "pending"


@pytest.mark.parametrize(
    "buyer",
    [
        {"phone": "8 701 555 12 34"},
        {"phone": "+7 (701) 555-12-34"},
        {"phone": ""},
        {"email": "Айгерім@пошта.қаз"},
        {"email": "  A.B+kino@Example.KZ "},
        {"name": "ﷺ" * 200},  # one letter of it is eighteen when it is folded for search
        {"name": "İ" * 200, "email": "İ" * 30 + "@example.kz"},
    ],
)
def test_odd_but_honest_buyers(kassa: Kassa, buyer: dict[str, str]) -> None:
    assert kassa.order(kassa.hold(), **buyer)["status"] == "pending"


def test_an_order_needs_its_own_key(kassa: Kassa) -> None:
    order, other = kassa.order(kassa.hold()), kassa.order(kassa.hold())
    path = f"/api/v1/orders/{order['order']}"
    for auth in ("", "Order", f"Bearer {order['key']}", f"Hold {order['key']}"):
        expect_problem(kassa.get(path, auth), 401, "unauthorized")
    for auth in (order_auth(other), "Order x", "Order " + "x" * 5000):
        expect_problem(kassa.get(path, auth), 404, "not_found")
    expect_problem(kassa.get("/api/v1/orders/AAA-AAAA", order_auth(order)), 404, "not_found")
    expect_problem(kassa.get("/api/v1/orders/nonsense", order_auth(order)), 404, "not_found")
    assert expect(kassa.get(path, order_auth(order)), 200)["order"] == order["order"]


def test_cookies_open_nothing(kassa: Kassa) -> None:
    order = kassa.buy()
    for name in (f"order-{order['order']}", "order", "Authorization", "session", "key"):
        kassa.client.set_cookie(name, order["key"])
    expect_problem(kassa.get(f"/api/v1/orders/{order['order']}"), 401, "unauthorized")
    answers = [
        kassa.get("/api/v1/screenings/s06"),
        kassa.post("/api/v1/holds", {"screening": "s06", "quantity": 1}),
    ]
    assert all("Set-Cookie" not in response.headers for response in answers)


def test_secrets_are_not_cached(kassa: Kassa) -> None:
    order = kassa.buy()
    response = kassa.get(f"/api/v1/orders/{order['order']}", order_auth(order))
    assert response.headers["Cache-Control"] == "no-store"


def test_an_order_that_nobody_pays_expires_and_frees_its_places(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s06", places=["З-5-7"]))
    kassa.clock.forward(minutes=10)
    assert "З-5-7" not in kassa.free_places("s06")  # the clock alone frees nothing (I5)
    kassa.work()
    assert kassa.read(order)["status"] == "expired"
    assert "З-5-7" in kassa.free_places("s06")
    expect_problem(kassa.play(order, "approve"), 409, "session_closed")
    again = kassa.post(f"/api/v1/orders/{order['order']}/payments", auth=order_auth(order))
    assert expect_problem(again, 409, "order_not_payable")["state"] == "expired"


def test_the_mail_with_the_tickets(kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    kassa.work()
    kassa.work()
    (mail,) = kassa.mails()
    assert "To: aigerim@example.kz" in mail
    assert "order-paid-" in mail
    assert order["order"] in mail


def test_doors_constant_is_what_the_programme_says(kassa: Kassa) -> None:
    starts = expect(kassa.get("/api/v1/screenings/s06"), 200)["starts_at"]
    assert starts == "2024-11-25T19:30:00+05:00"
    assert (DOORS_OF_S06 + timedelta(minutes=30)).isoformat() == "2024-11-25T14:30:00+00:00"


def test_the_session_is_the_last_segment_of_where_to_pay(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold())
    answer = expect(kassa.post(f"/api/v1/demo-payments/{session_of(order)}", {"outcome": "abandon"}), 200)
    assert answer["outcome"] == "abandon"

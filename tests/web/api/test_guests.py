"""Finding somebody who has nothing to show: by the end of a number and a PIN, without names."""

import pytest

from tests.support.kassa import DOORS_OF_S06, Json, Kassa, expect, expect_problem, order_body
from ticketing.tickets.codes import digest

CALL = "/api/v1/door/guests"


@pytest.fixture
def pin(kassa: Kassa) -> str:
    """The supervisor's PIN of the day of s06, which opens what the usher's does."""
    return kassa.door_pins(DOORS_OF_S06.date())[1]


def find(kassa: Kassa, device: str, last: str, pin: str, screening: str = "s06") -> list[Json]:
    body = {"screening": screening, "last": last, "pin": pin}
    return list(expect(kassa.post(CALL, body, device), 200)["guests"])


def test_by_the_order_or_by_the_phone_and_then_in_by_the_ticket(kassa: Kassa, pin: str) -> None:
    hold = kassa.hold("s06", 2)
    order = expect(kassa.post("/api/v1/orders", order_body(hold, phone="8 701 555 98 76")), 201)
    kassa.play(order, "approve")
    kassa.buy("s06", 1)
    device = kassa.device()
    kassa.open_doors()
    by_code = find(kassa, device, order["order"][-4:].lower(), pin)
    assert by_code == find(kassa, device, "9876", pin)
    assert [guest["ticket"] for guest in by_code] == [one["ticket"] for one in kassa.read(order)["tickets"]]
    assert {guest["last"] for guest in by_code} == {order["order"][-4:]}
    assert {guest["state"] for guest in by_code} == {"valid"}
    answer = kassa.scan(device, None, ticket=by_code[0]["ticket"])
    assert (answer["verdict"], answer["ticket"]["place"]) == ("admit", by_code[0]["place"])
    assert [guest["state"] for guest in find(kassa, device, "9876", pin)] == ["inside", "valid"]


def test_phones_know_the_ticket_by_its_key(kassa: Kassa, pin: str) -> None:
    order, device = kassa.buy("s06", 1), kassa.device()
    (guest,) = find(kassa, device, order["order"][-4:], pin)
    code = order["tickets"][0]["code"]
    assert guest["key"] == digest(code).hex()[:16]


def test_nothing_of_the_buyer_is_told(kassa: Kassa, pin: str) -> None:
    order, device = kassa.buy("s06", 1), kassa.device()
    body = {"screening": "s06", "last": order["order"][-4:], "pin": pin}
    response = kassa.post(CALL, body, device)
    (guest,) = expect(response, 200)["guests"]
    assert guest.keys() == {
        "ticket", "key", "last", "state", "place", "section", "row", "number", "band", "concession",
    }  # fmt: skip
    text = response.get_data(as_text=True)
    for secret in ("aigerim", "Айгерім", order["order"], order["tickets"][0]["code"]):
        assert secret not in text


def test_what_is_void_says_why_and_other_screenings_are_not_found(kassa: Kassa, pin: str) -> None:
    order, other, device = kassa.buy("s06", 1), kassa.buy("s10", 1), kassa.device()
    expect(kassa.refund(order, kassa.staff()), 201)
    assert [guest["state"] for guest in find(kassa, device, order["order"][-4:], pin)] == ["refunded"]
    assert find(kassa, device, other["order"][-4:], pin) == []


def test_the_pin_of_the_day_opens_it_and_nothing_else(kassa: Kassa, pin: str) -> None:
    order, device = kassa.buy("s06", 1), kassa.device()
    for wrong in ("", "000000", "31415", pin[::-1]):
        body = {"screening": "s06", "last": order["order"][-4:], "pin": wrong}
        expect_problem(kassa.post(CALL, body, device), 403, "pin_refused")
    without_pins = {"screening": "s10", "last": order["order"][-4:], "pin": pin}
    expect_problem(kassa.post(CALL, without_pins, device), 403, "pin_refused")
    assert len(find(kassa, device, order["order"][-4:], f"{pin[:3]} {pin[3:]}")) == 1


def test_only_devices_of_the_venue_ask(kassa: Kassa, pin: str) -> None:
    order = kassa.buy("s06", 1)
    body = {"screening": "s06", "last": order["order"][-4:], "pin": pin}
    for auth in ("", "Bearer wrong", kassa.staff()):
        expect_problem(kassa.post(CALL, body, auth), 401, "unauthorized")
    here, elsewhere = kassa.device("esentai"), kassa.device("arman")
    expect(kassa.post(CALL, body, here), 200)
    expect_problem(kassa.post(CALL, body, elsewhere), 404, "not_found")
    expect_problem(kassa.post(CALL, {**body, "screening": "nowhere"}, here), 404, "not_found")


@pytest.mark.parametrize("last", ["", "123", "12345", "12%4", "____", "Ж123"])
def test_four_letters_or_figures_are_asked_for(kassa: Kassa, pin: str, last: str) -> None:
    body = {"screening": "s06", "last": last, "pin": pin}
    expect_problem(kassa.post(CALL, body, kassa.device()), 422, "invalid_request")

"""Swaps: only the difference moves, and never is a place, a ticket or a tenge in two hands."""

from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_string
from email.policy import default

import pytest
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from tests.support.kassa import OPERATOR, Json, Kassa, expect, expect_problem, order_auth, session_of
from tests.support.refunding import capture_other_amount, matters, refunds_of
from ticketing.sales.cancelling import cancel_screening
from ticketing.sales.models import DemoSession, LedgerLine, Payment
from ticketing.sales.receipt_models import Receipt

# An evening costs more than an afternoon.
EVENING, AFTERNOON = "s06", "s03"
DOORS_OF_THE_AFTERNOON = datetime(2024, 11, 25, 7, 40, tzinfo=UTC)


def ask(kassa: Kassa, order: Json, held: Json, *numbers: int, auth: str = "", **more: object) -> TestResponse:
    tickets = [kassa.read(order)["tickets"][number]["ticket"] for number in numbers or (0,)]
    chosen = {"hold": held["hold"], "key": held["key"], "concessions": {}}
    body = {"tickets": tickets, "holds": [chosen], "reason": "another evening", **more}
    return kassa.post(f"/api/v1/orders/{order['order']}/swaps", body, auth or kassa.staff())


def swap(kassa: Kassa, order: Json, held: Json, *numbers: int, **more: object) -> Json:
    return expect(ask(kassa, order, held, *numbers, **more), 201)


def valid(kassa: Kassa, order: Json) -> list[tuple[str, str]]:
    tickets = kassa.read(order)["tickets"]
    return sorted((one["screening"], one["place"]) for one in tickets if one["status"] == "valid")


def states(kassa: Kassa, order: Json) -> list[str]:
    return [one["status"] for one in kassa.read(order)["swaps"]]


def at_the_bank(kassa: Kassa) -> int:
    """Return what the books say that the bank has, if they are right."""
    assert kassa.broken_invariants() == []
    with kassa.database.reading() as session:
        lines = select(func.coalesce(func.sum(LedgerLine.amount_minor), 0))
        return int(session.scalar(lines.where(LedgerLine.account == "gateway")) or 0)


def bank_says(kassa: Kassa, begun: Json, state: str) -> None:
    """Let the bank's page have come to a state, and Kassa read it."""
    name = session_of(begun)
    paid = {"captured_minor": DemoSession.amount_minor} if state == "complete" else {}
    with kassa.database.transaction() as session:
        session.execute(update(DemoSession).where(DemoSession.id == name).values(state=state, **paid))
        payment = session.scalars(select(Payment).where(Payment.session == name)).one()
    kassa.desk.calls.look(payment)


def test_places_of_the_same_price_are_swapped_at_once(kassa: Kassa) -> None:
    order = kassa.buy(EVENING, 2)
    kassa.work()
    old, other = order["tickets"]
    held = kassa.hold(EVENING, 1)
    done = swap(kassa, order, held, 0)
    assert (done["status"], done["difference"]["minor"], done["payment"]) == ("done", 0, None)
    assert valid(kassa, order) == sorted([(EVENING, held["places"][0]), (EVENING, other["place"])])
    assert old["place"] in kassa.free_places(EVENING)
    (void,) = [one for one in kassa.read(order)["tickets"] if one["status"] == "void"]
    assert (void["code"], void["void_reason"]) == (old["code"], "reissued")
    assert refunds_of(kassa, order) == []
    assert at_the_bank(kassa) == order["total"]["minor"]
    kassa.work()
    (mail,) = [mail for mail in kassa.mails() if "ауыстырылды" in read(mail)]
    assert held["places"][0].rsplit("-", 1)[1] in read(mail)
    receipts = kassa.read(order)["receipts"]
    assert [one["kind"] for one in receipts] == ["sale", "sale", "return"]
    assert receipts[1]["amount"] == receipts[2]["amount"]


def test_what_costs_less_gives_the_difference_back(kassa: Kassa) -> None:
    order = kassa.buy(EVENING, 1)
    paid = order["total"]["minor"]
    done = swap(kassa, order, kassa.hold(AFTERNOON, 1))
    new = done["places"][0]["price"]["minor"]
    assert (done["status"], done["difference"]["minor"]) == ("done", new - paid)
    (refund,) = refunds_of(kassa, order)
    assert (refund.amount_minor, refund.status, refund.reason) == (paid - new, "done", "exchanged")
    assert at_the_bank(kassa) == new
    # What is left of the money goes back with the new ticket, and no tenge more.
    assert expect(kassa.refund(order, kassa.staff()), 201)["amount"]["minor"] == new
    assert at_the_bank(kassa) == 0


def test_what_costs_more_waits_for_the_difference(kassa: Kassa) -> None:
    order = kassa.buy(AFTERNOON, 1)
    held = kassa.hold(EVENING, 1)
    begun = swap(kassa, order, held)
    difference = begun["difference"]["minor"]
    assert (begun["status"], difference > 0) == ("pending", True)
    assert valid(kassa, order) == [(AFTERNOON, order["tickets"][0]["place"])]
    assert held["places"][0] not in kassa.free_places(EVENING)
    assert at_the_bank(kassa) == order["total"]["minor"]
    expect_problem(ask(kassa, order, kassa.hold(EVENING, 1)), 409, "swap_pending")
    assert kassa.play(begun, "approve").status_code == 200
    assert valid(kassa, order) == [(EVENING, held["places"][0])]
    assert at_the_bank(kassa) == order["total"]["minor"] + difference
    assert states(kassa, order) == ["done"]
    whole = expect(kassa.refund(order, kassa.staff()), 201)
    assert whole["amount"]["minor"] == order["total"]["minor"] + difference
    assert at_the_bank(kassa) == 0


def test_a_repeated_request_finds_its_swap(kassa: Kassa) -> None:
    order = kassa.buy(AFTERNOON, 1)
    held, staff = kassa.hold(EVENING, 1), kassa.staff()
    body = {
        "tickets": [order["tickets"][0]["ticket"]],
        "holds": [{"hold": held["hold"], "key": held["key"], "concessions": {}}],
        "reason": "rain",
    }
    answers = [kassa.post(f"/api/v1/orders/{order['order']}/swaps", body, staff, "key") for _ in range(2)]
    assert expect(answers[0], 201) == expect(answers[1], 201)


@pytest.mark.parametrize("state", ["declined", "expired"])
def test_an_unpaid_difference_frees_the_new_places_and_leaves_the_old(kassa: Kassa, state: str) -> None:
    order = kassa.buy(AFTERNOON, 1)
    held = kassa.hold(EVENING, 1)
    bank_says(kassa, swap(kassa, order, held), state)
    assert states(kassa, order) == ["released"]
    assert valid(kassa, order) == [(AFTERNOON, order["tickets"][0]["place"])]
    assert held["places"][0] in kassa.free_places(EVENING)
    assert at_the_bank(kassa) == order["total"]["minor"]
    # And another one can be tried, which nobody pays: the worker ends it.
    kassa.clock.forward(seconds=1)
    swap(kassa, order, kassa.hold(EVENING, 1))
    kassa.clock.forward(minutes=9)
    kassa.work()
    assert states(kassa, order) == ["released", "pending"]
    kassa.clock.forward(minutes=2)
    kassa.work()
    assert states(kassa, order) == ["released", "released"]
    assert at_the_bank(kassa) == order["total"]["minor"]


def test_money_that_comes_late_gets_the_places_if_they_are_free(kassa: Kassa) -> None:
    order = kassa.buy(AFTERNOON, 1)
    held = kassa.hold(EVENING, 1)
    kassa.play(swap(kassa, order, held), "late")
    assert valid(kassa, order) == [(EVENING, held["places"][0])]
    assert states(kassa, order) == ["done"]
    assert at_the_bank(kassa) > order["total"]["minor"]


def test_money_that_comes_late_goes_back_if_they_are_taken(kassa: Kassa) -> None:
    order = kassa.buy(AFTERNOON, 1)
    held = kassa.hold(EVENING, 1)
    begun = swap(kassa, order, held)
    bank_says(kassa, begun, "expired")
    kassa.buy(EVENING, places=held["places"])
    bank_says(kassa, begun, "complete")
    kassa.work()
    assert valid(kassa, order) == [(AFTERNOON, order["tickets"][0]["place"])]
    (back,) = refunds_of(kassa, order)
    assert (back.amount_minor, back.status, back.reason) == (
        begun["difference"]["minor"],
        "done",
        "swap_lost",
    )
    assert states(kassa, order) == ["released"]
    assert kassa.broken_invariants() == []


def test_a_notification_that_comes_twice_swaps_once(kassa: Kassa) -> None:
    order = kassa.buy(AFTERNOON, 1)
    kassa.play(swap(kassa, order, kassa.hold(EVENING, 1)), "duplicate")
    assert len(valid(kassa, order)) == 1
    assert refunds_of(kassa, order) == []
    assert at_the_bank(kassa) > order["total"]["minor"]


def test_another_amount_is_for_staff_to_decide(kassa: Kassa) -> None:
    order = kassa.buy(AFTERNOON, 1)
    begun = swap(kassa, order, kassa.hold(EVENING, 1))
    capture_other_amount(kassa, begun, 12_300)
    assert states(kassa, order) == ["released"]
    assert matters(kassa) == [("amount_differs", 12_300)]
    assert kassa.broken_invariants() == []


def _refunded(kassa: Kassa, order: Json) -> None:
    expect(kassa.refund(order, kassa.staff()), 201)


def _admitted(kassa: Kassa, order: Json) -> None:
    scan = kassa.scan(kassa.device(), order["tickets"][0]["code"], AFTERNOON)
    assert scan["verdict"] == "admit"


def _cancelled(kassa: Kassa, _order: Json) -> None:
    with kassa.database.transaction() as session:
        cancel_screening(session, EVENING, "the print is lost", OPERATOR, kassa.clock.now())


@pytest.mark.parametrize("meanwhile", [_refunded, _admitted, _cancelled])
def test_what_happens_meanwhile_wins_and_the_difference_goes_back(
    kassa: Kassa, meanwhile: Callable[[Kassa, Json], None]
) -> None:
    order = kassa.buy(AFTERNOON, 1)
    kassa.clock.at = DOORS_OF_THE_AFTERNOON
    begun = swap(kassa, order, kassa.hold(EVENING, 1))
    meanwhile(kassa, order)
    bank_says(kassa, begun, "complete")
    kassa.work()
    assert states(kassa, order) == ["released"]
    back = [one for one in refunds_of(kassa, order) if one.reason == "swap_lost"]
    assert [(one.amount_minor, one.status) for one in back] == [(begun["difference"]["minor"], "done")]
    assert kassa.broken_invariants() == []


def test_refusals_change_nothing(kassa: Kassa) -> None:
    order = kassa.buy(EVENING, 2)
    other = kassa.buy(EVENING, 1)
    pending = kassa.order(kassa.hold(EVENING, 1))
    held = kassa.hold(EVENING, 1)
    expect(kassa.refund(order, kassa.staff(), tickets=[order["tickets"][1]["ticket"]]), 201)
    kassa.work()
    staff = kassa.staff()
    before = kassa.fingerprint()
    expect_problem(ask(kassa, order, held, 1, auth=staff), 409, "ticket_not_valid")
    expect_problem(ask(kassa, order, held, auth=staff, reason=" "), 422, "reason_required")
    expect_problem(
        ask(kassa, order, held, auth=staff, tickets=[other["tickets"][0]["ticket"]]), 404, "not_found"
    )
    expect_problem(ask(kassa, order, {**held, "key": "a" * 26}, auth=staff), 404, "not_found")
    path = f"/api/v1/orders/{pending['order']}/swaps"
    body = {
        "tickets": [order["tickets"][0]["ticket"]],
        "holds": [{"hold": held["hold"], "key": held["key"], "concessions": {}}],
        "reason": "x",
    }
    assert kassa.post(path, body, staff).status_code == 404
    assert kassa.post(path, body, order_auth(order)).status_code == 401
    assert kassa.fingerprint() == before
    kassa.clock.forward(minutes=11)
    expect_problem(ask(kassa, order, held), 410, "hold_expired")


def test_the_order_page_asks_for_the_difference(kassa: Kassa) -> None:
    order = kassa.buy(AFTERNOON, 1)
    begun = swap(kassa, order, kassa.hold(EVENING, 1))
    kassa.client.get(f"/en/orders/{order['order']}?key={order['key']}")
    page = kassa.client.get(f"/en/orders/{order['order']}").get_data(as_text=True).replace("\u00a0", " ")
    assert f"Pay the difference, {begun['difference']['minor'] // 100} ₸" in page
    assert "The old ones stay valid" in page


def test_many_swaps_of_one_order_add_up(kassa: Kassa) -> None:
    order = kassa.buy(AFTERNOON, 3)
    for screening in (EVENING, AFTERNOON, EVENING, EVENING):
        number = next(n for n, one in enumerate(kassa.read(order)["tickets"]) if one["status"] == "valid")
        made = swap(kassa, order, kassa.hold(screening, 1), number)
        if made["status"] == "pending":
            kassa.play(made, "approve")
        kassa.work()
    assert len(valid(kassa, order)) == 3
    left = sum(one["price"]["minor"] for one in kassa.read(order)["tickets"] if one["status"] == "valid")
    assert at_the_bank(kassa) == left
    with kassa.database.reading() as session:
        signs = {"sale": 1, "return": -1}
        rows = session.execute(select(Receipt.kind, Receipt.amount_minor))
        assert sum(signs[kind] * amount for kind, amount in rows) == left
    expect(kassa.refund(order, kassa.staff()), 201)
    kassa.work()
    assert at_the_bank(kassa) == 0


def read(mail: str) -> str:
    message = message_from_string(mail, policy=default)
    return f"{message['subject']} {message.get_body(('plain',)).get_content()}"

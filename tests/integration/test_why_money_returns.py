"""The letter about money that goes back by itself says why."""

from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from tests.support.kassa import OPERATOR, Json, Kassa, expect, order_auth, order_body
from tests.support.late import bank_closes_late, leave_only, pay_closed_page
from tests.support.refunding import capture_other_amount, matter_id
from ticketing.sales.cancelling import cancel_screening
from ticketing.sales.deciding import return_parked
from ticketing.sales.models import Order, Refund
from ticketing.sales.refund_rules import BackReason

SAID = {
    BackReason.PLACE_LOST: "the seats were taken by then",
    BackReason.PAID_TWICE: "A second payment came for this order",
    BackReason.SWAP_LOST: "The exchange could not be made",
    BackReason.SET_ASIDE: "The bank took another amount",
}


def in_english(kassa: Kassa, **hold: object) -> Json:
    body = order_body(kassa.hold("s06", **hold))
    return expect(kassa.post("/api/v1/orders", {**body, "locale": "en"}), 201)


def money_letter(kassa: Kassa) -> str:
    (file,) = (kassa.settings.data_dir / "mail").glob("refund-done-*.eml")
    body = message_from_bytes(file.read_bytes(), policy=default).get_body(("plain",))
    return str(body.get_content())


def test_the_places_were_gone(kassa: Kassa) -> None:
    order = in_english(kassa, places=["З-5-7", "З-5-8"])
    kassa.clock.forward(minutes=10)
    bank_closes_late(kassa, order)
    kassa.buy("s06", places=["З-5-7"])
    leave_only(kassa, "s06", [])
    pay_closed_page(kassa, order)
    kassa.work()
    assert SAID[BackReason.PLACE_LOST] in money_letter(kassa)


def test_the_screening_was_cancelled_meanwhile(kassa: Kassa) -> None:
    order = in_english(kassa, quantity=1)
    with kassa.database.transaction() as session:
        cancel_screening(session, "s06", "the print is lost", OPERATOR, kassa.clock.now())
    kassa.work()
    pay_closed_page(kassa, order)
    kassa.work()
    assert "The screening will not take place." in money_letter(kassa)
    assert SAID[BackReason.PLACE_LOST] not in money_letter(kassa)


def test_paid_twice(kassa: Kassa) -> None:
    first = in_english(kassa, quantity=1)
    kassa.play(first, "decline")
    path = f"/api/v1/orders/{first['order']}/payments"
    second = {**first, **expect(kassa.post(path, auth=order_auth(first)), 201)}
    kassa.play(second, "approve")
    pay_closed_page(kassa, first)
    kassa.work()
    assert SAID[BackReason.PAID_TWICE] in money_letter(kassa)


def test_another_amount(kassa: Kassa) -> None:
    order = in_english(kassa, quantity=1)
    capture_other_amount(kassa, order, 100_000)
    with kassa.database.transaction() as session:
        return_parked(session, matter_id(kassa), "asked for it", OPERATOR, kassa.clock.now())
    kassa.work()
    assert SAID[BackReason.SET_ASIDE] in money_letter(kassa)


@pytest.mark.parametrize("reason", [*BackReason, "ill"])
def test_each_reason_has_its_sentence(kassa: Kassa, reason: str) -> None:
    order = in_english(kassa, quantity=1)
    kassa.play(order, "approve")
    expect(kassa.refund(order, kassa.staff()), 201)
    with kassa.database.transaction() as session:
        session.scalars(select(Refund).join(Order)).one().reason = reason
    kassa.work()
    said = money_letter(kassa)
    assert [one for one, sentence in SAID.items() if sentence in said] == [
        one for one in SAID if one == reason
    ]

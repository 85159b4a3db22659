"""What Stripe will never do: told as a no, and not asked for where it is known before."""

from unittest.mock import patch

from sqlalchemy import select

from tests.support.kassa import expect, expect_problem
from tests.support.stripe_kassa import StripeKassa
from ticketing.sales.models import Order
from ticketing.sales.payments.port import GatewayRefusedError
from ticketing.sales.payments.stripe import StripeGateway


def test_a_page_that_the_bank_refuses_is_told_as_a_refusal(stripe_kassa: StripeKassa) -> None:
    body = stripe_kassa.order_body(stripe_kassa.hold())
    with patch.object(StripeGateway, "start", side_effect=GatewayRefusedError("amount_too_small")):
        expect_problem(stripe_kassa.post("/api/v1/orders", body), 409, "payment_refused")
    with stripe_kassa.database.reading() as session:
        assert session.scalars(select(Order.status)).all() == ["pending"], "for another attempt"


def test_a_difference_that_the_bank_would_not_take_claims_nothing(stripe_kassa: StripeKassa) -> None:
    order, _ = stripe_kassa.bought("s03", places=[free_in(stripe_kassa, "s03", "Центр")])
    held = stripe_kassa.hold("s06", places=[free_in(stripe_kassa, "s06", "Стандарт")])
    chosen = {"hold": held["hold"], "key": held["key"], "concessions": {}}
    body = {"tickets": [order["tickets"][0]["ticket"]], "holds": [chosen], "reason": "ill"}
    auth = stripe_kassa.staff()
    before = stripe_kassa.fingerprint()
    problem = stripe_kassa.post(f"/api/v1/orders/{order['order']}/swaps", body, auth)
    said = expect_problem(problem, 409, "difference_too_small")
    assert 0 < said["difference"] < said["least"]
    assert stripe_kassa.fingerprint() == before


def free_in(kassa: StripeKassa, screening: str, band: str) -> str:
    places = expect(kassa.get(f"/api/v1/screenings/{screening}/places"), 200)["places"]
    return str(next(one["place"] for one in places if one["band"] == band and one["free"]))

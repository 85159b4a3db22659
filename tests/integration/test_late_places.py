"""Money that comes after the places are gone: equal ones instead, which may go back for the whole price."""

from collections.abc import Collection
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import func, select, update

from tests.support.kassa import Json, Kassa, expect, expect_problem, order_auth, order_body
from tests.support.late import bank_closes_late, leave_only, pay_closed_page
from ticketing.catalogue.models import Festival, Screening
from ticketing.inventory.models import Place
from ticketing.sales.models import BuyerCount

SEATS = ["З-5-7", "З-5-8"]
TOLD = "These are equal ones."


def late(kassa: Kassa, *holds: Json) -> Json:
    """An order whose places are free again, while its buyer is still at the bank."""
    order = expect(kassa.post("/api/v1/orders", {**order_body(*holds), "locale": "en"}), 201)
    kassa.clock.forward(minutes=10)
    bank_closes_late(kassa, order)
    return order


def labels(order: Json) -> list[str]:
    return [ticket["place"] for ticket in order["tickets"]]


def bands(kassa: Kassa, places: Collection[str]) -> set[str]:
    shown = expect(kassa.get("/api/v1/screenings/s06/places"), 200)["places"]
    return {place["band"] for place in shown if place["place"] in places}


def counted(kassa: Kassa) -> int:
    with kassa.database.reading() as session:
        return session.scalars(select(func.sum(BuyerCount.places))).one()


def test_equal_places_side_by_side_in_the_same_band(kassa: Kassa) -> None:
    order = late(kassa, kassa.hold("s06", places=SEATS))
    kassa.buy("s06", places=SEATS[:1])
    before = counted(kassa)
    pay_closed_page(kassa, order)
    paid = kassa.read(order)
    assert (paid["status"], paid["total"], paid["refunds"]) == ("paid", order["total"], [])
    one, other = sorted(label.rpartition("-") for label in labels(paid))
    assert one[0] == other[0]
    assert abs(int(one[2]) - int(other[2])) == 1
    assert SEATS[0] not in labels(paid)
    assert bands(kassa, labels(paid)) == bands(kassa, SEATS)
    assert counted(kassa) == before + 2
    assert not set(labels(paid)) & set(kassa.free_places("s06"))
    assert kassa.broken_invariants() == []
    kassa.work()
    letters = [
        str(message_from_bytes(file.read_bytes(), policy=default).get_body(("plain",)).get_content())
        for file in (kassa.settings.data_dir / "mail").glob("order-paid-*.eml")
    ]
    assert len(letters) == 2
    assert sum(TOLD in text for text in letters) == 1


def test_who_keeps_a_place_keeps_his_line(kassa: Kassa) -> None:
    order = late(kassa, kassa.hold("s06", places=SEATS))
    kassa.buy("s06", places=SEATS[:1])
    leave_only(kassa, "s06", ["З-5-8", "З-5-9"])
    pay_closed_page(kassa, order)
    assert sorted(labels(kassa.read(order))) == ["З-5-8", "З-5-9"]
    assert kassa.broken_invariants() == []


def test_places_apart_are_not_equal_to_two_together(kassa: Kassa) -> None:
    order = late(kassa, kassa.hold("s06", places=SEATS))
    kassa.buy("s06", places=SEATS[:1])
    leave_only(kassa, "s06", ["З-5-8", "З-5-11"])
    pay_closed_page(kassa, order)
    assert (kassa.read(order)["status"], len(kassa.read(order)["refunds"])) == ("expired", 1)
    assert {"З-5-8", "З-5-11"} <= set(kassa.free_places("s06"))


def test_places_of_another_band_are_not_equal(kassa: Kassa) -> None:
    order = late(kassa, kassa.hold("s06", places=SEATS[:1]))
    kassa.buy("s06", places=SEATS[:1])
    (band,) = bands(kassa, SEATS[:1])
    shown = expect(kassa.get("/api/v1/screenings/s06/places"), 200)["places"]
    others = [place["place"] for place in shown if place["band"] != band and place["free"]]
    assert others
    leave_only(kassa, "s06", others)
    pay_closed_page(kassa, order)
    assert kassa.read(order)["status"] == "expired"


def test_a_wheelchair_space_comes_with_its_companion_seat(kassa: Kassa) -> None:
    hold = kassa.hold("s06", 2, accessible=True)
    order = late(kassa, hold)
    taken = kassa.buy("s06", places=hold["places"])
    pay_closed_page(kassa, order)
    mine = labels(kassa.read(order))
    assert not set(mine) & set(labels(taken))
    with kassa.database.reading() as session:
        kinds = session.scalars(
            select(Place.kind).join(Screening).where(Screening.code == "s06", Place.label.in_(mine))
        )
        assert sorted(kinds) == ["companion", "wheelchair"]


def test_a_hall_without_seats_has_only_equal_places(kassa: Kassa) -> None:
    order = late(kassa, kassa.hold("s10", 3))
    kassa.buy("s10", 3)
    pay_closed_page(kassa, order)
    paid = kassa.read(order)
    assert (paid["status"], len(set(labels(paid)))) == ("paid", 3)
    assert kassa.broken_invariants() == []


def test_of_two_screenings_both_or_none(kassa: Kassa) -> None:
    order = late(kassa, kassa.hold("s10", 1), kassa.hold("s06", places=SEATS))
    kassa.buy("s06", places=SEATS)
    leave_only(kassa, "s06", [])
    free, before = kassa.free_places("s10"), counted(kassa)
    pay_closed_page(kassa, order)
    lost = kassa.read(order)
    assert (lost["status"], [refund["amount"] for refund in lost["refunds"]]) == ("expired", [order["total"]])
    assert (kassa.free_places("s10"), counted(kassa)) == (free, before)
    assert kassa.broken_invariants() == []


def test_a_screening_that_has_ended_has_no_places(kassa: Kassa) -> None:
    order = late(kassa, kassa.hold("s06", places=SEATS))
    kassa.clock.forward(days=40)
    pay_closed_page(kassa, order)
    assert (kassa.read(order)["status"], len(kassa.read(order)["refunds"])) == ("expired", 1)


@pytest.mark.parametrize("self_service", [True, False])
def test_equal_places_go_back_for_the_whole_price(kassa: Kassa, *, self_service: bool) -> None:
    with kassa.database.transaction() as session:
        session.execute(
            update(Festival).values(
                refund_self_service=self_service, refund_fee_percent=50, refund_until_hours=24 * 31
            )
        )
    order = late(kassa, kassa.hold("s06", places=SEATS))
    ordinary = kassa.buy("s06", places=SEATS[:1])
    pay_closed_page(kassa, order)
    path = f"/api/v1/orders/{order['order']}/returns"
    refund = expect(kassa.post(path, {}, order_auth(order)), 201)
    assert (refund["amount"], refund["fee"]["minor"]) == (order["total"], 0)
    path = f"/api/v1/orders/{ordinary['order']}/returns"
    refused = kassa.post(path, {}, order_auth(ordinary))
    expect_problem(refused, 409, "return_too_late" if self_service else "returns_off")
    assert kassa.broken_invariants() == []


def test_the_order_s_page_says_so(kassa: Kassa) -> None:
    order = late(kassa, kassa.hold("s06", places=SEATS))
    kassa.buy("s06", places=SEATS[:1])
    pay_closed_page(kassa, order)
    page = f"/en/orders/{order['order']}"
    kassa.client.get(f"{page}?key={order['key']}")
    assert TOLD in kassa.client.get(page).get_data(as_text=True)

"""`POST /api/v1/orders/<order>/refunds`: by staff token, by ticket, once."""

from sqlalchemy import select

from tests.support.kassa import Kassa, expect, expect_problem
from ticketing.staff.accounts import Role
from ticketing.staff.models import AuditEntry


def test_one_ticket_of_two(kassa: Kassa) -> None:
    order, staff = kassa.buy("s06", places=["З-5-7", "З-5-8"]), kassa.staff()
    first, second = order["tickets"]
    refund = expect(kassa.refund(order, staff, tickets=[first["ticket"]], reason="  ill \u00a0 today "), 201)
    assert (refund["order"], refund["status"], refund["reason"]) == (order["order"], "done", "ill today")
    assert (refund["amount"], refund["fee"]) == (first["price"], {"minor": 0, "currency": "KZT"})
    assert refund["tickets"] == [first["ticket"]]
    after = kassa.read(order)
    assert after["status"] == "paid"
    states = {ticket["ticket"]: (ticket["status"], ticket["void_reason"]) for ticket in after["tickets"]}
    assert states == {first["ticket"]: ("void", "refunded"), second["ticket"]: ("valid", None)}
    assert after["refunds"] == [refund]
    assert first["place"] in kassa.free_places("s06")
    assert second["place"] not in kassa.free_places("s06")


def test_all_of_an_order_and_then_nothing_is_left(kassa: Kassa) -> None:
    order, staff = kassa.buy("s06", 2), kassa.staff()
    refund = expect(kassa.refund(order, staff), 201)
    assert refund["amount"] == order["total"]
    assert sorted(refund["tickets"]) == sorted(ticket["ticket"] for ticket in order["tickets"])
    assert kassa.read(order)["status"] == "refunded"
    again = expect_problem(kassa.refund(order, staff, tickets=refund["tickets"]), 409, "already_refunded")
    assert sorted(again["tickets"]) == sorted(refund["tickets"])
    expect_problem(kassa.refund(order, staff), 409, "already_refunded")


def test_one_refunded_ticket_among_others_refuses_all(kassa: Kassa) -> None:
    order, staff = kassa.buy("s06", 2), kassa.staff()
    first, second = (ticket["ticket"] for ticket in order["tickets"])
    kassa.refund(order, staff, tickets=[first])
    before = kassa.fingerprint()
    refused = expect_problem(kassa.refund(order, staff, tickets=[first, second]), 409, "already_refunded")
    assert refused["tickets"] == [first]
    assert kassa.fingerprint() == before
    assert expect(kassa.refund(order, staff), 201)["tickets"] == [second]


def test_a_fee_is_kept(kassa: Kassa) -> None:
    order, staff = kassa.buy("s07", 1), kassa.staff()
    too_much = kassa.refund(order, staff, fee={"minor": 200001, "currency": "KZT"})
    assert expect_problem(too_much, 422, "fee_too_high")["most"] == 200000
    foreign = kassa.refund(order, staff, fee={"minor": 1, "currency": "USD"})
    expect_problem(foreign, 422, "invalid_request")
    refund = expect(kassa.refund(order, staff, fee={"minor": 50000, "currency": "KZT"}), 201)
    assert (refund["amount"]["minor"], refund["fee"]["minor"]) == (150000, 50000)
    assert kassa.read(order)["status"] == "refunded"


def test_a_fee_of_the_whole_price_moves_no_money(kassa: Kassa) -> None:
    order, staff = kassa.buy("s07", 1), kassa.staff()
    refund = expect(kassa.refund(order, staff, fee=order["total"]), 201)
    assert (refund["amount"]["minor"], refund["status"]) == (0, "done")


def test_a_free_ticket_can_be_given_back(kassa: Kassa) -> None:
    order, staff = kassa.buy("s05", 1), kassa.staff()
    refund = expect(kassa.refund(order, staff), 201)
    assert (refund["amount"]["minor"], refund["status"]) == (0, "done")
    assert kassa.read(order)["status"] == "refunded"


def test_an_admitted_ticket_is_not_refunded(kassa: Kassa) -> None:
    order, staff = kassa.buy("s06", 2), kassa.staff()
    device = kassa.device()
    kassa.open_doors()
    assert kassa.scan(device, order["tickets"][0]["code"])["verdict"] == "admit"
    used = order["tickets"][0]["ticket"]
    assert expect_problem(kassa.refund(order, staff), 409, "already_admitted")["tickets"] == [used]
    expect_problem(kassa.refund(order, staff, tickets=[used]), 409, "already_admitted")
    expect(kassa.refund(order, staff, tickets=[order["tickets"][1]["ticket"]]), 201)


def test_a_refund_needs_a_reason_and_tickets(kassa: Kassa) -> None:
    order, staff = kassa.buy("s06", 1), kassa.staff()
    expect_problem(kassa.refund(order, staff, reason="   "), 422, "reason_required")
    expect_problem(kassa.refund(order, staff, tickets=[]), 422, "invalid_request")
    expect_problem(kassa.refund(order, staff, tickets=["not-a-ticket"]), 422, "invalid_request")


def test_foreign_and_unknown_things_are_not_found(kassa: Kassa) -> None:
    order, other, staff = kassa.buy("s06", 1), kassa.buy("s06", 1), kassa.staff()
    foreign = [other["tickets"][0]["ticket"]]
    expect_problem(kassa.refund(order, staff, tickets=foreign), 404, "not_found")
    expect_problem(kassa.refund(order, staff, tickets=["0190" + "0" * 28]), 404, "not_found")
    expect_problem(kassa.refund({"order": "AAA-AAAA"}, staff), 404, "not_found")
    unpaid = kassa.order(kassa.hold())
    expect_problem(kassa.refund(unpaid, staff), 404, "not_found")


def test_who_may_refund(kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    first, second = ([ticket["ticket"]] for ticket in order["tickets"])
    device = kassa.device()
    for auth in ("", "Bearer", "Bearer wrong", device, f"Order {order['key']}", f"Bearer {order['key']}"):
        expect_problem(kassa.refund(order, auth), 401, "unauthorized")
    expect_problem(kassa.refund(order, kassa.staff(Role.USHER)), 403, "forbidden")
    expect(kassa.refund(order, kassa.staff(Role.MANAGER), tickets=first), 201)
    expect(kassa.refund(order, kassa.staff(Role.BOXOFFICE), tickets=second), 201)


def test_every_refund_is_in_the_audit_trail(kassa: Kassa) -> None:
    order, staff = kassa.buy("s06", 1), kassa.staff()
    expect(kassa.refund(order, staff), 201)
    with kassa.database.reading() as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "refund"))
    assert (entry.actor_name, entry.object_id, entry.reason) == ("Сәуле", order["order"], "ill")
    assert entry.before["tickets"][0]["state"] == "valid"
    assert entry.after["tickets"][0]["state"] == "void"
    assert "aigerim" not in str((entry.before, entry.after))


def test_the_buyer_gets_a_mail(kassa: Kassa) -> None:
    order, staff = kassa.buy("s06", 1), kassa.staff()
    expect(kassa.refund(order, staff), 201)
    kassa.work()
    assert len(kassa.mails()) == 2

"""Refunds at the desk: chosen by ticket, worked out by the server, made once."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from tests.support.kassa import Json, Kassa
from tests.web.staff.conftest import Desk, Fields, plain
from ticketing.sales.models import Refund
from ticketing.staff.accounts import Role
from ticketing.staff.models import AuditEntry


@pytest.fixture
def order(kassa: Kassa) -> Json:
    """A paid order of three tickets at 2 500 ₸."""
    return kassa.buy(quantity=3)


def chosen(desk: Desk, order: Json, *numbers: int, **more: str) -> Json:
    """Return the form of an order with tickets ticked, as JavaScript would fill in the amount."""
    tickets = [order["tickets"][number] for number in numbers]
    amount = sum(ticket["price"]["minor"] for ticket in tickets)
    form = desk.refund_form(order["order"])
    return {**form, "ticket": [t["ticket"] for t in tickets], "amount": [str(amount)], **more}


def refunds(kassa: Kassa) -> int:
    with kassa.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Refund)) or 0


def states(kassa: Kassa, order: Json) -> list[str]:
    return [ticket["status"] for ticket in kassa.read(order)["tickets"]]


def test_one_ticket_is_refunded_and_the_rest_stays(kassa: Kassa, desk: Desk, order: Json) -> None:
    place = order["tickets"][1]["place"]
    answer = desk.refund(order["order"], chosen(desk, order, 1, note="ill"))
    assert answer.status_code == 303
    page = desk.plain(answer.headers["Location"])
    assert "Refunded: 2 500 ₸" in page
    assert "Viewer cannot come: ill, Saule <b>" in page
    assert "Part-refunded" in page
    assert states(kassa, order) == ["valid", "void", "valid"]
    assert place in kassa.free_places("s06")
    read = kassa.read(order)
    assert read["status"] == "paid"
    assert [(one["status"], one["amount"]["minor"], one["reason"]) for one in read["refunds"]] == [
        ("done", 250000, "cannot_come: ill")
    ]
    assert kassa.scan(kassa.device("esentai"), order["tickets"][1]["code"])["reason"] == "refunded"


def test_every_ticket_at_once(kassa: Kassa, desk: Desk, order: Json) -> None:
    form = {**desk.refund_form(order["order"]), "every": "1", "amount": "750000"}
    answer = desk.refund(order["order"], form)
    assert answer.status_code == 303
    page = desk.page(answer.headers["Location"])
    assert "Fully refunded" in page
    assert 'id="refund"' not in page
    assert kassa.read(order)["status"] == "refunded"


def test_without_javascript_the_amount_is_shown_first_and_then_confirmed(
    kassa: Kassa, desk: Desk, order: Json
) -> None:
    ticket = order["tickets"][0]["ticket"]
    form = desk.refund_form(order["order"])
    assert form["amount"] == [""]
    first = desk.refund(order["order"], {**form, "ticket": [ticket], "fee": "500"})
    assert first.status_code == 422
    page = plain(first.get_data(as_text=True))
    assert "Check the amount and confirm." in page
    assert "Refund 2 000 ₸" in page
    assert refunds(kassa) == 0
    shown = Fields(page).sent
    assert (shown["ticket"], shown["amount"], shown["fee"]) == ([ticket], ["200000"], ["500"])
    second = desk.refund(order["order"], shown)
    assert second.status_code == 303
    read = kassa.read(order)["refunds"][0]
    assert (read["amount"]["minor"], read["fee"]["minor"]) == (200000, 50000)


def test_a_button_that_said_another_amount_refunds_nothing(kassa: Kassa, desk: Desk, order: Json) -> None:
    form = chosen(desk, order, 0)
    answer = desk.refund(order["order"], {**form, "ticket": [t["ticket"] for t in order["tickets"]]})
    assert answer.status_code == 422
    assert "Refund 7 500 ₸" in plain(answer.get_data(as_text=True))
    assert refunds(kassa) == 0


def test_sending_the_form_twice_makes_one_refund(kassa: Kassa, desk: Desk, order: Json) -> None:
    form = chosen(desk, order, 0)
    answers = [desk.refund(order["order"], form) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert refunds(kassa) == 1


def test_somebody_else_s_form_key_is_another_key(
    kassa: Kassa, staff: Callable[..., Desk], order: Json
) -> None:
    saule, dana = staff(), staff(Role.MANAGER)
    key = "0123456789abcdef"
    assert saule.refund(order["order"], chosen(saule, order, 0, form_key=key)).status_code == 303
    assert dana.refund(order["order"], chosen(dana, order, 1, form_key=key)).status_code == 303
    assert refunds(kassa) == 2


def test_a_ticket_that_was_used_meanwhile_is_refused_and_says_so(
    kassa: Kassa, desk: Desk, order: Json
) -> None:
    form = chosen(desk, order, 0, 1)
    kassa.open_doors()
    assert kassa.scan(kassa.device("esentai"), order["tickets"][0]["code"])["verdict"] == "admit"
    assert desk.sign_in("saule").status_code == 303
    answer = desk.refund(order["order"], {**form, "csrf_token": desk.token("/boxoffice/")})
    assert answer.status_code == 409
    assert "has been used at the door" in answer.get_data(as_text=True)
    assert refunds(kassa) == 0
    assert states(kassa, order) == ["valid"] * 3


def test_a_ticket_that_was_refunded_meanwhile_is_refused(kassa: Kassa, desk: Desk, order: Json) -> None:
    first, second = chosen(desk, order, 0), chosen(desk, order, 0)
    assert desk.refund(order["order"], first).status_code == 303
    answer = desk.refund(order["order"], second)
    assert answer.status_code == 409
    assert "refunded already" in answer.get_data(as_text=True)
    assert refunds(kassa) == 1


FAULTS: tuple[tuple[Json, str], ...] = (
    ({"ticket": []}, "Choose at least one ticket."),
    ({"ticket": ["", "x", "00000000-0000-7000-8000-000000000000"]}, "Choose at least one ticket."),
    ({"fee": "a lot"}, "whole tenge"),
    ({"fee": "-5"}, "whole tenge"),
    ({"fee": "²"}, "whole tenge"),
    ({"fee": "9" * 15}, "whole tenge"),
    ({"reason": "other", "note": "  "}, "Say the reason in the note."),
    ({"fee": "2501", "amount": "0"}, "The fee is higher"),
)


def test_a_form_with_faults_says_which_and_keeps_what_was_typed(
    kassa: Kassa, desk: Desk, order: Json
) -> None:
    for changed, word in FAULTS:
        answer = desk.refund(order["order"], {**chosen(desk, order, 0), "note": "<i>note", **changed})
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422, changed
        assert word in plain(page), changed
        assert "<i>note" not in page
        assert ("<i>note" in plain(page)) == ("note" not in changed)
    assert refunds(kassa) == 0


ODD: tuple[Json, ...] = (
    {"form_key": ""}, {"form_key": "é"}, {"form_key": "x" * 300}, {"amount": "9" * 40}, {"amount": "-1"},
    {"amount": "1e9"}, {"amount": "\x00"}, {"ticket": ["\x00"]}, {"ticket": ["9" * 5000]},
    {"fee": "1" * 4000}, {"reason": "other", "note": "\x00"}, {"fee": "x\x00", "q": "\x00%"},
)  # fmt: skip


def test_bad_input_is_refused_and_never_breaks(kassa: Kassa, desk: Desk, order: Json) -> None:
    for changed in ODD:
        answer = desk.refund(order["order"], {**chosen(desk, order, 0), **changed})
        assert answer.status_code == 422, changed
    assert refunds(kassa) == 0
    kept = {"note": "ж\x00" * 5000, "reason": "\x00", "q": "\x00%", "fee": " 0 \x00"}
    assert desk.refund(order["order"], {**chosen(desk, order, 0), **kept}).status_code == 303
    assert refunds(kassa) == 1


def test_after_the_deadline_staff_may_and_the_audit_trail_says_so(
    kassa: Kassa, staff: Callable[..., Desk], order: Json
) -> None:
    desk = staff()
    assert "the buyer's time to return it is over" not in desk.page(f"/boxoffice/orders/{order['order']}")
    kassa.open_doors()
    desk = staff()
    assert "the buyer's time to return it is over" in desk.page(f"/boxoffice/orders/{order['order']}")
    assert desk.refund(order["order"], chosen(desk, order, 2, reason="wrong_place")).status_code == 303
    with kassa.database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "refund")).one()
    assert (entry.reason, entry.object_id, entry.actor_name) == (
        "wrong_place, after_deadline", order["order"], "Saule <b>",
    )  # fmt: skip
    assert "Wrong place sold, after the deadline" in staff(Role.MANAGER).page("/staff/audit")


def test_the_policy_s_fee_is_kept_unless_another_is_typed(
    kassa: Kassa, desk: Desk, order: Json, set_fee: Callable[[int], None]
) -> None:
    set_fee(15)
    form = chosen(desk, order, 0)
    assert desk.refund(order["order"], form).status_code == 422
    assert desk.refund(order["order"], {**form, "amount": "212500"}).status_code == 303
    assert desk.refund(order["order"], {**chosen(desk, order, 1), "fee": "0"}).status_code == 303
    assert sorted(one["fee"]["minor"] for one in kassa.read(order)["refunds"]) == [0, 37500]


def test_a_free_ticket_is_given_back(kassa: Kassa, desk: Desk) -> None:
    free = kassa.buy("s05", 2)
    assert desk.refund(free["order"], chosen(desk, free, 0)).status_code == 303
    assert states(kassa, free) == ["void", "valid"]


def test_an_order_without_tickets_has_no_form(kassa: Kassa, desk: Desk) -> None:
    waiting = kassa.order(kassa.hold())
    assert 'id="refund"' not in desk.page(f"/boxoffice/orders/{waiting['order']}")


def test_an_usher_cannot_refund(kassa: Kassa, staff: Callable[..., Desk], order: Json) -> None:
    usher = staff(Role.USHER)
    token = Fields(usher.page("/staff/scanners/")).one("csrf_token")
    answer = usher.refund(
        order["order"], {"csrf_token": token, "form_key": "k", "every": "1", "amount": "750000"}
    )
    assert answer.status_code == 403
    assert refunds(kassa) == 0

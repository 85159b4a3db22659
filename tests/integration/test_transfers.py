"""A ticket sent to a friend: who has it, who sees its code, what its money does."""

from collections.abc import Callable
from datetime import timedelta
from email import message_from_string
from email.policy import default
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

from tests.support.friends import FRIEND, ask, link_of, send, take_back
from tests.support.kassa import Json, Kassa, expect, expect_problem, order_auth, order_body
from ticketing.catalogue.models import Screening
from ticketing.foundation.errors import DomainError
from ticketing.sales.transfer_models import Transfer
from ticketing.sales.transfers import open_transfer
from ticketing.staff.models import AuditEntry
from ticketing.tickets.models import Ticket


def open_it(kassa: Kassa, sent: Json) -> None:
    with kassa.database.transaction() as session:
        open_transfer(session, UUID(sent["transfer"]), kassa.clock.now())


def code_of(kassa: Kassa, ticket: Json) -> str:
    """Return the code that the ticket has, whoever may see it."""
    with kassa.database.reading() as session:
        sealed = session.scalars(select(Ticket.code_sealed).where(Ticket.id == UUID(ticket["ticket"]))).one()
    return kassa.runtime.vault.open(sealed)


def mails_to(kassa: Kassa, address: str) -> list[str]:
    kassa.work()
    messages = [message_from_string(text, policy=default) for text in kassa.mails()]
    return [
        f"{one['Subject']}\n{one.get_body(('plain',)).get_content()}"
        for one in messages
        if one["To"] == address
    ]


def test_the_owner_loses_the_code_and_the_friend_enters(kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    first, second = order["tickets"]
    sent = send(kassa, order)
    assert (sent["to"], sent["opened_at"]) == (FRIEND, None)
    read, other = kassa.read(order)["tickets"]
    assert (read["code"], read["pdf"], read["transferred"], read["transfer"]) == (None, None, True, sent)
    assert read["status"] == "valid"
    assert (other["code"], other["transferred"], other["transfer"]) == (second["code"], False, None)
    device = kassa.device()
    kassa.open_doors()
    assert kassa.scan(device, first["code"])["reason"] == "reissued"
    assert kassa.scan(device, code_of(kassa, first))["verdict"] == "admit"


def test_a_ticket_taken_back_is_the_owners_with_a_third_code(kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    send(kassa, order)
    friends = code_of(kassa, order["tickets"][0])
    assert take_back(kassa, order).status_code == 204
    (ticket,) = kassa.read(order)["tickets"]
    assert ticket["transferred"] is False
    assert ticket["code"] not in (None, friends, order["tickets"][0]["code"])
    device = kassa.device()
    kassa.open_doors()
    assert kassa.scan(device, friends)["reason"] == "reissued"
    assert kassa.scan(device, ticket["code"])["verdict"] == "admit"
    expect_problem(take_back(kassa, order), 404, "not_found")


def test_what_was_taken_back_can_be_sent_again_and_only_the_last_friend_has_it(kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    first = send(kassa, order)
    expect_problem(ask(kassa, order), 409, "ticket_transferred")
    take_back(kassa, order)
    second = send(kassa, order, name="Ерлан")
    with pytest.raises(DomainError, match="transfer_taken_back"):
        open_it(kassa, first)
    open_it(kassa, second)
    assert kassa.read(order)["tickets"][0]["transfer"]["opened_at"] is not None


def test_an_opened_ticket_stays_with_the_friend(kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    sent = send(kassa, order)
    open_it(kassa, sent)
    opened_at = kassa.read(order)["tickets"][0]["transfer"]["opened_at"]
    kassa.clock.forward(minutes=5)
    open_it(kassa, sent)
    assert kassa.read(order)["tickets"][0]["transfer"]["opened_at"] == opened_at
    expect_problem(take_back(kassa, order), 409, "transfer_opened")
    expect_problem(ask(kassa, order), 409, "ticket_transferred")


def test_the_buyer_cannot_return_what_was_sent_and_the_box_office_can(kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    sent = send(kassa, order)
    path, auth = f"/api/v1/orders/{order['order']}/returns", order_auth(order)
    named = {"tickets": [order["tickets"][0]["ticket"]]}
    expect_problem(kassa.post(path, named, auth), 409, "ticket_transferred")
    # Without names only what the buyer has goes back.
    back = expect(kassa.post(path, {}, auth), 201)
    assert back["tickets"] == [order["tickets"][1]["ticket"]]
    expect_problem(kassa.post(path, {}, auth), 409, "ticket_transferred")
    expect(kassa.refund(order, kassa.staff()), 201)
    with pytest.raises(DomainError, match="ticket_void"):
        open_it(kassa, sent)
    kassa.open_doors()
    assert kassa.scan(kassa.device(), code_of(kassa, order["tickets"][0]))["reason"] == "refunded"


def test_the_box_office_exchanges_what_was_sent(kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    send(kassa, order)
    body = {
        "tickets": [order["tickets"][0]["ticket"]],
        "holds": order_body(kassa.hold("s06", 1))["holds"],
        "reason": "rain",
    }
    expect(kassa.post(f"/api/v1/orders/{order['order']}/swaps", body, kassa.staff()), 201)
    old, new = sorted(kassa.read(order)["tickets"], key=lambda ticket: ticket["status"] == "valid")
    assert (old["void_reason"], old["transferred"]) == ("reissued", True)
    assert (new["status"], new["transferred"]) == ("valid", False)
    assert new["code"] is not None


def test_a_ticket_that_is_being_exchanged_is_not_sent(kassa: Kassa) -> None:
    order = kassa.buy("s03", 1)
    body = {
        "tickets": [order["tickets"][0]["ticket"]],
        "holds": order_body(kassa.hold("s06", 1))["holds"],
        "reason": "rain",
    }
    swap = expect(kassa.post(f"/api/v1/orders/{order['order']}/swaps", body, kassa.staff()), 201)
    assert swap["status"] == "pending"
    expect_problem(ask(kassa, order), 409, "swap_pending")


def test_a_ticket_that_lets_nobody_in_is_not_sent(kassa: Kassa) -> None:
    order = kassa.buy("s06", 3)
    used, gone, fine = order["tickets"]
    expect(kassa.refund(order, kassa.staff(), tickets=[gone["ticket"]]), 201)
    kassa.open_doors()
    assert kassa.scan(kassa.device(), used["code"])["verdict"] == "admit"
    expect_problem(ask(kassa, order, 0), 409, "already_admitted")
    expect_problem(ask(kassa, order, 1), 410, "ticket_void")
    with kassa.database.reading() as session:
        starts_at = session.scalars(select(Screening.starts_at).where(Screening.code == "s06")).one()
    kassa.clock.at = starts_at
    expect_problem(ask(kassa, order, 2), 409, "screening_started")
    kassa.clock.at = starts_at - timedelta(seconds=1)
    send(kassa, order, 2)
    # Whoever comes late without the friend still gets in.
    kassa.clock.forward(minutes=5)
    assert take_back(kassa, order, 2).status_code == 204
    assert fine["ticket"] == kassa.read(order)["tickets"][2]["ticket"]


def test_a_disputed_ticket_is_not_sent(kassa: Kassa) -> None:
    kassa.invariants_hold = False  # no dispute has led to this
    order = kassa.buy("s06", 1)
    with kassa.database.transaction() as session:
        session.execute(update(Ticket).values(blocked=True))
    expect_problem(ask(kassa, order), 409, "ticket_blocked")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": "  "}, "name_required"),
        ({"email": "dana"}, "email_invalid"),
        ({"locale": "de"}, "invalid_request"),
    ],
)
def test_a_friend_that_cannot_be_written_to(kassa: Kassa, changed: Json, code: str) -> None:
    order = kassa.buy("s06", 1)
    expect_problem(ask(kassa, order, **changed), 422, code)
    assert kassa.read(order)["tickets"][0]["code"] == order["tickets"][0]["code"]


def test_only_the_orders_key_sends_only_its_tickets(kassa: Kassa) -> None:
    order, other = kassa.buy("s06", 1), kassa.buy("s06", 1)
    path = f"/api/v1/orders/{order['order']}/tickets/{other['tickets'][0]['ticket']}/transfer"
    expect_problem(kassa.post(path, FRIEND, order_auth(order)), 404, "not_found")
    expect_problem(kassa.post(path, FRIEND, order_auth(other)), 404, "not_found")
    expect_problem(kassa.delete(path, order_auth(order)), 404, "not_found")


def test_the_mail_leads_to_the_ticket_and_says_nothing_of_the_order(kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    sent = send(kassa, order, locale="ru")
    (mail,) = mails_to(kassa, FRIEND["email"])
    assert f"{kassa.settings.base_url}{link_of(kassa, sent, 'ru')}" in mail
    assert "Айгерім Сәдуақасова" in mail
    for secret in (order["order"], "aigerim@example.kz", code_of(kassa, order["tickets"][0]), "₸"):
        assert secret not in mail


def test_no_mail_for_what_was_taken_back_meanwhile(kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    send(kassa, order)
    take_back(kassa, order)
    assert mails_to(kassa, FRIEND["email"]) == []


def test_the_audit_trail_tells_all_of_it_without_names(kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    send(kassa, order)
    take_back(kassa, order)
    open_it(kassa, send(kassa, order))
    with kassa.database.reading() as session:
        told = session.scalars(select(AuditEntry).where(AuditEntry.object_id == order["order"]))
        entries = sorted(told, key=lambda entry: entry.id)
        assert len(session.scalars(select(Transfer)).all()) == 2
    actions = [entry.action for entry in entries]
    assert sorted(actions) == ["open_transfer", "take_back_transfer", "transfer", "transfer"]
    assert {entry.actor_kind for entry in entries} == {"buyer"}
    assert "dana" not in str([(entry.before, entry.after) for entry in entries]).lower()


def test_a_repeated_request_sends_once(kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    path = f"/api/v1/orders/{order['order']}/tickets/{order['tickets'][0]['ticket']}/transfer"
    first, again = (kassa.post(path, FRIEND, order_auth(order), key="once") for _ in range(2))
    assert expect(first, 201) == expect(again, 201)
    assert len(mails_to(kassa, FRIEND["email"])) == 1


def test_so_many_tickets_of_an_order_are_sent_an_hour(
    copy_festival: Callable[[], str], tmp_path: Path
) -> None:
    kassa = Kassa(copy_festival(), tmp_path, limits=True)
    order, other = kassa.buy("s06", 1), kassa.buy("s06", 1)
    for _ in range(20):
        send(kassa, order)
        assert take_back(kassa, order).status_code == 204
    expect_problem(ask(kassa, order), 429, "rate_limited")
    send(kassa, other)
    assert kassa.read(order)["tickets"][0]["transferred"] is False
    kassa.close()

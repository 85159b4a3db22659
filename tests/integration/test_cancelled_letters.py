"""That a screening will not take place: who hears of it, and what the letters on the money say then."""

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from tests.support.friends import FRIEND, send
from tests.support.kassa import OPERATOR, Json, Kassa, order_body
from tests.support.refunding import bank_refuses, pay_in_two, refunds_of
from ticketing.sales.cancelling import cancel_screening, refund_cancelled


def letters(kassa: Kassa, kind: str) -> list[EmailMessage]:
    folder = kassa.settings.data_dir / "mail"
    return [message_from_bytes(f.read_bytes(), policy=default) for f in sorted(folder.glob(f"{kind}-*.eml"))]


def off(kassa: Kassa) -> list[EmailMessage]:
    return [
        letter
        for file in sorted((kassa.settings.data_dir / "mail").glob("*.eml"))
        if (letter := message_from_bytes(file.read_bytes(), policy=default))["Subject"].startswith(
            ("Will not take place", "Не состоится", "Показ отменён", "Өтпейді")
        )
    ]


def text(letter: EmailMessage) -> str:
    return str(letter.get_body(("plain",)).get_content()).replace("\u00a0", " ")


def calendar_methods(letter: EmailMessage) -> set[str]:
    parts = [part for part in letter.walk() if part.get_content_type() == "text/calendar"]
    return {str(part.get_param("method")) for part in parts}


def cancel(kassa: Kassa, screening: str = "s06") -> None:
    with kassa.database.transaction() as session:
        cancel_screening(session, screening, "the print is lost", OPERATOR, kassa.clock.now())


def sweep(kassa: Kassa) -> None:
    """Do what the worker does of a cancelled screening's refunds."""
    while refund_cancelled(kassa.database, kassa.clock.now()):
        continue
    kassa.work()


def in_english(kassa: Kassa, *holds: Json) -> Json:
    order = kassa.post("/api/v1/orders", {**order_body(*holds), "locale": "en"}).get_json()
    kassa.play(order, "approve")
    return {**kassa.read(order), "key": order["key"]}


def work_first(kassa: Kassa) -> None:
    kassa.work()
    sweep(kassa)


def refund_first(kassa: Kassa) -> None:
    sweep(kassa)
    kassa.work()


def bank_is_away(kassa: Kassa) -> None:
    with bank_refuses():
        work_first(kassa)


@pytest.mark.parametrize("then", [Kassa.work, work_first, refund_first, bank_is_away])
def test_a_buyer_hears_once_whatever_the_refund_does(kassa: Kassa, then: Callable[[Kassa], None]) -> None:
    in_english(kassa, kassa.hold("s06", 2))
    cancel(kassa)
    then(kassa)
    (letter,) = off(kassa)
    assert "The money comes back by itself: 5 000 ₸." in text(letter)
    assert "choose another screening" in text(letter)
    assert calendar_methods(letter) == {"CANCEL"}
    for money in letters(kassa, "refund-done"):
        assert "will not take place" not in text(money)
        assert str(money["Subject"]).replace("\u00a0", " ") == "Refunded: 5 000 ₸"


@pytest.mark.parametrize(("locale", "word"), [("kk", "өтпейді"), ("ru", "не состоится"), ("en", "not take")])
def test_in_the_buyer_s_language(kassa: Kassa, locale: str, word: str) -> None:
    order = kassa.post("/api/v1/orders", {**order_body(kassa.hold("s06", 1)), "locale": locale}).get_json()
    kassa.play(order, "approve")
    cancel(kassa)
    kassa.work()
    (letter,) = off(kassa)
    assert word in text(letter)
    assert "2 500 ₸" in text(letter)


def test_who_was_let_in_hears_too_and_is_promised_nothing(kassa: Kassa) -> None:
    order = in_english(kassa, kassa.hold("s06", 1))
    kassa.open_doors()
    assert kassa.scan(kassa.device("esentai"), order["tickets"][0]["code"])["verdict"] == "admit"
    cancel(kassa)
    work_first(kassa)
    assert refunds_of(kassa, order) == []
    (letter,) = off(kassa)
    assert "comes back by itself" not in text(letter)
    assert "The box office decides" in text(letter)


def test_other_tickets_of_the_order_stay_and_are_said_to(kassa: Kassa) -> None:
    in_english(kassa, kassa.hold("s06", 1), kassa.hold("s07", 1))
    cancel(kassa)
    work_first(kassa)
    (letter,) = off(kassa)
    assert "Your other tickets stay valid." in text(letter)
    cancel(kassa, "s07")
    work_first(kassa)
    (second,) = [one for one in off(kassa) if one["Message-ID"] != letter["Message-ID"]]
    assert "Your other tickets" not in text(second)


def test_free_tickets_are_told_of_in_one_letter(kassa: Kassa) -> None:
    kassa.buy("s05", 1)
    cancel(kassa, "s05")
    work_first(kassa)
    assert len(off(kassa)) == 1
    assert letters(kassa, "refund-done") == []
    assert "₸" not in text(off(kassa)[0])


def test_money_of_two_payments_is_told_of_twice_the_screening_once(kassa: Kassa) -> None:
    order = in_english(kassa, kassa.hold("s06", 2))
    pay_in_two(kassa, order, 100_000)
    cancel(kassa)
    work_first(kassa)
    assert len(off(kassa)) == 1
    money = letters(kassa, "refund-done")
    assert sorted(str(one["Subject"]).replace("\u00a0", " ") for one in money) == [
        "Refunded: 1 000 ₸", "Refunded: 4 000 ₸",
    ]  # fmt: skip
    assert ["no longer valid" in text(one) for one in money].count(True) == 1
    assert all("paid by several payments" in text(one) for one in money)


def test_who_pays_when_it_was_said_already_hears_too(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s06", 1))
    cancel(kassa)
    kassa.play(order, "approve")
    work_first(kassa)
    assert len(off(kassa)) == 1
    assert letters(kassa, "order-paid") == [], "no tickets to come with"


def test_a_friend_hears_once_and_the_buyer_too(kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    send(kassa, order)
    kassa.work()
    cancel(kassa)
    kassa.work()
    to_friend = [letter for letter in letters(kassa, "ticket-over") if FRIEND["email"] in str(letter["To"])]
    assert len(to_friend) == 1
    work_first(kassa)
    assert len(letters(kassa, "ticket-over")) == 1
    assert len(off(kassa)) == 1


def test_an_unpaid_order_is_not_told_to_pay_again(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s06", 1))
    kassa.play(order, "decline")
    cancel(kassa)
    kassa.clock.at += timedelta(minutes=4)
    kassa.work()
    (letter,) = letters(kassa, "payment-failed")
    assert "Көрсетілім өтпейді." in text(letter)
    assert order["key"] not in text(letter), "there is nothing to open and pay"

"""Mails speak the order's language, also in the worker, which serves no request."""

from email import message_from_bytes
from email.policy import default

import pytest

from tests.support.kassa import Kassa, order_body


@pytest.mark.parametrize(
    ("locale", "subject", "seat"),
    [
        ("kk", "Билеттеріңіз: тапсырыс", "-қатар"),
        ("ru", "Ваши билеты: заказ", "Ряд"),
        ("en", "Your tickets: order", "Row"),
    ],
)
def test_the_mail_with_the_tickets(kassa: Kassa, locale: str, subject: str, seat: str) -> None:
    hold = kassa.post("/api/v1/holds", {"screening": "s05", "quantity": 1}).get_json()
    order = kassa.post("/api/v1/orders", {**order_body(hold), "locale": locale}).get_json()
    kassa.work()
    [kept] = (kassa.settings.data_dir / "mail").glob("*.eml")
    mail = message_from_bytes(kept.read_bytes(), policy=default)
    assert mail["subject"].startswith(subject)
    assert order["order"] in mail["subject"]
    assert seat in mail.get_body(("plain",)).get_content()

"""Mails as messages and as files; over SMTP: tests/integration/test_mail_sending.py."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

from ticketing.foundation.mail import Attachment, FileMailer, Mail

MAIL = Mail(
    id="order-paid-1",
    sender="tickets@example.kz",
    recipient="aigerim@example.kz",
    subject="Билеттеріңіз: тапсырыс KX7-4M2Q",
    text="Сәлеметсіз бе, Айгерім!\n.\nНүктеден кейін де.\n",
    sent_at=datetime(2024, 11, 20, 7, tzinfo=UTC),
)


def test_as_a_file_which_is_one_however_often_it_is_sent(tmp_path: Path) -> None:
    with FileMailer(tmp_path / "mail").open() as post:
        post.send(MAIL)
        post.send(MAIL)
    (kept,) = (tmp_path / "mail").iterdir()
    require_whole(kept.read_bytes())


def require_whole(raw: bytes) -> None:
    read = message_from_bytes(raw, policy=policy.default)
    assert (read["From"], read["To"], read["Subject"]) == (MAIL.sender, MAIL.recipient, MAIL.subject)
    assert read["Message-ID"] == "<order-paid-1@example.kz>"
    assert read["Date"].datetime == MAIL.sent_at
    assert read.get_content().replace("\r\n", "\n") == MAIL.text


def test_a_letter_in_html_with_a_calendar_and_a_way_out() -> None:
    file = Attachment(
        name="s06.ics",
        content_type="text/calendar",
        content=b"BEGIN:VCALENDAR",
        parameters=(("method", "REQUEST"),),
    )
    mail = replace(
        MAIL,
        html="<p>Сәлем</p>",
        sender_name="«Еуразия»",
        attachments=[file],
        stop_url="https://kassa.test/x",
    )
    read = message_from_bytes(mail.to_message().as_bytes(), policy=policy.default)
    assert read["From"].addresses[0].display_name == "«Еуразия»"
    assert read["List-Unsubscribe"] == "<https://kassa.test/x>"
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read.get_body(("plain",)).get_content().replace("\r\n", "\n") == MAIL.text
    assert "Сәлем" in read.get_body(("html",)).get_content()
    (added,) = read.iter_attachments()
    assert added.get_content_type() == "text/calendar"
    assert added.get_param("method") == "REQUEST"
    assert added.get_filename() == "s06.ics"

"""Reminders and changes: to whom, when, once; and how to have no more of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import icalendar
import pytest
from pypdf import PdfReader
from sqlalchemy import update

from tests.support.friends import FRIEND, send, take_back
from tests.support.kassa import Json, Kassa, programme_with
from ticketing.boxoffice.programme import apply_programme
from ticketing.catalogue.models import Screening
from ticketing.catalogue.programme.values import Programme
from ticketing.foundation.actor import SYSTEM
from ticketing.foundation.models import MailEntry
from ticketing.sales.models import Order
from ticketing.sales.notices import write_reminders
from ticketing.sales.transfer_models import Transfer
from ticketing.sales.transfers import open_transfer

# s06 is on 25 November at 19:30 in Almaty: five o'clock in UTC is ten in the morning there.
DAY_BEFORE = datetime(2024, 11, 24, 5, tzinfo=UTC)


def letters(kassa: Kassa, kind: str) -> list[EmailMessage]:
    folder = kassa.settings.data_dir / "mail"
    files = sorted(folder.glob(f"{kind}-*.eml"))
    return [message_from_string(file.read_text(), policy=default) for file in files]


def text(letter: EmailMessage) -> str:
    return str(letter.get_body(("plain",)).get_content())


def remind(kassa: Kassa, at: datetime) -> int:
    kassa.clock.at = at
    written = write_reminders(kassa.runtime, at)
    kassa.work()
    return written


def test_a_reminder_comes_once_on_the_day_before(kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    assert remind(kassa, DAY_BEFORE - timedelta(seconds=1)) == 0
    assert remind(kassa, DAY_BEFORE) == 1
    assert remind(kassa, DAY_BEFORE + timedelta(hours=3)) == 0
    assert remind(kassa, DAY_BEFORE + timedelta(days=1)) == 0
    (letter,) = letters(kassa, "reminder")
    for ticket in order["tickets"]:
        row, number = ticket["place"].split("-")[-2:]
        assert row in text(letter)
        assert number in text(letter)
    assert "25 қараша" in text(letter).replace("\u00a0", " ")
    assert "19:30" in text(letter)
    assert "Esentai" in text(letter)


def test_only_who_has_something_to_come_to_is_reminded(kassa: Kassa) -> None:
    returned, elsewhere = kassa.buy("s06", 1), kassa.buy("s10", 1)
    kassa.refund(returned, kassa.staff())
    assert remind(kassa, DAY_BEFORE) == 0
    kassa.clock.forward(minutes=1)
    kassa.buy("s06", 1)
    assert remind(kassa, DAY_BEFORE + timedelta(hours=1)) == 0, "the tickets themselves have just come"
    assert elsewhere["status"] == "paid"


def test_of_a_cancelled_screening_nobody_is_reminded(kassa: Kassa) -> None:
    kassa.buy("s06", 1)
    with kassa.database.transaction() as session:
        session.execute(update(Screening).where(Screening.code == "s06").values(status="cancelled"))
    assert remind(kassa, DAY_BEFORE) == 0


@pytest.mark.parametrize("form", [{}, {"List-Unsubscribe": "One-Click"}], ids=["page", "one click"])
def test_reminders_are_stopped_by_a_button_and_by_nothing_else(kassa: Kassa, form: dict[str, str]) -> None:
    kassa.buy("s06", 1)
    remind(kassa, DAY_BEFORE)
    (letter,) = letters(kassa, "reminder")
    address = str(letter["List-Unsubscribe"]).strip("<>")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in text(letter)
    parts = urlsplit(address)
    path = f"{parts.path}?{parts.query}"
    assert "жібер" in kassa.get(path).get_data(as_text=True)
    assert kassa.get(path[:-3]).status_code == 404
    assert kassa.post(path[:-3]).status_code == 404
    assert kassa.client.post(path, data=form).status_code == (204 if form else 303)
    kassa.clock.at = DAY_BEFORE - timedelta(days=1)
    with kassa.database.transaction() as session:
        session.query(MailEntry).filter_by(kind="reminder").delete()
    assert remind(kassa, DAY_BEFORE) == 0
    kassa.buy("s07", 1)
    kassa.work()
    assert len(letters(kassa, "order-paid")) == 2, "tickets still come"


def moved(programme: Programme, code: str, minutes: int) -> Programme:
    def later(one: object) -> object:
        if one.code != code:  # type: ignore[attr-defined]
            return one
        return one.__class__(**{**vars(one), "starts_at": one.starts_at + timedelta(minutes=minutes)})  # type: ignore[attr-defined]

    return programme.__class__(
        **{**vars(programme), "screenings": tuple(later(one) for one in programme.screenings)}
    )


def change_the_programme(kassa: Kassa, minutes: int) -> None:
    with kassa.database.transaction() as session:
        kept = {"s02", "s03", "s05", "s06", "s07", "s10"}
        apply_programme(session, moved(programme_with(kept), "s06", minutes), SYSTEM, kassa.clock.now())


def test_a_change_of_time_is_told_once_and_moves_the_calendar(kassa: Kassa) -> None:
    order, other = kassa.buy("s06", 2), kassa.buy("s05", 1)
    kassa.work()
    change_the_programme(kassa, 30)
    kassa.work()
    change_the_programme(kassa, 30)
    kassa.work()
    (letter,) = letters(kassa, "screening-moved")
    said = text(letter)
    assert order["order"] in said
    assert other["order"] not in said
    assert "20:00" in said
    assert "19:30" in said
    (sold,) = [one for one in letters(kassa, "order-paid") if order["order"] in str(one["Subject"])]
    before, after = event(sold), event(letter)
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTART"].dt - before["DTSTART"].dt == timedelta(minutes=30)


def test_a_cancelled_screening_leaves_the_calendar(kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    kassa.refund(order, kassa.staff())
    kassa.work()
    (letter,) = letters(kassa, "refund-done")
    (part,) = letter.iter_attachments()
    assert part.get_param("method") == "CANCEL"
    assert event(letter)["STATUS"] == "CANCELLED"


def event(letter: EmailMessage) -> icalendar.Event:
    (part,) = [one for one in letter.iter_attachments() if one.get_content_type() == "text/calendar"]
    calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
    assert calendar["METHOD"] == part.get_param("method")
    (found,) = calendar.walk("VEVENT")
    return found


@pytest.mark.parametrize("wanted", ["on", "off"])
def test_the_tickets_come_as_a_pdf_where_that_is_wanted(
    copy_festival: Callable[[], str], tmp_path: Path, wanted: str
) -> None:
    kassa = Kassa(copy_festival(), tmp_path, mail_pdf=wanted == "on")
    order = kassa.buy("s06", 2)
    kassa.work()
    (letter,) = letters(kassa, "order-paid")
    files = [part for part in letter.iter_attachments() if part.get_content_type() == "application/pdf"]
    assert [part.get_filename() for part in files] == ([f"{order['order']}.pdf"] if wanted == "on" else [])
    assert [len(PdfReader(BytesIO(part.get_content())).pages) for part in files] == [2] * len(files)
    kassa.close()


def sent_on(kassa: Kassa, screening: str = "s06", quantity: int = 2) -> tuple[Json, Json]:
    """Buy tickets and send one of them to a friend, who opens it."""
    order = kassa.buy(screening, quantity)
    sent = send(kassa, order)
    with kassa.database.transaction() as session:
        open_transfer(session, UUID(sent["transfer"]), kassa.clock.now())
    kassa.work()
    return order, sent


def test_friends_are_reminded_too_and_buyers_of_what_they_still_have(kassa: Kassa) -> None:
    order, _ = sent_on(kassa)
    alone, _ = sent_on(kassa, quantity=1)
    assert remind(kassa, DAY_BEFORE) == 3
    assert remind(kassa, DAY_BEFORE + timedelta(hours=1)) == 0
    hers, *friends = sorted(letters(kassa, "reminder"), key=lambda one: str(one["To"]))
    assert hers["To"] == "aigerim@example.kz"
    assert [one["To"] for one in friends] == [FRIEND["email"]] * 2
    assert order["order"] in text(hers)
    for letter in friends:
        assert "Құрметті Дана" in text(letter)
        assert order["order"] not in text(letter)
        assert alone["order"] not in text(letter)
        assert "/kk/sent/" in text(letter)


def test_a_friend_stops_reminders_of_her_own(kassa: Kassa) -> None:
    sent_on(kassa, quantity=1)
    remind(kassa, DAY_BEFORE)
    (letter,) = letters(kassa, "reminder")
    parts = urlsplit(str(letter["List-Unsubscribe"]).strip("<>"))
    path = f"{parts.path}?{parts.query}"
    assert kassa.get(path[:-3]).status_code == 404
    assert kassa.get(path).status_code == 200
    assert kassa.client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 204
    sent_on(kassa, "s06", 2)
    kassa.clock.at = DAY_BEFORE
    with kassa.database.transaction() as session:
        session.execute(update(Order).values(paid_at=DAY_BEFORE - timedelta(days=2)))
        session.execute(update(Transfer).values(sent_at=DAY_BEFORE - timedelta(days=2)))
    remind(kassa, DAY_BEFORE)
    assert [one["To"] for one in letters(kassa, "reminder")].count(FRIEND["email"]) == 1


def test_friends_hear_of_a_change_of_time(kassa: Kassa) -> None:
    order, _ = sent_on(kassa)
    change_the_programme(kassa, 30)
    kassa.work()
    found = {str(one["To"]): text(one) for one in letters(kassa, "screening-moved")}
    assert set(found) == {"aigerim@example.kz", FRIEND["email"]}
    assert "20:00" in found[FRIEND["email"]]
    assert order["order"] not in found[FRIEND["email"]]
    (hers,) = [one for one in letters(kassa, "screening-moved") if one["To"] == FRIEND["email"]]
    assert event(hers)["DTSTART"].dt.astimezone(UTC) == datetime(2024, 11, 25, 15, tzinfo=UTC)
    assert order["order"] not in hers.as_string()


def test_friends_hear_that_a_ticket_was_returned_before_the_money_is_back(kassa: Kassa) -> None:
    order, _ = sent_on(kassa)
    kassa.refund(order, kassa.staff())
    kassa.work()
    kassa.work()
    (letter,) = letters(kassa, "ticket-over")
    assert letter["To"] == FRIEND["email"]
    assert "Айгерім Сәдуақасова сізге жіберген билетін қайтарды." in text(letter)
    assert event(letter)["STATUS"] == "CANCELLED"
    assert order["order"] not in text(letter)


def test_who_gave_a_ticket_back_hears_nothing_more(kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    send(kassa, order)
    take_back(kassa, order)
    kassa.refund(order, kassa.staff())
    kassa.work()
    assert letters(kassa, "ticket-over") == []

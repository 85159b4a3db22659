"""What an import does to screenings that are sold: what the desk would do, and nothing in secret."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.integration.test_notices import event, letters, text
from tests.support.friends import FRIEND, send
from tests.support.kassa import KEPT, OPERATOR, Kassa, expect, expect_problem, order_auth, programme_with
from tests.support.refunding import refunds_of
from ticketing.boxoffice.programme import apply_programme
from ticketing.boxoffice.programme_screenings import ImportReport
from ticketing.catalogue.models import Screening
from ticketing.catalogue.programme.values import ScreeningStatus
from ticketing.sales.cancelling import cancel_screening, refund_cancelled
from ticketing.sales.refund_policies import mark_film_changed
from ticketing.staff.models import AuditEntry


def import_with(kassa: Kassa, code: str, **changed: Any) -> ImportReport:
    """Import the programme with one screening changed."""
    programme = programme_with(KEPT)
    screenings = tuple(replace(one, **changed) if one.code == code else one for one in programme.screenings)
    with kassa.database.transaction() as session:
        return apply_programme(
            session, replace(programme, screenings=screenings), OPERATOR, kassa.clock.now()
        )


def screening_row(kassa: Kassa, code: str = "s06") -> Screening:
    with kassa.database.reading() as session:
        return session.scalars(select(Screening).where(Screening.code == code)).unique().one()


def cancelled_by_files(kassa: Kassa) -> ImportReport:
    return import_with(kassa, "s06", status=ScreeningStatus.CANCELLED)


def test_cancelling_by_files_is_cancelling(kassa: Kassa) -> None:
    order, other = kassa.buy("s06", 2), kassa.buy("s05", 1)
    assert cancelled_by_files(kassa).conflicts == []
    refund_cancelled(kassa.database, kassa.clock.now())
    kassa.work()
    assert [one.status for one in refunds_of(kassa, order)] == ["done"]
    assert refunds_of(kassa, other) == []
    (letter,) = letters(kassa, "refund-done")
    assert order["order"] in str(letter)
    row = screening_row(kassa)
    assert (row.status, row.cancelled_by) == ("cancelled", OPERATOR.name)
    with kassa.database.reading() as session:
        deeds = select(AuditEntry).where(AuditEntry.action == "cancel_screening")
        deed = session.scalars(deeds).one()
    assert (deed.object_id, deed.actor_name) == ("s06", OPERATOR.name)
    assert deed.before == {"status": "on_sale"}
    assert kassa.broken_invariants() == []


def test_the_same_files_again_change_nothing(kassa: Kassa) -> None:
    kassa.buy("s06", 1)
    cancelled_by_files(kassa)
    before = kassa.fingerprint()
    report = cancelled_by_files(kassa)
    assert (report.changed, report.conflicts) == (0, [])
    assert kassa.fingerprint() == before


def test_files_do_not_take_a_cancelling_back(kassa: Kassa) -> None:
    with kassa.database.transaction() as session:
        cancel_screening(session, "s06", "fire", OPERATOR, kassa.clock.now())
    assert cancelled_by_files(kassa).conflicts == [], "files and staff say the same now"
    report = import_with(kassa, "s06")
    assert report.conflicts == [("s06", "status", "cancelled", "on_sale")]
    row = screening_row(kassa)
    assert row.status == "cancelled"
    assert row.cancelled_at is not None


def other_film(kassa: Kassa) -> tuple[str, ...]:
    return next(one for one in programme_with(KEPT).screenings if one.code == "s10").films


def test_another_film_is_marked_and_told(kassa: Kassa) -> None:
    order, other = kassa.buy("s06", 2), kassa.buy("s05", 1)
    send(kassa, order)
    kassa.work()
    for _ in range(2):
        import_with(kassa, "s06", films=other_film(kassa))
        kassa.work()
    row = screening_row(kassa)
    assert row.film_changed_at == kassa.clock.now()
    found = {str(one["To"]): one for one in letters(kassa, "film-changed")}
    assert set(found) == {"aigerim@example.kz", FRIEND["email"]}
    assert len(letters(kassa, "film-changed")) == 2
    mine, hers = found["aigerim@example.kz"], found[FRIEND["email"]]
    assert row.title.kk in str(mine["Subject"])
    assert order["order"] in text(mine)
    assert other["order"] not in text(mine)
    assert order["order"] not in text(hers)
    (sold,) = [one for one in letters(kassa, "order-paid") if order["order"] in str(one["Subject"])]
    before, after = event(sold), event(mine)
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert row.title.kk in after["SUMMARY"]
    with kassa.database.reading() as session:
        deed = session.scalars(select(AuditEntry).where(AuditEntry.action == "mark_film_changed")).one()
    assert (deed.object_id, deed.actor_name) == ("s06", OPERATOR.name)


def test_a_film_that_nobody_has_a_ticket_for_is_changed_without_a_word(kassa: Kassa) -> None:
    kassa.buy("s05", 1)
    import_with(kassa, "s06", films=other_film(kassa))
    kassa.work()
    assert screening_row(kassa).film_changed_at is None
    assert letters(kassa, "film-changed") == []


def test_the_mark_of_staff_is_told_too(kassa: Kassa) -> None:
    kassa.buy("s06", 1)
    kassa.work()
    with kassa.database.transaction() as session:
        mark_film_changed(session, "s06", "print lost", OPERATOR, kassa.clock.now(), changed=True)
    kassa.work()
    (letter,) = letters(kassa, "film-changed")
    assert letter["To"] == "aigerim@example.kz"


@pytest.mark.parametrize("is_sent", [False, True])
def test_a_ticket_for_another_film_goes_back_until_it_begins(kassa: Kassa, *, is_sent: bool) -> None:
    order, late = kassa.buy("s06", 1), kassa.buy("s06", 1)
    if is_sent:
        send(kassa, order)
    import_with(kassa, "s06", films=other_film(kassa))
    starts = screening_row(kassa).starts_at
    kassa.clock.at = starts - timedelta(seconds=1)
    returned = kassa.post(f"/api/v1/orders/{order['order']}/returns", {}, order_auth(order))
    assert expect(returned, 201)["amount"] == order["total"]
    kassa.work()
    assert [one["To"] for one in letters(kassa, "ticket-over")] == [FRIEND["email"]] * is_sent
    kassa.clock.at = starts
    refused = kassa.post(f"/api/v1/orders/{late['order']}/returns", {}, order_auth(late))
    expect_problem(refused, 409, "return_too_late")

"""Comps: tickets given away for a reason, from what is on sale or kept, within the day's limit."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.support.kassa import Kassa
from tests.web.staff.conftest import Desk, Fields
from ticketing.catalogue.models import Festival, Screening
from ticketing.foundation.ids import new_id
from ticketing.foundation.models import OutboxEntry
from ticketing.inventory.models import Allocation, Place
from ticketing.sales.comp_models import Comp
from ticketing.sales.models import Order
from ticketing.staff.accounts import Role
from ticketing.staff.models import AuditEntry
from ticketing.tickets.models import Ticket

FORM = {"quantity": "2", "reason": "jury's family", "name": "Ермек"}


def give(desk: Desk, screening: str = "s06", **changed: object) -> Any:
    path = f"/boxoffice/comps/screenings/{screening}"
    fields = Fields(desk.page(path))
    form = {"csrf_token": fields.one("csrf_token"), "form_key": fields.one("form_key"), **FORM, **changed}
    return desk.client.post(path, data=form)


def tickets(kassa: Kassa) -> list[tuple[str, int, str | None, str]]:
    with kassa.database.reading() as session:
        rows = session.scalars(select(Ticket).order_by(Ticket.serial))
        return [(row.label, row.price_minor, row.comp_reason, row.state) for row in rows]


def test_seats_are_given_and_the_tickets_mailed(desk: Desk, kassa: Kassa) -> None:
    seats = kassa.free_places("s06")[:2]
    answer = give(desk, place=seats, quantity="", email="ermek@example.kz", locale="ru")
    assert answer.status_code == 303
    assert [(row[0], *row[1:]) for row in tickets(kassa)] == [
        (seat, 0, "jury's family", "valid") for seat in seats
    ]
    page = desk.plain(answer.location)
    assert "2 tickets given" in page
    assert "jury's family" in page
    kassa.work()
    assert len(kassa.mails()) == 1
    with kassa.database.reading() as session:
        deed = session.scalars(select(AuditEntry).where(AuditEntry.action == "make_comps")).one()
        assert deed.reason == "jury's family"
        assert deed.after == {"screening": "s06", "places": seats, "kept_for": ""}
        assert session.scalars(select(Order.status)).one() == "paid"
    assert kassa.broken_invariants() == []


def test_without_an_address_nothing_is_mailed_and_the_desk_shows_it(desk: Desk, kassa: Kassa) -> None:
    give(desk)
    kassa.work()
    assert kassa.mails() == []
    with kassa.database.reading() as session:
        code = session.scalars(select(Order.code)).one()
    assert "Ермек" in desk.plain(f"/boxoffice/orders/{code}")
    assert kassa.refund({"order": code}, kassa.staff()).status_code == 201
    kassa.work()
    assert kassa.mails() == []
    with kassa.database.reading() as session:
        assert session.scalars(select(OutboxEntry).where(OutboxEntry.done_at.is_(None))).all() == []


def test_places_come_out_of_an_allocation(desk: Desk, kassa: Kassa) -> None:
    allocation = new_id(kassa.clock.now())
    with kassa.database.transaction() as session:
        screening = session.scalars(select(Place.screening_id).where(Place.label == "З-5-7").limit(1)).one()
        session.add(
            Allocation(id=allocation, screening_id=screening, kind="jury", created_at=kassa.clock.now())
        )
        session.flush()
        labels = ["З-5-7", "З-5-8"]
        session.execute(
            update(Place)
            .where(Place.screening_id == screening, Place.label.in_(labels))
            .values(allocation_id=allocation)
        )
    where = screening_code(kassa, screening)
    refused = give(desk, where, quantity="3", **{"from": str(allocation)})
    assert refused.status_code == 409
    assert give(desk, where, **{"from": str(allocation)}).status_code == 303
    assert sorted(row[0] for row in tickets(kassa)) == labels
    with kassa.database.reading() as session:
        assert session.scalars(select(Comp.kept_for)).one() == "jury"
        assert session.get_one(Allocation, allocation).released_at is not None
    assert kassa.broken_invariants() == []


def screening_code(kassa: Kassa, screening: int) -> str:
    with kassa.database.reading() as session:
        return session.scalars(select(Screening.code).where(Screening.id == screening)).one()


def test_the_day_has_a_limit_but_not_for_managers(staff: Callable[..., Desk], kassa: Kassa) -> None:
    with kassa.database.transaction() as session:
        session.execute(update(Festival).values(comps_per_day=3))
    desk, manager = staff(), Desk(kassa)
    manager.sign_in("dana")
    assert "Left for you today: 3 of 3." in desk.plain("/boxoffice/comps/")
    assert give(desk).status_code == 303
    refused = give(desk)
    assert refused.status_code == 422
    assert "Left today: 1." in refused.get_data(as_text=True)
    assert give(desk, quantity="1").status_code == 303
    assert give(manager, quantity="5").status_code == 303
    assert len(tickets(kassa)) == 8
    kassa.clock.forward(days=1)
    other = Desk(kassa)
    other.sign_in("saule")
    assert give(other).status_code == 303
    assert kassa.broken_invariants() == []


def test_managers_may_have_a_limit_of_their_own(kassa: Kassa, staff: Callable[..., Desk]) -> None:
    staff()
    manager = Desk(kassa)
    manager.sign_in("dana")
    page = manager.page("/boxoffice/comps/")
    form = {"csrf_token": Fields(page).one("csrf_token"), "comps_per_day": "7", "manager_comps_per_day": "4"}
    assert manager.client.post("/boxoffice/comps/limit", data=form).status_code == 303
    assert "Left for you today: 4 of 4." in manager.plain("/boxoffice/comps/")
    assert give(manager, quantity="4").status_code == 303
    assert give(manager, quantity="1").status_code == 422
    for wrong in ("-1", "99999", "x"):
        answer = manager.client.post("/boxoffice/comps/limit", data={**form, "manager_comps_per_day": wrong})
        assert answer.status_code == 422
    answer = manager.client.post("/boxoffice/comps/limit", data={**form, "manager_comps_per_day": ""})
    assert answer.status_code == 303
    assert give(manager, quantity="5").status_code == 303


def test_only_managers_change_the_limit(staff: Callable[..., Desk], kassa: Kassa) -> None:
    desk, manager = staff(), Desk(kassa)
    manager.sign_in("dana")
    form = {"csrf_token": Fields(manager.page("/boxoffice/comps/")).one("csrf_token"), "comps_per_day": "7"}
    assert manager.client.post("/boxoffice/comps/limit", data=form).status_code == 303
    assert "of 7" in desk.plain("/boxoffice/comps/")
    for wrong in ("", "-1", "99999", "x"):
        answer = manager.client.post("/boxoffice/comps/limit", data={**form, "comps_per_day": wrong})
        assert answer.status_code == 422
    token = Fields(desk.page("/boxoffice/comps/screenings/s06")).one("csrf_token")
    answer = desk.client.post("/boxoffice/comps/limit", data={"csrf_token": token, "comps_per_day": "99"})
    assert answer.status_code == 403


def test_a_comp_is_never_money(desk: Desk, kassa: Kassa) -> None:
    give(desk)
    with kassa.database.reading() as session:
        code = session.scalars(select(Order.code)).one()
    refund = kassa.refund({"order": code}, kassa.staff())
    assert refund.get_json()["amount"]["minor"] == 0
    assert {row[3] for row in tickets(kassa)} == {"void"}
    assert kassa.broken_invariants() == []


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"reason": ""}, 422),
        ({"name": " "}, 422),
        ({"email": "nobody"}, 422),
        ({"quantity": ""}, 422),
        ({"quantity": "9999"}, 409),
        ({"place": ["nowhere"]}, 422),
        ({"from": "x"}, 422),
        ({"from": "00000000-0000-7000-8000-000000000000"}, 409),
    ],
)
def test_a_refusal_shows_the_form_again(
    staff: Callable[..., Desk], kassa: Kassa, changed: dict[str, object], status: int
) -> None:
    manager = staff(Role.MANAGER)
    answer = give(manager, **changed)
    assert answer.status_code == status
    assert "Give comps" in answer.get_data(as_text=True)
    assert tickets(kassa) == []


def test_a_seat_that_is_taken_is_named(desk: Desk, kassa: Kassa) -> None:
    held = kassa.hold("s06", 1)
    answer = give(desk, place=held["places"], quantity="")
    assert answer.status_code == 409
    assert tickets(kassa) == []

"""Drafts of plans on both databases: begun, changed by two at once, published; screenings that go over."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.support.kassa import Kassa, expect, expect_problem
from tests.support.together import together
from ticketing.boxoffice.plan_use import Stays, coming_on_older_plans, move_screenings
from ticketing.catalogue.models import Hall, Screening, SeatPlan
from ticketing.catalogue.plan_drafts import (
    change_draft,
    discard_draft,
    plan_of_row,
    publish_draft,
    start_draft,
    state_of,
)
from ticketing.catalogue.plan_edit import remove_seats, set_band
from ticketing.catalogue.plan_errors import (
    DraftChangedError,
    DraftExistsError,
    HallUnnumberedError,
    PlanKnownError,
)
from ticketing.catalogue.plan_queries import draft_of, hall_by_code, newest_version, versions
from ticketing.catalogue.plans import SeatPlan as Plan
from ticketing.catalogue.revision import current
from ticketing.foundation.actor import Actor, ActorKind
from ticketing.foundation.errors import DomainError
from ticketing.inventory.kills import kill
from ticketing.inventory.models import Place
from ticketing.inventory.staff_choice import StaffChoice
from ticketing.staff.models import AuditEntry

DANA = Actor(kind=ActorKind.STAFF, id="7", name="Dana", role="manager")
SMALL, SHOWN_SMALL = "esentai-3", "s10"
LARGE, SHOWN_LARGE = "esentai-1", "s06"
Edit = Callable[[Plan], Plan]


def first_removed(plan: Plan) -> Plan:
    return remove_seats(plan, {plan.seats[-1].guid})


def started(kassa: Kassa, hall: str = SMALL) -> str:
    """Begin a draft with the newest version and return its state."""
    kassa.clock.forward(seconds=1)
    with kassa.database.transaction() as session:
        row = hall_by_code(session, hall)
        newest = newest_version(session, row.id)
        assert newest is not None
        start_draft(session, row, plan_of_row(newest), {"from": "newest"}, DANA, kassa.clock.now())
    return seen(kassa, hall)


def seen(kassa: Kassa, hall: str = SMALL) -> str:
    with kassa.database.reading() as session:
        draft = draft_of(session, hall_by_code(session, hall).id)
        assert draft is not None
        return state_of(draft)


def changed(kassa: Kassa, state: str, edit: Edit, hall: str = SMALL) -> None:
    kassa.clock.forward(seconds=1)
    with kassa.database.transaction() as session:
        change_draft(
            session, hall_by_code(session, hall), state, edit, {"change": "x"}, DANA, kassa.clock.now()
        )


def published(kassa: Kassa, edit: Edit = first_removed, hall: str = SMALL) -> int:
    """Publish the newest version with a change."""
    changed(kassa, started(kassa, hall), edit, hall)
    kassa.clock.forward(seconds=1)
    with kassa.database.transaction() as session:
        row = hall_by_code(session, hall)
        return publish_draft(session, row, seen(kassa, hall), DANA, kassa.clock.now())


def hall_row(kassa: Kassa, hall: str = SMALL) -> Hall:
    with kassa.database.reading() as session:
        return hall_by_code(session, hall)


def screening(kassa: Kassa, code: str) -> Screening:
    with kassa.database.reading() as session:
        return session.scalars(select(Screening).where(Screening.code == code)).unique().one()


def version_of(kassa: Kassa, code: str) -> int:
    with kassa.database.reading() as session:
        plan_id = screening(kassa, code).plan_id
        return session.get_one(SeatPlan, plan_id).version


def deeds(kassa: Kassa) -> list[AuditEntry]:
    with kassa.database.reading() as session:
        return list(
            session.scalars(select(AuditEntry).where(AuditEntry.actor_name == "Dana").order_by(AuditEntry.id))
        )


def test_a_published_draft_is_the_next_version_and_nothing_sold_by_changes(kassa: Kassa) -> None:
    before = expect(kassa.get(f"/api/v1/screenings/{SHOWN_SMALL}/places"), 200)
    with kassa.database.reading() as session:
        revision = current(session)
    assert published(kassa) == 2
    with kassa.database.reading() as session:
        newest, first = versions(session, hall_row(kassa).id)
        assert current(session) > revision
    assert (newest.version, newest.by_staff, newest.draft, first.version, first.by_staff) == (
        2, True, False, 1, False,
    )  # fmt: skip
    assert hall_row(kassa).capacity == 95
    assert version_of(kassa, SHOWN_SMALL) == 1
    assert expect(kassa.get(f"/api/v1/screenings/{SHOWN_SMALL}/places"), 200) == before
    told = [(entry.action, entry.object_kind, entry.object_id) for entry in deeds(kassa)]
    assert told == [(action, "hall", SMALL) for action in ("start_plan", "change_plan", "publish_plan")]
    last = deeds(kassa)[-1]
    assert last.before is not None
    assert last.after is not None
    assert (last.before["version"], last.before["seats"]) == (1, 96)
    assert (last.after["version"], last.after["seats"]) == (2, 95)


def test_a_hall_has_one_draft_and_only_if_its_seats_have_numbers(kassa: Kassa) -> None:
    started(kassa)
    with pytest.raises(DraftExistsError):
        started(kassa)
    with kassa.database.transaction() as session:
        plan = plan_of_row(versions(session, hall_row(kassa).id)[0])
        hall = hall_by_code(session, "zhurgenov-theatre")
        with pytest.raises(HallUnnumberedError):
            start_draft(session, hall, plan, {}, DANA, kassa.clock.now())


def test_an_unchanged_draft_is_no_new_version(kassa: Kassa) -> None:
    state = started(kassa)
    with pytest.raises(PlanKnownError) as refused:
        end(kassa, publish_draft, state)
    assert refused.value.params["version"] == 1
    end(kassa, discard_draft, state)
    with kassa.database.reading() as session:
        assert draft_of(session, hall_row(kassa).id) is None
    assert [entry.action for entry in deeds(kassa)] == ["start_plan", "discard_plan"]


def test_of_two_managers_the_slower_one_overwrites_nothing(kassa: Kassa) -> None:
    state = started(kassa)
    changed(kassa, state, first_removed)
    for late in (
        lambda: changed(kassa, state, lambda plan: set_band(plan, {plan.seats[0].guid}, "X")),
        lambda: end(kassa, publish_draft, state),
        lambda: end(kassa, discard_draft, state),
    ):
        with pytest.raises(DraftChangedError):
            late()
    with kassa.database.reading() as session:
        draft = draft_of(session, hall_row(kassa).id)
        assert draft is not None
        assert len(plan_of_row(draft).seats) == 95


def end(kassa: Kassa, deed: Any, state: str) -> None:
    kassa.clock.forward(seconds=1)
    with kassa.database.transaction() as session:
        deed(session, hall_by_code(session, SMALL), state, DANA, kassa.clock.now())


def test_at_once_one_of_many_changes_wins(kassa: Kassa) -> None:
    state = started(kassa)

    def change(number: int) -> Callable[[], bool]:
        def run() -> bool:
            try:
                changed(kassa, state, lambda plan: remove_seats(plan, {plan.seats[number].guid}))
            except DraftChangedError:
                return False
            return True

        return run

    assert sorted(together(*[change(number) for number in range(6)])) == [False] * 5 + [True]


def test_at_once_one_of_many_drafts_is_begun(kassa: Kassa) -> None:
    def begin() -> bool:
        try:
            started(kassa)
        except DraftExistsError:
            return False
        return True

    assert sorted(together(*[begin] * 5)) == [False] * 4 + [True]


def test_a_screening_nobody_claims_moves_with_new_places(kassa: Kassa) -> None:
    published(kassa)
    old = screening(kassa, SHOWN_SMALL)
    (use,) = older(kassa)
    assert (use.screening.code, use.version, use.stays) == (SHOWN_SMALL, 1, None)
    assert moved(kassa, SHOWN_SMALL) == ([SHOWN_SMALL], [])
    now = screening(kassa, SHOWN_SMALL)
    assert (version_of(kassa, SHOWN_SMALL), now.capacity, now.layout) == (2, 95, old.layout + 1)
    assert len(kassa.free_places(SHOWN_SMALL)) <= 95
    with kassa.database.reading() as session:
        assert len(session.scalars(select(Place.id).where(Place.screening_id == now.id)).all()) == 95
    assert older(kassa) == []
    assert kassa.buy(SHOWN_SMALL, 2)["status"] == "paid"
    last = deeds(kassa)[-1]
    assert (last.action, last.before, last.after) == (
        "move_to_plan",
        {"plan_version": 1, "capacity": 96},
        {"plan_version": 2, "capacity": 95},
    )


def older(kassa: Kassa, hall: str = SMALL) -> list[Any]:
    with kassa.database.reading() as session:
        return list(coming_on_older_plans(session, hall_by_code(session, hall), kassa.clock.now()))


def moved(kassa: Kassa, *codes: str, hall: str = SMALL) -> tuple[list[str], list[Any]]:
    kassa.clock.forward(seconds=1)
    with kassa.database.transaction() as session:
        row = hall_by_code(session, hall)
        codes_moved, stayed = move_screenings(session, row, codes, DANA, kassa.clock.now())
    return codes_moved, [use.stays for use in stayed]


def test_a_screening_with_a_claim_stays(kassa: Kassa) -> None:
    published(kassa)
    hold = kassa.hold(SHOWN_SMALL, 2)
    assert [use.stays for use in older(kassa)] == [Stays.CLAIMED]
    assert moved(kassa, SHOWN_SMALL) == ([], [Stays.CLAIMED])
    # A hold that has run out is no claim any more.
    kassa.clock.forward(minutes=11)
    assert [use.stays for use in older(kassa)] == [None]
    assert moved(kassa, SHOWN_SMALL) == ([SHOWN_SMALL], [])
    expect_problem(
        kassa.post(f"/api/v1/holds/{hold['hold']}/renew", auth=f"Hold {hold['key']}"), 410, "hold_expired"
    )


def test_a_screening_that_was_sold_stays_even_if_all_is_refunded(kassa: Kassa) -> None:
    order = kassa.buy(SHOWN_SMALL, 1)
    published(kassa)
    assert [use.stays for use in older(kassa)] == [Stays.CLAIMED]
    tickets = [ticket["ticket"] for ticket in order["tickets"]]
    expect(kassa.refund(order, kassa.staff(), tickets=tickets), 201)
    assert [use.stays for use in older(kassa)] == [Stays.SOLD_BEFORE]
    assert moved(kassa, SHOWN_SMALL) == ([], [Stays.SOLD_BEFORE])


def test_a_screening_where_staff_set_places_aside_stays(kassa: Kassa) -> None:
    published(kassa)
    place = kassa.free_places(SHOWN_SMALL)[0]
    with kassa.database.transaction() as session:
        choice = StaffChoice(labels=(place,))
        kill(session, SHOWN_SMALL, choice, "broken", DANA, kassa.clock.now())
    assert [use.stays for use in older(kassa)] == [Stays.SET_ASIDE]
    assert moved(kassa, SHOWN_SMALL) == ([], [Stays.SET_ASIDE])


def test_a_screening_without_a_price_for_a_band_stays(kassa: Kassa) -> None:
    published(kassa, lambda plan: set_band(plan, {plan.seats[0].guid}, "Ложа"))
    (use,) = older(kassa)
    assert (use.stays, use.bands) == (Stays.NO_PRICE, ("Ложа",))
    assert moved(kassa, SHOWN_SMALL) == ([], [Stays.NO_PRICE])


def test_only_coming_screenings_of_the_hall_that_were_asked_for_move(kassa: Kassa) -> None:
    published(kassa)
    assert moved(kassa, SHOWN_LARGE, "nowhere") == ([], [])
    with kassa.database.transaction() as session:
        session.execute(update(Screening).where(Screening.code == SHOWN_SMALL).values(status="cancelled"))
    assert older(kassa) == []


def test_a_buyer_and_a_move_at_once_never_both_have_their_way(kassa: Kassa) -> None:
    published(kassa)

    def buy() -> object:
        answer = kassa.app.test_client().post("/api/v1/holds", json={"screening": SHOWN_SMALL, "quantity": 2})
        return answer.status_code

    def go() -> object:
        try:
            return moved(kassa, SHOWN_SMALL)
        except DomainError as refusal:
            return refusal.code

    held, gone = together(buy, go)
    assert held in {201, 409, 422, 503}
    with kassa.database.reading() as session:
        row = screening(kassa, SHOWN_SMALL)
        places = session.scalars(select(Place).where(Place.screening_id == row.id)).all()
    assert {place.layout for place in places} == {row.layout}
    assert len(places) == row.capacity
    if held == 201 and gone == ([SHOWN_SMALL], []):
        # The buyer came after the move: the hold is of the new places.
        assert sum(place.hold_id is not None for place in places) == 2

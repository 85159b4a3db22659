"""What staff set aside: kept, released, withdrawn and revived places, by hand and by the worker."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from tests.support.kassa import Kassa, expect, expect_problem
from ticketing.catalogue.models import Screening
from ticketing.door.rush_models import RushPlace
from ticketing.door.rush_release import open_line
from ticketing.foundation.actor import Actor, ActorKind
from ticketing.foundation.errors import DomainError
from ticketing.inventory.accessible import keep_accessible, release_accessible
from ticketing.inventory.allocations import (
    AllocationKind,
    KeepRequest,
    keep,
    release,
    release_whole,
    set_release_time,
)
from ticketing.inventory.errors import (
    AllocationReleasedError,
    PlacesTakenError,
    ReleaseTimeError,
    SoldOutError,
    UnknownPlaceError,
)
from ticketing.inventory.kills import kill, revive
from ticketing.inventory.models import Allocation, Place
from ticketing.inventory.overview import PlaceState, kept_for, state_counts
from ticketing.inventory.staff_choice import StaffChoice
from ticketing.staff.errors import ReasonRequiredError
from ticketing.staff.models import AuditEntry

DANA = Actor(kind=ActorKind.STAFF, id="7", name="Dana", role="manager")
SEATS = ("З-5-10", "З-5-11", "З-5-12")
WHEELCHAIR, COMPANION = "З-1-1", "З-1-2"
HOUR = timedelta(hours=1)


def do(kassa: Kassa, deed: Any, *facts: Any) -> Any:
    """Do something as staff, a second later, in a transaction of its own."""
    kassa.clock.forward(seconds=1)
    with kassa.database.transaction() as session:
        return deed(session, *facts, DANA, kassa.clock.now())


def kept(
    kassa: Kassa,
    *labels: str,
    screening: str = "s06",
    kind: AllocationKind = AllocationKind.GUESTS,
    **more: Any,
) -> UUID:
    choice = StaffChoice(labels=labels) if labels else StaffChoice(quantity=more.pop("quantity"))
    request = KeepRequest(screening=screening, choice=choice, kind=kind, reason="delegation", **more)
    allocation: UUID = do(kassa, keep, request)
    return allocation


def counts(kassa: Kassa, screening: str = "s06") -> dict[str, int]:
    with kassa.database.reading() as session:
        found = session.scalars(select(Screening.id).where(Screening.code == screening)).one()
        return {str(state): n for state, n in state_counts(session, kassa.clock.now())[found].items()}


def free(kassa: Kassa, *labels: str, screening: str = "s06") -> list[bool]:
    public = kassa.free_places(screening)
    return [label in public for label in labels]


def deeds(kassa: Kassa) -> list[AuditEntry]:
    with kassa.database.reading() as session:
        query = select(AuditEntry).where(AuditEntry.object_id == "s06").order_by(AuditEntry.at)
        return list(session.scalars(query))


def refused(kassa: Kassa, error: type[DomainError], deed: Any, *facts: Any) -> DomainError:
    """Return the refusal; nothing may have changed."""
    before = kassa.fingerprint()
    with pytest.raises(error) as caught:
        do(kassa, deed, *facts)
    assert kassa.fingerprint() == before
    return caught.value


def test_kept_places_are_not_sold_and_come_back_by_hand(kassa: Kassa) -> None:
    before = counts(kassa)
    allocation = kept(kassa, *SEATS)
    assert free(kassa, *SEATS) == [False] * 3
    expect_problem(
        kassa.post("/api/v1/holds", {"screening": "s06", "places": list(SEATS)}), 409, "places_taken"
    )
    assert counts(kassa) == {**before, "free": before["free"] - 3, "kept": 3}
    assert do(kassa, release, "s06", StaffChoice(labels=SEATS[:1]), "one too many") == 1
    assert free(kassa, *SEATS) == [True, False, False]
    assert do(kassa, release_whole, allocation, "they do not come") == 2
    assert counts(kassa) == before
    assert [(d.action, d.reason, d.actor_name) for d in deeds(kassa)] == [
        ("keep_places", "delegation", "Dana"),
        ("release_places", "one too many", "Dana"),
        ("release_allocation", "they do not come", "Dana"),
    ]
    assert deeds(kassa)[0].after == {"kind": "guests", "places": list(SEATS), "release_at": None}


def test_places_move_from_one_group_to_another_and_an_empty_allocation_ends(kassa: Kassa) -> None:
    first = kept(kassa, *SEATS)
    kept(kassa, *SEATS, kind=AllocationKind.JURY)
    with kassa.database.reading() as session:
        ended = session.get(Allocation, first)
        assert ended is not None
        assert ended.released_at == kassa.clock.now()
        (jury,) = kept_for(session, ended.screening_id)
    assert (jury.kind, jury.places) == ("jury", 3)
    assert deeds(kassa)[1].before == {"moved": list(SEATS)}


@pytest.mark.parametrize("state", ["sold", "held"])
def test_what_somebody_has_is_not_taken_away(kassa: Kassa, state: str) -> None:
    if state == "sold":
        kassa.buy("s06", places=["З-5-11", "З-5-12"])
    else:
        kassa.hold("s06", places=["З-5-11", "З-5-12"])
    request = KeepRequest(
        screening="s06", choice=StaffChoice(labels=SEATS), kind=AllocationKind.HOUSE, reason="why"
    )
    for deed, facts in ((keep, (request,)), (kill, ("s06", request.choice, "why"))):
        error = refused(kassa, PlacesTakenError, deed, *facts)
        assert error.params["places"] == ["З-5-11", "З-5-12"]


def test_a_hold_that_has_expired_gives_way_and_cannot_come_back(kassa: Kassa) -> None:
    hold = kassa.hold("s06", places=list(SEATS[:2]))
    kassa.clock.forward(minutes=11)
    kept(kassa, *SEATS)
    renewed = kassa.post(f"/api/v1/holds/{hold['hold']}/renew", auth=f"Hold {hold['key']}")
    expect_problem(renewed, 410, "hold_expired")
    assert counts(kassa)["kept"] == 3


def test_killed_places_leave_the_allocation_and_are_revived_with_a_reason(kassa: Kassa) -> None:
    before = counts(kassa)
    kept(kassa, *SEATS)
    assert do(kassa, kill, "s06", StaffChoice(labels=SEATS[:2]), "a camera stands here") == 2
    assert counts(kassa) == {**before, "free": before["free"] - 3, "kept": 1, "killed": 2}
    assert free(kassa, *SEATS) == [False] * 3
    refused(kassa, PlacesTakenError, release, "s06", StaffChoice(labels=SEATS[:1]), "why")
    assert do(kassa, revive, "s06", StaffChoice(labels=SEATS[:2]), "the camera is gone") == 2
    assert free(kassa, *SEATS) == [True, True, False]
    refused(kassa, PlacesTakenError, revive, "s06", StaffChoice(labels=SEATS[:1]), "why")
    killed, revived = deeds(kassa)[1:]
    assert killed.before == {"kept": list(SEATS[:2])}
    assert revived.before == {"places": dict.fromkeys(SEATS[:2], "a camera stands here")}


def test_every_deed_needs_a_reason_and_real_places(kassa: Kassa) -> None:
    choice = StaffChoice(labels=SEATS)
    for deed in (release, kill, revive):
        refused(kassa, ReasonRequiredError, deed, "s06", choice, "  ")
        refused(kassa, UnknownPlaceError, deed, "s06", StaffChoice(labels=("З-5-10", "З-99-1")), "why")
    empty = KeepRequest(screening="s06", choice=choice, kind=AllocationKind.HOUSE, reason=" ")
    refused(kassa, ReasonRequiredError, keep, empty)


def test_an_allocation_is_released_when_its_time_comes(kassa: Kassa) -> None:
    at = kassa.clock.now() + HOUR
    allocation = kept(kassa, *SEATS, release_at=at)
    kassa.clock.forward(minutes=59)
    kassa.work()
    assert free(kassa, *SEATS) == [False] * 3
    kassa.clock.forward(minutes=1)
    kassa.work()
    kassa.work()
    assert free(kassa, *SEATS) == [True] * 3
    assert [(d.action, d.actor_kind) for d in deeds(kassa)][1:] == [("release_allocation", "system")]
    refused(kassa, AllocationReleasedError, release_whole, allocation, "why")
    refused(kassa, AllocationReleasedError, set_release_time, allocation, at + HOUR)


def test_the_time_of_release_moves(kassa: Kassa) -> None:
    at = kassa.clock.now() + HOUR
    allocation = kept(kassa, *SEATS, release_at=at)
    do(kassa, set_release_time, allocation, at + HOUR)
    kassa.clock.at = at
    kassa.work()
    assert free(kassa, *SEATS) == [False] * 3
    do(kassa, set_release_time, allocation, None)
    kassa.clock.forward(hours=2)
    kassa.work()
    assert free(kassa, *SEATS) == [False] * 3


def test_a_time_when_nobody_can_buy_is_refused(kassa: Kassa) -> None:
    with kassa.database.reading() as session:
        starts = session.scalars(select(Screening.starts_at).where(Screening.code == "s06")).one()
    allocation = kept(kassa, *SEATS)
    for wrong in (kassa.clock.now(), starts, starts + HOUR):
        refused(kassa, ReleaseTimeError, set_release_time, allocation, wrong)


def test_a_hall_without_seats_has_numbers_of_places(kassa: Kassa) -> None:
    whole = counts(kassa, "s07")["free"]
    first = kept(kassa, screening="s07", quantity=30)
    kept(kassa, screening="s07", quantity=20, kind=AllocationKind.BADGE)
    do(kassa, kill, "s07", StaffChoice(quantity=5), "broken chairs")
    assert counts(kassa, "s07") == {"free": whole - 55, "kept": 50, "killed": 5}
    do(kassa, release, "s07", StaffChoice(quantity=20), "the badges are for the other hall")
    do(kassa, release_whole, first, "nobody comes")
    do(kassa, revive, "s07", StaffChoice(quantity=5), "mended")
    assert counts(kassa, "s07") == {"free": whole}
    refused(kassa, SoldOutError, kill, "s07", StaffChoice(quantity=whole + 1), "too many")


def test_wheelchair_spaces_are_for_those_who_ask_until_their_time(kassa: Kassa) -> None:
    best = kassa.hold("s06", 2, accessible=True)
    assert all(label.startswith(("З-1-", "З-16-")) for label in best["places"])
    with kassa.database.reading() as session:
        starts = session.scalars(select(Screening.starts_at).where(Screening.code == "s06")).one()
    kassa.clock.at = starts - 3 * HOUR - timedelta(minutes=1)
    kassa.work()
    asked = counts(kassa)["asked"]
    assert asked > 0
    expect_problem(
        kassa.post("/api/v1/holds", {"screening": "s06", "places": [COMPANION]}),
        422,
        "companion_without_wheelchair",
    )
    kassa.clock.forward(minutes=1)
    kassa.work()
    assert "asked" not in counts(kassa)
    expect(kassa.post("/api/v1/holds", {"screening": "s06", "places": [WHEELCHAIR, COMPANION]}), 201)
    assert [d.action for d in deeds(kassa)] == ["release_accessible"]


def test_staff_release_wheelchair_spaces_by_hand_and_keep_them_again(kassa: Kassa) -> None:
    before = counts(kassa)
    do(kassa, release_accessible, "s06", "nobody has asked")
    assert counts(kassa) == {"free": before["free"] + before["asked"]}
    until = kassa.clock.now() + HOUR
    do(kassa, keep_accessible, "s06", until, "somebody has asked")
    assert counts(kassa) == before
    kassa.clock.at = until
    kassa.work()
    assert "asked" not in counts(kassa)
    refused(kassa, ReleaseTimeError, keep_accessible, "s06", until, "too late")
    assert [d.action for d in deeds(kassa)] == ["release_accessible", "keep_accessible", "release_accessible"]


def test_a_released_wheelchair_space_is_again_for_those_who_ask(kassa: Kassa) -> None:
    before = counts(kassa)
    allocation = kept(kassa, WHEELCHAIR, COMPANION)
    assert do(kassa, release_whole, allocation, "not needed") == 2
    assert counts(kassa) == before
    do(kassa, kill, "s06", StaffChoice(labels=(WHEELCHAIR,)), "the lift is broken")
    do(kassa, revive, "s06", StaffChoice(labels=(WHEELCHAIR,)), "mended")
    assert counts(kassa) == before
    do(kassa, release_accessible, "s06", "nobody has asked")
    do(kassa, release_whole, kept(kassa, WHEELCHAIR), "not needed")
    assert "asked" not in counts(kassa)


def test_what_is_sold_from_a_released_allocation_stays_sold(kassa: Kassa) -> None:
    allocation = kept(kassa, *SEATS)
    do(kassa, release_whole, allocation, "on sale")
    paid = kassa.buy("s06", places=list(SEATS))
    assert {ticket["place"] for ticket in paid["tickets"]} == set(SEATS)
    request = KeepRequest(
        screening="s06", choice=StaffChoice(labels=SEATS), kind=AllocationKind.JURY, reason="late"
    )
    refused(kassa, PlacesTakenError, keep, request)


def test_the_database_itself_refuses_a_place_that_is_kept_and_killed(kassa: Kassa) -> None:
    allocation = kept(kassa, *SEATS)
    with pytest.raises(Exception, match="killed_is_not_kept"), kassa.database.transaction() as session:
        session.execute(update(Place).where(Place.allocation_id == allocation).values(killed=True))


def test_every_place_is_in_one_state(kassa: Kassa) -> None:
    kept(kassa, *SEATS)
    do(kassa, kill, "s06", StaffChoice(labels=("З-6-7",)), "why")
    kassa.hold("s06", places=["З-8-10", "З-8-11"])
    kassa.buy("s06", places=["З-9-10", "З-9-11"])
    with kassa.database.transaction() as session:
        screening = session.scalars(select(Screening.id).where(Screening.code == "s06")).one()
        place = session.scalars(
            update(Place)
            .where(Place.label == "З-10-10", Place.screening_id == screening)
            .values(rush=True)
            .returning(Place.id)
        ).one()
        open_line(session, screening)
        session.add(RushPlace(place_id=place, screening_id=screening))
    found = counts(kassa)
    assert {PlaceState(state) for state in found} == set(PlaceState)
    with kassa.database.reading() as session:
        capacity = session.scalars(select(Screening.capacity).where(Screening.code == "s06")).one()
    assert sum(found.values()) == capacity

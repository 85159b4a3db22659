"""The rush line as staff, phones and people meet it, in halls of 24, 10 and 6 places."""

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from tests.support import rush
from tests.support.calls import API, bearer, hold
from tests.support.house import House, open_house
from ticketing.catalogue.guarantee import Guarantee, set_festival_guarantee, set_guarantee
from ticketing.catalogue.models import Venue
from ticketing.catalogue.programme.values import Words
from ticketing.door.devices import revoke
from ticketing.door.errors import NumberNotOutError, RushOverError
from ticketing.door.models import Device, Incident
from ticketing.door.rush_models import RushPlace
from ticketing.foundation.actor import SYSTEM
from ticketing.foundation.errors import InvalidRequestError, NotFoundError
from ticketing.inventory.models import Place
from ticketing.reports.invariants import check_invariants


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    opened = open_house(database_url, tmp_path)
    yield opened
    opened.require_invariants()
    opened.close()


def called_slip(house: House, screening: str = "gift") -> str:
    [code] = rush.slips(house, screening, 1)
    rush.call(house, screening, rush.figures(house, screening).numbers)
    return code


def incidents(house: House) -> list[str]:
    return [row[0] for row in house.rows("SELECT kind FROM incident ORDER BY kind")]


def deeds(house: House, action: str) -> int:
    return int(house.value("SELECT count(*) FROM audit_entry WHERE action = :action", {"action": action}))


def test_a_slip_waits_for_the_release_and_for_its_number(house: House) -> None:
    first, second = rush.slips(house, "seats", 2)
    assert rush.show(house, 0, first, "seats")["reason"] == "needs_reservation"
    rush.release(house, "seats")
    assert rush.show(house, 0, first, "seats")["reason"] == "needs_reservation"
    rush.call(house, "seats", 1)
    assert rush.show(house, 0, second, "seats")["reason"] == "needs_reservation"
    answer = rush.show(house, 0, first, "seats")
    assert (answer["verdict"], answer["reason"], answer["slip"]) == ("admit", "ok", 1)
    assert answer["occupancy"] == {"admitted": 1, "capacity": 24}
    assert rush.show(house, 1, first, "seats")["reason"] == "already_in"
    assert rush.show(house, 1, second, "gift")["reason"] == "wrong_screening"


def test_a_slip_is_sent_to_a_seat_that_nobody_else_gets(house: House) -> None:
    rush.buy(house, "seats", 3)
    rush.release(house, "seats")
    seats = [rush.show(house, 0, called_slip(house, "seats"), "seats")["ticket"] for _ in range(24)]
    assert len({seat["place"] for seat in seats}) == len(seats)
    assert {row[0] for row in house.rows("SELECT label FROM place WHERE kind = 'wheelchair'")}.isdisjoint(
        seat["place"] for seat in seats
    )
    assert all(seat["row"] and seat["number"] for seat in seats)


def test_a_late_holder_gets_his_own_seat_then_another_then_none(house: House) -> None:
    tickets = rush.buy(house, "gift", 3)
    rush.release(house, "gift", unsold=False)
    assert rush.figures(house, "gift").free == 3
    own = rush.show(house, 0, tickets[0]["code"], "gift")
    assert (own["reason"], own["ticket"]["place"]) == ("ok", tickets[0]["place"])
    assert "new_seat" not in own
    [theirs] = house.rows("SELECT place_id FROM ticket WHERE label = :label", {"label": tickets[1]["place"]})[
        0
    ]
    line = rush.lease(house, 1, "gift", 1)
    if line["leases"][0]["place"] != theirs:
        line = rush.lease(house, 1, "gift", 2)
    rush.show(house, 1, called_slip(house), "gift", place=theirs)
    late = rush.show(house, 0, tickets[1]["code"], "gift")
    assert late["reason"] in ("ok", "lease_spent")
    rush.lease(house, 1, "gift", 0, tuple(one["place"] for one in rush.lease(house, 1, "gift", 0)["leases"]))
    if late["reason"] != "ok":
        late = rush.show(house, 0, tickets[1]["code"], "gift")
    assert (late["reason"], late["new_seat"]) == ("ok", True)
    assert late["ticket"]["place"] != tickets[1]["place"]
    assert rush.show(house, 0, tickets[2]["code"], "gift")["reason"] == "full"


def test_who_was_in_comes_back_to_his_place(house: House) -> None:
    [ticket] = rush.buy(house, "gift", 1)
    rush.show(house, 0, ticket["code"], "gift")
    rush.show(house, 0, ticket["code"], "gift", direction="out")
    rush.release(house, "gift")
    slip = called_slip(house)
    rush.show(house, 0, slip, "gift")
    rush.show(house, 0, slip, "gift", direction="out")
    for _ in range(4):
        assert rush.show(house, 0, called_slip(house), "gift")["reason"] == "ok"
    assert rush.show(house, 0, called_slip(house), "gift")["reason"] == "full"
    assert rush.show(house, 0, ticket["code"], "gift")["reason"] == "reentry"
    assert rush.show(house, 0, slip, "gift")["reason"] == "reentry"


def test_a_place_of_the_line_is_not_sold_even_when_its_ticket_is_refunded(house: House) -> None:
    [ticket] = rush.buy(house, "seats", 1)
    rush.release(house, "seats", unsold=False)
    with house.database.reading() as session:
        assert session.scalars(select(Place.rush).where(Place.label == ticket["place"])).one()
    order = house.value(
        "SELECT o.code FROM orders o JOIN ticket t ON t.order_id = o.id WHERE t.label = :label",
        {"label": ticket["place"]},
    )
    body = {"reason": "asked", "tickets": [ticket["ticket"]]}
    path = f"{API}/orders/{order}/refunds"
    assert house.call("POST", path, body, bearer(house.staff)).status == 201
    assert hold(house.call, "seats", [ticket["place"]]).code == "places_taken"
    assert rush.figures(house, "seats").free == 1


def test_places_of_tickets_wait_for_every_phone_that_may_not_know(house: House) -> None:
    rush.buy(house, "gift", 2)
    for phone in range(2):
        rush.sync(house, phone, "gift")
    gathered = rush.release(house, "gift")
    assert (gathered.unsold, gathered.of_tickets, gathered.waiting) == (4, 0, True)
    rush.sync(house, 0, "gift", settled="gift")
    house.work()
    assert rush.figures(house, "gift").free == 4
    rush.sync(house, 1, "gift", settled="gift", unsent=1)
    house.work()
    assert rush.figures(house, "gift").free == 4
    rush.sync(house, 1, "gift", settled="gift")
    house.work()
    assert rush.figures(house, "gift").free == 6


def test_staff_may_end_the_waiting_and_the_record_names_the_phone(house: House) -> None:
    [ticket] = rush.buy(house, "gift", 1)
    with pytest.raises(RushOverError):
        rush.do_not_wait(house, "gift")
    rush.sync(house, 0, "gift")
    rush.release(house, "gift")
    assert rush.do_not_wait(house, "gift").of_tickets == 1
    after = house.value("SELECT after FROM audit_entry WHERE action = 'release_without_phones'")
    assert "Phone 0" in str(after)
    leases = [one["place"] for _ in range(5) for one in rush.lease(house, 1, "gift", 10)["leases"]]
    for place in set(leases):
        rush.show(house, 1, called_slip(house), "gift", place=place)
    while rush.figures(house, "gift").left:
        rush.show(house, 1, called_slip(house), "gift")
    alone = {"verdict": "admit", "reason": "ok", "offline": True}
    assert rush.show(house, 0, ticket["code"], "gift", **alone)["stored"] == "stored"
    assert incidents(house) == ["over_capacity"]


def test_a_slip_let_in_alone_within_a_lease_is_within_the_capacity(house: House) -> None:
    rush.release(house, "gift")
    mine, other = called_slip(house), called_slip(house)
    [place, *_] = rush.lease(house, 0, "gift", 1)["leases"]
    for _ in range(5):
        assert rush.show(house, 1, called_slip(house), "gift")["reason"] == "ok"
    assert rush.show(house, 1, other, "gift")["reason"] == "lease_spent"
    alone = {"place": place["place"], "verdict": "admit", "reason": "ok", "offline": True}
    assert rush.show(house, 0, mine, "gift", **alone)["verdict"] == "admit"
    assert rush.show(house, 1, other, "gift")["reason"] == "full"
    assert incidents(house) == []


def test_a_refusal_for_want_of_a_lease_is_no_disagreement(house: House) -> None:
    rush.release(house, "gift")
    for reason in ("lease_spent", "full", "needs_reservation"):
        alone = {"verdict": "refuse", "reason": reason, "offline": True}
        rush.show(house, 0, called_slip(house), "gift", **alone)
    assert incidents(house) == []
    assert rush.figures(house, "gift").taken == 0


def test_a_slip_at_two_phones_alone_is_a_double_admission_on_two_places(house: House) -> None:
    rush.release(house, "gift")
    slip = called_slip(house)
    for phone in range(2):
        [place, *_] = rush.lease(house, phone, "gift", 1)["leases"]
        alone = {"place": place["place"], "verdict": "admit", "reason": "ok", "offline": True}
        rush.show(house, phone, slip, "gift", **alone)
    assert incidents(house) == ["double_admission"]
    assert rush.figures(house, "gift").taken == 2
    with house.database.reading() as session:
        incident = session.scalars(select(Incident)).one()
        assert incident.slip_id is not None
        assert incident.details["slip"] == "1"


def test_taking_a_green_back_frees_the_place_for_the_phone_that_leased_it(house: House) -> None:
    rush.release(house, "gift")
    slip = called_slip(house)
    [place, *_] = rush.lease(house, 0, "gift", 1)["leases"]
    scan = uuid4()
    rush.show(house, 0, slip, "gift", id=scan, place=place["place"])
    assert rush.lease(house, 0, "gift", 0)["leases"] == []
    rush.show(house, 0, slip, "gift", id=scan, seq=2, verdict="refuse", reason="undo")
    assert rush.lease(house, 0, "gift", 0)["leases"] == [place]
    assert rush.figures(house, "gift").taken == 0
    assert rush.show(house, 1, slip, "gift")["reason"] == "ok"


def test_a_statement_with_another_place_than_the_answer_gave_moves_there(house: House) -> None:
    rush.release(house, "gift")
    slip, scan = called_slip(house), uuid4()
    [place, *_] = rush.lease(house, 0, "gift", 1)["leases"]
    given = rush.show(house, 0, slip, "gift", id=scan)["place"]
    assert given != place["place"]
    stated = {"seq": 2, "verdict": "admit", "reason": "ok", "place": place["place"], "offline": True}
    rush.show(house, 0, slip, "gift", id=scan, **stated)
    taken = [row[0] for row in house.rows("SELECT place_id FROM rush_place WHERE scan_id IS NOT NULL")]
    assert taken == [place["place"]]


def test_leases_end_with_the_phone_the_entry_and_by_giving_back(house: House) -> None:
    rush.release(house, "gift")
    line = rush.lease(house, 0, "gift", 10)
    assert (len(line["leases"]), line["free"], line["leased"]) == (3, 3, 3)
    assert len(rush.lease(house, 0, "gift", 3)["leases"]) == 3
    back = line["leases"][0]["place"]
    assert len(rush.lease(house, 0, "gift", 0, (back,))["leases"]) == 2
    assert len(rush.lease(house, 1, "gift", 0, (line["leases"][1]["place"],))["leases"]) == 0
    with house.database.transaction() as session:
        device = session.scalars(select(RushPlace.device_id).where(RushPlace.device_id.is_not(None))).first()
        assert device is not None
        revoke(session, device, SYSTEM, house.clock.now())
    assert rush.figures(house, "gift").leased == 0
    house.clock.time += timedelta(hours=4, minutes=30)
    assert rush.lease(house, 1, "gift", 3)["leases"] == []
    with pytest.raises(RushOverError):
        rush.release(house, "gift")
    with pytest.raises(RushOverError):
        rush.slips(house, "gift", 1)


def test_the_clock_ends_the_guarantee_by_the_screenings_rule_or_the_festivals(house: House) -> None:
    now = house.clock.now()
    for screening in ("seats", "gift", "crowd", "many"):
        rush.buy(house, screening, 1)
    with house.database.transaction() as session:
        set_festival_guarantee(session, -10, SYSTEM, now)
        set_guarantee(session, "gift", Guarantee.OWN, 5, SYSTEM, now)
        set_guarantee(session, "crowd", Guarantee.ALWAYS, None, SYSTEM, now)
    house.clock.time += timedelta(hours=3, minutes=19)
    house.work()
    assert house.rows("SELECT count(*) FROM rush_place")[0][0] == 0
    house.clock.time += timedelta(minutes=1)
    house.work()
    assert released(house) == {"seats", "many"}
    house.clock.time += timedelta(minutes=15)
    house.work()
    house.work()
    assert released(house) == {"seats", "many", "gift"}
    assert deeds(house, "release_to_rush_line") == 3


def released(house: House) -> set[str]:
    return {
        row[0]
        for row in house.rows(
            "SELECT s.code FROM screening s JOIN rush_line r ON r.screening_id = s.id"
            " WHERE r.released_at IS NOT NULL"
        )
    }


def test_a_ticket_sold_after_the_release_has_its_place(house: House) -> None:
    rush.release(house, "gift", unsold=False)
    house.clock.time += timedelta(seconds=1)
    [ticket] = rush.buy(house, "gift", 1)
    house.work()
    assert rush.figures(house, "gift").total == 0
    answer = rush.show(house, 0, ticket["code"], "gift")
    assert answer["reason"] == "ok"
    assert "place" not in answer


@pytest.mark.parametrize("minutes", [-121, 121])
def test_rules_of_guarantee_have_limits(house: House, minutes: int) -> None:
    now = house.clock.now()
    wrong: list[Callable[[Any], None]] = [
        lambda session: set_guarantee(session, "gift", Guarantee.OWN, minutes, SYSTEM, now),
        lambda session: set_guarantee(session, "gift", Guarantee.OWN, None, SYSTEM, now),
        lambda session: set_guarantee(session, "gift", Guarantee.ALWAYS, 5, SYSTEM, now),
        lambda session: set_festival_guarantee(session, minutes, SYSTEM, now),
    ]
    for deed in wrong:
        with pytest.raises(InvalidRequestError), house.database.transaction() as session:
            deed(session)
    with pytest.raises(NotFoundError), house.database.transaction() as session:
        set_guarantee(session, "nowhere", Guarantee.ALWAYS, None, SYSTEM, now)


def test_numbers_are_called_among_those_that_are_out(house: House) -> None:
    rush.slips(house, "gift", 3)
    for number in (4, -1):
        with pytest.raises(NumberNotOutError):
            rush.call(house, "gift", number)
    rush.call(house, "gift", 3)
    rush.call(house, "gift", 2)
    assert rush.figures(house, "gift").called == 2
    assert deeds(house, "call_numbers") == 2


def test_a_lease_is_for_a_phone_of_the_venue_and_a_few_places(house: House) -> None:
    rush.release(house, "gift")
    body = {"screening": "gift", "hold": 1}
    wrong: list[dict[str, object]] = [
        {**body, "screening": "nowhere"},
        {**body, "hold": -1},
        {**body, "hold": 11},
        {**body, "give_back": [0]},
    ]
    phone = bearer(house.phones[0])
    codes = [house.call("POST", f"{API}/door/leases", one, phone).code for one in wrong]
    assert codes == ["not_found", *["invalid_request"] * 3]
    assert house.call("POST", f"{API}/door/leases", body, bearer(house.staff)).code == "unauthorized"
    with house.database.transaction() as session:
        address = Words(kk="", ru="", en="")
        venue = Venue(code="far", name=address, address=address, transfer_minutes=0)
        session.add(venue)
        session.flush()
        session.execute(update(Device).where(Device.name == "Phone 0").values(venue_id=venue.id))
    assert house.call("POST", f"{API}/door/leases", body, phone).code == "not_found"
    assert rush.sync(house, 0, "gift")["rush"] is None


def test_a_sync_tells_the_line_once_and_stays_small(house: House) -> None:
    codes = rush.slips(house, "many", 40)
    rush.call(house, "many", 40)
    rush.release(house, "many")
    rush.lease(house, 0, "many", 3)
    first = rush.sync(house, 0, "many")
    cursor, digest = first["cursor"], first["rush"]["digest"]
    query = f"cursor={cursor}&screening=many&rush={digest}"
    path = f"{API}/door/sync?{query}"
    assert house.call("GET", path, None, bearer(house.phones[0])).body["rush"] is None
    rush.show(house, 1, codes[0], "many")
    delta = house.call("GET", path, None, bearer(house.phones[0])).body
    assert delta["rush"]["taken"] == 1
    assert delta["rush"]["slips"]["admissions"]["ticket"] == [0]
    assert len(gzip.compress(json.dumps(delta).encode())) <= 2048


def test_the_audit_finds_a_place_that_is_promised_twice(house: House) -> None:
    [ticket] = rush.buy(house, "gift", 1)
    rush.release(house, "gift")
    with house.database.transaction() as session:
        session.execute(update(RushPlace).values(ticket_id=None))
        session.execute(update(Place).where(Place.label != ticket["place"]).values(rush=False))
    with house.database.reading() as session:
        broken = {one.name.split()[0] for one in check_invariants(session, house.clock.now()) if one.broken}
    assert broken == {"I2"}
    with house.database.transaction() as session:
        session.execute(RushPlace.__table__.delete())  # type: ignore[attr-defined]
        session.execute(update(Place).values(rush=False))

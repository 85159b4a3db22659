"""Syncing: everything once, then what has changed; sizes; cursors that lead nowhere."""

import gzip
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update

from tests.support.held import Held, unpacked
from tests.support.kassa import Kassa, expect
from ticketing.catalogue.models import Festival, Hall, Screening
from ticketing.door import sync
from ticketing.door.columns import all_tickets, digest_of
from ticketing.door.facts import all_screenings
from ticketing.foundation.models import Instance
from ticketing.tickets.blocking import block, unblock
from ticketing.tickets.codes import digest
from ticketing.tickets.models import Ticket

Json = dict[str, Any]


class Phone:
    """A device that follows."""

    def __init__(self, kassa: Kassa, venue: str | None = None) -> None:
        self.kassa, self.auth, self.held = kassa, kassa.device(venue), Held()

    def ask(self, cursor: str | None = None, **more: str) -> Json:
        query = "&".join(f"{name}={value}" for name, value in more.items())
        known = self.held.cursor if cursor is None else cursor
        return expect(self.kassa.get(f"/api/v1/door/sync?cursor={known}&{query}", self.auth), 200)

    def follow(self) -> Json:
        answer = self.ask()
        self.held.apply(answer)
        return answer

    def has_all(self) -> bool:
        """Tell whether what it holds is exactly what a new phone would."""
        fresh = Held()
        fresh.apply(self.ask(""))
        return fresh.contents() == self.held.contents()


@pytest.fixture
def phone(kassa: Kassa) -> Phone:
    return Phone(kassa)


def key(code: str) -> str:
    return digest(code)[:8].hex()


def test_everything_then_nothing(kassa: Kassa, phone: Phone) -> None:
    order = kassa.buy("s06", 2)
    first = phone.follow()
    assert first["full"]
    assert set(unpacked(first)) == {key(ticket["code"]) for ticket in order["tickets"]}
    kassa.clock.forward(seconds=10)
    second = phone.follow()
    assert not second["full"]
    assert (second["tickets"]["state"], second["screenings"], second["festival"]) == ([], [], None)
    assert phone.has_all()


def test_what_is_sold_refunded_and_admitted_arrives(kassa: Kassa, phone: Phone) -> None:
    phone.follow()
    order = kassa.buy("s06", 3)
    assert set(unpacked(phone.follow())) == {key(ticket["code"]) for ticket in order["tickets"]}
    gone, came, _ = order["tickets"]
    expect(kassa.refund(order, kassa.staff(), tickets=[gone["ticket"]]), 201)
    assert unpacked(phone.follow())[key(gone["code"])]["state"] == "refunded"
    kassa.open_doors()
    phone.follow()
    other = kassa.device()
    kassa.scan(other, came["code"], gate="B")
    answer = phone.follow()
    assert answer["occupancy"] == {"s06": 1}
    admission = unpacked(answer)[key(came["code"])]["admission"]
    assert (admission["gate"], admission["inside"]) == ("B", 1)
    kassa.scan(other, came["code"], direction="out")
    assert unpacked(phone.follow())[key(came["code"])]["admission"]["inside"] == 0
    assert phone.has_all()


def test_an_admission_taken_back_is_forgotten(kassa: Kassa, phone: Phone) -> None:
    code = kassa.buy("s06", 1)["tickets"][0]["code"]
    kassa.open_doors()
    ask = kassa.scan_body(code)
    kassa.scans(phone.auth, [ask])
    phone.follow()
    assert phone.held.tickets[key(code)]["admission"]
    kassa.scans(phone.auth, [{**ask, "verdict": "refuse", "reason": "undo"}])
    phone.follow()
    assert phone.held.tickets[key(code)]["admission"] is None
    assert phone.held.screenings["s06"]["admitted"] == 0


def test_a_former_code_becomes_an_older_copy(kassa: Kassa, phone: Phone) -> None:
    order = kassa.buy("s06", 1)
    (ticket,) = order["tickets"]
    phone.follow()
    path = f"/api/v1/orders/{order['order']}/tickets/{ticket['ticket']}/transfer"
    body = {"email": "dana@example.kz", "name": "Дана"}
    expect(kassa.post(path, body, f"Order {order['key']}"), 201)
    phone.follow()
    assert phone.held.tickets[key(ticket["code"])]["state"] == "reissued"
    states = sorted(one["state"] for one in phone.held.tickets.values())
    assert states == ["reissued", "valid"]
    assert phone.has_all()


def test_blocked_tickets_arrive_without_a_reason(kassa: Kassa, phone: Phone) -> None:
    order = kassa.buy("s06", 1)
    phone.follow()
    for turn, state in ((block, "blocked"), (unblock, "valid")):
        with kassa.database.transaction() as session:
            turn(session, session.scalars(select(Ticket.order_id)).one())
        assert unpacked(phone.follow())[key(order["tickets"][0]["code"])]["state"] == state
        assert phone.has_all()


def test_a_moved_screening_arrives_alone(kassa: Kassa, phone: Phone) -> None:
    phone.follow()
    with kassa.database.transaction() as session:
        other = session.scalar(select(Hall.id).where(Hall.code == "esentai-3"))
        session.execute(update(Screening).where(Screening.code == "s06").values(hall_id=other))
    answer = phone.follow()
    assert [(one["code"], one["hall"]) for one in answer["screenings"]] == [("s06", "esentai-3")]
    assert phone.has_all()


def test_another_window_at_the_doors_arrives(kassa: Kassa, phone: Phone) -> None:
    phone.follow()
    with kassa.database.transaction() as session:
        session.execute(update(Festival).values(doors_close_minutes=20))
    assert phone.follow()["policy"]["doors_close_minutes"] == 20
    assert phone.has_all()


def test_a_process_that_has_not_seen_the_state_sends_all_screenings(kassa: Kassa, phone: Phone) -> None:
    phone.follow()
    kassa.app.extensions["kassa.door_frames"]._seen.clear()
    with kassa.database.transaction() as session:
        session.execute(update(Screening).where(Screening.code == "s06").values(status="cancelled"))
    answer = phone.follow()
    assert (answer["full"], answer["all_screenings"], len(answer["screenings"])) == (False, True, 6)
    assert phone.has_all()


def test_applying_an_answer_twice_does_no_harm(kassa: Kassa, phone: Phone) -> None:
    phone.follow()
    kassa.buy("s06", 2)
    answer = phone.follow()
    phone.held.apply(answer)
    assert phone.has_all()


def test_details_are_of_the_phones_venue_alone(kassa: Kassa) -> None:
    here, there = kassa.buy("s06", 1)["tickets"][0], kassa.buy("s07", 1)["tickets"][0]
    phone = Phone(kassa, "esentai")
    phone.follow()
    near = phone.held.tickets[key(here["code"])]
    assert f"{near['row']}-{near['number']}" == here["place"].partition("-")[2]
    far = phone.held.tickets[key(there["code"])]
    assert (far["screening"], far["row"], far["number"], far["area"], far["card"]) == ("s07", "", "", "", "")


def shifted(cursor: str, part: int, by: int) -> str:
    parts = cursor.split(".")
    parts[part] = str(int(parts[part]) + by)
    return ".".join(parts)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda cursor: "",
        lambda cursor: "whatever",
        lambda cursor: cursor + "0",
        lambda cursor: cursor.replace(".", ".٣", 1),
        lambda cursor: shifted(cursor, 1, 10**9),  # from the future of another database
        lambda cursor: shifted(cursor, 1, 10**17),
        lambda cursor: shifted(cursor, 2, 3600),
        lambda cursor: "0" * 12 + cursor[12:],
    ],
)
def test_a_cursor_that_leads_nowhere_gets_everything(kassa: Kassa, phone: Phone, spoil: Any) -> None:
    kassa.buy("s06", 1)
    phone.follow()
    assert not phone.ask()["full"]
    assert phone.ask(spoil(phone.held.cursor))["full"]


def test_a_cursor_of_another_edition_or_before_a_restore_gets_everything(kassa: Kassa, phone: Phone) -> None:
    phone.follow()
    with kassa.database.transaction() as session:
        session.execute(update(Instance).values(epoch=uuid4()))
    assert phone.ask()["full"]


def test_a_cursor_of_another_venue_gets_everything(kassa: Kassa, phone: Phone) -> None:
    phone.follow()
    assert Phone(kassa, "esentai").ask(phone.held.cursor)["full"]


def test_a_day_later_everything_is_sent(kassa: Kassa, phone: Phone) -> None:
    phone.follow()
    kassa.clock.forward(days=1)
    assert not phone.ask()["full"]
    kassa.clock.forward(seconds=1)
    assert phone.ask()["full"]


def test_who_missed_much_gets_everything(kassa: Kassa, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "MOST_CHANGES", 3)
    phone.follow()
    kassa.buy("s06", 3)
    assert not phone.ask()["full"]
    kassa.buy("s06", 1)
    assert phone.ask()["full"]


def test_numbers_of_another_servers_dump_are_no_news(kassa: Kassa, phone: Phone) -> None:
    kassa.buy("s06", 3)
    with kassa.database.transaction() as session:
        session.execute(text("UPDATE ticket SET changed = 1000000000000"))
    phone.follow()
    for _ in range(2):
        assert phone.follow()["tickets"]["state"] == []
    kassa.buy("s06", 1)
    assert len(phone.follow()["tickets"]["state"]) == 1
    assert phone.has_all()


def test_a_digest_that_differs_gets_everything(kassa: Kassa, phone: Phone) -> None:
    kassa.buy("s06", 2)
    phone.follow()
    with kassa.database.reading() as session:
        right = digest_of(all_tickets(session, all_screenings(session), None))
    assert not phone.ask(digest=right)["full"]
    assert phone.ask(digest="0" * 16)["full"]
    kassa.buy("s06", 1)
    assert not phone.ask(digest="0" * 16)["full"]  # what is new may be all that differs


def test_answers_are_compressed_for_whoever_can_read_that(kassa: Kassa, phone: Phone) -> None:
    kassa.buy("s06", 1)
    plain = kassa.get("/api/v1/door/sync", phone.auth)
    packed = kassa.get("/api/v1/door/sync", phone.auth, Accept_Encoding="gzip")
    assert plain.content_encoding is None
    assert packed.content_encoding == "gzip"
    assert json.loads(gzip.decompress(packed.get_data())).keys() == expect(plain, 200).keys()
    refused = kassa.get("/api/v1/door/sync", phone.auth, Accept_Encoding="gzip;q=0")
    assert refused.content_encoding is None


def test_a_quiet_delta_is_small(kassa: Kassa, phone: Phone) -> None:
    order = kassa.buy("s06", 6)
    kassa.open_doors()
    phone.follow()
    for ticket in order["tickets"]:
        kassa.clock.forward(seconds=1)
        kassa.scan(phone.auth, ticket["code"], gate="A")
    expect(kassa.refund(kassa.buy("s10", 1), kassa.staff()), 201)
    response = kassa.get(f"/api/v1/door/sync?cursor={phone.held.cursor}", phone.auth)
    assert not expect(response, 200)["full"]
    assert len(gzip.compress(response.get_data())) <= 2_000


def test_syncing_is_noted_for_the_list_of_devices(kassa: Kassa, phone: Phone) -> None:
    phone.follow()
    kassa.clock.at += timedelta(seconds=10)
    phone.ask(unsent="7", battery="55")
    with kassa.database.reading() as session:
        row = session.execute(text("SELECT unsent, battery FROM device")).one()
    assert tuple(row) == (7, 55)

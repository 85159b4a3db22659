"""The venue's relay: phones cut off together admit one ticket once, and nothing is lost or doubled."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.support.cut_off import GREEN, HERE, Usher, Venue, incidents, said
from tests.support.kassa import Kassa, expect, expect_problem
from ticketing.door.models import Device, Scan
from ticketing.relay.app import MARK
from ticketing.relay.turns import PATIENCE
from ticketing.tickets.codes import digest


@pytest.fixture
def ushers(venue: Venue, code: str) -> tuple[Usher, Usher]:
    return Usher(venue, "One", "A"), Usher(venue, "Two", "B")


def scans_of(kassa: Kassa, name: str) -> list[tuple[str, str]]:
    """Return what the server has of a phone: what was finally shown, with its reason."""
    query = select(Scan).join(Device, Device.id == Scan.device_id).where(Device.name == name)
    with kassa.database.reading() as session:
        rows = session.scalars(query.order_by(Scan.seq))
        return [(row.final_verdict or row.verdict, row.final_reason or row.reason) for row in rows]


def test_with_a_network_the_relay_passes_everything_on(
    ushers: tuple[Usher, Usher], kassa: Kassa, code: str
) -> None:
    one, two = ushers
    assert said(one.scan(code)) == GREEN
    second = two.scan(code)
    assert said(second) == ("refuse", "already_in")
    assert (second["since_gate"], second["since_device"]) == ("A", one.device)
    assert scans_of(kassa, "One") == [GREEN]
    assert one.log == two.log == []


def test_one_ticket_is_admitted_once_among_phones_that_are_cut_off(
    ushers: tuple[Usher, Usher], venue: Venue, kassa: Kassa, code: str
) -> None:
    one, two = ushers
    venue.link.is_cut = True
    assert said(one.scan(code)) == GREEN
    venue.restart()
    second = two.scan(code)
    assert said(second) == ("refuse", "already_in")
    assert (second["since_gate"], second["since_device"]) == ("A", one.device)
    assert scans_of(kassa, "One") == []
    assert one.log
    kassa.clock.forward(minutes=20)
    venue.link.is_cut = False
    for usher in (two, one):
        assert usher.sync()
    assert scans_of(kassa, "One") == [GREEN]
    assert scans_of(kassa, "Two") == [("refuse", "relayed")]
    assert incidents(kassa) == []
    assert one.log == two.log == []


def test_an_admission_just_before_the_cut_is_known_after_it(
    ushers: tuple[Usher, Usher], venue: Venue, code: str
) -> None:
    one, two = ushers
    assert said(one.scan(code)) == GREEN
    venue.link.is_cut = True
    venue.restart()
    assert said(two.scan(code)) == ("refuse", "already_in")


def test_an_answer_that_is_lost_on_its_way_to_the_relay(
    ushers: tuple[Usher, Usher], venue: Venue, kassa: Kassa, code: str
) -> None:
    one, two = ushers
    venue.link.loses_answers = True
    assert said(one.scan(code)) == GREEN
    venue.link.loses_answers = False
    assert said(two.scan(code)) == ("refuse", "already_in")
    assert one.sync()
    assert two.sync()
    assert incidents(kassa) == []
    assert Counter(scans_of(kassa, "One")) == {GREEN: 1}


def test_out_at_one_door_and_in_again_at_the_other(
    ushers: tuple[Usher, Usher], venue: Venue, kassa: Kassa, code: str
) -> None:
    one, two = ushers
    assert said(one.scan(code)) == GREEN
    assert two.sync()
    venue.link.is_cut = True
    kassa.clock.forward(minutes=1)
    assert said(one.scan(code, direction="out")) == ("admit", "exit")
    kassa.clock.forward(minutes=1)
    assert said(two.scan(code)) == ("admit", "reentry")
    kassa.clock.forward(minutes=1)
    assert said(one.scan(code)) == ("refuse", "already_in")
    venue.link.is_cut = False
    assert not two.sync()  # whoever came back is not a second guest: the way out goes first
    assert one.sync()
    assert two.sync()
    assert incidents(kassa) == []
    assert kassa.scan(kassa.device(), code)["since_gate"] == "B"


def test_a_refusal_stays_right_when_the_guest_has_left_since(
    ushers: tuple[Usher, Usher], venue: Venue, kassa: Kassa, code: str
) -> None:
    one, two = ushers
    assert said(one.scan(code)) == GREEN
    assert two.sync()
    venue.link.is_cut = True
    kassa.clock.forward(minutes=1)
    assert said(two.scan(code)) == ("refuse", "already_in")
    kassa.clock.forward(minutes=1)
    assert said(one.scan(code, direction="out")) == ("admit", "exit")
    venue.link.is_cut = False
    assert one.sync()
    assert two.sync()
    assert incidents(kassa) == []


def test_statements_wait_a_minute_for_a_phone_that_does_not_come(
    ushers: tuple[Usher, Usher], venue: Venue, kassa: Kassa, code: str
) -> None:
    one, two = ushers
    venue.link.is_cut = True
    shown = one.scan(code)
    one.undo(shown, code)
    assert said(two.scan(code)) == GREEN
    venue.link.is_cut = False
    assert not two.sync()
    kassa.clock.forward(seconds=PATIENCE.total_seconds())
    assert two.sync()
    assert scans_of(kassa, "Two") == [GREEN]


def test_after_the_cut_the_server_is_not_asked_of_what_it_has_not_heard_yet(
    ushers: tuple[Usher, Usher], venue: Venue, kassa: Kassa, code: str
) -> None:
    one, two = ushers
    venue.link.is_cut = True
    assert said(one.scan(code)) == GREEN
    venue.link.is_cut = False
    kassa.clock.forward(minutes=5)
    assert said(two.scan(code)) == ("refuse", "already_in")
    assert two.sync()
    assert one.sync()
    assert incidents(kassa) == []


def test_a_question_of_long_ago_waits_for_nobody(
    ushers: tuple[Usher, Usher], venue: Venue, kassa: Kassa, code: str
) -> None:
    one, two = ushers
    venue.link.is_cut = True
    assert said(one.scan(code)) == GREEN
    venue.link.is_cut = False
    ask = kassa.scan_body(code)
    many = [kassa.scan_body(None) for _ in range(199)]
    for scans, status in (([ask], 503), ([ask, many[0]], 200), ([*many, ask], 200)):
        sent = {"sent_at": kassa.clock.now().isoformat(), "scans": scans}
        assert venue.post("/api/v1/door/scans", sent, two.auth).status_code == status


def test_what_was_sold_or_refunded_since_the_last_sync_is_unknown_to_phones(
    ushers: tuple[Usher, Usher], venue: Venue, kassa: Kassa
) -> None:
    one, _ = ushers
    order = kassa.buy(HERE, 1)
    assert one.sync()
    venue.link.is_cut = True
    sold = kassa.buy(HERE, 1)["tickets"][0]["code"]
    expect(kassa.refund(order, kassa.staff()), 201)
    assert said(one.scan(sold)) == ("refuse", "stale")
    assert said(one.scan(order["tickets"][0]["code"])) == GREEN
    venue.link.is_cut = False
    assert one.sync()
    assert incidents(kassa) == ["void_admitted"]


def test_a_stranger_learns_nothing_and_changes_nothing(
    ushers: tuple[Usher, Usher], venue: Venue, kassa: Kassa, code: str
) -> None:
    one, two = ushers
    elsewhere = kassa.device(name="Elsewhere")
    revoked = kassa.device(name="Revoked")
    venue.client.get("/api/v1/door/sync", headers={"Authorization": revoked})
    kassa.revoke("Revoked")
    got = venue.client.get("/api/v1/door/sync", headers={"Authorization": revoked})
    assert got.status_code == 401
    venue.link.is_cut = True
    wanted = {"id": str(uuid4()), "key": digest(code)[:8].hex(), "at": "2024-11-25T14:05:00Z"}
    for auth in ("", "Bearer wrong", one.auth + "x", elsewhere, revoked):
        expect_problem(venue.claim(auth, wanted=wanted), 401, "unauthorized")
        # The relay cannot tell a wrong token from a new one, and a phone forgets all when its own is refused.
        got = venue.client.get("/api/v1/door/sync", headers={"Authorization": auth} if auth else {})
        expect_problem(got, 503, "uplink_down")
    assert said(two.scan(code)) == GREEN


def test_a_phone_paired_elsewhere_is_known_once_the_server_has_accepted_it(
    venue: Venue, kassa: Kassa, code: str
) -> None:
    phone = kassa.device(name="Elsewhere")
    expect(venue.client.get("/api/v1/door/sync", headers={"Authorization": phone}), 200)
    venue.link.is_cut = True
    wanted = {"id": str(uuid4()), "key": digest(code)[:8].hex(), "at": "2024-11-25T14:05:00Z"}
    assert expect(venue.claim(phone, wanted=wanted), 200) == {"admission": None}
    assert expect(venue.claim(phone, wanted=wanted), 200) == {"admission": None}
    other = expect(venue.claim(phone, wanted={**wanted, "id": str(uuid4())}), 200)
    assert other["admission"]["inside"] == 1


def test_a_ticket_that_was_found_without_its_code(venue: Venue, kassa: Kassa) -> None:
    order = kassa.buy(HERE, 1)
    code = order["tickets"][0]["code"]
    _, pin = kassa.door_pins(kassa.day_of(HERE))
    kassa.open_doors()
    one, two = Usher(venue, "One", "A"), Usher(venue, "Two", "B")
    wanted = {"screening": HERE, "last": order["order"][-4:], "pin": pin}
    (guest,) = expect(venue.post("/api/v1/door/guests", wanted, one.auth), 200)["guests"]
    scan = kassa.scan_body(None, ticket=guest["ticket"])
    sent = {"sent_at": kassa.clock.now().isoformat(), "scans": [scan]}
    (answer,) = expect(venue.post("/api/v1/door/scans", sent, one.auth), 200)["results"]
    assert said(answer) == GREEN
    venue.link.is_cut = True
    assert said(two.scan(code)) == ("refuse", "already_in")


def test_of_phones_that_ask_at_once_one_is_the_first(
    ushers: tuple[Usher, Usher], venue: Venue, code: str
) -> None:
    venue.link.is_cut = True
    key = digest(code)[:8].hex()

    def ask(n: int) -> bool:
        wanted = {"id": str(uuid4()), "key": key, "at": "2024-11-25T14:05:00Z", "gate": "AB"[n % 2]}
        answer = expect(venue.claim(ushers[n % 2].auth, wanted=wanted), 200)
        return answer["admission"] is None

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(24))).count(True) == 1


def test_the_page_comes_from_the_relay_itself(venue: Venue) -> None:
    venue.link.is_cut = True
    with venue.client.get("/scanner/") as page:
        assert page.status_code == 200
        assert "wasm-unsafe-eval" in page.headers["Content-Security-Policy"]
    assert venue.client.get("/").headers["Location"] == "/scanner/"
    assert unquote(venue.client.get("/").headers[MARK]) == "Зал 1"
    for missing in ("/scanner/src/app.js", "/boxoffice/", "/api/v1/orders"):
        expect_problem(venue.client.get(missing), 404, "not_found")
    expect_problem(venue.client.get("/api/v1/door/../orders"), 404, "not_found")


def test_a_claim_that_is_none_is_refused(ushers: tuple[Usher, Usher], venue: Venue) -> None:
    scan = {"id": str(uuid4()), "key": "00" * 8, "at": "2024-11-25T14:00:00Z"}
    for body in (
        {"wanted": {**scan, "id": "x"}},
        {"wanted": {**scan, "key": "K1"}},
        {"wanted": {**scan, "held": {"at": 2**40, "inside": 1}}},
        {"statements": [{**scan, "seq": 0, "verdict": "admit"}]},
        {"more": 1},
    ):
        expect_problem(venue.claim(ushers[0].auth, **body), 422, "invalid_request")

"""A relay whose uplink is slow rather than down: answers come late, in another order, or not at all."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.support.cut_off import GREEN, Json, Usher, Venue, incidents, said
from tests.support.kassa import Kassa, expect
from ticketing.door.models import Device, Scan
from ticketing.relay.turns import PATIENCE
from ticketing.tickets.codes import digest

NOT_AGAIN = ("refuse", "already_in")


@pytest.fixture
def ushers(venue: Venue, kassa: Kassa, code: str) -> tuple[Usher, Usher]:
    """Two phones, long after the server was last away."""
    both = Usher(venue, "One", "A"), Usher(venue, "Two", "B")
    kassa.clock.forward(minutes=5)
    assert both[0].sync()
    return both


def finally_shown(kassa: Kassa) -> dict[str, list[tuple[str, str]]]:
    """Return what the server has of each phone: one entry a scan."""
    query = select(Scan, Device.name).join(Device, Device.id == Scan.device_id).order_by(Scan.seq)
    found: dict[str, list[tuple[str, str]]] = {}
    with kassa.database.reading() as session:
        for scan, name in session.execute(query):
            shown = (scan.final_verdict or scan.verdict, scan.final_reason or scan.reason)
            found.setdefault(name, []).append(shown)
    return found


def asked(kassa: Kassa, code: str) -> Json:
    return {"sent_at": kassa.clock.now().isoformat(), "scans": [kassa.scan_body(code)]}


def wanted(kassa: Kassa, code: str, scan: str, gate: str) -> Json:
    return {"id": scan, "key": digest(code)[:8].hex(), "at": kassa.clock.now().isoformat(), "gate": gate}


@pytest.mark.parametrize("answers", ["lost", "never asked"])
def test_an_answer_that_the_relay_has_been_faster_than_is_not_shown(
    ushers: tuple[Usher, Usher], venue: Venue, kassa: Kassa, code: str, answers: str
) -> None:
    one, two = ushers
    shown: list[Json] = []

    def two_asks_the_relay() -> None:
        venue.link.is_cut, venue.link.loses_answers = answers == "never asked", answers == "lost"
        shown.append(two.scan(code))
        venue.link.is_cut = venue.link.loses_answers = False

    venue.link.meanwhile = two_asks_the_relay
    assert said(one.scan(code)) == NOT_AGAIN
    assert said(shown[0]) == GREEN
    for usher in (two, one, two):
        usher.sync()
    assert finally_shown(kassa) == {"One": [("refuse", "relayed")], "Two": [GREEN]}
    assert incidents(kassa) == []
    assert one.log == two.log == []


def test_of_two_questions_without_an_answer_the_wrong_one_was_counted(
    ushers: tuple[Usher, Usher], venue: Venue, kassa: Kassa, code: str
) -> None:
    one, two = ushers
    shown: list[Json] = []
    venue.link.loses_answers = True
    venue.link.meanwhile = lambda: shown.append(one.scan(code))
    assert said(two.scan(code)) == NOT_AGAIN  # the server has let it in, but nobody has heard of it
    assert said(shown[0]) == GREEN
    venue.link.loses_answers = False
    assert not one.sync()  # the server would take it for a second guest
    assert two.sync()
    assert one.sync()
    assert finally_shown(kassa) == {"One": [GREEN], "Two": [("refuse", "relayed")]}
    assert incidents(kassa) == []
    assert kassa.scan(kassa.device(), code)["since_gate"] == "A"


def test_nobody_waits_more_than_a_minute_for_a_phone_that_asked_and_died(
    ushers: tuple[Usher, Usher], venue: Venue, kassa: Kassa, code: str
) -> None:
    one, two = ushers
    venue.link.loses_answers = True
    assert venue.post("/api/v1/door/scans", asked(kassa, code), two.auth).status_code == 503
    assert said(one.scan(code)) == GREEN
    venue.link.loses_answers = False
    assert not one.sync()
    kassa.clock.forward(seconds=PATIENCE.total_seconds())
    assert one.sync()
    assert finally_shown(kassa)["One"] == [GREEN]


def test_a_question_whose_answer_is_lost_is_one_scan_however_often_it_arrives(
    ushers: tuple[Usher, Usher], venue: Venue, kassa: Kassa, code: str
) -> None:
    one, two = ushers
    venue.link.loses_answers = True
    assert said(one.scan(code)) == GREEN
    entries = [{name: value for name, value in one_.items() if name != "key"} for one_ in one.log]
    venue.link.loses_answers = False
    assert one.sync()
    # What hung in the uplink all the while arrives last.
    for scans in (entries[:1], entries):
        body = {"sent_at": kassa.clock.now().isoformat(), "scans": scans}
        answers = expect(venue.post("/api/v1/door/scans", body, one.auth), 200)["results"]
        assert {answer["stored"] for answer in answers} == {"duplicate"}
    assert finally_shown(kassa) == {"One": [GREEN]}
    assert incidents(kassa) == []
    assert said(two.scan(code)) == NOT_AGAIN


def test_a_late_answer_does_not_bring_back_whom_the_phone_has_refused(
    ushers: tuple[Usher, Usher], venue: Venue, kassa: Kassa, code: str
) -> None:
    one, two = ushers
    ask = asked(kassa, code)
    shown: list[Json] = []

    def one_gives_up() -> None:
        venue.link.is_cut = True
        shown.append(two.scan(code))
        want = wanted(kassa, code, ask["scans"][0]["id"], "A")
        assert expect(venue.claim(one.auth, wanted=want), 200)["admission"]["gate"] == "B"
        expect(venue.claim(one.auth, statements=[{**want, "seq": 2, "verdict": "refuse"}]), 200)

    venue.link.meanwhile = one_gives_up
    assert venue.post("/api/v1/door/scans", ask, one.auth).status_code == 503
    assert said(shown[0]) == GREEN
    two.undo(shown[0], code)
    want = wanted(kassa, code, str(uuid4()), "A")
    admission = expect(venue.claim(one.auth, wanted=want), 200)["admission"]
    assert admission is None


def test_phones_that_ask_at_once_are_both_answered_by_the_server(
    ushers: tuple[Usher, Usher], venue: Venue, kassa: Kassa, code: str
) -> None:
    one, two = ushers
    shown: list[Json] = []
    venue.link.meanwhile = lambda: shown.append(two.scan(code))
    assert said(one.scan(code)) == GREEN
    assert said(shown[0]) == NOT_AGAIN
    assert one.log == two.log == []
    assert finally_shown(kassa) == {"One": [GREEN], "Two": [NOT_AGAIN]}

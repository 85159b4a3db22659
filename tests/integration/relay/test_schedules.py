"""Cuts, lost answers and a laptop that is switched off, in any order: phones behind a relay stay one door."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.support.cut_off import HERE, Usher, Venue
from tests.support.kassa import START, Json, Kassa
from ticketing.door.models import Incident, Scan
from ticketing.relay.turns import PATIENCE
from ticketing.tickets.codes import digest
from ticketing.tickets.models import Ticket

PHONES, TICKETS = 2, 2
Step = tuple[str] | tuple[str, int] | tuple[str, int, int]
phones, tickets = st.integers(0, PHONES - 1), st.integers(0, TICKETS - 1)
steps = st.one_of(
    st.tuples(st.just("in"), phones, tickets),
    st.tuples(st.just("in"), phones, tickets),
    st.tuples(st.just("out"), phones, tickets),
    st.tuples(st.just("undo"), phones, tickets),
    st.tuples(st.just("sync"), phones),
    st.tuples(st.sampled_from(["cut", "mend", "lose answers", "restart"])),
    # Both phones scan one ticket at once, and the answer to the first is slow, or does not come.
    st.tuples(st.sampled_from(["together", "together, lost"]), phones, tickets),
)


class Evening:
    """What happens at two doors, and who is really in."""

    def __init__(self, venue: Venue, codes: list[str]) -> None:
        self.venue, self.codes = venue, codes
        self.ushers = [Usher(venue, f"Phone {n}", "AB"[n]) for n in range(PHONES)]
        self.inside = dict.fromkeys(codes, False)
        self.last: dict[tuple[int, str], Json] = {}
        self.scans = 0

    def go(self, step: Step) -> None:
        self.venue.kassa.clock.forward(seconds=7)
        match step:
            case ("in", int(phone), int(ticket)):
                self._scan(phone, self.codes[ticket])
            case ("together" | "together, lost" as how, int(phone), int(ticket)):
                self._together(phone, self.codes[ticket], lost=how.endswith("lost"))
            case ("out", int(phone), int(ticket)):
                self.scans += 1
                shown = self.ushers[phone].scan(self.codes[ticket], direction="out")
                assert shown["reason"] == "exit"
                self.inside[self.codes[ticket]] = False
                self.last.clear()
            case ("undo", int(phone), int(ticket)):
                code = self.codes[ticket]
                if shown := self.last.pop((phone, code), None):
                    self.ushers[phone].undo(shown, code)
                    self.inside[code] = False
            case ("sync", int(phone)):
                self.ushers[phone].sync()
            case (str(what),):
                self._befall(what)

    def _befall(self, what: str) -> None:
        link = self.venue.link
        match what:
            case "cut":
                link.is_cut = True
            case "mend":
                link.is_cut = link.loses_answers = False
            case "lose answers":
                link.loses_answers = True
            case "restart":
                self.venue.restart()

    def _together(self, phone: int, code: str, *, lost: bool) -> None:
        link, other = self.venue.link, 1 - phone
        shown: dict[int, Json] = {}
        before, was_cut = self.inside[code], link.loses_answers
        link.loses_answers = was_cut or lost
        link.meanwhile = lambda: shown.update({other: self.ushers[other].scan(code)})
        shown[phone] = self.ushers[phone].scan(code)
        link.loses_answers = was_cut
        if link.meanwhile is not None:  # no request went through
            link.meanwhile = None
            shown[other] = self.ushers[other].scan(code)
        self.scans += 2
        green = [one for one in shown if shown[one]["verdict"] == "admit"]
        assert len(green) == int(not before), (phone, code, shown)
        for one in green:
            self.inside[code] = True
            self.last = {key: value for key, value in self.last.items() if key[1] != code}
            self.last[one, code] = shown[one]

    def _scan(self, phone: int, code: str) -> None:
        self.scans += 1
        shown = self.ushers[phone].scan(code)
        expected = "refuse" if self.inside[code] else "admit"
        assert shown["verdict"] == expected, (phone, code, shown)
        if expected == "admit":
            self.inside[code] = True
            self.last = {key: one for key, one in self.last.items() if key[1] != code}
            self.last[phone, code] = shown


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(schedule=[("cut",), ("in", 0, 0), ("restart",), ("mend",), ("in", 1, 0)])
@example(schedule=[("in", 0, 0), ("sync", 1), ("cut",), ("out", 0, 0), ("in", 1, 0), ("mend",), ("sync", 1)])
@example(schedule=[("in", 0, 0), ("sync", 1), ("cut",), ("in", 1, 0), ("out", 0, 0), ("in", 1, 0)])
@example(schedule=[("lose answers",), ("in", 0, 0), ("restart",), ("mend",), ("in", 1, 0), ("undo", 0, 0)])
@example(schedule=[("together", 0, 0), ("together, lost", 1, 1), ("undo", 0, 1), ("together, lost", 0, 1)])
@example(schedule=[("lose answers",), ("together", 0, 0), ("restart",), ("together", 1, 1), ("out", 0, 0)])
@given(schedule=st.lists(steps, min_size=4, max_size=14))
def test_whatever_fails_the_doors_agree_and_the_server_hears_all_once(
    kassa: Kassa, schedule: list[Step]
) -> None:
    kassa.clock.at = START
    order = kassa.buy(HERE, TICKETS)
    kassa.open_doors()
    scans, incidents = _counts(kassa)
    with TemporaryDirectory() as folder:
        evening = Evening(Venue(kassa, Path(folder)), [str(one["code"]) for one in order["tickets"]])
        for step in schedule:
            evening.go(step)
        _everybody_comes_back(evening)
        evening.venue.close()
    assert _counts(kassa) == (scans + evening.scans, incidents)
    with kassa.database.reading() as session:
        rows = session.execute(select(Ticket.code_hash, Ticket.inside))
        inside = {row.code_hash: row.inside for row in rows}
    assert {code: inside[digest(code)] for code in evening.codes} == evening.inside


def _everybody_comes_back(evening: Evening) -> None:
    evening.go(("mend",))
    for _ in range(2):
        for usher in evening.ushers:
            usher.sync()
        evening.venue.kassa.clock.forward(seconds=PATIENCE.total_seconds())
    assert [usher.log for usher in evening.ushers] == [[] for _ in evening.ushers]


def _counts(kassa: Kassa) -> tuple[int, int]:
    with kassa.database.reading() as session:
        scans = session.scalar(select(func.count()).select_from(Scan))
        incidents = session.scalar(select(func.count()).select_from(Incident))
    return scans or 0, incidents or 0

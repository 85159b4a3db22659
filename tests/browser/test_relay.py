"""Two phones behind a relay whose way to the server is cut, in Chromium and with real processes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.door import Door, code_of
from tests.browser.front import Front, in_front_of
from tests.browser.live import Live
from tests.browser.phone import NO_NETWORK
from tests.browser.watch import Person
from tests.support.relay_process import NAME, RelayProcess

pytestmark = pytest.mark.browser
HERE = "s04"
# A crowded machine may be slower than any relay in the foyer: here a phone gives it more than relay.js says.
_PATIENT = """
{
  const wait = window.setTimeout;
  window.setTimeout = (then, ms, ...more) => wait(then, ms === 400 ? 10_000 : ms, ...more);
}
"""
INCIDENTS = "SELECT count(*) FROM incident"


@pytest.fixture
def front(live: Live) -> Iterator[Front]:
    """What carries the venue's uplink."""
    with in_front_of(live.server.port) as here:
        yield here


@pytest.fixture
def relay(front: Front, tmp_path: Path) -> Iterator[RelayProcess]:
    """A laptop at the venue."""
    with RelayProcess(front.base, tmp_path) as one:
        yield one
    assert "unhandled" not in one.log()


@pytest.fixture
def code(live: Live) -> str:
    """The code of a ticket."""
    return code_of(live.buy(HERE))


@pytest.fixture
def doors(code: str, live: Live, relay: RelayProcess, person: Callable[..., Person]) -> list[Door]:
    """Two phones at the relay that know of the ticket."""
    made = [Door(person(), live, relay.base) for _ in range(2)]
    for door in made:
        door.page.context.add_init_script(_PATIENT)
        door.watch.expect(NO_NETWORK)
        door.ready(HERE)
    return made


def link_of(door: Door) -> str:
    """Return what the menu says of whom the phone talks with."""
    if door.card.count():
        door.next()
    door.page.locator(".keys .btn").last.click()
    menu = door.page.locator("dialog")
    said = menu.locator(".hint").first.inner_text()
    menu.get_by_role("button", name="Close").click()
    return said


def test_phones_that_are_cut_off_together_let_a_ticket_in_once(
    live: Live, front: Front, relay: RelayProcess, doors: list[Door], code: str
) -> None:
    before, incidents = live.inside(HERE), live.value(INCIDENTS)
    first, second = doors
    front.go()
    first.type(code)
    first.sees("ok", "ok", "Admit")
    relay.kill()
    relay.start()
    second.type(code)
    second.sees("already_in", "no", "Already in")
    unsent = [door.page.locator(".strip").filter(has_text="not sent") for door in doors]
    for strip in unsent:
        expect(strip).to_contain_text(f"Relay {NAME} only")
    assert link_of(second) == f"The relay {NAME} answers, the server does not."
    assert live.inside(HERE) == before
    front.come()
    for strip in unsent:
        expect(strip).to_have_count(0)
    assert link_of(second) == f"Connected to the server through the relay {NAME}."
    assert live.inside(HERE) == before + 1
    assert live.value(INCIDENTS) == incidents


@pytest.mark.parametrize("seconds", [1.0, 2.5, 5.0])
def test_phones_with_a_slow_uplink_let_a_ticket_in_once(
    live: Live, front: Front, doors: list[Door], code: str, seconds: float
) -> None:
    before, incidents = live.inside(HERE), live.value(INCIDENTS)
    front.answers_scans_after = seconds
    for door in doors:
        door.watch.expect("503")
        door.type(code)
    reasons = sorted(door.any_card()["reason"] for door in doors)
    assert reasons == ["already_in", "ok"]
    front.answers_scans_after = 0.0
    for door in doors:
        expect(door.page.locator(".strip").filter(has_text="not sent")).to_have_count(0, timeout=60_000)
    assert live.inside(HERE) == before + 1
    assert live.value(INCIDENTS) == incidents

"""The rush line at the door: slips let in with and without a network, in Chromium behind a proxy."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.door import Door
from tests.browser.front import Front, in_front_of
from tests.browser.live import Live
from tests.browser.phone import NO_NETWORK
from tests.browser.watch import Person
from ticketing.door.rush_release import release_places
from ticketing.door.rush_slips import call_up_to, hand_out
from ticketing.foundation.actor import SYSTEM

pytestmark = pytest.mark.browser
HERE = "s02"


@pytest.fixture
def front(live: Live) -> Iterator[Front]:
    """The proxy that the phone talks to."""
    with in_front_of(live.server.port) as here:
        yield here


@pytest.fixture
def slips(live: Live) -> list[str]:
    """Six numbers of a screening whose kept places are released; the last one is not called."""
    here, now = live.runtime, live.runtime.clock.now()
    with here.database.transaction() as session:
        made = hand_out(session, here.vault, HERE, 6, SYSTEM, now)
        release_places(session, HERE, unsold=True, kept=True, actor=SYSTEM, now=now)
        call_up_to(session, HERE, made[4].number, SYSTEM, now)
        return [here.vault.open(slip.code_sealed) for slip in made]


def test_slips_come_in_alone_while_the_leased_places_last(
    slips: list[str], live: Live, front: Front, person: Callable[..., Person]
) -> None:
    door = Door(person(), live, front.base)
    door.watch.expect(NO_NETWORK)
    door.ready(HERE)
    strip = door.page.locator(".strip").filter(has_text="Rush line")
    expect(strip).to_contain_text("on this phone: 3", timeout=20_000)
    door.type(slips[0])
    assert "Slip number" in door.sees("ok", "ok", "Admit")
    door.type(slips[0])
    door.sees("already_in", "no", "Already in")
    door.next()
    door.type(slips[5])
    door.sees("needs_reservation", "att", "No place yet")
    door.next()
    # The place that was used is made up for at the next sync.
    expect(strip).to_contain_text("on this phone: 3", timeout=20_000)
    front.go()
    for slip in slips[1:4]:
        expect(door.card).to_have_count(0)
        door.type(slip)
        door.sees("ok", "ok", "Admit")
    expect(door.card).to_have_count(0)
    expect(strip).to_contain_text("on this phone: 0")
    door.type(slips[4])
    door.sees("lease_spent", "att", "Limit reached")
    door.next()
    front.come()
    waiting = door.page.locator(".strip").filter(has_text="not sent").get_by_role("button")
    waiting.evaluate_all("all => all.forEach((it) => it.click())")
    expect(door.page.locator(".strip").filter(has_text="not sent")).to_have_count(0)
    taken = "SELECT count(*) FROM rush_place WHERE scan_id IS NOT NULL"
    assert live.value(taken) == 4
    assert live.value("SELECT count(*) FROM incident WHERE slip_id IS NOT NULL") == 0

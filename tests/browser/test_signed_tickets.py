"""A signed ticket that was sold after a phone's last sync, in Chromium without a network."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.browser.camera import Camera
from tests.browser.door import Door, code_of, qr_picture
from tests.browser.front import Front
from tests.browser.live import Live
from tests.browser.phone import Phone
from tests.browser.watch import Person
from tests.support.signing import flipped

pytestmark = pytest.mark.browser
HERE = "s04"
# As in browsers that are a few years old; the page then takes a file of its own, kept like all of them.
WITHOUT_ED25519 = """
const own = crypto.subtle.importKey.bind(crypto.subtle);
crypto.subtle.importKey = (...given) =>
  given[2].name === "Ed25519" ? Promise.reject(new DOMException("", "NotSupportedError")) : own(...given);
"""


@pytest.fixture
def phone(playwright: Playwright, tmp_path: Path, camera: Camera) -> Iterator[Phone]:
    """A phone with a camera."""
    one = Phone(playwright, tmp_path / "profile", *camera.flags)
    yield one
    one.close()


def test_what_was_sold_since_the_last_sync_is_admitted_once(
    signing: Live, front: Front, phone: Phone, camera: Camera, person: Callable[..., Person]
) -> None:
    before, incidents = signing.inside(HERE), signing.value("SELECT count(*) FROM incident")
    Door(phone.start(), signing, front.base).ready(HERE)
    front.api_is_away = True
    code, another = (code_of(signing.buy(HERE)) for _ in range(2))
    assert code.startswith("K2")
    camera.show(qr_picture(person().page, code))
    door = Door(phone.start(), signing, front.base)
    door.open()
    assert "Sold after the last sync" in door.sees("ok_unlisted", "ok", "Admit")
    camera.show_nothing()
    # Switched off and on again, still without a server, the phone has not forgotten.
    usher = phone.start()
    usher.context.add_init_script(WITHOUT_ED25519)
    door = Door(usher, signing, front.base)
    door.open()
    expect(door.page.locator(".strip").filter(has_text="1 not sent")).to_be_visible()
    door.type(code)
    assert "this phone" in door.sees("already_in", "no", "Already in").lower()
    door.next()
    door.type(flipped(code, 79))
    door.sees("bad_signature", "no", "Not our ticket")
    door.next()
    door.type(another)
    door.sees("ok_unlisted", "ok", "Admit")
    assert signing.inside(HERE) == before
    front.api_is_away = False
    unsent = door.page.locator(".strip").filter(has_text="not sent")
    unsent.get_by_role("button").evaluate_all("all => all.forEach((it) => it.click())")
    expect(unsent).to_have_count(0)
    assert signing.inside(HERE) == before + 2
    assert signing.value("SELECT count(*) FROM incident") == incidents

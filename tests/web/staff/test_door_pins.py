"""The page of PINs: made for a day, shown once, on the phones at once."""

import re
from collections.abc import Callable

from sqlalchemy import select

from tests.support.kassa import Kassa, expect
from tests.web.staff.conftest import Desk, plain
from ticketing.door.pins import verifier_of
from ticketing.staff.accounts import Role
from ticketing.staff.models import AuditEntry

PATH = "/staff/scanners/pins"
DAY = "2024-11-25"
SHOWN = re.compile(r'<dd class="num">\s*(\d{3}) (\d{3})\s*</dd>')


def make(desk: Desk, day: str = DAY, status: int = 200) -> str:
    answer = desk.client.post(PATH, data={"csrf_token": desk.token(PATH), "day": day})
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.get_data(as_text=True)


def pins_of(kassa: Kassa, device: str) -> dict[str, dict[str, dict[str, str]]]:
    found = expect(kassa.get("/api/v1/door/sync", device), 200)["policy"]["pins"]
    assert isinstance(found, dict)
    return found


def test_pins_are_shown_once_and_phones_can_check_them(kassa: Kassa, desk: Desk) -> None:
    device = kassa.device()
    assert pins_of(kassa, device) == {}
    assert "25 November" in plain(desk.page(PATH))
    usher, supervisor = ("".join(found) for found in SHOWN.findall(make(desk)))
    assert not SHOWN.findall(desk.page(PATH))
    pins = pins_of(kassa, device)
    assert list(pins) == [DAY]
    for role, pin in (("usher", usher), ("supervisor", supervisor)):
        check = pins[DAY][role]
        made = verifier_of(pin, bytes.fromhex(check["salt"]), int(check["iterations"]))
        assert made.hex() == check["verifier"]


def test_new_pins_end_the_old_ones_and_are_audited_without_them(kassa: Kassa, desk: Desk) -> None:
    first = SHOWN.findall(make(desk))
    device = kassa.device()
    before = pins_of(kassa, device)
    second = SHOWN.findall(make(desk))
    assert first != second
    assert pins_of(kassa, device) != before
    with kassa.database.reading() as session:
        entries = list(session.scalars(select(AuditEntry).where(AuditEntry.action == "make_door_pins")))
    assert [one.object_id for one in entries] == [DAY, DAY]
    assert not any("".join(pin) in str(one.after) for one in entries for pin in (*first, *second))


def test_a_day_without_screenings_is_refused(desk: Desk) -> None:
    for day in ("2024-12-31", "never", ""):
        make(desk, day, 422)


def test_ushers_do_not_make_pins(staff: Callable[..., Desk]) -> None:
    assert staff(Role.USHER).get(PATH).status_code == 403

"""The list of scanners: adding one by its pairing code, and revoking it."""

import re
from collections.abc import Callable

import zxingcpp
from sqlalchemy import select

from tests.support.kassa import Kassa, expect, expect_problem
from tests.web.staff.conftest import Desk
from ticketing.door.models import Device, Pairing
from ticketing.staff.accounts import Role
from ticketing.staff.models import AuditEntry

PATH = "/staff/scanners/"
RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-\d+z")
SCALE = 4


def add(desk: Desk, **fields: str) -> str:
    """Offer a pairing code and return the page that shows it."""
    data = {"csrf_token": desk.token(PATH), "name": "Door A", "venue": "", **fields}
    answer = desk.client.post(PATH, data=data)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return desk.page(answer.headers["Location"])


def shown_code(page: str) -> str:
    found = re.search(r'class="pair__code num">([A-Z]{4}) ([A-Z]{4})<', page)
    assert found is not None
    return found[1] + found[2]


def read_qr(page: str) -> str:
    """Return what a reader that is not ours reads in the page's picture."""
    size_found = re.search(r'viewBox="0 0 (\d+) \1"', page)
    assert size_found is not None
    side = int(size_found[1]) * SCALE
    pixels = bytearray(b"\xff" * side * side)
    for run in RUN.finditer(page):
        x, y, length = (int(number) * SCALE for number in run.groups())
        for line in range(y, y + SCALE):
            pixels[line * side + x : line * side + x + length] = bytes(length)
    read = zxingcpp.read_barcodes(memoryview(bytes(pixels)).cast("B", (side, side)))
    assert len(read) == 1
    return str(read[0].text)


def device_of(kassa: Kassa, name: str) -> Device:
    with kassa.database.reading() as session:
        return session.scalars(select(Device).where(Device.name == name)).one()


def test_a_scanner_is_added_with_code_and_picture(kassa: Kassa, desk: Desk) -> None:
    page = add(desk, venue="esentai", name="Door <A>")
    code = shown_code(page)
    assert read_qr(page) == f"http://kassa.test/scanner/#pair={code}"
    assert "Valid until 12:10" in page
    assert 'data-reload="3"' in page
    paired = expect(kassa.post("/api/v1/door/devices", {"pairing_code": code}), 201)
    assert (paired["venue"], paired["name"]) == ("esentai", "Door <A>")
    again = desk.page(f"{PATH}pairing")
    assert "The scanner is paired" in again
    assert code[:4] not in again
    listed = desk.page(PATH)
    assert "Door &lt;A&gt;" in listed
    assert "Kinopark" in listed


def test_an_unused_code_expires(kassa: Kassa, desk: Desk) -> None:
    code = shown_code(add(desk))
    kassa.clock.forward(minutes=11)
    assert "The code has expired" in desk.page(f"{PATH}pairing")
    expect_problem(kassa.post("/api/v1/door/devices", {"pairing_code": code}), 410, "pairing_expired")


def test_the_pairing_page_without_an_offer_leads_to_the_list(desk: Desk) -> None:
    assert desk.get(f"{PATH}pairing").headers["Location"] == PATH


def test_what_a_device_did_last_is_told(kassa: Kassa, desk: Desk) -> None:
    device = kassa.device("esentai", "Phone 3")
    assert desk.page(PATH).count("not yet") == 2
    kassa.clock.forward(hours=1)
    expect(kassa.get("/api/v1/door/sync", device), 200)
    kassa.clock.forward(minutes=7)
    kassa.scan(device, "junk")
    page = desk.page(PATH)
    assert "13:00" in page
    assert "13:07" in page
    assert "not yet" not in page


def test_a_revoked_device_s_token_opens_nothing(kassa: Kassa, desk: Desk) -> None:
    token, other = kassa.device(name="Lost phone"), kassa.device(name="Kept phone")
    device = device_of(kassa, "Lost phone")
    form = {"csrf_token": desk.token(PATH)}
    for _ in range(2):
        assert desk.client.post(f"{PATH}{device.id}/revoke", data=form).status_code == 303
    expect_problem(kassa.get("/api/v1/door/sync", token), 401, "unauthorized")
    expect(kassa.get("/api/v1/door/sync", other), 200)
    assert "Revoked" in desk.page(PATH)
    with kassa.database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "revoke_device")).one()
    assert (entry.object_id, entry.actor_name, entry.before, entry.after) == (
        str(device.id), "Saule <b>", {"name": "Lost phone", "revoked": False},
        {"name": "Lost phone", "revoked": True},
    )  # fmt: skip


def test_an_usher_sees_the_list_and_changes_nothing(kassa: Kassa, staff: Callable[..., Desk]) -> None:
    kassa.device(name="Phone 3")
    usher = staff(Role.USHER)
    page = usher.page(PATH)
    assert "Phone 3" in page
    assert "/revoke" not in page
    assert 'name="venue"' not in page
    form = {"csrf_token": usher.token(PATH), "name": "Door A", "venue": ""}
    device = device_of(kassa, "Phone 3")
    tries = [usher.client.post(path, data=form) for path in (PATH, f"{PATH}{device.id}/revoke")]
    assert [answer.status_code for answer in tries] == [403, 403]
    with kassa.database.reading() as session:
        assert len(session.scalars(select(Pairing)).all()) == 1
    assert device_of(kassa, "Phone 3").revoked_at is None


def test_bad_input_never_breaks(desk: Desk) -> None:
    odd = (
        ({"venue": "nowhere"}, 404), ({"venue": "\x00"}, 303), ({"name": ""}, 303), ({"name": "\x00"}, 303),
        ({"name": "ж" * 5000}, 303), ({"name": "\ud800"}, 303), ({"venue": "x" * 5000}, 404),
    )  # fmt: skip
    for fields, status in odd:
        data = {"csrf_token": desk.token(PATH), "name": "Door A", "venue": "", **fields}
        encoded = {name: value.encode("utf-8", "surrogatepass") for name, value in data.items()}
        body = b"&".join(name.encode() + b"=" + _quoted(value) for name, value in encoded.items())
        answer = desk.client.post(PATH, data=body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == status, fields


def test_revoking_what_is_not_there_is_not_found(desk: Desk) -> None:
    form = {"csrf_token": desk.token(PATH)}
    answer = desk.client.post(f"{PATH}00000000-0000-7000-8000-000000000000/revoke", data=form)
    assert answer.status_code == 404


def _quoted(raw: bytes) -> bytes:
    return b"".join(b"%%%02X" % byte for byte in raw)

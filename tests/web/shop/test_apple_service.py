"""The web service that phones keep passes true with: Apple's statuses, and who reads what after a change."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.support.friends import link_of, send, take_back
from tests.support.kassa import Json, Kassa, programme_with
from tests.support.phones import SERVICE, Phone, RememberedPushes, pushed
from tests.support.wallets import PASS_TYPE, read_pass
from ticketing.boxoffice.programme import apply_programme
from ticketing.foundation.actor import SYSTEM
from ticketing.sales.cancelling import cancel_screening
from ticketing.tickets.wallet.models import WalletPass, WalletRegistration
from ticketing.tickets.wallet.pushing import Push
from ticketing.tickets.wallet.registry import MOST_DEVICES

KEPT = {"s02", "s03", "s05", "s06", "s07", "s10"}
UNKNOWN = "01934857-0000-7000-8000-000000000001"


@pytest.fixture
def pushes() -> RememberedPushes:
    return RememberedPushes()


@pytest.fixture
def phone(with_service: Kassa) -> Phone:
    return Phone(with_service)


def download(kassa: Kassa, order: Json, number: int = 0) -> bytes:
    path = f"/en/tickets/{order['order']}-{order['tickets'][number]['ticket']}.pkpass"
    answer = kassa.get(path, f"Order {order['key']}")
    assert answer.status_code == 200
    return answer.data


def code_of(answer: TestResponse) -> str:
    """Return the code on a pass that was fetched; nothing on a void one, which must say that it is void."""
    assert answer.status_code == 200
    assert answer.content_type == "application/vnd.apple.pkpass"
    said = read_pass(answer.data)
    assert said.get("voided", False) is not ("barcodes" in said)
    return str(said["barcodes"][0]["message"]) if "barcodes" in said else ""


def settled(phone: Phone, order: Json, pushes: RememberedPushes, number: int = 0) -> str:
    """Add a pass, hear of it, and fetch it: the phone then has what there is."""
    serial = phone.add(download(phone.kassa, order, number))
    assert pushed(phone.kassa, pushes) == [phone.push_token]
    assert phone.changes() == [serial]
    assert code_of(phone.fetch(serial)) == order["tickets"][number]["code"]
    return serial


def heard(phone: Phone, pushes: RememberedPushes, serial: str) -> str:
    """Expect one push, one changed pass, and return the code on it."""
    assert pushed(phone.kassa, pushes) == [phone.push_token]
    assert phone.changes() == [serial]
    return code_of(phone.fetch(serial))


def test_a_phone_registers_once_and_removes_its_pass(phone: Phone) -> None:
    kassa = phone.kassa
    order = kassa.buy()
    serial = phone.add(download(kassa, order))
    assert phone.register(serial).status_code == 200
    assert phone.unregister(serial).status_code == 200
    assert phone.unregister(serial).status_code == 200
    assert phone.changes() == []
    assert count(kassa, WalletRegistration) == count(kassa, WalletPass) == 0
    assert phone.register(serial).status_code == 201


def test_a_new_push_token_replaces_the_old_one(phone: Phone, pushes: RememberedPushes) -> None:
    serial = phone.add(download(phone.kassa, phone.kassa.buy()))
    phone.push_token = "cd" * 32
    assert phone.register(serial).status_code == 200
    assert pushed(phone.kassa, pushes) == ["cd" * 32]


def test_what_has_not_changed_is_not_sent_again(phone: Phone, pushes: RememberedPushes) -> None:
    serial = settled(phone, phone.kassa.buy(), pushes)
    assert phone.fetch(serial).status_code == 304
    assert phone.changes() == []
    assert pushed(phone.kassa, pushes) == []


def test_a_returned_ticket_becomes_void_in_the_wallet(phone: Phone, pushes: RememberedPushes) -> None:
    kassa = phone.kassa
    order = kassa.buy()
    first, second = (settled(phone, order, pushes, number) for number in (0, 1))
    assert kassa.refund(order, kassa.staff(), tickets=[first]).status_code == 201
    assert heard(phone, pushes, first) == ""
    assert phone.fetch(first).status_code == 304
    assert phone.fetch(second).status_code == 304


def test_after_a_transfer_the_buyers_token_reads_no_code(phone: Phone, pushes: RememberedPushes) -> None:
    kassa = phone.kassa
    order = kassa.buy(quantity=1)
    serial = settled(phone, order, pushes)
    sent = send(kassa, order)
    # At once, also before the worker has noticed.
    assert code_of(phone.fetch(serial)) == ""
    assert heard(phone, pushes, serial) == ""

    friend = Phone(kassa, device="f" * 32, push_token="ef" * 32)
    browser = kassa.app.test_client()
    link = link_of(kassa, sent)
    assert browser.get(link, base_url="https://kassa.test").status_code == 303
    page = browser.get(f"/en/sent/{sent['transfer']}", base_url="https://kassa.test").get_data(as_text=True)
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    done = browser.post(
        f"/en/sent/{sent['transfer']}",
        data={"csrf_token": token},
        base_url="https://kassa.test",
        headers={"Referer": f"https://kassa.test/en/sent/{sent['transfer']}"},
    )
    assert done.status_code == 303
    given = browser.get(f"/en/sent/{sent['transfer']}.pkpass", base_url="https://kassa.test")
    theirs = friend.add(given.data)
    assert theirs == sent["transfer"]
    code = code_of(friend.fetch(theirs))
    assert code not in ("", order["tickets"][0]["code"])
    # Nobody's token reads the other's pass, and the buyer's own has no code.
    phone.dates.clear()
    assert code_of(phone.fetch(serial)) == ""
    for other, mine in ((serial, friend.auth(theirs)), (theirs, phone.auth(serial))):
        assert kassa.get(f"{SERVICE}/passes/{PASS_TYPE}/{other}", mine).status_code == 401

    assert kassa.refund(order, kassa.staff(), tickets=[serial]).status_code == 201
    pushed(kassa, pushes)
    assert code_of(friend.fetch(theirs)) == ""


def test_a_ticket_taken_back_lives_again_with_its_new_code(phone: Phone, pushes: RememberedPushes) -> None:
    kassa = phone.kassa
    order = kassa.buy(quantity=1)
    serial = settled(phone, order, pushes)
    send(kassa, order)
    assert heard(phone, pushes, serial) == ""
    assert take_back(kassa, order).status_code == 204
    code = heard(phone, pushes, serial)
    assert code == kassa.read(order)["tickets"][0]["code"]
    assert code != order["tickets"][0]["code"]


def test_a_moved_screening_moves_in_the_wallet(phone: Phone, pushes: RememberedPushes) -> None:
    kassa = phone.kassa
    order = kassa.buy()
    other = settled(phone, kassa.buy("s07", 1), pushes)
    serial = settled(phone, order, pushes)
    before = read_pass(download(kassa, order))["relevantDate"]
    later(kassa, "s06", minutes=30)
    assert heard(phone, pushes, serial) == order["tickets"][0]["code"]
    after = read_pass(download(kassa, order))["relevantDate"]
    assert (before[11:16], after[11:16]) == ("19:30", "20:00")
    assert phone.fetch(other).status_code == 304


def test_a_cancelled_screening_is_void_at_once(phone: Phone, pushes: RememberedPushes) -> None:
    kassa = phone.kassa
    serial = settled(phone, kassa.buy(), pushes)
    with kassa.database.transaction() as session:
        cancel_screening(session, "s06", "the print is lost", SYSTEM, kassa.clock.now())
    assert heard(phone, pushes, serial) == ""
    said = read_pass(phone.kassa.get(f"{SERVICE}/passes/{PASS_TYPE}/{serial}", phone.auth(serial)).data)
    assert "Өтпейді" in str(said)


def test_two_changes_in_a_second_are_two(phone: Phone, pushes: RememberedPushes) -> None:
    kassa = phone.kassa
    order = kassa.buy(quantity=1)
    serial = settled(phone, order, pushes)
    send(kassa, order)
    kassa.work()
    assert code_of(phone.fetch(serial)) == ""
    assert take_back(kassa, order).status_code == 204
    kassa.work()
    assert code_of(phone.fetch(serial)) != ""


def test_a_pass_older_than_its_registration_is_renewed(phone: Phone, pushes: RememberedPushes) -> None:
    kassa = phone.kassa
    order = kassa.buy(quantity=1)
    old = download(kassa, order)
    send(kassa, order)
    serial = phone.add(old)
    assert heard(phone, pushes, serial) == ""


def test_changes_reach_each_phone_from_where_it_is(phone: Phone, pushes: RememberedPushes) -> None:
    kassa = phone.kassa
    order = kassa.buy()
    tablet = Phone(kassa, device="a" * 32, push_token="12" * 32)
    first, second = (settled(phone, order, pushes, number) for number in (0, 1))
    tablet.add(download(kassa, order, 0))
    pushed(kassa, pushes)
    assert tablet.changes() == [first]
    for number in (first, second):
        assert kassa.refund(order, kassa.staff(), tickets=[number]).status_code == 201
        kassa.work()
    assert sorted(pushed(kassa, pushes)) == sorted([phone.push_token, tablet.push_token])
    assert phone.changes() == [first, second]
    assert tablet.changes() == [first]
    assert phone.changes() == tablet.changes() == []


def test_a_device_that_is_gone_is_forgotten(phone: Phone, pushes: RememberedPushes) -> None:
    kassa = phone.kassa
    order = kassa.buy()
    for number in (0, 1):
        phone.add(download(kassa, order, number))
    pushes.answers[phone.push_token] = Push.GONE
    assert pushed(kassa, pushes) == [phone.push_token]
    assert count(kassa, WalletRegistration) == count(kassa, WalletPass) == 0


def test_a_push_that_fails_is_tried_again_later(phone: Phone, pushes: RememberedPushes) -> None:
    kassa = phone.kassa
    phone.add(download(kassa, kassa.buy()))
    pushes.answers[phone.push_token] = Push.FAILED
    assert pushed(kassa, pushes) == [phone.push_token]
    assert pushed(kassa, pushes) == [phone.push_token]
    pushes.answers.clear()
    assert pushed(kassa, pushes) == [phone.push_token]
    assert pushed(kassa, pushes) == []


def test_a_phone_without_a_pass_of_the_ticket_costs_no_effect(with_service: Kassa) -> None:
    order = with_service.buy()
    assert (
        with_service.refund(order, with_service.staff(), tickets=[order["tickets"][0]["ticket"]]).status_code
        == 201
    )
    with_service.work()
    assert count(with_service, WalletPass) == 0


# Who may not


def test_a_wrong_token_is_401_everywhere_and_changes_nothing(phone: Phone) -> None:
    kassa = phone.kassa
    order = kassa.buy()
    serial = phone.add(download(kassa, order))
    other = order["tickets"][1]["ticket"]
    before = kassa.fingerprint()
    wrong = [
        "",
        "ApplePass",
        "ApplePass x",
        f"Bearer {phone.tokens[serial]}",
        "ApplePass ключ",
        f"Order {order['key']}",
    ]
    for auth in wrong:
        refused(kassa.post(phone.path(serial), {"pushToken": phone.push_token}, auth), 401)
        refused(kassa.delete(phone.path(serial), auth), 401)
        refused(kassa.get(f"{SERVICE}/passes/{PASS_TYPE}/{serial}", auth), 401)
    # One's own token for somebody else's pass, and for none.
    for foreign in (other, UNKNOWN):
        refused(kassa.post(phone.path(foreign), {"pushToken": phone.push_token}, phone.auth(serial)), 401)
        refused(kassa.get(f"{SERVICE}/passes/{PASS_TYPE}/{foreign}", phone.auth(serial)), 401)
    assert kassa.fingerprint() == before


def test_the_right_token_of_nothing_is_404(phone: Phone) -> None:
    key = phone.kassa.runtime.keys.key
    order = phone.kassa.buy()
    phone.tokens[UNKNOWN] = key("apple_pass", UUID(UNKNOWN))
    before = phone.kassa.fingerprint()
    refused(phone.register(UNKNOWN), 404)
    refused(phone.fetch(UNKNOWN), 404)
    assert order
    assert phone.kassa.fingerprint() == before


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 422),
        (b"null", 422),
        (b"{}", 422),
        (b'{"pushToken": 7}', 422),
        (b'{"pushToken": ""}', 422),
        (b'{"pushToken": "../../3/device"}', 422),
        (b'{"pushToken": "' + b"a" * 201 + b'"}', 422),
        (b'{"pushToken": "abababababababab", "pushToken": "cdcdcdcdcdcdcdcd"}', 400),
        (b'{"pushToken": "abababababababab\\n"}', 422),
        (b'{"pushToken": "\\u0000bababababababab"}', 422),
        (b"[" * 100_000, 400),
        (b"\xff\xfe", 400),
    ],
)
def test_junk_registers_nothing(phone: Phone, raw: bytes, status: int) -> None:
    kassa = phone.kassa
    serial = read_pass(download(kassa, kassa.buy()))["serialNumber"]
    phone.tokens[serial] = kassa.runtime.keys.key("apple_pass", UUID(serial))
    before = kassa.fingerprint()
    refused(
        kassa.client.post(phone.path(serial), data=raw, headers={"Authorization": phone.auth(serial)}), status
    )
    assert kassa.fingerprint() == before


@pytest.mark.parametrize("tag", ["", "x", "-1", "1e3", "٣", "9" * 19, "9" * 5000, "1.5", "%00"])
def test_odd_tags_are_refused(phone: Phone, tag: str) -> None:
    refused(phone.kassa.get(f"{SERVICE}/devices/d/registrations/{PASS_TYPE}?passesUpdatedSince={tag}"), 400)


def test_odd_paths_and_methods(phone: Phone) -> None:
    kassa = phone.kassa
    before = kassa.fingerprint()
    for path in (
        f"/devices/{'d' * 201}/registrations/{PASS_TYPE}",
        f"/devices/d%00/registrations/{PASS_TYPE}",
        "/devices/d/registrations/pass.other",
        f"/passes/{PASS_TYPE}/1",
        f"/passes/{PASS_TYPE}/{'9' * 3000}",
        f"/passes/pass.other/{UNKNOWN}",
        "/devices",
        "/",
    ):
        refused(kassa.get(SERVICE + path), 404)
    for method, path in (("PUT", "/log"), ("GET", "/log"), ("PATCH", f"/passes/{PASS_TYPE}/{UNKNOWN}")):
        refused(kassa.client.open(SERVICE + path, method=method), 405)
    assert kassa.get(f"{SERVICE}/devices/d/registrations/{PASS_TYPE}").status_code == 204
    assert kassa.fingerprint() == before


def test_odd_dates_get_the_pass(phone: Phone, pushes: RememberedPushes) -> None:
    serial = settled(phone, phone.kassa.buy(), pushes)
    for since in ("", "yesterday", "Thu, 32 Foo 2024 99:99:99 GMT", "\u0663"):
        phone.dates[serial] = since.encode("utf-8").decode("latin-1")
        assert phone.fetch(serial).status_code == 200


def test_one_pass_has_no_more_devices_than_a_family(phone: Phone) -> None:
    kassa = phone.kassa
    serial = phone.add(download(kassa, kassa.buy()))
    for number in range(MOST_DEVICES - 1):
        phone.device = f"device{number}"
        assert phone.register(serial).status_code == 201
    phone.device = "one-more"
    refused(phone.register(serial), 429)
    phone.device = "device1"
    assert phone.register(serial).status_code == 200


def test_what_phones_complain_about_is_logged_without_secrets(
    phone: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    kassa = phone.kassa
    order = kassa.buy()
    serial = phone.add(download(kassa, order))
    said = (
        f"Register {serial} with {phone.tokens[serial]} at {phone.device}\nfailed {'x' * 500} " + "e r " * 100
    )
    assert kassa.post(f"{SERVICE}/log", {"logs": [said, "а\u2028б"], "more": 1}).status_code == 200
    text = caplog.text
    assert "Register" in text
    assert "failed" in text
    for secret in (serial, phone.tokens[serial], phone.device, "x" * 16, "\u2028"):
        assert secret not in text
    refused(kassa.post(f"{SERVICE}/log", {"logs": "x"}), 422)
    refused(kassa.post(f"{SERVICE}/log", {"logs": [1]}), 422)


def refused(answer: TestResponse, status: int) -> None:
    """A refusal of the web service is a problem, never a page."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"


def count(kassa: Kassa, table: type[WalletPass] | type[WalletRegistration]) -> int:
    with kassa.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def later(kassa: Kassa, code: str, minutes: int) -> None:
    """Import the programme with one screening so much later."""
    programme = programme_with(KEPT)
    moved = [
        one.__class__(**{**vars(one), "starts_at": one.starts_at + timedelta(minutes=minutes)})
        if one.code == code
        else one
        for one in programme.screenings
    ]
    changed = programme.__class__(**{**vars(programme), "screenings": tuple(moved)})
    with kassa.database.transaction() as session:
        apply_programme(session, changed, SYSTEM, kassa.clock.now())

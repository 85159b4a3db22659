"""Tickets for wallets over HTTP: where the links stand, who gets what, and that the door knows the code."""

import contextlib
from urllib.parse import urlsplit

import pytest
import zxingcpp
from flask_babel import gettext
from qrcode.main import QRCode

from tests.support.friends import link_of, send
from tests.support.kassa import Json, Kassa
from tests.support.wallets import authority, files_of, openssl, read_pass, verified_by_openssl
from tests.web.shop.conftest import Page, Shopper
from ticketing.foundation.actor import SYSTEM
from ticketing.foundation.i18n import language, speaking
from ticketing.sales.cancelling import cancel_screening
from ticketing.tickets.codes import in_groups
from ticketing.tickets.wallet.google_pass import LONGEST

PASS, PASSES = "application/vnd.apple.pkpass", "application/vnd.apple.pkpasses"
WALLET_WORDS = {
    "kk": ("Apple Wallet-ке қосу", "Google Wallet-ке қосу"),
    "ru": ("Добавить в Apple Wallet", "Добавить в Google Wallet"),
    "en": ("Add to Apple Wallet", "Add to Google Wallet"),
}


def ticket_path(order: Json, number: int = 0, kind: str = ".pkpass", language: str = "en") -> str:
    return f"/{language}/tickets/{order['order']}-{order['tickets'][number]['ticket']}{kind}"


def auth(order: Json) -> dict[str, str]:
    return {"Authorization": f"Order {order['key']}"}


def links(page: Page) -> list[str]:
    return [one["href"] for one in page.all("a") if "pkpass" in one["href"] or "google-wallet" in one["href"]]


def opened(here: Kassa, sent: Json, language: str = "en") -> Shopper:
    """A friend's browser that has opened what was sent."""
    friend = Shopper(here, language)
    friend.get(link_of(here, sent, language), 303)
    assert friend.send(f"sent/{sent['transfer']}", {}).status_code == 303
    return friend


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_pages_offer_both_wallets_in_every_language(with_wallets: Kassa, language: str) -> None:
    order, browser = with_wallets.buy(), Shopper(with_wallets, language)
    browser.get(f"orders/{order['order']}?key={order['key']}", 303)
    apple, google = WALLET_WORDS[language]
    page = browser.get(f"orders/{order['order']}")
    assert apple in page.words
    assert google in page.words
    assert f"/{language}/tickets/{order['order']}.pkpasses" in links(page)
    held_up = browser.get(f"orders/{order['order']}/tickets")
    assert links(held_up) == [
        ticket_path(order, number, kind, language)
        for number in (0, 1)
        for kind in (".pkpass", "/google-wallet")
    ]
    for address in links(held_up) + links(page):
        answer = browser.client.get(address)
        assert answer.status_code in (200, 303), address
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_without_papers_nothing_is_offered_and_nothing_is_there(kassa: Kassa, shopper: Shopper) -> None:
    order = kassa.buy()
    shopper.get(f"orders/{order['order']}?key={order['key']}", 303)
    assert links(shopper.get(f"orders/{order['order']}")) == []
    assert links(shopper.get(f"orders/{order['order']}/tickets")) == []
    for kind in (".pkpass", "/google-wallet"):
        assert shopper.client.get(ticket_path(order, kind=kind)).status_code == 404
    assert shopper.client.get(f"/en/tickets/{order['order']}.pkpasses").status_code == 404
    assert kassa.get("/wallet/apple/v1/devices/d/registrations/pass.kz.example.tickets").status_code == 404
    assert kassa.post("/wallet/apple/v1/log", {"logs": []}).status_code == 404


def test_each_wallet_is_switched_on_alone(with_wallets: Kassa) -> None:
    order, browser = with_wallets.buy(), Shopper(with_wallets)
    browser.get(f"orders/{order['order']}?key={order['key']}", 303)
    object.__setattr__(with_wallets.runtime.settings, "google_wallet", None)
    assert links(browser.get(f"orders/{order['order']}/tickets")) == [
        ticket_path(order, 0),
        ticket_path(order, 1),
    ]
    assert browser.client.get(ticket_path(order, kind="/google-wallet")).status_code == 404


def test_the_passes_code_is_read_by_a_scanner_and_lets_in(with_wallets: Kassa) -> None:
    order = with_wallets.buy()
    answer = with_wallets.client.get(ticket_path(order), headers=auth(order))
    assert answer.content_type == PASS
    (barcode,) = read_pass(answer.data)["barcodes"]
    qr = QRCode(border=4, box_size=8)
    qr.add_data(barcode["message"].encode(barcode["messageEncoding"]))
    (seen,) = zxingcpp.read_barcodes(qr.make_image().get_image().convert("L"))
    assert seen.text == order["tickets"][0]["code"]
    assert barcode["altText"] == in_groups(seen.text)
    with_wallets.open_doors()
    assert with_wallets.scan(with_wallets.device(), seen.text)["verdict"] == "admit"


@pytest.mark.skipif(openssl() is None, reason="this machine has no openssl")
def test_what_is_downloaded_is_signed(with_wallets: Kassa) -> None:
    order = with_wallets.buy()
    raw = with_wallets.client.get(ticket_path(order), headers=auth(order)).data
    folder = with_wallets.settings.data_dir / "verify"
    folder.mkdir()
    assert verified_by_openssl(files_of(raw), authority().certificate, folder)


def test_the_whole_order_in_one_file(with_wallets: Kassa) -> None:
    order = with_wallets.buy(quantity=3)
    answer = with_wallets.client.get(f"/kk/tickets/{order['order']}.pkpasses", headers=auth(order))
    assert answer.content_type == PASSES
    said = [read_pass(raw) for raw in files_of(answer.data).values()]
    assert [one["barcodes"][0]["message"] for one in said] == [one["code"] for one in order["tickets"]]
    assert [one["serialNumber"] for one in said] == [one["ticket"] for one in order["tickets"]]


def test_a_pass_speaks_the_orders_language_wherever_it_is_downloaded(with_wallets: Kassa) -> None:
    order = with_wallets.buy()
    made = [
        with_wallets.client.get(ticket_path(order, language=lang), headers=auth(order)).data
        for lang in ("ru", "kk")
    ]
    assert read_pass(made[0]) == read_pass(made[1])
    assert files_of(made[0])["ru.lproj/pass.strings"] == files_of(made[1])["ru.lproj/pass.strings"]
    seat = read_pass(made[0])["eventTicket"]["auxiliaryFields"][0]
    assert seat["label"] == "қатар"
    assert '"қатар" = "ряд";' in files_of(made[0])["ru.lproj/pass.strings"].decode()
    assert '"қатар" = "row";' in files_of(made[0])["en.lproj/pass.strings"].decode()


def test_a_request_that_spoke_other_languages_speaks_its_own_again(kassa: Kassa) -> None:
    with kassa.app.test_request_context("/ru/"):
        said = [gettext("Hall")]
        for lang in ("kk", "en"):
            with speaking(lang), contextlib.suppress(ZeroDivisionError):
                said.append(f"{language()} {gettext('Place')}")
                raise ZeroDivisionError
        assert said == ["Зал", "kk Орын", "en Place"]
        assert (language(), gettext("Place")) == ("ru", "Место")


def test_strangers_get_nothing(with_wallets: Kassa) -> None:
    order, other = with_wallets.buy(), with_wallets.buy("s07", 1)
    paths = [
        ticket_path(order),
        ticket_path(order, kind="/google-wallet"),
        f"/en/tickets/{order['order']}.pkpasses",
    ]
    for path in paths:
        assert with_wallets.client.get(path).status_code == 404
        assert with_wallets.client.get(path, headers=auth(other)).status_code == 404
        assert with_wallets.client.get(path, headers={"Authorization": "Bearer x"}).status_code == 401
    # A ticket of another order under one's own.
    mixed = f"/en/tickets/{order['order']}-{other['tickets'][0]['ticket']}.pkpass"
    assert with_wallets.client.get(mixed, headers=auth(order)).status_code == 404


def test_a_returned_ticket_is_gone(with_wallets: Kassa) -> None:
    order = with_wallets.buy()
    assert (
        with_wallets.refund(order, with_wallets.staff(), tickets=[order["tickets"][0]["ticket"]]).status_code
        == 201
    )
    for kind in (".pkpass", "/google-wallet"):
        assert with_wallets.client.get(ticket_path(order, kind=kind), headers=auth(order)).status_code == 410
    left = with_wallets.client.get(f"/en/tickets/{order['order']}.pkpasses", headers=auth(order))
    assert len(files_of(left.data)) == 1


def test_a_sent_ticket_is_the_friends_alone(with_wallets: Kassa) -> None:
    order = with_wallets.buy(quantity=1)
    sent = send(with_wallets, order)
    for kind in (".pkpass", "/google-wallet"):
        assert with_wallets.client.get(ticket_path(order, kind=kind), headers=auth(order)).status_code == 409
    assert (
        with_wallets.client.get(f"/en/tickets/{order['order']}.pkpasses", headers=auth(order)).status_code
        == 409
    )
    friend = Shopper(with_wallets)
    friend.get(link_of(with_wallets, sent), 303)
    assert friend.client.get(f"/en/sent/{sent['transfer']}.pkpass").status_code == 404
    assert friend.client.get(f"/en/sent/{sent['transfer']}/google-wallet").status_code == 404
    friend = opened(with_wallets, sent)
    assert len(links(friend.get(f"sent/{sent['transfer']}"))) == 2
    said = read_pass(friend.client.get(f"/en/sent/{sent['transfer']}.pkpass").data)
    assert said["serialNumber"] == sent["transfer"]
    code = said["barcodes"][0]["message"]
    assert code != order["tickets"][0]["code"]
    assert order["order"] not in str(said)
    with_wallets.open_doors()
    assert with_wallets.scan(with_wallets.device(), code)["verdict"] == "admit"


def test_a_cancelled_screening_is_not_for_wallets(with_wallets: Kassa) -> None:
    order, browser = with_wallets.buy(), Shopper(with_wallets)
    browser.get(f"orders/{order['order']}?key={order['key']}", 303)
    with with_wallets.database.transaction() as session:
        cancel_screening(session, "s06", "the print is lost", SYSTEM, with_wallets.clock.now())
    assert links(browser.get(f"orders/{order['order']}")) == []
    assert links(browser.get(f"orders/{order['order']}/tickets")) == []
    assert browser.client.get(ticket_path(order, kind="/google-wallet")).status_code == 410
    assert browser.client.get(f"/en/tickets/{order['order']}.pkpasses").status_code == 410


def test_the_way_to_google(with_wallets: Kassa) -> None:
    order = with_wallets.buy()
    answer = with_wallets.client.get(ticket_path(order, kind="/google-wallet"), headers=auth(order))
    assert answer.status_code == 303
    address = urlsplit(answer.location)
    assert (address.scheme, address.netloc) == ("https", "pay.google.com")
    assert address.path.startswith("/gp/v/save/")
    assert len(answer.location) <= LONGEST


def test_nothing_is_written_by_looking(with_wallets: Kassa) -> None:
    order = with_wallets.buy()
    before = with_wallets.fingerprint()
    for path in (
        ticket_path(order),
        ticket_path(order, kind="/google-wallet"),
        f"/en/tickets/{order['order']}.pkpasses",
    ):
        with_wallets.client.get(path, headers=auth(order))
    assert with_wallets.fingerprint() == before

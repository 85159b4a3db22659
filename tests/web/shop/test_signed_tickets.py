"""Signed codes on the pages and in the wallets; another decoder reads each picture."""

import pytest
import zxingcpp

from tests.support.kassa import Kassa
from tests.support.signing import sign_codes
from tests.support.wallets import read_pass
from tests.web.shop.conftest import Shopper
from tests.web.shop.test_entry import bought, drawn, svgs
from tests.web.shop.test_wallets import auth, ticket_path
from ticketing.tickets.qr import modules


@pytest.fixture
def signing(kassa: Kassa) -> Kassa:
    sign_codes(kassa.runtime, kassa.clock)
    return kassa


def test_each_code_is_version_5_m_and_read_from_its_svg(signing: Kassa, shopper: Shopper) -> None:
    order = bought(signing, shopper)
    for path in (f"orders/{order['order']}/tickets", f"orders/{order['order']}"):
        page = shopper.get(path)
        assert len(svgs(page)) == len(order["tickets"])
        for number, ticket in enumerate(order["tickets"]):
            for scale in (2, 4):
                (found,) = zxingcpp.read_barcodes(drawn(page, number, scale))
                assert found.text == ticket["code"]
                assert found.ec_level == "M"
            # Nobody types 122 characters.
            assert ticket["code"][:12] not in page.words
            assert ticket["code"][:4] + " " not in page.words
    assert len(modules(order["tickets"][0]["code"])) == 37


def test_a_pass_has_the_code_and_does_not_spell_it_out(with_wallets: Kassa) -> None:
    sign_codes(with_wallets.runtime, with_wallets.clock)
    order = with_wallets.buy()
    told = read_pass(with_wallets.client.get(ticket_path(order), headers=auth(order)).data)
    (barcode,) = told["barcodes"]
    assert barcode["message"] == order["tickets"][0]["code"]
    assert "altText" not in barcode
    assert "code" not in [field["key"] for field in told["eventTicket"]["backFields"]]
    google = with_wallets.client.get(ticket_path(order, kind="/google-wallet"), headers=auth(order))
    assert google.status_code == 303

"""Staff's page of a rush line, the slips that it prints, and a slip's own page."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.support.kassa import DOORS_OF_S06, Kassa
from tests.web.staff.conftest import Desk, plain
from ticketing.catalogue.models import Festival, Screening
from ticketing.door.rush_models import RushLine, RushPlace, RushSlip
from ticketing.staff.accounts import Role

PAGE = "/staff/rush/s06"


@pytest.fixture
def doors(kassa: Kassa) -> None:
    kassa.clock.at = DOORS_OF_S06


def post(desk: Desk, path: str = PAGE, **fields: object) -> TestResponse:
    """Send a form of the line's page."""
    sent = {("with" if name == "these" else name): value for name, value in fields.items()}
    return desk.client.post(path, data={"csrf_token": desk.token(PAGE), **sent})


def facts(page: str) -> dict[str, str]:
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd[^>]*>\s*(.*?)\s*</dd>", page, re.DOTALL)
    return dict(pairs)


def slip_links(page: str) -> list[str]:
    return re.findall(r"(R1(?: ?[A-Z2-7]){26})", page)


@pytest.mark.usefixtures("doors")
def test_release_hand_out_print_and_call(kassa: Kassa, desk: Desk) -> None:
    kassa.buy("s06", 2)
    page = desk.page(PAGE)
    assert "Only by hand." in page
    assert post(desk, do="release", these=["unsold", "kept"]).status_code == 303
    assert int(facts(desk.page(PAGE))["Places left"]) > 300
    printed = post(desk, do="slips", quantity="2")
    assert printed.headers["Location"] == "/staff/rush/s06/slips?first=1&last=2"
    sheet = desk.page(printed.headers["Location"])
    assert len(slip_links(sheet)) == 2
    assert post(desk, do="call", number="2").status_code == 303
    shown = facts(desk.page(PAGE))
    assert (shown["Numbers out"], shown["Called up to"], shown["In with a slip"]) == ("2", "2", "0")
    code = slip_links(sheet)[0].replace(" ", "")
    assert kassa.scan(kassa.device(), code)["verdict"] == "admit"
    assert facts(desk.page(PAGE))["In with a slip"] == "1"
    assert "called up to 2 of 2, in: 1" in plain(desk.page("/staff/door/"))


@pytest.mark.usefixtures("doors")
def test_a_slips_own_page(kassa: Kassa, desk: Desk) -> None:
    sheet = desk.page(post(desk, do="slips", quantity="1").headers["Location"])
    [code] = slip_links(sheet)
    buyer = kassa.app.test_client()
    assert buyer.get("/en/standby").status_code == 404
    assert buyer.get("/en/standby?slip=nonsense").status_code == 303
    assert buyer.get("/en/standby").status_code == 404
    led = buyer.get(f"/en/standby?slip={code.replace(' ', '')}")
    assert (led.status_code, led.headers["Location"]) == (303, "/en/standby")
    assert "HttpOnly" in led.headers["Set-Cookie"]
    for answer in (led, buyer.get("/en/standby")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Stay near the door." in buyer.get("/en/standby").get_data(as_text=True)
    post(desk, do="release", these="unsold")
    post(desk, do="call", number="1")
    assert "It is your turn." in buyer.get("/en/standby").get_data(as_text=True)
    kassa.scan(kassa.device(), code)
    assert "Somebody has entered" in buyer.get("/en/standby").get_data(as_text=True)


@pytest.mark.usefixtures("doors")
def test_phones_that_may_not_know_are_named_and_can_be_passed_over(kassa: Kassa, desk: Desk) -> None:
    kassa.buy("s06", 2)
    kassa.get("/api/v1/door/sync", kassa.device(name="Cellar"))
    post(desk, do="release")
    assert "<b>Cellar</b>" in desk.page(PAGE)
    assert facts(desk.page(PAGE))["Places left"] == "0"
    post(desk, do="no_wait")
    assert facts(desk.page(PAGE))["Places left"] == "2"
    assert "Cellar" not in desk.page(PAGE)


def test_rules_of_a_screening_and_of_the_festival(
    kassa: Kassa, desk: Desk, staff: Callable[..., Desk]
) -> None:
    assert post(desk, do="rule", rule="own", minutes="\u22125").status_code == 303
    assert "By itself at 19:25." in desk.page(PAGE)
    assert post(desk, do="rule", rule="own", minutes="soon").status_code == 422
    assert post(desk, do="rule", rule="own", minutes="").status_code == 422
    assert post(desk, do="rule", rule="mine").status_code == 422
    assert post(desk, do="rule", rule="festival").status_code == 303
    assert post(desk, do="festival", festival_minutes="5").status_code == 403
    manager = staff(Role.MANAGER)
    assert post(manager, do="festival", festival_minutes="5").status_code == 303
    with kassa.database.reading() as session:
        assert session.scalars(select(Festival.guarantee_minutes)).one() == 5
        assert session.scalars(select(Screening.guarantee).where(Screening.code == "s06")).one() == "festival"
    assert "By itself at 19:35." in desk.page(PAGE)
    order = kassa.buy("s06", 1)
    buyer = kassa.app.test_client()
    buyer.get(f"/en/orders/{order['order']}?key={order['key']}")
    tickets = plain(buyer.get(f"/en/orders/{order['order']}/tickets").get_data(as_text=True))
    assert "Your place is kept until 19:35." in tickets


@pytest.mark.usefixtures("doors")
def test_what_cannot_be_done_changes_nothing(kassa: Kassa, desk: Desk) -> None:
    wrong = [
        {"do": "call", "number": "1"},
        {"do": "call", "number": "many"},
        {"do": "slips", "quantity": "0"},
        {"do": "slips", "quantity": "51"},
        {"do": "slips"},
        {"do": "no_wait"},
        {"do": "everything"},
        {},
    ]
    assert {post(desk, **one).status_code for one in wrong} == {409, 422}
    for path in (
        "/staff/rush/s99",
        f"{PAGE}/slips",
        f"{PAGE}/slips?first=1&last=9",
        f"{PAGE}/slips?first=2&last=1",
    ):
        assert desk.get(path).status_code == 404
    assert post(desk, "/staff/rush/s99", do="release").status_code == 404
    with kassa.database.reading() as session:
        for table in (RushLine, RushPlace, RushSlip):
            assert session.scalars(select(table)).all() == []
    kassa.clock.forward(hours=3)
    assert "Entry has closed" in desk.page(PAGE)
    assert post(desk, do="release").status_code == 409


def test_ushers_are_turned_away(staff: Callable[..., Desk]) -> None:
    assert staff(Role.USHER).get(PAGE).status_code == 403

"""The settlement adds up, says what happened by screening, way and day, and is for managers."""

import csv
import io
import random
from collections.abc import Callable
from datetime import date

import pytest

from tests.support.kassa import Kassa, expect
from tests.support.statements import statements
from tests.web.staff.conftest import Desk, plain
from ticketing.reports.settlement import Period, Settlement, settlement
from ticketing.staff.accounts import Role

SignIn = Callable[..., Desk]


def books(kassa: Kassa, first: date | None = None, last: date | None = None) -> Settlement:
    with kassa.database.reading() as session:
        return settlement(session, Period(first=first, last=last))


def a_busy_day(kassa: Kassa) -> None:
    """Sell pairs, give one ticket back less a fee and one in cash; register for free; a master class."""
    first, _second = kassa.buy("s06", 2), kassa.buy("s06", 2)
    fee = {"minor": 50_000, "currency": "KZT"}
    expect(kassa.refund(first, kassa.staff(), tickets=[first["tickets"][0]["ticket"]], fee=fee), 201)
    kassa.work()
    wanted = {"tickets": [first["tickets"][1]["ticket"]], "method": "cash"}
    expect(kassa.refund(first, kassa.staff(), **wanted), 201)
    kassa.buy("s05", 3)
    kassa.clock.forward(days=1)
    kassa.buy("s07", 1)
    kassa.work()


def test_the_page_says_what_happened_and_that_it_adds_up(kassa: Kassa, staff: SignIn) -> None:
    a_busy_day(kassa)
    said = books(kassa)
    sums = {screening.code: one for screening, one in said.screenings}
    assert (sums["s06"].sold, sums["s06"].returned) == (4 * 250_000, 2 * 250_000)
    assert (sums["s06"].tickets, sums["s06"].given_back, sums["s05"].free) == (4, 2, 3)
    assert sums["s07"].sold == 200_000
    assert said.difference == 0
    assert (said.total.sold, said.total.returned, said.total.fees) == (1_200_000, 500_000, 50_000)
    assert said.total.kept == 750_000
    # In came 1 200 000; 200 000 went back by the bank, 250 000 out of the till.
    assert said.gateways == [("demo", {"in": 1_200_000, "back": -200_000, "cash": -250_000, "withheld": 0})]
    assert said.accounts["gateway"] + said.accounts["cash"] == 750_000
    assert [(day.isoformat(), one.sold) for day, one in said.days] == [
        ("2024-11-20", 1_000_000),
        ("2024-11-21", 200_000),
    ]
    assert [(tax.rate, tax.amount, tax.receipts) for tax in said.taxes] == [(1_200, 750_000, 5)]
    assert said.without_receipt == 0
    desk = staff(Role.MANAGER)
    page = plain(desk.get("/staff/settlement/").get_data(as_text=True))
    for words in ("The books agree", "12 000 ₸", "5 000 ₸", "7 500 ₸"):
        assert words in page


def test_a_period_has_its_own_days_only(kassa: Kassa) -> None:
    a_busy_day(kassa)
    second = books(kassa, date(2024, 11, 21), date(2024, 11, 21))
    assert [(screening.code, one.sold) for screening, one in second.screenings] == [("s07", 200_000)]
    assert second.difference == 0
    # The last minute of a day in Almaty is still that day there.
    assert books(kassa, last=date(2024, 11, 19)).screenings == []


def test_the_file_has_a_line_for_each_screening(kassa: Kassa, staff: SignIn) -> None:
    a_busy_day(kassa)
    desk = staff(Role.MANAGER)
    raw = desk.get("/staff/settlement/screenings.csv").data
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [row["screening"] for row in rows] == ["s05", "s06", "s07"]
    assert rows[1]["sold"] == "10000.00"
    assert sum(float(row["kept"]) for row in rows) == 7_000


@pytest.mark.parametrize("address", ["/staff/settlement/", "/staff/settlement/screenings.csv"])
def test_it_is_for_managers_and_takes_days_only(kassa: Kassa, staff: SignIn, address: str) -> None:
    assert "/staff/sign-in" in Desk(kassa).get(address).location
    assert staff(Role.BOXOFFICE).get(address).status_code == 403
    desk = staff(Role.MANAGER)
    for query in (
        {"from": "yesterday"},
        {"to": "2024-13-01"},
        {"to": "٢٠٢٤-١١-٢٠"},
        {"from": "0001-01-01"},
        {"to": "9999-12-31"},
    ):
        assert desk.get(address, **query).status_code == 422
    for query in ({"from": "2024-11-21", "to": "2024-11-20"}, {"from": "2000-01-01", "to": "2999-12-31"}):
        assert desk.get(address, **query).status_code == 200


def test_statements_do_not_grow_with_sales(kassa: Kassa) -> None:
    kassa.buy("s06", 1)
    few = asked(kassa)
    a_busy_day(kassa)
    assert asked(kassa) == few


def test_it_always_adds_up(kassa: Kassa) -> None:
    """Whatever is bought and refunded: the sides agree, and screenings and days say the same."""
    dice = random.Random(7)
    for _ in range(12):
        kassa.clock.forward(hours=dice.randint(0, 9))
        order = kassa.buy(dice.choice(("s06", "s07", "s03")), dice.randint(1, 3))
        if dice.random() < 0.5:
            ticket = dice.choice(order["tickets"])["ticket"]
            method = dice.choice(("cash", "original"))
            expect(kassa.refund(order, kassa.staff(), tickets=[ticket], method=method), 201)
        said = books(kassa)
        assert said.difference == 0
        assert sum(one.sold for _, one in said.days) == said.total.sold
        assert sum(one.returned for _, one in said.days) == said.total.returned
        assert -said.accounts["tickets"] == said.total.sold - said.total.returned - said.total.disputed


def asked(kassa: Kassa) -> int:
    with statements(kassa.database) as seen:
        books(kassa)
    return len(seen)

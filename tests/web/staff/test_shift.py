"""A cashier's shift: begun by the first cash, ended by counting; what differs is recorded."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.support.kassa import Kassa, expect
from tests.support.together import copies, together
from tests.web.staff.conftest import Desk, Fields, plain
from ticketing.foundation.actor import Actor, ActorKind
from ticketing.sales.models import LedgerLine
from ticketing.sales.shift_models import Shift
from ticketing.sales.shifts import shift_of
from ticketing.staff.accounts import Role
from ticketing.staff.models import AuditEntry

SignIn = Callable[..., Desk]


def cash_back(kassa: Kassa, desk: Desk) -> int:
    """Let the desk give the money of one ticket back in cash; return how much, in tenge."""
    order = kassa.buy("s06", 1)
    price = str(order["total"]["minor"])
    chosen = {"every": "1", "amount": price, "method": "cash", "reason": "ill"}
    answer = desk.refund(order["order"], {**desk.refund_form(order["order"]), **chosen})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return int(order["total"]["minor"]) // 100


def close(desk: Desk, begun: str, counted: str, **more: str) -> int:
    page = desk.get("/boxoffice/shift/").get_data(as_text=True)
    moved = Fields(page).sent.get("moved", ["0"])[-1]
    return send(desk, {"begun": begun, "counted": counted, "moved": moved, "note": "", **more}).status_code


def send(desk: Desk, form: dict[str, str]) -> TestResponse:
    token = desk.token("/boxoffice/shift/")
    return desk.client.post("/boxoffice/shift/close", data={"csrf_token": token, **form})


def shifts(kassa: Kassa) -> list[Shift]:
    with kassa.database.reading() as session:
        return list(session.scalars(select(Shift).order_by(Shift.opened_at, Shift.id)))


def test_the_first_cash_begins_a_shift_and_counting_ends_it(kassa: Kassa, staff: SignIn) -> None:
    desk = staff(Role.BOXOFFICE)
    assert "You have no open shift" in plain(desk.get("/boxoffice/shift/").get_data(as_text=True))
    paid = cash_back(kassa, desk) + cash_back(kassa, desk)
    assert f"{paid // 1000} {paid % 1000:03} ₸" in plain(desk.get("/boxoffice/shift/").get_data(as_text=True))
    assert close(desk, "20 000", str(20_000 - paid - 100), note="a coin short") == 303
    (shift,) = shifts(kassa)
    assert (shift.begun_minor, shift.counted_minor) == (2_000_000, (20_000 - paid - 100) * 100)
    page = plain(desk.get("/boxoffice/shift/").get_data(as_text=True))
    for words in ("−100 ₸", "a coin short", "You have no open shift"):
        assert words in page
    with kassa.database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "close_shift")).one()
        assert entry.after["difference_minor"] == -10_000
        lines = session.scalars(select(LedgerLine).where(LedgerLine.shift_id == shift.id)).all()
        assert {(line.account, line.amount_minor) for line in lines} == {("cash", -250_000)}
    # The next cash begins the next one.
    kassa.clock.forward(minutes=1)
    cash_back(kassa, desk)
    assert [one.closed_at is None for one in shifts(kassa)] == [False, True]


def test_each_cashier_has_a_till(kassa: Kassa, staff: SignIn) -> None:
    cash_back(kassa, staff(Role.BOXOFFICE))
    cash_back(kassa, staff(Role.MANAGER))
    assert len({one.account for one in shifts(kassa)}) == 2
    order = kassa.buy("s06", 1)
    expect(kassa.refund(order, kassa.staff(), method="cash"), 201)
    assert len(shifts(kassa)) == 3


def test_cash_that_moved_meanwhile_asks_for_another_count(kassa: Kassa, staff: SignIn) -> None:
    desk = staff(Role.BOXOFFICE)
    assert close(desk, "0", "0") == 409
    cash_back(kassa, desk)
    page = desk.get("/boxoffice/shift/").get_data(as_text=True)
    moved = Fields(page).one("moved")
    cash_back(kassa, desk)
    form = {"begun": "5000", "counted": "0", "moved": moved}
    answer = send(desk, form)
    assert answer.status_code == 409
    assert "count again" in plain(answer.get_data(as_text=True))
    assert 'value="5000"' in answer.get_data(as_text=True)
    assert [one.closed_at for one in shifts(kassa)] == [None]


@pytest.mark.parametrize("typed", ["", "-5", "1,5", "1e3", "9" * 12, "٣", "0x10"])
def test_amounts_are_whole_tenge(kassa: Kassa, staff: SignIn, typed: str) -> None:
    desk = staff(Role.BOXOFFICE)
    cash_back(kassa, desk)
    assert close(desk, typed, "0") == 422
    assert close(desk, "0", typed) == 422
    assert close(desk, "0", "0", moved=typed) in (409, 422)
    assert [one.closed_at for one in shifts(kassa)] == [None]


def test_two_deeds_at_once_begin_one_shift(kassa: Kassa) -> None:
    clerk = Actor(kind=ActorKind.STAFF, id="account-1", name="Сәуле", role="boxoffice")

    def move() -> str:
        with kassa.database.transaction() as session:
            return str(shift_of(session, clerk, "KZT", kassa.clock.now()))

    assert len(set(together(*copies(6, move)))) == 1
    assert len(shifts(kassa)) == 1


def test_ushers_have_no_till(staff: SignIn) -> None:
    assert staff(Role.USHER).get("/boxoffice/shift/").status_code == 403

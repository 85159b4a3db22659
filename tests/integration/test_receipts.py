"""Receipts: one for each sale and each return, numbered without gaps, whatever dies in between."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.kassa import Json, Kassa, expect
from tests.support.refunding import bank_refuses, pay_in_two, refunds_of
from tests.support.together import copies, together
from ticketing.catalogue.models import Festival
from ticketing.foundation.actor import Actor, ActorKind
from ticketing.sales import receipts as making
from ticketing.sales.failed_refunds import pay_in_cash, retry_refund
from ticketing.sales.models import Order
from ticketing.sales.receipt_models import Receipt, ReceiptBook
from ticketing.sales.receipts import make_missing, missing, number_rows, receipts_of_order

CLERK = Actor(kind=ActorKind.STAFF, name="Сәуле", role="boxoffice")


def receipts(kassa: Kassa) -> list[Receipt]:
    with kassa.database.reading() as session:
        return list(session.scalars(select(Receipt).order_by(Receipt.number)))


def amounts(kassa: Kassa) -> list[tuple[int, str, int]]:
    return [(one.number, one.kind, one.amount_minor) for one in receipts(kassa)]


def test_a_sale_has_a_receipt_with_its_lines_and_its_tax(kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    kassa.work()
    (one,) = receipts(kassa)
    total = order["total"]["minor"]
    assert (one.number, one.kind, one.amount_minor, one.cash_minor, one.fee_minor) == (1, "sale", total, 0, 0)
    assert [line["price_minor"] for line in one.lines] == [t["price"]["minor"] for t in order["tickets"]]
    # 12 % in 2024.
    assert one.tax_rate == 1_200
    assert one.tax_minor == sum(line["tax_minor"] for line in one.lines)
    assert abs(one.tax_minor - total * 12 / 112) <= len(one.lines)
    assert {line["title"]["kk"] for line in one.lines} != {""}
    assert (one.registered_at, one.sign) == (None, "")


def test_the_rate_is_that_of_the_day_in_almaty(kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    kassa.work()
    set_tax(kassa, "vat:12:2024-01-01;vat:16:2024-11-21")
    # Half past midnight there, while in UTC the day before has not ended.
    kassa.clock.at = datetime(2024, 11, 20, 19, 30, tzinfo=UTC)
    kassa.buy("s06", 1)
    expect(kassa.refund(order, kassa.staff()), 201)
    kassa.work()
    # A return has the rate of its sale.
    assert [(one.kind, one.tax_rate) for one in receipts(kassa)] == [
        ("sale", 1_200),
        ("sale", 1_600),
        ("return", 1_200),
    ]


def test_a_festival_without_tax_says_none(kassa: Kassa) -> None:
    set_tax(kassa, "")
    kassa.buy("s06", 1)
    kassa.work()
    assert [(one.tax_rate, one.tax_minor) for one in receipts(kassa)] == [(0, 0)]


def test_what_costs_nothing_has_no_receipt(kassa: Kassa) -> None:
    order = kassa.buy("s05", 1)
    expect(kassa.refund(order, kassa.staff()), 201)
    kassa.work()
    assert receipts(kassa) == []


def test_returns_say_what_went_back_and_what_was_kept(kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    first, second = order["tickets"]
    fee = {"minor": 50_000, "currency": "KZT"}
    expect(kassa.refund(order, kassa.staff(), tickets=[first["ticket"]], fee=fee), 201)
    kassa.work()
    expect(kassa.refund(order, kassa.staff(), tickets=[second["ticket"]], method="cash"), 201)
    kassa.work()
    sale, kept, cash = receipts(kassa)
    assert sale.kind == "sale"
    assert (kept.kind, kept.amount_minor, kept.fee_minor) == (
        "return",
        first["price"]["minor"] - 50_000,
        50_000,
    )
    assert kept.tax_minor < kept.lines[0]["tax_minor"]
    assert (cash.amount_minor, cash.cash_minor) == (second["price"]["minor"], second["price"]["minor"])
    assert kassa.broken_invariants() == []


def test_a_return_waits_until_all_of_its_money_has_gone(kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    pay_in_two(kassa, order, 100_000)
    kassa.work()
    with bank_refuses():
        expect(kassa.refund(order, kassa.staff()), 201)
    kassa.work()
    assert [one.kind for one in receipts(kassa)] == ["sale"]
    first, second = refunds_of(kassa, order)
    with kassa.database.transaction() as session:
        retry_refund(session, first.id, CLERK, kassa.clock.now())
    kassa.work()
    assert [one.kind for one in receipts(kassa)] == ["sale"]
    with kassa.database.transaction() as session:
        pay_in_cash(session, second.id, "card closed", CLERK, kassa.clock.now())
    kassa.work()
    _, back = receipts(kassa)
    assert (back.amount_minor, back.cash_minor) == (order["total"]["minor"], second.amount_minor)


def test_twice_changes_nothing(kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    kassa.work()
    for _ in range(2):
        again(kassa, order)
        assert make_missing(kassa.database, kassa.clock.now()) == 0
    assert amounts(kassa) == [(1, "sale", order["total"]["minor"])]


def test_what_nothing_asked_for_is_made_later(kassa: Kassa) -> None:
    orders = []
    for _ in range(3):
        # Ids rise with time, and so does what is made by them.
        kassa.clock.forward(seconds=1)
        orders.append(kassa.buy("s06", 1))
    expect(kassa.refund(orders[0], kassa.staff(), method="cash"), 201)
    with kassa.database.reading() as session:
        assert missing(session) == 4
    assert make_missing(kassa.database, kassa.clock.now()) == 3
    with kassa.database.reading() as session:
        assert missing(session) == 0
    kassa.work()
    assert [(number, kind) for number, kind, _ in amounts(kassa)] == [
        (1, "sale"),
        (2, "return"),
        (3, "sale"),
        (4, "sale"),
    ]
    assert kassa.broken_invariants() == []


def test_a_transaction_that_fails_leaves_no_gap(kassa: Kassa, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = [kassa.buy("s06", 1) for _ in range(2)]

    class PowerCutError(Exception):
        pass

    def number_and_fail(session: Session, rows: Sequence[dict[str, Any]]) -> None:
        number_rows(session, rows)
        raise PowerCutError

    first = id_of(kassa, orders[0])
    monkeypatch.setattr(making, "number_rows", number_and_fail)
    with pytest.raises(PowerCutError):
        receipts_of_order(kassa.database, first, kassa.clock.now())
    monkeypatch.undo()
    kassa.work()
    assert [number for number, _, _ in amounts(kassa)] == [1, 2]
    with kassa.database.reading() as session:
        assert session.scalar(select(ReceiptBook.last_number)) == 2


@pytest.mark.slow
def test_two_workers_make_each_receipt_once(kassa: Kassa) -> None:
    orders = [kassa.buy("s06", 1) for _ in range(6)]
    together(*copies(4, lambda: make_missing(kassa.database, kassa.clock.now())))
    assert [number for number, _, _ in amounts(kassa)] == list(range(1, len(orders) + 1))
    assert kassa.broken_invariants() == []


def test_the_audit_finds_gaps_and_wrong_amounts(kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    kassa.work()
    expect(kassa.refund(order, kassa.staff()), 201)
    kassa.work()
    assert kassa.broken_invariants() == []
    kassa.invariants_hold = False
    with kassa.database.transaction() as session:
        session.execute(update(ReceiptBook).values(last_number=5))
        session.execute(update(Receipt).values(amount_minor=Receipt.amount_minor + 100))
    broken = "\n".join(kassa.broken_invariants())
    assert "receipts: 5" in broken
    assert "1: sale" in broken
    assert "2: return" in broken


def again(kassa: Kassa, order: Json) -> None:
    receipts_of_order(kassa.database, id_of(kassa, order), kassa.clock.now() + timedelta(days=1))


def id_of(kassa: Kassa, order: Json) -> UUID:
    with kassa.database.reading() as session:
        return session.scalars(select(Order.id).where(Order.code == order["order"])).one()


def set_tax(kassa: Kassa, text: str) -> None:
    with kassa.database.transaction() as session:
        session.execute(update(Festival).values(tax=text))

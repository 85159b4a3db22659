"""Receipts reach the register in their order, once each, however often it is away; staff hear of refusals."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from tests.support.fiscal_office import FiscalOffice
from tests.support.kassa import OPERATOR, Kassa, expect
from tests.support.refunding import matters
from ticketing.catalogue.models import Festival
from ticketing.foundation.errors import NotFoundError
from ticketing.sales.fiscal.files import FileRegister
from ticketing.sales.fiscal.port import FiscalDocument, FiscalRegister, Registered
from ticketing.sales.receipt_models import Receipt
from ticketing.sales.registering import Registering, send_again

REGISTERS: dict[str, Callable[[Path], FiscalRegister]] = {
    "files": lambda folder: FileRegister(folder / "fiscal"),
    "office": lambda _folder: FiscalOffice(),
}


class Remembering(FiscalOffice):
    """A register that keeps what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.documents: list[FiscalDocument] = []

    def register(self, document: FiscalDocument, /) -> Registered | None:
        self.documents.append(document)
        return super().register(document)


def registering(kassa: Kassa, register: FiscalRegister) -> Registering:
    return Registering(kassa.database, register, kassa.clock)


def send(kassa: Kassa, register: FiscalRegister, rounds: int = 1) -> None:
    """Let the worker send what is due, each round later than any back-off."""
    for _ in range(rounds):
        registering(kassa, register).send_due(kassa.clock.now())
        kassa.clock.forward(hours=2)


def receipts(kassa: Kassa) -> list[Receipt]:
    with kassa.database.reading() as session:
        return list(session.scalars(select(Receipt).order_by(Receipt.number)))


def sold_and_returned(kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    kassa.work()
    first = order["tickets"][0]["ticket"]
    fee = {"minor": 30_000, "currency": "KZT"}
    expect(kassa.refund(order, kassa.staff(), tickets=[first], fee=fee), 201)
    kassa.work()


# What any register must do


@pytest.mark.parametrize("kind", REGISTERS)
def test_a_register_takes_sales_and_returns_and_knows_a_document_again(
    kassa: Kassa, tmp_path: Path, kind: str
) -> None:
    register = REGISTERS[kind](tmp_path)
    sold_and_returned(kassa)
    send(kassa, register, 2)
    assert all(one.registered_at is not None for one in receipts(kassa))
    assert registering(kassa, register).send_due(kassa.clock.now()) == 0
    first = [(one.sign, one.check_url) for one in receipts(kassa)]
    forget(kassa)
    send(kassa, register, 2)
    assert [(one.sign, one.check_url) for one in receipts(kassa)] == first
    assert matters(kassa) == []


# The default


def test_files_are_whole_and_say_all_that_a_bookkeeper_needs(kassa: Kassa, tmp_path: Path) -> None:
    sold_and_returned(kassa)
    send(kassa, FileRegister(tmp_path / "fiscal"), 2)
    names = sorted(path.name for path in (tmp_path / "fiscal").iterdir())
    assert names == ["000001-sale.json", "000002-return.json"]
    sale, back = (json.loads((tmp_path / "fiscal" / name).read_text(encoding="utf-8")) for name in names)
    assert (sale["seller_bin"], sale["kind"], sale["number"]) == ("000000000000", "sale", 1)
    assert sale["at"].endswith("+05:00")
    assert sale["amount_minor"] == sum(line["price_minor"] for line in sale["lines"])
    assert all("," in line["name"] for line in sale["lines"])
    assert (back["fee_minor"], back["amount_minor"]) == (30_000, sale["lines"][0]["price_minor"] - 30_000)
    assert "example.kz" not in json.dumps(sale), "who the buyer is is nobody's business there"


def test_a_number_that_comes_to_another_document_loses_neither(kassa: Kassa, tmp_path: Path) -> None:
    sold_and_returned(kassa)
    files, office = FileRegister(tmp_path / "fiscal"), Remembering()
    send(kassa, office)
    first = office.documents[0]
    other = replace(first, id=uuid4(), cashier="Сәуле")
    for document in (first, other, first, other):
        assert files.register(document) is not None
    said = [json.loads(path.read_text(encoding="utf-8")) for path in (tmp_path / "fiscal").iterdir()]
    assert {(one["id"], one["number"], one["cashier"]) for one in said} == {
        (str(first.id), 1, first.cashier),
        (str(other.id), 1, "Сәуле"),
    }
    assert len(said) == 2


# The worker


def test_a_register_that_is_away_is_asked_again_later(kassa: Kassa) -> None:
    office = FiscalOffice(troubles=["away", "breaks", "answer lost"])
    sold_and_returned(kassa)
    registering(kassa, office).send_due(kassa.clock.now())
    assert office.asked == [1]
    # Not at once: somebody who is away is not to be knocked at without end.
    assert registering(kassa, office).send_due(kassa.clock.now()) == 0
    assert office.asked == [1]
    kassa.clock.forward(hours=2)
    send(kassa, office, 4)
    assert office.asked == [1, 1, 1, 1, 2]
    assert [one.sign for one in receipts(kassa)] == ["FS00000001", "FS00000002"]
    assert len(office.known) == 2


def test_a_slow_register_is_asked_until_it_has_signed(kassa: Kassa) -> None:
    office = FiscalOffice(patience=2)
    sold_and_returned(kassa)
    send(kassa, office, 2)
    assert [one.sign for one in receipts(kassa)] == ["", ""]
    send(kassa, office, 4)
    assert [one.sign for one in receipts(kassa)] == ["FS00000001", "FS00000002"]
    # A return tells which sale it returns, so it waits for that one's sign.
    assert office.asked == [1, 1, 1, 2, 2, 2]
    documents = [document for document, _ in office.known.values()]
    assert [document.sale_sign for document in documents] == ["", "FS00000001"]


def test_the_return_of_an_exchanged_ticket_is_of_the_exchange(kassa: Kassa) -> None:
    with kassa.database.transaction() as session:
        session.execute(update(Festival).values(tax="vat:12:2024-01-01;vat:16:2024-11-21"))
    order = kassa.buy("s06", 1)
    kassa.work()
    kassa.clock.at = datetime(2024, 11, 21, 7, tzinfo=UTC)
    held = kassa.hold("s06", 1)
    body = {
        "tickets": [order["tickets"][0]["ticket"]],
        "holds": [{"hold": held["hold"], "key": held["key"], "concessions": {}}],
        "reason": "ill",
    }
    expect(kassa.post(f"/api/v1/orders/{order['order']}/swaps", body, kassa.staff()), 201)
    kassa.work()
    expect(kassa.refund(order, kassa.staff()), 201)
    kassa.work()
    assert [(one.kind, one.tax_rate) for one in receipts(kassa)] == [
        ("sale", 1_200),
        ("sale", 1_600),
        ("return", 1_200),
        ("return", 1_600),
    ]
    office = FiscalOffice()
    send(kassa, office, 4)
    signs = {document.number: document.sale_sign for document, _ in office.known.values()}
    sold = {one.number: one.sign for one in receipts(kassa)}
    assert signs == {1: "", 2: "", 3: sold[1], 4: sold[2]}


def test_a_refusal_is_shown_to_staff_and_the_others_go_on(kassa: Kassa) -> None:
    office = FiscalOffice(refusing=lambda document: "bad_bin" if document.number == 1 else "")
    kassa.buy("s06", 1)
    kassa.work()
    kassa.buy("s06", 1)
    kassa.work()
    send(kassa, office, 3)
    first, second = receipts(kassa)
    assert (first.refusal, first.sign, second.sign) == ("bad_bin", "", "FS00000001")
    assert [kind for kind, _ in matters(kassa)] == ["receipt_refused"]
    assert office.asked == [1, 2]
    office.refusing = lambda _document: ""
    with kassa.database.transaction() as session:
        send_again(session, 1, OPERATOR, kassa.clock.now())
        with pytest.raises(NotFoundError):
            send_again(session, 2, OPERATOR, kassa.clock.now())
    send(kassa, office)
    assert [one.sign for one in receipts(kassa)] == ["FS00000002", "FS00000001"]
    assert matters(kassa) == []


def test_a_worker_that_dies_after_the_register_has_answered_finds_the_same_sign(kassa: Kassa) -> None:
    office = FiscalOffice()
    kassa.buy("s06", 1)
    kassa.work()

    class Dying(Registering):
        def _record(self, *_answer: object) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Dying(kassa.database, office, kassa.clock).send_due(kassa.clock.now())
    kassa.clock.forward(hours=2)
    send(kassa, office)
    assert [one.sign for one in receipts(kassa)] == ["FS00000001"]
    assert len(office.known) == 1


def forget(kassa: Kassa) -> None:
    """Let the worker have died each time just before it could write an answer down."""
    with kassa.database.transaction() as session:
        for receipt in session.scalars(select(Receipt)):
            receipt.registered_at, receipt.sign, receipt.check_url = None, "", ""
            receipt.next_try_at = kassa.clock.now()

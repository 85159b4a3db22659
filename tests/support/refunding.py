"""What tests of refunds do behind the pages' backs: a bank that refuses, an order paid by two payments."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import select, update

from tests.support.kassa import Json, Kassa
from ticketing.foundation.ids import new_id
from ticketing.sales.matters import open_matters
from ticketing.sales.models import DemoSession, Order, Payment, Refund
from ticketing.sales.payments.demo import DemoGateway
from ticketing.sales.payments.port import GatewayRefusedError, RefundRequest, RefundStatus


@contextmanager
def bank_refuses() -> Iterator[None]:
    """Let the demo bank refuse every refund for a while."""

    def refuse(_gateway: DemoGateway, _request: RefundRequest) -> RefundStatus:
        raise GatewayRefusedError("card_closed")

    with patch.object(DemoGateway, "refund", refuse):
        yield


def pay_in_two(kassa: Kassa, order: Json, first_minor: int) -> None:
    """Let a paid order have been paid by two payments, the first of so much."""
    with kassa.database.transaction() as session:
        payment = session.scalars(select(Payment).join(Order).where(Order.code == order["order"])).one()
        bank = session.get_one(DemoSession, payment.session)
        rest = payment.captured_minor - first_minor
        name = f"demo_{new_id(kassa.clock.now()).hex}"
        columns = {column.name: getattr(bank, column.name) for column in DemoSession.__table__.columns}
        session.add(
            DemoSession(**{**columns, "id": name, "key": name, "amount_minor": rest, "captured_minor": rest})
        )
        columns = {column.name: getattr(payment, column.name) for column in Payment.__table__.columns}
        second = {"id": new_id(kassa.clock.now()), "attempt": 2, "session": name}
        session.add(Payment(**{**columns, **second, "amount_minor": rest, "captured_minor": rest}))
        bank.amount_minor = bank.captured_minor = first_minor
        payment.amount_minor = payment.captured_minor = first_minor


def refunds_of(kassa: Kassa, order: Json) -> list[Refund]:
    """Return the rows of an order's refunds, the parts too."""
    with kassa.database.reading() as session:
        rows = select(Refund).join(Order, Order.id == Refund.order_id).where(Order.code == order["order"])
        return list(session.scalars(rows.order_by(Refund.created_at, Refund.id)))


def matters(kassa: Kassa) -> list[tuple[str, int]]:
    """Return what staff must decide: kinds and amounts."""
    with kassa.database.reading() as session:
        return [(matter.kind, matter.amount_minor) for matter in open_matters(session)]


def matter_id(kassa: Kassa) -> UUID:
    """Return the id of the only open matter."""
    with kassa.database.reading() as session:
        (matter,) = open_matters(session)
        return matter.id


def taken_back(kassa: Kassa) -> int:
    """Return what the demo bank has given back."""
    with kassa.database.reading() as session:
        return sum(session.scalars(select(DemoSession.refunded_minor)))


def capture_other_amount(kassa: Kassa, order: Json, minor: int) -> None:
    """Let the bank have taken another amount than was asked for, and say so."""
    name = str(order["payment"]["url"]).rsplit("/", 1)[1]
    with kassa.database.transaction() as session:
        session.execute(
            update(DemoSession)
            .where(DemoSession.id == name)
            .values(state="complete", captured_minor=minor, amount_minor=minor)
        )
        payment = session.scalars(select(Payment).where(Payment.session == name)).one()
    kassa.desk.calls.look(payment)

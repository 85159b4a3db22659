"""Edge code of the worker: receipts go to the fiscal register, in their order, until it has them."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session, aliased

from ticketing.catalogue.queries import the_festival
from ticketing.foundation.actor import Actor
from ticketing.foundation.clock import Clock
from ticketing.foundation.db import Database
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.i18n import sentences
from ticketing.foundation.outbox import LEASE
from ticketing.sales.fiscal.port import (
    FiscalDocument,
    FiscalLine,
    FiscalRefusedError,
    FiscalRegister,
    FiscalUnavailableError,
    Registered,
)
from ticketing.sales.matters import Matter, reopen_matter, settle_matter
from ticketing.sales.place_words import place_words
from ticketing.sales.receipt_models import Receipt
from ticketing.sales.receipts import RETURN, SALE, sale_of
from ticketing.staff.audit import Deed, record

REFUSED = "receipt_refused"
# What the tax office reads is in Russian, as its own forms are.
_LANGUAGE = "ru"
_BATCH = 50
_MOST_WAIT = timedelta(hours=1)
_LONGEST = {"sign": 64, "register": 64, "operator": 200, "check_url": 500, "refusal": 64}
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Registering:
    """Tells the register of receipts."""

    database: Database
    register: FiscalRegister
    clock: Clock

    def send_due(self, now: datetime) -> int:
        """Send what is due, at most a batch; return how many the register has taken."""
        with self.database.reading() as session:
            due = session.scalars(_due(now)).all()
        return sum(self._send(number, now) for number in due)

    def _send(self, number: int, now: datetime) -> bool:
        document = self._take_up(number, now)
        if document is None:
            return False
        try:
            answer = self.register.register(document)
        except FiscalRefusedError as refusal:
            self._record_refusal(number, refusal.code)
            return False
        except FiscalUnavailableError:
            return False
        except Exception:  # noqa: BLE001 - whatever a register does, the next receipts go on
            _log.exception("receipt %s could not be registered", number)
            return False
        if answer is not None:
            self._record(number, answer)
        return answer is not None

    def _take_up(self, number: int, now: datetime) -> FiscalDocument | None:
        """Claim a receipt by moving its next try: longer each time, and never less than a try may last."""
        with self.database.transaction() as session:
            tries = session.scalar(
                update(Receipt)
                .where(Receipt.number == number, Receipt.next_try_at <= now, Receipt.registered_at.is_(None))
                .values(tries=Receipt.tries + 1)
                .returning(Receipt.tries)
            )
            if tries is None:
                return None
            wait = max(LEASE, min(timedelta(seconds=2**tries), _MOST_WAIT))
            session.execute(update(Receipt).where(Receipt.number == number).values(next_try_at=now + wait))
            return _document(session, number)

    def _record(self, number: int, answer: Registered) -> None:
        now = self.clock.now()
        with self.database.transaction() as session:
            session.execute(
                update(Receipt)
                .where(Receipt.number == number, Receipt.registered_at.is_(None))
                .values(
                    registered_at=now,
                    register=answer.register[: _LONGEST["register"]],
                    sign=answer.sign[: _LONGEST["sign"]],
                    operator=answer.operator[: _LONGEST["operator"]],
                    check_url=answer.check_url[: _LONGEST["check_url"]],
                )
            )
            settle_matter(session, self.register.name, REFUSED, str(number), now)

    def _record_refusal(self, number: int, code: str) -> None:
        now = self.clock.now()
        with self.database.transaction() as session:
            row = session.scalars(select(Receipt).where(Receipt.number == number).with_for_update()).one()
            row.refusal = code[: _LONGEST["refusal"]] or "refused"
            matter = Matter(
                gateway=self.register.name,
                kind=REFUSED,
                subject=str(number),
                amount_minor=row.amount_minor,
                currency=row.currency,
                order_id=row.order_id,
            )
            reopen_matter(session, matter, now)


def send_again(session: Session, number: int, actor: Actor, now: datetime) -> None:
    """Let a refused receipt be sent once more, after somebody has set right what was wrong.

    Raises NotFoundError for one that no register has refused.
    """
    receipt = session.scalars(
        select(Receipt).where(Receipt.number == number, Receipt.refusal != "").with_for_update()
    ).one_or_none()
    if receipt is None:
        raise NotFoundError
    before = {"refusal": receipt.refusal}
    receipt.refusal, receipt.next_try_at = "", now
    deed = Deed(action="send_receipt_again", object_kind="receipt", object_id=str(number), before=before)
    record(session, actor, deed, now)
    session.flush()


def _due(now: datetime) -> Select[int]:
    """Return the numbers of receipts to send: a return not before its sale is registered."""
    sale = aliased(Receipt)
    waits_for_sale = select(sale.number).where(
        sale.order_id == Receipt.order_id, sale.kind == SALE, sale.registered_at.is_(None)
    )
    return (
        select(Receipt.number)
        .where(
            Receipt.registered_at.is_(None),
            Receipt.refusal == "",
            Receipt.next_try_at <= now,
            or_(Receipt.kind == SALE, ~waits_for_sale.exists()),
        )
        .order_by(Receipt.number)
        .limit(_BATCH)
    )


def _document(session: Session, number: int) -> FiscalDocument:
    receipt = session.scalars(select(Receipt).where(Receipt.number == number)).one()
    festival = the_festival(session)
    return FiscalDocument(
        id=receipt.source,
        number=receipt.number,
        kind=receipt.kind,
        at=receipt.at.astimezone(ZoneInfo(festival.time_zone)),
        seller=festival.organiser,
        seller_bin=festival.organiser_bin,
        currency=receipt.currency,
        lines=_lines(receipt),
        fee_minor=receipt.fee_minor,
        amount_minor=receipt.amount_minor,
        cash_minor=receipt.cash_minor,
        cashier=receipt.cashier,
        tax_rate=receipt.tax_rate,
        tax_minor=receipt.tax_minor,
        sale_sign=_sale_sign(session, receipt) if receipt.kind == RETURN else "",
    )


def _lines(receipt: Receipt) -> Sequence[FiscalLine]:
    return [
        FiscalLine(
            name=f"{line['title'][_LANGUAGE]}, {_place(line)}",
            price_minor=line["price_minor"],
            tax_minor=line["tax_minor"],
        )
        for line in receipt.lines
    ]


def _place(line: Mapping[str, str]) -> str:
    numbered = bool(line["row"] or line["section"] or line["band"])
    return place_words(sentences(_LANGUAGE), "", line["row"], line["number"], numbered=numbered)


def _sale_sign(session: Session, receipt: Receipt) -> str:
    sale = sale_of(session, receipt.order_id, receipt.at, receipt.lines[0])
    return "" if sale is None else sale.sign

"""An order's history: one list of what happened, newest first, from payments, refunds, mails and deeds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext

from ticketing.boxoffice.order_queries import DeskOrder
from ticketing.boxoffice.words import payment_word, reason_words, refund_line
from ticketing.foundation.i18n import money_text
from ticketing.foundation.money import Money
from ticketing.foundation.pages import LANGUAGE_NAMES
from ticketing.foundation.postbox import MailState
from ticketing.staff.words import deed_word, effect_word

# A refund is told from its own row, which also knows how it ended.
_TOLD_ELSEWHERE = frozenset({"refund"})


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One line of the history; `mail` is the mail that it tells of."""

    at: datetime
    text: str
    detail: str = ""
    mail: UUID | None = None


def history(order: DeskOrder) -> list[Happening]:
    """Return what happened to an order, newest first."""
    lines = [*_made_and_paid(order), *_payments(order), *_refunds(order), *_mails(order), *_deeds(order)]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _made_and_paid(order: DeskOrder) -> Iterator[Happening]:
    row = order.view.order
    yield Happening(at=row.created_at, text=_("Order made"), detail=LANGUAGE_NAMES[row.locale][1])
    if row.paid_at is not None:
        count = len(order.view.tickets)
        issued = ngettext("%(num)d ticket issued", "%(num)d tickets issued", count)
        yield Happening(at=row.paid_at, text=issued)


def _payments(order: DeskOrder) -> Iterator[Happening]:
    for payment in order.view.payments:
        amount = money_text(Money(payment.captured_minor or payment.amount_minor, payment.currency))
        yield Happening(
            at=payment.closed_at or payment.created_at,
            text=payment_word(payment.state),
            detail=_("%(amount)s, attempt %(n)d", amount=amount, n=payment.attempt),
        )


def _refunds(order: DeskOrder) -> Iterator[Happening]:
    for refund in order.view.refunds:
        parts = [reason_words(refund.reason), refund.actor_name]
        if refund.fee_minor:
            fee = money_text(Money(refund.fee_minor, refund.currency))
            parts.insert(0, _("fee kept %(amount)s", amount=fee))
        yield Happening(
            at=refund.created_at,
            text=refund_line(refund),
            detail=", ".join(part for part in parts if part),
        )


def _mails(order: DeskOrder) -> Iterator[Happening]:
    for mail in order.mails:
        if mail.state == MailState.SENT:
            state = _("sent to %(email)s", email=mail.recipient)
        elif mail.state in (MailState.QUEUED, MailState.IN_FLIGHT):
            state = _("waiting to be sent")
        else:
            state = _("could not be sent")
        yield Happening(
            at=mail.sent_at or mail.created_at, text=effect_word(mail.kind), detail=state, mail=mail.id
        )


def _deeds(order: DeskOrder) -> Iterator[Happening]:
    for deed in order.deeds:
        if deed.action not in _TOLD_ELSEWHERE:
            yield Happening(at=deed.at, text=deed_word(deed.action), detail=deed.actor_name)

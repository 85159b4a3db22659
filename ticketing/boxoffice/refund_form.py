"""The desk's refund form: what was chosen, what it comes to, what the festival's policy says of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from werkzeug.datastructures import MultiDict

from ticketing.boxoffice.rules import RefundReason, kept_fee, reason_text
from ticketing.catalogue.models import Festival
from ticketing.foundation.forms import line
from ticketing.foundation.money import Money
from ticketing.sales.queries import OrderView, TicketView
from ticketing.sales.refund_rules import Method, ticket_fee
from ticketing.sales.refund_rules import is_late as is_late_for
from ticketing.sales.returns import showing_of_ticket

MOST_NOTE = 160


class FormFault(StrEnum):
    """What is wrong with a filled-in form."""

    NOTHING_CHOSEN = "nothing_chosen"
    FEE_UNREADABLE = "fee_unreadable"
    NOTE_MISSING = "note_missing"
    AMOUNT_CHANGED = "amount_changed"


@dataclass(frozen=True, kw_only=True)
class RefundForm:
    """The form as it was sent. A blank `fee` is the policy's; `shown_minor` is what the button said."""

    tickets: frozenset[UUID] = frozenset()
    every: bool = False
    fee: str = ""
    reason: RefundReason = RefundReason.CANNOT_COME
    note: str = ""
    method: Method = Method.ORIGINAL
    shown_minor: int | None = None


@dataclass(frozen=True, kw_only=True)
class Quote:
    """What a form comes to."""

    chosen: Sequence[TicketView]
    worth: Money
    fee: Money
    amount: Money
    late: bool
    keeps_worth: Money
    faults: frozenset[FormFault] = field(default=frozenset())


def read_form(sent: MultiDict[str, str]) -> RefundForm:
    """Read what a browser sent; what it cannot have meant counts as left out."""
    reason = sent.get("reason", "")
    shown = sent.get("amount", "")
    return RefundForm(
        tickets=frozenset(filter(None, map(_uuid, sent.getlist("ticket")))),
        every="every" in sent,
        fee=line(sent.get("fee", ""), 20),
        reason=RefundReason(reason) if reason in list(RefundReason) else RefundReason.CANNOT_COME,
        note=line(sent.get("note", ""), MOST_NOTE),
        method=Method.CASH if sent.get("method") == Method.CASH else Method.ORIGINAL,
        shown_minor=int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 16 else None,  # noqa: PLR2004 - fits 64 bits
    )


def refundable(view: OrderView, *, even_admitted: bool = False) -> list[TicketView]:
    """Return the tickets that a refund may take: valid, undisputed, and nobody has entered with them.

    `even_admitted`, which is a manager's, takes those of a cancelled screening all the same.
    """
    return [
        ticket
        for ticket in view.tickets
        if ticket.state == "valid"
        and not ticket.blocked
        and (ticket.admitted_at is None or (even_admitted and ticket.screening.cancelled_at is not None))
    ]


def is_late(ticket: TicketView, festival: Festival, now: datetime) -> bool:
    """Tell whether the buyer's own time to return the ticket is over."""
    return is_late_for(showing_of_ticket(ticket, festival), now)


def policy_fee(ticket: TicketView, festival: Festival) -> int:
    """Return what the policy of its screening keeps of a ticket, in minor units."""
    return ticket_fee(ticket.price.minor, showing_of_ticket(ticket, festival))


def quote(
    view: OrderView, form: RefundForm, festival: Festival, now: datetime, *, even_admitted: bool = False
) -> Quote:
    """Work out a refund. Tickets that cannot be refunded stay chosen: the refund itself refuses them."""
    open_to = refundable(view, even_admitted=even_admitted)
    chosen = open_to if form.every else [ticket for ticket in view.tickets if ticket.id in form.tickets]
    worth = sum(ticket.price.minor for ticket in chosen)
    faults = set()
    fee = kept_fee(form.fee, sum(policy_fee(ticket, festival) for ticket in chosen))
    if fee is None:
        fee = 0
        faults.add(FormFault.FEE_UNREADABLE)
    if not chosen:
        faults.add(FormFault.NOTHING_CHOSEN)
    if form.reason is RefundReason.OTHER and not form.note:
        faults.add(FormFault.NOTE_MISSING)
    amount = max(worth - fee, 0)
    if form.shown_minor != amount:
        faults.add(FormFault.AMOUNT_CHANGED)
    kept = [ticket for ticket in view.tickets if ticket.state == "valid" and ticket not in chosen]
    currency = view.order.currency
    return Quote(
        chosen=chosen,
        worth=Money(worth, currency),
        fee=Money(fee, currency),
        amount=Money(amount, currency),
        late=any(is_late(ticket, festival, now) for ticket in chosen),
        keeps_worth=Money(sum(ticket.price.minor for ticket in kept), currency),
        faults=frozenset(faults),
    )


def kept_reason(form: RefundForm, worked_out: Quote) -> str:
    """Return what the refund and the audit trail keep as the reason."""
    return reason_text(form.reason, form.note, late=worked_out.late)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

"""Outbox handlers of sales: each is idempotent, and opens its own transactions."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from ticketing.foundation.outbox import Handler
from ticketing.foundation.postbox import put
from ticketing.foundation.web import Runtime
from ticketing.sales.effects import (
    CallbackKept,
    CodesLeaked,
    DisputeLost,
    FilmChanged,
    OrderPaid,
    OwnLinkAsked,
    PaymentFailed,
    RefundDone,
    RefundDue,
    ScreeningCancelled,
    ScreeningMoved,
    TicketSent,
    TicketsSwapped,
)
from ticketing.sales.gateway_calls import GatewayCalls
from ticketing.sales.inbox import Inbox
from ticketing.sales.messages import (
    order_paid_letter,
    tell_friends_of_refund,
    write_dispute_lost,
    write_payment_failed,
    write_refund_done,
    write_tickets_swapped,
)
from ticketing.sales.models import Refund
from ticketing.sales.notices import tell_of_film, tell_of_move
from ticketing.sales.off_notices import tell_of_cancelled, tell_of_cancelled_refund
from ticketing.sales.own_links import write_own_link
from ticketing.sales.receipts import receipts_of_order
from ticketing.sales.reissue_letters import replace_leaked
from ticketing.sales.swap_models import Swap
from ticketing.sales.transfer_messages import write_ticket_sent
from ticketing.sales.wallet_passes import pass_handlers


def handlers(here: Runtime, calls: GatewayCalls) -> Mapping[str, Handler]:
    """Return what carries out each effect of sales."""

    def payment_failed(payload: Mapping[str, Any]) -> None:
        with here.database.transaction() as session:
            write_payment_failed(session, UUID(payload["payment_id"]), here)

    def refund_due(payload: Mapping[str, Any]) -> None:
        refund_id = UUID(payload["refund_id"])
        with here.database.transaction() as session:
            tell_of_cancelled_refund(session, refund_id, here)
            tell_friends_of_refund(session, refund_id, here)
        calls.refund(refund_id)

    def refund_done(payload: Mapping[str, Any]) -> None:
        refund_id = UUID(payload["refund_id"])
        with here.database.reading() as session:
            order_id = session.scalars(select(Refund.order_id).where(Refund.id == refund_id)).one()
        receipts_of_order(here.database, order_id, here.clock.now())
        with here.database.transaction() as session:
            tell_of_cancelled_refund(session, refund_id, here)
            tell_friends_of_refund(session, refund_id, here)
            write_refund_done(session, refund_id, here)

    def dispute_lost(payload: Mapping[str, Any]) -> None:
        with here.database.transaction() as session:
            write_dispute_lost(session, payload["gateway"], payload["name"], here)

    def tickets_swapped(payload: Mapping[str, Any]) -> None:
        swap_id = UUID(payload["swap_id"])
        with here.database.reading() as session:
            order_id = session.scalars(select(Swap.order_id).where(Swap.id == swap_id)).one()
        receipts_of_order(here.database, order_id, here.clock.now())
        with here.database.transaction() as session:
            write_tickets_swapped(session, swap_id, here)

    def ticket_sent(payload: Mapping[str, Any]) -> None:
        with here.database.transaction() as session:
            write_ticket_sent(session, UUID(payload["transfer_id"]), here)

    def own_link_asked(payload: Mapping[str, Any]) -> None:
        with here.database.transaction() as session:
            write_own_link(session, UUID(payload["link_id"]), here)

    def callback_kept(payload: Mapping[str, Any]) -> None:
        Inbox(calls).process_event(payload["gateway"], payload["event"])

    return {
        CallbackKept.kind: callback_kept,
        CodesLeaked.kind: lambda payload: replace_leaked(here, payload),
        DisputeLost.kind: dispute_lost,
        FilmChanged.kind: lambda payload: tell_of_film(here, payload),
        OrderPaid.kind: lambda payload: _order_paid(here, UUID(payload["order_id"])),
        OwnLinkAsked.kind: own_link_asked,
        PaymentFailed.kind: payment_failed,
        RefundDue.kind: refund_due,
        RefundDone.kind: refund_done,
        ScreeningCancelled.kind: lambda payload: tell_of_cancelled(here, payload),
        ScreeningMoved.kind: lambda payload: tell_of_move(here, payload),
        TicketSent.kind: ticket_sent,
        TicketsSwapped.kind: tickets_swapped,
        **pass_handlers(here.database, here.clock),
    }


def _order_paid(here: Runtime, order_id: UUID) -> None:
    """Make the receipt and the letter before the turn to write: they take longer than the sale itself did."""
    receipts_of_order(here.database, order_id, here.clock.now())
    with here.database.reading() as session:
        written = order_paid_letter(session, order_id, here)
    if written is not None:
        with here.database.transaction() as session:
            put(session, *written, here.vault, here.clock.now())

"""A friend's page of the one ticket that was sent: opened by a button, then held up at the door."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.foundation.errors import DomainError, NotFoundError
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.sales.errors import TransferTakenBackError
from ticketing.sales.queries import SentTicket, sent_ticket
from ticketing.sales.shop.calendar_view import friend_entry
from ticketing.sales.shop.calendars import calendar_answer
from ticketing.sales.shop.entry import pass_of
from ticketing.sales.shop.friend_keys import keep_transfer, require_transfer
from ticketing.sales.shop.printed_view import friends_ticket
from ticketing.sales.shop.printing import pdf_answer
from ticketing.sales.shop.site import private, see_other, site
from ticketing.sales.transfers import open_transfer
from ticketing.tickets.errors import TicketVoidError

blueprint = Blueprint("friend", __name__, url_prefix="/<language:language>")
_NAME = "ticket"


@blueprint.get("/sent/<uuid:transfer>")
@allow("buyer")
def show(transfer: UUID) -> ResponseReturnValue:
    """Show a ticket to whoever has its key; a key in the address moves into a cookie first."""
    key = request.args.get("key")
    try:
        require_transfer(transfer, key)
        if key is not None:
            response = see_other(url_for("friend.show", transfer=transfer))
            keep_transfer(response, transfer, key)
            return response
        return _page(_read(transfer))
    except NotFoundError:
        return private(Response(render_template("shop/sent_locked.html"), HTTPStatus.NOT_FOUND))


@blueprint.post("/sent/<uuid:transfer>")
@allow("buyer")
def accept(transfer: UUID) -> ResponseReturnValue:
    """Open the ticket for good: only a person presses the button, programs that read mails follow links."""
    require_transfer(transfer)
    here = runtime()
    try:
        with here.database.transaction() as session:
            open_transfer(session, transfer, here.clock.now())
    except NotFoundError:
        raise
    except DomainError as refusal:
        flash(refusal_text(refusal), "bad")
    return see_other(url_for("friend.show", transfer=transfer))


@blueprint.get("/sent/<uuid:transfer>.pdf")
@allow("buyer")
def printed(transfer: UUID) -> ResponseReturnValue:
    """Return the opened ticket as a file."""
    sent = opened_ticket(transfer)
    if sent.ticket.state != "valid":
        raise TicketVoidError
    return pdf_answer([friends_ticket(sent.ticket, site())], _NAME)


@blueprint.get("/sent/<uuid:transfer>.ics")
@allow("buyer")
def calendar(transfer: UUID) -> ResponseReturnValue:
    """Return the screening of the opened ticket for a calendar."""
    sent = opened_ticket(transfer)
    return private(calendar_answer([friend_entry(sent.ticket, transfer, site())], _NAME))


def _read(transfer_id: UUID) -> SentTicket:
    here = runtime()
    with here.database.reading() as session:
        return sent_ticket(session, transfer_id, here.vault)


def opened_ticket(transfer_id: UUID) -> SentTicket:
    """Return a ticket that its friend has opened. Raises NotFoundError or TransferTakenBackError."""
    require_transfer(transfer_id)
    sent = _read(transfer_id)
    if sent.transfer.taken_back_at is not None:
        raise TransferTakenBackError
    if sent.transfer.opened_at is None:
        raise NotFoundError
    return sent


def _page(sent: SentTicket) -> Response:
    says = friends_ticket(sent.ticket, site())
    if sent.ticket.state == "valid" and sent.ticket.code:
        shown = pass_of(sent.ticket, says, site())
        return private(Response(render_template("shop/friend.html", sent=sent, shown=shown)))
    return private(Response(render_template("shop/sent.html", sent=sent, says=says)))

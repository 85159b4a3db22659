"""Tickets for phones' wallets: Apple's passes, and the way to Google's; like PDFs, by cookie or header.

Without the operator's papers for a wallet its addresses lead nowhere, and no page shows them.
"""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.wallet_settings import AppleWallet
from ticketing.foundation.web import allow, runtime
from ticketing.sales.errors import TicketTransferredError
from ticketing.sales.shop.friend import opened_ticket
from ticketing.sales.shop.printing import held_ticket, order_with_tickets
from ticketing.sales.shop.site import private, site
from ticketing.sales.shop.wallet_view import apple_pass, wallet_ticket
from ticketing.sales.wallet_passes import HeldPass, buyers_pass, friends_pass
from ticketing.tickets.errors import TicketVoidError
from ticketing.tickets.wallet.apple_package import PASS, PASSES, bundle
from ticketing.tickets.wallet.google_pass import save_link

blueprint = Blueprint("wallets", __name__, url_prefix="/<language:language>")
_FRIENDS_NAME = "ticket"


@blueprint.get("/tickets/<order:code>.pkpasses")
@allow("buyer")
def apple_order(code: str) -> ResponseReturnValue:
    """Return every ticket of an order that its owner has, in one file."""
    wallet = apple()
    view = order_with_tickets(code)
    held = [one for one in (buyers_pass(ticket, view.order) for ticket in view.tickets) if one.code]
    if not held:
        raise TicketTransferredError if any(one.transfer for one in view.tickets) else TicketVoidError
    made = bundle([apple_pass(one, wallet, site()) for one in held])
    return _file(made, PASSES, f"{code}.pkpasses")


@blueprint.get("/tickets/<order:code>-<uuid:ticket>.pkpass")
@allow("buyer")
def apple_ticket(code: str, ticket: UUID) -> ResponseReturnValue:
    """Return one ticket."""
    wallet = apple()
    view = order_with_tickets(code)
    wanted = held_ticket(view, ticket)
    made = apple_pass(buyers_pass(wanted, view.order), wallet, site())
    return _file(made, PASS, f"{code}-{view.tickets.index(wanted) + 1}.pkpass")


@blueprint.get("/sent/<uuid:transfer>.pkpass")
@allow("buyer")
def apple_sent(transfer: UUID) -> ResponseReturnValue:
    """Return a ticket that was sent, to the friend who has opened it."""
    wallet = apple()
    return _file(apple_pass(_of_friend(transfer), wallet, site()), PASS, f"{_FRIENDS_NAME}.pkpass")


@blueprint.get("/tickets/<order:code>-<uuid:ticket>/google-wallet")
@allow("buyer")
def google_ticket(code: str, ticket: UUID) -> ResponseReturnValue:
    """Lead to Google with one ticket."""
    _require_google()
    view = order_with_tickets(code)
    return _to_google(buyers_pass(held_ticket(view, ticket), view.order))


@blueprint.get("/sent/<uuid:transfer>/google-wallet")
@allow("buyer")
def google_sent(transfer: UUID) -> ResponseReturnValue:
    """Lead to Google with a ticket that was sent, for the friend who has opened it."""
    _require_google()
    return _to_google(_of_friend(transfer))


def apple() -> AppleWallet:
    """Return the papers for Apple Wallet. Raises NotFoundError without them."""
    wallet = runtime().settings.apple_wallet
    if wallet is None:
        raise NotFoundError
    return wallet


def _require_google() -> None:
    if runtime().settings.google_wallet is None:
        raise NotFoundError


def _of_friend(transfer: UUID) -> HeldPass:
    sent = opened_ticket(transfer)
    if sent.ticket.state != "valid":
        raise TicketVoidError
    return friends_pass(sent.ticket, sent.transfer)


def _to_google(held: HeldPass) -> Response:
    here = runtime()
    wallet = here.settings.google_wallet
    if wallet is None:
        raise NotFoundError
    if not held.code:
        raise TicketVoidError
    response = Response("", HTTPStatus.SEE_OTHER)
    response.headers["Location"] = save_link(wallet_ticket(held, site()), wallet, here.clock.now())
    return private(response)


def _file(made: bytes, kind: str, name: str) -> Response:
    response = private(Response(made, content_type=kind))
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

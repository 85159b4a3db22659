"""Staff's page of undecided money: one list, normally empty, and what can be decided about each."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ticketing.boxoffice import money_words, words
from ticketing.boxoffice.money_queries import (
    NEEDS_REASON,
    Decision,
    OpenMatter,
    money_page,
    open_matter_by_id,
)
from ticketing.boxoffice.refund_form import refundable
from ticketing.catalogue.queries import the_festival
from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import DomainError, InvalidRequestError, NotFoundError
from ticketing.foundation.forms import form_line, query_line
from ticketing.foundation.ids import new_id
from ticketing.foundation.money import Money
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.sales.deciding import accept_parked, assign_outside, return_parked, write_off_outside
from ticketing.sales.failed_refunds import pay_in_cash, retry_refund, take_as_disputed, take_as_outside
from ticketing.sales.matters import close_matter, settle_matter
from ticketing.sales.refund_edge import ask_now
from ticketing.sales.refunds import RefundRequest, refund_tickets
from ticketing.sales.registering import send_again
from ticketing.sales.shop import wording
from ticketing.staff.errors import ReasonRequiredError
from ticketing.staff.frame import staff_pages
from ticketing.staff.sessions import current_actor

blueprint = staff_pages("money", __name__, "/boxoffice/money")
blueprint.context_processor(lambda: {"money_words": money_words, "desk": words, "wording": wording})

_MOST_REASON = 160
# Kept as the reason of a refund that a warning of fraud asked for.
_WARNED = "early_fraud_warning"
# Carries out a decision in an open transaction; returns the refund that the bank is to be asked for at once.
_Deed = Callable[[Session, OpenMatter, str, Actor, datetime], UUID | None]


@blueprint.get("/")
@allow("staff:boxoffice")
def show() -> ResponseReturnValue:
    """Show what is to be decided."""
    return _page(said=money_words.done_word(query_line("done")))


@blueprint.post("/<uuid:matter>")
@allow("staff:boxoffice")
def decide(matter: UUID) -> ResponseReturnValue:
    """Carry out a decision; what somebody else has decided meanwhile is told and changes nothing."""
    wanted = form_line("do")
    try:
        with runtime().database.transaction() as session:
            refund = _do(session, matter, wanted)
    except NotFoundError:
        return _page(refusal=words.decided_meanwhile(), status=HTTPStatus.CONFLICT)
    except DomainError as error:
        return _page(refusal=refusal_text(error), status=error.status, typed=matter)
    if refund is not None:
        ask_now(refund)
    return redirect(url_for("money.show", done=wanted), 303)


def _do(session: Session, matter: UUID, wanted: str) -> UUID | None:
    here, reason = runtime(), form_line("reason", _MOST_REASON)
    one = open_matter_by_id(session, matter, here.vault)
    if one is None or wanted not in one.decisions:
        raise NotFoundError
    if Decision(wanted) in NEEDS_REASON and not reason:
        raise ReasonRequiredError
    return _DEEDS[Decision(wanted)](session, one, reason, current_actor(), here.clock.now())


def _accept(session: Session, one: OpenMatter, reason: str, actor: Actor, now: datetime) -> None:
    accept_parked(session, one.matter.id, reason, runtime().vault, actor, now)


def _back(session: Session, one: OpenMatter, reason: str, actor: Actor, now: datetime) -> None:
    return_parked(session, one.matter.id, reason, actor, now)


def _retry(session: Session, one: OpenMatter, _reason: str, actor: Actor, now: datetime) -> UUID | None:
    if one.refund is None:
        raise NotFoundError
    retry_refund(session, one.refund.id, actor, now)
    return one.refund.id


def _cash(session: Session, one: OpenMatter, reason: str, actor: Actor, now: datetime) -> None:
    if one.refund is None:
        raise NotFoundError
    pay_in_cash(session, one.refund.id, reason, actor, now)


def _dispute(session: Session, one: OpenMatter, reason: str, actor: Actor, now: datetime) -> None:
    if one.refund is None:
        raise NotFoundError
    take_as_disputed(session, one.refund.id, reason, actor, now)


def _at_bank(session: Session, one: OpenMatter, reason: str, actor: Actor, now: datetime) -> None:
    if one.refund is None:
        raise NotFoundError
    take_as_outside(session, one.refund.id, reason, actor, now)


def _refund(session: Session, one: OpenMatter, reason: str, actor: Actor, now: datetime) -> UUID | None:
    if one.view is None:
        raise NotFoundError
    refund_id = new_id(now)
    wanted = RefundRequest(
        order_id=one.view.order.id,
        tickets=tuple(ticket.id for ticket in refundable(one.view)),
        reason=f"{_WARNED}: {reason}" if reason else _WARNED,
    )
    refund_tickets(session, refund_id, wanted, actor, now)
    close_matter(session, one.matter.id, reason or _WARNED, actor, now)
    return refund_id


def _tickets(session: Session, one: OpenMatter, reason: str, actor: Actor, now: datetime) -> None:
    try:
        chosen = tuple({UUID(text) for text in request.form.getlist("ticket")})
    except ValueError:
        raise InvalidRequestError(errors=[{"path": "ticket", "message": "no ticket's id"}]) from None
    assign_outside(session, one.matter.id, chosen, reason, actor, now)


def _loss(session: Session, one: OpenMatter, reason: str, actor: Actor, now: datetime) -> None:
    write_off_outside(session, one.matter.id, reason, actor, now)


def _send(session: Session, one: OpenMatter, _reason: str, actor: Actor, now: datetime) -> None:
    if one.receipt is None:
        raise NotFoundError
    send_again(session, one.receipt.number, actor, now)
    settle_matter(session, one.matter.gateway, one.matter.kind, one.matter.subject, now, by=actor.name)


def _close(session: Session, one: OpenMatter, reason: str, actor: Actor, now: datetime) -> None:
    close_matter(session, one.matter.id, reason, actor, now)


_DEEDS: dict[Decision, _Deed] = {
    Decision.ACCEPT: _accept,
    Decision.BACK: _back,
    Decision.RETRY: _retry,
    Decision.CASH: _cash,
    Decision.DISPUTE: _dispute,
    Decision.OUTSIDE: _at_bank,
    Decision.REFUND: _refund,
    Decision.TICKETS: _tickets,
    Decision.LOSS: _loss,
    Decision.SEND: _send,
    Decision.CLOSE: _close,
}


def _page(
    *, said: str = "", refusal: str = "", status: int = HTTPStatus.OK, typed: UUID | None = None
) -> ResponseReturnValue:
    here = runtime()
    with here.database.reading() as session:
        page = money_page(session, here.vault)
        currency = the_festival(session).currency
    body = render_template(
        "boxoffice/money.html",
        page=page,
        under_way=Money(page.under_way_minor, currency),
        said=said,
        refusal=refusal,
        typed=typed,
        reason=form_line("reason", _MOST_REASON),
    )
    return make_response(body, status)

"""Managers' pages of ticket codes: which kind new tickets get, the keys that sign them, a leaked one."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ticketing.boxoffice import keys_words
from ticketing.catalogue.programme.values import TicketCodeKind
from ticketing.catalogue.queries import the_festival
from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import DomainError, InvalidRequestError, NotFoundError
from ticketing.foundation.forms import form_line, query_line
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.sales.reissuing import ask_reissue, exposed
from ticketing.staff.frame import staff_pages
from ticketing.staff.sessions import current_actor
from ticketing.tickets.key_rules import KeyState
from ticketing.tickets.keys import list_keys, publish_key, retire_key, revoke_key, set_ticket_code

blueprint = staff_pages("ticket_codes", __name__, "/staff/ticket-codes")
blueprint.context_processor(lambda: {"key_words": keys_words})

# What a form asks for, given an open transaction.
_Deed = Callable[[Session, str, Actor, datetime], object]


@blueprint.get("/")
@allow("staff:manager")
def show() -> ResponseReturnValue:
    """Show which codes tickets get, and the keys."""
    return _page(said=keys_words.done_text(query_line("done")))


@blueprint.post("/")
@allow("staff:manager")
def change() -> ResponseReturnValue:
    """Switch between opaque and signed codes, or publish the next key."""
    vault = runtime().vault
    deeds: dict[str, _Deed] = {
        "opaque": lambda session, why, actor, now: set_ticket_code(
            session, TicketCodeKind.OPAQUE, vault, why, actor, now
        ),
        "signed": lambda session, why, actor, now: set_ticket_code(
            session, TicketCodeKind.SIGNED, vault, why, actor, now
        ),
        "publish": lambda session, why, actor, now: publish_key(session, vault, why, actor, now),
    }
    try:
        done = _do(deeds)
    except DomainError as refusal:
        return _page(error=refusal)
    return redirect(url_for("ticket_codes.show", done=done), 303)


@blueprint.get("/<int:number>")
@allow("staff:manager")
def one_key(number: int) -> ResponseReturnValue:
    """Show a key, and of one that is revoked what is left to be reissued."""
    return _key_page(number, said=keys_words.done_text(query_line("done")))


@blueprint.post("/<int:number>")
@allow("staff:manager")
def end_key(number: int) -> ResponseReturnValue:
    """Retire or revoke a key, or reissue what a revoked one has signed."""
    deeds: dict[str, _Deed] = {
        "retire": lambda session, why, actor, now: retire_key(session, number, why, actor, now),
        "revoke": lambda session, why, actor, now: _revoke(session, number, why, actor, now),
        "reissue": lambda session, why, actor, now: ask_reissue(session, number, why, actor, now),
    }
    try:
        done = _do(deeds)
    except NotFoundError:
        raise
    except DomainError as refusal:
        return _key_page(number, error=refusal)
    return redirect(url_for("ticket_codes.one_key", number=number, done=done), 303)


def _do(deeds: dict[str, _Deed]) -> str:
    here, wanted = runtime(), form_line("do")
    if wanted not in deeds:
        raise InvalidRequestError(errors=[{"path": "do", "message": "no such action"}])
    with here.database.transaction() as session:
        deeds[wanted](session, form_line("reason"), current_actor(), here.clock.now())
    return wanted


def _revoke(session: Session, number: int, why: str, actor: Actor, now: datetime) -> None:
    """Revoke a key, if whoever does it has typed its number: it cannot be undone."""
    if form_line("confirm") != str(number):
        raise InvalidRequestError(errors=[{"path": "confirm", "message": "the key's number"}])
    revoke_key(session, number, why, actor, now)


def _page(*, said: str = "", error: DomainError | None = None) -> ResponseReturnValue:
    here = runtime()
    with here.database.reading() as session:
        keys = list_keys(session, here.clock.now())
        page = render_template(
            "boxoffice/ticket_codes.html",
            kind=the_festival(session).ticket_code,
            keys=keys,
            signing=next((key for key in keys if key.state is KeyState.SIGNING), None),
            said=said,
            refusal=refusal_text(error) if error else "",
            typed=request.form,
        )
    return make_response(page, error.status if error else HTTPStatus.OK)


def _key_page(number: int, *, said: str = "", error: DomainError | None = None) -> ResponseReturnValue:
    here = runtime()
    now = here.clock.now()
    with here.database.reading() as session:
        key = next((one for one in list_keys(session, now) if one.number == number), None)
        if key is None:
            raise NotFoundError
        left = exposed(session, number, now)
        page = render_template(
            "boxoffice/signing_key.html",
            key=key,
            left=left,
            tickets=sum(one.tickets for one in left),
            said=said,
            refusal=refusal_text(error) if error else "",
            typed=request.form,
        )
    return make_response(page, error.status if error else HTTPStatus.OK)

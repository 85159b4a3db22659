"""The desk: one search field, an order with everything about it, and its refund."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.boxoffice import words
from ticketing.boxoffice.desk_queries import Found, find_orders
from ticketing.boxoffice.history import history
from ticketing.boxoffice.order_queries import DeskOrder, desk_order
from ticketing.boxoffice.refund_form import (
    FormFault,
    RefundForm,
    is_late,
    kept_reason,
    policy_fee,
    quote,
    read_form,
    refundable,
)
from ticketing.boxoffice.rules import RefundReason
from ticketing.boxoffice.search_terms import read_query
from ticketing.catalogue.queries import the_festival
from ticketing.foundation.errors import DomainError
from ticketing.foundation.forms import form_line, query_line
from ticketing.foundation.idempotency import repeatable_form
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.sales.refund_edge import make_refund
from ticketing.sales.refunds import RefundRequest
from ticketing.sales.shop import wording
from ticketing.staff.accounts import Role
from ticketing.staff.frame import staff_pages
from ticketing.staff.sessions import current_actor

blueprint = staff_pages("boxoffice", __name__, "/boxoffice")
blueprint.context_processor(lambda: {"desk": words, "wording": wording})
blueprint.add_app_template_filter(words.reason_words, "reason_words")

_MOST_QUERY = 120


@dataclass(frozen=True, kw_only=True)
class _Said:
    """What the page has to say of a refund that was tried: its faults, or a refusal."""

    status: int = 200
    faults: frozenset[FormFault] = field(default=frozenset())
    refusal: str = ""


@blueprint.get("/")
@allow("staff:boxoffice")
def desk() -> ResponseReturnValue:
    """Show the search, what it found, and the order if it found just one."""
    query = query_line("q", _MOST_QUERY)
    found = _find(query)
    if query and len(found.rows) == 1:
        return _page(query, found, found.rows[0].code, RefundForm(), _Said())
    return render_template("boxoffice/desk.html", query=query, found=found, order=None)


@blueprint.get("/orders/<order:code>")
@allow("staff:boxoffice")
def one_order(code: str) -> ResponseReturnValue:
    """Show an order beside what the search had found."""
    query = query_line("q", _MOST_QUERY)
    return _page(query, _find(query), code, RefundForm(), _Said())


@blueprint.post("/orders/<order:code>/refunds")
@allow("staff:boxoffice")
def refund(code: str) -> ResponseReturnValue:
    """Refund what was chosen, if it comes to what the button said; else show what it comes to."""
    here, actor, query = runtime(), current_actor(), form_line("q", _MOST_QUERY)
    repeat = repeatable_form(f"staff:{actor.id}")
    known = repeat.known(here.database)
    if known is not None:
        return _done(code, query, UUID(known))
    form = read_form(request.form)
    with here.database.reading() as session:
        order = desk_order(session, code, here.vault)
        festival, now = the_festival(session), here.clock.now()
        worked_out = quote(order.view, form, festival, now, even_admitted=_even_admitted())
    if worked_out.faults:
        return _page(query, _find(query), code, form, _Said(status=422, faults=worked_out.faults))
    wanted = RefundRequest(
        order_id=order.view.order.id,
        tickets=tuple(ticket.id for ticket in worked_out.chosen),
        reason=kept_reason(form, worked_out),
        fee_minor=worked_out.fee.minor,
        method=form.method,
    )
    try:
        made = make_refund(wanted, actor, repeat)
    except DomainError as refusal:
        said = _Said(status=refusal.status, refusal=refusal_text(refusal))
        return _page(query, _find(query), code, form, said)
    return _done(code, query, made)


def _find(query: str) -> Found:
    with runtime().database.reading() as session:
        return find_orders(session, read_query(query))


def _done(code: str, query: str, refund_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("boxoffice.one_order", code=code, q=query or None, done=refund_id.hex), 303)


def _page(query: str, found: Found, code: str, form: RefundForm, said: _Said) -> ResponseReturnValue:
    here = runtime()
    now = here.clock.now()
    with here.database.reading() as session:
        festival = the_festival(session)
        order = desk_order(session, code, here.vault)
    page = render_template(
        "boxoffice/desk.html",
        query=query,
        found=found,
        order=order,
        view=order.view,
        history=history(order),
        form=form,
        quote=quote(order.view, form, festival, now, even_admitted=_even_admitted()),
        refundable={ticket.id for ticket in refundable(order.view, even_admitted=_even_admitted())},
        fees={ticket.id: policy_fee(ticket, festival) for ticket in order.view.tickets},
        late={ticket.id for ticket in order.view.tickets if is_late(ticket, festival, now)},
        reasons=list(RefundReason),
        said=said,
        done=_made(order, request.args.get("done", "")),
        form_key=uuid4().hex,
        keeps_mails=here.settings.smtp_url is None,
    )
    return make_response(page, said.status)


def _made(order: DeskOrder, refund_hex: str) -> object:
    """Return the refund that the desk has just made, to say so."""
    return next((one for one in order.view.refunds if one.id.hex == refund_hex), None)


def _even_admitted() -> bool:
    """Tell whether tickets of a cancelled screening may be refunded that were used at the door."""
    return current_actor().role == Role.MANAGER

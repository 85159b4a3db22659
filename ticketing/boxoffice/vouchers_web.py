"""Staff's pages of vouchers: the series, making one, its codes and uses, stopping it."""

import csv
import io
from uuid import UUID, uuid4

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.boxoffice import voucher_words, words
from ticketing.boxoffice.voucher_form import series_request
from ticketing.catalogue.models import Price
from ticketing.catalogue.queries import all_screenings, all_sections, the_festival
from ticketing.foundation.errors import DomainError, NotFoundError
from ticketing.foundation.forms import form_line, query_line
from ticketing.foundation.idempotency import do_once, repeatable_form
from ticketing.foundation.ids import new_id
from ticketing.foundation.money import MINOR_PER_MAJOR, Money
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.sales.shop.site import zone
from ticketing.sales.voucher_queries import MOST_SHOWN, all_series, codes_of, series_of_code, series_view
from ticketing.sales.voucher_rules import LEAST_TO_PAY_MINOR, VoucherKind
from ticketing.sales.voucher_series import give_use_back, make_series, stop_series
from ticketing.staff.frame import staff_pages
from ticketing.staff.sessions import current_actor

blueprint = staff_pages("vouchers", __name__, "/boxoffice/vouchers")
blueprint.context_processor(lambda: {"voucher_words": voucher_words, "desk": words})

_MOST_CODE = 60


@blueprint.get("/")
@allow("staff:boxoffice")
def list_series() -> ResponseReturnValue:
    """Show every series; a code typed into the search leads to its own."""
    here, typed = runtime(), query_line("code", _MOST_CODE)
    with here.database.reading() as session:
        found = series_of_code(session, typed) if typed else None
        if found is not None:
            return redirect(url_for("vouchers.show", series=found, code=typed), 303)
        return render_template(
            "boxoffice/vouchers.html",
            rows=all_series(session),
            currency=the_festival(session).currency,
            money=Money,
            now=here.clock.now(),
            typed=typed,
        )


@blueprint.get("/new")
@allow("staff:manager")
def new() -> ResponseReturnValue:
    """Show the form that makes a series."""
    return _form()


@blueprint.post("/")
@allow("staff:manager")
def make() -> ResponseReturnValue:
    """Make a series; a refusal shows the form again as it was filled in."""
    here, actor = runtime(), current_actor()
    repeat = repeatable_form(f"staff:{actor.id}")
    now = here.clock.now()
    series_id = new_id(now)

    def made() -> UUID:
        with here.database.transaction() as session:
            repeat.claim(session, str(series_id), now)
            screenings = [one.code for one in all_screenings(session, zone())]
            sections = [one.code for one in all_sections(session)]
            wanted = series_request(zone(), now, screenings, sections, _bands(session))
            make_series(session, series_id, wanted, actor, now)
        return series_id

    try:
        series = do_once(here.database, repeat, made, UUID)
    except DomainError as refusal:
        return _form(refusal)
    return redirect(url_for("vouchers.show", series=series, done="made"), 303)


@blueprint.get("/<uuid:series>")
@allow("staff:boxoffice")
def show(series: UUID) -> ResponseReturnValue:
    """Show a series with its codes and the orders that used them."""
    return _page(series)


@blueprint.get("/<uuid:series>/codes.csv")
@allow("staff:manager")
def download(series: UUID) -> ResponseReturnValue:
    """Give the codes as a table to print or to mail."""
    with runtime().database.reading() as session:
        view = series_view(session, series)
        rows = codes_of(session, series)
    text = io.StringIO()
    table = csv.writer(text)
    if view.series.kind == VoucherKind.GIFT:
        table.writerow(("code", "orders", "left"))
        table.writerows((row.code, row.uses, (row.left_minor or 0) // MINOR_PER_MAJOR) for row in rows)
    else:
        table.writerow(("code", "uses", "uses_allowed"))
        table.writerows((row.code, row.uses, row.uses_allowed) for row in rows)
    response = Response(text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"vouchers-{view.series.prefix or 'codes'}.csv"
    )
    return response


@blueprint.post("/<uuid:series>/stop")
@allow("staff:manager")
def stop(series: UUID) -> ResponseReturnValue:
    """Let no more orders use a series."""
    here = runtime()
    try:
        with here.database.transaction() as session:
            stop_series(session, series, form_line("reason"), current_actor(), here.clock.now())
    except NotFoundError:
        raise
    except DomainError as refusal:
        return _page(series, refusal)
    return redirect(url_for("vouchers.show", series=series, done="stopped"), 303)


@blueprint.post("/<uuid:series>/uses/<order:code>")
@allow("staff:manager")
def return_use(series: UUID, code: str) -> ResponseReturnValue:
    """Count a refunded order's use no longer."""
    here = runtime()
    try:
        with here.database.transaction() as session:
            give_use_back(session, series, code, form_line("reason"), current_actor(), here.clock.now())
    except NotFoundError:
        raise
    except DomainError as refusal:
        return _page(series, refusal)
    return redirect(url_for("vouchers.show", series=series, done="returned"), 303)


def _bands(session: Session) -> list[str]:
    return list(session.scalars(select(Price.band).where(Price.band != "").distinct().order_by(Price.band)))


def _page(series: UUID, refusal: DomainError | None = None) -> Response:
    here, typed = runtime(), query_line("code", _MOST_CODE)
    with here.database.reading() as session:
        view = series_view(session, series, typed)
        titles = {one.code: one for one in all_screenings(session, zone())}
        page = render_template(
            "boxoffice/voucher_series.html",
            view=view,
            series=view.series,
            currency=the_festival(session).currency,
            money=Money,
            now=here.clock.now(),
            typed=typed,
            most_shown=MOST_SHOWN,
            done=query_line("done"),
            refusal=refusal_text(refusal) if refusal else "",
            screenings=[titles[code] for code in view.series.screenings if code in titles],
            sections=[one for one in all_sections(session) if one.code in view.series.sections],
        )
    return make_response(page, refusal.status if refusal else 200)


def _form(refusal: DomainError | None = None) -> Response:
    here = runtime()
    with here.database.reading() as session:
        page = render_template(
            "boxoffice/voucher_form.html",
            kinds=list(VoucherKind),
            screenings=all_screenings(session, zone()),
            sections=all_sections(session),
            bands=_bands(session),
            typed=request.form,
            form_key=uuid4().hex,
            refusal=refusal_text(refusal) if refusal else "",
            wrong=str(refusal.params.get("field", "")) if refusal else "",
            least=Money(LEAST_TO_PAY_MINOR, the_festival(session).currency),
        )
    return make_response(page, refusal.status if refusal else 200)

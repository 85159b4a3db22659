"""The settlement as a page and as a file for spreadsheets."""

import csv
import io
from datetime import date

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ticketing.foundation.errors import InvalidRequestError
from ticketing.foundation.forms import query_line
from ticketing.foundation.money import MINOR_PER_MAJOR, Money
from ticketing.foundation.web import allow, runtime
from ticketing.reports import settlement_words
from ticketing.reports.settlement import HELD, OWED, Period, Settlement, settlement
from ticketing.staff.frame import staff_pages

blueprint = staff_pages("settlement", __name__, "/staff/settlement")
# Any day of Kassa's is between these; the ends of the calendar have no neighbours.
_FIRST_YEAR, _LAST_YEAR = 2000, 2999
_COLUMNS = ("screening", "starts_at", "tickets", "free", "given_back", "sold", "returned", "disputed", "kept")


@blueprint.get("/")
@allow("staff:manager")
def show() -> ResponseReturnValue:
    """Show the accounts of a period."""
    period = _period()
    return render_template(
        "reports/settlement.html",
        books=_read(period),
        period=period,
        money=Money,
        words=settlement_words,
        held=HELD,
        owed=OWED,
    )


@blueprint.get("/screenings.csv")
@allow("staff:manager")
def download() -> ResponseReturnValue:
    """Return a line for each screening; amounts in whole units with two decimals, a mark for UTF-8."""
    books = _read(_period())
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(_COLUMNS)
    for screening, sums in books.screenings:
        amounts = (sums.sold, sums.returned, sums.disputed, sums.kept)
        table.writerow(
            (
                screening.code,
                screening.starts_at.isoformat(),
                sums.tickets,
                sums.free,
                sums.given_back,
                *(f"{amount / MINOR_PER_MAJOR:.2f}" for amount in amounts),
            )
        )
    response = Response(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename="settlement.csv")
    return response


def _read(period: Period) -> Settlement:
    with runtime().database.reading() as session:
        return settlement(session, period)


def _period() -> Period:
    """Return the days that were asked for. Raises InvalidRequestError for what is no day."""
    days: list[date | None] = []
    for name in ("from", "to"):
        text = query_line(name)
        try:
            days.append(date.fromisoformat(text) if text else None)
        except ValueError:
            raise InvalidRequestError(errors=[{"path": name, "message": _("no date")}]) from None
        if days[-1] is not None and not _FIRST_YEAR <= days[-1].year <= _LAST_YEAR:
            raise InvalidRequestError(errors=[{"path": name, "message": _("no date")}])
    first, last = days
    if first is not None and last is not None and last < first:
        first, last = last, first
    return Period(first=first, last=last)

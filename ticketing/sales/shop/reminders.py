"""Having no more reminders: the page behind a reminder's link, and mail programs' own button (RFC 8058)."""

from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, select

from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.postbox import stop_reminders
from ticketing.foundation.web import allow, runtime
from ticketing.sales.models import Order
from ticketing.sales.notices import REMINDERS
from ticketing.sales.shop.site import private
from ticketing.sales.transfer_models import Transfer

# Not guarded against forged forms: the key is in the mail alone, and a mail program sends no cookie.
blueprint = Blueprint("reminders", __name__, url_prefix="/<language:language>")


@blueprint.get("/orders/<order:code>/reminders")
@blueprint.get("/sent/<uuid:transfer>/reminders")
@allow("buyer")
def show(code: str | None = None, transfer: UUID | None = None) -> ResponseReturnValue:
    """Show the button: a look alone, as mail scanners take, changes nothing."""
    _address(code, transfer)
    page = render_template("shop/reminders.html", stopped="stopped" in request.args)
    return private(Response(page))


@blueprint.post("/orders/<order:code>/reminders")
@blueprint.post("/sent/<uuid:transfer>/reminders")
@allow("buyer")
def stop(code: str | None = None, transfer: UUID | None = None) -> ResponseReturnValue:
    """Write no more reminders to the buyer's address, or to the friend's."""
    here = runtime()
    address = _address(code, transfer)
    with here.database.transaction() as session:
        stop_reminders(session, address, here.clock.now())
    if request.form.get("List-Unsubscribe") == "One-Click":
        return Response("", 204)
    return redirect(f"{request.path}?{urlencode({'key': request.args['key'], 'stopped': ''})}", 303)


def _address(code: str | None, transfer: UUID | None) -> str:
    """Return the address that the key in the query is for. Raises NotFoundError."""
    query: Select[UUID, str] = select(Order.id, Order.buyer_email).where(Order.code == code)
    if transfer is not None:
        query = select(Transfer.id, Transfer.to_email).where(Transfer.id == transfer)
    with runtime().database.reading() as session:
        row = session.execute(query).one_or_none()
    if row is None or not runtime().keys.matches(REMINDERS, row[0], request.args.get("key", "")):
        raise NotFoundError
    return str(row[1])

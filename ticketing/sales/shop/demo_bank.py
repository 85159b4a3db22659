"""The demo bank's page: a bank of play, with every turn that a real one can take."""

from flask import Blueprint, Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.foundation.errors import InvalidRequestError, NotFoundError
from ticketing.foundation.money import Money
from ticketing.foundation.web import allow, runtime
from ticketing.sales.demo_play import demo_outcome
from ticketing.sales.edge import desk
from ticketing.sales.models import DemoSession
from ticketing.sales.payments import demo
from ticketing.sales.shop.site import private, see_other

blueprint = Blueprint("demo_bank", __name__, url_prefix="/demo-bank")


@blueprint.get("/<session:session>")
@allow("buyer")
def show(session: str) -> ResponseReturnValue:
    """Show the payment page; with `?step=check`, the bank's question whether the card's owner pays."""
    row = _session(session)
    is_check = request.args.get("step") == "check" and row.state == "open"
    page = render_template(
        "demo_bank/check.html" if is_check else "demo_bank/pay.html",
        payment=row,
        amount=Money(row.amount_minor, row.currency),
    )
    return private(Response(page))


@blueprint.post("/<session:session>")
@allow("buyer")
def play(session: str) -> ResponseReturnValue:
    """Do what the player chose, then lead back to the shop, as a bank does."""
    row = _session(session)
    chosen = request.form.get("outcome", "")
    if chosen == "check":
        return see_other(f"{url_for('demo_bank.show', session=session)}?step=check")
    if chosen not in set(demo.Outcome):
        raise InvalidRequestError(errors=[{"path": "outcome", "message": "not one of the bank's"}])
    if row.state == "open":
        demo_outcome(session, demo.Outcome(chosen))
    return see_other(row.return_url)


def _session(session_id: str) -> DemoSession:
    if demo.NAME not in desk().calls.gateways:
        raise NotFoundError
    with runtime().database.reading() as session:
        row = demo.find_session(session, session_id)
    g.language = row.locale  # the bank speaks as the shop did when it sent the buyer
    return row

"""A buyer's receipts, as pages and as PDFs."""

from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from ticketing.foundation.api import bearer
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.i18n import language
from ticketing.foundation.pdf import PDF, print_fonts
from ticketing.foundation.web import allow, runtime
from ticketing.sales.receipt_models import Receipt
from ticketing.sales.receipts import receipt_of
from ticketing.sales.shop.own_orders import order_of_key, own_order
from ticketing.sales.shop.receipt_pdf import receipt_pdf
from ticketing.sales.shop.receipt_view import receipt_view
from ticketing.sales.shop.site import load_site, private, site

blueprint = Blueprint("receipts", __name__, url_prefix="/<language:language>")


@blueprint.get("/orders/<order:code>/receipts/<int(min=1, max=2147483647):number>")
@allow("buyer")
def show(code: str, number: int) -> ResponseReturnValue:
    """Show a receipt to whoever may see its order."""
    receipt = _receipt(own_order(code), number)
    view = receipt_view(receipt, code, site())
    return private(Response(render_template("shop/receipt.html", receipt=view, code=code)))


@blueprint.get("/orders/<order:code>/receipts/<int(min=1, max=2147483647):number>.pdf")
@allow("buyer")
def pdf(code: str, number: int) -> ResponseReturnValue:
    """Return a receipt as a PDF; programs come with the order's key in a header."""
    order_id = order_of_key(code, bearer("Order")) if "Authorization" in request.headers else own_order(code)
    receipt = _receipt(order_id, number)
    view = receipt_view(receipt, code, site())
    made = receipt_pdf(view, print_fonts(), language(), receipt.made_at)
    response = private(Response(made, content_type=PDF))
    response.headers["Content-Disposition"] = f'inline; filename="{code}-{number}.pdf"'
    return response


def _receipt(order_id: UUID, number: int) -> Receipt:
    with runtime().database.reading() as session:
        load_site(session)
        receipt = receipt_of(session, order_id, number)
    if receipt is None:
        raise NotFoundError
    return receipt

"""A receipt in the reader's words: what its page and its PDF both show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask_babel import gettext as _

from ticketing.catalogue.models import Festival
from ticketing.foundation.i18n import full_date_time, language, money_text
from ticketing.foundation.money import Money
from ticketing.foundation.web import runtime
from ticketing.sales.receipt_models import Receipt
from ticketing.sales.receipts import RETURN
from ticketing.sales.shop import wording
from ticketing.sales.shop.cards import local
from ticketing.sales.shop.site import Site
from ticketing.tickets.qr import link_path

_NO_BIN = "000000000000"
_PERCENT = 100


@dataclass(frozen=True, kw_only=True)
class ReceiptLine:
    """A ticket that was sold or returned."""

    title: str
    place: str
    price: str
    tax: str


@dataclass(frozen=True, kw_only=True)
class ReceiptView:
    """Everything on a receipt, as text. `facts` and `sums` are pairs of a name and a value, in their order.

    `check_url` is where the tax office shows it; `standing` says whether a register has signed it.
    """

    heading: str
    number: int
    seller: str
    facts: Sequence[tuple[str, str]]
    lines: Sequence[ReceiptLine]
    sums: Sequence[tuple[str, str]]
    total: tuple[str, str]
    standing: str
    check_url: str
    # The same as a picture: its size in modules, and its dark runs' path.
    check_picture: tuple[int, str] | None


def receipt_view(receipt: Receipt, order_code: str, site: Site) -> ReceiptView:
    """Return a receipt in the language of the request."""
    is_return = receipt.kind == RETURN
    return ReceiptView(
        heading=receipt_title(receipt.kind, receipt.number),
        number=receipt.number,
        seller=site.festival.organiser,
        facts=_facts(receipt, order_code, site),
        lines=[_line(line, receipt, site) for line in receipt.lines],
        sums=_sums(receipt),
        total=(_("Given back") if is_return else _("Total"), _money(receipt, receipt.amount_minor)),
        standing=_standing(receipt),
        check_url=receipt.check_url,
        check_picture=link_path(receipt.check_url) if receipt.check_url else None,
    )


def receipt_title(kind: str, number: int) -> str:
    """Return what a receipt is called."""
    if kind == RETURN:
        return str(_("Receipt of a return, No. %(number)s", number=number))
    return str(_("Receipt No. %(number)s", number=number))


def _facts(receipt: Receipt, order_code: str, site: Site) -> list[tuple[str, str]]:
    festival: Festival = site.festival
    facts = [
        (_("BIN of the seller"), "" if festival.organiser_bin == _NO_BIN else festival.organiser_bin),
        (_("Date and time"), full_date_time(receipt.at, site.zone, language())),
        (_("Operation"), _("Return of a purchase") if receipt.kind == RETURN else _("Sale")),
        (_("Place of sale"), _place(receipt, site)),
        (_("Cashier"), receipt.cashier),
        (_("Order"), order_code),
        (_("Register number"), receipt.register),
        (_("Fiscal sign"), receipt.sign),
        (_("Operator of fiscal data"), receipt.operator),
    ]
    return [(name, value) for name, value in facts if value]


def _place(receipt: Receipt, site: Site) -> str:
    """Return where it was sold: on the web, unless cash went through a till."""
    if receipt.cashier:
        city = getattr(site.festival.city, language())
        return str(_("Box office, %(city)s", city=city))
    return urlsplit(runtime().settings.base_url).netloc


def _line(line: dict[str, object], receipt: Receipt, site: Site) -> ReceiptLine:
    titles = line["title"]
    title = str(titles[language()] if isinstance(titles, dict) else titles)
    section, row, number, band = (str(line[name]) for name in ("section", "row", "number", "band"))
    starts = local(datetime.fromisoformat(str(line["starts_at"])), site.zone)
    place = wording.place_name(section, row, number, band)
    concession = wording.concession(str(line["concession"]))
    tax = int(str(line["tax_minor"]))
    return ReceiptLine(
        title=f"{title}, {wording.day_month(starts.date(), language())}, {starts:%H:%M}",
        place=f"{place}, {concession[:1].lower()}{concession[1:]}",
        price=f"1 × {_money(receipt, int(str(line['price_minor'])))}",
        tax=_("VAT %(amount)s", amount=_money(receipt, tax)) if receipt.tax_rate else "",
    )


def _sums(receipt: Receipt) -> list[tuple[str, str]]:
    card = receipt.amount_minor - receipt.cash_minor
    sums = [(_("Kept as a fee"), -receipt.fee_minor)]
    ways = [(_("By card or bank"), card), (_("In cash"), receipt.cash_minor)]
    shown = [(name, _money(receipt, amount)) for name, amount in (*sums, *ways) if amount]
    if not receipt.tax_rate:
        return [*shown, (_("VAT"), _("not charged"))]
    rate = f"{receipt.tax_rate / _PERCENT:g}".replace(".", ",")
    return [*shown, (_("Including VAT %(rate)s %%", rate=rate), _money(receipt, receipt.tax_minor))]


def _standing(receipt: Receipt) -> str:
    if receipt.sign:
        return str(_("Fiscal receipt"))
    return str(_("Not a fiscal receipt: no fiscal register has signed it."))


def _money(receipt: Receipt, minor: int) -> str:
    return money_text(Money(minor, receipt.currency))

"""The style page: every token and part of the product, drawn by its own templates and style sheets."""

from dataclasses import replace
from datetime import timedelta

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from ticketing.boxoffice import words
from ticketing.catalogue.posters import Motif, poster_svg
from ticketing.catalogue.posters.palette import PALETTES
from ticketing.catalogue.queries import all_sections
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.money import Money
from ticketing.foundation.pictures import drawn
from ticketing.foundation.web import allow, runtime
from ticketing.sales.shop.order_page import TicketCard
from ticketing.sales.shop.states import SaleState
from ticketing.staff.frame import staff_pages
from ticketing.tickets.qr import svg_path

blueprint = staff_pages("style", __name__, "/staff/style")

# The tokens of static/src, tokens.css and measures.css, in their order; a test keeps the two the same.
COLOURS = (
    "ground", "surface", "sunken", "line", "line-strong", "text", "muted",
    "action", "on-action", "action-hover", "spark", "on-spark", "focus",
    "band-line", "band-soft", "band-solid", "band-over", "band-deep", "band-deep-over",
    "good", "warn", "bad", "info", "good-soft", "warn-soft", "bad-soft", "info-soft",
)  # fmt: skip
# Each size with words in one of the languages.
TYPE = {
    "t-num": "25",
    "t-3xl": "Құрылтай жолы",
    "t-2xl": "Тұзды жел",
    "t-xl": "Paper Border",
    "t-l": "Песнь о Маншук",
    "t-m": "12-қатар, 10-орын",
    "t-s": "ә ғ қ ң ө ұ ү һ і",
    "t-xs": "1\u00a0500\u00a0₸, 2\u00a0500\u00a0₸",
}
WEIGHTS = ("w-text", "w-mid", "w-bold", "w-head", "w-black")
SPACES = ("sp-1", "sp-2", "sp-3", "sp-4", "sp-5", "sp-6", "sp-7", "sp-8", "sp-9", "edge", "measure", "target")
SHAPES = ("r-1", "r-2", "r-full", "r-horn", "r-horn-l")
BAND_LOOKS = ("line", "soft", "solid", "deep")
# The scanner's four tones, each with one of its verdicts.
TONES = {
    "ok": ("accepted", "ok"),
    "no": ("refused", "already_in"),
    "go": ("refused", "wrong_screening"),
    "att": ("accepted", "ok_attention"),
}
_CURRENCY = "KZT"
_HELD = timedelta(minutes=8)
_MOTIF_SECTIONS = dict(zip(Motif, (*PALETTES, *PALETTES), strict=False))
# A code that no ticket has: codes are drawn at random.
_SAMPLE_CODE = f"K1{'KASSA' * 5}0"


@blueprint.get("")
@allow("staff:manager")
def show() -> ResponseReturnValue:
    """Show the parts by day and by night."""
    with runtime().database.reading() as session:
        names = {section.code: section.name for section in all_sections(session)}
        return render_template(
            "staff/style.html",
            colours=COLOURS,
            types=TYPE,
            weights=WEIGHTS,
            spaces=SPACES,
            shapes=SHAPES,
            looks=BAND_LOOKS,
            tones={tone: words.scan_word(*verdict) for tone, verdict in TONES.items()},
            sections={code: names.get(code) for code in PALETTES},
            motifs=_MOTIF_SECTIONS,
            states=[_Sale(state) for state in SaleState],
            tickets=_tickets(),
            until=runtime().clock.now() + _HELD,
        )


@blueprint.get("/posters/<code:motif>.svg")
@allow("staff:manager")
def poster(motif: str) -> Response:
    """Return a poster of a motif. Raises NotFoundError when there is no such motif."""
    if motif not in set(Motif):
        raise NotFoundError
    drawing = poster_svg(motif, _MOTIF_SECTIONS[Motif(motif)], motif)
    return drawn(drawing, lambda: drawing, "image/svg+xml; charset=utf-8")


class _Sale:
    """As much of a screening's card as its state's words need."""

    def __init__(self, state: SaleState) -> None:
        self.state = state
        self.free = 12
        self.lowest = Money(150_000, _CURRENCY)
        self.several_prices = True
        # What costs nothing says so where it is on sale as usual.
        self.is_gratis = state is SaleState.ON_SALE


def _tickets() -> list[TicketCard]:
    size, path = svg_path(_SAMPLE_CODE)
    valid = TicketCard(
        instead_of=None,
        name="",
        block="",
        row="12",
        number="10",
        concession="student",
        price=Money(150_000, _CURRENCY),
        void=None,
        returnable=None,
        sendable=None,
        walletable=None,
        sent=None,
        admitted=None,
        qr_size=size,
        qr_path=path,
        code=_SAMPLE_CODE,
        card_to_show=None,
    )
    return [valid, replace(valid, number="11", void="refunded", code="", qr_path="")]

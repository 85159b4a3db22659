"""A printed ticket with long words in it, as drawing needs one: no database, no request."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ticketing.foundation.print_fonts import PrintFonts
from ticketing.tickets.printed import PrintedTicket

MADE_AT = datetime(2026, 9, 1, 12, tzinfo=UTC)
CODE = "K1SHZF72BSJVD4SRHE2DSERHKVEY"
TICKET = PrintedTicket(
    festival="«Еуразия» халықаралық кинофестивалі",
    order="Тапсырыс KX7-4M2Q",
    count="1 / 2",
    section="international",
    section_name="Халықаралық байқау",
    title="Әділдік іздеген Үміт пен Ғазиздің Ұлы өзенге сапары",
    other_titles=("Стеклянный сад", "Glass Orchard"),
    film_facts="Қазақстан, Қырғызстан · 2023 · 118 мин · қазақша · субтитр: орысша, ағылшынша",
    age_rating="16+",
    time="19:30",
    date="2024\u00a0ж. 25\u00a0қараша, дүйсенбі",
    doors="Кіру басталады: 19:00",
    hall="1-зал",
    venue="Kinopark 11 IMAX Esentai",
    address="Әл-Фараби даңғылы, 77/8, Алматы",
    seat=(("қатар", "12"), ("орын", "10")),
    block="Амфитеатр",
    place="Амфитеатр, 12-қатар, 10-орын",
    concession="Студент",
    price="2\u00a0500\u00a0₸",
    rules=(
        "16 жасқа толмағандар билетпен де кіргізілмейді.",
        "Студент: кіреберісте студенттік куәлігіңізді көрсетіңіз.",
        "Код бір рет қана жарамды. Экраннан көрсетсеңіз де болады.",
    ),
    code=CODE,
)
UNNUMBERED = replace(TICKET, seat=(), block="", place="Нөмірсіз орын", code="K1VQRE5RDGDS2G2Z25KGWLVST5Y4")


def print_fonts() -> PrintFonts:
    """Return the fonts that `make build` has made."""
    return PrintFonts(Path(__file__).parents[2] / "static" / "print")

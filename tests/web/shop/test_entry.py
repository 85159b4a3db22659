"""The page that is held up at the door."""

from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from PIL import Image, ImageDraw
from sqlalchemy import select

from tests.support.kassa import Json, Kassa, expect
from tests.web.shop.conftest import Page, Shopper
from ticketing.catalogue.models import Film, Screening, ScreeningFilm
from ticketing.catalogue.revision import bump
from ticketing.tickets.codes import in_groups
from ticketing.tickets.qr import svg_path

SIZES = [1, 2, 4, 9]


def bought(kassa: Kassa, shopper: Shopper) -> Json:
    """A paid order of two that the shopper may see."""
    order = kassa.buy()
    shopper.get(f"orders/{order['order']}?key={order['key']}", 303)
    return {**order, "tickets": tickets_of(kassa, order)}


def tickets_of(kassa: Kassa, order: Json) -> list[Json]:
    read = kassa.get(f"/api/v1/orders/{order['order']}", f"Order {order['key']}")
    return list(expect(read, 200)["tickets"])


def drawn(page: Page, number: int, scale: int) -> Image.Image:
    """Draw a code of a page as its SVG says, at so many pixels a module."""
    (svg,) = [ET.fromstring(part) for part in svgs(page)[number : number + 1]]
    size = int(svg.attrib["viewBox"].split()[-1])
    picture = Image.new("L", (size * scale, size * scale), 255)
    drawing = ImageDraw.Draw(picture)
    for run in svg.findall("path")[-1].attrib["d"].removesuffix("z").split("z"):
        start, _, rest = run.removeprefix("M").partition("h")
        (x, y), width = (int(part) for part in start.split()), int(rest.partition("v")[0])
        drawing.rectangle((x * scale, y * scale, (x + width) * scale - 1, (y + 1) * scale - 1), fill=0)
    return picture


def svgs(page: Page) -> list[str]:
    """Return the pictures of codes on a page."""
    parts = page.html.split('<div class="qr">')[1:]
    return [part.partition("</div>")[0].strip() for part in parts]


@pytest.mark.parametrize("scale", SIZES)
def test_each_code_is_read_from_its_svg_by_another_decoder(
    kassa: Kassa, shopper: Shopper, scale: int
) -> None:
    order = bought(kassa, shopper)
    page = shopper.get(f"orders/{order['order']}/tickets")
    assert len(svgs(page)) == len(order["tickets"])
    for number, ticket in enumerate(order["tickets"]):
        (found,) = zxingcpp.read_barcodes(drawn(page, number, scale))
        assert found.text == ticket["code"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("kk", "Код бір рет қана жарамды."),
        ("ru", "Код действует один раз."),
        ("en", "The code works once."),
    ],
)
def test_it_says_what_one_needs_at_the_door(kassa: Kassa, language: str, said: str) -> None:
    shopper = Shopper(kassa, language)
    order = bought(kassa, shopper)
    page = shopper.get(f"orders/{order['order']}/tickets")
    assert page.response.headers["Cache-Control"] == "no-store"
    assert said in page.words
    screening = expect(kassa.get("/api/v1/screenings/s06"), 200)
    assert screening["title"][language] in page.words
    for ticket in order["tickets"]:
        assert in_groups(ticket["code"]) in page.words
        assert page.all("a", href=f"/{language}/tickets/{order['order']}-{ticket['ticket']}.pdf")
    assert page.all("a", class_="pass__map")[0]["href"].startswith("https://2gis.kz/search/")


def test_only_valid_tickets_are_held_up(kassa: Kassa, shopper: Shopper) -> None:
    order = bought(kassa, shopper)
    first, *others = order["tickets"]
    staff = kassa.staff()
    kassa.refund({"order": order["order"]}, staff, tickets=[first["ticket"]])
    page = shopper.get(f"orders/{order['order']}/tickets")
    assert in_groups(first["code"]) not in page.words
    assert svg_path(first["code"])[1] not in page.html
    assert all(in_groups(ticket["code"]) in page.words for ticket in others)
    kassa.refund({"order": order["order"]}, staff, tickets=[ticket["ticket"] for ticket in others])
    gone = shopper.get(f"orders/{order['order']}/tickets", 303)
    assert gone.response.location == f"/en/orders/{order['order']}"


def test_strangers_see_none(kassa: Kassa, shopper: Shopper) -> None:
    order = kassa.buy()
    page = shopper.get(f"orders/{order['order']}/tickets", 404)
    assert not svgs(page)


def test_of_several_films_the_ticket_says_how_many_and_how_long(kassa: Kassa, shopper: Shopper) -> None:
    order = bought(kassa, shopper)
    code = order["order"]
    assert "films" not in shopper.get(f"orders/{code}/tickets").words
    with kassa.database.transaction() as session:
        (own,) = session.scalars(select(ScreeningFilm).join(Screening).where(Screening.code == "s06"))
        others = session.scalars(select(Film).where(Film.id != own.film_id).order_by(Film.id)).all()
        session.add(ScreeningFilm(screening_id=own.screening_id, position=2, film_id=others[0].id))
        long = session.get_one(Film, own.film_id).runtime_minutes + others[0].runtime_minutes
        bump(session)
    assert f"2 films · {long} min · " in shopper.get(f"orders/{code}/tickets").words

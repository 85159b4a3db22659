"""Whatever is sent to the shop's pages, the answer is a page or a refusal, never a fault."""

from itertools import product

import pytest

from tests.support.kassa import Kassa
from tests.web.shop.conftest import Shopper

pytestmark = pytest.mark.each_database

HUGE = "9" * 5000
TEXTS = [
    "\x00",
    "\ud7ff\uffff",
    "'\"><script>alert(1)</script>",
    HUGE,
    "-1",
    "0",
    "1e9",
    "١٢",
    "%(x)s{{7*7}}",
    " ",
]
PATHS = [
    "?section={}&hall={}&audio={}&subtitles={}&places={}&gratis={}&day={}",
    "?day=0001-01-01&x={}",
    "?day=9999-12-31",
    "?_external=1&_scheme=javascript&_anchor={}&endpoint=x&language=ru&_method=POST",
    "films/?endpoint={}&_scheme={}",
    "screenings/s06?place={}",
    "screenings/s06?place=З-12-10&place={}",
    "orders/AAA-AAAA?key={}",
    "tickets/?key={}",
    "basket?act={}",
    "terms?language={}",
    "plan?s={}",
    "plan?s=s06.{}.s06&back={}",
    "plan.ics?s=s06.{}",
    "screenings/s06?from={}",
]
FORMS = [
    ("screenings/s06", "place"),
    ("screenings/s06", "quantity"),
    ("screenings/s07", "quantity"),
    ("screenings/nowhere", "quantity"),
    ("basket", "act"),
    ("checkout", "email"),
    ("checkout", "name"),
    ("checkout", "phone"),
    ("checkout", "form_key"),
    ("checkout", "overlap"),
    ("plan", "add"),
    ("plan", "remove"),
    ("plan", "take"),
    ("plan", "back"),
    ("plan/hold", "quantity"),
    ("plan/hold", "screening"),
    ("orders/AAA-AAAA/pay", "form_key"),
    ("/demo-bank/demo_0", "outcome"),
]


@pytest.fixture
def here(kassa: Kassa) -> Shopper:
    shopper = Shopper(kassa)
    shopper.choose_number("s06", 1, best="1")
    return shopper


@pytest.mark.parametrize("path", PATHS)
def test_odd_addresses(visitor: Shopper, path: str) -> None:
    for text in TEXTS:
        answer = visitor.client.get(f"/en/{path.split('?', maxsplit=1)[0]}", query_string=_query(path, text))
        assert answer.status_code < 500, text
        assert "<script>alert" not in answer.get_data(as_text=True)


def test_odd_forms(here: Shopper) -> None:
    page = here.get("checkout")
    for (path, field), text in product(FORMS, TEXTS):
        form = {"email": "a@example.kz", "name": "A", "best": "1", field: text}
        answer = here.send(path, form, page)
        assert answer.status_code < 500, (path, field, text)
        assert "<script>alert" not in answer.get_data(as_text=True)


def test_odd_choices_of_a_concession_are_not_taken(here: Shopper) -> None:
    select = here.get("basket").all("select")[0]["name"]
    for text in TEXTS:
        here.act("update", **{select: text})
        assert here.get("basket").all("option", value="adult", selected="")


def test_more_fields_than_any_form_has(here: Shopper) -> None:
    many = here.send("screenings/s06", {"place": [f"З-1-{n}" for n in range(900)]})
    assert many.status_code == 422
    too_much = here.send("screenings/s06", {"place": "З" * 600_000})
    assert too_much.status_code == 413


@pytest.mark.parametrize("cookie", ["x", "", "eyJhIjoxfQ.x.y", HUGE[:3000], "\x00"])
def test_foreign_cookies(visitor: Shopper, cookie: str) -> None:
    for name in ("session", "orders", "language", "plan"):
        visitor.client.set_cookie(name, cookie)
    for path in ("", "basket", "tickets/", "screenings/s06", "plan"):
        assert visitor.get(path).status == 200
    assert visitor.get("orders/AAA-AAAA", 404)


@pytest.mark.parametrize(
    "path",
    [
        "/xx/",
        "/kk",
        "/kk/films",
        "/en/screenings/%00",
        "/en/orders/%D0%AF",
        "/demo-bank/%2e%2e",
        "//x",
        "/en//",
    ],
)
def test_odd_paths(visitor: Shopper, path: str) -> None:
    assert visitor.client.get(path).status_code in (301, 308, 404)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
def test_other_methods(visitor: Shopper, method: str) -> None:
    assert visitor.client.open("/en/", method=method).status_code in (400, 405)


def _query(path: str, text: str) -> list[tuple[str, str]]:
    _, _, query = path.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return [(name, value.replace("{}", text)) for name, _, value in pairs]

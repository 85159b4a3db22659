"""Every kind of page there is, each in a state worth looking at: who sees it, and where."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.buyer import neighbours
from tests.browser.live import Json, Live
from tests.support.calls import API, OverHttp, hold, pay
from ticketing.demo_run import DEMO_ACCOUNTS
from ticketing.sales.notices import REMINDERS
from ticketing.sales.own_links import OWN_LINK, ask

NUMBERED, UNNUMBERED, CEREMONY, SHORT = "s04", "s07", "s18", "s06"
_MANAGER = DEMO_ACCOUNTS[0]
_LOOKS = 40
_PLANNED = ("s04", "s05", "s06", "s07")

Deed = Callable[[Page], None]


@dataclass(frozen=True)
class Sight:
    """A page: its name, whose browser opens it, its address, and what is done there before one looks."""

    name: str
    who: str
    path: str
    deed: Deed | None = None


@dataclass
class Visit:
    """One language's people, with their cookies, and the pages that they look at."""

    live: Live
    browser: Browser
    folder: Path
    language: str
    people: dict[str, BrowserContext] = field(default_factory=dict)
    _line: OverHttp | None = None

    def sights(self) -> Iterator[Sight]:
        """Yield every page, and bring each into its state before it is asked for."""
        yield from self._for_anybody()
        yield from self._in_the_basket()
        yield from self._with_a_plan()
        yield from self._after_buying()
        yield from self._by_a_link()
        yield from self._for_staff()
        yield from self._letters()

    def page(self, who: str, **options: object) -> Page:
        """Return a page in somebody's browser."""
        if who not in self.people:
            context = self.browser.new_context(locale=_LOCALES[self.language], **options)  # type: ignore[arg-type]
            self.people[who] = context
        return self.people[who].new_page()

    def address(self, path: str) -> str:
        """Return a page's whole address: a shop's page in the visit's language."""
        if path.startswith(("http:", "file:")):
            return path
        shop = not path.startswith(("/staff", "/boxoffice", "/scanner"))
        return f"{self.live.base}/{self.language}{path}" if shop else f"{self.live.base}{path}"

    @property
    def here(self) -> Live:
        """The same Kassa over a new connection: a server gives up one that is silent for a minute."""
        self._hang_up()
        self._line = OverHttp(self.live.server.port)
        return replace(self.live, call=self._line)

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()

    def end(self) -> None:
        """Close everybody's browser."""
        for context in self.people.values():
            context.close()
        self._hang_up()

    def _for_anybody(self) -> Iterator[Sight]:
        for name, path in (
            ("programme", "/"),
            ("programme-nothing-fits", "/?places=1&day=1999-01-01"),
            ("programme-found", "/?q=shyny"),
            ("films", "/films/"),
            ("films-not-found", "/films/?q=brontosaurus"),
            ("film", "/films/ninth-well"),
            ("screening-numbered", f"/screenings/{NUMBERED}"),
            ("screening-unnumbered", f"/screenings/{UNNUMBERED}"),
            ("screening-ceremony", f"/screenings/{CEREMONY}"),
            ("screening-sold-out", "/screenings/s13"),
            ("basket-empty", "/basket"),
            ("my-tickets-empty", "/tickets/"),
            ("plan-empty", "/plan"),
            ("plan-shared", f"/plan?s={'.'.join(_PLANNED)}"),
            ("terms", "/terms"),
            ("not-found", "/nowhere"),
            ("order-locked", "/orders/KX7-4M2Q"),
        ):
            yield Sight(name, "stranger", path)
        yield Sight("screening-refused", "stranger", f"/screenings/{NUMBERED}", self._ask_for_a_taken_seat)
        yield Sight("form-expired", "stranger", f"/screenings/{UNNUMBERED}", _send_an_old_form)

    def _ask_for_a_taken_seat(self, page: Page) -> None:
        (taken,) = neighbours(self.here, NUMBERED, "12", ["12"])
        with page.expect_navigation():
            page.evaluate(
                "place => { const seat = document.querySelector('input[name=place]:not(:disabled)');"
                " seat.value = place; seat.checked = true; seat.form.requestSubmit(); }",
                taken,
            )

    def _in_the_basket(self) -> Iterator[Sight]:
        page = self.page("shopper")
        for screening in (NUMBERED, UNNUMBERED):
            page.goto(self.address(f"/screenings/{screening}"))
            form = "form#best" if screening == NUMBERED else "form.amount"
            token = page.locator(f"{form} input[name=csrf_token]").get_attribute("value")
            page.request.post(
                self.address(f"/screenings/{screening}"), form={"csrf_token": str(token), "quantity": "2"}
            )
        page.close()
        yield Sight("basket", "shopper", "/basket")
        yield Sight("checkout", "shopper", "/checkout")
        yield Sight("checkout-faults", "shopper", "/checkout", _send_the_empty_checkout)

    def _by_a_link(self) -> Iterator[Sight]:
        here = self.live.runtime
        with here.database.transaction() as session:
            link = ask(session, f"nobody@example.{self.language}", self.language, here.clock.now())
        path = f"/tickets/link/{link}"
        yield Sight("own-link", "finder", f"{path}?key={here.keys.key(OWN_LINK, link)}")
        yield Sight("own-link-used", "finder", path, _press_twice)

    def _with_a_plan(self) -> Iterator[Sight]:
        page = self.page("planner")
        page.goto(self.address("/"))
        token = page.locator("#plan input[name=csrf_token]").get_attribute("value")
        for code in _PLANNED:
            page.request.post(self.address("/plan"), form={"csrf_token": str(token), "add": code})
        page.close()
        yield Sight("plan", "planner", "/plan")

    def _after_buying(self) -> Iterator[Sight]:
        waiting = self._order(1)
        yield Sight("bank", "owner", str(waiting["payment"]["url"]))
        yield Sight("order-unpaid", "owner", _key_path(waiting))
        declined = self._order(1)
        assert pay(self.here.call, declined, "decline").status == 200
        yield Sight("order-declined", "owner", _key_path(declined))
        paid = self._order(3)
        assert pay(self.here.call, paid).status == 200
        self._send_one_and_return_one(paid)
        code = paid["order"]
        yield Sight("order", "owner", f"/orders/{code}")
        yield Sight("tickets-at-the-door", "owner", f"/orders/{code}/tickets")
        yield Sight("receipt", "owner", f"/orders/{code}", _open_the_receipt)
        yield Sight("contact", "owner", f"/orders/{code}/contact")
        yield Sight("return", "owner", f"/orders/{code}/return")
        yield Sight("reminders", "owner", f"/orders/{code}/reminders?key={self._reminders_key(code)}")
        yield Sight(
            "send", "owner", f"/orders/{code}", lambda page: page.locator("a[href$='/send']").first.click()
        )
        yield Sight("my-tickets", "owner", "/tickets/")
        (sent,) = [one["transfer"] for one in self.here.read(paid)["tickets"] if one["transfer"]]
        key = self.live.runtime.keys.key("transfer", UUID(sent["transfer"]))
        yield Sight("sent", "friend", f"/sent/{sent['transfer']}?key={key}")
        yield Sight("sent-locked", "stranger", f"/sent/{sent['transfer']}")
        yield Sight("friend", "friend", f"/sent/{sent['transfer']}", _open_the_ticket)

    def _reminders_key(self, code: str) -> str:
        order = self.live.value("SELECT id FROM orders WHERE code = :code", code=code)
        return self.live.runtime.keys.key(REMINDERS, UUID(str(order)))

    def _order(self, places: int) -> Json:
        held = hold(self.here.call, SHORT, places).body
        body = {
            "holds": [{"hold": held["hold"], "key": held["key"]}],
            "buyer": {"email": f"aigerim.{self.language}@example.kz", "name": "Айгерім Сейтқали"},
            "locale": self.language,
            "accept_terms": True,
        }
        ordered = self.here.call("POST", f"{API}/orders", body)
        assert ordered.status == 201, ordered
        made: Json = ordered.body
        return made

    def _send_one_and_return_one(self, paid: Json) -> None:
        page = self.page("owner")
        page.goto(self.address(_key_path(paid)))
        page.locator("a[href$='/send']").first.click()
        page.locator("#name").fill("Дана Ахметова")
        page.locator("#email").fill(f"dana.{self.language}@example.kz")
        page.locator(".sent__form .btn--primary").click()
        page.locator(".ticket__return a").first.click()
        page.locator("main form .btn--primary").click()
        expect(page.locator(".ticket.is-void").first).to_be_visible()
        page.close()

    def _for_staff(self) -> Iterator[Sight]:
        yield Sight("staff-sign-in", "nobody", f"/staff/sign-in?language={self.language}")
        self.sign_in()
        order = self.here.buy(NUMBERED, 2, "Әсел Оразбаева")["order"]
        yield Sight("desk", "manager", "/boxoffice/")
        yield Sight("desk-found", "manager", "/boxoffice/?q=Ким")
        yield Sight("desk-order", "manager", f"/boxoffice/orders/{order}", _mark_a_ticket)
        for name, path in (
            ("money", "/boxoffice/money/"),
            ("shift", "/boxoffice/shift/"),
            ("refund-rules", "/boxoffice/refund-rules/"),
            ("refund-rule", f"/boxoffice/refund-rules/{NUMBERED}"),
            ("places-list", "/staff/screenings/"),
            ("places", f"/staff/screenings/{NUMBERED}/places"),
            ("places-unnumbered", f"/staff/screenings/{UNNUMBERED}/places"),
            ("comps", "/boxoffice/comps/"),
            ("comps-screening", f"/boxoffice/comps/screenings/{NUMBERED}"),
            ("voucher-new", "/boxoffice/vouchers/new"),
            ("door-board", "/staff/door/"),
            ("door-list", f"/staff/door/{NUMBERED}/list"),
            ("rush", f"/staff/rush/{NUMBERED}"),
            ("scanners", "/staff/scanners/"),
            ("samples", "/staff/scanners/samples/"),
            ("halls", "/staff/halls/"),
            ("hall", "/staff/halls/esentai-1/"),
            ("hall-version", "/staff/halls/esentai-1/versions/1"),
            ("settlement", "/staff/settlement/"),
            ("audit", "/staff/audit"),
            ("mails", "/staff/mails"),
            ("style", "/staff/style"),
            ("staff-not-found", "/staff/halls/nowhere/"),
        ):
            yield Sight(name, "manager", path)
        yield Sight("voucher-series", "manager", "/boxoffice/vouchers/new", _make_vouchers)
        yield Sight("vouchers", "manager", "/boxoffice/vouchers/")
        yield Sight("rush-slips", "manager", f"/staff/rush/{NUMBERED}", _hand_out_a_slip)
        yield Sight("standby", "waiting", f"/standby?slip={self.here.slip(NUMBERED)}")
        yield Sight("standby-none", "stranger", "/standby")
        yield Sight("pairing", "manager", "/staff/scanners/", _offer_a_pairing)
        yield Sight("ticket-codes", "manager", "/staff/ticket-codes/", _publish_a_key)
        yield Sight("signing-key", "manager", "/staff/ticket-codes/0")
        yield Sight("plan-editor", "manager", "/staff/halls/esentai-1/", _begin_a_draft)
        yield Sight("plan-preview", "manager", "/staff/halls/esentai-1/draft/preview")
        yield Sight("mail", "manager", "/staff/mails", lambda page: page.locator("tbody a").first.click())
        yield Sight("scanner-pairing", "usher", "/scanner/")

    def sign_in(self) -> None:
        """Sign the manager in."""
        page = self.page("manager")
        page.goto(self.address(f"/staff/sign-in?language={self.language}"))
        page.locator("#login").fill(_MANAGER.login)
        page.locator("#password").fill(_MANAGER.password)
        page.locator("main form button").click()
        expect(page.locator("#search")).to_be_visible()
        page.close()

    def _letters(self) -> Iterator[Sight]:
        """Yield the HTML of every letter that was written in this language, in the order of writing."""
        written = self.folder / f"letters-{self.language}"
        written.mkdir()
        for path in sorted((self.folder / "mail").glob("*.eml")):
            letter = message_from_bytes(path.read_bytes(), policy=default)
            html = letter.get_body(("html",))
            if html is None or f".{self.language}@" not in str(letter["To"]):
                continue
            page = written / f"{path.stem}.html"
            page.write_text(html.get_content())
            kind = len(list(written.iterdir()))
            yield Sight(f"letter-{kind}", "stranger", page.as_uri())


_LOCALES = {"kk": "kk-KZ", "ru": "ru-RU", "en": "en-GB"}


def _key_path(ordered: Json) -> str:
    return f"/orders/{ordered['order']}?key={ordered['key']}"


def _hand_out_a_slip(page: Page) -> None:
    page.locator("button[value=slips]").click()
    expect(page.locator(".slips__number").first).to_be_visible()


def _press_twice(page: Page) -> None:
    address = page.url
    for _ in range(2):
        page.goto(address)
        with page.expect_navigation():
            page.locator("main form button").click()


def _send_an_old_form(page: Page) -> None:
    with page.expect_navigation():
        page.evaluate(
            "() => { const form = document.querySelector('form.amount');"
            " form.querySelector('[name=csrf_token]').value = 'old';"
            " form.querySelector('[name=quantity]').checked = true; form.submit(); }"
        )


def _send_the_empty_checkout(page: Page) -> None:
    page.locator(".pay__go .btn--primary").click()
    expect(page.locator("#faults")).to_be_visible()


def _open_the_ticket(page: Page) -> None:
    if page.locator(".pass").count() == 0:
        page.locator("main form .btn--primary").click()
    expect(page.locator(".pass")).to_have_count(1)


def _open_the_receipt(page: Page) -> None:
    receipt = page.locator("a[href*='/receipts/']").first
    for _ in range(_LOOKS):
        if receipt.count():
            break
        # The worker writes it, a moment after the payment.
        page.wait_for_timeout(250)
        page.reload()
    receipt.click()
    page.wait_for_url(re.compile("/receipts/"))


def _mark_a_ticket(page: Page) -> None:
    page.locator("input[name=ticket]:enabled").first.check()


def _make_vouchers(page: Page) -> None:
    page.locator("#name").fill("Баспасөз")
    page.locator("#reason").fill("Журналистер")
    page.locator("#value").fill("50")
    page.locator("#value").press("Enter")
    expect(page.locator(".banner--good")).to_be_visible()


def _offer_a_pairing(page: Page) -> None:
    page.locator("#name").fill("Есентай, 1-зал")
    page.locator("form.bar .btn--primary").click()
    page.wait_for_url(re.compile("/pairing$"))


def _publish_a_key(page: Page) -> None:
    page.locator("#publish-reason").fill("rotation")
    page.locator("main form button").last.click()
    expect(page.locator("main [role=status]")).to_be_visible()


def _begin_a_draft(page: Page) -> None:
    page.locator("a.btn[href$='/draft/'], button[name=do][value=newest]").first.click()
    page.wait_for_url(re.compile("/draft/"))
    page.locator(".rown").nth(8).click()

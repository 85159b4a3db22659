"""What somebody who wants tickets does in the shop, in any language, with JavaScript or without."""

import re
from collections.abc import Sequence

from playwright.sync_api import Locator, Page, expect

from tests.browser.live import Live
from tests.browser.watch import Person

NAME, EMAIL = "Айгерім Сейтқали", "aigerim@example.kz"


class Buyer:
    """A person in the shop."""

    def __init__(self, person: Person, live: Live, language: str = "en") -> None:
        self.page: Page = person.page
        self.watch = person.watch
        self.live = live
        self.language = language

    def open(self, path: str = "") -> None:
        """Open a page of the shop in her language; the programme if nothing is named."""
        self.page.goto(f"{self.live.base}/{self.language}/{path}")

    def find(self, screening: str) -> None:
        """Go from the programme to a screening, by its film's page where it has one."""
        self.open()
        self.page.locator(f"#s-{screening} a").click()
        self.page.wait_for_url(re.compile("/(films|screenings)/"))
        slot = self.page.locator(f"#s-{screening} .slot__go a")
        if slot.count():
            slot.click()
        expect(self.page).to_have_url(re.compile(f"/{self.language}/screenings/{screening}$"))

    def seat(self, place: str) -> Locator:
        """Return a seat's checkbox."""
        return self.page.locator(f'input[name="place"][value="{place}"]')

    def choose(self, places: Sequence[str]) -> None:
        """Tick seats and go on to the basket."""
        for place in places:
            # The box itself is drawn over by its label, which is what a finger meets.
            self.page.locator("label.seat").filter(has=self.seat(place)).click()
            expect(self.seat(place)).to_be_checked()
        self.page.locator("form[data-hall] .choice .btn--primary").click()
        expect(self.page).to_have_url(re.compile("/basket$"))

    def choose_number(self, number: int) -> None:
        """Say how many, where seats have no numbers, and go on to the basket."""
        self.page.locator("label.number").nth(number - 1).click()
        self.page.locator("form.amount .btn--primary").click()
        expect(self.page).to_have_url(re.compile("/basket$"))

    def concession(self, place: int, kind: str) -> None:
        """Choose a kind of ticket for one of the places in the basket."""
        self.page.locator(".held__places select").nth(place).select_option(kind)

    def check_out(self) -> None:
        """Go on from the basket."""
        self.page.locator('button[name="act"][value="checkout"]').click()
        expect(self.page).to_have_url(re.compile("/checkout$"))

    def sign(self, email: str = EMAIL, name: str = NAME) -> None:
        """Fill the checkout in and press its button."""
        self.page.locator("#email").fill(email)
        self.page.locator("#name").fill(name)
        self.page.locator("#phone").fill("8 701 555 12 34")
        self.page.locator("#terms").check()
        self.page.locator(".pay__go .btn--primary").click()

    def bank(self, outcome: str) -> None:
        """Do something on the bank's page."""
        expect(self.page).to_have_url(re.compile("/demo-bank/"))
        self.page.locator(f'button[name="outcome"][value="{outcome}"]').click()
        expect(self.page).to_have_url(re.compile("/orders/"))

    def tickets(self) -> Locator:
        """Return the tickets with a QR code on the order's page."""
        return self.page.locator(".ticket").filter(has=self.page.locator(".qr"))

    def codes(self) -> list[str]:
        """Return the codes printed on the order's tickets, without blanks."""
        return [re.sub(r"\s", "", text) for text in self.page.locator(".ticket__code").all_inner_texts()]

    def order_code(self) -> str:
        """Return the code of the order that is open."""
        found = re.search(r"/orders/([^/?]+)", self.page.url)
        assert found is not None, self.page.url
        return found[1]


def neighbours(live: Live, screening: str, row: str, numbers: Sequence[str]) -> list[str]:
    """Return the places of some seats in a row."""
    places = live.call("GET", f"/api/v1/screenings/{screening}/places").body["places"]
    found = {place["number"]: place["place"] for place in places if place["row"] == row}
    return [found[number] for number in numbers]

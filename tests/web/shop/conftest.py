"""The shop's pages through Flask's test client, as a browser without JavaScript would use them."""

from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.database import DatabaseFactory
from tests.support.kassa import Json, Kassa, copy_database, copy_festival, festival_template, kassa
from tests.support.wallets import apple_papers, google_papers

__all__ = ["copy_festival", "festival_template", "kassa"]

BUYER = {
    "email": "aigerim@example.kz",
    "name": "Айгерім Сәдуақасова",
    "phone": "8 701 555 12 34",
    "terms": "1",
}


class Page(HTMLParser):
    """What a page says and what its fields would send."""

    def __init__(self, response: TestResponse) -> None:
        super().__init__()
        self.response = response
        self.status = response.status_code
        self.html = response.get_data(as_text=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._said: list[str] = []
        self._hidden = 0
        self.feed(self.html)
        self.words = " ".join(" ".join(self._said).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._hidden += tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._said.append(data)

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """Return the attributes of the tags that have these; `class_` needs one of the classes only."""
        chosen = wanted.pop("class_", None)
        return [
            attributes
            for name, attributes in self.tags
            if name == tag
            and all(attributes.get(key) == value for key, value in wanted.items())
            and (chosen is None or chosen in attributes.get("class", "").split())
        ]

    def value(self, name: str) -> str:
        """Return what the first field of that name would send."""
        return self.all("input", name=name)[0]["value"]


class Shopper:
    """A browser with its own cookies, in one language."""

    def __init__(self, kassa: Kassa, language: str = "en") -> None:
        self.kassa = kassa
        self.language = language
        self.client: FlaskClient = kassa.app.test_client()
        self._token = ""

    def get(self, path: str, status: int = 200) -> Page:
        """Open a page of this language, or an address that begins with a slash."""
        response = self.client.get(self._address(path))
        assert response.status_code == status, response.get_data(as_text=True)
        return Page(response)

    def send(self, path: str, form: Json, key_from: Page | None = None) -> TestResponse:
        """Send a form with the token, and the form key if the page has one."""
        keys = key_from.all("input", name="form_key") if key_from else []
        data = {"csrf_token": self.token(), **({"form_key": keys[0]["value"]} if keys else {}), **form}
        return self.client.post(self._address(path), data=data)

    def token(self) -> str:
        if not self._token:
            self._token = self.get("screenings/s07").value("csrf_token")
        return self._token

    def choose(self, screening: str, *places: str) -> TestResponse:
        return self.send(f"screenings/{screening}", {"place": list(places)})

    def choose_number(self, screening: str, quantity: int, **more: str) -> TestResponse:
        return self.send(f"screenings/{screening}", {"quantity": str(quantity), **more})

    def act(self, action: str, **more: str) -> TestResponse:
        return self.send("basket", {"act": action, **more})

    def pay(self, **changed: str) -> TestResponse:
        """Send the checkout's form; a field set to nothing is left out."""
        form = {name: value for name, value in {**BUYER, **changed}.items() if value}
        return self.send("checkout", form, self.get("checkout"))

    def play(self, payment: str, outcome: str) -> Page:
        """Do something at the bank, then come back as a browser does, to the bare address."""
        back = self.send(urlsplit(payment).path, {"outcome": outcome})
        assert back.status_code == 303
        bare = self.client.get(_path(back.location))
        assert bare.status_code == 303
        return self.get(bare.location)

    def buy(self, screening: str = "s06", quantity: int = 2) -> Page:
        """Return the page of a paid order."""
        self.choose_number(screening, quantity, best="1")
        return self.play(self.pay().location, "approve")

    def _address(self, path: str) -> str:
        return path if path.startswith("/") else f"/{self.language}/{path}"


def _path(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


@pytest.fixture
def shopper(kassa: Kassa) -> Shopper:
    """A browser in English."""
    return Shopper(kassa)


@pytest.fixture(scope="module")
def reader(
    backend: str,
    databases: DatabaseFactory,
    festival_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Kassa]:
    """Kassa for tests that change nothing."""
    url = copy_database(databases, backend, festival_template)
    here = Kassa(url, tmp_path_factory.mktemp("reader"))
    before = here.fingerprint()
    yield here
    assert here.fingerprint() == before
    here.close()
    databases.drop(url)


@pytest.fixture
def visitor(reader: Kassa) -> Shopper:
    """A browser in English that only looks."""
    return Shopper(reader)


@pytest.fixture
def with_wallets(copy_festival: Callable[[], str], tmp_path: Path) -> Iterator[Kassa]:
    """Kassa with the papers for both wallets."""
    here = Kassa(copy_festival(), tmp_path, apple_wallet=apple_papers(), google_wallet=google_papers())
    yield here
    assert here.broken_invariants() == []
    here.close()


@pytest.fixture
def with_service(copy_festival: Callable[[], str], tmp_path: Path) -> Iterator[Kassa]:
    """Kassa with the papers for Apple Wallet at an address with TLS, without which phones ask for nothing."""
    here = Kassa(copy_festival(), tmp_path, apple_wallet=apple_papers(), base_url="https://kassa.test")
    yield here
    assert here.broken_invariants() == []
    here.close()


@pytest.fixture
def another(kassa: Kassa) -> Callable[..., Shopper]:
    """A function that returns one more browser."""
    return lambda language="en": Shopper(kassa, language)

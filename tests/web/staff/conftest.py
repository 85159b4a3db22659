"""Staff's pages are tried through Flask's test client, as a browser without JavaScript would use them."""

from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from tests.support.kassa import Json, Kassa, copy_festival, festival_template, kassa
from ticketing.catalogue.models import Festival
from ticketing.foundation.ids import new_id
from ticketing.staff.accounts import Role
from ticketing.staff.models import StaffAccount

__all__ = ["copy_festival", "festival_template", "kassa"]

PASSWORD = "горные-маки-7"
LOGINS = {Role.MANAGER: "dana", Role.BOXOFFICE: "saule", Role.USHER: "timur"}


def plain(page: str) -> str:
    """Return a page's text as it is read: entities and no-break spaces resolved."""
    return unescape(page).replace("\u00a0", " ")


class Fields(HTMLParser):
    """The fields of a page's forms by name, with what they would send, and the page's words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append((tag, values))
        if tag == "input" and values.get("name"):
            left_out = values.get("type") == "checkbox" and "checked" not in values
            if not left_out and "disabled" not in values:
                self.sent.setdefault(values["name"] or "", []).append(values.get("value") or "")

    def one(self, name: str) -> str:
        return self.sent[name][-1]


class Desk:
    """A browser of somebody of the staff."""

    def __init__(self, kassa: Kassa, language: str = "en") -> None:
        self.kassa = kassa
        self.client: FlaskClient = kassa.app.test_client()
        self.client.set_cookie("language", language, domain="localhost")

    def get(self, path: str, **query: str) -> TestResponse:
        return self.client.get(path, query_string=query or None)

    def page(self, path: str, **query: str) -> str:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_data(as_text=True)

    def token(self, path: str = "/staff/sign-in") -> str:
        return Fields(self.page(path)).one("csrf_token")

    def sign_in(self, login: str, password: str = PASSWORD, **more: str) -> TestResponse:
        data = {"csrf_token": self.token(), "login": login, "password": password, **more}
        return self.client.post("/staff/sign-in", data=data)

    def plain(self, path: str, **query: str) -> str:
        """Return a page as it is read: entities and no-break spaces resolved."""
        return plain(self.page(path, **query))

    def refund_form(self, code: str) -> Json:
        """Return what the refund form of an order would send as it stands, nothing chosen."""
        sent = Fields(self.page(f"/boxoffice/orders/{code}")).sent
        return {name: values for name, values in sent.items() if name != "every"}

    def refund(self, code: str, form: Json) -> TestResponse:
        return self.client.post(f"/boxoffice/orders/{code}/refunds", data=form)


@pytest.fixture(scope="session")
def password_hash() -> str:
    """The hash of PASSWORD, cheap to make and to check: tests sign in all the time."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@pytest.fixture
def staff(kassa: Kassa, password_hash: str) -> Callable[..., Desk]:
    """A function that returns the browser of somebody with a role, signed in. Every role has its account."""
    now = kassa.clock.now()
    with kassa.database.transaction() as session:
        for role, login in LOGINS.items():
            name = f"{login.title()} <b>"
            about = {"login": login, "name": name, "role": role, "created_at": now}
            session.add(StaffAccount(id=new_id(now), password_hash=password_hash, **about))

    def come(role: Role = Role.BOXOFFICE, language: str = "en") -> Desk:
        desk = Desk(kassa, language)
        assert desk.sign_in(LOGINS[role]).status_code == 303
        return desk

    return come


@pytest.fixture
def desk(staff: Callable[..., Desk]) -> Desk:
    """The browser of the box office, in English."""
    return staff()


@pytest.fixture
def set_fee(kassa: Kassa) -> Callable[[int], None]:
    """A function that sets the per cent of a refund that the festival keeps."""

    def change(percent: int) -> None:
        with kassa.database.transaction() as session:
            session.execute(update(Festival).values(refund_fee_percent=percent))

    return change

"""The fake's front door: authentication, versions, idempotency, and which call does what."""

import copy
import json
import re
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tests.support.stripe_fake import events, money, sessions
from tests.support.stripe_fake.memory import API_VERSION, Memory, Remembered, Thing, public
from tests.support.stripe_fake.money import Treasury
from tests.support.stripe_fake.page import Page
from tests.support.stripe_fake.parameters import Group, decode
from tests.support.stripe_fake.refusals import RefusedError
from tests.support.stripe_fake.weather import Trouble, Weather

SECRET_KEY = "sk_test_fake"
_ERROR = {"error": {"type": "api_error", "message": "An unknown error occurred"}}
_LONGEST_KEY = 255
Answer = tuple[int, Thing, dict[str, str]]


class NoAnswerError(Exception):
    """The connection broke: nobody knows whether the work was done."""


class FakeStripe:
    """Stripe's API in memory; threads may share it. `log` is every call that arrived."""

    def __init__(self, now: Callable[[], datetime], key: str = SECRET_KEY) -> None:
        self.memory = Memory(now)
        self.page, self.treasury = Page(self.memory), Treasury(self.memory)
        self.weather = Weather()
        self.refunds_at_once = True
        self.log: list[tuple[str, str]] = []
        self._key = key
        self._lock = threading.RLock()
        self._routes = self._all_routes()

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: str) -> Answer:
        """Answer a call. Raises NoAnswerError when the connection breaks."""
        with self._lock:
            parts = urlsplit(url)
            method, path = method.upper(), parts.path
            trouble = self.weather.trouble(method, path)
            if trouble is Trouble.LOST_BEFORE:
                raise NoAnswerError
            self.log.append((method, path))
            self.page.let_time_pass()
            encoded = body if method == "POST" else parts.query
            answer = self._answer(method, path, headers, encoded, trouble)
            if trouble is Trouble.LOST_AFTER:
                raise NoAnswerError
            return answer

    def _answer(
        self, method: str, path: str, headers: Mapping[str, str], encoded: str, trouble: Trouble | None
    ) -> Answer:
        given = {name.lower(): value for name, value in headers.items()}
        early = {Trouble.UNAVAILABLE: 503, Trouble.TOO_MANY: 429, Trouble.IN_PROGRESS: 409}
        if trouble in early:
            code = "idempotency_key_in_use" if trouble is Trouble.IN_PROGRESS else None
            error = {"type": "api_error", "message": str(trouble), **({"code": code} if code else {})}
            return early[trouble], {"error": error}, {}
        try:
            self._require_welcome(given)
            key = given.get("idempotency-key") if method == "POST" else None
            if key is None:
                return 200, self._do(method, path, encoded), {}
            return self._once(key, method, path, encoded, trouble)
        except RefusedError as refused:
            return refused.status, refused.to_json(), {}

    def _once(self, key: str, method: str, path: str, encoded: str, trouble: Trouble | None) -> Answer:
        if not key or len(key) > _LONGEST_KEY:
            raise RefusedError("Idempotency keys must be 1 to 255 characters long", early=True)
        asked = (method, path, json.dumps(decode(encoded), sort_keys=True))
        known = self.memory.answered.get(key)
        if known is not None:
            if known.asked != asked:
                raise RefusedError(
                    "Keys for idempotent requests can only be used with the same parameters they were first "
                    "used with.",
                    kind="idempotency_error",
                    early=True,
                )
            return known.status, copy.deepcopy(known.body), {"Idempotent-Replayed": "true"}
        status, body = 500, _ERROR
        if trouble is not Trouble.ERROR_BEFORE:
            status, body = self._first(method, path, encoded)
        if trouble is Trouble.ERROR_AFTER:
            status, body = 500, _ERROR
        self.memory.answered[key] = Remembered(asked, status, copy.deepcopy(body))
        return status, body, {}

    def _first(self, method: str, path: str, encoded: str) -> tuple[int, Thing]:
        try:
            return 200, self._do(method, path, encoded)
        except RefusedError as refused:
            if refused.early:
                raise
            return refused.status, refused.to_json()

    def _require_welcome(self, headers: Mapping[str, str]) -> None:
        if headers.get("authorization") != f"Bearer {self._key}":
            raise RefusedError("Invalid API Key provided", status=401, early=True)
        if headers.get("stripe-version") != API_VERSION:
            raise RefusedError(message=f"This fake speaks {API_VERSION} only", early=True)

    def _do(self, method: str, path: str, encoded: str) -> Thing:
        for wanted, pattern, group, work in self._routes:
            found = re.fullmatch(pattern, path)
            if found and wanted == method:
                asked = group("", decode(encoded))
                return _shown(self.memory, work(asked, *found.groups()), asked.get("expand", []))
        raise RefusedError(message=f"Unrecognized request URL ({method}: {path}).", status=404, early=True)

    def _all_routes(self) -> list[tuple[str, str, Group, Callable[..., Thing]]]:
        memory, one = self.memory, "/([A-Za-z0-9_]+)"
        page, intents = "/v1/checkout/sessions", "/v1/payment_intents"

        def read(kind: str) -> Callable[..., Thing]:
            return lambda _asked, name: memory.get(kind, name)

        def refund(asked: Thing) -> Thing:
            return money.create_refund(memory, asked, at_once=self.refunds_at_once)

        return [
            ("POST", page, sessions.CREATE, lambda asked: sessions.create(memory, asked)),
            ("GET", page, sessions.LIST, lambda asked: sessions.find(memory, asked)),
            ("GET", page + one, sessions.READ, read("checkout.session")),
            (
                "POST",
                f"{page}{one}/expire",
                sessions.READ,
                lambda _asked, name: sessions.expire(memory, memory.get("checkout.session", name)),
            ),
            ("GET", intents + one, sessions.READ, read("payment_intent")),
            (
                "POST",
                f"{intents}{one}/capture",
                sessions.CAPTURE,
                lambda asked, name: sessions.capture(memory, memory.get("payment_intent", name), asked),
            ),
            (
                "POST",
                f"{intents}{one}/cancel",
                sessions.CANCEL,
                lambda _asked, name: sessions.cancel(memory, memory.get("payment_intent", name)),
            ),
            ("POST", "/v1/refunds", money.CREATE_REFUND, refund),
            ("GET", "/v1/refunds", money.LIST_REFUNDS, lambda asked: money.find_refunds(memory, asked)),
            ("GET", "/v1/refunds" + one, Group({}), read("refund")),
            ("GET", "/v1/disputes" + one, Group({}), read("dispute")),
            ("GET", "/v1/radar/early_fraud_warnings" + one, Group({}), read("radar.early_fraud_warning")),
            ("GET", "/v1/payouts", money.LIST_PAYOUTS, lambda asked: money.find_payouts(memory, asked)),
            ("GET", "/v1/payouts" + one, Group({}), read("payout")),
            (
                "GET",
                "/v1/balance_transactions",
                money.LIST_MOVEMENTS,
                lambda asked: money.find_movements(memory, asked),
            ),
            ("GET", "/v1/events", events.LIST, lambda asked: events.find(memory, asked)),
            ("GET", "/v1/events" + one, Group({}), read("event")),
        ]


def _shown(memory: Memory, thing: Thing, expand: list[str]) -> Thing:
    """Return an object as the API shows it: without the fake's own, with what was asked to be whole."""
    if thing["object"] == "list":
        inner = [name.removeprefix("data.") for name in expand if name.startswith("data.")]
        return {**thing, "data": [_shown(memory, one, inner) for one in thing["data"]]}
    shown: dict[str, Any] = copy.deepcopy(public(thing))
    for name in expand:
        if isinstance(shown.get(name), str):
            shown[name] = _shown(memory, memory.things[shown[name]], [])
    return shown

"""Calling the API: the same words for an app in this process and for a server on a port."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from typing import Any, Protocol
from uuid import UUID

from flask import Flask

_SECONDS = 60
_MORE_TRIES = 3
API = "/api/v1"


@dataclass(frozen=True)
class Answer:
    """What came back; `body` is None where there was no JSON."""

    status: int
    body: Any

    @property
    def code(self) -> str:
        """The stable code of a refusal, or nothing."""
        return str(self.body["code"]) if self.status >= 400 and self.body else ""


class Caller(Protocol):
    """Somebody who can send a request."""

    def __call__(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer: ...


class InProcess:
    """Calls an app through its test client; threads may share it."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        response = self._app.test_client(use_cookies=False).open(
            path, method=method, json=body, headers=dict(headers or {})
        )
        return Answer(response.status_code, response.get_json(silent=True))


class OverHttp:
    """Calls a server over one kept connection; one for each thread."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=_SECONDS)

    def __call__(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        raw = None if body is None else json.dumps(body).encode()
        sent = {**(headers or {}), **({"Content-Type": "application/json"} if raw else {})}
        self._connection.request(method, path, raw, sent)
        response = self._connection.getresponse()
        content = response.read()
        return Answer(response.status, json.loads(content) if content else None)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def hold(call: Caller, screening: str, places: Sequence[str] | int, key: str | None = None) -> Answer:
    """Hold named places, or a number of the best."""
    wanted = {"quantity": places} if isinstance(places, int) else {"places": list(places)}
    return call("POST", f"{API}/holds", {"screening": screening, **wanted}, _key(key))


def order(
    call: Caller,
    holds: Sequence[Mapping[str, Any]],
    concessions: Sequence[Mapping[str, str]] = (),
    key: str | None = None,
) -> Answer:
    """Order what is held; `holds` are the answers of `hold`, `concessions` go with them."""
    chosen = [*concessions, *({} for _ in range(len(holds) - len(concessions)))]
    body = {
        "holds": [
            {"hold": held["hold"], "key": held["key"], "concessions": dict(mine)}
            for held, mine in zip(holds, chosen, strict=True)
        ],
        "buyer": {"email": "buyer@example.com", "name": "Айгерім Сейтқали"},
        "locale": "kk",
        "accept_terms": True,
    }
    return call("POST", f"{API}/orders", body, _key(key))


def pay(call: Caller, ordered: Mapping[str, Any], outcome: str = "approve") -> Answer:
    """Play the bank on an order's open payment page."""
    return play(call, session_of(ordered), outcome)


def play(call: Caller, session: str, outcome: str) -> Answer:
    """Play the bank on a payment page."""
    return call("POST", f"{API}/demo-payments/{session}", {"outcome": outcome})


def session_of(ordered: Mapping[str, Any]) -> str:
    """Return the gateway's name of an order's open payment: the last segment of its address."""
    return str(ordered["payment"]["url"]).rsplit("/", 1)[-1]


def read_order(call: Caller, ordered: Mapping[str, Any]) -> Any:
    """Return an order as its buyer sees it."""
    found = call("GET", f"{API}/orders/{ordered['order']}", None, order_key(ordered))
    assert found.status == 200, found
    return found.body


def refund(
    call: Caller,
    token: str,
    code: str,
    tickets: Sequence[str] | None = None,
    *,
    fee: int | None = None,
    key: str | None = None,
) -> Answer:
    """Refund tickets of an order, or every valid one; `fee` is kept, in minor units."""
    body: dict[str, object] = {"reason": "the buyer asked"}
    if tickets is not None:
        body["tickets"] = list(tickets)
    if fee is not None:
        body["fee"] = {"minor": fee, "currency": "KZT"}
    return call("POST", f"{API}/orders/{code}/refunds", body, {**bearer(token), **_key(key)})


def scan(call: Caller, token: str, sent_at: str, *scans: Mapping[str, Any]) -> list[Any]:
    """Send scans, again when the server is busy, as a phone does; return their results."""
    body = {"sent_at": sent_at, "scans": list(scans)}
    answer = call("POST", f"{API}/door/scans", body, bearer(token))
    for _ in range(_MORE_TRIES):
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
            answer = call("POST", f"{API}/door/scans", body, bearer(token))
    assert answer.status == 200, answer
    results: list[Any] = answer.body["results"]
    return results


def a_scan(scan_id: UUID, code: str, screening: str, at: str, seq: int = 1, **more: object) -> dict[str, Any]:
    """Return one scan of a code."""
    return {"id": str(scan_id), "code": code, "screening": screening, "at": at, "seq": seq, **more}


def bearer(token: str) -> dict[str, str]:
    """Return the header of a staff member or a device."""
    return {"Authorization": f"Bearer {token}"}


def hold_key(held: Mapping[str, Any]) -> dict[str, str]:
    """Return the header of a hold's owner."""
    return {"Authorization": f"Hold {held['key']}"}


def order_key(ordered: Mapping[str, Any]) -> dict[str, str]:
    """Return the header of an order's owner."""
    return {"Authorization": f"Order {ordered['key']}"}


def _key(key: str | None) -> dict[str, str]:
    return {} if key is None else {"Idempotency-Key": key}

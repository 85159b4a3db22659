"""Every call of the API with a request that is right, for tests that make it wrong."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.support.kassa import Json, Kassa, hold_auth, order_auth, order_body, session_of
from tests.support.vouchers import make_vouchers
from ticketing.inventory.models import Hold
from ticketing.texts import ERRORS


@dataclass(frozen=True)
class Call:
    """A request that would succeed. `path` is split where the object's name stands."""

    method: str
    path: tuple[str, str, str]
    auth: str = ""
    body: Json | None = None

    @property
    def url(self) -> str:
        return "".join(self.path)


class Target:
    """A Kassa with something of each kind in it; `call` gives a request that would succeed now."""

    def __init__(self, kassa: Kassa) -> None:
        self.kassa = kassa
        self.staff = kassa.staff()
        self.device = kassa.device()
        self.revoked = kassa.device(name="Lost phone")
        kassa.revoke("Lost phone")
        self.pin, _ = kassa.door_pins(kassa.day_of("s10"))
        self.paid = kassa.buy("s10", 4)
        self._spare: Json | None = None
        _, [self.voucher] = make_vouchers(kassa.database, kassa.clock.now(), uses_per_code=1000)

    def spare_hold(self) -> Json:
        """Return a hold that nobody has used yet: with a new one a call the small hall would be full."""
        if self._spare is not None:
            with self.kassa.database.reading() as session:
                state = session.scalar(select(Hold.state).where(Hold.id == UUID(self._spare["hold"])))
            if state == "live":
                return self._spare
        self._spare = self.kassa.hold("s10", 1)
        return self._spare

    def call(self, name: str) -> Call:
        return CALLS[name](self)

    def send(self, call: Call, raw: bytes | None = None, **options: Any) -> TestResponse:
        """Send a call, with another raw body or other options of Flask's client."""
        headers = {"Authorization": call.auth} if call.auth else {}
        headers |= options.pop("headers", {})
        if raw is None and call.body is not None:
            raw = json.dumps(call.body, ensure_ascii=False).encode()
        if raw is not None:
            options.setdefault("content_type", "application/json")
            options["data"] = raw
        return self.kassa.client.open(
            options.pop("url", call.url),
            method=options.pop("method", call.method),
            headers=headers,
            **options,
        )


def _hold(target: Target) -> Call:
    return Call("POST", ("/api/v1/holds", "", ""), body={"screening": "s10", "quantity": 1, "band": None})


def _hold_named(target: Target) -> Call:
    return Call("POST", ("/api/v1/holds", "", ""), body={"screening": "s10", "places": ["З-5-3"]})


def _renew(target: Target) -> Call:
    hold = target.kassa.hold("s10", 1)
    return Call("POST", ("/api/v1/holds/", hold["hold"], "/renew"), hold_auth(hold))


def _release(target: Target) -> Call:
    hold = target.kassa.hold("s10", 1)
    return Call("DELETE", ("/api/v1/holds/", hold["hold"], ""), hold_auth(hold))


def _order(target: Target) -> Call:
    hold = target.kassa.hold("s10", 1)
    body = order_body(hold, concessions={hold["places"][0]: "student"}, phone="+7 701 555 12 34")
    return Call("POST", ("/api/v1/orders", "", ""), body=body)


def _order_with_voucher(target: Target) -> Call:
    call = _order(target)
    return Call(call.method, call.path, body={**(call.body or {}), "vouchers": [target.voucher]})


def _check_voucher(target: Target) -> Call:
    body = {"vouchers": [target.voucher], "holds": order_body(target.kassa.hold("s10", 1))["holds"]}
    return Call("POST", ("/api/v1/vouchers/check", "", ""), body=body)


def _read(target: Target) -> Call:
    return Call("GET", ("/api/v1/orders/", target.paid["order"], ""), order_auth(target.paid))


def _pay(target: Target) -> Call:
    order = target.kassa.order(target.kassa.hold("s10", 1))
    target.kassa.play(order, "decline")
    return Call("POST", ("/api/v1/orders/", order["order"], "/payments"), order_auth(order))


def _play(target: Target) -> Call:
    order = target.kassa.order(target.kassa.hold("s10", 1))
    return Call("POST", ("/api/v1/demo-payments/", session_of(order), ""), body={"outcome": "abandon"})


def _valid_ticket(target: Target) -> Json:
    """Return a valid ticket of the paid order, which is bought anew when it has none left."""
    for ticket in target.kassa.read(target.paid)["tickets"]:
        if ticket["status"] == "valid":
            return cast("Json", ticket)
    target.paid = target.kassa.buy("s10", 4)
    return cast("Json", target.paid["tickets"][0])


def _refund(target: Target) -> Call:
    fee = {"minor": 100, "currency": "KZT"}
    body = {"tickets": [_valid_ticket(target)["ticket"]], "reason": "ill", "fee": fee}
    return Call("POST", ("/api/v1/orders/", target.paid["order"], "/refunds"), target.staff, body)


def _swap(target: Target) -> Call:
    body = {
        "tickets": [_valid_ticket(target)["ticket"]],
        "holds": order_body(target.spare_hold())["holds"],
        "reason": "rain",
    }
    return Call("POST", ("/api/v1/orders/", target.paid["order"], "/swaps"), target.staff, body)


def _return(target: Target) -> Call:
    ticket = _unsent(target)
    body = {"tickets": [ticket["ticket"]], "amount": ticket["price"]}
    path = ("/api/v1/orders/", target.paid["order"], "/returns")
    return Call("POST", path, order_auth(target.paid), body)


def _transfer(target: Target) -> Call:
    body = {"name": "Дана", "email": "dana@example.kz", "locale": "ru"}
    path = ("/api/v1/orders/", target.paid["order"], f"/tickets/{_unsent(target)['ticket']}/transfer")
    return Call("POST", path, order_auth(target.paid), body)


def _take_back(target: Target) -> Call:
    sent = _transfer(target)
    assert target.send(sent).status_code == 201
    return Call("DELETE", sent.path, sent.auth)


def _unsent(target: Target) -> Json:
    """Return a valid ticket that the buyer has, taken back if need be."""
    ticket = _valid_ticket(target)
    if ticket["transferred"]:
        path = f"/api/v1/orders/{target.paid['order']}/tickets/{ticket['ticket']}/transfer"
        assert target.kassa.delete(path, order_auth(target.paid)).status_code == 204
    return ticket


def _pair(target: Target) -> Call:
    return Call("POST", ("/api/v1/door/devices", "", ""), body={"pairing_code": target.kassa.pairing_code()})


def _scans(target: Target) -> Call:
    ticket = target.paid["tickets"][0]
    scan = target.kassa.scan_body(
        ticket["code"], "s10", ticket=ticket["ticket"], hall="esentai-3",
        offline=True, direction="in", gate="A", verdict="refuse", reason="undo", override={"pin": "1"},
        monotonic=12.5, cursor="c", prev="p", place=1,
    )  # fmt: skip
    body = {"sent_at": target.kassa.clock.now().isoformat(), "scans": [scan]}
    return Call("POST", ("/api/v1/door/scans", "", ""), target.device, body)


def _leases(target: Target) -> Call:
    body = {"screening": "s10", "hold": 0, "give_back": [1]}
    return Call("POST", ("/api/v1/door/leases", "", ""), target.device, body)


def _hand_over(target: Target) -> Call:
    scans = _scans(target)
    return Call("POST", ("/api/v1/door/quarantine", "", ""), target.revoked, scans.body)


def _guests(target: Target) -> Call:
    body = {"screening": "s10", "last": target.paid["order"][-4:], "pin": target.pin}
    return Call("POST", ("/api/v1/door/guests", "", ""), target.device, body)


def _screening(target: Target) -> Call:
    return Call("GET", ("/api/v1/screenings/", "s10", ""))


def _places(target: Target) -> Call:
    return Call("GET", ("/api/v1/screenings/", "s10", "/places"))


def _list(target: Target) -> Call:
    return Call("GET", ("/api/v1/screenings", "", ""))


def _sync(target: Target) -> Call:
    return Call("GET", ("/api/v1/door/sync", "", ""), target.device)


CALLS: dict[str, Callable[[Target], Call]] = {
    "hold": _hold, "hold_named": _hold_named, "renew": _renew, "release": _release, "order": _order,
    "order_with_voucher": _order_with_voucher, "check_voucher": _check_voucher, "read": _read, "pay": _pay,
    "play": _play, "refund": _refund, "return": _return, "swap": _swap, "transfer": _transfer,
    "take_back": _take_back, "pair": _pair, "scans": _scans, "leases": _leases, "hand_over": _hand_over,
    "guests": _guests,
    "screening": _screening, "places": _places, "list": _list, "sync": _sync,
}  # fmt: skip
WITH_BODY = (
    "hold",
    "hold_named",
    "order",
    "order_with_voucher",
    "check_voucher",
    "play",
    "refund",
    "return",
    "swap",
    "transfer",
    "pair",
    "scans",
    "leases",
    "hand_over",
    "guests",
)
WITH_OBJECT = (
    "renew",
    "release",
    "read",
    "pay",
    "play",
    "refund",
    "return",
    "swap",
    "transfer",
    "take_back",
    "screening",
    "places",
)
WITH_KEY = (
    "renew",
    "release",
    "read",
    "pay",
    "refund",
    "return",
    "swap",
    "transfer",
    "take_back",
    "scans",
    "leases",
    "hand_over",
    "guests",
    "sync",
)
WITH_IDEMPOTENCY = ("hold", "hold_named", "renew", "order", "pay", "refund", "return", "swap", "transfer")


def refusal_fault(response: TestResponse) -> str | None:
    """Return what is wrong with a refusal: it must be a whole 4xx problem with a known code."""
    if not 400 <= response.status_code < 500:
        return f"{response.status_code} {response.get_data(as_text=True)[:200]}"
    if response.content_type != "application/problem+json":
        return f"{response.status_code} as {response.content_type}"
    body = response.get_json()
    if body.get("code") not in ERRORS or body.get("status") != response.status_code or not body.get("title"):
        return f"not a whole problem: {body}"
    return None


def leaves(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every value in a body, the containers' too."""
    if path:
        yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in items:
        yield from leaves(value, (*path, name))


def changed(body: Json, path: tuple[str | int, ...], value: object) -> Json:
    """Return a copy of a body with another value at a path."""
    copy, node, last = _found(body, path)
    node[last] = value
    return copy


def without(body: Json, path: tuple[str | int, ...]) -> Json:
    """Return a copy of a body without the value at a path."""
    copy, node, last = _found(body, path)
    del node[last]
    return copy


def _found(body: Json, path: tuple[str | int, ...]) -> tuple[Json, Any, str | int]:
    """Return a copy, the container that the path ends in, and the last name; a place's may differ."""
    copy = json.loads(json.dumps(body))
    node = copy
    for name in path[:-1]:
        node = node[name]
    last = path[-1]
    if path[-2:-1] == ("concessions",):
        last = next(iter(node))
    return copy, node, last


def open_target(url: str, folder: Path) -> Target:
    """Return a target on a database of its own."""
    return Target(Kassa(url, folder))

"""Sending tickets to friends, for tests."""

from uuid import UUID

from werkzeug.test import TestResponse

from tests.support.kassa import Json, Kassa, expect, order_auth

FRIEND = {"name": "Дана Ахметова", "email": "dana@example.kz"}


def transfer_path(order: Json, number: int = 0) -> str:
    return f"/api/v1/orders/{order['order']}/tickets/{order['tickets'][number]['ticket']}/transfer"


def ask(kassa: Kassa, order: Json, number: int = 0, **changed: object) -> TestResponse:
    return kassa.post(transfer_path(order, number), {**FRIEND, **changed}, order_auth(order))


def send(kassa: Kassa, order: Json, number: int = 0, **changed: object) -> Json:
    """Send a ticket of a paid order, and return the transfer."""
    return expect(ask(kassa, order, number, **changed), 201)


def take_back(kassa: Kassa, order: Json, number: int = 0) -> TestResponse:
    return kassa.delete(transfer_path(order, number), order_auth(order))


def link_of(kassa: Kassa, sent: Json, language: str = "en") -> str:
    """Return the path with the key, as the friend's mail has it."""
    key = kassa.runtime.keys.key("transfer", UUID(sent["transfer"]))
    return f"/{language}/sent/{sent['transfer']}?key={key}"

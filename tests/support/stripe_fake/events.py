"""Events: listed by the API, and sent to a webhook with a signature, not always once and in order."""

import hashlib
import hmac
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tests.support.stripe_fake import parameters as p
from tests.support.stripe_fake.memory import Memory, Thing, page, within

WEBHOOK_SECRET = "whsec_fake"
LIST = p.Group(
    {
        "limit": p.integer(1, 100),
        "starting_after": p.text(200),
        "delivery_success": p.flag,
        "type": p.text(100),
        "types": p.listed(p.text(100), 20),
        "created": p.created_range,
    }
)
Send = Callable[[bytes, dict[str, str]], int]


def find(memory: Memory, asked: Thing) -> Thing:
    """List events of the last 30 days, newest first."""
    rows = [
        row
        for row in memory.every("event")
        if asked.get("delivery_success") in (None, memory.delivered[row["id"]])
        and asked.get("type") in (None, row["type"])
        and row["type"] in asked.get("types", [row["type"]])
        and within(row, asked.get("created", {}))
        and row["created"] > memory.moment() - 30 * 86_400
    ]
    return page(rows, asked, "/v1/events")


class Post(StrEnum):
    """What may happen to one event on its way."""

    ONCE = "once"
    TWICE = "twice"
    LOST = "lost"


def sign(raw: bytes, secret: str, at: int) -> str:
    """Return the `Stripe-Signature` header of a body."""
    digest = hmac.new(secret.encode(), b"%d." % at + raw, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


@dataclass
class Postman:
    """Sends events to a webhook. What is lost, late or refused stays undelivered, for the API to list."""

    memory: Memory
    send: Send
    secret: str = WEBHOOK_SECRET

    def waiting(self) -> list[Thing]:
        """Return what has not been delivered, in the order of happening."""
        return [row for row in reversed(self.memory.every("event")) if not self.memory.delivered[row["id"]]]

    def deliver(self, event: Thing) -> int:
        """Send one event; return the answer's status."""
        raw = json.dumps(event, ensure_ascii=False).encode()
        headers = {
            "Stripe-Signature": sign(raw, self.secret, self.memory.moment()),
            "Content-Type": "application/json; charset=utf-8",
        }
        status = self.send(raw, headers)
        if 200 <= status < 300:
            self.memory.delivered[event["id"]] = True
        return status

    def deliver_all(self) -> list[int]:
        """Send everything, once and in order."""
        return [self.deliver(event) for event in self.waiting()]

    def deliver_badly(self, dice: random.Random) -> list[int]:
        """Send what waits in any order: some of it twice, some of it not at all."""
        events = self.waiting()
        dice.shuffle(events)
        answers = []
        for event in events:
            how = dice.choice([Post.ONCE, Post.TWICE, Post.LOST])
            answers += [self.deliver(event) for _ in range({"once": 1, "twice": 2, "lost": 0}[how])]
        return answers

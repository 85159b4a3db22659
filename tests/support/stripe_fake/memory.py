"""What the fake remembers: its objects, its events, and which idempotency keys it has answered."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from tests.support.stripe_fake.refusals import missing

API_VERSION = "2026-10-28.endive"
Thing = dict[str, Any]
# What each kind is called in ids and in refusals.
KINDS = {
    "cs_test": "checkout.session",
    "pi": "payment_intent",
    "ch": "charge",
    "re": "refund",
    "dp": "dispute",
    "po": "payout",
    "txn": "balance_transaction",
    "issfr": "radar.early_fraud_warning",
    "evt": "event",
}


@dataclass
class Remembered:
    """The first answer under an idempotency key."""

    asked: tuple[str, str, str]
    status: int
    body: Thing


@dataclass
class Memory:
    """Every object by its id, in the order of creation."""

    now: Callable[[], datetime]
    things: dict[str, Thing] = field(default_factory=dict)
    answered: dict[str, Remembered] = field(default_factory=dict)
    delivered: dict[str, bool] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: count(1))

    def moment(self) -> int:
        """Return the time in seconds since 1970."""
        return int(self.now().timestamp())

    def add(self, prefix: str, **values: Any) -> Thing:
        """Make an object of a kind."""
        name = f"{prefix}_{next(self._numbers):06d}"
        thing = {"id": name, "object": KINDS[prefix], "created": self.moment(), "livemode": False, **values}
        self.things[name] = thing
        return thing

    def get(self, kind: str, name: str) -> Thing:
        """Return an object. Raises RefusedError when it is not there or of another kind."""
        thing = self.things.get(name)
        if thing is None or thing["object"] != kind:
            raise missing(kind, name)
        return thing

    def every(self, kind: str) -> list[Thing]:
        """Return the objects of a kind, newest first, as lists do."""
        return [thing for thing in reversed(self.things.values()) if thing["object"] == kind]

    def emit(self, kind: str, thing: Thing) -> Thing:
        """Record an event with the object as it is now; whether it arrives is another matter."""
        event = self.add(
            "evt",
            api_version=API_VERSION,
            type=kind,
            data={"object": copy.deepcopy(public(thing))},
            pending_webhooks=1,
            request={"id": None, "idempotency_key": None},
        )
        self.delivered[event["id"]] = False
        return event


def public(thing: Thing) -> Thing:
    """Return an object without what is the fake's own."""
    return {name: value for name, value in thing.items() if not name.startswith("_")}


def page(things: Iterable[Thing], parameters: Thing, url: str) -> Thing:
    """Return one page of a list: `limit` and `starting_after`."""
    rows = list(things)
    after = parameters.get("starting_after")
    if after is not None:
        names = [row["id"] for row in rows]
        if after not in names:
            raise missing("object", after)
        rows = rows[names.index(after) + 1 :]
    limit = parameters.get("limit", 10)
    return {"object": "list", "url": url, "has_more": len(rows) > limit, "data": rows[:limit]}


def within(thing: Thing, span: dict[str, int]) -> bool:
    """Tell whether an object was made in a span of time."""
    made = thing["created"]
    return (
        made >= span.get("gte", made)
        and made > span.get("gt", made - 1)
        and made <= span.get("lte", made)
        and made < span.get("lt", made + 1)
    )

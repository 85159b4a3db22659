"""What is measured: each scenario is a function from a running product to its clients."""

import uuid
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import Any

from bench.load import Client, LoadError, Reply, Request, request, want
from bench.world import PHONES, Admittance, World
from tests.support.great_hall import GREAT

_BATCH = 20
_CONNECTIONS = 8
# How often an usher shows the same ticket twice, or a guest comes back with one that is in.
_SHOWN_AGAIN = 0.2


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A load with its targets; what was left behind is cleared by `after`, outside of the timing."""

    name: str
    title: str
    unit: str
    clients: Callable[[World], Sequence[Client]]
    after: Callable[[World], None]
    rate_targets: dict[str, float]
    p99_ms: float | None = None
    cpu_ms: float | None = None
    gzip_kb: float | None = None
    path: str = ""


def _scans(world: World) -> Sequence[Client]:
    shares = [world.admittances[n::PHONES] for n in range(PHONES)]
    return [_scanning(token, share, 1) for token, share in zip(world.phones, shares, strict=True)]


def _batches(world: World) -> Sequence[Client]:
    shares = [world.admittances[n::PHONES] for n in range(PHONES)]
    return [_scanning(token, share, _BATCH) for token, share in zip(world.phones, shares, strict=True)]


def _scanning(token: str, share: Sequence[Admittance], size: int) -> Client:
    dice = Random(token)
    fresh, seen, sequence = iter(share), [share[0]], count(1)
    while True:
        batch = []
        for _ in range(size):
            ticket = None if dice.random() < _SHOWN_AGAIN else next(fresh, None)
            if ticket is None:
                ticket = dice.choice(seen)
            else:
                seen.append(ticket)
            batch.append(_scan(ticket, next(sequence)))
        body = {"sent_at": datetime.now(UTC).isoformat(), "scans": batch}
        reply = yield request("POST", "/api/v1/door/scans", body, f"Bearer {token}", units=size)
        _require_verdicts(reply, size)


def _scan(ticket: Admittance, sequence: int) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "code": ticket.code,
        "screening": ticket.screening,
        "at": ticket.at,
        "seq": sequence,
        "gate": "A",
    }


def _require_verdicts(reply: Reply, size: int) -> None:
    results: Any = want(reply, 200)["results"]
    reasons = [result["reason"] for result in results]
    if len(reasons) != size or not set(reasons) <= {"ok", "ok_attention", "already_in"}:
        message = f"not the verdicts of valid tickets at an open door: {reasons}"
        raise LoadError(message)


def _holds(world: World) -> Sequence[Client]:
    return [_holding(world) for _ in range(_CONNECTIONS)]


def _holding(world: World) -> Client:
    while world.pairs:
        pair = world.pairs.popleft()
        body = {"screening": pair.screening, "places": pair.seats}
        want((yield request("POST", "/api/v1/holds", body)), 201)
        world.held.append(pair)


def _purchases(world: World) -> Sequence[Client]:
    return [_buying(world) for _ in range(_CONNECTIONS)]


def _buying(world: World) -> Client:
    while world.pairs:
        pair = world.pairs.popleft()
        body: dict[str, Any] = {"screening": pair.screening, "places": pair.seats}
        held = want((yield request("POST", "/api/v1/holds", body, units=0)), 201)
        body = {
            "holds": [{"hold": held["hold"], "key": held["key"]}],
            "buyer": {"email": "aigerim@example.com", "name": "Айгерім Сәдуақасова"},
            "locale": "kk",
            "accept_terms": True,
        }
        ordered: Any = want((yield request("POST", "/api/v1/orders", body, units=0)), 201)
        session = ordered["payment"]["url"].rsplit("/", 1)[-1]
        paid = yield request("POST", f"/api/v1/demo-payments/{session}", {"outcome": "approve"})
        want(paid, 200)


def _page(path: str) -> Callable[[World], Sequence[Client]]:
    """Return clients that read one page again and again."""
    return lambda _world: [_reading(request("GET", path)) for _ in range(2)]


def _reading(wanted: Request) -> Generator[Request, Reply, None]:
    while True:
        reply = yield wanted
        if reply.status != 200:  # noqa: PLR2004 - the status itself
            message = f"a page answered {reply.status}"
            raise LoadError(message)


def _asking_again(path: str) -> Callable[[World], Sequence[Client]]:
    """Return clients that ask again and again whether something has changed, and hear that it has not."""

    def asking() -> Client:
        known = yield request("GET", path, units=0)
        while True:
            reply = yield request("GET", path, headers={"If-None-Match": known.etag})
            if reply.status != 304:  # noqa: PLR2004 - the status itself
                message = f"{reply.status} where nothing had changed"
                raise LoadError(message)

    return lambda _world: [asking() for _ in range(2)]


def _best_pairs(world: World) -> Sequence[Client]:
    return [_best(world) for _ in range(_CONNECTIONS)]


def _best(world: World) -> Client:
    """Take the best pair of a hall of 3,000 again and again; a few hundred are taken, the hall stays wide."""
    del world
    while True:
        reply = yield request("POST", "/api/v1/holds", {"screening": GREAT, "quantity": 2})
        if reply.status == 409:  # noqa: PLR2004 - sold out before the time was up
            return
        want(reply, 201)


def _nothing(_world: World) -> None:
    pass


SCENARIOS = (
    Scenario(
        name="scan",
        title="scan, 8 connections",
        unit="scans",
        clients=_scans,
        after=World.empty_halls,
        rate_targets={"sqlite": 1200, "postgres": 850},
        p99_ms=20,
    ),
    Scenario(
        name="batch",
        title="20 scans in one batch",
        unit="scans",
        clients=_batches,
        after=World.empty_halls,
        rate_targets={"sqlite": 4000, "postgres": 4000},
    ),
    Scenario(
        name="hold",
        title="hold of two seats",
        unit="holds",
        clients=_holds,
        after=World.free_holds,
        rate_targets={"sqlite": 800, "postgres": 700},
        cpu_ms=1.5,
    ),
    Scenario(
        name="purchase",
        title="whole purchase, 3 requests",
        unit="orders",
        clients=_purchases,
        after=World.free_holds,
        rate_targets={"sqlite": 250, "postgres": 200},
    ),
    Scenario(
        name="programme",
        title="programme page, 100 screenings",
        unit="pages",
        clients=_page("/kk/"),
        path="/kk/",
        after=_nothing,
        rate_targets={},
        cpu_ms=2,
        gzip_kb=25,
    ),
    Scenario(
        name="seats",
        title="seat page, 1,200 seats",
        unit="pages",
        clients=_page("/kk/screenings/s18"),
        path="/kk/screenings/s18",
        after=_nothing,
        rate_targets={},
        cpu_ms=4,
        gzip_kb=60,
    ),
    Scenario(
        name="great",
        title="seat page, 3,000 seats",
        unit="pages",
        clients=_page(f"/kk/screenings/{GREAT}"),
        path=f"/kk/screenings/{GREAT}",
        after=_nothing,
        rate_targets={},
        gzip_kb=60,
    ),
    Scenario(
        name="places",
        title="places of 3,000 seats, JSON",
        unit="answers",
        clients=_page(f"/api/v1/screenings/{GREAT}/places"),
        path=f"/api/v1/screenings/{GREAT}/places",
        after=_nothing,
        rate_targets={},
        gzip_kb=12,
    ),
    Scenario(
        name="same",
        title="the same, 304",
        unit="answers",
        clients=_asking_again(f"/api/v1/screenings/{GREAT}/places"),
        path=f"/api/v1/screenings/{GREAT}/places",
        after=_nothing,
        rate_targets={},
        cpu_ms=0.5,
    ),
    Scenario(
        name="best",
        title="best pair of 3,000 seats",
        unit="holds",
        clients=_best_pairs,
        after=World.free_holds,
        rate_targets={},
    ),
)

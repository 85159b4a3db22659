"""What phones at the door cost: everything at once, what is new, and the scans of an hour offline."""

import gzip
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from http.client import HTTPConnection
from statistics import median
from time import perf_counter
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, func, insert, select

from bench.measure import Check, at_most
from bench.product import Product
from bench.world import Admittance
from ticketing.door.chain import Entry
from ticketing.door.models import Incident
from ticketing.foundation.ids import new_id
from ticketing.inventory.models import Place
from ticketing.tickets.models import Ticket

TICKETS, OFFLINE_SCANS = 30_000, 5_000
_FULL_KB, _FULL_SECONDS, _DELTA_KB, _UPLOAD_SECONDS = 350.0, 0.5, 2.0, 5.0
_BATCH, _LITTLE = 200, 20
_QUICK_TRIES, _TRIES = 3, 9


class DoorFailedError(Exception):
    """An answer was not what it should be; the message says which."""


def measure_door(product: Product, *, quick: bool) -> Iterator[Check]:
    """Sync a festival of 30,000 tickets, and send what a phone scanned offline."""
    tries = _QUICK_TRIES if quick else _TRIES
    with _sold(product, TICKETS):
        times, size, answer = [], 0, {}
        for _ in range(tries):
            seconds, size, answer = _sync(product, "")
            times.append(seconds)
        if not answer["full"] or len(answer["tickets"]["state"]) < TICKETS:
            raise DoorFailedError("the first sync is not whole")
        yield at_most(f"full sync of {TICKETS:,}, KB gzip", size / 1024, _FULL_KB)
        yield at_most(f"full sync of {TICKETS:,}, s", median(times), _FULL_SECONDS)
        cursor = answer["cursor"]
        quiet = [_sync(product, cursor) for _ in range(tries)]
        yield at_most("delta when nothing happened, KB gzip", quiet[-1][1] / 1024, _DELTA_KB)
        yield at_most("delta when nothing happened, ms", 1000 * median(one[0] for one in quiet), None)
        log = _Log()
        _upload(product, log, 0, _LITTLE)
        seconds, size, answer = _sync(product, cursor)
        if answer["full"] or sum(answer["admissions"]["inside"]) != _LITTLE:
            raise DoorFailedError("the delta does not have the admissions")
        yield at_most(f"delta of {_LITTLE} admissions, KB gzip", size / 1024, _DELTA_KB)
        yield at_most(f"delta of {_LITTLE} admissions, ms", 1000 * seconds, None)
    begin = perf_counter()
    _upload(product, log, _LITTLE, OFFLINE_SCANS)
    yield at_most(f"{OFFLINE_SCANS:,} offline scans sent, s", perf_counter() - begin, _UPLOAD_SECONDS)
    with product.world.runtime.database.reading() as session:
        if session.scalar(select(func.count()).select_from(Incident)):
            raise DoorFailedError("a whole log was taken for a broken one")
    product.world.empty_halls()


@contextmanager
def _sold(product: Product, wanted: int) -> Iterator[None]:
    """Let there be so many tickets: those of the world, and for the time being rows without money."""
    database, now = product.world.runtime.database, product.world.runtime.clock.now()
    with database.transaction() as session:
        there = session.scalar(select(func.count()).select_from(Ticket)) or 0
        last = session.scalar(select(func.max(Ticket.serial))) or 0
        order = session.scalars(select(Ticket.order_id).limit(1)).one()
        free = select(Place.id, Place.screening_id, Place.label).where(Place.order_id.is_(None))
        rows = session.execute(free.order_by(Place.screening_id, Place.place_no).limit(wanted - there)).all()
        made = [
            {
                "id": new_id(now), "order_id": order, "screening_id": row.screening_id, "place_id": row.id,
                "label": row.label, "band": "", "concession": "student" if n % 5 == 0 else "adult",
                "price_minor": 100, "state": "valid", "issued_at": now, "revision": 1, "inside": False,
                "blocked": False, "code_hash": secrets.token_bytes(32), "code_sealed": "",
            }
            for n, row in enumerate(rows)
        ]  # fmt: skip
        session.execute(insert(Ticket), made)
    try:
        yield
    finally:
        with database.transaction() as session:
            session.execute(delete(Ticket).where(Ticket.serial > last))


def _sync(product: Product, cursor: str) -> tuple[float, int, dict[str, Any]]:
    """Return how long the answer took, its size as it came, and what it says."""
    connection = HTTPConnection("127.0.0.1", product.server.port, timeout=30)
    headers = {"Authorization": f"Bearer {product.world.phones[0]}", "Accept-Encoding": "gzip"}
    begin = perf_counter()
    try:
        connection.request("GET", f"/api/v1/door/sync?cursor={cursor}", headers=headers)
        response = connection.getresponse()
        raw = response.read()
    finally:
        connection.close()
    seconds = perf_counter() - begin
    packed = response.getheader("Content-Encoding") == "gzip"
    return seconds, len(raw), _decoded(gzip.decompress(raw) if packed else raw)


def _decoded(raw: bytes) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(raw)
    return decoded


class _Log:
    """A phone's log: numbers, and each entry with the hash of the one before."""

    def __init__(self) -> None:
        self._seq, self._prev = 0, ""

    def write(self, ticket: Admittance) -> dict[str, object]:
        self._seq += 1
        entry = Entry(
            id=uuid4(), seq=self._seq, code=ticket.code, screening=ticket.screening, direction="in", gate="A",
            at=datetime.fromisoformat(ticket.at), offline=True, verdict="admit", reason="ok", override="",
            prev=self._prev,
        )  # fmt: skip
        self._prev = entry.hash()
        sent = asdict(entry) | {"id": str(entry.id), "at": ticket.at}
        return {name: value for name, value in sent.items() if name != "override"}


def _upload(product: Product, log: _Log, begin: int, scans: int) -> None:
    """Send admissions as a phone does that was offline: in batches, each when the last was answered."""
    wanted = product.world.admittances[begin : begin + scans]
    connection = HTTPConnection("127.0.0.1", product.server.port, timeout=30)
    for start in range(0, len(wanted), _BATCH):
        batch = [log.write(one) for one in wanted[start : start + _BATCH]]
        body = {"sent_at": datetime.now(UTC).isoformat(), "scans": batch}
        headers = {
            "Authorization": f"Bearer {product.world.phones[0]}",
            "Content-Type": "application/json",
        }
        connection.request("POST", "/api/v1/door/scans", json.dumps(body), headers)
        answer = connection.getresponse()
        results = _decoded(answer.read())
        if answer.status != 200 or any(one["stored"] != "stored" for one in results["results"]):  # noqa: PLR2004
            raise DoorFailedError("a batch was not stored")
    connection.close()

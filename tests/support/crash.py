"""Killing the product in the middle of a buying load, starting it again, and counting the money."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPException
from threading import Condition

from sqlalchemy import func, select, update

from tests.support.calls import OverHttp, hold, order, pay, read_order, refund
from tests.support.house import require_invariants
from tests.support.server import Server
from ticketing.app import make_runtime
from ticketing.demo_run import load_demo
from ticketing.foundation.actor import SYSTEM
from ticketing.foundation.db import Database
from ticketing.foundation.models import OutboxEntry
from ticketing.sales.models import DemoSession, GatewayEvent, LedgerLine, Order, Payment, Refund
from ticketing.staff.accounts import Role, issue_token
from ticketing.tickets.models import Ticket

_SCREENINGS = ("s03", "s05", "s07", "s18")  # numbered, free of charge, unnumbered, large
_OUTCOMES = ("approve", "approve", "duplicate", "decline", "late", "abandon")
_SETTLE_SECONDS = 100
_LOAD_SECONDS = 100


@dataclass
class Promises:
    """What buyers were shown: codes of tickets, and those that staff were told are refunded."""

    tickets: set[str] = field(default_factory=set)
    maybe_refunded: set[str] = field(default_factory=set)
    purchases: int = 0
    changed: Condition = field(default_factory=Condition)

    def bought(self, tickets: list[str]) -> None:
        """Record a purchase."""
        with self.changed:
            self.tickets.update(tickets)
            self.purchases += 1
            self.changed.notify_all()


def prepare(server: Server) -> str:
    """Load the demo festival, start web and worker, and return a token of the box office."""
    here = make_runtime(server.settings())
    load_demo(here)
    with here.database.transaction() as session:
        staff = issue_token(session, Role.BOXOFFICE, "test", SYSTEM, here.clock.now())
    here.database.close()
    server.start(worker=True)
    return staff


def crash(server: Server, staff: str, promises: Promises, *, buyers: int, purchases: int, seed: int) -> None:
    """Let buyers buy, kill every process once so many purchases are done, and start the product again."""
    wanted = promises.purchases + purchases
    with ThreadPoolExecutor(buyers) as threads:
        running = [
            threads.submit(_buy_until_gone, server.port, staff, promises, random.Random(f"{seed}:{n}"))
            for n in range(buyers)
        ]
        with promises.changed:
            reached = promises.changed.wait_for(lambda: promises.purchases >= wanted, _LOAD_SECONDS)
        server.kill()
        for one in running:
            one.result()
    assert reached, "the load did not get so far"
    server.start(worker=True)


def settle(server: Server) -> None:
    """Let the time to pay be over, and wait until the worker has ended all that was cut off."""
    here = make_runtime(server.settings())
    with here.database.transaction() as session:
        past = here.clock.now() - timedelta(seconds=1)
        session.execute(update(Order).where(Order.status == "pending").values(pay_until=past))
        # What a killed worker had in hand is its own for two minutes; nobody waits that long here.
        session.execute(update(OutboxEntry).where(OutboxEntry.done_at.is_(None)).values(due_at=past))
    waiting: dict[str, Callable[[], object]] = {
        "orders": lambda: _count(here.database, Order, Order.status == "pending"),
        "events": lambda: _count(here.database, GatewayEvent, GatewayEvent.processed_at.is_(None)),
        "refunds": lambda: _count(here.database, Refund, Refund.status == "pending"),
    }
    deadline = time.monotonic() + _SETTLE_SECONDS
    while left := {name: number for name, count in waiting.items() if (number := count())}:
        assert time.monotonic() < deadline, f"not settled: {left}"
        time.sleep(0.2)
    here.database.close()


def require_every_tenge(server: Server, promises: Promises) -> None:
    """Fail unless the invariants hold, the bank and the ledger agree, and every ticket shown still stands."""
    here = make_runtime(server.settings())
    require_invariants(here.database, here.clock.now())
    with here.database.reading() as session:
        bank = {
            row.id: (row.captured_minor, row.refunded_minor) for row in session.scalars(select(DemoSession))
        }
        paid = select(Payment.session, Payment.captured_minor).where(Payment.state == "captured")
        captured = {row[0]: row[1] for row in session.execute(paid)}
        ledger = session.scalar(
            select(func.coalesce(func.sum(LedgerLine.amount_minor), 0)).where(LedgerLine.account == "gateway")
        )
        states = {str(row[0]): row[1] for row in session.execute(select(Ticket.id, Ticket.state))}
    here.database.close()
    assert {page: taken for page, (taken, _) in bank.items() if taken} == captured
    assert sum(taken - returned for taken, returned in bank.values()) == ledger
    lost = {one for one in promises.tickets if states.get(one) != "valid"} - promises.maybe_refunded
    assert not lost, f"{len(lost)} tickets that buyers were shown are gone"


def _count(database: Database, table: type, condition: object) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(condition)) or 0  # type: ignore[arg-type]


def _buy_until_gone(port: int, staff: str, promises: Promises, dice: random.Random) -> None:
    call = OverHttp(port)
    try:
        while True:
            _buy_once(call, staff, promises, dice)
    except (OSError, HTTPException):
        return  # the server is gone: that is the point
    finally:
        call.close()


def _buy_once(call: OverHttp, staff: str, promises: Promises, dice: random.Random) -> None:
    held = hold(call, dice.choice(_SCREENINGS), dice.choice((1, 2)))
    assert held.status in (201, 409), held
    if held.status != 201:
        return
    made = order(call, [held.body])
    assert made.status == 201, made
    if made.body["payment"]:
        pay(call, made.body, dice.choice(_OUTCOMES))
    tickets = [one["ticket"] for one in read_order(call, made.body)["tickets"]]
    promises.bought(tickets)
    if tickets and dice.random() < 0.3:
        promises.maybe_refunded.update(tickets)
        refund(call, staff, made.body["order"], tickets[:1])

"""A phone that follows the changes holds what a full sync gives, whatever happened in between."""

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from tests.integration.stateful.running import run_machine
from tests.integration.stateful.sync_machine import SyncMachine
from tests.support import calls
from tests.support.held import Held
from tests.support.house import House
from ticketing.door import sync
from ticketing.foundation.changes import Bound
from ticketing.tickets.models import Ticket


def test_any_order_of_changes_and_syncs(house: House) -> None:
    run_machine(lambda: SyncMachine(house), evenings=20, steps=40)


def _follow(house: House, held: Held) -> None:
    asked = house.call("GET", f"/api/v1/door/sync?cursor={held.cursor}", None, calls.bearer(house.phones[0]))
    held.apply(asked.body)


def _sync_while_a_sale_ends_late(house: House) -> bool:
    """Let a later transaction end before an earlier one, and a phone sync in between; tell if it has all."""
    ordered = calls.order(house.call, [calls.hold(house.call, "seats", 2).body]).body
    assert calls.pay(house.call, ordered).status == 200
    held = Held()
    _follow(house, held)
    with house.database.reading() as session:
        first, second = session.scalars(select(Ticket.serial).order_by(Ticket.serial))
    change = update(Ticket).values(band="late")
    with house.database.transaction() as slow:
        slow.execute(change.where(Ticket.serial == first))
        with house.database.transaction() as quick:
            quick.execute(change.where(Ticket.serial == second))
        _follow(house, held)
        _follow(house, held)
    _follow(house, held)
    return [one["area"] for one in held.tickets.values()] == ["late", "late"]


def test_a_transaction_that_ends_late_is_not_lost(house: House, backend: str) -> None:
    if backend == "sqlite":
        pytest.skip("SQLite has one writer at a time: none ends after a later one")
    assert _sync_while_a_sale_ends_late(house)


def test_without_the_bound_a_late_end_is_lost(
    house: House, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: asking next from the newest change that was seen."""
    if backend == "sqlite":
        pytest.skip("SQLite has one writer at a time: none ends after a later one")

    def newest(session: Session, _table: str) -> Bound:
        number = int(session.scalars(text("SELECT max(changed) + 1 FROM ticket")).one())
        return Bound(number, number)

    monkeypatch.setattr(sync, "change_bound", newest)
    assert not _sync_while_a_sale_ends_late(house)

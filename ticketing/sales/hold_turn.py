"""The turn that holds which are asked for at the same moment share."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from ticketing.foundation.clock import Clock
from ticketing.foundation.db import Database
from ticketing.foundation.idempotency import Repeatable
from ticketing.foundation.shared_turn import Refusal, SharedTurn, each_apart
from ticketing.inventory.holds import HeldPlaces, HoldRequest, hold_named, hold_places
from ticketing.inventory.remembered import RememberedHalls
from ticketing.sales.price_tables import PriceTables
from ticketing.sales.pricing import PriceTable


@dataclass(frozen=True, kw_only=True)
class AskedHold:
    """What a buyer asks for. `repeat`: the request's key, where a program may send it again."""

    id: UUID
    request: HoldRequest
    repeat: Repeatable | None = None

    @property
    def is_plain(self) -> bool:
        """Tell whether it asks for places by name, and writes nothing but its hold."""
        return bool(self.request.places) and (self.repeat is None or self.repeat.scope is None)


@dataclass(frozen=True)
class PricedHold:
    """A hold with what its places cost."""

    held: HeldPlaces
    prices: PriceTable


class HoldTurn:
    """Makes holds. One per process.

    Plain ones are made together: their rows are locked in one order. The others are found as they are free,
    in no order, so on PostgreSQL they have transactions of their own; on SQLite, where all wait for one turn
    anyway, each is a deed in it. It runs in another request's thread, and so uses nothing of a request.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self.prices = PriceTables()
        self._clock = clock
        self._halls = RememberedHalls()
        self._has_one_turn = database.is_sqlite
        self._turn: SharedTurn[AskedHold, PricedHold] = SharedTurn(database, self._hold_all)

    def hold(self, asked: AskedHold) -> PricedHold:
        """Hold places. Raises what hold_places raises, and AlreadyDoneError for a key that was used."""
        if asked.is_plain or self._has_one_turn:
            return self._turn.run(asked)
        return self._turn.run_alone(asked)

    def _hold_all(self, session: Session, asked: Sequence[AskedHold]) -> Sequence[PricedHold | Refusal]:
        if len(asked) == 1 and not asked[0].is_plain:
            return [self._hold_one(asked[0], session)]
        plain = {one.id: one.request for one in asked if one.is_plain}
        together = iter(self._hold_plain(session, plain) if plain else ())
        apart = iter(each_apart(session, [partial(self._hold_one, one) for one in asked if not one.is_plain]))
        return [next(together if one.is_plain else apart) for one in asked]

    def _hold_plain(self, session: Session, requests: dict[UUID, HoldRequest]) -> list[PricedHold | Refusal]:
        return [
            held if isinstance(held, Refusal) else PricedHold(held, self.prices.of(session, held))
            for held in hold_named(session, self._halls, requests, self._clock.now())
        ]

    def _hold_one(self, asked: AskedHold, session: Session) -> PricedHold:
        now = self._clock.now()
        if asked.repeat is not None:
            asked.repeat.claim(session, str(asked.id), now)
        held = hold_places(session, self._halls, asked.id, asked.request, now)
        return PricedHold(held, self.prices.of(session, held))

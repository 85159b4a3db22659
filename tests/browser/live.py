"""The demo festival on a real server with its worker, and what tests do behind the pages' backs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text, update

from tests.support.calls import API, OverHttp, hold, order_key, pay
from tests.support.server import Server
from ticketing.catalogue.models import Screening
from ticketing.door.devices import offer_pairing, revoke
from ticketing.door.models import DoorPin, Pairing
from ticketing.door.pins import fresh_pins, keep_pins
from ticketing.door.rush_slips import hand_out
from ticketing.foundation.actor import SYSTEM
from ticketing.foundation.web import Runtime

Json = Mapping[str, Any]
_BUYERS = count(1)


@dataclass(frozen=True, kw_only=True)
class Live:
    """A running Kassa: its address, a caller of its API, and its database."""

    server: Server
    call: OverHttp
    runtime: Runtime

    @property
    def base(self) -> str:
        """Return the address of the site, without a slash at its end."""
        return f"http://127.0.0.1:{self.server.port}"

    def screening(self, code: str) -> Json:
        """Return a screening as the API tells of it."""
        found: Json = self.call("GET", f"{API}/screenings/{code}").body
        return found

    def free_places(self, code: str) -> set[str]:
        """Return the places that anybody can claim now."""
        places = self.call("GET", f"{API}/screenings/{code}/places").body["places"]
        return {place["place"] for place in places if place["free"]}

    def buy(
        self,
        screening: str,
        places: Sequence[str] | int = 1,
        name: str = "Айгерім Сейтқали",
        **concessions: str,
    ) -> Json:
        """Buy by the API, each time as another person; return the paid order with its key and tickets."""
        held = hold(self.call, screening, places)
        assert held.status == 201, held
        chosen = dict(zip(held.body["places"], concessions.values(), strict=False))
        body = {
            "holds": [{"hold": held.body["hold"], "key": held.body["key"], "concessions": chosen}],
            "buyer": {"email": f"buyer{next(_BUYERS)}@example.com", "name": name},
            "locale": "en",
            "accept_terms": True,
        }
        ordered = self.call("POST", f"{API}/orders", body)
        assert ordered.status == 201, ordered
        if ordered.body["payment"]:
            assert pay(self.call, ordered.body).status == 200
        return {**self.read(ordered.body), "key": ordered.body["key"]}

    def read(self, ordered: Json) -> Json:
        """Return an order as its buyer's key opens it; it must be paid."""
        found = self.call("GET", f"{API}/orders/{ordered['order']}", None, order_key(ordered))
        assert found.body["status"] == "paid", found
        body: Json = found.body
        return body

    def inside(self, screening: str) -> int:
        """Return how many are in the hall, as the database has it."""
        found = self.value(
            "SELECT count(*) FROM ticket JOIN screening ON screening.id = ticket.screening_id"
            " WHERE ticket.inside AND screening.code = :code",
            code=screening,
        )
        return int(found)

    def pairing_code(self, venue: str | None = None) -> str:
        """Return a code for one phone."""
        with self.runtime.database.transaction() as session:
            return offer_pairing(session, venue, "Door phone", SYSTEM, self.runtime.clock.now())

    def slip(self, screening: str) -> str:
        """Hand out the next number of a rush line and return its code."""
        here = self.runtime
        with here.database.transaction() as session:
            [slip] = hand_out(session, here.vault, screening, 1, SYSTEM, here.clock.now())
            return here.vault.open(slip.code_sealed)

    def door_pins(self, day: str) -> tuple[str, str]:
        """Make the day's PINs and return the usher's and the supervisor's."""
        usher, supervisor = fresh_pins()
        with self.runtime.database.transaction() as session:
            now = self.runtime.clock.now()
            keep_pins(session, date.fromisoformat(day), [usher, supervisor], SYSTEM, now)
        return usher.pin, supervisor.pin

    def forget_pins(self) -> None:
        """Let no day have PINs."""
        with self.runtime.database.transaction() as session:
            session.execute(delete(DoorPin))

    def bring_forward(self, code: str, minutes: int) -> None:
        """Move the whole programme so that a screening begins in so many minutes."""
        with self.runtime.database.transaction() as session:
            screenings = {one.code: one for one in session.scalars(select(Screening)).unique()}
            start = self.runtime.clock.now() + timedelta(minutes=minutes)
            by = screenings[code].starts_at - start
            for one in screenings.values():
                one.starts_at, one.ends_at = one.starts_at - by, one.ends_at - by

    def expire_pairings(self) -> None:
        """Let the ten minutes of every pairing code be over."""
        with self.runtime.database.transaction() as session:
            session.execute(update(Pairing).values(expires_at=self.runtime.clock.now()))

    def revoke(self, device: str) -> None:
        """Disconnect a phone, as staff do."""
        with self.runtime.database.transaction() as session:
            revoke(session, UUID(device), SYSTEM, self.runtime.clock.now())

    def value(self, statement: str, **values: object) -> Any:
        """Return the one value that a statement selects."""
        with self.runtime.database.reading() as session:
            return session.execute(text(statement), values).scalar_one()

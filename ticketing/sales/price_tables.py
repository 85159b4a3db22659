"""Price lists as a process remembers them: a hold's answer names prices, and asks for them every time."""

from sqlalchemy.orm import Session

from ticketing.foundation.memory import Memory
from ticketing.inventory.holds import HeldPlaces
from ticketing.sales.lines import price_table
from ticketing.sales.pricing import PriceTable


class PriceTables:
    """Price lists under the catalogue's revision, which counts every change of theirs."""

    _MOST = 100

    def __init__(self) -> None:
        self._memory: Memory[tuple[int, int], PriceTable] = Memory(self._MOST)

    def of(self, session: Session, hold: HeldPlaces) -> PriceTable:
        """Return what a hold's places cost."""
        key = (hold.price_list_id, hold.revision)
        return self._memory.get(key, lambda: price_table(session, hold.price_list_id))

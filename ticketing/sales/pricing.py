"""Prices: which concession is meant when none is named, and what a place costs. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

ADULT = "adult"
EVERY_BAND = ""


@dataclass(frozen=True)
class PriceTable:
    """A price list as a look-up: (band, concession) to minor units, in the list's order."""

    amounts: dict[tuple[str, str], int] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, int]]) -> "PriceTable":
        """Build from rows of band, concession, amount in minor units."""
        return cls({(band, concession): amount for band, concession, amount in rows})

    def concessions(self, band: str) -> dict[str, int]:
        """Return what a place of this band costs each concession, in the list's order."""
        result: dict[str, int] = {}
        for (of_band, concession), amount in self.amounts.items():
            if of_band == band or (of_band == EVERY_BAND and (band, concession) not in self.amounts):
                result[concession] = amount
        return result

    def default_concession(self, band: str) -> str | None:
        """Return what an omitted concession means: adult, else the only one there is."""
        offered = self.concessions(band)
        if ADULT in offered:
            return ADULT
        return next(iter(offered)) if len(offered) == 1 else None

    def price(self, band: str, concession: str | None) -> tuple[str, int] | None:
        """Return the concession that applies and its price in minor units, or None if it is not offered."""
        chosen = self.default_concession(band) if concession is None else concession
        offered = self.concessions(band)
        return None if chosen is None or chosen not in offered else (chosen, offered[chosen])

    def lowest(self) -> int | None:
        """Return the lowest full price: what "from" says. Concessions do not make a screening look cheap."""
        bands = {band for band, _ in self.amounts}
        full = [priced[1] for band in bands if (priced := self.price(band, None)) is not None]
        return min(full) if full else None

"""Money in integer minor units; the only place that rounds."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MINOR_PER_MAJOR = 100


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency. `minor` is in hundredths: 4 500 ₸ is Money(450000, "KZT")."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._require_same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._require_same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def to_json(self) -> dict[str, int | str]:
        """Return the shape of the public contract."""
        return {"minor": self.minor, "currency": self.currency}

    def _require_same_currency(self, other: "Money") -> None:
        if other.currency != self.currency:
            message = f"cannot mix {self.currency} and {other.currency}"
            raise ValueError(message)


def round_to_major(minor: Decimal) -> int:
    """Round an amount of minor units to whole major units, halves up: prices are shown as whole tenge."""
    major = (minor / MINOR_PER_MAJOR).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return int(major) * MINOR_PER_MAJOR

"""The tax setting: `vat:12:2024-01-01;vat:16:2026-01-01` says which rate holds from which day on."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

_RATE = re.compile(r"(?P<name>[a-z]{1,10}):(?P<percent>\d{1,2}(?:\.\d{1,2})?):(?P<since>\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, kw_only=True)
class TaxRate:
    """So many percent from that day on; the rate is included in the price."""

    name: str
    percent: Decimal
    since: date


def parse_tax(text: str) -> tuple[TaxRate, ...]:
    """Return the rates in the order of the text; none for an empty text.

    Raises ValueError when the text is malformed, or when the days of one tax do not rise.
    """
    rates: list[TaxRate] = []
    latest: dict[str, date] = {}
    for part in text.split(";") if text else []:
        match = _RATE.fullmatch(part.strip())
        if match is None:
            message = f"malformed tax rate {part!r}"
            raise ValueError(message)
        since = date.fromisoformat(match["since"])
        if match["name"] in latest and since <= latest[match["name"]]:
            message = f"the days of {match['name']} do not rise"
            raise ValueError(message)
        latest[match["name"]] = since
        rates.append(TaxRate(name=match["name"], percent=Decimal(match["percent"]), since=since))
    return tuple(rates)


def format_tax(rates: tuple[TaxRate, ...]) -> str:
    """Return the text that `parse_tax` reads."""
    return ";".join(f"{rate.name}:{rate.percent}:{rate.since.isoformat()}" for rate in rates)

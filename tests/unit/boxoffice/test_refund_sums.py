"""What a refund keeps and how amounts are written: the vectors that the desk's page runs too."""

import json
from pathlib import Path

from ticketing.boxoffice.rules import kept_fee
from ticketing.foundation.i18n import money_text
from ticketing.foundation.money import Money

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "refund.json").read_text())


def test_fees() -> None:
    for case in VECTORS["fees"]:
        assert kept_fee(case["typed"], case["policy"]) == case["fee"], case


def test_amounts() -> None:
    for case in VECTORS["amounts"]:
        assert money_text(Money(case["minor"], "KZT")) == case["text"]

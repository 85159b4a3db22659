"""PINs of the door: what phones check them with, and that they are made well."""

import json
from pathlib import Path

from ticketing.door.pins import DIGITS, fresh_pins, verifier_of

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "pins.json").read_text(encoding="utf-8"))


def test_verifiers_are_those_of_the_phones() -> None:
    for one in VECTORS["pins"]:
        made = verifier_of(one["pin"], bytes.fromhex(one["salt"]), one["iterations"])
        assert made.hex() == one["verifier"]


def test_fresh_pins_are_of_six_digits_and_differ() -> None:
    usher, supervisor = fresh_pins()
    assert usher.pin != supervisor.pin
    assert usher.salt != supervisor.salt
    for one in (usher, supervisor):
        assert (len(one.pin), one.pin.isdecimal()) == (DIGITS, True)
        assert verifier_of(one.pin, one.salt) == one.verifier

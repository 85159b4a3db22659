"""Signed codes: the shared vectors, and what no change of a code may do."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ticketing.tickets import base45
from ticketing.tickets.codes import CodeKind, parse
from ticketing.tickets.signed_codes import PublicKey, Reading, Standing, Statement, make, read

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors/signed.json").read_text(encoding="utf-8")
)
KEYS = {
    one["key"]: PublicKey(number=one["key"], public=bytes.fromhex(one["public"]), realm=one["realm"])
    for one in VECTORS["keys"]
}
SEEDS = {one["key"]: bytes.fromhex(one["seed"]) for one in VECTORS["keys"]}
REALM = KEYS[0].realm

statements = st.builds(
    Statement,
    serial=st.integers(0, 2**64 - 1),
    screening=st.integers(0, 2**32 - 1),
    revision=st.integers(0, 2**16 - 1),
    card=st.sampled_from(["", "student", "pensioner", "child"]),
)


def private(key: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(SEEDS[key])


def said(vector: dict[str, Any]) -> Statement:
    return Statement(**{name: vector[name] for name in ("serial", "screening", "revision", "card")})


@pytest.mark.parametrize("vector", VECTORS["made"], ids=lambda vector: vector["name"])
def test_a_key_makes_the_code_and_reads_it(vector: dict[str, Any]) -> None:
    key = KEYS[vector["key"]]
    assert private(key.number).public_key().public_bytes_raw() == key.public
    assert make(said(vector), key.number, key.realm, private(key.number).sign) == vector["code"]
    assert read(vector["code"], KEYS) == Reading(standing=Standing.GOOD, statement=said(vector))


@pytest.mark.parametrize("vector", VECTORS["others"], ids=lambda vector: vector["name"])
def test_what_others_are_worth(vector: dict[str, Any]) -> None:
    assert parse(vector["code"]).kind is CodeKind.SIGNED
    assert read(vector["code"], KEYS) == Reading(standing=Standing(vector["standing"]))


def test_base45() -> None:
    for vector in VECTORS["base45"]:
        assert base45.encode(bytes.fromhex(vector["hex"])) == vector["text"]
        assert base45.decode(vector["text"]).hex() == vector["hex"]
    for text in VECTORS["not_base45"]:
        with pytest.raises(ValueError, match=r"base45|letters"):
            base45.decode(text)
    with pytest.raises(ValueError, match="pairs"):
        base45.encode(b"odd")


@given(data=st.binary(max_size=80).filter(lambda data: len(data) % 2 == 0))
def test_base45_goes_there_and_back(data: bytes) -> None:
    assert base45.decode(base45.encode(data)) == data


@given(statement=statements, key=st.sampled_from(sorted(KEYS)))
def test_every_statement_goes_there_and_back_as_122_characters(statement: Statement, key: int) -> None:
    code = make(statement, key, KEYS[key].realm, private(key).sign)
    assert len(code) == 122
    # A code that began or ended with a blank would lose it wherever it is copied.
    assert parse(f" {code.lower()}\n").canonical == code
    assert read(code, KEYS) == Reading(standing=Standing.GOOD, statement=statement)


@given(statement=statements, flips=st.sets(st.integers(0, 639), min_size=1, max_size=3))
def test_no_flipped_code_is_believed(statement: Statement, flips: set[int]) -> None:
    data = bytearray(base45.decode(make(statement, 0, REALM, private(0).sign)[2:]))
    for bit in flips:
        data[bit // 8] ^= 1 << bit % 8
    assert read("K2" + base45.encode(bytes(data)), KEYS).standing is not Standing.GOOD


@given(statement=statements, data=st.binary(min_size=64, max_size=64))
def test_no_other_signature_is_believed(statement: Statement, data: bytes) -> None:
    code = make(statement, 0, REALM, lambda _text: data)
    assert read(code, KEYS).standing is Standing.BAD_SIGNATURE


@pytest.mark.parametrize("key", [-1, 16])
def test_a_code_names_one_of_sixteen_keys(key: int) -> None:
    with pytest.raises(ValueError, match="sixteen"):
        make(Statement(serial=1, screening=1, revision=1), key, REALM, private(0).sign)

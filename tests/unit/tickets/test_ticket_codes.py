"""Ticket codes: the shared vectors, and what must hold of any text."""

import base64
import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.tickets.codes import CodeKind, ParsedCode, digest, in_groups, new_code, parse

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "codes.json").read_text(encoding="utf-8"))
any_text = st.text(alphabet=st.characters(exclude_categories=()), max_size=700)
nearly_a_code = st.text(alphabet="kK1234089ABioz -:$\u00a0", max_size=140).map(lambda rest: "K" + rest)


@pytest.mark.parametrize("vector", VECTORS["parse"], ids=lambda vector: vector["name"])
def test_text_is_read_as_the_shared_vector_says(vector: dict[str, str]) -> None:
    expected = ParsedCode(kind=CodeKind(vector["kind"]), canonical=vector["canonical"])
    assert parse(vector["text"]) == expected


@pytest.mark.parametrize("vector", VECTORS["made"], ids=lambda vector: vector["code"])
def test_code_is_made_of_its_bytes(vector: dict[str, str]) -> None:
    assert new_code(bytes.fromhex(vector["random16"])) == vector["code"]


@pytest.mark.parametrize("vector", VECTORS["digests"], ids=lambda vector: vector["code"])
def test_digest_is_sha256_of_the_code(vector: dict[str, str]) -> None:
    assert digest(vector["code"]).hex() == vector["sha256"]


@pytest.mark.parametrize("vector", VECTORS["groups"], ids=lambda vector: vector["code"])
def test_code_is_shown_in_groups_of_four(vector: dict[str, str]) -> None:
    assert in_groups(vector["code"]) == vector["shown"]


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_code_of_too_few_or_too_many_bytes_is_not_made(length: int) -> None:
    with pytest.raises(ValueError, match="16 random bytes"):
        new_code(bytes(length))


@given(random16=st.binary(min_size=16, max_size=16))
def test_code_survives_being_shown_typed_and_read(random16: bytes) -> None:
    code = new_code(random16)
    assert len(code) == 28
    assert base64.b32decode(code[2:] + "======") == random16
    shown = in_groups(code)
    typed = code[:2] + code[2:].translate(str.maketrans("OIB", "018"))
    for text in (code, shown, shown.lower(), typed, shown.replace(" ", "-")):
        assert parse(text) == ParsedCode(kind=CodeKind.OPAQUE, canonical=code)


@given(text=any_text | nearly_a_code)
def test_any_text_is_read_to_a_spelling_that_reads_to_itself(text: str) -> None:
    parsed = parse(text)
    assert (parsed.canonical == "") == (parsed.kind is CodeKind.NOT_A_TICKET)
    if parsed.canonical:
        assert parsed.canonical.isascii()
        assert parse(parsed.canonical) == parsed


@given(text=any_text)
def test_digest_takes_any_text(text: str) -> None:
    assert digest(text) == sha256(text.encode("utf-8", "surrogatepass")).digest()


@given(data=st.binary(min_size=80, max_size=80))
def test_base45_of_eighty_bytes_is_signed(data: bytes) -> None:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
    pairs = [int.from_bytes(data[i : i + 2]) for i in range(0, 80, 2)]
    code = "K2" + "".join(alphabet[n % 45] + alphabet[n // 45 % 45] + alphabet[n // 2025] for n in pairs)
    assert parse(f" {code.lower()}\n") == ParsedCode(kind=CodeKind.SIGNED, canonical=code)

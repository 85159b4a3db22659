"""The papers for wallets: what fits is taken in every form it comes in, what does not stops the start."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from tests.support.wallets import (
    ACCOUNT,
    ISSUER,
    PASS_TYPE,
    TEAM,
    authority,
    key_pem,
    new_key,
    pass_certificate,
)
from ticketing.foundation.config import ConfigurationError, load_settings
from ticketing.foundation.wallet_settings import WalletSettingsError, apple_wallet, google_wallet

Environ = dict[str, str]
NAMES = {
    "TICKETING_APPLE_PASS_TYPE",
    "TICKETING_APPLE_TEAM",
    "TICKETING_APPLE_CERTIFICATE_FILE",
    "TICKETING_APPLE_WWDR_FILE",
}


@pytest.fixture
def apple(tmp_path: Path) -> Environ:
    """Settings that are right."""
    key = new_key(10)
    return {
        "TICKETING_APPLE_PASS_TYPE": PASS_TYPE,
        "TICKETING_APPLE_TEAM": TEAM,
        "TICKETING_APPLE_CERTIFICATE_FILE": kept(
            tmp_path, "pass.pem", pass_certificate(authority(), key).public_bytes(Encoding.PEM)
        ),
        "TICKETING_APPLE_KEY_FILE": kept(tmp_path, "pass.key", key_pem(key)),
        "TICKETING_APPLE_WWDR_FILE": kept(
            tmp_path, "wwdr.cer", authority().certificate.public_bytes(Encoding.DER)
        ),
    }


@pytest.fixture
def google(tmp_path: Path) -> Environ:
    account = {
        "client_email": ACCOUNT,
        "private_key": key_pem(new_key(11)).decode(),
        "type": "service_account",
    }
    return {
        "TICKETING_GOOGLE_WALLET_ISSUER": ISSUER,
        "TICKETING_GOOGLE_WALLET_ACCOUNT_FILE": kept(tmp_path, "account.json", json.dumps(account).encode()),
    }


def kept(folder: Path, name: str, raw: bytes) -> str:
    path = folder / name
    path.write_bytes(raw)
    return str(path)


def test_without_settings_there_are_no_wallets() -> None:
    assert apple_wallet({}) is None
    assert google_wallet({}) is None
    assert apple_wallet(dict.fromkeys(NAMES, " ")) is None


def test_apples_papers_as_files(apple: Environ) -> None:
    wallet = apple_wallet(apple)
    assert wallet is not None
    assert (wallet.pass_type, wallet.team) == (PASS_TYPE, TEAM)
    assert wallet.intermediate == authority().certificate


def test_a_certificate_as_apple_hands_it_out(apple: Environ, tmp_path: Path) -> None:
    raw = pass_certificate(authority(), new_key(10)).public_bytes(Encoding.DER)
    assert apple_wallet({**apple, "TICKETING_APPLE_CERTIFICATE_FILE": kept(tmp_path, "pass.cer", raw)})


def test_certificate_and_key_in_one_file(apple: Environ, tmp_path: Path) -> None:
    both = Path(apple["TICKETING_APPLE_CERTIFICATE_FILE"]).read_bytes() + key_pem(new_key(10))
    changed = {**apple, "TICKETING_APPLE_CERTIFICATE_FILE": kept(tmp_path, "both.pem", both)}
    del changed["TICKETING_APPLE_KEY_FILE"]
    assert apple_wallet(changed)


def test_pkcs12_with_a_password(apple: Environ, tmp_path: Path) -> None:
    raw = serialize_key_and_certificates(
        b"pass",
        new_key(10),
        pass_certificate(authority(), new_key(10)),
        None,
        BestAvailableEncryption(b"word"),
    )
    changed = {
        **apple,
        "TICKETING_APPLE_CERTIFICATE_FILE": kept(tmp_path, "pass.p12", raw),
        "TICKETING_APPLE_KEY_PASSWORD_FILE": kept(tmp_path, "password", b"word\n"),
    }
    del changed["TICKETING_APPLE_KEY_FILE"]
    assert apple_wallet(changed)
    wrong = kept(tmp_path, "wrong", b"other")
    with pytest.raises(WalletSettingsError, match="TICKETING_APPLE_KEY_PASSWORD_FILE"):
        apple_wallet({**changed, "TICKETING_APPLE_KEY_PASSWORD_FILE": wrong})


@pytest.mark.parametrize("name", sorted(NAMES))
def test_half_of_apples_settings_stop_the_start(apple: Environ, name: str, tmp_path: Path) -> None:
    del apple[name]
    with pytest.raises(ConfigurationError, match=name):
        load_settings({"TICKETING_DATA_DIR": str(tmp_path), **apple})


Wrong = Callable[[Path], tuple[str, str]]


def _other_key(folder: Path) -> tuple[str, str]:
    return "TICKETING_APPLE_KEY_FILE", kept(folder, "other.key", key_pem(new_key(12)))


def _curve(folder: Path) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return "TICKETING_APPLE_KEY_FILE", kept(folder, "curve.key", pem)


def _other_authority(folder: Path) -> tuple[str, str]:
    raw = authority(2).certificate.public_bytes(Encoding.PEM)
    return "TICKETING_APPLE_WWDR_FILE", kept(folder, "other.pem", raw)


def _other_pass(folder: Path) -> tuple[str, str]:
    made = pass_certificate(authority(), new_key(10), pass_type="pass.kz.other")
    return "TICKETING_APPLE_CERTIFICATE_FILE", kept(folder, "other.pem", made.public_bytes(Encoding.PEM))


def _other_team(folder: Path) -> tuple[str, str]:
    made = pass_certificate(authority(), new_key(10), team="ZZZZZ12345")
    return "TICKETING_APPLE_CERTIFICATE_FILE", kept(folder, "other.pem", made.public_bytes(Encoding.PEM))


def _expired(folder: Path) -> tuple[str, str]:
    made = pass_certificate(authority(), new_key(10), until=datetime.now(UTC) - timedelta(days=1))
    return "TICKETING_APPLE_CERTIFICATE_FILE", kept(folder, "old.pem", made.public_bytes(Encoding.PEM))


WRONG: list[Wrong] = [
    _other_key,
    _curve,
    _other_authority,
    _other_pass,
    _other_team,
    _expired,
    lambda _folder: ("TICKETING_APPLE_PASS_TYPE", "kz.example.tickets"),
    lambda _folder: ("TICKETING_APPLE_TEAM", "abcde12345"),
    lambda folder: ("TICKETING_APPLE_WWDR_FILE", str(folder / "nowhere")),
    lambda folder: ("TICKETING_APPLE_WWDR_FILE", kept(folder, "junk", b"junk")),
    lambda folder: ("TICKETING_APPLE_CERTIFICATE_FILE", kept(folder, "junk", b"-----BEGIN junk")),
    lambda folder: ("TICKETING_APPLE_KEY_FILE", kept(folder, "junk", b"junk")),
    lambda folder: ("TICKETING_APPLE_WWDR_FILE", str(folder)),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_does_not_fit_is_named(apple: Environ, wrong: Wrong, tmp_path: Path) -> None:
    name, value = wrong(tmp_path)
    with pytest.raises(ConfigurationError) as refused:
        load_settings({"TICKETING_DATA_DIR": str(tmp_path), **apple, name: value})
    said = str(refused.value)
    # A key that is not the certificate's may be the fault of either file.
    assert name in said or name == "TICKETING_APPLE_KEY_FILE"
    assert "TICKETING_APPLE_" in said
    assert "BEGIN" not in said


def test_googles_papers(google: Environ) -> None:
    wallet = google_wallet(google)
    assert wallet is not None
    assert (wallet.issuer, wallet.account) == (ISSUER, ACCOUNT)
    assert "PRIVATE" not in repr(wallet)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("TICKETING_GOOGLE_WALLET_ISSUER", None),
        ("TICKETING_GOOGLE_WALLET_ISSUER", "12 34"),
        ("TICKETING_GOOGLE_WALLET_ACCOUNT_FILE", None),
        ("TICKETING_GOOGLE_WALLET_ACCOUNT_FILE", b"{}"),
        ("TICKETING_GOOGLE_WALLET_ACCOUNT_FILE", b"[]"),
        ("TICKETING_GOOGLE_WALLET_ACCOUNT_FILE", b"\xff"),
        ("TICKETING_GOOGLE_WALLET_ACCOUNT_FILE", b'{"client_email": "a", "private_key": "b"}'),
    ],
)
def test_googles_papers_that_do_not_fit(
    google: Environ, name: str, content: str | bytes | None, tmp_path: Path
) -> None:
    if content is None:
        del google[name]
    else:
        google[name] = content if isinstance(content, str) else kept(tmp_path, "account.json", content)
    with pytest.raises(ConfigurationError, match=name):
        load_settings({"TICKETING_DATA_DIR": str(tmp_path), **google})

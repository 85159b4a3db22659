"""The operator's papers for wallets, made for tests: by an authority of our own instead of Apple's."""

import json
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ticketing.foundation.wallet_settings import AppleWallet, GoogleWallet

PASS_TYPE, TEAM = "pass.kz.example.tickets", "ABCDE12345"
ISSUER, ACCOUNT = "3388000000012345678", "kassa-wallet@eurasia-festival-2024.example-accounts.kz"
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
FAR_AWAY = datetime(2099, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Authority:
    """Whoever issues pass certificates."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


@lru_cache
def new_key(_number: int = 0) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@lru_cache
def authority(number: int = 1) -> Authority:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Intermediate {number}")])
    made = (
        _certificate(name, name, new_key(number))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(new_key(number), hashes.SHA256())
    )
    return Authority(certificate=made, key=new_key(number))


def pass_certificate(
    by: Authority,
    key: rsa.RSAPrivateKey,
    *,
    pass_type: str = PASS_TYPE,
    team: str = TEAM,
    until: datetime = FAR_AWAY,
) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.USER_ID, pass_type),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Pass Type ID: {pass_type}"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, team),
        ]
    )
    return _certificate(name, by.certificate.subject, key, until=until).sign(by.key, hashes.SHA256())


@lru_cache
def apple_papers() -> AppleWallet:
    return AppleWallet(
        pass_type=PASS_TYPE,
        team=TEAM,
        certificate=pass_certificate(authority(), new_key(10)),
        key=new_key(10),
        intermediate=authority().certificate,
    )


@lru_cache
def google_papers() -> GoogleWallet:
    return GoogleWallet(issuer=ISSUER, account=ACCOUNT, key=new_key(11))


def key_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def files_of(raw: bytes) -> dict[str, bytes]:
    """Return the files of a zip by name; damaged ones are refused."""
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def read_pass(raw: bytes) -> Any:
    """Return what pass.json says."""
    return json.loads(files_of(raw)["pass.json"])


def openssl() -> str | None:
    return shutil.which("openssl")


def verified_by_openssl(files: dict[str, bytes], by: x509.Certificate, folder: Path) -> bool:
    """Let OpenSSL, which shares nothing with what signed, check the signature of the manifest."""
    for name in ("manifest.json", "signature"):
        (folder / name).write_bytes(files[name])
    (folder / "authority.pem").write_bytes(by.public_bytes(Encoding.PEM))
    command = (
        "cms -verify -inform DER -in signature -content manifest.json -CAfile authority.pem -purpose any"
    )
    done = subprocess.run(
        [openssl() or "openssl", *command.split(), "-binary", "-out", "said"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0 and (folder / "said").read_bytes() == files["manifest.json"]


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, *, until: datetime = FAR_AWAY
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(LONG_AGO + timedelta(days=1))
        .not_valid_after(until)
    )

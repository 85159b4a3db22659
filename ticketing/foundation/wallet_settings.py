"""The operator's papers for phones' wallets, read and checked: Apple's certificates, Google's account.

Both are optional. What is given by halves, does not fit together or has expired stops the start.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12
from cryptography.x509.oid import NameOID

PASS_TYPE = "TICKETING_APPLE_PASS_TYPE"  # noqa: S105 - the name of a setting
TEAM = "TICKETING_APPLE_TEAM"
CERTIFICATE = "TICKETING_APPLE_CERTIFICATE_FILE"
KEY = "TICKETING_APPLE_KEY_FILE"
PASSWORD = "TICKETING_APPLE_KEY_PASSWORD_FILE"  # noqa: S105 - the name of a setting
WWDR = "TICKETING_APPLE_WWDR_FILE"
ISSUER = "TICKETING_GOOGLE_WALLET_ISSUER"
ACCOUNT = "TICKETING_GOOGLE_WALLET_ACCOUNT_FILE"
_NEEDED = (PASS_TYPE, TEAM, CERTIFICATE, WWDR)
_PASS_TYPE = re.compile(r"pass\.[A-Za-z0-9.-]{1,150}", re.ASCII)
_TEAM = re.compile(r"[A-Z0-9]{10}", re.ASCII)
_ISSUER = re.compile(r"\d{6,24}", re.ASCII)
_LEAST_BITS = 2048


class WalletSettingsError(Exception):
    """A setting of a wallet is wrong; the message names it."""


@dataclass(frozen=True, kw_only=True)
class AppleWallet:
    """What passes for Apple Wallet are signed with, and what its push service is asked with."""

    pass_type: str
    team: str
    certificate: x509.Certificate
    key: RSAPrivateKey = field(repr=False)
    # Apple's own intermediate, which goes into every signature.
    intermediate: x509.Certificate


@dataclass(frozen=True, kw_only=True)
class GoogleWallet:
    """What save links for Google Wallet are signed with."""

    issuer: str
    account: str
    key: RSAPrivateKey = field(repr=False)


def apple_wallet(environ: Mapping[str, str], now: datetime | None = None) -> AppleWallet | None:
    """Return the papers for Apple Wallet; None without any of its settings. Raises WalletSettingsError."""
    given = {name: environ.get(name, "").strip() for name in (*_NEEDED, KEY, PASSWORD)}
    if not any(given.values()):
        return None
    missing = [name for name in _NEEDED if not given[name]]
    if missing:
        message = f"{', '.join(missing)} must be set too: passes for Apple Wallet need all of these or none"
        raise WalletSettingsError(message)
    if not _PASS_TYPE.fullmatch(given[PASS_TYPE]):
        message = f"{PASS_TYPE} must be a pass type identifier such as pass.kz.example.tickets"
        raise WalletSettingsError(message)
    if not _TEAM.fullmatch(given[TEAM]):
        message = f"{TEAM} must be the ten capitals and figures of the team's identifier"
        raise WalletSettingsError(message)
    certificate, key = _signer(given)
    intermediate = _certificate(WWDR, _read(WWDR, given[WWDR]))
    _require_apple(given, certificate, key, intermediate, now or datetime.now(UTC))
    return AppleWallet(
        pass_type=given[PASS_TYPE],
        team=given[TEAM],
        certificate=certificate,
        key=key,
        intermediate=intermediate,
    )


def google_wallet(environ: Mapping[str, str]) -> GoogleWallet | None:
    """Return the papers for Google Wallet; None without any of its settings. Raises WalletSettingsError."""
    issuer, path = environ.get(ISSUER, "").strip(), environ.get(ACCOUNT, "").strip()
    if not issuer and not path:
        return None
    if not issuer or not path:
        message = f"{ISSUER} and {ACCOUNT} go together: set both or none"
        raise WalletSettingsError(message)
    if not _ISSUER.fullmatch(issuer):
        message = f"{ISSUER} must be the figures of the issuer's identifier"
        raise WalletSettingsError(message)
    try:
        account = json.loads(_read(ACCOUNT, path))
        email, pem = str(account["client_email"]), str(account["private_key"])
    except (ValueError, KeyError, TypeError):
        message = f"{ACCOUNT} must be a service account's JSON file with client_email and private_key"
        raise WalletSettingsError(message) from None
    return GoogleWallet(issuer=issuer, account=email, key=_rsa(ACCOUNT, _key(ACCOUNT, pem.encode(), None)))


def _signer(given: Mapping[str, str]) -> tuple[x509.Certificate, RSAPrivateKey]:
    """Return certificate and key: of two PEM files, of one with both in it, or of a PKCS #12 file."""
    raw = _read(CERTIFICATE, given[CERTIFICATE])
    password = _read(PASSWORD, given[PASSWORD]).strip() if given[PASSWORD] else None
    if b"-----BEGIN" in raw:
        where = KEY if given[KEY] else CERTIFICATE
        pem = _read(KEY, given[KEY]) if given[KEY] else raw
        return _certificate(CERTIFICATE, raw), _rsa(where, _key(where, pem, password))
    if given[KEY]:
        return _certificate(CERTIFICATE, raw), _rsa(KEY, _key(KEY, _read(KEY, given[KEY]), password))
    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(raw, password)
    except ValueError:
        message = f"{CERTIFICATE} is neither PEM nor a PKCS #12 file that the password of {PASSWORD} opens"
        raise WalletSettingsError(message) from None
    if certificate is None:
        message = f"{CERTIFICATE} has no certificate in it"
        raise WalletSettingsError(message)
    return certificate, _rsa(CERTIFICATE, key)


def _require_apple(
    given: Mapping[str, str],
    certificate: x509.Certificate,
    key: RSAPrivateKey,
    intermediate: x509.Certificate,
    now: datetime,
) -> None:
    if certificate.public_key() != key.public_key():
        message = f"{CERTIFICATE} and its key do not belong together"
        raise WalletSettingsError(message)
    for oid, name in ((NameOID.USER_ID, PASS_TYPE), (NameOID.ORGANIZATIONAL_UNIT_NAME, TEAM)):
        said = [part.value for part in certificate.subject.get_attributes_for_oid(oid)]
        if given[name] not in said:
            message = f"{CERTIFICATE} is not for the {name} that is set"
            raise WalletSettingsError(message)
    try:
        certificate.verify_directly_issued_by(intermediate)
    except (ValueError, TypeError, InvalidSignature):
        message = f"{WWDR} is not the intermediate that {CERTIFICATE} was issued by"
        raise WalletSettingsError(message) from None
    for name, one in ((CERTIFICATE, certificate), (WWDR, intermediate)):
        if not one.not_valid_before_utc <= now <= one.not_valid_after_utc:
            message = f"{name} is not valid today: renew it, or unset Apple's settings to start without"
            raise WalletSettingsError(message)


def _read(name: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        message = f"{name} names a file that cannot be read"
        raise WalletSettingsError(message) from None


def _certificate(name: str, raw: bytes) -> x509.Certificate:
    """Return a certificate as PEM, or as DER, which is how Apple hands them out."""
    try:
        if b"-----BEGIN" in raw:
            return x509.load_pem_x509_certificate(raw)
        return x509.load_der_x509_certificate(raw)
    except ValueError:
        message = f"{name} is not a certificate"
        raise WalletSettingsError(message) from None


def _key(name: str, pem: bytes, password: bytes | None) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(pem, password)
    except (ValueError, TypeError):
        message = f"{name} has no private key in PEM that opens: a password goes into {PASSWORD}"
        raise WalletSettingsError(message) from None


def _rsa(name: str, key: object) -> RSAPrivateKey:
    if not isinstance(key, RSAPrivateKey) or key.key_size < _LEAST_BITS:
        message = f"{name} must hold an RSA key of {_LEAST_BITS} bits or more"
        raise WalletSettingsError(message)
    return key

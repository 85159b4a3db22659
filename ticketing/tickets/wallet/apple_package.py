"""An Apple pass as a file: a zip of its content, a manifest of hashes, and the manifest's signature."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from ticketing.foundation.wallet_settings import AppleWallet
from ticketing.tickets.wallet.apple_pass import PassIssuer, pass_json, pass_strings
from ticketing.tickets.wallet.content import WalletTicket
from ticketing.tickets.wallet.images import pass_images

PASS = "application/vnd.apple.pkpass"  # noqa: S105 - a media type
PASSES = "application/vnd.apple.pkpasses"
# What a zip's times begin with: a file of the same content has the same bytes, apart from the signature.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def signed_pass(ticket: WalletTicket, wallet: AppleWallet, *, service: str, token: str) -> bytes:
    """Return a `.pkpass`; `service` is where its phone asks for changes, with `token`, or nothing."""
    issuer = PassIssuer(pass_type=wallet.pass_type, team=wallet.team, service=service, token=token)
    files = {
        "pass.json": json.dumps(pass_json(ticket, issuer), ensure_ascii=False).encode(),
        **{f"{lang}.lproj/pass.strings": text.encode() for lang, text in pass_strings(ticket).items()},
        **pass_images(),
    }
    # SHA-1 is what the format asks for; what is signed is the list of all of them, with SHA-256.
    hashes = {name: hashlib.sha1(raw, usedforsecurity=False).hexdigest() for name, raw in files.items()}
    manifest = json.dumps(hashes).encode()
    return _zipped({**files, "manifest.json": manifest, "signature": _signature(manifest, wallet)})


def bundle(passes: Sequence[bytes]) -> bytes:
    """Return several passes as one `.pkpasses` file."""
    return _zipped({f"{number}.pkpass": made for number, made in enumerate(passes, start=1)})


def _signature(manifest: bytes, wallet: AppleWallet) -> bytes:
    """Return the detached signature in DER, with the time of signing and Apple's intermediate in it."""
    return (
        PKCS7SignatureBuilder()
        .set_data(manifest)
        .add_signer(wallet.certificate, wallet.key, SHA256())
        .add_certificate(wallet.intermediate)
        .sign(Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])
    )


def _zipped(files: Mapping[str, bytes]) -> bytes:
    kept = BytesIO()
    with ZipFile(kept, "w", ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(ZipInfo(name, _NO_TIME), raw, ZIP_DEFLATED)
    return kept.getvalue()

"""Secrets: keys in links, bearer tokens, and the codes kept under a key."""

import hashlib
import hmac
import secrets
from base64 import b32encode
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_KEY_BYTES = 16


@dataclass(frozen=True)
class KeyMaker:
    """Makes the keys that holders of a hold or an order show: HMACs of its id, so that none is stored."""

    secret: bytes

    def key(self, purpose: str, object_id: UUID) -> str:
        """Return the 26-character key of an object; `purpose` keeps holds and orders apart."""
        digest = hmac.new(self.secret, f"{purpose}:{object_id}".encode(), hashlib.sha256).digest()
        return b32encode(digest[:_KEY_BYTES]).decode().rstrip("=").lower()

    def matches(self, purpose: str, object_id: UUID, key: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.key(purpose, object_id).encode(), key.encode("utf-8", "replace"))


@dataclass(frozen=True)
class CodeVault:
    """Keeps ticket codes readable for their owners only: MultiFernet, first key writes, all keys read."""

    keys: tuple[str, ...]

    @cached_property
    def _fernet(self) -> MultiFernet:
        return MultiFernet([Fernet(key) for key in self.keys])

    def seal(self, code: str) -> str:
        """Encrypt a code for the database."""
        return self._fernet.encrypt(code.encode()).decode()

    def open(self, sealed: str) -> str:
        """Decrypt a code. Raises cryptography's InvalidToken when no key of this installation fits."""
        return self._fernet.decrypt(sealed.encode()).decode()


__all__ = ["CodeVault", "InvalidToken", "KeyMaker", "new_token", "token_hash"]


def new_token(prefix: str) -> str:
    """Return a bearer token with 256 random bits; the prefix tells people what it is for."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def token_hash(token: str) -> bytes:
    """Return what the database keeps of a token. It has full entropy, so a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()

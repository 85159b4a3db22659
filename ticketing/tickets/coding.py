"""Which code a ticket gets: an opaque one, or one that the festival's key signs."""

import secrets
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival
from ticketing.catalogue.programme.values import TicketCodeKind
from ticketing.foundation.security import CodeVault
from ticketing.tickets.cards import CARDS
from ticketing.tickets.codes import RANDOM_BYTES, digest, new_code
from ticketing.tickets.key_models import SigningKey
from ticketing.tickets.key_rules import KeyLife, signing_key
from ticketing.tickets.models import Ticket
from ticketing.tickets.signed_codes import Statement, make

_K = SigningKey.__table__.c
_F = Festival.__table__.c
_WANTED = select(_F.ticket_code)
_LIVES = select(_K.number, _K.signs_from).where(_K.private_sealed.is_not(None))
# Shared: who revokes the key waits for this sale, and then knows of its tickets.
_KEY = (
    select(_K.number, _K.private_sealed, _K.realm)
    .where(_K.number == bindparam("chosen"), _K.private_sealed.is_not(None))
    .with_for_update(read=True)
)
_SEQUENCE = text("SELECT nextval(pg_get_serial_sequence('ticket', 'serial')) FROM generate_series(1, :count)")
_LAST_SERIAL = select(func.coalesce(func.max(Ticket.__table__.c.serial), 0))


@dataclass(frozen=True, kw_only=True)
class FreshCode:
    """A new code as the table of tickets keeps it."""

    code_hash: bytes
    code_sealed: str
    signed_by: int | None

    def columns(self) -> dict[str, object]:
        """Return the columns of a ticket that change with its code."""
        return {"code_hash": self.code_hash, "code_sealed": self.code_sealed, "signed_by": self.signed_by}


@dataclass(frozen=True, kw_only=True)
class _Signer:
    number: int
    realm: str
    private: Ed25519PrivateKey


@dataclass(frozen=True, kw_only=True)
class CodeMaker:
    """Makes codes of the kind that tickets get now, within the transaction it was asked for in."""

    vault: CodeVault
    signer: _Signer | None

    @property
    def signs(self) -> bool:
        """Tell whether codes are signed, which takes the ticket's serial."""
        return self.signer is not None

    def opaque(self) -> FreshCode:
        """Return a code that says nothing."""
        return self._kept(new_code(secrets.token_bytes(RANDOM_BYTES)), None)

    def fresh(self, *, serial: int, screening_id: int, revision: int, concession: str) -> FreshCode:
        """Return a code for a ticket."""
        if self.signer is None:
            return self.opaque()
        statement = Statement(
            serial=serial, screening=screening_id, revision=revision, card=CARDS.get(concession, "")
        )
        code = make(statement, self.signer.number, self.signer.realm, self.signer.private.sign)
        return self._kept(code, self.signer.number)

    def _kept(self, code: str, signed_by: int | None) -> FreshCode:
        return FreshCode(code_hash=digest(code), code_sealed=self.vault.seal(code), signed_by=signed_by)


def code_maker(session: Session, vault: CodeVault, now: datetime) -> CodeMaker:
    """Return what makes codes now.

    A festival that wants signed codes and has no key to sign with gets opaque ones: a sale never fails for
    it, and the page of keys says so.
    """
    signer = None
    if session.scalar(_WANTED) == TicketCodeKind.SIGNED:
        signer = _signer(session, vault, now)
    return CodeMaker(vault=vault, signer=signer)


def next_serials(session: Session, count: int) -> list[int]:
    """Return serials for tickets that are about to be inserted, each given out once."""
    if session.get_bind().dialect.name == "postgresql":
        return list(session.scalars(_SEQUENCE, {"count": count}))
    # SQLite's one writer is this transaction.
    last = session.scalars(_LAST_SERIAL).one()
    return list(range(last + 1, last + 1 + count))


def _signer(session: Session, vault: CodeVault, now: datetime) -> _Signer | None:
    lives = [KeyLife(number=row.number, signs_from=row.signs_from) for row in session.execute(_LIVES)]
    number = signing_key(lives, now)
    row = None if number is None else session.execute(_KEY, {"chosen": number}).one_or_none()
    if row is None:
        return None
    private = Ed25519PrivateKey.from_private_bytes(b64decode(vault.open(row.private_sealed)))
    return _Signer(number=row.number, realm=row.realm, private=private)

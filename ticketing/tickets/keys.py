"""The festival's signing keys: publishing the next one, retiring and revoking, and the switch itself."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Update, and_, func, select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Screening
from ticketing.catalogue.programme.values import TicketCodeKind
from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.security import CodeVault
from ticketing.staff.audit import Deed, record
from ticketing.staff.errors import ReasonRequiredError
from ticketing.tickets.errors import KeyEndedError, KeyNotRevokedError, KeysSpentError, TooManyKeysError
from ticketing.tickets.key_models import SigningKey
from ticketing.tickets.key_rules import (
    MOST_PUBLISHED,
    KeyLife,
    KeyState,
    is_published,
    signing_key,
    signs_from,
    state_of,
)
from ticketing.tickets.models import Ticket
from ticketing.tickets.signed_codes import KEY_NUMBERS, PublicKey

MOST_REASON = 200


@dataclass(frozen=True, kw_only=True)
class KeyRow:
    """A key as staff see it; `tickets` are the valid ones whose codes it signed."""

    number: int
    state: KeyState
    published: bool
    published_at: datetime
    signs_from: datetime
    ended_at: datetime | None
    tickets: int


def require_revoked(session: Session, number: int) -> None:
    """Raise NotFoundError or KeyNotRevokedError unless a key is revoked."""
    key = session.get(SigningKey, number)
    if key is None:
        raise NotFoundError
    if key.revoked_at is None:
        raise KeyNotRevokedError(key=number)


def list_keys(session: Session, now: datetime) -> list[KeyRow]:
    """Return all keys, the newest first."""
    pairs = _all(session, now)
    lives = [life for _, life in pairs]
    signed = select(Ticket.signed_by, func.count()).where(
        Ticket.signed_by.is_not(None), Ticket.state == "valid"
    )
    counts = {row[0]: row[1] for row in session.execute(signed.group_by(Ticket.signed_by))}
    return [
        KeyRow(
            number=key.number,
            state=state_of(life, lives, now),
            published=is_published(life),
            published_at=key.published_at,
            signs_from=key.signs_from,
            ended_at=key.revoked_at or key.retired_at,
            tickets=counts.get(key.number, 0),
        )
        for key, life in reversed(pairs)
    ]


def published_keys(session: Session, now: datetime) -> list[PublicKey]:
    """Return the keys that devices may rely on, in the order of their numbers."""
    return [
        PublicKey(number=key.number, public=key.public, realm=key.realm)
        for key, life in _all(session, now)
        if is_published(life)
    ]


def publish_key(session: Session, vault: CodeVault, reason: str, actor: Actor, now: datetime) -> SigningKey:
    """Make a key and publish it; it signs from `signs_from` on.

    Raises NotFoundError without a festival, ReasonRequiredError, TooManyKeysError or KeysSpentError.
    """
    said = _reason(reason)
    festival = _locked_festival(session)
    return _publish(session, vault, festival, said, actor, now)


def retire_key(session: Session, number: int, reason: str, actor: Actor, now: datetime) -> None:
    """Let a key sign no more. Phones know it as long as its tickets can come.

    Raises NotFoundError, ReasonRequiredError or KeyEndedError.
    """
    said = _reason(reason)
    signs = SigningKey.private_sealed.is_not(None)
    _end(session, number, update(SigningKey).where(signs).values(retired_at=now))
    _record(session, "retire_key", number, said, actor, now)


def revoke_key(session: Session, number: int, reason: str, actor: Actor, now: datetime) -> None:
    """Let a key count no more, at once: somebody else may have it.

    Its tickets stay valid by their digests, and whoever has the key can make copies of them: they are to be
    reissued (sales/reissuing.py). Raises NotFoundError, ReasonRequiredError or KeyEndedError.
    """
    said = _reason(reason)
    counts = SigningKey.revoked_at.is_(None)
    _end(session, number, update(SigningKey).where(counts).values(revoked_at=now))
    _record(session, "revoke_key", number, said, actor, now)


def set_ticket_code(
    session: Session, kind: TicketCodeKind, vault: CodeVault, reason: str, actor: Actor, now: datetime
) -> None:
    """Say which kind of code tickets get from now on; those that are out stay what they are.

    Who switches to signed codes without a key to sign with gets one. Raises NotFoundError without a
    festival, ReasonRequiredError, TooManyKeysError or KeysSpentError.
    """
    said = _reason(reason)
    festival = _locked_festival(session)
    before = festival.ticket_code
    if before != kind:
        festival.ticket_code_changed_at = now
        festival.ticket_code = str(kind)
        session.flush()
        deed = Deed(
            action="set_ticket_code",
            object_kind="festival",
            object_id=festival.code,
            reason=said,
            before={"ticket_code": before},
            after={"ticket_code": str(kind)},
        )
        record(session, actor, deed, now)
    lives = [life for _, life in _all(session, now)]
    if kind is TicketCodeKind.SIGNED and signing_key(lives, now) is None:
        _publish(session, vault, festival, said, actor, now)


def _publish(
    session: Session, vault: CodeVault, festival: Festival, reason: str, actor: Actor, now: datetime
) -> SigningKey:
    """Make a key; the festival's row is locked, so that two at once do not both find room."""
    lives = [life for _, life in _all(session, now)]
    if sum(map(is_published, lives)) >= MOST_PUBLISHED:
        raise TooManyKeysError(most=MOST_PUBLISHED)
    number = max((life.number for life in lives), default=-1) + 1
    if number >= KEY_NUMBERS:
        raise KeysSpentError
    private = Ed25519PrivateKey.generate()
    key = SigningKey(
        number=number,
        public=private.public_key().public_bytes_raw(),
        private_sealed=vault.seal(b64encode(private.private_bytes_raw()).decode()),
        realm=festival.code,
        published_at=now,
        signs_from=signs_from(lives, now),
    )
    session.add(key)
    session.flush()
    _record(session, "publish_key", number, reason, actor, now)
    return key


def _all(session: Session, now: datetime) -> Sequence[tuple[SigningKey, KeyLife]]:
    awaited = (
        select(Ticket.serial)
        .join(Screening, Screening.id == Ticket.screening_id)
        .where(Ticket.signed_by == SigningKey.number, Ticket.state == "valid", Screening.ends_at > now)
        .exists()
    )
    # Only what is retired can depend on it; looking is worth nothing for the others.
    asked = and_(SigningKey.retired_at.is_not(None), awaited)
    rows = session.execute(
        select(SigningKey, asked).order_by(SigningKey.number).execution_options(populate_existing=True)
    )
    return [(key, _life(key, awaited=bool(is_awaited))) for key, is_awaited in rows]


def _life(key: SigningKey, *, awaited: bool) -> KeyLife:
    return KeyLife(
        number=key.number,
        signs_from=key.signs_from,
        retired_at=key.retired_at,
        revoked_at=key.revoked_at,
        awaited=awaited,
    )


def _locked_festival(session: Session) -> Festival:
    festival = session.scalars(
        select(Festival).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if festival is None:
        raise NotFoundError
    return festival


def _end(session: Session, number: int, change: Update) -> None:
    """Make a change that ends a key, and forget its private half. Raises NotFoundError or KeyEndedError."""
    _locked_festival(session)
    of_key = change.where(SigningKey.number == number).values(private_sealed=None)
    if session.execute(of_key.returning(SigningKey.number)).one_or_none() is not None:
        return
    if session.get(SigningKey, number) is None:
        raise NotFoundError
    raise KeyEndedError(key=number)


def _reason(reason: str) -> str:
    said = " ".join(reason.split())[:MOST_REASON]
    if not said:
        raise ReasonRequiredError
    return said


def _record(session: Session, action: str, number: int, reason: str, actor: Actor, now: datetime) -> None:
    deed = Deed(action=action, object_kind="signing_key", object_id=str(number), reason=reason)
    record(session, actor, deed, now)

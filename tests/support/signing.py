"""A festival whose tickets get signed codes."""

from ticketing.catalogue.programme.values import TicketCodeKind
from ticketing.foundation.actor import Actor, ActorKind
from ticketing.foundation.clock import Clock
from ticketing.foundation.web import Runtime
from ticketing.tickets import base45
from ticketing.tickets.keys import publish_key, published_keys, retire_key, revoke_key, set_ticket_code
from ticketing.tickets.signed_codes import PublicKey, Reading, read

MANAGER = Actor(kind=ActorKind.STAFF, name="Dana", role="manager")


def sign_codes(here: Runtime, clock: Clock, kind: TicketCodeKind = TicketCodeKind.SIGNED) -> None:
    """Let new tickets have such codes."""
    with here.database.transaction() as session:
        set_ticket_code(session, kind, here.vault, "test", MANAGER, clock.now())


def publish(here: Runtime, clock: Clock) -> int:
    """Publish the next key; return its number."""
    with here.database.transaction() as session:
        return publish_key(session, here.vault, "test", MANAGER, clock.now()).number


def retire(here: Runtime, clock: Clock, number: int) -> None:
    """Retire a key."""
    with here.database.transaction() as session:
        retire_key(session, number, "test", MANAGER, clock.now())


def revoke(here: Runtime, clock: Clock, number: int) -> None:
    """Revoke a key."""
    with here.database.transaction() as session:
        revoke_key(session, number, "test", MANAGER, clock.now())


def known_keys(here: Runtime, clock: Clock) -> dict[int, PublicKey]:
    """Return the published keys by number."""
    with here.database.reading() as session:
        return {key.number: key for key in published_keys(session, clock.now())}


def reading_of(here: Runtime, clock: Clock, code: str) -> Reading:
    """Read a code as a device does that has just synced."""
    return read(code, known_keys(here, clock))


def flipped(code: str, bit: int) -> str:
    """Return a signed code with one bit of its 80 bytes changed."""
    data = bytearray(base45.decode(code[2:]))
    data[bit // 8] ^= 1 << bit % 8
    return "K2" + base45.encode(bytes(data))

"""Who does something. Services receive it; nothing below an edge looks it up."""

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """The kinds of doer that the audit trail tells apart."""

    BUYER = "buyer"
    STAFF = "staff"
    DEVICE = "device"
    SYSTEM = "system"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A doer: `id` is the account's or device's id as text, `name` is what the audit trail shows."""

    kind: ActorKind
    id: str = ""
    name: str = ""
    role: str = ""


BUYER = Actor(kind=ActorKind.BUYER)
# Whoever gives commands on the machine itself.
OPERATOR = Actor(kind=ActorKind.STAFF, name="operator", role="manager")
SYSTEM = Actor(kind=ActorKind.SYSTEM, name="Kassa")

"""Tables of the relay's own small database: no names, no codes, no tokens.

They are no part of the festival's schema and have no migrations: what they hold is worth one evening, and a
relay without them begins anew.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, MetaData, String, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ticketing.foundation.db import NAMING, BigKey, UtcDateTime

KEY_LETTERS = 16
"""Of a ticket the relay knows what phones know: the first 8 bytes of its code's digest, in hex."""


class RelayBase(DeclarativeBase):
    """The parent of the relay's tables."""

    metadata = MetaData(naming_convention=NAMING)


class KnownPhone(RelayBase):
    """A phone that the server knew when it was last asked, by its token's hash."""

    __tablename__ = "known_phone"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    # The device's id, where the phone was paired through this relay.
    device: Mapped[UUID | None] = mapped_column(Uuid)


class NotedPassage(RelayBase):
    """Somebody who was let in or out on a ticket, or whom a later statement took back (`admits` false).

    Neither admitted nor stated (`stated` 0) is a question on its way: nobody has shown anything yet, but the
    server may have let somebody in.
    """

    __tablename__ = "noted_passage"
    __table_args__ = (CheckConstraint("direction IN ('in', 'out')", name="direction"),)

    scan: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_LETTERS), index=True)
    device: Mapped[UUID] = mapped_column(Uuid)
    gate: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    direction: Mapped[str] = mapped_column(String(3))
    admits: Mapped[bool]
    # The number of the phone's statement in its log; 0 before it has stated anything.
    stated: Mapped[int] = mapped_column(BigKey)
    # Whether the server knows it as it stands here.
    sent: Mapped[bool]


class FoundTicket(RelayBase):
    """The key of a ticket that was found without its code: phones then name it by its id."""

    __tablename__ = "found_ticket"

    ticket: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_LETTERS))

"""The table of keys that sign ticket codes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.foundation.db import Base, UtcDateTime


class SigningKey(Base):
    """A key pair. The private half is sealed by the vault, and gone once the key has ended."""

    __tablename__ = "signing_key"
    __table_args__ = (
        # Four bits of a code name the key, and a number never comes back: an old code would be read by it.
        CheckConstraint("number BETWEEN 0 AND 15", name="number"),
        CheckConstraint(
            "(private_sealed IS NULL) = (retired_at IS NOT NULL OR revoked_at IS NOT NULL)",
            name="ended_has_no_private_half",
        ),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    public: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    private_sealed: Mapped[str | None] = mapped_column(Text)
    # The festival's code when the key was made: part of what is signed, so it must not follow a later change.
    realm: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signs_from: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

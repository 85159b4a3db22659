"""Keys that sign ticket codes, and which of them signed a ticket's."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import ticketing.foundation.db

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_MOMENT = ticketing.foundation.db.UtcDateTime(timezone=True)
_SIGNED = sa.text("signed_by IS NOT NULL")


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "signing_key",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("public", sa.LargeBinary(32), nullable=False),
        sa.Column("private_sealed", sa.Text(), nullable=True),
        sa.Column("realm", sa.String(64), nullable=False),
        sa.Column("published_at", _MOMENT, nullable=False),
        sa.Column("signs_from", _MOMENT, nullable=False),
        sa.Column("retired_at", _MOMENT, nullable=True),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        sa.CheckConstraint("number BETWEEN 0 AND 15", name=op.f("ck_signing_key_number")),
        sa.CheckConstraint(
            "(private_sealed IS NULL) = (retired_at IS NOT NULL OR revoked_at IS NOT NULL)",
            name=op.f("ck_signing_key_ended_has_no_private_half"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("public", name=op.f("uq_signing_key_public")),
    )
    with op.batch_alter_table("ticket") as ticket:
        ticket.add_column(sa.Column("signed_by", sa.Integer(), nullable=True))
        ticket.create_foreign_key(
            op.f("fk_ticket_signed_by_signing_key"), "signing_key", ["signed_by"], ["number"]
        )
    op.create_index(
        "ix_ticket_signed_by", "ticket", ["signed_by"], sqlite_where=_SIGNED, postgresql_where=_SIGNED
    )
    op.add_column("festival", sa.Column("ticket_code_changed_at", _MOMENT, nullable=True))


def downgrade() -> None:
    """Take the schema back; signed tickets stay valid by their digests, and phones know no key any more."""
    op.drop_column("festival", "ticket_code_changed_at")
    op.drop_index("ix_ticket_signed_by", table_name="ticket")
    with op.batch_alter_table("ticket") as ticket:
        ticket.drop_constraint(op.f("fk_ticket_signed_by_signing_key"), type_="foreignkey")
        ticket.drop_column("signed_by")
    op.drop_table("signing_key")

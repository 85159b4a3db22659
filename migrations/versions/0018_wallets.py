"""Passes in phones' wallets, the devices that have them, and the count of their changes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import ticketing.foundation.db

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    changes = op.create_table(
        "wallet_changes",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_wallet_changes_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallet_changes")),
    )
    op.bulk_insert(changes, [{"id": 1, "count": 0}])
    op.create_table(
        "wallet_pass",
        sa.Column("serial", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("facts", sa.LargeBinary(32), nullable=False),
        sa.Column("changed_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_wallet_pass_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_wallet_pass")),
    )
    op.create_index(op.f("ix_wallet_pass_ticket_id"), "wallet_pass", ["ticket_id"])
    op.create_table(
        "wallet_registration",
        sa.Column("device", sa.String(200), nullable=False),
        sa.Column("serial", sa.Uuid(), nullable=False),
        sa.Column("push_token", sa.String(200), nullable=False),
        sa.Column("registered_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tag", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("told <= tag", name=op.f("ck_wallet_registration_told_what_is")),
        sa.ForeignKeyConstraint(
            ["serial"], ["wallet_pass.serial"], name=op.f("fk_wallet_registration_serial_wallet_pass")
        ),
        sa.PrimaryKeyConstraint("device", "serial", name=op.f("pk_wallet_registration")),
    )
    op.create_index(op.f("ix_wallet_registration_serial"), "wallet_registration", ["serial"])
    op.create_index(
        "ix_wallet_registration_waiting",
        "wallet_registration",
        ["due_at"],
        sqlite_where=sa.text("told < tag"),
        postgresql_where=sa.text("told < tag"),
    )


def downgrade() -> None:
    """Take the schema back; phones keep their passes as they are."""
    op.drop_table("wallet_registration")
    op.drop_table("wallet_pass")
    op.drop_table("wallet_changes")

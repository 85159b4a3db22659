"""Shifts, and the shift that the ledger's cash went through."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import ticketing.foundation.db

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_OPEN = sa.text("closed_at IS NULL")


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, ticketing.foundation.db.UtcDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Bring the schema forward; cash of before belongs to no shift."""
    op.create_table(
        "shift",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("cashier", sa.String(200), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        _moment("opened_at"),
        _moment("closed_at", nullable=True),
        sa.Column("begun_minor", sa.BigInteger(), nullable=True),
        sa.Column("counted_minor", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(200), nullable=False),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (counted_minor IS NULL) AND (closed_at IS NULL) = (begun_minor IS NULL)",
            name=op.f("ck_shift_closed_is_counted"),
        ),
        sa.CheckConstraint("counted_minor >= 0 AND begun_minor >= 0", name=op.f("ck_shift_counted")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    op.create_index(op.f("ix_shift_opened_at"), "shift", ["opened_at"])
    op.create_index(
        "uq_shift_open", "shift", ["account"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    with op.batch_alter_table("ledger_line") as ledger:
        ledger.add_column(sa.Column("shift_id", sa.Uuid(), nullable=True))
        ledger.create_foreign_key(op.f("fk_ledger_line_shift_id_shift"), "shift", ["shift_id"], ["id"])
        ledger.create_index(op.f("ix_ledger_line_shift_id"), ["shift_id"])


def downgrade() -> None:
    """Take the schema back; who had the till is forgotten."""
    with op.batch_alter_table("ledger_line") as ledger:
        ledger.drop_index(op.f("ix_ledger_line_shift_id"))
        ledger.drop_constraint(op.f("fk_ledger_line_shift_id_shift"), type_="foreignkey")
        ledger.drop_column("shift_id")
    op.drop_table("shift")

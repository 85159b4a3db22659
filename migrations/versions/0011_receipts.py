"""Receipts with their numbers and what the register says of them; the names of refunds' earlier tries."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import ticketing.foundation.db

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TO_REGISTER = sa.text("registered_at IS NULL AND refusal = ''")


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, ticketing.foundation.db.UtcDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Bring the schema forward; the worker makes the receipts of what was sold before."""
    op.create_table(
        "receipt_book",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_receipt_book_single")),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_receipt_book_last_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_book")),
    )
    op.create_table(
        "receipt",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        _moment("at"),
        _moment("made_at"),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("cash_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate", sa.Integer(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        _moment("registered_at", nullable=True),
        sa.Column("register", sa.String(64), nullable=False),
        sa.Column("sign", sa.String(64), nullable=False),
        sa.Column("operator", sa.String(200), nullable=False),
        sa.Column("check_url", sa.String(500), nullable=False),
        sa.Column("refusal", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _moment("next_try_at"),
        sa.CheckConstraint("number > 0", name=op.f("ck_receipt_number")),
        sa.CheckConstraint("kind IN ('sale', 'return')", name=op.f("ck_receipt_kind")),
        sa.CheckConstraint(
            "amount_minor > 0 AND fee_minor >= 0 AND tax_minor >= 0", name=op.f("ck_receipt_amounts")
        ),
        sa.CheckConstraint("cash_minor >= 0 AND cash_minor <= amount_minor", name=op.f("ck_receipt_cash")),
        sa.CheckConstraint("tax_rate >= 0", name=op.f("ck_receipt_tax_rate")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_receipt_order_id_orders")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_receipt")),
        sa.UniqueConstraint("source", name=op.f("uq_receipt_source")),
    )
    op.create_index(op.f("ix_receipt_order_id"), "receipt", ["order_id"])
    op.create_index(
        "ix_receipt_to_register",
        "receipt",
        ["next_try_at"],
        sqlite_where=_TO_REGISTER,
        postgresql_where=_TO_REGISTER,
    )
    op.create_table(
        "refund_name",
        sa.Column("gateway", sa.String(16), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_refund_name_refund_id_refund")),
        sa.PrimaryKeyConstraint("gateway", "name", name=op.f("pk_refund_name")),
    )
    op.create_index(op.f("ix_refund_name_refund_id"), "refund_name", ["refund_id"])


def downgrade() -> None:
    """Take the schema back; receipts are forgotten."""
    for table in ("refund_name", "receipt", "receipt_book"):
        op.drop_table(table)

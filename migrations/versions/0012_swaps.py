"""Swaps: tickets exchanged for other places of their order."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import ticketing.foundation.db

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_PENDING = sa.text("status = 'pending'")


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, ticketing.foundation.db.UtcDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("payment") as payment:
        payment.add_column(sa.Column("for_swap", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("payment") as payment:
        payment.alter_column("for_swap", server_default=None)
    op.create_table(
        "swap",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("difference_minor", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.Uuid(), nullable=True),
        _moment("pay_until"),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        _moment("created_at"),
        _moment("closed_at", nullable=True),
        sa.CheckConstraint("status IN ('pending', 'done', 'released')", name=op.f("ck_swap_status")),
        sa.CheckConstraint("(status = 'pending') = (closed_at IS NULL)", name=op.f("ck_swap_closed")),
        sa.CheckConstraint(
            "status <> 'pending' OR payment_id IS NOT NULL", name=op.f("ck_swap_waits_for_money")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_swap_order_id_orders")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_swap_payment_id_payment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swap")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_swap_payment_id")),
    )
    op.create_index(op.f("ix_swap_order_id"), "swap", ["order_id"])
    op.create_index(
        "uq_swap_pending",
        "swap",
        ["order_id"],
        unique=True,
        sqlite_where=_PENDING,
        postgresql_where=_PENDING,
    )
    op.create_table(
        "swap_ticket",
        sa.Column("swap_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["swap_id"], ["swap.id"], name=op.f("fk_swap_ticket_swap_id_swap")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_swap_ticket_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("swap_id", "ticket_id", name=op.f("pk_swap_ticket")),
    )
    op.create_index(op.f("ix_swap_ticket_ticket_id"), "swap_ticket", ["ticket_id"])
    op.create_table(
        "swap_line",
        sa.Column("swap_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label", sa.String(190), nullable=False),
        sa.Column("band", sa.String(200), nullable=False),
        sa.Column("concession", sa.String(40), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_swap_line_price")),
        sa.ForeignKeyConstraint(["swap_id"], ["swap.id"], name=op.f("fk_swap_line_swap_id_swap")),
        sa.ForeignKeyConstraint(
            ["screening_id"], ["screening.id"], name=op.f("fk_swap_line_screening_id_screening")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_swap_line_place_id_place")),
        sa.PrimaryKeyConstraint("swap_id", "line_no", name=op.f("pk_swap_line")),
    )
    op.create_index(op.f("ix_swap_line_place_id"), "swap_line", ["place_id"])


def downgrade() -> None:
    """Take the schema back; swaps are forgotten, their tickets and money are not."""
    for table in ("swap_line", "swap_ticket", "swap"):
        op.drop_table(table)
    with op.batch_alter_table("payment") as payment:
        payment.drop_column("for_swap")

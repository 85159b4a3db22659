"""Places, holds, orders and tickets."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import ticketing.foundation.db

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("buyer_name", sa.String(length=200), nullable=False),
        sa.Column("buyer_email", sa.String(length=254), nullable=False),
        sa.Column("buyer_phone", sa.String(length=20), nullable=True),
        sa.Column("search", sa.String(length=800), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("terms_version", sa.String(length=32), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("pay_until", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("paid_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'paid', 'expired', 'cancelled', 'refunded')", name=op.f("ck_orders_status")
        ),
        sa.CheckConstraint("total_minor >= 0", name=op.f("ck_orders_total_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("code", name=op.f("uq_orders_code")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_orders_created_at"), ["created_at"], unique=False)
        batch_op.create_index(
            "ix_orders_pending",
            ["pay_until"],
            unique=False,
            sqlite_where=sa.text("status = 'pending'"),
            postgresql_where=sa.text("status = 'pending'"),
        )
    op.create_table(
        "allocation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("release_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("released_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('house', 'badge', 'guests', 'sponsors', 'jury', 'school', 'accessible')",
            name=op.f("ck_allocation_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["screening_id"], ["screening.id"], name=op.f("fk_allocation_screening_id_screening")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
    )
    with op.batch_alter_table("allocation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_allocation_screening_id"), ["screening_id"], unique=False)
    op.create_table(
        "hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("created_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("renewed_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('live', 'used', 'released')", name=op.f("ck_hold_state")),
        sa.ForeignKeyConstraint(
            ["screening_id"], ["screening.id"], name=op.f("fk_hold_screening_id_screening")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_table(
        "place",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("layout", sa.Integer(), nullable=False),
        sa.Column("place_no", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("section", sa.String(length=64), nullable=False),
        sa.Column("row", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("band", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("allocation_id", sa.Uuid(), nullable=True),
        sa.Column("killed", sa.Boolean(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.Column("held_until", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(hold_id IS NULL) = (held_until IS NULL)", name=op.f("ck_place_hold_has_an_end")),
        sa.CheckConstraint("hold_id IS NULL OR order_id IS NULL", name=op.f("ck_place_one_claim")),
        sa.CheckConstraint(
            "ticket_id IS NULL OR order_id IS NOT NULL", name=op.f("ck_place_ticket_has_order")
        ),
        sa.ForeignKeyConstraint(
            ["allocation_id"], ["allocation.id"], name=op.f("fk_place_allocation_id_allocation")
        ),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_place_hold_id_hold")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_place_order_id_orders")),
        sa.ForeignKeyConstraint(
            ["screening_id"], ["screening.id"], name=op.f("fk_place_screening_id_screening")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint(
            "screening_id", "layout", "label", name=op.f("uq_place_screening_id_layout_label")
        ),
        sa.UniqueConstraint(
            "screening_id", "layout", "place_no", name=op.f("uq_place_screening_id_layout_place_no")
        ),
    )
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.create_index(
            "ix_place_hold_id",
            ["hold_id"],
            unique=False,
            postgresql_where=sa.text("hold_id IS NOT NULL"),
            sqlite_where=sa.text("hold_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_place_order_id",
            ["order_id"],
            unique=False,
            postgresql_where=sa.text("order_id IS NOT NULL"),
            sqlite_where=sa.text("order_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_place_ticket_id",
            ["ticket_id"],
            unique=False,
            postgresql_where=sa.text("ticket_id IS NOT NULL"),
            sqlite_where=sa.text("ticket_id IS NOT NULL"),
        )
    op.create_table(
        "order_line",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("band", sa.String(length=200), nullable=False),
        sa.Column("concession", sa.String(length=40), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_order_line_price")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_line_order_id_orders")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_order_line_place_id_place")),
        sa.ForeignKeyConstraint(
            ["screening_id"], ["screening.id"], name=op.f("fk_order_line_screening_id_screening")
        ),
        sa.PrimaryKeyConstraint("order_id", "line_no", name=op.f("pk_order_line")),
        sa.UniqueConstraint("order_id", "place_id", name=op.f("uq_order_line_order_id_place_id")),
    )
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_line_screening_id"), ["screening_id"], unique=False)
    op.create_table(
        "ticket",
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("band", sa.String(length=200), nullable=False),
        sa.Column("concession", sa.String(length=40), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("comp_reason", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("void_reason", sa.String(length=16), nullable=True),
        sa.Column("issued_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("voided_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("code_sealed", sa.Text(), nullable=False),
        sa.Column("inside", sa.Boolean(), nullable=False),
        sa.Column("admitted_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("admitted_scan", sa.Uuid(), nullable=True),
        sa.Column("admitted_device", sa.Uuid(), nullable=True),
        sa.Column("admitted_gate", sa.String(length=40), nullable=True),
        sa.Column("left_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'void') = (void_reason IS NOT NULL)", name=op.f("ck_ticket_void_has_a_reason")
        ),
        sa.CheckConstraint(
            "(state = 'void') = (voided_at IS NOT NULL)", name=op.f("ck_ticket_void_has_a_time")
        ),
        sa.CheckConstraint("state IN ('valid', 'void')", name=op.f("ck_ticket_state")),
        sa.CheckConstraint(
            "NOT inside OR admitted_at IS NOT NULL", name=op.f("ck_ticket_inside_was_admitted")
        ),
        sa.CheckConstraint(
            "price_minor > 0 OR comp_reason IS NOT NULL", name=op.f("ck_ticket_free_has_a_reason")
        ),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_ticket_price_not_negative")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_ticket_order_id_orders")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_ticket_place_id_place")),
        sa.ForeignKeyConstraint(
            ["screening_id"], ["screening.id"], name=op.f("fk_ticket_screening_id_screening")
        ),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_ticket")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_ticket_code_hash")),
        sa.UniqueConstraint("id", name=op.f("uq_ticket_id")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_order_id"), ["order_id"], unique=False)
        batch_op.create_index("ix_ticket_screening_id", ["screening_id", "inside"], unique=False)
        batch_op.create_index(
            "uq_ticket_valid_place",
            ["place_id"],
            unique=True,
            sqlite_where=sa.text("state = 'valid'"),
            postgresql_where=sa.text("state = 'valid'"),
        )

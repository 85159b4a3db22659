"""Links by which an address finds its orders."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import ticketing.foundation.db

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "own_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("locale", sa.String(2), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("used_at IS NULL OR used_at >= asked_at", name=op.f("ck_own_link_used_later")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_own_link_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_link")),
    )
    op.create_index(op.f("ix_own_link_order_id"), "own_link", ["order_id"])


def downgrade() -> None:
    """Take the schema back; links that were not used lead nowhere."""
    op.drop_table("own_link")

"""Gift codes: what each has left, and what it pays of an order's places."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KIND = "ck_voucher_series_kind"
_BEFORE = "kind IN ('percent', 'per_ticket', 'per_order', 'free', 'fixed')"
_AFTER = "kind IN ('percent', 'per_ticket', 'per_order', 'free', 'fixed', 'gift')"


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("voucher_series") as series:
        series.drop_constraint(op.f(_KIND), type_="check")
        series.create_check_constraint(op.f(_KIND), _AFTER)
    with op.batch_alter_table("voucher_code") as code:
        code.add_column(sa.Column("left_minor", sa.BigInteger(), nullable=True))
        code.create_check_constraint(op.f("ck_voucher_code_left"), "left_minor >= 0")
    with op.batch_alter_table("order_line") as line:
        line.add_column(sa.Column("gift_minor", sa.BigInteger(), server_default="0", nullable=False))
        line.create_check_constraint(
            op.f("ck_order_line_gift"), "gift_minor >= 0 AND gift_minor <= saved_minor"
        )
    with op.batch_alter_table("order_line") as line:
        line.alter_column("gift_minor", server_default=None)


def downgrade() -> None:
    """Take the schema back; series of gifts and what they have left are lost with their kind."""
    with op.batch_alter_table("order_line") as line:
        line.drop_constraint(op.f("ck_order_line_gift"), type_="check")
        line.drop_column("gift_minor")
    with op.batch_alter_table("voucher_code") as code:
        code.drop_constraint(op.f("ck_voucher_code_left"), type_="check")
        code.drop_column("left_minor")
    op.execute("UPDATE voucher_series SET kind = 'per_order' WHERE kind = 'gift'")
    with op.batch_alter_table("voucher_series") as series:
        series.drop_constraint(op.f(_KIND), type_="check")
        series.create_check_constraint(op.f(_KIND), _BEFORE)

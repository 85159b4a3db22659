"""What a payout's movements add up to after the gateway's fees; refunds that one made at the bank stands for."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward; what was compared before added up, for all that is known."""
    with op.batch_alter_table("payout") as payout:
        payout.add_column(sa.Column("settled_minor", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE payout SET settled_minor = amount_minor")
    with op.batch_alter_table("payout") as payout:
        payout.alter_column("settled_minor", server_default=None)
    _methods("'original', 'cash', 'dispute', 'outside'")


def downgrade() -> None:
    """Take the schema back; impossible once a refund made at the bank stands for one of ours."""
    _methods("'original', 'cash', 'dispute'")
    with op.batch_alter_table("payout") as payout:
        payout.drop_column("settled_minor")


def _methods(names: str) -> None:
    with op.batch_alter_table("refund") as refund:
        refund.drop_constraint(op.f("ck_refund_method"), type_="check")
        refund.create_check_constraint(op.f("ck_refund_method"), f"method IN ({names})")

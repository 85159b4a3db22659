"""Whose till a receipt's cash went through."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("receipt") as receipt:
        receipt.add_column(sa.Column("cashier", sa.String(200), nullable=False, server_default=""))
    with op.batch_alter_table("receipt") as receipt:
        receipt.alter_column("cashier", server_default=None)


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("receipt") as receipt:
        receipt.drop_column("cashier")

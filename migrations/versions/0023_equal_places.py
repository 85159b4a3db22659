"""The place that a late payment found gone, beside the equal one that its order got."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("order_line") as line:
        line.add_column(sa.Column("instead_of", sa.String(190), nullable=True))


def downgrade() -> None:
    """Take the schema back; who got an equal place may then return it only as others may."""
    with op.batch_alter_table("order_line") as line:
        line.drop_column("instead_of")

"""What a device says of itself: scans not sent, battery."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("device") as device:
        device.add_column(sa.Column("unsent", sa.Integer(), nullable=True))
        device.add_column(sa.Column("battery", sa.Integer(), nullable=True))

"""PINs of ushers and supervisors, one of each a festival day."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import ticketing.foundation.db

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "door_pin",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Column("verifier", sa.LargeBinary(32), nullable=False),
        sa.Column("iterations", sa.Integer(), nullable=False),
        sa.Column("made_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('usher', 'supervisor')", name=op.f("ck_door_pin_role")),
        sa.PrimaryKeyConstraint("day", "role", name=op.f("pk_door_pin")),
    )


def downgrade() -> None:
    """Take the schema back; phones then ask for no PIN."""
    op.drop_table("door_pin")

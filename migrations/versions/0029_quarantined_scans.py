"""What revoked phones hand over, until staff take it in or leave it out."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import ticketing.foundation.db

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "quarantined_scan",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("scan_id", sa.Uuid(), nullable=False),
        sa.Column("seq", ticketing.foundation.db.BigKey, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("sent_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("received_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (accepted IS NULL)", name=op.f("ck_quarantined_scan_decided")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_quarantined_scan_device_id_device")
        ),
        sa.PrimaryKeyConstraint("device_id", "scan_id", "seq", name=op.f("pk_quarantined_scan")),
    )
    op.create_index("ix_quarantined_scan_waiting", "quarantined_scan", ["decided_at", "device_id"])


def downgrade() -> None:
    """Take the schema back; what waits is lost."""
    op.drop_table("quarantined_scan")

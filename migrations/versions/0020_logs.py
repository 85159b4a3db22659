"""Logs of devices as chains, statements that supersede each other, and the incidents of both."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KIND = "ck_incident_kind"
_BEFORE = "kind IN ('double_admission', 'disagreement', 'void_admitted')"
_AFTER = "kind IN ('double_admission', 'disagreement', 'void_admitted', 'override', 'log_gap', 'log_break')"
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("device", sa.Column("log_seq", _NUMBER, nullable=True))
    op.add_column("device", sa.Column("log_hash", sa.String(64), nullable=True))
    op.add_column("scan", sa.Column("stated_seq", _NUMBER, nullable=True))
    op.execute("UPDATE scan SET stated_seq = seq WHERE final_verdict IS NOT NULL")
    with op.batch_alter_table("incident") as incident:
        incident.drop_constraint(op.f(_KIND), type_="check")
        incident.create_check_constraint(op.f(_KIND), _AFTER)


def downgrade() -> None:
    """Take the schema back; incidents that it does not know are lost."""
    op.execute("DELETE FROM incident WHERE kind IN ('override', 'log_gap', 'log_break')")
    with op.batch_alter_table("incident") as incident:
        incident.drop_constraint(op.f(_KIND), type_="check")
        incident.create_check_constraint(op.f(_KIND), _BEFORE)
    op.drop_column("scan", "stated_seq")
    op.drop_column("device", "log_hash")
    op.drop_column("device", "log_seq")

"""When each ticket last changed, for phones that ask for what is new."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("ticket", sa.Column("changed", number, server_default=sa.text("0"), nullable=False))
    op.create_index("ix_ticket_changed", "ticket", ["changed"])


def downgrade() -> None:
    """Take the schema back; phones then take everything anew."""
    op.drop_index("ix_ticket_changed", table_name="ticket")
    op.drop_column("ticket", "changed")

"""How many comps a manager may give in a day; none for no limit."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("festival") as festival:
        festival.add_column(sa.Column("manager_comps_per_day", sa.Integer(), nullable=True))
        festival.create_check_constraint(
            op.f("ck_festival_manager_comps_per_day"), "manager_comps_per_day >= 0"
        )


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("festival") as festival:
        festival.drop_constraint(op.f("ck_festival_manager_comps_per_day"), type_="check")
        festival.drop_column("manager_comps_per_day")

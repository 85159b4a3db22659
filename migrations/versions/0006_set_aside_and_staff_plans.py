"""Places that staff set aside, plans that staff made, names as long as plans may have them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import ticketing.foundation.db

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SHORT, _LONG = sa.String(64), sa.String(190)


def upgrade() -> None:
    """Bring the schema forward, and what is in it."""
    with op.batch_alter_table("place") as place:
        place.add_column(sa.Column("kill_reason", sa.String(200), nullable=False, server_default=""))
        for name in ("label", "section", "row", "number"):
            place.alter_column(name, existing_type=_SHORT, type_=_LONG, existing_nullable=False)
    with op.batch_alter_table("place") as place:
        place.alter_column("kill_reason", server_default=None)
        place.create_check_constraint(op.f("ck_place_killed_is_not_kept"), "NOT killed OR allocation_id IS NULL")
    with op.batch_alter_table("screening") as screening:
        screening.add_column(
            sa.Column(
                "places_changed_at", ticketing.foundation.db.UtcDateTime(timezone=True), nullable=True
            )
        )
    for table in ("ticket", "order_line"):
        with op.batch_alter_table(table) as batch:
            batch.alter_column("label", existing_type=_SHORT, type_=_LONG, existing_nullable=False)
    with op.batch_alter_table("seat_plan") as plan:
        plan.add_column(sa.Column("by_staff", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("seat_plan") as plan:
        plan.alter_column("by_staff", server_default=None)

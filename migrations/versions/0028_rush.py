"""The rush line: places that are released at the door, slips with numbers, and what phones have leased."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from ticketing.foundation.db import UtcDateTime

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KIND = "ck_incident_kind"
_BEFORE = "kind IN ('double_admission', 'disagreement', 'void_admitted', 'override', 'log_gap', 'log_break')"
_AFTER = (
    "kind IN ('double_admission', 'disagreement', 'void_admitted', 'override', 'log_gap', 'log_break',"
    " 'over_capacity')"
)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("festival") as festival:
        festival.add_column(sa.Column("guarantee_minutes", sa.Integer(), nullable=True))
        festival.create_check_constraint(
            op.f("ck_festival_guarantee_minutes"), "guarantee_minutes BETWEEN -120 AND 120"
        )
    with op.batch_alter_table("screening") as screening:
        screening.add_column(sa.Column("guarantee", sa.String(8), nullable=False, server_default="festival"))
        screening.add_column(sa.Column("guarantee_minutes", sa.Integer(), nullable=True))
    with op.batch_alter_table("screening") as screening:
        screening.alter_column("guarantee", server_default=None)
        screening.create_check_constraint(
            op.f("ck_screening_guarantee"), "guarantee IN ('festival', 'own', 'always')"
        )
        screening.create_check_constraint(
            op.f("ck_screening_guarantee_minutes"),
            "(guarantee = 'own') = (guarantee_minutes IS NOT NULL)"
            " AND (guarantee_minutes IS NULL OR guarantee_minutes BETWEEN -120 AND 120)",
        )
    with op.batch_alter_table("place") as place:
        place.add_column(sa.Column("rush", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("place") as place:
        place.alter_column("rush", server_default=None)
        place.create_check_constraint(
            op.f("ck_place_rush_is_not_sold"),
            "NOT rush OR (hold_id IS NULL AND allocation_id IS NULL AND NOT killed)",
        )
    _create_tables()
    with op.batch_alter_table("scan") as scan:
        scan.add_column(sa.Column("slip_id", sa.Uuid(), nullable=True))
        scan.create_foreign_key(op.f("fk_scan_slip_id_rush_slip"), "rush_slip", ["slip_id"], ["id"])
    op.create_index(
        "ix_scan_slip_id",
        "scan",
        ["slip_id"],
        postgresql_where=sa.text("slip_id IS NOT NULL"),
        sqlite_where=sa.text("slip_id IS NOT NULL"),
    )
    with op.batch_alter_table("incident") as incident:
        incident.add_column(sa.Column("slip_id", sa.Uuid(), nullable=True))
        incident.create_foreign_key(
            op.f("fk_incident_slip_id_rush_slip"), "rush_slip", ["slip_id"], ["id"]
        )
        incident.drop_constraint(op.f(_KIND), type_="check")
        incident.create_check_constraint(op.f(_KIND), _AFTER)


def _create_tables() -> None:
    op.create_table(
        "rush_line",
        sa.Column("screening_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.Column("unsold", sa.Boolean(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("called", sa.Integer(), nullable=False),
        sa.CheckConstraint("called >= 0 AND called <= last_number", name=op.f("ck_rush_line_called")),
        sa.ForeignKeyConstraint(
            ["screening_id"], ["screening.id"], name=op.f("fk_rush_line_screening_id_screening")
        ),
        sa.PrimaryKeyConstraint("screening_id", name=op.f("pk_rush_line")),
    )
    op.create_table(
        "rush_slip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("code_sealed", sa.Text(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("inside", sa.Boolean(), nullable=False),
        sa.Column("admitted_at", UtcDateTime(), nullable=True),
        sa.Column("admitted_scan", sa.Uuid(), nullable=True),
        sa.Column("admitted_device", sa.Uuid(), nullable=True),
        sa.Column("admitted_gate", sa.String(40), nullable=True),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_rush_slip_number")),
        sa.CheckConstraint(
            "NOT inside OR admitted_at IS NOT NULL", name=op.f("ck_rush_slip_inside_was_admitted")
        ),
        sa.ForeignKeyConstraint(
            ["screening_id"], ["rush_line.screening_id"], name=op.f("fk_rush_slip_screening_id_rush_line")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rush_slip")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_rush_slip_code_hash")),
        sa.UniqueConstraint("screening_id", "number", name=op.f("uq_rush_slip_screening_id_number")),
    )
    op.create_table(
        "rush_place",
        sa.Column("place_id", _NUMBER, nullable=False, autoincrement=False),
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("scan_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_rush_place_device_id_device")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_rush_place_place_id_place")),
        sa.ForeignKeyConstraint(
            ["screening_id"], ["rush_line.screening_id"], name=op.f("fk_rush_place_screening_id_rush_line")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_rush_place_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_rush_place")),
        sa.UniqueConstraint("scan_id", name=op.f("uq_rush_place_scan_id")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_rush_place_ticket_id")),
    )
    op.create_index(op.f("ix_rush_place_screening_id"), "rush_place", ["screening_id"])
    op.create_table(
        "rush_settled",
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_rush_settled_device_id_device")),
        sa.ForeignKeyConstraint(
            ["screening_id"],
            ["rush_line.screening_id"],
            name=op.f("fk_rush_settled_screening_id_rush_line"),
        ),
        sa.PrimaryKeyConstraint("screening_id", "device_id", name=op.f("pk_rush_settled")),
    )


def downgrade() -> None:
    """Take the schema back; slips, what was let in on them, and their incidents are lost."""
    op.execute("DELETE FROM incident WHERE slip_id IS NOT NULL OR kind = 'over_capacity'")
    op.execute("UPDATE scan SET slip_id = NULL WHERE slip_id IS NOT NULL")
    with op.batch_alter_table("incident") as incident:
        incident.drop_constraint(op.f("fk_incident_slip_id_rush_slip"), type_="foreignkey")
        incident.drop_constraint(op.f(_KIND), type_="check")
        incident.create_check_constraint(op.f(_KIND), _BEFORE)
        incident.drop_column("slip_id")
    op.drop_index("ix_scan_slip_id", table_name="scan")
    with op.batch_alter_table("scan") as scan:
        scan.drop_constraint(op.f("fk_scan_slip_id_rush_slip"), type_="foreignkey")
        scan.drop_column("slip_id")
    for table in ("rush_settled", "rush_place", "rush_slip", "rush_line"):
        op.drop_table(table)
    with op.batch_alter_table("place") as place:
        place.drop_constraint(op.f("ck_place_rush_is_not_sold"), type_="check")
        place.drop_column("rush")
    with op.batch_alter_table("screening") as screening:
        screening.drop_constraint(op.f("ck_screening_guarantee"), type_="check")
        screening.drop_constraint(op.f("ck_screening_guarantee_minutes"), type_="check")
        screening.drop_column("guarantee_minutes")
        screening.drop_column("guarantee")
    with op.batch_alter_table("festival") as festival:
        festival.drop_constraint(op.f("ck_festival_guarantee_minutes"), type_="check")
        festival.drop_column("guarantee_minutes")

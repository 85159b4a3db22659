"""Vouchers: series, codes, uses, and what they took off an order. Comps, and how many may be given in a day."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import ticketing.foundation.db

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SAVED = {"orders": "saved_not_negative", "order_line": "saved"}


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, ticketing.foundation.db.UtcDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "voucher_series",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("prefix", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("uses_per_code", sa.Integer(), nullable=False),
        sa.Column("most_tickets", sa.Integer(), nullable=True),
        _moment("valid_from"),
        _moment("valid_until", nullable=True),
        sa.Column("screenings", sa.JSON(), nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("bands", sa.JSON(), nullable=False),
        sa.Column("budget_minor", sa.BigInteger(), nullable=True),
        sa.Column("budget_uses", sa.Integer(), nullable=True),
        sa.Column("saved_minor", sa.BigInteger(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        _moment("created_at"),
        sa.Column("made_by", sa.String(200), nullable=False),
        _moment("stopped_at", nullable=True),
        sa.CheckConstraint(
            "kind IN ('percent', 'per_ticket', 'per_order', 'free', 'fixed')",
            name=op.f("ck_voucher_series_kind"),
        ),
        sa.CheckConstraint(
            "value >= 0 AND (kind <> 'percent' OR value BETWEEN 1 AND 100)",
            name=op.f("ck_voucher_series_value"),
        ),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until > valid_from", name=op.f("ck_voucher_series_ends_after_start")
        ),
        sa.CheckConstraint("uses_per_code > 0 AND most_tickets > 0", name=op.f("ck_voucher_series_allows_one")),
        sa.CheckConstraint(
            "saved_minor >= 0 AND saved_minor <= budget_minor", name=op.f("ck_voucher_series_budget")
        ),
        sa.CheckConstraint("uses >= 0 AND uses <= budget_uses", name=op.f("ck_voucher_series_budget_uses")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher_series")),
    )
    op.create_table(
        "voucher_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(24), nullable=False),
        sa.Column("uses_allowed", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.CheckConstraint("uses >= 0 AND uses <= uses_allowed", name=op.f("ck_voucher_code_uses")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["voucher_series.id"], name=op.f("fk_voucher_code_series_id_voucher_series")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher_code")),
        sa.UniqueConstraint("code", name=op.f("uq_voucher_code_code")),
    )
    op.create_index(op.f("ix_voucher_code_series_id"), "voucher_code", ["series_id"])
    op.create_table(
        "voucher_use",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("code_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("saved_minor", sa.BigInteger(), nullable=False),
        sa.Column("given_back", sa.Boolean(), nullable=False),
        sa.CheckConstraint("saved_minor > 0", name=op.f("ck_voucher_use_saved")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_voucher_use_order_id_orders")),
        sa.ForeignKeyConstraint(
            ["code_id"], ["voucher_code.id"], name=op.f("fk_voucher_use_code_id_voucher_code")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["voucher_series.id"], name=op.f("fk_voucher_use_series_id_voucher_series")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_voucher_use")),
    )
    op.create_index(op.f("ix_voucher_use_code_id"), "voucher_use", ["code_id"])
    op.create_index(op.f("ix_voucher_use_series_id"), "voucher_use", ["series_id"])
    for table, check in _SAVED.items():
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("saved_minor", sa.BigInteger(), nullable=False, server_default="0"))
        with op.batch_alter_table(table) as batch:
            batch.alter_column("saved_minor", server_default=None)
            batch.create_check_constraint(op.f(f"ck_{table}_{check}"), "saved_minor >= 0")
    op.create_table(
        "comp",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("kept_for", sa.String(16), nullable=False),
        _moment("made_at"),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.CheckConstraint("tickets > 0", name=op.f("ck_comp_tickets")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_comp_order_id_orders")),
        sa.ForeignKeyConstraint(["screening_id"], ["screening.id"], name=op.f("fk_comp_screening_id_screening")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_comp")),
    )
    op.create_index(op.f("ix_comp_screening_id"), "comp", ["screening_id"])
    op.create_table(
        "comp_count",
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.CheckConstraint("tickets >= 0", name=op.f("ck_comp_count_not_negative")),
        sa.PrimaryKeyConstraint("account", "day", name=op.f("pk_comp_count")),
    )
    with op.batch_alter_table("festival") as festival:
        festival.add_column(sa.Column("comps_per_day", sa.Integer(), nullable=False, server_default="20"))
    with op.batch_alter_table("festival") as festival:
        festival.alter_column("comps_per_day", server_default=None)
        festival.create_check_constraint(op.f("ck_festival_comps_per_day"), "comps_per_day >= 0")


def downgrade() -> None:
    """Take the schema back; what vouchers saved, and who gave comps, is forgotten."""
    for table, check in _SAVED.items():
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_{check}"), type_="check")
            batch.drop_column("saved_minor")
    with op.batch_alter_table("festival") as festival:
        festival.drop_constraint(op.f("ck_festival_comps_per_day"), type_="check")
        festival.drop_column("comps_per_day")
    for table in ("comp_count", "comp", "voucher_use", "voucher_code", "voucher_series"):
        op.drop_table(table)

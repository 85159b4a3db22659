"""Refund policies of screenings, refunds in cash and in parts, screenings that staff cancel."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import ticketing.foundation.db

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TIME = ticketing.foundation.db.UtcDateTime(timezone=True)
_POLICY = "(refund_self_service IS NULL) = (refund_{0} IS NULL)"
_WHOLE = " AND ".join(_POLICY.format(name) for name in ("until_hours", "fee_percent", "fee_minor"))
_LIMITS = "refund_until_hours >= 0 AND refund_fee_percent BETWEEN 0 AND 100 AND refund_fee_minor >= 0"


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("festival") as festival:
        festival.add_column(sa.Column("refund_self_service", sa.Boolean(), nullable=False, server_default=sa.true()))
        festival.add_column(sa.Column("refund_fee_minor", sa.BigInteger(), nullable=False, server_default="0"))
        festival.add_column(sa.Column("refund_changed_at", _TIME, nullable=True))
    with op.batch_alter_table("festival") as festival:
        festival.alter_column("refund_self_service", server_default=None)
        festival.alter_column("refund_fee_minor", server_default=None)
        festival.create_check_constraint(op.f("ck_festival_refund_policy"), _LIMITS)
    with op.batch_alter_table("screening") as screening:
        screening.add_column(sa.Column("refund_self_service", sa.Boolean(), nullable=True))
        screening.add_column(sa.Column("refund_until_hours", sa.Integer(), nullable=True))
        screening.add_column(sa.Column("refund_fee_percent", sa.Integer(), nullable=True))
        screening.add_column(sa.Column("refund_fee_minor", sa.BigInteger(), nullable=True))
        screening.add_column(sa.Column("film_changed_at", _TIME, nullable=True))
        screening.add_column(sa.Column("cancelled_at", _TIME, nullable=True))
        screening.add_column(sa.Column("cancelled_by", sa.String(200), nullable=True))
    with op.batch_alter_table("screening") as screening:
        screening.create_check_constraint(op.f("ck_screening_refund_policy_whole"), _WHOLE)
        screening.create_check_constraint(op.f("ck_screening_refund_policy"), _LIMITS)
        screening.create_check_constraint(
            op.f("ck_screening_cancelled_by_somebody"), "(cancelled_at IS NULL) = (cancelled_by IS NULL)"
        )
    with op.batch_alter_table("refund") as refund:
        refund.add_column(sa.Column("method", sa.String(8), nullable=False, server_default="original"))
        refund.add_column(sa.Column("part_of", sa.Uuid(), nullable=True))
    with op.batch_alter_table("refund") as refund:
        refund.alter_column("method", server_default=None)
        refund.create_foreign_key(op.f("fk_refund_part_of_refund"), "refund", ["part_of"], ["id"])
        refund.create_check_constraint(op.f("ck_refund_method"), "method IN ('original', 'cash')")
        refund.create_check_constraint(op.f("ck_refund_cash_is_done"), "method <> 'cash' OR status = 'done'")
        refund.create_check_constraint(op.f("ck_refund_part_keeps_no_fee"), "part_of IS NULL OR fee_minor = 0")


def downgrade() -> None:
    """Take the schema back; refunds made in cash or in parts stay as single refunds of their payments."""
    with op.batch_alter_table("refund") as refund:
        for name in ("part_keeps_no_fee", "cash_is_done", "method"):
            refund.drop_constraint(op.f(f"ck_refund_{name}"), type_="check")
        refund.drop_constraint(op.f("fk_refund_part_of_refund"), type_="foreignkey")
        refund.drop_column("part_of")
        refund.drop_column("method")
    with op.batch_alter_table("screening") as screening:
        for name in ("cancelled_by_somebody", "refund_policy", "refund_policy_whole"):
            screening.drop_constraint(op.f(f"ck_screening_{name}"), type_="check")
        for column in (
            "cancelled_by",
            "cancelled_at",
            "film_changed_at",
            "refund_fee_minor",
            "refund_fee_percent",
            "refund_until_hours",
            "refund_self_service",
        ):
            screening.drop_column(column)
    with op.batch_alter_table("festival") as festival:
        festival.drop_constraint(op.f("ck_festival_refund_policy"), type_="check")
        for column in ("refund_changed_at", "refund_fee_minor", "refund_self_service"):
            festival.drop_column(column)

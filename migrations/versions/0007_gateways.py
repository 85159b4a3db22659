"""Gateways that call back, capture later, refund slowly and dispute; payouts; what staff must decide."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import ticketing.foundation.db

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TIME = ticketing.foundation.db.UtcDateTime(timezone=True)
_OPEN = sa.text("state IN ('starting', 'open', 'processing', 'authorised')")
_UNDECIDED = sa.text("closed_at IS NULL")


def upgrade() -> None:
    """Bring the schema forward, and what is in it."""
    _payments()
    _refunds()
    _events()
    with op.batch_alter_table("ledger_line") as ledger:
        ledger.drop_constraint(op.f("ck_ledger_line_account"), type_="check")
        ledger.create_check_constraint(
            op.f("ck_ledger_line_account"),
            "account IN ('gateway', 'tickets', 'fees', 'refunds_owed', 'parked', 'disputed', 'withheld', 'cash')",
        )
    op.add_column("ticket", sa.Column("blocked", sa.Boolean(), nullable=False, server_default=sa.false()))
    _drop_default("ticket", "blocked")
    _affairs()


def _payments() -> None:
    op.drop_index("uq_payment_open", "payment")
    with op.batch_alter_table("payment") as payment:
        payment.add_column(sa.Column("reference", sa.String(200), nullable=True))
        payment.add_column(sa.Column("refunded_minor", sa.BigInteger(), nullable=False, server_default="0"))
        payment.drop_constraint(op.f("ck_payment_state"), type_="check")
        payment.create_check_constraint(
            op.f("ck_payment_state"),
            "state IN ('starting', 'open', 'processing', 'authorised', 'releasing', 'captured', 'declined',"
            " 'expired', 'parked')",
        )
        payment.create_unique_constraint(op.f("uq_payment_gateway_reference"), ["gateway", "reference"])
    op.execute(
        "UPDATE payment SET refunded_minor = (SELECT coalesce(sum(refund.amount_minor), 0) FROM refund"
        " WHERE refund.payment_id = payment.id)"
    )
    with op.batch_alter_table("payment") as payment:
        payment.alter_column("refunded_minor", server_default=None)
        payment.create_check_constraint(
            op.f("ck_payment_refunded"), "refunded_minor >= 0 AND refunded_minor <= captured_minor"
        )
    op.create_index(
        "uq_payment_open", "payment", ["order_id"], unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN
    )


def _refunds() -> None:
    with op.batch_alter_table("refund") as refund:
        refund.add_column(sa.Column("name", sa.String(200), nullable=True))
        refund.add_column(sa.Column("attempt", sa.Integer(), nullable=False, server_default="1"))
        refund.add_column(sa.Column("failure", sa.String(64), nullable=False, server_default=""))
        refund.add_column(sa.Column("outside", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("refund") as refund:
        for name in ("attempt", "failure", "outside"):
            refund.alter_column(name, server_default=None)
        refund.create_check_constraint(op.f("ck_refund_outside_is_done"), "NOT outside OR status <> 'pending'")
        refund.create_unique_constraint(op.f("uq_refund_payment_id_name"), ["payment_id", "name"])


def _events() -> None:
    with op.batch_alter_table("gateway_event") as event:
        event.alter_column("session", new_column_name="name", existing_type=sa.String(200), existing_nullable=False)
        event.add_column(sa.Column("about", sa.String(16), nullable=False, server_default="session"))
        event.add_column(sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    _drop_default("gateway_event", "about", "tries")


def _drop_default(table: str, *columns: str) -> None:
    with op.batch_alter_table(table) as batch:
        for column in columns:
            batch.alter_column(column, server_default=None)


def _affairs() -> None:
    op.create_table(
        "matter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("gateway", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("closed_at", _TIME, nullable=True),
        sa.Column("closed_by", sa.String(200), nullable=True),
        sa.Column("decision", sa.String(500), nullable=False),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_matter_closed_by_somebody")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_matter_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter")),
        sa.UniqueConstraint("gateway", "kind", "subject", name=op.f("uq_matter_gateway_kind_subject")),
    )
    op.create_index(op.f("ix_matter_order_id"), "matter", ["order_id"])
    op.create_index(
        "ix_matter_open", "matter", ["opened_at"], postgresql_where=_UNDECIDED, sqlite_where=_UNDECIDED
    )
    op.create_table(
        "dispute",
        sa.Column("gateway", sa.String(16), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("due_by", _TIME, nullable=True),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("closed_at", _TIME, nullable=True),
        sa.CheckConstraint("state IN ('open', 'won', 'lost')", name=op.f("ck_dispute_state")),
        sa.CheckConstraint(
            "withdrawn_minor >= 0 AND withdrawn_minor <= amount_minor", name=op.f("ck_dispute_withdrawn")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_dispute_order_id_orders")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_dispute_payment_id_payment")),
        sa.PrimaryKeyConstraint("gateway", "name", name=op.f("pk_dispute")),
    )
    op.create_index(op.f("ix_dispute_order_id"), "dispute", ["order_id"])
    op.create_index(op.f("ix_dispute_payment_id"), "dispute", ["payment_id"])
    op.create_table(
        "payout",
        sa.Column("gateway", sa.String(16), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("arrives_at", _TIME, nullable=False),
        sa.Column("gateway_minor", sa.BigInteger(), nullable=False),
        sa.Column("books_minor", sa.BigInteger(), nullable=False),
        sa.Column("unmatched", sa.Integer(), nullable=False),
        sa.Column("matched_at", _TIME, nullable=True),
        sa.CheckConstraint("state IN ('under_way', 'paid', 'failed')", name=op.f("ck_payout_state")),
        sa.PrimaryKeyConstraint("gateway", "name", name=op.f("pk_payout")),
    )
    op.create_table(
        "numbered_page",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gateway", sa.String(16), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_numbered_page")),
        sa.UniqueConstraint("gateway", "key", name=op.f("uq_numbered_page_gateway_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "numbered_refund",
        sa.Column("gateway", sa.String(16), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("claimed_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("gateway", "key", name=op.f("pk_numbered_refund")),
    )
    op.create_table(
        "callback_refusal",
        sa.Column("gateway", sa.String(16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", _TIME, nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("ck_callback_refusal_count")),
        sa.PrimaryKeyConstraint("gateway", "day", "reason", name=op.f("pk_callback_refusal")),
    )

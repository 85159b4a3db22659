"""What went back at the bank beyond any ticket, in an account of its own; refunds that a dispute took."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BEFORE = "'gateway', 'tickets', 'fees', 'refunds_owed', 'parked', 'disputed', 'withheld', 'cash'"


def upgrade() -> None:
    """Bring the schema forward."""
    _accounts(f"{_BEFORE}, 'losses'")
    with op.batch_alter_table("refund") as refund:
        refund.add_column(sa.Column("loss_minor", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("refund") as refund:
        refund.alter_column("loss_minor", server_default=None)
        refund.create_check_constraint(
            op.f("ck_refund_loss"), "loss_minor >= 0 AND loss_minor <= amount_minor AND (loss_minor = 0 OR fee_minor = 0)"
        )
    _methods("'original', 'cash', 'dispute'", "method = 'original' OR status = 'done'")


def downgrade() -> None:
    """Take the schema back; impossible once there is a loss or a refund that a dispute took."""
    _methods("'original', 'cash'", "method <> 'cash' OR status = 'done'")
    with op.batch_alter_table("refund") as refund:
        refund.drop_constraint(op.f("ck_refund_loss"), type_="check")
        refund.drop_column("loss_minor")
    _accounts(_BEFORE)


def _accounts(names: str) -> None:
    with op.batch_alter_table("ledger_line") as ledger:
        ledger.drop_constraint(op.f("ck_ledger_line_account"), type_="check")
        ledger.create_check_constraint(op.f("ck_ledger_line_account"), f"account IN ({names})")


def _methods(names: str, done: str) -> None:
    with op.batch_alter_table("refund") as refund:
        refund.drop_constraint(op.f("ck_refund_method"), type_="check")
        refund.drop_constraint(op.f("ck_refund_cash_is_done"), type_="check")
        refund.create_check_constraint(op.f("ck_refund_method"), f"method IN ({names})")
        refund.create_check_constraint(op.f("ck_refund_cash_is_done"), done)

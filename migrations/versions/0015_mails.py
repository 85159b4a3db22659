"""Mails with their states, and addresses that want no reminders."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import ticketing.foundation.db

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_WAITING = sa.text("state IN ('queued', 'in_flight')")


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, ticketing.foundation.db.UtcDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Bring the schema forward; mails of before are not known, only their files."""
    op.create_table(
        "mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("about", sa.String(32), nullable=False),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("attach", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _moment("due_at"),
        sa.Column("error", sa.String(300), nullable=True),
        _moment("created_at"),
        _moment("sent_at", nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'in_flight', 'sent', 'bounced', 'dead')", name=op.f("ck_mail_state")
        ),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_mail_sent_is_dated")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("cause", name=op.f("uq_mail_cause")),
    )
    op.create_index(op.f("ix_mail_about"), "mail", ["about"])
    op.create_index(
        "ix_mail_waiting", "mail", ["due_at"], sqlite_where=_WAITING, postgresql_where=_WAITING
    )
    op.create_index("ix_mail_recipient", "mail", ["recipient", "created_at"])
    op.create_table(
        "mail_stop",
        sa.Column("address", sa.LargeBinary(32), nullable=False),
        _moment("at"),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_mail_stop")),
    )


def downgrade() -> None:
    """Take the schema back; mails that wait are lost."""
    op.drop_table("mail_stop")
    op.drop_table("mail")

"""Transfers: tickets sent to a friend, and the codes that reissued tickets had before."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import ticketing.foundation.db

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_LIVE = sa.text("taken_back_at IS NULL")


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, ticketing.foundation.db.UtcDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "former_code",
        sa.Column("code_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        _moment("ended_at"),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_former_code_revision")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_former_code_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_former_code")),
        sa.UniqueConstraint("ticket_id", "revision", name=op.f("uq_former_code_ticket_id_revision")),
    )
    op.create_table(
        "transfer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("to_name", sa.String(200), nullable=False),
        sa.Column("to_email", sa.String(254), nullable=False),
        sa.Column("locale", sa.String(2), nullable=False),
        _moment("sent_at"),
        _moment("opened_at", nullable=True),
        _moment("taken_back_at", nullable=True),
        sa.CheckConstraint("revision >= 2", name=op.f("ck_transfer_revision")),
        sa.CheckConstraint(
            "opened_at IS NULL OR taken_back_at IS NULL", name=op.f("ck_transfer_opened_stays")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_transfer_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("ticket_id", "revision", name=op.f("uq_transfer_ticket_id_revision")),
    )
    op.create_index(
        "uq_transfer_live",
        "transfer",
        ["ticket_id"],
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )


def downgrade() -> None:
    """Take the schema back; whom tickets were sent to is forgotten, and old codes are unknown at the door."""
    op.drop_table("transfer")
    op.drop_table("former_code")

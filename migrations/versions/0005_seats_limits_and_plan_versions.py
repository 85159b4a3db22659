"""Rows, pairs and places kept for those who ask; limits; versions of plans."""

import json
from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import ticketing.foundation.db
from ticketing.sales.place_limits import buyer_key

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TIME = ticketing.foundation.db.UtcDateTime(timezone=True)
_EPOCH = sa.text("'2026-01-01 00:00:00+00:00'")


def upgrade() -> None:
    """Bring the schema forward, and what is in it."""
    with op.batch_alter_table("festival") as festival:
        festival.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("festival") as festival:
        festival.alter_column("revision", server_default=None)
    with op.batch_alter_table("screening") as screening:
        screening.add_column(sa.Column("max_places_per_order", sa.Integer(), nullable=True))
        screening.add_column(sa.Column("max_places_per_buyer", sa.Integer(), nullable=True))
        screening.add_column(sa.Column("accessible_release_at", _TIME, nullable=True))
        screening.create_check_constraint(
            op.f("ck_screening_limits_allow_one"), "max_places_per_order > 0 AND max_places_per_buyer > 0"
        )
    _plans()
    with op.batch_alter_table("allocation") as allocation:
        allocation.add_column(sa.Column("reason", sa.String(200), nullable=False, server_default=""))
        allocation.add_column(sa.Column("created_at", _TIME, nullable=False, server_default=_EPOCH))
        allocation.drop_constraint(op.f("ck_allocation_kind"), type_="check")
        allocation.create_check_constraint(
            op.f("ck_allocation_kind"), "kind IN ('house', 'badge', 'guests', 'sponsors', 'jury', 'school')"
        )
    with op.batch_alter_table("allocation") as allocation:
        allocation.alter_column("reason", server_default=None)
        allocation.alter_column("created_at", server_default=None)
    _places()
    op.create_table(
        "buyer_count",
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("buyer", sa.String(64), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.CheckConstraint("places >= 0", name=op.f("ck_buyer_count_not_negative")),
        sa.ForeignKeyConstraint(
            ["screening_id"], ["screening.id"], name=op.f("fk_buyer_count_screening_id_screening")
        ),
        sa.PrimaryKeyConstraint("screening_id", "buyer", name=op.f("pk_buyer_count")),
    )
    _count_buyers()


def _count_buyers() -> None:
    connection = op.get_bind()
    ordered = connection.execute(
        sa.text(
            "SELECT place.screening_id, orders.buyer_email FROM place JOIN orders ON orders.id = place.order_id"
        )
    )
    counts = Counter((screening, buyer_key(email)) for screening, email in ordered)
    rows = [{"screening": s, "buyer": b, "places": n} for (s, b), n in counts.items()]
    if rows:
        connection.execute(sa.text("INSERT INTO buyer_count VALUES (:screening, :buyer, :places)"), rows)


def _plans() -> None:
    with op.batch_alter_table("seat_plan") as plan:
        plan.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
        plan.add_column(sa.Column("draft", sa.Boolean(), nullable=False, server_default=sa.false()))
        plan.add_column(sa.Column("created_at", _TIME, nullable=False, server_default=_EPOCH))
    op.execute(
        "UPDATE seat_plan SET version = (SELECT count(*) FROM seat_plan AS other"
        " WHERE other.hall_id = seat_plan.hall_id AND other.id <= seat_plan.id)"
    )
    with op.batch_alter_table("seat_plan") as plan:
        plan.alter_column("version", server_default=None)
        plan.alter_column("draft", server_default=None)
        plan.alter_column("created_at", server_default=None)
        plan.drop_constraint(op.f("uq_seat_plan_hall_id_sha256"), type_="unique")
        plan.create_unique_constraint(op.f("uq_seat_plan_hall_id_version"), ["hall_id", "version"])
    for name, columns, condition in (
        ("uq_seat_plan_sha256", ["hall_id", "sha256"], sa.text("NOT draft")),
        ("uq_seat_plan_draft", ["hall_id"], sa.text("draft")),
    ):
        op.create_index(
            name, "seat_plan", columns, unique=True, postgresql_where=condition, sqlite_where=condition
        )


def _places() -> None:
    with op.batch_alter_table("place") as place:
        place.add_column(sa.Column("line", sa.Integer(), nullable=False, server_default="1"))
        place.add_column(sa.Column("pair_no", sa.Integer(), nullable=True))
        place.add_column(sa.Column("on_request", sa.Boolean(), nullable=False, server_default=sa.false()))
    # A row begins where the one before it, in the plan's order, is of another row or section.
    op.execute(
        "UPDATE place SET line = counted.line FROM (SELECT id, sum(starts) OVER"
        " (PARTITION BY screening_id, layout ORDER BY place_no) AS line FROM (SELECT id, screening_id, layout,"
        " place_no, CASE WHEN lag(section) OVER w = section AND lag(\"row\") OVER w = \"row\" THEN 0 ELSE 1 END"
        " AS starts FROM place WINDOW w AS (PARTITION BY screening_id, layout ORDER BY place_no)) AS begun)"
        " AS counted WHERE counted.id = place.id"
    )
    op.execute(
        "UPDATE place SET on_request = (1 = 1) WHERE kind IN ('wheelchair', 'companion')"
        " AND allocation_id IS NULL AND order_id IS NULL"
    )
    _pairs()
    with op.batch_alter_table("place") as place:
        place.alter_column("line", server_default=None)
        place.alter_column("on_request", server_default=None)


def _pairs() -> None:
    """Take the pairs from the plans, which name them by guid: a numbered place's label."""
    connection = op.get_bind()
    plans = connection.execute(sa.text("SELECT id, seats FROM seat_plan")).all()
    pair = sa.text(
        "UPDATE place SET pair_no = (SELECT mate.place_no FROM place AS mate WHERE mate.label = :mate"
        " AND mate.screening_id = place.screening_id AND mate.layout = place.layout) WHERE label = :label"
        " AND screening_id IN (SELECT id FROM screening WHERE plan_id = :plan)"
    )
    for plan_id, seats in plans:
        pairs = [
            {"plan": plan_id, "label": label, "mate": mate}
            for label, (_kind, mate) in json.loads(seats).items()
            if mate
        ]
        if pairs:
            connection.execute(pair, pairs)


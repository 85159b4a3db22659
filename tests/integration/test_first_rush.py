"""A festival's first rush on PostgreSQL: plans that were made for empty tables must do for full ones."""

import pytest
from sqlalchemy import text

from ticketing.foundation.db import Database

# Each hold and scan is looked up so, by a reference that PostgreSQL checks itself or a statement of ours.
_LOOK = "EXPLAIN SELECT 1 FROM ONLY {} x WHERE id = '00000000-0000-0000-0000-000000000001' FOR KEY SHARE OF x"


@pytest.mark.parametrize("table", ["hold", "scan", "ticket"])
def test_a_row_is_found_by_its_key_though_its_table_was_empty(database: Database, table: str) -> None:
    if database.is_sqlite:
        pytest.skip("its plans do not go by how large tables are")
    with database.transaction() as session:
        session.execute(text("ANALYZE"))
    with database.reading() as session:
        plan = "\n".join(session.scalars(text(_LOOK.format(table))))
    assert "Index Cond: (id = " in plan
    assert "Seq Scan" not in plan

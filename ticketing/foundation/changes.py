"""A number on each row that says when it last changed, so that others can ask for what is new.

A number must not be lost when transactions end in another order than they began, and making it must not make
writers wait for each other. PostgreSQL's is therefore the transaction's own id: whoever has read everything
from `C` on asks next from the oldest transaction that was still running. SQLite has one writer at a time, so
one more than the highest is enough.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, literal_column, select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_SNAPSHOT = text(
    "SELECT CAST(CAST(pg_snapshot_xmin(now_seen) AS text) AS bigint),"
    " CAST(CAST(pg_snapshot_xmax(now_seen) AS text) AS bigint) FROM pg_current_snapshot() AS now_seen"
)


@dataclass(frozen=True)
class Bound:
    """How far changes can be told now: whoever has read those below `ceiling` asks next from `start` on.

    Numbers from the ceiling on belong to no transaction yet: rows that came from another server's dump may
    bear them, and are no news.
    """

    start: int
    ceiling: int


class NextChange(FunctionElement[int]):
    """The number of a change that is being made; takes the table's name. Its column is called `changed`."""

    inherit_cache = True
    name = "next_change"
    type = BigInteger()


def next_change(table: str) -> NextChange:
    """Return what a table's column `changed` has as default and on update."""
    return NextChange(literal_column(table))


def change_bound(session: Session, table: str) -> Bound:
    """Return the bound of a table's changes; ask for it before reading them."""
    if session.get_bind().dialect.name == "postgresql":
        start, ceiling = session.execute(_SNAPSHOT).one()
        return Bound(start, ceiling)
    number = session.scalars(select(next_change(table))).one()
    return Bound(number, number)


@compiles(NextChange, "postgresql")
def _own_transaction(_element: NextChange, _compiler: SQLCompiler, **_: Any) -> str:
    return "CAST(CAST(pg_current_xact_id() AS text) AS bigint)"


@compiles(NextChange, "sqlite")
def _one_more(element: NextChange, compiler: SQLCompiler, **more: Any) -> str:
    table = compiler.process(element.clauses, **more)
    return f"(SELECT coalesce(max(changed), 0) + 1 FROM {table})"  # noqa: S608 - a name of ours

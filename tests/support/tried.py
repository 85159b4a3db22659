"""Trying a way of writing, and taking it back."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from ticketing.foundation.db import Database

Answer = TypeVar("Answer")


class Undone(Exception):  # noqa: N818 - no error: what was tried is taken back
    """Ends a transaction without a trace."""


def tried(
    database: Database, act: Callable[[Session], Answer], state: Iterable[str]
) -> tuple[Answer, list[list[tuple[Any, ...]]]]:
    """Return what an act answers, and the rows that each query of `state` finds after it, sorted."""
    with suppress(Undone), database.transaction() as session:
        answer = act(session)
        left = [sorted((tuple(row) for row in session.execute(text(query))), key=str) for query in state]
        raise Undone
    return answer, left

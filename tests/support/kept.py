"""What is compiled once for a run: each test opens an app anew, and compiling is most of its time."""

from collections.abc import Callable
from typing import Any

from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from ticketing.foundation.db import Database

_ALL_STATEMENTS = 5000


class KeptTemplates(BytecodeCache):
    """Jinja's compiled templates in memory; a template that has changed is compiled again."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


class KeptStatements:
    """What has been compiled for each kind of database, in place of each engine's own memory.

    SQLAlchemy remembers a compiled statement under the engine's dialect. Databases of one kind that were made
    alike compile alike, so all of a run may use the first one's.
    """

    def __init__(self) -> None:
        self._first: dict[str, Engine] = {}

    def share(self, database: Database) -> None:
        """Let a database use, and add to, what has been compiled for its kind."""
        engine = database.engine
        if engine.name not in self._first:
            with engine.connect():  # a dialect learns its server's version from its first connection
                self._first[engine.name] = engine
            engine._compiled_cache = LRUCache(_ALL_STATEMENTS)
        engine.dialect = self._first[engine.name].dialect
        engine._compiled_cache = self._first[engine.name]._compiled_cache


class LateRule(Rule):
    """A route that compiles the maker of its addresses when one is asked for: few tests ask for many."""

    def _compile_builder(self, *options: Any) -> Callable[..., tuple[str, str]]:
        made: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, **values: str) -> tuple[str, str]:
            if not made:
                made.append(super(LateRule, self)._compile_builder(*options))
            return made[0](rule, **values)

        return build

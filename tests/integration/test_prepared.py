"""Prepared statements do what SQLAlchemy would have done, past its execution."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    Column,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    bindparam,
    delete,
    insert,
    select,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError, InvalidRequestError

from ticketing.foundation.db import BigKey, Database, UtcDateTime
from ticketing.foundation.prepared import Prepared

_THINGS = Table(
    "thing",
    MetaData(),
    Column("id", BigKey, primary_key=True, autoincrement=False),
    Column("name", String(40), nullable=False),
    Column("mark", Uuid),
    Column("digest", LargeBinary),
    Column("at", UtcDateTime),
    Column("notes", JSON(none_as_null=True)),
    Column("words", JSON),
    Column("place", String(9), default="nowhere"),
)
_C = _THINGS.c
_ALL = select(_THINGS).order_by(_C.id)
_READ = Prepared(_ALL)
_ADD = Prepared(insert(_THINGS))
_NAMED = Prepared(select(_C.id).where(_C.name.in_(bindparam("names", expanding=True))).order_by(_C.id))
_RENAME = Prepared(update(_THINGS).where(_C.id == bindparam("which")).values(name=bindparam("new")))
_CHANGED: tuple[str, ...] = ("name", "mark", "digest", "at", "notes", "words")
_CHANGE = Prepared(
    update(_THINGS)
    .where(_C.id == bindparam("which"), _C.name != bindparam("unless"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGED})
)
_PLAIN = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5) | st.just("\0")
_MOMENTS = st.integers(-(10**15), 10**15).map(
    lambda ticks: datetime(2026, 11, 1, tzinfo=timezone(timedelta(hours=5))) + timedelta(microseconds=ticks)
)
_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from("abcdefghij"),
            "mark": st.none() | st.uuids(),
            "digest": st.none() | st.binary(max_size=40),
            "at": st.none() | _MOMENTS,
            "notes": st.none() | st.dictionaries(st.sampled_from("xyz"), _PLAIN, max_size=3),
            "words": st.lists(_PLAIN, max_size=5),
            "place": st.none() | st.just("here"),
        }
    ),
    min_size=1,
    max_size=20,
)


@pytest.fixture
def things(database: Database) -> Database:
    """A database with a table that has every type a hot path binds."""
    with database.transaction() as session:
        _THINGS.create(session.connection())
    return database


def a_thing(number: int, **values: Any) -> dict[str, Any]:
    """Return what a row is made of."""
    nothing = dict.fromkeys(("mark", "digest", "at", "notes", "words", "place"))
    return {"id": number, "name": "a", **nothing, **values}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_ROWS, wanted=st.lists(st.sampled_from("abcdefghijk"), max_size=11))
def test_what_goes_in_comes_out_as_with_sqlalchemy(
    things: Database, rows: list[dict[str, Any]], wanted: list[str]
) -> None:
    numbered = [{"id": number, **row} for number, row in enumerate(rows)]
    with things.transaction() as session:
        assert _ADD.count_all(session, numbered) == len(rows)
        ours = [row._asdict() for row in _READ.rows(session, {})]
        theirs = [dict(row) for row in session.execute(_ALL).mappings()]
        assert ours == theirs
        assert [row["mark"] for row in ours] == [row["mark"] for row in rows]
        assert [row["words"] for row in ours] == [row["words"] for row in rows]
        assert [row["at"] and row["at"].tzinfo for row in ours] == [row["at"] and UTC for row in rows]
        session.execute(delete(_THINGS))
        session.execute(insert(_THINGS), numbered)
        assert [row._asdict() for row in _READ.rows(session, {})] == theirs
        found = _NAMED.rows(session, {"names": wanted})
        assert [row.id for row in found] == [row["id"] for row in numbered if row["name"] in wanted]
        session.execute(delete(_THINGS))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_ROWS, news=_ROWS)
def test_together_is_as_one_after_the_other(
    things: Database, rows: list[dict[str, Any]], news: list[dict[str, Any]]
) -> None:
    numbered = [{"id": number, **row} for number, row in enumerate(rows)]
    changes = [
        {"which": number, "unless": "a", **{f"new_{name}": new[name] for name in _CHANGED}}
        for number, new in enumerate(news)
    ]
    left = []
    for add, change in (
        (_ADD.count_all, _CHANGE.count_all),
        (_ADD.count_together, _CHANGE.count_together),
    ):
        with things.transaction() as session:
            assert add(session, numbered) == len(rows)
            met = change(session, changes)
            left.append((met, _READ.rows(session, {})))
            session.execute(delete(_THINGS))
    assert left[0] == left[1]


def test_lists_of_many_lengths_make_few_texts(things: Database) -> None:
    with things.transaction() as session:
        _ADD.count_all(session, [a_thing(n, name=f"n{n}") for n in range(300)])
        for length in (0, 1, 2, 3, 100, 255, 256, 257, 300):
            names = [f"n{n}" for n in range(length)]
            assert [row.id for row in _NAMED.rows(session, {"names": set(names)})] == list(range(length))
    texts = {form.text for shape, form in _NAMED._forms.items() if shape[0] == _dialect(things)}
    assert len(texts) <= 10


def test_two_lists_and_a_union(things: Database) -> None:
    either = Prepared(
        union_all(
            select(_C.id, _C.name).where(_C.id.in_(bindparam("ids", expanding=True))),
            select(_C.id, _C.name).where(_C.name.in_(bindparam("names", expanding=True)), _C.id > 2),
        )
    )
    with things.transaction() as session:
        _ADD.count_all(session, [a_thing(n, name=f"n{n}") for n in range(6)])
        found = either.rows(session, {"names": ["n5", "n1", "n4"], "ids": [0]})
        assert sorted(row.id for row in found) == [0, 4, 5]
        assert found[0].name == "n0"


def test_writes_tell_how_many_rows_they_met(things: Database) -> None:
    with things.transaction() as session:
        assert _ADD.count(session, a_thing(1)) == 1
        assert _ADD.count_all(session, [a_thing(2), a_thing(3)]) == 2
        assert _RENAME.count(session, {"which": 2, "new": "b"}) == 1
        assert _RENAME.count(session, {"which": 9, "new": "b"}) == 0
        both = [{"which": 1, "new": "x"}, {"which": 9, "new": "y"}, {"which": 3, "new": "z"}]
        assert _RENAME.count_all(session, both) == 2
        assert [row.name for row in _READ.rows(session, {})] == ["x", "b", "z"]


def test_a_savepoint_takes_back_what_was_done_within(things: Database) -> None:
    with things.transaction() as session:
        _ADD.count(session, a_thing(1))
        with session.begin_nested() as attempt:
            _ADD.count(session, a_thing(2))
            attempt.rollback()
        assert [row.id for row in _READ.rows(session, {})] == [1]


def test_what_rows_are_made_into_is_kept_while_they_are_the_same(things: Database) -> None:
    made: list[str] = []

    def make(row: Any) -> str:
        made.append(row.name)
        return f"{row.name}{row.words}"

    shown = Prepared(_ALL, make, 2)
    with things.transaction() as session:
        _ADD.count_all(session, [a_thing(1, words=["x"]), a_thing(2, words=None)])
        for _ in range(3):
            assert shown.rows(session, {}) == ["a['x']", "aNone"]
        assert len(made) == 2 if things.is_sqlite else 6
        _RENAME.count(session, {"which": 2, "new": "b"})
        assert shown.rows(session, {}) == ["a['x']", "bNone"]
        session.execute(update(_THINGS).values(words=["y"]))
        assert shown.rows(session, {}) == ["a['y']", "b['y']"]


def test_errors_are_sqlalchemys_and_keep_peoples_data_to_themselves(things: Database) -> None:
    with pytest.raises(IntegrityError) as refused, things.transaction() as session:
        _ADD.count_all(session, [a_thing(1), a_thing(2, words=["secret"]), a_thing(2, words=["secret"])])
    assert "secret" not in str(refused.value)
    with things.reading() as session:
        assert _READ.rows(session, {}) == []


def test_a_value_that_is_missing_is_never_bound_as_nothing(things: Database) -> None:
    with things.transaction() as session:
        _RENAME.count(session, {"which": 1, "new": "b"})
    with pytest.raises(InvalidRequestError, match="'new'"), things.transaction() as session:
        _RENAME.count(session, {"which": 1})
    with pytest.raises(KeyError, match="new"), things.transaction() as session:
        _RENAME.count(session, {"which": 1, "name": "b"})


def test_a_default_that_python_makes_is_refused(things: Database) -> None:
    without = a_thing(1)
    del without["place"]
    with pytest.raises(TypeError, match="cannot be prepared"), things.transaction() as session:
        Prepared(insert(_THINGS)).count(session, without)


def _dialect(database: Database) -> str:
    return "sqlite" if database.is_sqlite else "postgresql"

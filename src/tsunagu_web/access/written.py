"""Queries that every request asks: each is put into words once in a process, and asked again with other values.

What the ORM needs to write a query of three joined tables is as long as the database needs to answer it, and of one
shape it always writes the same text. Rows come out as the ORM makes them; decision 0024 says what was weighed.
"""

from __future__ import annotations

import copy
import datetime as dt
import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Of = TypeVar("Of", bound=Model)
Row = TypeVar("Row")
Value = str | int | dt.date | dt.datetime
_MOST_KEPT = 512
_MADE_OF_ONE = object()  # in place of what was written of a stand-in


def ask(
    make: Callable[..., QuerySet[Of, Row]], shape: tuple[Hashable, ...] = (), **values: Value | Sequence[str]
) -> list[Row]:
    """The rows of `make(*shape, **values)`, written once for each shape and each length of a sequence.

    make    a function of a module; a value stands in its query as it is given or not at all, a sequence in its order
    raises  ValueError where something else than the value itself was made of it
    """
    lengths = tuple((name, -1 if _is_single(value) else len(value)) for name, value in values.items())  # type: ignore[arg-type]  # a sequence
    connection = connections[DEFAULT_DB_ALIAS]
    key = (connection.vendor, make, shape, lengths)
    kept = _KEPT.get(key)
    if kept is None:
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        kept = _KEPT[key] = _write(connection, make, shape, values)
    return kept.rows(connection, values)


def forget() -> None:
    """Writes every query anew when it is asked next: after the code that makes it was exchanged, as tests do."""
    _KEPT.clear()


@dataclass(frozen=True)
class _Written:
    """A query and its text.

    places      for each value of the text, its name and its place in a sequence, or itself
    converters  what makes Python's values of the database's, for each column that needs it
    """

    query: QuerySet[Any, Any]
    compiler: SQLCompiler | None
    text: str = ""
    places: tuple[tuple[str, int, object], ...] = ()
    converters: Mapping[int, object] = field(default_factory=dict)

    def rows(self, connection: BaseDatabaseWrapper, values: dict[str, Any]) -> list[Any]:
        if self.compiler is None:  # it was written that there can be none
            return []
        given = tuple(
            value if not name else _adapted(connection, values[name] if at < 0 else values[name][at])
            for name, at, value in self.places
        )
        compiler: Any = copy.copy(self.compiler)
        # A connection belongs to its thread, and the kept query to whichever wrote it.
        compiler.connection = connection
        compiler.as_sql = lambda *_how, **_more: (self.text, given)
        compiler.get_converters = lambda _columns: self.converters
        _ASKED.compiler = compiler
        return list(self.query._iterable_class(self.query))


class _Asked(threading.local):
    """What the kept query of this thread answers with when its rows are asked for."""

    compiler: SQLCompiler


_ASKED = _Asked()
_KEPT: dict[tuple[Hashable, ...], _Written] = {}


def _write(
    connection: BaseDatabaseWrapper,
    make: Callable[..., QuerySet[Any, Any]],
    shape: tuple[Hashable, ...],
    values: dict[str, Any],
) -> _Written:
    """Writes the query with two sets of stand-ins: what differs between the two is where a value stands."""
    first, second = _stand_ins(values, 1), _stand_ins(values, 2)
    query = make(*shape, **first)
    compiler = query.query.get_compiler(query.db)
    try:
        text, written = compiler.as_sql()
        other_text, others = make(*shape, **second).query.sql_with_params()
    except EmptyResultSet:
        return _Written(query, None)
    if text != other_text:
        raise _refused(make)
    found = [
        ("", -1, value) if value == other else (*_stands_for(connection, first, value), _MADE_OF_ONE)
        for value, other in zip(written, others, strict=True)
    ]
    if ("", -1, _MADE_OF_ONE) in found:
        raise _refused(make)
    query.query.get_compiler = lambda *_how, **_more: _ASKED.compiler  # type: ignore[method-assign]  # of this one alone
    converters = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])
    return _Written(query, compiler, text, tuple(found), converters)


def _refused(make: Callable[..., Any]) -> ValueError:
    return ValueError(f"a value of {getattr(make, '__name__', make)} does not stand in its query as it is given")


def _stands_for(connection: BaseDatabaseWrapper, stand_ins: dict[str, Any], written: object) -> tuple[str, int]:
    """The name and the place of the stand-in that was written so; ("", -1) for what was made of one."""
    for name, stand_in in stand_ins.items():
        for at, value in [(-1, stand_in)] if _is_single(stand_in) else enumerate(stand_in):
            if _adapted(connection, value) == written:
                return name, at
    return "", -1


def _stand_ins(values: dict[str, Any], turn: int) -> dict[str, Any]:
    """For each value one of its kind that no query has, and another one in the second turn."""
    return {
        name: _stand_in(f"{turn} {name}", turn * 1001 + number, value)
        if _is_single(value)
        else [f"{turn} {name} {place:06}" for place in range(len(value))]
        for number, (name, value) in enumerate(values.items())
    }


def _stand_in(name: str, number: int, value: Value) -> Value:
    if isinstance(value, dt.datetime):
        return dt.datetime(1901, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=number)
    if isinstance(value, dt.date):
        return dt.date(1902, 1, 1) + dt.timedelta(days=number)
    return name if isinstance(value, str) else -1_000_000 - number


def _is_single(value: object) -> bool:
    return isinstance(value, str | int | dt.date)


def _adapted(connection: BaseDatabaseWrapper, value: Any) -> Any:
    """The value as the database's driver takes it."""
    if isinstance(value, dt.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, dt.date) else value

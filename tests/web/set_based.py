"""Sets of rows by INSERT … SELECT, the same on SQLite and PostgreSQL; only what tests themselves name comes here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, models


def insert(model: type[models.Model], source: str, /, **columns: str) -> None:
    """INSERT … SELECT; a column that is not named gets the field's default, else null or the empty text."""
    fields = [f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField)]
    names = ", ".join(connection.ops.quote_name(f.column) for f in fields)
    values = ", ".join(columns.pop(f.column, "") or said(_default(f)) for f in fields)
    assert not columns, f"{model.__name__} has no column {sorted(columns)}"
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({names}) SELECT {values} {source}")


def _default(field: models.Field[Any, Any]) -> Any:
    return field.get_default() if field.has_default() else None if field.null else ""


def said(value: Any) -> str:
    """A value as it is written in SQL; only what this file itself names comes here."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False)
    return "'" + str(value).replace("'", "''") + "'"


@contextmanager
def indexes_afterwards(*filled: type[models.Model]) -> Iterator[None]:
    """Takes the indexes of these tables away and makes them again: one sort in place of millions of small steps."""
    made = []
    with connection.cursor() as cursor:
        for model in filled:
            cursor.execute(_INDEXES[connection.vendor], [model._meta.db_table])
            made += cursor.fetchall()
        for name, _text in made:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
    yield
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for _name, text in made:
            cursor.execute(text)


_INDEXES = {
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND NOT EXISTS (SELECT FROM "
    "pg_constraint WHERE conindid = (quote_ident(schemaname) || '.' || quote_ident(indexname))::regclass)",
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = %s",
}

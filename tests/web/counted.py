"""What a page asks of the database, to be counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def counted(queries: Iterable[Mapping[str, str]]) -> list[str]:
    """The statements, without a transaction's own and the one that says that nothing is open any more."""
    said = [query["sql"] for query in queries]
    return [sql for sql in said if "SAVEPOINT" not in sql and not _only_opens(sql)]


def _only_opens(sql: str) -> bool:
    return sql.startswith("SELECT set_config") and ";" not in sql

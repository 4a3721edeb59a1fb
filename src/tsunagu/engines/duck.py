"""DuckDB, set up so that the same tables always give the same answer.

The only place that executes SQL text. Stages build text (by hand or by sqlglot) and hand it over with Arrow tables.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from tsunagu.errors import EngineError


class Workbench:
    """One in-memory DuckDB connection with Arrow tables in and out.

    Rows come back in no particular order unless the text says ORDER BY; sort by a table's shape before writing.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def put(self, name: str, table: pa.Table) -> None:
        """Makes an Arrow table known under a name (a native copy, so that joins see statistics)."""
        self._connection.register("_incoming", table)
        try:
            self.run(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM _incoming')  # noqa: S608 - names are ours
        finally:
            self._connection.unregister("_incoming")

    def run(self, text: str, parameters: object = None) -> None:
        """Executes one or more statements and gives nothing back."""
        try:
            if parameters is None:
                self._connection.execute(text)
            else:
                self._connection.execute(text, parameters)
        except duckdb.Error as error:
            raise _as_engine_error(error) from error

    def pack(self) -> None:
        """Packs what is here now; what is made from now on stays as it is made.

        For tables that outlast many others. Left to itself, DuckDB packs whatever there is each time some megabytes
        were added: here that is what the next statement drops again, and costs as much as a tenth of a screening.
        """
        self.run("CHECKPOINT; SET checkpoint_threshold = '1TB'")

    def table(self, text: str, parameters: object = None) -> pa.Table:
        """The answer of one query as an Arrow table."""
        try:
            return self._connection.sql(text, params=parameters).to_arrow_table()
        except duckdb.Error as error:
            raise _as_engine_error(error) from error

    def rows(self, text: str, parameters: object = None) -> list[tuple[object, ...]]:
        """The answer of one query as Python rows; for small answers."""
        try:
            cursor = (
                self._connection.execute(text) if parameters is None else self._connection.execute(text, parameters)
            )
            return cursor.fetchall()
        except duckdb.Error as error:
            raise _as_engine_error(error) from error


@contextmanager
def workbench(
    tables: Mapping[str, pa.Table] | None = None, *, threads: int | None = None, scratch: Path | None = None
) -> Iterator[Workbench]:
    """A fresh Workbench holding the given tables; closed at the end.

    threads  default: all cores; the answer never depends on it
    scratch  folder where large joins may spill; default: none, so nothing personal touches the disk
    """
    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"SET threads = {threads or os.cpu_count() or 1}")
        connection.execute("SET preserve_insertion_order = true")
        # Left to itself, DuckDB would put what does not fit into a folder .tmp where the program was started.
        connection.execute("SET temp_directory = ?", ["" if scratch is None else str(scratch)])
        if scratch is None:
            connection.execute("SET enable_external_access = false")
        bench = Workbench(connection)
        for name, table in (tables or {}).items():
            bench.put(name, table)
        yield bench
    finally:
        connection.close()


def _as_engine_error(error: duckdb.Error) -> EngineError:
    # DuckDB quotes offending values in its messages; only the kind of failure may travel on.
    return EngineError(
        f"the table engine stopped ({type(error).__name__})",
        to_do="If memory or disk ran out, free some and run again. Otherwise this is a fault of the program.",
    )

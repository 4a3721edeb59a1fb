"""What screening needs of an engine, and which engine a run asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from types import ModuleType
from typing import Protocol

import pyarrow as pa

from tsunagu.engines.duck import workbench
from tsunagu.errors import EngineError


class Engine(StrEnum):
    """Where a run computes: DuckDB in its own process, or Apache Spark."""

    DUCKDB = "duckdb"
    SPARK = "spark"


class Bench(Protocol):
    """A place for tables that takes DuckDB's text; rows come back in no particular order."""

    def put(self, name: str, table: pa.Table) -> None:
        """Makes an Arrow table known under a name."""

    def run(self, text: str) -> None:
        """Executes statements and gives nothing back."""

    def pack(self) -> None:
        """Says that what is here now outlasts what is made from now on."""

    def table(self, text: str) -> pa.Table:
        """The answer of one query."""


def require_engine(engine: Engine) -> None:
    """EngineError, saying what to install, unless the engine can start here."""
    if engine is Engine.SPARK:
        _spark().require_java()


@contextmanager
def bench_of(engine: Engine) -> Iterator[Bench]:
    """A fresh bench of an engine, closed at the end; EngineError as require_engine says."""
    if engine is Engine.DUCKDB:
        with workbench() as duck:
            yield duck
    else:
        with _spark().spark_workbench() as spark:
            yield spark


def _spark() -> ModuleType:
    try:
        from tsunagu.engines import spark  # an extra: most cities have no Spark
    except ImportError as error:
        raise EngineError(
            "Spark is not installed here",
            to_do="No city needs it: leave --engine away. Otherwise: pip install 'tsunagu[spark]'",
        ) from error
    return spark

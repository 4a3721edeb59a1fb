"""Apache Spark, for more children than one machine holds; takes the same text as DuckDB and gives the same tables.

The only place that imports PySpark. No city needs it: docs/how-to/screen-on-spark.md says from where on it serves.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from tsunagu.engines.spark_text import statements
from tsunagu.errors import EngineError


class SparkWorkbench:
    """One Spark session with Arrow tables in and out, and DuckDB's text between: the interface of duck.Workbench.

    Rows come back in no particular order; sort by a table's shape before writing.
    """

    def __init__(self, session: SparkSession) -> None:
        self._session = session
        self._made: set[str] = set()

    def put(self, name: str, table: pa.Table) -> None:
        """Makes an Arrow table known under a name."""
        with _as_engine_error():
            self._keep(name, self._session.createDataFrame(table))

    def run(self, text: str) -> None:
        """Executes one or more statements of DuckDB's text and gives nothing back.

        A table is held in memory from its first use on; so an error of its values may also come when it is read.
        """
        with _as_engine_error():
            for statement in statements(text):
                match statement.does:
                    case "make":
                        self._keep(statement.table, self._session.sql(statement.text).localCheckpoint(eager=False))
                    case "show":
                        self._keep(statement.table, self._session.sql(statement.text))
                    case "drop":
                        self._session.catalog.dropTempView(statement.table)
                        self._made.discard(statement.table)
                    case _:
                        raise EngineError("a query gives a table: ask for it by table()")

    def pack(self) -> None:
        """Nothing: Spark holds a table from its first use on."""

    def table(self, text: str) -> pa.Table:
        """The answer of one query in DuckDB's text as an Arrow table."""
        (query,) = statements(text)
        with _as_engine_error():
            return self._session.sql(query.text).toArrow()

    def clear(self) -> None:
        """Forgets every table."""
        with _as_engine_error():
            for name in self._made:
                self._session.catalog.dropTempView(name)
            self._session.catalog.clearCache()
        self._made.clear()

    def _keep(self, name: str, table: DataFrame) -> None:
        self._made.add(name)
        table.createOrReplaceTempView(name)


@contextmanager
def spark_workbench(
    tables: Mapping[str, pa.Table] | None = None,
    *,
    master: str = "local[2]",
    memory: str = "2g",
    more: Mapping[str, str] | None = None,
) -> Iterator[SparkWorkbench]:
    """A fresh SparkWorkbench holding the given tables; its session and its files are gone at the end.

    master  where Spark computes: local[2] is two threads of this machine; a cluster's address otherwise
    memory  of the process that drives, in Spark's words
    more    further settings of Spark
    raises  EngineError without Java, or if Spark does not start
    """
    require_java()
    logging.getLogger("SQLQueryContextLogger").disabled = True  # it writes values of the query to standard error
    with tempfile.TemporaryDirectory(prefix="tsunagu-spark-") as scratch:
        session = _session(Path(scratch), master, memory, more or {})
        try:
            bench = SparkWorkbench(session)
            for name, table in (tables or {}).items():
                bench.put(name, table)
            yield bench
        finally:
            session.stop()


def require_java() -> None:
    """EngineError where no Java is found, on the path or in JAVA_HOME."""
    at_home = Path(os.environ.get("JAVA_HOME", "")) / "bin" / "java"
    if shutil.which("java") is None and not at_home.is_file():
        raise EngineError("Spark needs Java, and none is installed", to_do=_GET_JAVA)


_GET_JAVA = "Install Java 17 or later; on Debian: apt-get install default-jre-headless"


def _session(scratch: Path, master: str, memory: str, more: Mapping[str, str]) -> SparkSession:
    settings = {
        # Too large a number is an error and never null; no decimal is rounded to make room.
        "spark.sql.ansi.enabled": "true",
        "spark.sql.decimalOperations.allowPrecisionLoss": "false",
        "spark.sql.session.timeZone": "UTC",
        # Plans that change while they run would compute a table when it is made, one job each.
        "spark.sql.adaptive.enabled": "false",
        "spark.driver.memory": memory,
        # One step joins some fifty sorted tables, and each takes a page of memory at least; the usual one is 32 MB.
        "spark.buffer.pageSize": "1m",
        # Rules nest deep, and Java walks what nests by recursion.
        "spark.driver.defaultJavaOptions": "-Xss16m",
        "spark.executor.defaultJavaOptions": "-Xss16m",
        "spark.sql.maxPlanStringLength": "1000",
        # Nobody looks at what ran, and each of our plans is large.
        "spark.sql.ui.retainedExecutions": "1",
        "spark.ui.retainedJobs": "1",
        "spark.ui.retainedStages": "1",
        "spark.ui.retainedTasks": "1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "OFF",
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.local.dir": str(scratch),
        # What a shuffle or a full memory writes to the disk is written with a key that only this session has.
        "spark.io.encryption.enabled": "true",
    }
    if master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        settings |= {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.sql.shuffle.partitions": "2",
            "spark.default.parallelism": "2",
        }
    builder = SparkSession.builder.master(master).appName("tsunagu")
    for key, value in {**settings, **more}.items():
        builder = builder.config(key, value)
    try:
        return builder.getOrCreate()
    except (PySparkException, Py4JError, OSError) as error:
        raise EngineError(
            f"Spark did not start ({type(error).__name__})",
            to_do=_GET_JAVA,
        ) from None


@contextlib.contextmanager
def _as_engine_error() -> Iterator[None]:
    try:
        yield
    except (PySparkException, Py4JError) as error:
        # Spark quotes offending values in its messages; only the kind of failure may travel on.
        raise EngineError(
            f"the table engine stopped ({_kind(error)})",
            to_do="If memory ran out, give Spark more and run again. Otherwise this is a fault of the program.",
        ) from None


def _kind(error: PySparkException | Py4JError) -> str:
    names = [type(error).__name__]
    if isinstance(error, PySparkException):
        names.append(error.getCondition() or "")
    thrown = getattr(error, "java_exception", None)
    while thrown is not None and len(names) < 6:
        names.append(thrown.getClass().getSimpleName())
        thrown = thrown.getCause()
    return ", ".join(name for name in names if name)

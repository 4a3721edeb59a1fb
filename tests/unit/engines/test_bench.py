"""Which engine a run asks for: what is not installed is said before anything is written."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fixed import ON, ROOT
from tsunagu.cli.commands import app
from tsunagu.engines.bench import Engine, bench_of, require_engine
from tsunagu.errors import EngineError
from two_worlds import HIDDEN, a_delivery


def _without_java(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)


def test_duckdb_is_always_there_and_what_a_run_uses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _without_java(monkeypatch, tmp_path)
    require_engine(Engine.DUCKDB)
    with bench_of(Engine.DUCKDB) as bench:
        assert bench.table("SELECT 1 AS n").to_pylist() == [{"n": 1}]


def test_a_run_on_spark_without_java_is_refused_before_a_key_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_delivery(tmp_path / "extracts", HIDDEN[0])
    _without_java(monkeypatch, tmp_path)
    order = ["run", str(ROOT / "examples" / "hinode-city"), "--extracts", str(tmp_path / "extracts")]
    refused = CliRunner().invoke(app, [*order, "--on", str(ON), "--out", str(tmp_path / "run"), "--engine", "spark"])
    assert isinstance(refused.exception, EngineError)
    assert "default-jre-headless" in refused.exception.message()
    assert [path.name for path in tmp_path.iterdir()] == ["extracts"]


def test_spark_that_is_not_installed_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tsunagu.engines.spark", raising=False)
    monkeypatch.delattr("tsunagu.engines.spark", raising=False)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(EngineError, match="not installed") as refused:
        require_engine(Engine.SPARK)
    assert "tsunagu[spark]" in refused.value.to_do

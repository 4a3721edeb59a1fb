"""The embedded engine keeps what it works on in memory, and says so when that is too small."""

from __future__ import annotations

from pathlib import Path

import pytest

from tsunagu.engines.duck import Workbench, workbench
from tsunagu.errors import EngineError

ROWS = 3_000_000
SORTED = f"CREATE TABLE t AS SELECT i, 'some text ' || hash(i) AS s FROM range({ROWS}) r(i) ORDER BY s"


def _small(bench: Workbench) -> None:
    bench.run("SET memory_limit = '60MB'; SET threads = 1")


def test_what_does_not_fit_stops_and_touches_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with workbench() as bench:
        _small(bench)
        with pytest.raises(EngineError, match="stopped") as error:
            bench.run(SORTED)
        assert list(tmp_path.iterdir()) == []
    assert "free some" in error.value.to_do


def test_control_with_a_folder_it_spills_there_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch, here = tmp_path / "scratch", tmp_path / "here"
    scratch.mkdir()
    here.mkdir()
    monkeypatch.chdir(here)
    with workbench(scratch=scratch) as bench:
        _small(bench)
        bench.run(SORTED)
        assert bench.rows("SELECT count(*) FROM t") == [(ROWS,)]
        assert any(scratch.iterdir())
    assert list(here.iterdir()) == []


def test_packing_changes_no_table() -> None:
    with workbench() as bench:
        bench.run("CREATE TABLE t AS SELECT i, 'a' || i % 3 AS s FROM range(300000) r(i)")
        before = bench.rows("SELECT sum(hash(i, s)) FROM t")
        bench.pack()
        bench.run("CREATE TABLE u AS FROM t; DROP TABLE t")
        assert bench.rows("SELECT sum(hash(i, s)) FROM u") == before

"""A run on Spark says what it is at, as one on DuckDB does: most of its time goes by within the screening."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fixed import KEY, ON
from tsunagu.engines.bench import Bench, Engine, bench_of
from tsunagu.municipality import City
from tsunagu.pipeline import Order, run_city


@contextmanager
def _quick(engine: Engine) -> Iterator[Bench]:
    with bench_of(Engine.DUCKDB) as bench:
        yield bench


@pytest.mark.parametrize(("engine", "named"), [(Engine.DUCKDB, "screening"), (Engine.SPARK, "screening on Spark")])
def test_a_run_names_the_steps_of_its_screening(
    engine: Engine, named: str, sample: Path, city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tsunagu.pipeline.bench_of", _quick)
    stages: list[str] = []
    order = Order(sample / "extracts", ON, tmp_path / "run", KEY, engine=engine)
    run_city(city, order, lambda stage, done, total: stages.append(stage))
    own = [stage for stage in stages if stage.startswith("screening")]
    assert own[0] == named
    assert len(own) > 5
    assert all(stage.startswith(f"{named}: ") for stage in own[1:])

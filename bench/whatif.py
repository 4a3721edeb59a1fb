"""What moving one limit costs in a city of 300,000: exact counts of every level, on the table without names.

The floor is one comparison of one column and a count of one column of levels, which no answer can do without. Every
limit of the example criteria is moved a few steps; prints the milliseconds and the ratio, and writes
bench/results-whatif.json. A whole screening with a moved limit gives the same counts: tests/flow/test_whatif.py.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from screening import CITY, HERE, ON, make_city
from tsunagu.engines.duck import Workbench, workbench
from tsunagu.evaluation.nameless import APPLIES, DIVISIONS, KNOWN, WORST
from tsunagu.evaluation.whatif import Trial
from tsunagu.indicators import sql_text as sql
from tsunagu.indicators.parts import PERSONS_A_PART, parts, show
from tsunagu.screening.compile import compile_criteria
from tsunagu.screening.criteria import Criteria, comparisons
from tsunagu.screening.limits import movable, step_of
from tsunagu.screening.load import load_criteria
from tsunagu.sources.loading import load_catalogue

GOAL_MS = 50
STEPS = (-2, -1, 1, 2)


def main() -> int:
    """Screens the made-up city once, moves every limit, prints and writes the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--children", type=int, default=300_000)
    options.add_argument("--out", type=Path, default=HERE / "results-whatif.json")
    arguments = options.parse_args()
    criteria = load_criteria(CITY / "criteria" / "three-judgments.toml", load_catalogue(CITY).items)
    with workbench(threads=2) as bench:
        make_city(bench, arguments.children, criteria.items)
        table = nameless(bench, criteria)
    trial = Trial(table, criteria)
    moves = [
        {(sign.code, limit.path): limit.value + by * step_of(criteria.indicator(limit.indicator).measure, limit.value)}
        for sign in criteria.signs
        for limit in movable(criteria, sign)
        for by in STEPS
    ]
    floor_of = _floor(table)
    took, floor = [], []
    for move in moves:
        floor.append(_ms(floor_of))
        took.append(_ms(lambda move=move: trial.counts(move)))
    pairs = [
        _ms(lambda one=one, other=other: trial.counts(one | other))
        for one, other in zip(moves, moves[5:], strict=False)
    ]
    result = {
        "children": trial.rows,
        "moved": len(moves),
        "p50_ms": round(statistics.median(took), 1),
        "p95_ms": round(_p95(took), 1),
        "floor_p95_ms": round(_p95(floor), 1),
        "ratio_p95": round(_p95(took) / _p95(floor), 2),
        "two_limits_p95_ms": round(_p95(pairs), 1),
        "goal_p95_ms": GOAL_MS,
    }
    arguments.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(
        f"{trial.rows:,} children, {len(moves)} moved limits: {result['p95_ms']} ms at p95 (goal {GOAL_MS}),"
        f" {result['ratio_p95']} times the floor; two limits at once {result['two_limits_p95_ms']} ms"
    )
    return 0


def nameless(bench: Workbench, criteria: Criteria) -> pa.Table:
    """The table without names of the made-up city, as a desk takes it in."""
    compiled = compile_criteria(criteria, ON)
    compared = sorted({c.indicator for sign in criteria.signs for c in comparisons(sign.when)})
    columns = []
    for indicator in compared:
        for kind, number, text in ((KNOWN, "number", "text"), (WORST, "number_at_worst", "text_at_worst")):
            plain = f"coalesce({text}, rtrim(rtrim({number}::VARCHAR, '0'), '.'))"
            columns.append(f"max({plain}) FILTER (indicator = {sql.text(indicator)}) AS {sql.name(kind + indicator)}")
    for statement in compiled.whole:
        bench.run(statement)
    found = []
    for part in parts(bench, PERSONS_A_PART):
        show(bench, part, criteria.items)
        bench.run(compiled.judged)
        found.append(
            bench.table(f"""SELECT v.* EXCLUDE (person_id), j.{APPLIES} FROM (
  SELECT person_id, {", ".join(columns)} FROM ({compiled.indicators}) GROUP BY person_id
) v JOIN (
  SELECT person_id, string_agg(judgment, ',' ORDER BY judgment) AS {APPLIES}
  FROM ({compiled.judgments}) WHERE level <> 'NA' AND judgment <> 'overall' GROUP BY person_id
) j USING (person_id)""")
        )
    table = pa.concat_tables(found)
    for division in DIVISIONS:
        table = table.append_column(division, pa.array(["-"] * table.num_rows, pa.string()))
    return table


def _floor(table: pa.Table) -> Callable[[], object]:
    numbers = pc.fill_null(table.column(f"{KNOWN}absent_total").cast(pa.decimal128(28, 6)), 0).combine_chunks()
    levels = pa.table({"level": pa.array([n % 5 for n in range(table.num_rows)], pa.int8())})

    def ask() -> object:
        held = pc.sum(pc.greater_equal(numbers, pa.scalar(15)))
        return held, levels.group_by("level").aggregate([([], "count_all")])

    return ask


def _ms(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


if __name__ == "__main__":
    raise SystemExit(main())

"""Screening a made-up city: the compiled text of the example criteria beside the same criteria written by hand.

Both read the same tables in one process, in paired rounds that change places; both make the levels, the missing items
and the reasons with values, row keys and pictures of the months. The answers are compared row by row: a difference
fails the run. Prints the ratio and writes bench/results-screening.json.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from tsunagu.engines.duck import Workbench, workbench
from tsunagu.errors import EngineError
from tsunagu.indicators import sql_text as sql
from tsunagu.indicators.parts import PERSONS_A_PART, WHOLE_PERSON, parts, show
from tsunagu.screening.compile import Compiled, compile_criteria
from tsunagu.screening.load import load_criteria
from tsunagu.sources.loading import load_catalogue

HERE = Path(__file__).parent
CITY = HERE.parent / "examples" / "hinode-city"
ON = dt.date(2026, 9, 30)
GOAL_RATIO, GOAL_GB = 1.15, 0.5

JUDGED_DIFFER = """
SELECT count(*) FROM all_judged j FULL JOIN by_hand h USING (child)
WHERE j.child IS NULL OR h.child IS NULL OR r_low <> low OR r_high <> high OR l_poverty <> pl
  OR h_poverty <> greatest(pl, pu) OR l_academic IS DISTINCT FROM al OR h_academic IS DISTINCT FROM greatest(al, au)
  OR l_noncognitive <> nl OR h_noncognitive <> greatest(nl, nu) OR m_P2 <> k_p2 OR m_P3 <> k_p3 OR m_P4 <> k_p4
  OR m_P5 <> k_p5 OR m_A1 <> k_a1 OR m_A3 <> k_a3 OR m_N1 <> k_n1 OR m_N2 <> k_n2 OR m_N3 <> k_n3 OR m_N5 <> k_n5
  OR m_N6 <> k_n6 OR m_N7 <> k_n7
"""
REASON_COLUMNS = "person_id, kind, code, number, text, row_keys"
# The two values behind a fall are shown by ours only; every other picture is made by both.
SERIES = "CASE WHEN code IN ('A3', 'N2b') THEN [] ELSE series END AS series"
REASONS_DIFFER = f"""
WITH ours AS (SELECT {REASON_COLUMNS}, {SERIES} FROM all_reasons),
by_hand AS (SELECT {REASON_COLUMNS}, series FROM reasons_by_hand)
SELECT count(*) FROM (
  (FROM ours EXCEPT ALL FROM by_hand)
  UNION ALL
  (FROM by_hand EXCEPT ALL FROM ours)
)
"""


def main() -> int:
    """Generates, runs both in turn, compares, prints and writes the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--children", type=int, default=300_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--out", type=Path, default=HERE / "results-screening.json")
    arguments = options.parse_args()

    criteria = load_criteria(CITY / "criteria" / "three-judgments.toml", load_catalogue(CITY).items)
    compiled = compile_criteria(criteria, ON)
    with workbench(threads=2) as bench:
        rows = make_city(bench, arguments.children, criteria.items)
        wall: dict[str, list[float]] = {"ours": [], "by_hand": []}
        work: dict[str, list[float]] = {"ours": [], "by_hand": []}

        def timed(name: str, act: Callable[[], object]) -> None:
            began, worked = time.perf_counter(), time.process_time()
            act()
            wall[name].append(time.perf_counter() - began)
            work[name].append(time.process_time() - worked)

        for turn in range(arguments.rounds):
            pair = [
                ("ours", lambda: screened(bench, compiled, criteria.items)),
                ("by_hand", lambda: by_hand(bench, criteria.items)),
            ]
            for name, act in pair if turn % 2 == 0 else reversed(pair):
                timed(name, act)
            print(f"round {turn + 1}: ours {wall['ours'][-1]:.2f} s, by hand {wall['by_hand'][-1]:.2f} s", flush=True)
        screened(bench, compiled, criteria.items, keep=True)
        differing = [int(str(bench.rows(query)[0][0])) for query in (JUDGED_DIFFER, REASONS_DIFFER)]
        reasons = int(str(bench.rows("SELECT count(*) FROM all_reasons")[0][0]))
        memory = memory_gb(bench, compiled, criteria.items)
    result = {
        "children": arguments.children,
        "rows": rows,
        "reasons": reasons,
        "rounds": arguments.rounds,
        "ratio_wall": round(statistics.median(a / b for a, b in zip(wall["ours"], wall["by_hand"], strict=True)), 3),
        "ratio_cpu": round(statistics.median(a / b for a, b in zip(work["ours"], work["by_hand"], strict=True)), 3),
        "ours_s": round(statistics.median(wall["ours"]), 3),
        "by_hand_s": round(statistics.median(wall["by_hand"]), 3),
        "memory_gb_above_data": memory,
        "judgments_differing": differing[0],
        "reasons_differing": differing[1],
        "goal": {"ratio": GOAL_RATIO, "memory_gb_above_data": GOAL_GB},
        "versions": {"python": sys.version.split()[0], "duckdb": duckdb.__version__},
    }
    arguments.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(
        f"{result['children']:,} children, {rows:,} rows, {reasons:,} reasons: ours / by hand = {result['ratio_wall']}"
        f" (wall), {result['ratio_cpu']} (CPU); goal {GOAL_RATIO}; {memory} GB above the data"
        f" are enough, goal {GOAL_GB}; {differing[0]} judgments and {differing[1]} reasons differ"
    )
    return 1 if any(differing) else 0


def make_city(bench: Workbench, children: int, items: Sequence[str]) -> int:
    """The made-up city as the screening stage lays it out, `whole_person` and `whole_<item>`; gives their rows."""
    for statement in _text("screening_city.sql").replace("{children}", str(children)).split(";\n"):
        if statement.strip():
            bench.run(statement)
    rows = 0
    for made, whole, order in (
        ("person", WHOLE_PERSON, "child"),
        *((sql.fact_table(item), sql.whole_table(item), "child, on_day") for item in items),
    ):
        bench.run(f"CREATE TABLE {whole} AS SELECT * REPLACE (placed(child) AS child) FROM {made} ORDER BY {order}")
        bench.run(f"DROP TABLE {made}")
        rows += 0 if made == "person" else int(str(bench.rows(f"SELECT count(*) FROM {whole}")[0][0]))
    bench.pack()
    return rows


def screened(bench: Workbench, compiled: Compiled, items: Sequence[str], *, keep: bool = False) -> None:
    """Everybody, part by part as the screening stage does it. keep: all parts, in `all_judged` and `all_reasons`."""
    for statement in compiled.whole:
        bench.run(statement)
    for number, part in enumerate(parts(bench, PERSONS_A_PART)):
        show(bench, part, items)
        bench.run(compiled.judged)
        bench.run(compiled.evidence)
        bench.run(f"CREATE OR REPLACE TABLE reasons AS {compiled.reasons}")
        for name in ("judged", "reasons") if keep else ():
            bench.run(f"INSERT INTO all_{name} FROM {name}" if number else f"CREATE TABLE all_{name} AS FROM {name}")


def by_hand(bench: Workbench, items: Sequence[str]) -> None:
    """Everybody at once, written by hand."""
    show(bench, (0, 2**31 - 1), items)
    bench.run(_text("screening_by_hand.sql"))
    bench.run(_text("screening_reasons_by_hand.sql"))


def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def memory_gb(bench: Workbench, compiled: Compiled, items: Sequence[str]) -> float | None:
    """The least memory above the data, by tenths of a gigabyte, in which everybody can be screened; None above one.

    The engine keeps to its limit and may not write to a disk here, so a smaller one makes it stop.
    """
    made = bench.rows("SELECT table_name FROM duckdb_tables() WHERE table_name NOT LIKE 'whole\\_%' ESCAPE '\\'")
    for (name,) in made:
        bench.run(f"DROP TABLE {sql.name(str(name))}")
    bench.run("CHECKPOINT")  # what was dropped counts until then
    held = int(str(bench.rows("SELECT sum(memory_usage_bytes) FROM duckdb_memory()")[0][0]))
    try:
        for tenths in range(1, 11):
            bench.run(f"SET memory_limit = '{held + tenths * 10**8} B'")
            try:
                screened(bench, compiled, items)
            except EngineError:
                continue
            return tenths / 10
        return None
    finally:
        bench.run("RESET memory_limit")


if __name__ == "__main__":
    raise SystemExit(main())

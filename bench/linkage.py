"""Linking two sources: tuned Splink beside ours, as whole processes, against a floor of raw DuckDB joins.

    python bench/linkage.py                 100,000 rows a side, usual and hard errors, result to results-linkage.json
    python bench/linkage.py --rows 20000 --rounds 1 --out /tmp/r.json

Each job reads two Parquet files, normalises, links and writes pairs. Splink trains on the tables (that is how it is
used); ours reads a model trained on another generated city. Ratios of one round only are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from two_sources import make_two_sources

ROLES = ("name", "kana", "birth_date", "sex", "address", "postcode")
JOBS = ("ours", "splink", "splink_one_to_one", "floor")


def main() -> None:
    arguments = _arguments()
    if arguments.job:
        _run_job(arguments.job, Path(arguments.folder))
        return
    result = {
        "on": datetime.now(UTC).date().isoformat(),
        "rows": arguments.rows,
        "rounds": arguments.rounds,
        "cores": os.cpu_count(),
        "versions": {name: version(name) for name in ("duckdb", "splink", "pyarrow")} | {"python": sys.version[:6]},
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, hard in (("usual", False), ("hard", True)):
            place = Path(folder) / name
            place.mkdir()
            make_two_sources(place, rows=arguments.rows, seed=arguments.seed, hard=hard)
            result[name] = _measure(place, arguments.rounds)
            _tell(name, result[name])
    Path(arguments.out).write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"written: {arguments.out}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--out", default=str(Path(__file__).parent / "results-linkage.json"))
    parser.add_argument("--job", choices=JOBS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure(folder: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Every job once per round, one after the other, so that a round's load is shared; medians, and quality."""
    times: dict[str, list[float]] = {job: [] for job in JOBS}
    usage: dict[str, dict[str, float]] = {}
    for _ in range(rounds):
        for job in JOBS:
            begin = time.perf_counter()
            done = subprocess.run(
                [sys.executable, __file__, "--job", job, "--folder", str(folder)],
                check=True, capture_output=True, text=True,
            )  # fmt: skip
            times[job].append(time.perf_counter() - begin)
            usage[job] = json.loads(done.stdout.strip().splitlines()[-1])

    def ratio(job: str, other: str) -> float:
        return statistics.median(a / b for a, b in zip(times[job], times[other], strict=True))

    return {
        job: {
            "wall_s": round(statistics.median(times[job]), 2),
            "wall_to_splink": round(ratio(job, "splink"), 3),
            "wall_to_floor": round(ratio(job, "floor"), 2),
            **usage[job],
            **_quality(folder, job),
        }
        for job in JOBS
    }


def _run_job(job: str, folder: Path) -> None:
    """One whole job in this process; its usage as the last line of stdout."""
    from tsunagu.engines.duck import workbench
    from tsunagu.linkage.tables import Columns, link_tables, put_forms

    roles = {role: role for role in ROLES}
    left, right = (pq.read_table(folder / f"{side}.parquet") for side in ("left", "right"))
    if job == "ours":
        pairs = link_tables(left, right, Columns(roles, roles))
    elif job == "floor":
        # What any linkage needs at least: the same forms and one exact join.
        with workbench() as bench:
            put_forms(bench, left, right, Columns(roles, roles))
            pairs = bench.table("SELECT l.row AS left_row, r.row AS right_row FROM l JOIN r USING (name_key, birth)")
    else:
        from tsunagu.linkage.model import REFERENCE_COLUMNS, reference_pairs

        with workbench() as bench:
            put_forms(bench, left, right, Columns(roles, roles))
            sides = [bench.table(f"SELECT {', '.join(REFERENCE_COLUMNS)} FROM {s} ORDER BY row") for s in ("l", "r")]
        pairs = reference_pairs(*sides, one_to_one=job == "splink_one_to_one")
    pq.write_table(pa.table(pairs).select(["left_row", "right_row"]), folder / f"{job}.parquet")
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"cpu_s": round(used.ru_utime + used.ru_stime, 2), "peak_mb": used.ru_maxrss // 1024}))


def _quality(folder: Path, job: str) -> dict[str, float]:
    people = [
        pq.read_table(folder / f"{side}.parquet", columns=["person"])["person"].to_pylist()
        for side in ("left", "right")
    ]
    pairs = pq.read_table(folder / f"{job}.parquet")
    found = pairs.num_rows
    right = sum(
        people[0][a] == people[1][b]
        for a, b in zip(pairs["left_row"].to_pylist(), pairs["right_row"].to_pylist(), strict=True)
    )
    wanted = len(set(people[0]) & set(people[1]))
    precision, recall = right / max(found, 1), right / wanted
    return {
        "precision": round(precision, 5),
        "recall": round(recall, 5),
        "f1": round(2 * precision * recall / max(precision + recall, 1e-9), 5),
    }


def _tell(name: str, result: dict[str, dict[str, float]]) -> None:
    print(f"\n{name} errors")
    print(f"{'job':<20}{'wall s':>8}{'cpu s':>8}{'/splink':>9}{'/floor':>8}{'MB':>7}{'P':>9}{'R':>9}{'F1':>9}")
    for job, r in result.items():
        print(
            f"{job:<20}{r['wall_s']:>8}{r['cpu_s']:>8}{r['wall_to_splink']:>9}{r['wall_to_floor']:>8}"
            f"{r['peak_mb']:>7}{r['precision']:>9}{r['recall']:>9}{r['f1']:>9}"
        )


if __name__ == "__main__":
    main()

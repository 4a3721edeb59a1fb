"""Deliveries that nobody tuned for: other seeds, days, lengths, faults and sizes, each measured against its own truth.

Prints one line a delivery and writes them to bench/results-deliveries.txt. `--children 3000` leaves the large ones out.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tsunagu.evaluation.report import evaluate
from tsunagu.example_city import write_example_city
from tsunagu.municipality import load_city
from tsunagu.pipeline import Order, run_city
from tsunagu.runs.folder import open_run

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results-deliveries.txt"


@dataclass(frozen=True)
class Asked:
    """One delivery to make: children, seed, as-of date, months of history, how many faults."""

    children: int
    seed: int
    on: dt.date
    months: int
    faults: str


DELIVERIES = (
    Asked(3_000, 11, dt.date(2026, 9, 30), 24, "heavy"),
    Asked(3_000, 12, dt.date(2026, 4, 10), 6, "heavy"),
    Asked(3_000, 13, dt.date(2027, 1, 5), 12, "heavy"),
    Asked(3_000, 14, dt.date(2026, 8, 15), 24, "usual"),
    Asked(3_000, 15, dt.date(2024, 2, 29), 12, "heavy"),
    Asked(60_000, 3, dt.date(2026, 9, 30), 24, "usual"),
    Asked(60_000, 16, dt.date(2026, 12, 10), 24, "heavy"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--children", type=int, default=60_000, help="the largest delivery to make")
    largest = parser.parse_args().children
    lines = [
        f"deliveries of the example city's generator, {dt.datetime.now(dt.UTC):%Y-%m-%d},"
        f" {os.cpu_count()} cores, Python {platform.python_version()}",
        "children seed       day months faults |      rows accounted | damaged right | F1      precision"
        " | children equal (absent, extra) | CPU s",
    ]
    print("\n".join(lines), flush=True)
    for asked in (a for a in DELIVERIES if a.children <= largest):
        lines.append(_measured(asked))
        print(lines[-1], flush=True)
    if largest >= max(a.children for a in DELIVERIES):
        RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _measured(asked: Asked) -> str:
    with tempfile.TemporaryDirectory(prefix="tsunagu-deliveries-") as folder:
        made = Path(folder) / "delivery"
        write_example_city(
            made, children=asked.children, seed=asked.seed, on=asked.on, months=asked.months, faults=asked.faults
        )
        before = time.process_time()
        order = Order(made / "extracts", asked.on, Path(folder) / "run", os.urandom(64))
        run_city(
            load_city(ROOT / "examples" / "hinode-city", with_programmes=True), order, lambda stage, done, total: None
        )
        spent = time.process_time() - before
        found = evaluate(open_run(order.out), made / "truth").as_json()
    rows, linkage, judgments = found["rows"], found["linkage"], found["judgments"]
    damaged = rows["damaged_right"] + rows["damaged_wrong"]
    return (
        f"{asked.children:8,} {asked.seed:4} {asked.on} {asked.months:5}  {asked.faults} |"
        f" {rows['accounted']:9,} of {rows['rows']:9,} | {rows['damaged_right']:6,} of {damaged:6,} |"
        f" {linkage['f1']:.5f} {linkage['precision']:.6f} |"
        f" {judgments['equal']:6,} of {judgments['compared']:6,} ({judgments['absent']}, {judgments['extra']})"
        f" | {spent:.0f}"
    )


if __name__ == "__main__":
    main()

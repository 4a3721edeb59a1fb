"""The same city judged both ways: with all extracts in one place, and with every department's data at its own node.

python bench/two_patterns.py                     3,000 children of the example city, result to results-both-ways.txt
python bench/two_patterns.py --children 300      a smaller city, and writes nothing
python bench/two_patterns.py --sample folder     a delivery with extracts/, as of 2026-09-30; writes nothing
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import sys
import tempfile
from pathlib import Path

from tsunagu.example_city.city import write_example_city
from tsunagu.municipality import load_city

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from both_ways import both_ways  # noqa: E402

RESULTS = ROOT / "bench" / "results-both-ways.txt"
ON = dt.date(2026, 9, 30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--children", type=int, default=3_000)
    parser.add_argument("--sample", type=Path, help="a delivery with extracts/")
    arguments = parser.parse_args()
    city = load_city(ROOT / "examples" / "hinode-city")
    with tempfile.TemporaryDirectory(prefix="tsunagu-both-") as made:
        folder = Path(made)
        extracts = folder / "city" / "extracts"
        if arguments.sample:
            extracts = arguments.sample / "extracts"
        else:
            write_example_city(folder / "city", children=arguments.children, seed=11, on=ON, months=12, faults="usual")
        compared = both_ways(city, extracts, folder, ON, 1_500 if arguments.sample else arguments.children)
    name = "sample" if arguments.sample else f"{arguments.children:,} children, seed 11, usual faults"
    head = f"both ways, {dt.datetime.now(dt.UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}"
    lines = [f"{head}: {name}", *compared.lines()]
    print("\n".join(lines))
    if arguments.children == 3_000 and not arguments.sample:
        RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

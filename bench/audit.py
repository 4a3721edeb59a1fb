"""The access log: durable appends beside a bare insert of the same rows with a commit each, on SQLite and PostgreSQL.

Each store is measured in a process of its own, in turns that change places; every commit waits for the disk. Prints the
ratios, and what a head over a long log costs, and writes bench/results-audit.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
GOAL = 0.5
PERSONS = [f"P{number:016x}" for number in range(5)]  # a child and a household


def main() -> int:
    """Runs both stores, prints and writes the result; 1 when a ratio misses the goal."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000, help="rows in one turn")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--out", type=Path, default=HERE / "results-audit.json")
    options.add_argument("--store", default="", help=argparse.SUPPRESS)
    arguments, _ = options.parse_known_args()
    if arguments.store:
        print(json.dumps(_measure(arguments.rows, arguments.rounds)))
        return 0
    results = {"goal": GOAL, "rows": arguments.rows, "sqlite": _in_a_process(arguments, {}), "verify": _verify()}
    sys.path.insert(0, str(HERE.parent / "tests" / "web"))
    from postgresql import a_cluster

    with a_cluster(durable=True) as address:
        results["postgresql"] = _in_a_process(arguments, {"TSUNAGU_DATABASE_URL": address})
    arguments.out.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    for store in ("sqlite", "postgresql"):
        one = results[store]
        print(
            f"{store}: {one['ours_per_s']:,} appends/s, bare insert with commit {one['bare_per_s']:,}/s: "
            f"{one['ratio']:.2f} (goal {GOAL})"
        )
    verified = results["verify"]
    print(
        f"verified {verified['rows_per_s']:,} rows/s with heads; a head over {verified['rows']:,} rows adds 1,000 rows "
        f"in {verified['head_ms']} ms"
    )
    return int(any(results[store]["ratio"] < GOAL for store in ("sqlite", "postgresql")))


def _in_a_process(arguments: argparse.Namespace, more: dict[str, str]) -> dict[str, float]:
    with tempfile.TemporaryDirectory(dir=HERE.parent) as folder:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TSUNAGU_")}
        kept |= {"TSUNAGU_DESK": folder, "DJANGO_SETTINGS_MODULE": "tsunagu_web.settings", **more}
        command = [sys.executable, __file__, "--store", "one", "--rows", str(arguments.rows)]
        command += ["--rounds", str(arguments.rounds)]
        done = subprocess.run(command, env=kept, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def _measure(rows: int, rounds: int) -> dict[str, float]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from tsunagu_web.audit.services import append_now

    call_command("migrate", verbosity=0)
    body, name = "x" * 420, "h" * 64  # the size of a real row
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bare (number bigint PRIMARY KEY, body text, hash varchar(64) UNIQUE, at varchar(40), "
            "actor varchar(80), action varchar(80), object varchar(80))"
        )
    count = 0

    def ours() -> None:
        append_now(action="view", object="child", persons=PERSONS, detail={"shown": 5})

    def bare() -> None:
        nonlocal count
        count += 1
        with connection.cursor() as cursor:  # outside a transaction each statement is committed by itself
            cursor.execute(
                "INSERT INTO bare VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (count, body, f"{name[:-12]}{count:012d}", "2026-11-25T00:00:00", "staff:1", "view", "child"),
            )

    took: dict[str, list[float]] = {"ours": [], "bare": []}
    pair: list[tuple[str, Callable[[], None]]] = [("ours", ours), ("bare", bare)]
    for turn in range(rounds):
        for which, act in pair if turn % 2 == 0 else pair[::-1]:
            began = time.perf_counter()
            for _ in range(rows):
                act()
            took[which].append(rows / (time.perf_counter() - began))
    ratio = statistics.median(o / b for o, b in zip(took["ours"], took["bare"], strict=True))
    return {
        "ours_per_s": round(statistics.median(took["ours"])),
        "bare_per_s": round(statistics.median(took["bare"])),
        "ratio": round(ratio, 3),
    }


def _verify(rows: int = 100_000) -> dict[str, float]:
    """Reading an exported log against its heads, and the cost of the next head."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from audit_logs import KEY, a_log, heads_of
    from tsunagu.audit.heads import sign_head
    from tsunagu.audit.verify import verify

    log = a_log(rows)
    heads = heads_of(log, *range(1_000, rows + 1, 1_000))
    began = time.perf_counter()
    assert verify(log, heads=heads).is_whole
    took = time.perf_counter() - began
    began = time.perf_counter()
    sign_head(KEY, [row.hash for row in log[:1_000]], heads[-1], series="0f" * 8, at="2026-11-25T00:00:00.000000Z")
    head_ms = (time.perf_counter() - began) * 1_000
    return {"rows": rows, "rows_per_s": round(rows / took), "head_ms": round(head_ms, 1)}


if __name__ == "__main__":
    raise SystemExit(main())

"""The desk at a city's size: list, child's page, search and save, each beside bare SQL of the same rows.

The floor of a page: the SELECTs of that very page by a raw cursor, fetched whole, one row of the log in a committed
transaction of its own, and an empty Django template. Page and floor take turns in one process, with the whole
middleware. PostgreSQL runs with fsync and synchronous_commit; then SQLite with the same rows.
Prints the ratio of the p95s, the p95s beside the goals and the queries of each page; writes results-desk.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests"), str(HERE.parent / "tests" / "web")]

GOAL_MS = {"list": 150, "child": 250, "search": 200, "save": 200}
GOAL_RATIO, GOAL_QUERIES = 2.0, 12
SEED = 20260930


@dataclass
class Measured:
    """Milliseconds of a page and of its floor, turn by turn; queries: the most that one page asked."""

    page: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    queries: int = 0

    def told(self) -> dict[str, float]:
        return {
            "p50_ms": round(statistics.median(self.page), 2),
            "p95_ms": round(_p95(self.page), 2),
            "floor_p50_ms": round(statistics.median(self.floor), 2),
            "floor_p95_ms": round(_p95(self.floor), 2),
            "ratio_p95": round(_p95(self.page) / _p95(self.floor), 2),
            "ratio_p50": round(statistics.median(self.page) / statistics.median(self.floor), 2),
            "queries": self.queries,
        }


def main() -> int:
    """Starts itself once for each database, so that neither inherits the other's memory, and compares."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--children", type=int, default=60_000)
    options.add_argument("--events", type=int, default=None, help="facts; left away, 83 for each child")
    options.add_argument("--rounds", type=int, default=300, help="pages of each kind, and as many floors")
    options.add_argument("--users", type=int, default=100, help="at once against the served desk; 0 leaves it out")
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--only", choices=("postgresql", "sqlite"))
    options.add_argument("--out", type=Path, default=HERE / "results-desk.json")
    asked = options.parse_args()
    if asked.only:
        print(json.dumps(_one(asked)))
        return 0
    result: dict[str, Any] = {}
    for vendor in ("postgresql", "sqlite"):
        command = [sys.executable, __file__, *sys.argv[1:], "--only", vendor]
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            return done.returncode
        result[vendor] = json.loads(done.stdout)
    result["machine"] = {"cores": os.cpu_count(), "python": platform.python_version()}
    asked.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(_as_text(result))
    return 0


def _as_text(result: dict[str, Any]) -> str:
    lines = []
    for vendor in ("postgresql", "sqlite"):
        of = result[vendor]
        lines.append(f"{vendor}: {of['rows']}")
        for name, told in of["pages"].items():
            lines.append(
                f"  {name:7} p95 {told['p95_ms']:6.1f} ms (goal {GOAL_MS[name]}), p50 {told['p50_ms']:6.1f}; floor p95"
                f" {told['floor_p95_ms']:6.1f}; ratio {told['ratio_p95']:.2f} (goal {GOAL_RATIO}), of the medians"
                f" {told['ratio_p50']:.2f}; {told['queries']} queries (goal {GOAL_QUERIES})"
            )
        if of.get("served"):
            lines.append(f"  served: {of['served']}")
    pages = result["sqlite"]["pages"]
    beside = {n: round(pages[n]["p95_ms"] / t["p95_ms"], 2) for n, t in result["postgresql"]["pages"].items()}
    lines.append(f"SQLite / PostgreSQL, p95: {beside} (goal 1.5)")
    return "\n".join(lines)


def _one(asked: argparse.Namespace) -> dict[str, Any]:
    with _a_database(asked.only) as folder:
        import django

        django.setup()
        import large_desk
        from django.conf import settings
        from django.core.management import call_command
        from large_desk_addresses import addresses

        import desk_users

        size = large_desk.Size().scaled(asked.children, asked.events)
        call_command("migrate", verbosity=0, interactive=False)
        began = time.perf_counter()
        staff = large_desk.fill(
            size, lambda what: print(f"  {asked.only}: filling {what}", file=sys.stderr, flush=True)
        )
        told = settings.ENVIRONMENT
        addresses(size, key=told.address_key, register_list=told.suppression_list)
        _settle()
        print(f"  {asked.only}: filled in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
        users = desk_users.sign_in(staff)
        pages = {}
        for name in GOAL_MS:
            pages[name] = _measured(name, users, size, asked.rounds).told()
            print(f"  {asked.only}: {name} {pages[name]}", file=sys.stderr, flush=True)
        served = desk_users.served(users, asked.users, asked.seconds, folder) if asked.users else None
        return {"rows": vars(size), "pages": pages, "served": served}


@contextmanager
def _a_database(vendor: str) -> Iterator[Path]:
    from tsunagu.runs.crypt import create_key

    folder = Path(tempfile.mkdtemp(prefix="tsunagu-desk-bench-"))
    key, register_list = folder / "address.key", folder / "list.csv"
    create_key(key)
    os.environ.update(
        TSUNAGU_DESK=str(folder),
        DJANGO_SETTINGS_MODULE="tsunagu_web.settings",
        TSUNAGU_ADDRESS_KEY=str(key),
        TSUNAGU_SUPPRESSION_LIST=str(register_list),
    )
    os.environ.pop("TSUNAGU_DATABASE_URL", None)
    try:
        if vendor == "sqlite":
            yield folder
            return
        from postgresql import a_cluster

        with a_cluster(durable=True) as address:
            os.environ["TSUNAGU_DATABASE_URL"] = address
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _settle() -> None:
    """What the fill left behind is put away before anything is measured."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CREATE TABLE floor_event (LIKE audit_event INCLUDING ALL)")
        else:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.execute(
                "SELECT sql FROM sqlite_master WHERE tbl_name = 'audit_event' AND type IN ('table', 'index') "
                "AND sql IS NOT NULL ORDER BY type = 'index'"
            )
            for (text,) in cursor.fetchall():
                named = text.replace('"event_', '"floor_').replace('"audit_event', '"floor_event')
                cursor.execute(named)
        # The floor writes into a log of the same length and with the same indexes, and leaves the chain alone.
        cursor.execute("INSERT INTO floor_event SELECT * FROM audit_event")


def _measured(name: str, users: list[Any], size: Any, rounds: int) -> Measured:
    """Each turn: the page once to see what it asks, then page and floor in changing order."""
    import desk_users

    drawn = random.Random(f"{SEED} {name}")
    measured = Measured()
    for user in users:
        desk_users.ask(user, "/children/")()  # what the first page of a browser writes is not a page's cost
    for turn in range(rounds):
        ask = desk_users.DRAWN[name](drawn, users, size)
        if name == "save":  # a decision is made once; what it read is read again by the floor
            with desk_users.listening() as asked:
                measured.page.append(_ms(ask))
            measured.floor.append(_ms(desk_users.floor(asked)))
        else:
            with desk_users.listening() as asked:
                ask()
            floor = desk_users.floor(asked)
            for is_page in (True, False) if turn % 2 else (False, True):
                (measured.page if is_page else measured.floor).append(_ms(ask if is_page else floor))
        measured.queries = max(measured.queries, len(asked))
    return measured


def _ms(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    raise SystemExit(main())

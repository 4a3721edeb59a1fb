"""Speed of what a holder's node does for every person and every act, beside the barest way to do it in the same run.

Tokens beside one HMAC an id by the standard library; entries of the node's log beside a bare durable insert of the same
bytes into SQLite. Rounds take turns. Prints ratios and writes bench/results-exchange.json.
"""

from __future__ import annotations

import argparse
import hmac
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tsunagu.audit.entry import Entry
from tsunagu.purposes.tokens import LinkKey, Tokens, join_key
from tsunagu_node.log import Log

HERE = Path(__file__).parent
GOAL = 0.5


def main() -> int:
    """Measures both, prints and writes the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--ids", type=int, default=200_000)
    options.add_argument("--entries", type=int, default=2_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--out", type=Path, default=HERE / "results-exchange.json")
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ratios = {
            "tokens": _ratio(*_token_ways(arguments.ids), rounds=arguments.rounds),
            "log_entries": _ratio(*_log_ways(Path(folder), arguments.entries), rounds=arguments.rounds),
        }
    result = {"ids": arguments.ids, "entries": arguments.entries, "goal": GOAL, **ratios}
    arguments.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    for name, ratio in ratios.items():
        print(f"{name}: {ratio} of the throughput of the barest way (goal {GOAL})")
    return 0


def _ratio(ours: Callable[[], None], bare: Callable[[], None], *, rounds: int) -> float:
    """Throughput of ours by that of the bare way, the median of rounds in which both took their turn."""
    found = []
    for turn in range(rounds):
        ways = (ours, bare) if turn % 2 == 0 else (bare, ours)
        seconds = {}
        for way in ways:
            began = time.perf_counter()
            way()
            seconds[way] = time.perf_counter() - began
        found.append(seconds[bare] / seconds[ours])
    return round(statistics.median(found), 2)


def _token_ways(count: int) -> tuple[Callable[[], None], Callable[[], None]]:
    ids = [f"L{n:031x}" for n in range(count)]
    key = join_key(LinkKey.new(), "J-2026-03", "early-support")
    tokens = Tokens(key, "2026-10")

    def ours() -> None:
        list(tokens.of(ids))

    def bare() -> None:
        digest, value = hmac.digest, key.value
        [digest(value, id.encode("utf-8"), "sha256") for id in ids]

    return ours, bare


def _log_ways(folder: Path, count: int) -> tuple[Callable[[], None], Callable[[], None]]:
    entry = Entry(
        at="2026-10-01T00:00:00.000000Z",
        actor="org:child-centre",
        role="requester",
        action="asked",
        object="agreement:A-2026-014",
        purpose="none",
        detail={"request": "0" * 32},
    )
    log = Log(folder / "log.sqlite3", bytes(64))
    plain = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    plain.execute("PRAGMA journal_mode = WAL")
    plain.execute("PRAGMA synchronous = FULL")
    plain.execute("CREATE TABLE log (number INTEGER PRIMARY KEY, body TEXT NOT NULL, hash TEXT NOT NULL)")
    row = log.append(entry)

    def ours() -> None:
        for _ in range(count):
            log.append(entry)

    def bare() -> None:
        for _ in range(count):
            plain.execute("INSERT INTO log (body, hash) VALUES (?, ?)", (row.body, row.hash))

    return ours, bare


if __name__ == "__main__":
    sys.exit(main())

"""Two nodes hand over case after case over TLS while one or the other is killed: each arrives once, none is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import handover_node_process
import nodes
from handing import SUPERVISOR, a_file, a_store
from handover_node_process import SIZE
from nodes import HOLDER, REQUESTER, World, a_world
from tsunagu.audit.verify import verify

PROGRAM = Path(handover_node_process.__file__)


@contextmanager
def a_node(world: World, own: str) -> Iterator[subprocess.Popen[bytes]]:
    """A node in a process of its own; killed when the block ends."""
    paths = os.pathsep.join([str(PROGRAM.parent), str(PROGRAM.parents[1] / "src")])
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), str(world.folder), own],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)


def sealed(world: World) -> int:
    store = a_store(world.folder, HOLDER)
    try:
        return sum(one.state == "sealed" for one in store.outgoing(nodes.now().date()))
    finally:
        store.close()


def want(world: World, cases: int) -> None:
    """How many cases the sender shall hand over; replaced whole, as it may look at any moment."""
    partial = world.folder / "cases.partial"
    partial.write_text(str(cases))
    partial.replace(world.folder / "cases")


def killed(world: World, kills: int, seed: int) -> Counter[str]:
    """Kills either node at moments drawn by seed, then lets both finish; what was counted."""
    draw = random.Random(seed)
    counted: Counter[str] = Counter()
    running = {own: a_node(world, own) for own in (HOLDER, REQUESTER)}
    processes = {own: one.__enter__() for own, one in running.items()}

    def work_is_done(cases: int) -> bool:
        assert all(one.poll() is None for one in processes.values()), "a node ended by itself"
        return sealed(world) >= cases

    try:
        for _ in range(kills):
            before = sealed(world)
            want(world, before + 2)
            if draw.random() < 0.5:  # at some moment after new work began, or during the start itself
                nodes.wait_until(lambda: work_is_done(before + 1))  # noqa: B023 - called within this turn
            time.sleep(draw.uniform(0, 1.2))
            own = draw.choice((HOLDER, REQUESTER))
            assert processes[own].poll() is None, "a node ended by itself"
            running[own].__exit__(None, None, None)
            running[own] = a_node(world, own)
            processes[own] = running[own].__enter__()
            counted[f"kills of {own}"] += 1
        wanted = int((world.folder / "cases").read_text())
        nodes.wait_until(lambda: work_is_done(wanted))
    finally:
        for one in running.values():
            one.__exit__(None, None, None)
    counted["cases"] = wanted
    return counted


def require_each_once(world: World) -> None:
    sender, receiver = a_store(world.folder, HOLDER), a_store(world.folder, REQUESTER)
    today = nodes.now().date()
    out, into = sender.outgoing(today), receiver.incoming(today)
    assert {one.id for one in out} == {one.id for one in into}
    assert len({one.work for one in out}) == len(out)
    for one in (*out, *into):
        assert [receipt.what for receipt in one.receipts] == ["stored", "accepted"]
        assert one.state == ("sealed" if one.side == "out" else "accepted")
    for one in into:
        assert receiver.open(one.id, SUPERVISOR, nodes.now()).files == (a_file(SIZE),)
    for store in (sender, receiver):
        rows = store.shelf.log()
        assert verify(rows).is_whole
        entries = [json.loads(row.body) for row in rows]
        acts = Counter((entry["object"], entry["action"]) for entry in entries if "_open" not in entry["action"])
        assert not [act for act, count in acts.items() if count > 1]
        assert not [entry for entry in entries if "refuse" in entry["action"] or "contradicted" in entry["action"]]


def test_killed_a_few_times_each_case_arrives_once(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    want(world, 0)
    counted = killed(world, 4, seed=2)
    assert counted["cases"] >= 2
    require_each_once(world)


@pytest.mark.deep
def test_killed_two_hundred_times_each_case_arrives_once(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    want(world, 0)
    counted = killed(world, 200, seed=3)
    print(dict(counted))  # noqa: T201  # the figures of the long run
    require_each_once(world)

"""Both ends of an exchange are killed wherever they stand: it ends once, with the very answer and nothing half done."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import exchange_process
from exchange_builds import BROKEN
from exchange_kills import STEPS
from exchange_roles import WAYS
from system_calls import needs_strace

PROGRAM = Path(exchange_process.__file__)
#: Of these a killed process may leave something half done on the disk or on the wire.
CALLS = ("pwrite64", "write", "fdatasync", "fsync", "ftruncate", "rename", "link", "unlink", "sendto", "recvfrom")
#: Of each broken build: at which steps kills show it (none: after commits), and what is then found.
SHOWN_BY = {
    "noted_before_it_is_on_disk": (["holder noted the sealed answer"], "whose file is not there"),
    "sent_before_it_is_logged": (["holder began to send"], "received before the holder logged it"),
    "nonce_noted_after_the_act": (["holder kept and logged the answer"], "taken once more"),
    "asked_again_under_a_new_id": (["centre logged what it received"], "two answers|received twice"),
    "left_as_it_was_stopped": (["centre opened a piece", "centre opened the answer"], "left over"),
    "answered_and_logged_apart": ([], "before the holder logged it"),
    "received_each_time": (["centre logged what it received"], "received twice"),
    # Killed before it took the message, which is then sent once more when it has long answered the next one.
    "answered_anew_each_time": (["holder verified the request"], "left over"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where that is possible: a killed process leaves the same there, and waits for no disk."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    made = Path(tempfile.mkdtemp(prefix="tsunagu-", dir=memory))
    yield made
    shutil.rmtree(made)


def seen(folder: Path, **plan: Any) -> dict[str, Any]:
    """What a run of kills tells, in a process that has no threads and no other children."""
    paths = os.pathsep.join([str(PROGRAM.parent), str(PROGRAM.parents[1] / "src")])
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(folder), json.dumps(plan)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    print(plan, found["kills"], f"{found['exchanges']} exchanges, {len(found['amiss'])} amiss")  # noqa: T201  # figures
    return found


@pytest.mark.parametrize("way", WAYS)
def test_an_exchange_that_nobody_disturbs_is_right(folder: Path, way: str) -> None:
    found = seen(folder, way=way, by=["nothing"])
    assert (found["exchanges"], found["kills"], found["amiss"]) == (1, {}, [])


@pytest.mark.parametrize("way", WAYS)
def test_killed_at_each_named_step(folder: Path, way: str) -> None:
    found = seen(folder, way=way, by=["step"])
    assert found["amiss"] == []
    assert found["reached"] == sorted(f"{one.end} {name}" for name, one in STEPS.items() if way in one.ways)


@pytest.mark.parametrize("way", WAYS)
def test_killed_after_each_commit(folder: Path, way: str) -> None:
    found = seen(folder, way=way, by=["commit"])
    assert found["amiss"] == []
    assert found["kills"]["commit"] >= 10


def test_five_hundred_kills_drawn_at_random(folder: Path) -> None:
    """At lines of code, at moments, at steps and after commits; half of them each way, both at the same time."""

    def half(way: str) -> dict[str, Any]:
        (folder / way).mkdir()
        return seen(folder / way, way=way, by=["line", "moment", "step", "commit"], kills=250, most=40)

    with ThreadPoolExecutor(len(WAYS)) as pool:
        for found in pool.map(half, WAYS):
            assert found["amiss"] == []
            assert sum(found["kills"].values()) >= 250


@pytest.mark.parametrize("way", WAYS)
def test_killed_at_some_system_calls(folder: Path, way: str) -> None:
    needs_strace()
    found = seen(folder, way=way, by=[], calls=["fdatasync", "pwrite64", "sendto"], every=11)
    assert found["amiss"] == []
    assert found["kills"]["call"] >= 10


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_build_is_caught(folder: Path, broken: str) -> None:
    steps, what = SHOWN_BY[broken]
    found = seen(folder, way="listening", by=["step"] if steps else ["commit"], steps=steps, broken=broken)
    assert any(re.search(what, one) for one in found["amiss"]), found["amiss"]


# ---------------------------------------------------------------- the long runs


@pytest.mark.deep
@pytest.mark.parametrize("way", WAYS)
def test_killed_at_every_system_call(folder: Path, way: str) -> None:
    needs_strace()
    found = seen(folder, way=way, by=[], calls=CALLS)
    assert found["amiss"] == []
    assert found["kills"]["call"] >= 100


@pytest.mark.deep
@pytest.mark.parametrize("way", WAYS)
def test_killed_five_thousand_times(folder: Path, way: str) -> None:
    """Ten thousand with both ways."""
    found = seen(folder, way=way, by=["line", "moment", "step", "commit"], kills=5_000, most=40, seed=40)
    assert found["amiss"] == []
    assert sum(found["kills"].values()) >= 5_000

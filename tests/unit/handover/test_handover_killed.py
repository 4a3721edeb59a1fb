"""Both ends are killed, as processes, at every named step and at system calls: nothing is lost and nothing twice.

A control breaks the build in five ways, each of which a fall must bring to light.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

import handing
import handover_process
from handing import HINODE, MIZUNO, TODAY, WORKER, a_document, a_file, a_store
from handover_process import BROKEN, SMALL
from system_calls import needs_strace
from tsunagu.audit.verify import verify
from tsunagu.handover import manifest, package, passage

PROGRAM = Path(handover_process.__file__)
ROUNDS = 12
STRACE = shutil.which("strace")


class Fell(Exception):
    """The process of an end is gone."""


class End:
    """A process that may fall; it is started again without a kill at the next command."""

    def __init__(self, folder: Path, own: str, kill: Kill) -> None:
        self.folder, self.own, self.kill = folder, own, kill
        self.falls = 0
        self._process: subprocess.Popen[str] | None = None

    def do(self, what: str, *given: Any) -> Any:
        process = self._process or self._start()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps({"do": what, "given": given}) + "\n")
            process.stdin.flush()
        except OSError as error:
            raise self._fell() from error
        return self._answer(process)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._end()

    def _start(self) -> subprocess.Popen[str]:
        paths = os.pathsep.join([str(PROGRAM.parent), str(PROGRAM.parents[1] / "src")])
        at, before = (self.kill.at, self.kill.before) if not self.falls else (0, [])
        self._process = subprocess.Popen(
            [*before, sys.executable, str(PROGRAM), str(self.folder), self.own, str(at), self.kill.broken],
            env={**os.environ, "PYTHONPATH": paths},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._answer(self._process)
        return self._process

    def _answer(self, process: subprocess.Popen[str]) -> Any:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.endswith("\n"):
            raise self._fell()
        return json.loads(line)

    def _fell(self) -> Fell:
        self.falls += 1
        self._end()
        return Fell(self.own)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.communicate(timeout=60)


class Kill:
    """Where one of the ends falls. at: number of the named step; before: what the process is started under."""

    def __init__(self, own: str = "", at: int = 0, broken: str = "", before: list[str] | None = None) -> None:
        self.own, self.at, self.broken, self.before = own, at, broken, before or []
        self.fell = 0

    def of(self, own: str) -> Kill:
        return self if own == self.own else Kill(broken=self.broken)


def handed_over(folder: Path, kill: Kill) -> list[str]:
    """A case handed over while an end falls, begun again as a node does; what is wrong afterwards."""
    sender, receiver = (End(folder, own, kill.of(own)) for own in (HINODE, MIZUNO))
    try:
        for _ in range(ROUNDS):
            try:
                once(sender, receiver)
            except Fell:
                continue
    finally:
        for end in (sender, receiver):
            end.stop()
    kill.fell = sender.falls + receiver.falls
    return wrongs(folder)


def once(sender: End, receiver: End) -> None:
    id = sender.do("queue")
    if sender.do("keep_time", id) == "sealed":
        return
    standing = receiver.do("take_offer", sender.do("offer", id))
    while (number := sender.do("take_standing", id, standing)) is not None:
        standing = receiver.do("take_part", id, number, sender.do("part", id, number))
    receiver.do("accept", id)


def wrongs(folder: Path) -> list[str]:
    """What is lost, twice, or not as it must be when both ends have come to rest."""
    found = []
    sender, receiver = a_store(folder, HINODE), a_store(folder, MIZUNO)
    out, into = sender.outgoing(TODAY), receiver.incoming(TODAY)
    if [one.state for one in out] != ["sealed"] or [one.state for one in into] != ["accepted"]:
        found.append(f"not at the end: {[one.state for one in out]} {[one.state for one in into]}")
    for one in (*out, *into):
        if [receipt.what for receipt in one.receipts] != ["stored", "accepted"]:
            found.append(f"receipts at {one.side}: {[receipt.what for receipt in one.receipts]}")
    if into and into[0].state == "accepted":
        opened = handing.a_store(folder, MIZUNO).open(into[0].id, handing.SUPERVISOR, handing.AT)
        if (opened.document.child, opened.files) != (a_document().child, (a_file(2_000),)):
            found.append("other contents")
    for store in (sender, receiver):
        rows = store.shelf.log()
        if not verify(rows).is_whole:
            found.append("the log is not whole")
        acts = Counter(json.loads(row.body)["action"] for row in rows)
        twice = {act: count for act, count in acts.items() if count > 1 and not act.endswith("_open")}
        if twice:
            found.append(f"in the log of {store.own}: {twice}")
    with receiver.shelf.transaction() as db:
        stray = db.execute("SELECT count(*) FROM parts WHERE id NOT IN (SELECT id FROM handovers)").fetchone()[0]
    return [*found, *(["stray parts"] if stray else [])]


@pytest.fixture(autouse=True)
def small_parts() -> Iterator[None]:
    with (
        mock.patch.object(package, "PART", SMALL),
        mock.patch.object(manifest, "PART", SMALL),
        mock.patch.object(passage, "PART", SMALL),
    ):
        yield


def steps(folder: Path, own: str) -> list[str]:
    return (folder / f"{own}.steps").read_text(encoding="ascii").split("\n")[:-1]


def named_steps(folder: Path, own: str, broken: str = "") -> dict[str, int]:
    """Each step that an end names when nothing falls, with the number at which it is taken first."""
    assert handed_over(folder, Kill(broken=broken)) == []
    found: dict[str, int] = {}
    for place, name in enumerate(steps(folder, own), 1):
        found.setdefault(name, place)
    return found


@pytest.mark.parametrize("own", [HINODE, MIZUNO])
def test_killed_at_every_named_step_nothing_is_lost_and_nothing_twice(tmp_path: Path, own: str) -> None:
    named = named_steps(tmp_path / "whole", own)
    assert len(named) > 20, named
    wrong = {}
    for name, place in named.items():
        folder = tmp_path / str(place)
        kill = Kill(own, place)
        found = handed_over(folder, kill)
        assert kill.fell == 1, name
        assert steps(folder, own)[place - 1] == name, "the harness killed at another step"
        if found:
            wrong[name] = found
    assert wrong == {}


#: Which end falls in a broken build, and the step after which it does.
FALLS = {
    "split receive transaction": (MIZUNO, "settled: committed"),
    "log at least once": (MIZUNO, "settled: committed"),
    "no recovery of stray parts": (MIZUNO, "take_part: committed"),
    "let go before the receipt": (HINODE, "take_receipt: committed"),
    "progress before bytes": (MIZUNO, "put_part: the place without the bytes"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_control_a_broken_build_is_found_by_a_fall(tmp_path: Path, broken: str) -> None:
    own, step = FALLS[broken]
    assert step in named_steps(tmp_path / "whole", own, broken)  # and without a fall it does what it should
    places = [place for place, name in enumerate(steps(tmp_path / "whole", own), 1) if name == step]
    assert any(handed_over(tmp_path / str(place), Kill(own, place, broken)) for place in places)


@pytest.mark.deep
@pytest.mark.parametrize("own", [HINODE, MIZUNO])
def test_killed_at_every_step_of_all_nothing_is_lost_and_nothing_twice(tmp_path: Path, own: str) -> None:
    named_steps(tmp_path / "whole", own)
    count = len(steps(tmp_path / "whole", own))
    wrong = {place: found for place in range(1, count + 1) if (found := killed_once(tmp_path, Kill(own, place)))}
    print(f"{own}: {count} steps killed")  # noqa: T201  # the figures of the long run
    assert wrong == {}


def killed_once(folder: Path, kill: Kill) -> list[str]:
    place = folder / f"{kill.own}-{kill.at}-{len(list(folder.iterdir()))}"
    found = handed_over(place, kill)
    shutil.rmtree(place)
    return found if kill.fell == 1 else [*found, f"it fell {kill.fell} times"]


CALLS = ("pwrite64", "fdatasync", "fsync", "ftruncate", "unlink", "write")


def under_strace(call: str, number: int) -> list[str]:
    """How a process is started that is killed as it enters a system call for the n-th time."""
    return [str(STRACE), "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={number}"]  # fmt: skip  # noqa: E501


def calls_of(folder: Path, own: str) -> Counter[str]:
    """How often an end calls each of these when nothing falls."""
    folder.mkdir(parents=True)
    trace = folder / "calls"
    before = [str(STRACE), "-f", "-qq", "-o", str(trace), "-e", f"trace={','.join(CALLS)}"]
    assert handed_over(folder, Kill(own, before=before)) == []
    return Counter(name for line in trace.read_text().splitlines() for name in CALLS if f" {name}(" in line)


def test_killed_at_some_system_calls_nothing_is_lost_and_nothing_twice(tmp_path: Path) -> None:
    needs_strace()
    for own in (HINODE, MIZUNO):
        counts = calls_of(tmp_path / own, own)
        assert counts["pwrite64"] > 20
        assert counts["fdatasync"] > 5
        for call in ("pwrite64", "fdatasync"):
            for number in random.Random(3).sample(range(1, counts[call] + 1), 3):
                kill = Kill(own, before=under_strace(call, number))
                assert killed_once(tmp_path, kill) == [], (own, call, number)


@pytest.mark.deep
@pytest.mark.parametrize("own", [HINODE, MIZUNO])
def test_killed_at_every_system_call_that_writes_nothing_is_lost(tmp_path: Path, own: str) -> None:
    needs_strace()
    counts = calls_of(tmp_path / own, own)
    wrong = {}
    for call, count in counts.items():
        for number in range(1, count + 1):
            found = killed_once(tmp_path, Kill(own, before=under_strace(call, number)))
            if found:
                wrong[call, number] = found
    print(f"{own}: {dict(counts)} calls killed")  # noqa: T201  # the figures of the long run
    assert wrong == {}


def test_a_case_that_was_queued_in_a_fall_is_queued_whole_or_not_at_all(tmp_path: Path) -> None:
    named = named_steps(tmp_path / "whole", HINODE)
    for name in ("queue: begins", "queue: commits", "queue: committed"):
        folder = tmp_path / name.replace(": ", "-")
        end = End(folder, HINODE, Kill(HINODE, named[name]))
        with pytest.raises(Fell):
            end.do("queue")
        store = a_store(folder, HINODE)
        there = store.outgoing(TODAY)
        assert len(there) == (name == "queue: committed")
        assert all(store.open(one.id, WORKER, handing.AT).files for one in there)

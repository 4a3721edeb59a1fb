"""Kills both ends of an exchange again and again, and says what is amiss: `python exchange_process.py FOLDER PLAN`.

PLAN is JSON (see `Plan`); what is printed is JSON too. Ends are forked from this process, which has all modules read,
so that a life of a node takes a part of a second; they share nothing else, and are killed by SIGKILL alone.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import exchange_builds
import exchange_checks
from exchange_kills import STEPS, kill_at_commit, kill_at_line, kill_at_step
from exchange_roles import AGAIN, Exchange, Ground
from nodes import HOLDER, REQUESTER

_ENDS = (HOLDER, REQUESTER)
#: Seconds after which an exchange is said not to end.
_PATIENCE = 90.0


@dataclass(frozen=True)
class Plan:
    """What is done.

    way      listening or polling
    by       of which kinds kills are: step, commit, line, moment; nothing: one exchange without
    kills    how many at least, drawn by seed; 0: each named step and each commit once, each system call of `calls`
    most     kills within one exchange
    calls    names of system calls; every: each n-th of them
    steps    names of those that are chosen; none: all
    broken   name of a deliberately broken build; empty for the one that is shipped
    """

    way: str
    by: tuple[str, ...]
    kills: int = 0
    seed: int = 1
    most: int = 8
    calls: tuple[str, ...] = ()
    every: int = 1
    steps: tuple[str, ...] = ()
    broken: str = ""


@dataclass(frozen=True)
class Kill:
    """One kill of one end. of: the name of a step, a number of lines, milliseconds, or `call:n`."""

    end: str
    by: str
    of: str


@dataclass
class Seen:
    """What came of it. kills: that happened, by kind; amiss: what was found, each with the kills before it."""

    kills: Counter[str] = field(default_factory=Counter)
    exchanges: int = 0
    amiss: list[str] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)


class Lives:
    """The lives of both ends of one exchange."""

    def __init__(self, exchange: Exchange, seen: Seen) -> None:
        self._exchange, self._seen = exchange, seen
        self._running: dict[int, tuple[str, Kill | None, float]] = {}
        self.killed: list[Kill] = []

    def run(self, next_kill: Callable[[str], Kill | None]) -> str:
        """Starts both ends, and whichever died again, until the centre has ended; empty, or what went wrong.

        next_kill  what the next life of an end is to die of; None for nothing
        """
        until = time.monotonic() + _PATIENCE
        try:
            for end in _ENDS:
                self._start(end, next_kill(end))
            while time.monotonic() < until:
                self._kill_in_time()
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid not in self._running:
                    time.sleep(0.001)
                    continue
                end, kill, _ = self._running.pop(pid)
                if os.WIFEXITED(status):
                    if end == HOLDER:
                        return f"the holder ended by itself ({os.WEXITSTATUS(status)})"
                    if os.WEXITSTATUS(status) != AGAIN:
                        return self._why() if os.WEXITSTATUS(status) else ""
                    self._start(end, None)
                    continue
                assert kill is not None, f"{end} was killed by somebody else: {os.WTERMSIG(status)}"
                self._seen.kills[kill.by] += 1
                self._seen.reached.add(f"{end} {kill.of}")
                self.killed.append(kill)
                wrong = exchange_checks.at_any_moment(self._exchange)
                if wrong:
                    return wrong
                self._start(end, next_kill(end))
            return "the exchange does not end"
        finally:
            self._end()

    def _start(self, end: str, kill: Kill | None) -> None:
        pid = os.fork()
        if pid == 0:
            _live(self._exchange, end, kill)
        at = time.monotonic() + float(kill.of) / 1000 if kill is not None and kill.by == "moment" else float("inf")
        self._running[pid] = (end, kill, at)
        if kill is not None and kill.by == "call":
            _traced(pid, kill.of)

    def _kill_in_time(self) -> None:
        for pid, (_, _, at) in self._running.items():
            if time.monotonic() >= at:
                os.kill(pid, signal.SIGKILL)

    def _end(self) -> None:
        for pid in self._running:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self._running.clear()

    def _why(self) -> str:
        file = self._exchange.world.folder / "why"
        return f"refused: {file.read_text('utf-8')}" if file.exists() else "the centre failed"


def _live(exchange: Exchange, end: str, kill: Kill | None) -> None:
    """The life of one end, in its own process."""
    try:
        quiet = os.open(exchange.world.folder / f"{end}.stderr", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(quiet, 2)
        if kill is not None and kill.by == "step":
            kill_at_step(kill.of)
        if kill is not None and kill.by == "line":
            kill_at_line(int(kill.of))
        if kill is not None and kill.by == "commit":
            kill_at_commit(int(kill.of))
        if kill is not None and kill.by == "call":
            os.kill(os.getpid(), signal.SIGSTOP)
        (exchange.holder if end == HOLDER else exchange.centre)()
    except BaseException:  # noqa: BLE001 - told in the file, and by the code
        import traceback

        traceback.print_exc()
    os._exit(4)


def _traced(pid: int, of: str) -> None:
    """Lets a process that has stopped itself go on under strace, which kills it at the n-th call of that name."""
    call, number = of.split(":")
    while _stat(pid) not in "Tt":
        time.sleep(0.0005)
    # With a question mark: not every kind of machine has each of these calls.
    rule = ["-e", f"trace=?{call}", "-e", f"inject=?{call}:signal=SIGKILL:when={number}"]
    strace = subprocess.Popen(["strace", "-f", "-qq", "-o", "/dev/null", *rule, "-p", str(pid)], stderr=subprocess.PIPE)
    while "TracerPid:\t0\n" in Path(f"/proc/{pid}/status").read_text("ascii"):
        if strace.poll() is not None and strace.stderr is not None:
            raise RuntimeError(f"strace does not work here: {strace.stderr.read().decode()}")
        time.sleep(0.0005)
    os.kill(pid, signal.SIGCONT)


def _stat(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]


# ---------------------------------------------------------------- what is killed when


def _lines(ground: Ground, way: str) -> dict[str, int]:
    """How many lines each end runs in an undisturbed exchange."""
    found = {}
    exchange = ground.exchange(way)
    places = {end: exchange.world.folder / f"{end}.lines" for end in _ENDS}
    pids = []
    for end in _ENDS:
        pid = os.fork()
        if pid == 0:
            handle = os.open(places[end], os.O_WRONLY | os.O_CREAT)
            kill_at_line(0, lambda now, handle=handle: os.pwrite(handle, b"%9d" % now, 0))
            (exchange.holder if end == HOLDER else exchange.centre)()
            os._exit(4)
        pids.append(pid)
    os.waitpid(pids[1], 0)
    os.kill(pids[0], signal.SIGKILL)
    os.waitpid(pids[0], 0)
    for end, place in places.items():
        found[end] = int(place.read_bytes())
    shutil.rmtree(exchange.world.folder)
    return found


def _drawn(plan: Plan, ground: Ground) -> Iterator[Callable[[str], Kill | None]]:
    """For one exchange after the other, of what each next life dies."""
    draw = random.Random(plan.seed)
    lines = _lines(ground, plan.way)
    steps = [(name, step) for name, step in STEPS.items() if plan.way in step.ways]

    def kill(end: str) -> Kill:
        by = draw.choice(plan.by)
        if by == "step":
            return Kill(end, by, draw.choice([name for name, step in steps if step.end == end]))
        if by == "line":
            return Kill(end, by, str(draw.randint(1, lines[end])))
        if by == "commit":
            return Kill(end, by, str(draw.randint(1, 12)))
        return Kill(end, by, f"{draw.uniform(5, 120):.1f}")

    while True:
        left = iter(range(plan.most))

        def one(end: str, left: Iterator[int] = left) -> Kill | None:
            return kill(end) if draw.random() < 0.9 and next(left, None) is not None else None

        yield one


def _each(plan: Plan) -> Iterator[Callable[[str], Kill | None]]:
    """Each named step once; of system calls each n-th of each end, until an exchange ends before it comes."""
    if "nothing" in plan.by:
        yield lambda _end: None
    if "step" in plan.by:
        for name, step in STEPS.items():
            if plan.way in step.ways and (not plan.steps or name in plan.steps):
                yield from _until_reached(Kill(step.end, "step", name))
    for end in _ENDS:
        if "commit" in plan.by:
            yield from _until_none(lambda n, end=end: Kill(end, "commit", str(n)), 1)
        for call in plan.calls:
            yield from _until_none(lambda n, end=end, call=call: Kill(end, "call", f"{call}:{n}"), plan.every)


def _until_reached(kill: Kill) -> Iterator[_Once]:
    """A kill, tried again where the exchange had ended first: the last steps of either end come at the same time."""
    for _ in range(20):
        one = _Once(kill)
        yield one
        if one.happened:
            return


def _until_none(kill: Callable[[int], Kill], every: int) -> Iterator[_Once]:
    """The first, the next and so on, until one does not come to pass."""
    for number in range(1, 10_000, every):
        one = _Once(kill(number))
        yield one
        if not one.happened:
            return


class _Once:
    """A kill of the first life of its end; whether it happened is set by who runs it."""

    def __init__(self, kill: Kill) -> None:
        self._kill: Kill | None = kill
        self.happened = False

    def __call__(self, end: str) -> Kill | None:
        if self._kill is None or self._kill.end != end:
            return None
        kill, self._kill = self._kill, None
        return kill


def run(folder: Path, plan: Plan) -> Seen:
    """Exchange after exchange in new folders; a folder in which nothing is amiss is removed."""
    exchange_builds.break_it(plan.broken)
    ground = Ground(folder)
    expected = exchange_checks.undisturbed(ground.exchange(plan.way))
    seen = Seen()
    for next_kill in _drawn(plan, ground) if plan.kills else _each(plan):
        exchange = ground.exchange(plan.way)
        lives = Lives(exchange, seen)
        wrong = lives.run(next_kill) or exchange_checks.in_the_end(exchange, expected)
        seen.exchanges += 1
        if isinstance(next_kill, _Once):
            next_kill.happened = bool(lives.killed)
        if wrong:
            died = ", ".join(f"{kill.end} {kill.by} {kill.of}" for kill in lives.killed)
            seen.amiss.append(f"{exchange.world.folder.name}: {wrong} (after {died})")
        else:
            shutil.rmtree(exchange.world.folder)
        if len(seen.amiss) >= 5 or (plan.kills and seen.kills.total() >= plan.kills):
            break
    return seen


def main(folder: str, text: str) -> None:
    given = json.loads(text)
    plan = Plan(**{key: tuple(value) if isinstance(value, list) else value for key, value in given.items()})
    seen = run(Path(folder), plan)
    told = {
        "kills": dict(seen.kills),
        "exchanges": seen.exchanges,
        "amiss": seen.amiss,
        "reached": sorted(seen.reached),
    }
    print(json.dumps(told, ensure_ascii=False))  # noqa: T201  # read by who started this


if __name__ == "__main__":
    main(*sys.argv[1:3])

"""What the people who run a node see of what goes wrong in it: on its console, and nothing of a person among it."""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import tsunagu
from tsunagu.durable import disk_error, is_of_the_disk
from tsunagu.errors import TsunaguError

#: Seconds in which the same line stands once: a stranger, or a disk that is full, would fill the console.
AGAIN = 60.0
_MOST = 500
_PROGRAM = (Path(tsunagu.__file__).parent, Path(__file__).parent)
_ours = logging.getLogger("tsunagu_node")


@contextmanager
def console() -> Iterator[None]:
    """Warnings and faults of this node on its console, each with its moment, until the end of the block."""
    shown = logging.StreamHandler(sys.stderr)
    shown.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    shown.setLevel(logging.WARNING)
    shown.addFilter(NotAgain())
    _ours.addHandler(shown)
    try:
        yield
    finally:
        _ours.removeHandler(shown)


@contextmanager
def said_by_the_command() -> Iterator[None]:
    """For a command that says itself what its round found: the round's own lines of it are not shown beside that."""
    shown = [logging.getLogger(f"tsunagu_node.{name}") for name in ("alarms", "bringing")]
    for one in shown:
        one.addFilter(_nothing)
    try:
        yield
    finally:
        for one in shown:
            one.removeFilter(_nothing)


def _nothing(_record: logging.LogRecord) -> bool:
    return False


def messages_of(troubles: Iterable[TsunaguError]) -> list[str]:
    """Each message once, and what to do once under all that have it."""
    of: dict[str, list[str]] = {}
    for one in troubles:
        what = f"{one.where}: {one.what}" if one.where else one.what
        if what not in of.setdefault(one.to_do, []):
            of[one.to_do].append(what)
    return [line for to_do, found in of.items() for line in (*found, *([f"  {to_do}"] if to_do else []))]


class NotAgain(logging.Filter):
    """Leaves out a line that stood there a moment ago, and says later how often it was left out."""

    def __init__(self, elapsed: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._elapsed = elapsed
        self._seen: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is to be shown."""
        line, now = record.getMessage(), self._elapsed()
        since, left_out = self._seen.get(line, (-AGAIN, 0))
        if now - since < AGAIN:
            self._seen[line] = since, left_out + 1
            return False
        if len(self._seen) >= _MOST:
            self._seen.clear()
        self._seen[line] = now, 0
        if left_out:
            record.msg, record.args = f"{line} (and {left_out:,} times more since the last line)", None
        return True


def words_of(error: BaseException) -> str:
    """What went wrong: an error of ours in its own words, and one of the disk.

    Of any other its kind and place alone: its words may quote a value.
    """
    if isinstance(error, TsunaguError):
        return error.message()
    if isinstance(error, OSError) and is_of_the_disk(error):
        return disk_error("a file cannot be used", Path(str(error.filename or "this machine")), error).message()
    frames = traceback.extract_tb(error.__traceback__)
    own = [one for one in frames if any(Path(one.filename).is_relative_to(p) for p in _PROGRAM)] or list(frames)
    place = f" at {Path(own[-1].filename).name}, line {own[-1].lineno}" if own else ""
    return f"{type(error).__name__}{place}\n  This is a fault of the program: report it with this line."

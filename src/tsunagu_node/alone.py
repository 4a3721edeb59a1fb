"""What may run once at a time in a holder's folder: the process that answers, and the one that replaces what is kept.

The lock is the operating system's and goes with the process, however that ends: what is written in the file says who
has it, for people, and decides nothing. The file stays, as a lock on a file that was removed would keep nobody out.
"""

from __future__ import annotations

import fcntl
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tsunagu.durable import disk_error
from tsunagu.errors import StateError


@dataclass(frozen=True)
class Turn:
    """Something that one process at a time does. file: of the lock; taken, to_do: what the others are told."""

    file: str
    taken: str
    to_do: str


#: The process that answers: two would remove each other's answers that are half written, and fetch the same requests.
SERVING = Turn(
    "serve.lock",
    "this node is running already",
    "Leave it running, or stop it first: kill {process}. Nothing was changed.",
)
#: Import and linkage replace what is kept of a day, in several files. Who answers meanwhile finds each file whole.
KEEPING = Turn(
    "keep.lock",
    "extracts of this node are being brought in or linked",
    "Wait until that command has ended (process {process}), and call this one again. Nothing was changed.",
)


@contextmanager
def alone(folder: Path, turn: Turn) -> Iterator[None]:
    """Nobody else's turn in that folder until the end of the block.

    raises  StateError naming the process that has it; EngineError where the folder cannot be written to
    """
    path = folder / turn.file
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise disk_error("the lock of this node cannot be written", path, error) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            process, host = _read(lock)
            here = f"process {process}" + ("" if host == platform.node() else f" on {host}")
            to_do = turn.to_do.format(process=process)
            raise StateError(f"{turn.taken} ({here})", where=str(folder), to_do=to_do) from error
        except OSError as error:
            raise disk_error("this node cannot be locked", path, error) from error
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()} {platform.node()}\n".encode("ascii", "replace"), 0)
        yield
    finally:
        os.close(lock)


def _read(lock: int) -> tuple[str, str]:
    """Process and machine of whoever has the lock; a moment after it was taken they may not be written yet."""
    process, _, host = os.pread(lock, 400, 0).decode("ascii", "replace").strip().partition(" ")
    return process or "unknown", host or platform.node()

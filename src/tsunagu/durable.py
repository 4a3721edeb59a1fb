"""A small SQLite file whose commits outlast a power failure: of what nodes remember, and of what is handed over.

And whether the process still runs that had begun to write something, and what is said where a disk refuses.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tsunagu.errors import EngineError

# How long a file may be another's before it counts as broken, in seconds.
PATIENCE = 10


class Durable:
    """One file with its tables; one transaction at a time, from whichever thread or process.

    erases  what is deleted is overwritten too, in the file at once and in its journal with `forget`
    """

    def __init__(self, path: Path, tables: str, *, erases: bool = False) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=1)
            self._patiently(lambda: self._db.execute("PRAGMA journal_mode = WAL"))
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute(f"PRAGMA secure_delete = {'ON' if erases else 'OFF'}")
            self._patiently(lambda: self._db.executescript(tables))
        except (sqlite3.Error, OSError) as error:
            raise self._broken(error) from error

    def close(self) -> None:
        """Nothing can be asked afterwards."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; EngineError where the file cannot be used."""
        with self._lock:
            try:
                self._patiently(lambda: self._db.execute("BEGIN IMMEDIATE"))
                try:
                    yield self._db
                except BaseException:
                    if self._db.in_transaction:  # SQLite ends it itself where the disk is full
                        self._db.execute("ROLLBACK")
                    raise
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                raise self._broken(error) from error

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """What is committed at its beginning, however long it lasts; waits for no writer, and none waits for it.

        EngineError where the file cannot be used, and where anything is written to it in here.
        """
        with self._lock:
            try:
                self._db.execute("PRAGMA query_only = ON")
                try:
                    self._patiently(self._begin_reading)
                    yield self._db
                finally:
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                    self._db.execute("PRAGMA query_only = OFF")
            except sqlite3.Error as error:
                raise self._broken(error) from error

    def _begin_reading(self) -> None:
        """The first look at the file is what may find it taken: here, where it can be done twice."""
        if not self._db.in_transaction:
            self._db.execute("BEGIN")
        self._db.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()

    def _patiently(self, act: Callable[[], object]) -> None:
        """Does what may be done twice, again while another process has the file.

        SQLite itself waits for another's transaction, ever longer between two looks: whoever writes often can keep it
        out for good, so it is asked anew after a second. It does not wait at all while another process puts the
        journal of a killed one in order, or cleans up as the last that closes: it says at once that the file is taken.
        """
        until = time.monotonic() + PATIENCE
        while True:
            try:
                act()
                return
            except sqlite3.OperationalError as error:
                # The low byte is the kind of error; the others say where it came from.
                if (error.sqlite_errorcode & 0xFF) != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(0.01)

    def forget(self) -> bool:
        """Empties the journal, where deleted bytes may still stand; False while another process reads it."""
        with self._lock:
            try:
                busy, _pages, _moved = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.Error as error:
                raise self._broken(error) from error
        return not busy

    def _broken(self, error: sqlite3.Error | OSError) -> EngineError:
        what = "what is kept in this file cannot be used"
        if isinstance(error, OSError):
            return disk_error(what, self._path, error)
        number = getattr(error, "sqlite_errorcode", 0) & 0xFF
        reason, to_do = _OF_SQLITE.get(number) or (type(error).__name__, "Check the disk. Nothing was written.")
        if number in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            return disk_error(what, self._path, OSError(errno.EACCES, ""))
        return EngineError(f"{what}: {reason}", where=str(self._path), to_do=to_do)


def disk_error(what: str, path: Path, error: OSError) -> EngineError:
    """What could not be written or read, and why the disk refused; what to do is told by the reason.

    what  the sentence so far, such as "the log cannot be written"
    """
    reason, to_do = _REFUSALS.get(error.errno or 0, (type(error).__name__, "Check the disk, then call it again."))
    return EngineError(f"{what}: {reason}", where=str(path), to_do=to_do)


def is_of_the_disk(error: OSError) -> bool:
    """Whether `disk_error` knows why."""
    return error.errno in _REFUSALS


_FULL = ("the disk is full", "Make room on that disk, then call it again. What was there before is still there.")
_DAMAGED = (
    "it is damaged, or no file of this kind",
    "Leave it as it is, put the last copy of it beside, and tell the people who look after this machine.",
)
_OF_SQLITE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_BUSY: (
        "another process has it",
        "Wait until that one has ended, then call it again. Nothing was written.",
    ),
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}
_NOT_ALLOWED = (
    "this user may not",
    "Call it as the user to whom the folder belongs, or give that user the right: ls -ld shows whose it is.",
)
_REFUSALS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _NOT_ALLOWED,
    errno.EPERM: _NOT_ALLOWED,
    errno.EROFS: ("the disk can only be read", "Mount it so that it can be written to, or use another folder."),
    errno.ENOENT: ("there is no such file or folder", "Check the path, and make the folder where it should be there."),
    errno.ENOTDIR: ("a part of its path is no folder", "Check the path."),
    errno.EISDIR: ("this is a folder", "Name a file."),
}


def is_running(process: int) -> bool:
    """Whether a process has that number, so that what it began to write is left alone; off POSIX always yes."""
    if os.name != "posix":  # elsewhere signal 0 ends a process
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True

"""The directory as it is now: read again when the file changes and every half minute, never an older one than seen.

A directory that cannot be read, has ended, or goes back refuses every exchange: a revocation that somebody hides must
not leave the revoked key in use.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tsunagu.errors import SourceError, StateError, TsunaguError
from tsunagu_node.directory import Directory, read_directory
from tsunagu_node.keyfiles import write_anew
from tsunagu_node.refusals import Refused

#: Seconds after which the file is read again even where it looks the same.
READ_AGAIN = 30.0
#: How far the keeper's clock may be ahead of this one.
CLOCKS = timedelta(minutes=5)


class CurrentDirectory:
    """The directory in a file, for as long as the node runs.

    path      the file, replaced whole by whoever brings a new one
    keeper    the key of the directory's keeper, which this node holds by another way
    seen      a file of this node's own, with the last version and hash it saw
    elapsed   seconds from some start; another clock than the calendar's, which may be set back
    """

    def __init__(
        self, path: Path, keeper: Ed25519PublicKey, seen: Path, *, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self._path, self._keeper, self._seen, self._elapsed = path, keeper, seen, elapsed
        self._lock = threading.Lock()
        self._directory: Directory | None = None
        self._mark: tuple[int, ...] = ()
        self._read_at = 0.0

    def at(self, now: datetime) -> Directory:
        """The directory that holds at a moment; SourceError or StateError where there is none to rely on."""
        with self._lock:
            mark = self._mark_of_file()
            old = self._elapsed() - self._read_at >= READ_AGAIN
            if self._directory is None or mark != self._mark or old:
                self._directory = None  # what cannot be read again is not relied on either
                self._directory = self._read()
                self._mark, self._read_at = mark, self._elapsed()
            if not self._directory.issued_at - CLOCKS <= now <= self._directory.valid_until:
                raise StateError(
                    f"the directory holds from {self._directory.issued_at:%Y-%m-%d %H:%M} to"
                    f" {self._directory.valid_until:%Y-%m-%d %H:%M} (UTC)",
                    where=str(self._path),
                    to_do="Fetch the one that holds now from its keeper, and check this machine's clock.",
                )
            return self._directory

    def for_exchange(self, now: datetime) -> Directory:
        """As `at`, and Refused where there is none: what the other side is told."""
        try:
            return self.at(now)
        except TsunaguError as error:
            raise Refused(
                "no_directory", "this node has no directory to rely on now", to_do="Ask the people who run it."
            ) from error

    def _mark_of_file(self) -> tuple[int, ...]:
        try:
            found = os.stat(self._path)
        except OSError as error:
            self._directory = None
            raise SourceError(
                f"the directory cannot be read ({type(error).__name__})",
                where=str(self._path),
                to_do="Put the directory's file there.",
            ) from error
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _read(self) -> Directory:
        made = read_directory(self._path.read_bytes(), str(self._path), self._keeper)
        version, digest = self._last()
        if made.version < version or (made.version == version and made.hash != digest):
            raise SourceError(
                f"version {made.version} of the directory came after version {version}"
                if made.version < version
                else f"there are two directories of version {version}",
                where=str(self._path),
                to_do="Ask its keeper for the last version. An older one may name keys that were revoked since.",
            )
        if made.version > version:
            write_anew(self._seen, json.dumps([made.version, made.hash]).encode("ascii"))
        return made

    def _last(self) -> tuple[int, str]:
        if not self._seen.exists():
            return 0, ""
        try:
            version, digest = json.loads(self._seen.read_bytes())
            return int(version), str(digest)
        except (ValueError, TypeError) as error:
            raise SourceError(
                "the note of the last directory cannot be read",
                where=str(self._seen),
                to_do="Compare the directory's version with its keeper's, then remove this note.",
            ) from error

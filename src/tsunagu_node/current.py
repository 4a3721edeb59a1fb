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
from dataclasses import dataclass
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
    """The directory as this node has it, for as long as the node runs: its people's file, or a newer one that came.

    path      the file, replaced whole by whoever brings a new one
    keeper    the key of the directory's keeper, which this node holds by another way
    seen      a file of this node's own, with the last version and hash it saw; beside it, in directories/, is what
              other nodes sent, each version a file of its own, so that no process takes back what another took
    elapsed   seconds from some start; another clock than the calendar's, which may be set back
    noted     told of each version that another node sent, before it is kept: the version, and who sent it
    """

    def __init__(
        self,
        path: Path,
        keeper: Ed25519PublicKey,
        seen: Path,
        *,
        elapsed: Callable[[], float] = time.monotonic,
        noted: Callable[[Directory, str], object] = lambda _directory, _sender: None,
    ) -> None:
        self._path, self._keeper, self._seen, self._elapsed = path, keeper, seen, elapsed
        self._sent, self._noted = seen.with_name("directories"), noted
        self._lock = threading.Lock()
        self._found: _Found | None = None
        self._mark: tuple[int, ...] = ()
        self._read_at = 0.0

    def at(self, now: datetime) -> Directory:
        """The directory that holds at a moment; SourceError or StateError where there is none to rely on."""
        with self._lock:
            found = self._current()
            if found.trouble is not None:
                raise found.trouble
            if not _holds(found.directory, now):
                raise StateError(
                    f"the directory holds from {found.directory.issued_at:%Y-%m-%d %H:%M} to"
                    f" {found.directory.valid_until:%Y-%m-%d %H:%M} (UTC)",
                    where=str(found.path),
                    to_do="Fetch the one that holds now from its keeper, and check this machine's clock.",
                )
            return found.directory

    def for_exchange(self, now: datetime) -> Directory:
        """As `at`, and Refused where there is none: what the other side is told."""
        try:
            return self.at(now)
        except TsunaguError as error:
            raise Refused(
                "no_directory", "this node has no directory to rely on now", to_do="Ask the people who run it."
            ) from error

    def to_fetch_by(self) -> tuple[Directory, bytes]:
        """The newest that is here and that the keeper signed, and its file, whether or not it may be relied on.

        By one that has ended other nodes are still found, and whatever they send must be the keeper's and newer.
        """
        with self._lock:
            found = self._current()
            return found.directory, found.data

    def take(self, data: bytes, sender: str, now: datetime) -> bool:
        """Keeps a directory that another node sent; whether it is newer than what is here. sender: an organisation.

        raises  Refused where the keeper did not sign it, it is older than what was seen, another of the same version,
                or does not hold now
        """
        try:
            made = read_directory(data, "the directory that was sent", self._keeper)
        except SourceError as error:
            raise Refused(
                "not_allowed",
                "this is no directory that its keeper signed",
                to_do="Send the file as the keeper signed it.",
            ) from error
        with self._lock:
            current, (version, digest) = self._current().directory, self._last()
            known = max((current.version, current.hash), (version, digest), key=lambda one: one[0])
            if made.version < known[0]:
                raise Refused(
                    "not_now", f"version {known[0]} of the directory is here", to_do="Send no older one than that."
                )
            if made.version == known[0] and made.hash != known[1]:
                raise Refused(
                    "other_content",
                    f"there are two directories of version {made.version}",
                    to_do="Ask their keeper which one is right, by telephone.",
                )
            if not _holds(made, now):
                raise Refused("not_now", "this directory does not hold now", to_do="Compare the clocks of both nodes.")
            if made.version == current.version:
                return False
            self._noted(made, sender)
            self._sent.mkdir(mode=0o700, exist_ok=True)
            write_anew(self._sent / f"{made.version}.json", data)
            for older in self._versions():
                if older < made.version:
                    (self._sent / f"{older}.json").unlink(missing_ok=True)
            return True

    def _current(self) -> _Found:
        mark = self._mark_of_files()
        old = self._elapsed() - self._read_at >= READ_AGAIN
        if self._found is None or mark != self._mark or old:
            self._found = None  # what cannot be read again is not relied on either
            self._found = self._read()
            self._mark, self._read_at = mark, self._elapsed()
        return self._found

    def _mark_of_files(self) -> tuple[int, ...]:
        try:
            found = os.stat(self._path)
        except OSError as error:
            self._found = None
            raise SourceError(
                f"the directory cannot be read ({type(error).__name__})",
                where=str(self._path),
                to_do="Put the directory's file there.",
            ) from error
        return (found.st_ino, found.st_size, found.st_mtime_ns, *self._versions())

    def _versions(self) -> list[int]:
        """Of the directories that other nodes sent, the newest first."""
        names = os.listdir(self._sent) if self._sent.is_dir() else []
        return sorted((int(one[:-5]) for one in names if one.endswith(".json") and one[:-5].isdigit()), reverse=True)

    def _read(self) -> _Found:
        paths = [self._path, *(self._sent / f"{version}.json" for version in self._versions()[:1])]
        read = [(path, path.read_bytes()) for path in paths]
        found = [(read_directory(data, str(path), self._keeper), path, data) for path, data in read]
        made, path, data = max(found, key=lambda one: one[0].version)
        version, digest = self._last()
        hashes = {one.hash for one, _, _ in found if one.version == made.version}
        if made.version < version or hashes != {digest if made.version == version else made.hash}:
            trouble = SourceError(
                f"version {made.version} of the directory came after version {version}"
                if made.version < version
                else f"there are two directories of version {made.version}",
                where=str(path),
                to_do="Ask its keeper for the last version. An older one may name keys that were revoked since.",
            )
            return _Found(made, path, data, trouble)
        if made.version > version:
            write_anew(self._seen, json.dumps([made.version, made.hash]).encode("ascii"))
        return _Found(made, path, data, None)

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


@dataclass(frozen=True)
class _Found:
    """What was read. trouble: why it may not be relied on, whichever the moment."""

    directory: Directory
    path: Path
    data: bytes
    trouble: SourceError | None


def _holds(directory: Directory, now: datetime) -> bool:
    return directory.issued_at - CLOCKS <= now <= directory.valid_until

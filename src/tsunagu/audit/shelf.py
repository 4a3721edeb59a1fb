"""The folder of heads, meant to lie on another machine: one file per head, which is made once and never opened again.

A file's name is the head's number, so two programs can never both write the next head: the second finds it there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tsunagu.audit.heads import SignedHead, head_from, text_of
from tsunagu.errors import EngineError, SourceError

PUBLIC_KEY = "public-key.pem"
_IN_A_FOLDER = 1_000


@dataclass(frozen=True)
class Unreadable:
    """A file where a head should be. number: of the head by the file's name."""

    number: int


class AlreadyThere(Exception):
    """A head of that number was stored meanwhile."""


def stored_heads(folder: Path) -> Iterator[SignedHead | Unreadable]:
    """Every head in the folder by number; SourceError when the folder cannot be read."""
    for number, path in _files(folder):
        yield _read(path, number)


def newest_head(folder: Path) -> tuple[SignedHead | None, int]:
    """The newest head that can be read, and the highest number in use; (None, 0) for an empty folder.

    A file that was half written when the power failed keeps its number; the next head follows the one before it.
    """
    highest = 0
    for number, path in reversed(_files(folder)):
        highest = highest or number
        head = _read(path, number)
        if isinstance(head, SignedHead):
            return head, highest
    return None, highest


def store_head(folder: Path, head: SignedHead, number: int) -> Path:
    """Writes a head under that number, to the disk and not only to the cache; AlreadyThere when the number is taken."""
    path = _path(folder, number)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text_of(head))
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise AlreadyThere from error
    except OSError as error:
        raise EngineError(
            f"the head cannot be written ({type(error).__name__})",
            where="TSUNAGU_HEADS",
            to_do="Check that the other machine's folder is mounted and may be written to.",
        ) from error
    return path


def _files(folder: Path) -> list[tuple[int, Path]]:
    try:
        if not folder.is_dir():
            raise FileNotFoundError
        found = [path for path in folder.glob("[0-9]*/[0-9]*.json") if path.stem.isdigit()]
    except OSError as error:
        raise SourceError(
            f"the folder of heads cannot be read ({type(error).__name__})",
            where=str(folder),
            to_do="Check that it is mounted and that you may read it: TSUNAGU_HEADS, or --heads FOLDER.",
        ) from error
    return sorted((int(path.stem), path) for path in found)


def _read(path: Path, number: int) -> SignedHead | Unreadable:
    try:
        return head_from(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return Unreadable(number)


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number // _IN_A_FOLDER:05d}" / f"{number:08d}.json"

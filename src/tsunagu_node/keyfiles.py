"""Secret files of a node: each readable by its owner only, made once, never half written."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from tsunagu.durable import disk_error, is_running
from tsunagu.errors import PurposeError, SourceError
from tsunagu.keys import Signs

#: The key under which a node signs its requests and its answers.
MESSAGES = Signs("messages", "signing_key", "the directory")


def read_sealing_key(path: Path) -> X25519PrivateKey:
    """The key in that file that opens what is sealed for this organisation.

    raises  PurposeError where others may read the file, SourceError where it holds no such key
    """
    try:
        key = load_pem_private_key(read_secret(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, X25519PrivateKey):
        raise SourceError(
            "this is not a key that opens answers",
            where=str(path),
            to_do="Put the key back that was made at the start.",
        )
    return key


def name_of_sealing_key(key: X25519PublicKey) -> str:
    """Sixteen letters that tell one key from another, made as tsunagu.keys makes those of signing keys."""
    return name_of_bytes(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def name_of_bytes(raw: bytes) -> str:
    """The first sixteen letters of the SHA-256."""
    return hashlib.sha256(raw).hexdigest()[:16]


def read_secret(path: Path) -> bytes:
    """A file that only its owner may read; PurposeError where others may, SourceError where it cannot be read."""
    try:
        mode, text = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"the key file cannot be read ({type(error).__name__})",
            where=str(path),
            to_do="Check that it is there and that you may read it.",
        ) from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise PurposeError(
            "other users of this machine may read this key", where=str(path), to_do=f"Run: chmod 600 {path.name}"
        )
    return text


def write_once(path: Path, data: bytes) -> None:
    """The file whole or not at all, for its owner only; one that another process made meanwhile stays."""

    def settle(partial: Path) -> None:
        with contextlib.suppress(FileExistsError):
            os.link(partial, path)

    _write(path, data, settle)


def write_anew(path: Path, data: bytes) -> None:
    """The file whole in place of the one before, for its owner only."""
    _write(path, data, lambda partial: partial.replace(path))


def write_to_hand_on(path: Path, data: bytes) -> None:
    """As write_anew, for everybody to read: what is made to be given to others."""
    write_anew(path, data)
    path.chmod(0o644)


def remove_left(folder: Path) -> None:
    """Removes what processes that were stopped in the middle had begun to write there, to whichever file."""
    _remove(folder.glob(".*.partial"))


def _write(path: Path, data: bytes, settle: Callable[[Path], object]) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        _remove_left(path)
        try:
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            settle(partial)
        finally:
            partial.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise disk_error("the file cannot be written", path, error) from error


def _remove_left(path: Path) -> None:
    """Removes what this process, or one that was stopped in the middle, had begun to write to that file."""
    _remove(path.parent.glob(f".{glob.escape(path.name)}.*.partial"))


def _remove(partials: Iterable[Path]) -> None:
    for left in partials:
        process = left.name.split(".")[-2]
        if process.isdigit() and (int(process) == os.getpid() or not is_running(int(process))):
            left.unlink(missing_ok=True)

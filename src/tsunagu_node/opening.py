"""An answer that arrived and was proved, opened: manifest and payload, the payload in a file, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tsunagu_node.answering import HEAD, LARGEST_MANIFEST
from tsunagu_node.refusals import Refused
from tsunagu_node.sealed import opened, sealed_size
from tsunagu_node.signed import Signature


@dataclass(frozen=True)
class Answered:
    """An answer that was proved and opened. payload: a file; size: its bytes; signature: evidence of who answered."""

    manifest: bytes
    payload: Path
    size: int
    signature: Signature


class Opening:
    """Opens answers into a folder. keys: name -> key of this organisation; largest: bytes of a payload."""

    def __init__(self, keys: Mapping[str, X25519PrivateKey], folder: Path, largest: int) -> None:
        self._keys, self._folder, self._largest = keys, folder, largest

    def answered(self, file: Path, signature: Signature) -> Answered:
        """The answer in a file whose bytes were found to be the signed ones; Refused where it does not open."""
        with file.open("rb") as data:
            head = data.read(HEAD)
            length, size = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:], "big")
            if len(head) != HEAD or length > LARGEST_MANIFEST or size > self._largest:
                raise Refused("malformed", "the answer has another form", to_do="Compare the versions of both nodes.")
            manifest = data.read(length)
            if HEAD + len(manifest) + sealed_size(size) != file.stat().st_size:
                raise Refused("malformed", "the answer has another length", to_do="Compare the versions of both nodes.")
            target = self._folder / f"{uuid4().hex}.payload"
            try:
                with own_file(target) as made:
                    for piece in opened(data, self._keys, hashlib.sha256(manifest).hexdigest(), size):
                        made.write(piece)
            except BaseException:
                target.unlink(missing_ok=True)
                raise
        return Answered(manifest, target, size, signature)


@contextmanager
def own_file(path: Path) -> Iterator[BinaryIO]:
    """A new file for its owner only, on disk when the block ends."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def remove_untouched(files: Iterable[Path], seconds: float) -> None:
    """Removes the files to which nobody wrote for so many seconds; one that another removes meanwhile is no matter."""
    for file in files:
        with suppress(FileNotFoundError):
            if time.time() - file.stat().st_mtime >= seconds:
                file.unlink()

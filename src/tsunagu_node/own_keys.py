"""A node's own keys: to sign messages, to open what is sealed, to sign heads. A command makes them, never a start.

The first of each kind is `signing.key`, `sealing.key`, `head.key` in keys/; those of later renewals carry their name:
`signing.0123456789abcdef.key`. A key that is gone is told: a new one in its place would be nobody's to the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tsunagu.errors import SourceError
from tsunagu.keys import HEADS, Signs, read_signing_key
from tsunagu_node.directory import DatedKey, Directory
from tsunagu_node.keyfiles import MESSAGES, name_of_bytes, read_sealing_key, write_once

K_co = TypeVar("K_co", bound=Ed25519PrivateKey | X25519PrivateKey, covariant=True)
_BACK = (
    "Put it back from the backup of the node's folder. Where there is none: tsunagu node renew-keys HOLDER.toml makes "
)
_NEW = "a new one and an entry.json for the directory's keeper, who is also to revoke the old one."


@dataclass(frozen=True)
class Kind(Generic[K_co]):
    """A kind of key. stem: of its files; listed: where the directory has it; does: what for; lost: what that means."""

    stem: str
    listed: str
    does: str
    lost: str
    new: Callable[[], K_co]
    read: Callable[[Path], K_co]


def _signs(use: Signs) -> Callable[[Path], Ed25519PrivateKey]:
    return lambda path: read_signing_key(path, use)


SIGNING = Kind(
    "signing",
    "signing_keys",
    "signs this node's messages",
    "Nobody would take what another key signs.",
    Ed25519PrivateKey.generate,
    _signs(MESSAGES),
)
SEALING = Kind(
    "sealing",
    "sealing_keys",
    "opens what is sealed for this node",
    "What was sealed for it opens no more, and is to be asked for anew.",
    X25519PrivateKey.generate,
    read_sealing_key,
)
HEAD = Kind(
    "head",
    "head_keys",
    "signs the heads of this node's log",
    "No witness would take what another key signs.",
    Ed25519PrivateKey.generate,
    _signs(HEADS),
)


class OwnKeys(Mapping[str, K_co]):
    """The keys of one kind in a node's folder, by name; a file that comes while the node runs is found by its name."""

    def __init__(self, folder: Path, kind: Kind[K_co]) -> None:
        self._folder, self._kind = folder, kind
        self._read: dict[str, K_co] = {}

    def __getitem__(self, name: str) -> K_co:
        if name not in self._read:
            self._read = self._all()
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def first(self) -> K_co:
        """The first that was made and is there; SourceError where there is none at all."""
        found = self._all()
        if not found:
            kind = self._kind
            raise SourceError(
                f"the key that {kind.does} is gone",
                where=str(self._folder / f"{kind.stem}.key"),
                to_do=f"{_BACK}{_NEW} {kind.lost}",
            )
        return next(iter(found.values()))

    def of_now(self, listed: Iterable[DatedKey], directory: Directory, now: datetime) -> K_co:
        """The key to use: of those that the directory has and that are good, the one that ends first, or stands first.

        So an old key is used until it ends or is revoked, and others have read of the new one by then. Where the
        directory has none of them, the first: others will say that they do not know it.
        """
        good = [one for one in listed if one.holds_at(now) and not directory.is_revoked(one.id, now) and one.id in self]
        return self[min(good, key=lambda one: one.valid_until).id] if good else self.first()

    def file_of(self, name: str) -> str:
        """Where in the node's folder the key of that name lies, or would lie."""
        stem = self._kind.stem
        renewed = f"{stem}.{name}.key"
        return f"keys/{renewed if (self._folder / renewed).exists() else f'{stem}.key'}"

    def make(self) -> str:
        """The name of a further key; the first one where none is there."""
        key = self._kind.new()
        name = name_of_bytes(raw_of(key))
        stem = self._kind.stem
        path = self._folder / (f"{stem}.{name}.key" if self._all() else f"{stem}.key")
        write_once(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return name

    def _all(self) -> dict[str, K_co]:
        stem = self._kind.stem
        paths = [self._folder / f"{stem}.key", *sorted(self._folder.glob(f"{stem}.*.key"))]
        keys = (self._kind.read(path) for path in paths if path.exists())
        return {name_of_bytes(raw_of(key)): key for key in keys}


def raw_of(key: Ed25519PrivateKey | X25519PrivateKey) -> bytes:
    """The 32 bytes of a key's public half."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def make_keys(folder: Path) -> None:
    """The first keys of a new node."""
    for kind in (SIGNING, SEALING, HEAD):
        OwnKeys(folder, kind).make()

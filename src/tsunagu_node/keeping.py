"""What the keeper of the directory does: reads entries, makes the next version of them, revokes, signs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tsunagu.errors import SourceError, StateError
from tsunagu.purposes.canonical import read_object
from tsunagu.purposes.strict import Part
from tsunagu.text.tomlfile import nearest
from tsunagu_node.directory import (
    Directory,
    Organisation,
    read_directory,
    read_organisation,
    signed_file,
    twice_in,
    with_revoked,
)
from tsunagu_node.keyfiles import write_to_hand_on


def read_entry(data: bytes, where: str) -> Organisation:
    """An entry as a node wrote it; SourceError names every mistake."""
    part = Part(read_object(data, where), "", [])
    made = read_organisation(part)
    part.done()
    if part.mistakes:
        listed = "\n  ".join(part.mistakes)
        raise SourceError(f"the entry cannot be read\n  {listed}", where=where, to_do="Ask its node for a right one.")
    return made


def read_entries(paths: Iterable[Path]) -> list[Organisation]:
    """The entries of several organisations; SourceError where one cannot be read, or two are of one organisation."""
    found: dict[str, tuple[Organisation, Path]] = {}
    for path in paths:
        made = read_entry(
            _bytes_of(path, "the entry", "Name the entry.json that the organisation handed over."), str(path)
        )
        if made.id in found:
            raise SourceError(
                f"two entries are of the organisation '{made.id}'",
                where=f"{found[made.id][1]} and {path}",
                to_do="Name the one that it handed over last; nothing was signed.",
            )
        found[made.id] = made, path
    return [made for made, _ in found.values()]


def read_kept(path: Path, keeper: Ed25519PublicKey) -> Directory:
    """The directory as its keeper signed it last; SourceError where it cannot be read, or another signed it."""
    data = _bytes_of(path, "the directory", "Name its file; tsunagu node directory makes one.")
    return read_directory(data, str(path), keeper)


@dataclass(frozen=True)
class Changes:
    """What the keeper changes. entries: new, or in place of those that were; left_out: organisations that go."""

    entries: Iterable[Organisation]
    left_out: Iterable[str] = ()


def next_directory(changes: Changes, before: Directory | None, now: datetime, valid_days: int) -> Directory:
    """The next version of the directory: who was in it stays, changed as the entries say; so does what was revoked.

    raises  SourceError where who is left out is not in it, or two organisations have one key or one address
    """
    issued = now.astimezone(UTC).replace(microsecond=0)
    known = {} if before is None else {one.id: one for one in before.organisations}
    for id in changes.left_out:
        if known.pop(id, None) is None:
            raise SourceError(f"no organisation '{id}' is in the directory", to_do=nearest(id, known))
    known |= {one.id: one for one in changes.entries}
    made = Directory(
        version=1 if before is None else before.version + 1,
        issued_at=issued,
        valid_until=issued + timedelta(days=valid_days),
        organisations=tuple(sorted(known.values(), key=lambda one: one.id)),
        revoked=() if before is None else before.revoked,
    )
    twice = twice_in(made)
    if twice or not known:
        listed = "\n  ".join(twice) or "it would name nobody"
        raise SourceError(f"no directory can be made of these entries\n  {listed}", to_do="Ask for right entries.")
    return made


def write_directory(path: Path, directory: Directory, key: Ed25519PrivateKey) -> None:
    """The signed file, whole or as it was before; everybody may read it."""
    write_to_hand_on(path, signed_file(directory, key))


def revoked(before: Directory, name: str, now: datetime) -> Directory:
    """The next version, in which a key is revoked from now on; SourceError where no organisation has it."""
    of_all = [(*one.signing_keys, *one.sealing_keys, *one.head_keys) for one in before.organisations]
    known = {key.id for keys in of_all for key in keys}
    known |= {pin.sha256[:16] for one in before.organisations for pin in one.pins}
    if name not in known:
        raise SourceError(
            f"no organisation has a key '{name}'", to_do=f"Read it in the directory. {nearest(name, known)}"
        )
    if any(one.key == name for one in before.revoked):
        raise StateError(f"the key '{name}' is revoked already", to_do="Nothing more is to be done; see the directory.")
    return with_revoked(before, name, now.astimezone(UTC).replace(microsecond=0))


def _bytes_of(path: Path, what: str, to_do: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"{what} cannot be read ({error.strerror})", where=str(path), to_do=to_do) from error

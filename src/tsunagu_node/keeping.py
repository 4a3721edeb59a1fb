"""What the keeper of the directory does: reads entries, makes the next version of them, revokes, signs."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tsunagu.errors import SourceError, StateError
from tsunagu.keys import name_of, read_public_key
from tsunagu.purposes.canonical import read_object
from tsunagu.purposes.strict import Part
from tsunagu.text.tomlfile import nearest
from tsunagu_node.directory import (
    DatedKey,
    Directory,
    Organisation,
    read_directory,
    read_organisation,
    signed_file,
    twice_in,
    with_revoked,
)
from tsunagu_node.keyfiles import MESSAGES, write_to_hand_on


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


def require_keepers(out: Path, key: Ed25519PublicKey, entries: Iterable[Organisation]) -> None:
    """That nothing but the keeper's own key signs a directory.

    raises  StateError where the folder has another keeper's public half, or an organisation's entry names the key
    """
    of_whom = next((one.id for one in entries if name_of(key) in {k.id for k in _keys_of(one)}), None)
    if of_whom is not None:
        raise StateError(
            f"this key is {of_whom}'s own, and not the keeper's", to_do="Give --key the file that keeper-key made."
        )
    public = out.parent / "keeper.pub"
    if public.exists() and name_of(read_public_key(public, MESSAGES)) != name_of(key):
        raise StateError(
            f"another key is the keeper's here, and this one is {name_of(key)}",
            where=str(public),
            to_do="Give --key the file that keeper-key made. Where the keeper has a new key, take keeper.pub away "
            "first, and give the new one to everybody.",
        )


def revoked(before: Directory, name: str, now: datetime) -> Directory:
    """The next version, in which a key is revoked from now on; SourceError where no organisation has it."""
    known = {key.id: one.id for one in before.organisations for key in _keys_of(one)}
    known |= {pin.sha256[:16]: one.id for one in before.organisations for pin in one.pins}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.7)
        meant = f" Did you mean: {', '.join(f'{key} of {known[key]}' for key in near)}?" if near else ""
        raise SourceError(
            f"no organisation has a key '{name}'",
            to_do=f"Read it in the directory: each organisation's keys stand with its name.{meant}",
        )
    if any(one.key == name for one in before.revoked):
        raise StateError(f"the key '{name}' is revoked already", to_do="Nothing more is to be done; see the directory.")
    return with_revoked(before, name, now.astimezone(UTC).replace(microsecond=0))


def _keys_of(one: Organisation) -> tuple[DatedKey, ...]:
    return (*one.signing_keys, *one.sealing_keys, *one.head_keys)


def _bytes_of(path: Path, what: str, to_do: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"{what} cannot be read ({error.strerror})", where=str(path), to_do=to_do) from error

"""A node's folder made, its entry for the directory, and the directory that a keeper signs from such entries."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tsunagu.errors import SourceError, StateError
from tsunagu.purposes.canonical import canonical, read_object
from tsunagu.purposes.strict import Part
from tsunagu_node.directory import Directory, Organisation, dated, plain, read_organisation, signed_file, with_revoked
from tsunagu_node.keyfiles import own_sealing_key, write_anew
from tsunagu_node.node import Node

#: How long keys of an entry are good; whoever wants less writes it into the entry before it is signed.
KEY_DAYS = 366


@dataclass(frozen=True)
class Called:
    """How an organisation is called, in Japanese and English."""

    ja: str
    en: str


def write_holder_file(path: Path, settings: dict[str, object]) -> None:
    """A new HOLDER.toml; StateError where there is one."""
    if path.exists():
        raise StateError(
            "the file is there already", where=str(path), to_do="Change it by hand, or name another folder."
        )
    lines = ["# A holder's node. What each line means: docs/how-to/run-a-node.md", ""]
    lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in settings.items()]
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_anew(path, ("\n".join(lines) + "\n").encode("utf-8"))


def entry_of(node: Node, called: Called, first: date) -> bytes:
    """What the directory is to say of this node: public halves of its keys, where it answers, and its pin."""
    last = first + timedelta(days=KEY_DAYS)
    sealing = own_sealing_key(node.file.keys / "sealing.key").public_key()
    signing, heads = node.signing_key.public_key(), node.head_key.public_key()
    host = f"[{node.file.host}]" if ":" in node.file.host else node.file.host
    made = Organisation(
        id=node.file.organisation,
        ja=called.ja,
        en=called.en,
        endpoint=f"https://{host}:{node.file.port}" if host else "",
        signing_keys=(dated(signing.public_bytes(Encoding.Raw, PublicFormat.Raw), first, last),),
        sealing_keys=(dated(sealing.public_bytes(Encoding.Raw, PublicFormat.Raw), first, last),),
        head_keys=(dated(heads.public_bytes(Encoding.Raw, PublicFormat.Raw), first, last),),
        pins=(node.identity().pin,),
    )
    return canonical(plain(made))


def read_entry(data: bytes, where: str) -> Organisation:
    """An entry as a node wrote it; SourceError names every mistake."""
    part = Part(read_object(data, where), "", [])
    made = read_organisation(part)
    part.done()
    if part.mistakes:
        listed = "\n  ".join(part.mistakes)
        raise SourceError(f"the entry cannot be read\n  {listed}", where=where, to_do="Ask its node for a right one.")
    return made


def next_directory(
    entries: Iterable[Organisation], before: Directory | None, now: datetime, valid_days: int
) -> Directory:
    """The next version of the directory: these organisations, and whatever was revoked before."""
    issued = now.astimezone(UTC).replace(microsecond=0)
    return Directory(
        version=1 if before is None else before.version + 1,
        issued_at=issued,
        valid_until=issued + timedelta(days=valid_days),
        organisations=tuple(sorted(entries, key=lambda one: one.id)),
        revoked=() if before is None else before.revoked,
    )


def write_directory(path: Path, directory: Directory, key: Ed25519PrivateKey) -> None:
    """The signed file, whole or as it was before; everybody may read it."""
    write_anew(path, signed_file(directory, key))
    path.chmod(0o644)


def revoked(before: Directory, name: str, now: datetime) -> Directory:
    """The next version, in which a key is revoked from now on; SourceError where no organisation has it."""
    of_all = [(*one.signing_keys, *one.sealing_keys, *one.head_keys) for one in before.organisations]
    known = {key.id for keys in of_all for key in keys}
    known |= {pin.sha256[:16] for one in before.organisations for pin in one.pins}
    if name not in known:
        raise SourceError(f"no organisation has a key '{name}'", to_do="Read its name in the directory.")
    return with_revoked(before, name, now.astimezone(UTC).replace(microsecond=0))

"""A node's folder made, and its entry for the directory."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tsunagu.errors import StateError
from tsunagu.purposes.canonical import canonical
from tsunagu_node.directory import Organisation, dated, plain
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

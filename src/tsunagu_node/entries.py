"""A node's folder made, and its entry for the directory."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tsunagu.errors import StateError
from tsunagu.purposes.canonical import canonical
from tsunagu_node.directory import DatedKey, Organisation, dated, plain
from tsunagu_node.keeping import read_entry
from tsunagu_node.keyfiles import write_anew, write_to_hand_on
from tsunagu_node.node import Node
from tsunagu_node.own_keys import HEAD, SEALING, SIGNING, Kind, raw_of
from tsunagu_node.tls import new_authority

#: The entry's file, in the node's folder.
ENTRY = "entry.json"
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
    """What the directory is to say of a new node: public halves of its keys, where it answers, and its pin."""
    return _written(
        _with_own(
            Organisation(node.file.organisation, called.ja, called.en, _endpoint(node), (), (), (), ()), node, first
        )
    )


def entry_again(node: Node, first: date, *, ja: str = "", en: str = "") -> bytes:
    """The entry written anew from the holder's file and the node's keys; names as they were where none are given.

    raises  StateError where neither the directory nor an entry says how it is called
    """
    made = known_entry(node)
    if made is None:
        if not (ja and en):
            raise _unnamed(node, "Give --ja and --en.")
        made = Organisation(node.file.organisation, ja, en, "", (), (), (), ())
    return _written(_with_own(replace(made, ja=ja or made.ja, en=en or made.en, endpoint=_endpoint(node)), node, first))


@dataclass(frozen=True)
class Renewed:
    """made: names of new keys, by what they are for; waiting: of those made before, which the directory lacks still."""

    made: dict[str, str]
    waiting: dict[str, str]
    is_new_authority: bool


def renew_keys(node: Node, first: date, *, authority: bool = False) -> Renewed:
    """New keys beside the old, and an entry with both; keys that the directory lacks still are not made once more.

    authority  a new authority of certificates too; one that is gone is replaced in any case
    raises  StateError where neither the directory nor an entry says how it is called
    """
    before = known_entry(node)
    if before is None:
        raise _unnamed(node, "Write its entry first: tsunagu node entry HOLDER.toml --ja ... --en ...")
    listed = node.listed()
    made: dict[str, str] = {}
    waiting: dict[str, str] = {}
    for kind in (SIGNING, SEALING, HEAD):
        known = {one.id for one in getattr(listed, kind.listed)} if listed is not None else set()
        lacking = [name for name in node.own_keys(kind) if name not in known]
        if lacking:
            waiting[kind.stem] = lacking[-1]
        else:
            made[kind.stem] = node.own_keys(kind).make()
    tls = node.file.folder / "tls"
    is_new = authority or not (tls / "authority.key").exists()
    if is_new:
        new_authority(tls)
        node.make_identity()
    write_to_hand_on(node.file.folder / ENTRY, _written(_with_own(before, node, first)))
    return Renewed(made, waiting, is_new)


def known_entry(node: Node) -> Organisation | None:
    """What is said of this node: by the directory, else by its entry as it was written last; None where by neither."""
    listed = node.listed()
    path = node.file.folder / ENTRY
    if listed is not None or not path.exists():
        return listed
    return read_entry(path.read_bytes(), str(path))


def _with_own(before: Organisation, node: Node, first: date) -> Organisation:
    """With all own keys and the pin. What was there stays, as agreements and heads were signed by it."""
    last = first + timedelta(days=KEY_DAYS)

    def keys(kind: Kind[Any]) -> tuple[DatedKey, ...]:
        known: tuple[DatedKey, ...] = getattr(before, kind.listed)
        had = {one.id for one in known}
        own = [dated(raw_of(key), first, last) for name, key in node.own_keys(kind).items() if name not in had]
        return (*known, *own)

    pin = node.identity().pin
    return replace(
        before,
        signing_keys=keys(SIGNING),
        sealing_keys=keys(SEALING),
        head_keys=keys(HEAD),
        pins=before.pins if pin in before.pins else (*before.pins, pin),
    )


def _unnamed(node: Node, to_do: str) -> StateError:
    return StateError("nothing says how this organisation is called", where=str(node.file.folder / ENTRY), to_do=to_do)


def _endpoint(node: Node) -> str:
    host = f"[{node.file.host}]" if ":" in node.file.host else node.file.host
    return f"https://{host}:{node.file.port}" if host else ""


def _written(made: Organisation) -> bytes:
    return canonical(plain(made))

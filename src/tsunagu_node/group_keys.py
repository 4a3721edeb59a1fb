"""Keys that the keeper of a link group gives to its holders: of a join set, of a round of linkage, of link ids.

Each is a file of its own, for its owner only; the link key from which all are made stays with its keeper.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from tsunagu.errors import SourceError, StateError
from tsunagu.linkage.keyed_values import LinkageKey, LinkIdKey, link_id_key, linkage_key
from tsunagu.purposes.canonical import canonical, read_object
from tsunagu.purposes.tokens import SIZE, JoinKey, LinkKey, join_key, marked
from tsunagu_node.keyfiles import read_secret, write_once

GroupKey = JoinKey | LinkageKey | LinkIdKey
_Key = TypeVar("_Key", JoinKey, LinkageKey, LinkIdKey)
_FORM = "tsunagu-group-key-1"
_NAMES: dict[str, tuple[str, ...]] = {
    "join": ("join_set", "purpose"),
    "round": ("group", "round"),
    "link_id": ("group",),
}


def make_link_key(path: Path) -> None:
    """The link key, made now, for its keeper alone; StateError where a file is there, which stays."""
    if path.exists():
        raise StateError("the file is there already", where=str(path), to_do="Name another file; no key is replaced.")
    write_once(path, _written("link", {}, LinkKey.new().value))


def read_link_key(path: Path) -> LinkKey:
    """The link key in that file; SourceError where it holds none."""
    kind, _, value = _read(path)
    if kind != "link":
        raise _no_key(path, "a link key")
    return LinkKey(value)


def give_join_key(path: Path, key: LinkKey, join_set: str, purpose: str) -> JoinKey:
    """Writes the key of a join set and purpose, for one of its holders; StateError where another key is there."""
    made = join_key(key, join_set, purpose)
    _give(path, _written("join", {"join_set": join_set, "purpose": purpose}, made.value))
    return made


def give_round_key(path: Path, key: LinkKey, group: str, round: str) -> LinkageKey:
    """Writes the key of a round of linkage, for a holder that links; StateError where another key is there."""
    made = linkage_key(key, group, round)
    _give(path, _written("round", {"group": group, "round": round}, made.value))
    return made


def give_link_id_key(path: Path, key: LinkKey, group: str) -> LinkIdKey:
    """Writes the key of link ids, for the register's holder; StateError where another key is there."""
    made = link_id_key(key, group)
    _give(path, _written("link_id", {"group": group}, made.value))
    return made


def read_group_keys(folder: Path) -> list[GroupKey]:
    """Every key of the link group that this holder was given: the files *.groupkey of its folder of keys."""
    found: list[GroupKey] = []
    for path in sorted(folder.glob("*.groupkey")):
        kind, names, value = _read(path)
        if kind == "join":
            found.append(JoinKey(names["join_set"], names["purpose"], value))
        elif kind == "round":
            found.append(LinkageKey(names["group"], names["round"], value))
        elif kind == "link_id":
            found.append(LinkIdKey(names["group"], value))
        else:
            raise _no_key(path, "a key that a holder is given")
    return found


def only_one(keys: Iterable[_Key], what: str, where: Path) -> _Key | None:
    """The one key among these, None where there is none.

    raises  StateError where there are several: by which of them tokens are made must not hang on the names of files
    """
    found = list({key.value: key for key in keys}.values())
    if len(found) > 1:
        raise StateError(
            f"there are {len(found)} keys {what}: {', '.join(sorted(shown(key) for key in found))}",
            where=str(where),
            to_do="Take away the files *.groupkey of those that are over, and keep the one in use.",
        )
    return found[0] if found else None


def shown(key: GroupKey) -> str:
    """What a key is of, in words; nothing of the key."""
    if isinstance(key, JoinKey):
        return f"{key.join_set} {key.purpose}"
    return f"{key.group} {key.round}" if isinstance(key, LinkageKey) else key.group


def mark_of(key: GroupKey) -> str:
    """Eight letters by which two people compare their keys on the telephone; nothing of the key."""
    return marked("", key.value, "given").mark[:8]


def _give(path: Path, written: bytes) -> None:
    """The file as it is to be; StateError where another key is there: it would be taken for the one asked for."""
    write_once(path, written)
    if read_secret(path) != written:
        raise StateError(
            "another key is in this file already",
            where=str(path),
            to_do="Name another file, or take the old one away first; a round's key is replaced each round.",
        )


def _written(kind: str, names: dict[str, str], value: bytes) -> bytes:
    content = {"form": _FORM, "kind": kind, **names, "value": base64.b64encode(value).decode("ascii")}
    return canonical(content) + b"\n"


def _read(path: Path) -> tuple[str, dict[str, str], bytes]:
    read = read_object(read_secret(path), str(path))
    kind = read.get("kind")
    names = {name: read.get(name) for name in _NAMES.get(str(kind), ())}
    try:
        value = base64.b64decode(str(read.get("value")), validate=True)
    except ValueError:
        value = b""
    texts = {name: text for name, text in names.items() if isinstance(text, str)}
    if read.get("form") != _FORM or not isinstance(kind, str) or len(value) != SIZE or len(texts) < len(names):
        raise _no_key(path, "a key of a link group")
    return kind, texts, value


def _no_key(path: Path, what: str) -> SourceError:
    return SourceError(
        f"this is not {what}", where=str(path), to_do="Put back the file that the keeper of the link key gave you."
    )

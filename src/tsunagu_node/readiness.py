"""Whether a node can answer anybody, asked before it says so; and what its people should know beside that.

What stops every exchange stops the start, with one message. What stops one agreement or one peer is told, and the node
serves the rest.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tsunagu.errors import StateError
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.text.tomlfile import nearest
from tsunagu_node.directory import Directory, Organisation
from tsunagu_node.keyfiles import name_of_bytes
from tsunagu_node.node import Node
from tsunagu_node.own_heads import OwnHeads
from tsunagu_node.own_keys import HEAD, SEALING, SIGNING, Kind, raw_of
from tsunagu_node.tls import pin_of_leaf, read_authorities

_HAND_IN = "Give entry.json to the directory's keeper, and put the new directory there."


def require_ready(node: Node) -> list[str]:
    """What is to be told at the start, a line or two each.

    raises  SourceError, StateError, EngineError or PurposeError for whatever would let this node answer nobody: the
            directory, its own place in it, its keys, the authorities, its log, the file of its desk's hand-overs
    """
    read_authorities(node.file.authorities)
    directory = node.directory.at(node.clock())
    own = next((one for one in directory.organisations if one.id == node.file.organisation), None)
    if own is None:
        raise StateError(
            f"version {directory.version} of the directory does not name '{node.file.organisation}'",
            where=str(node.file.directory),
            to_do=f"{_HAND_IN} Or correct 'organisation' in HOLDER.toml:"
            f" {nearest(node.file.organisation, [one.id for one in directory.organisations])}",
        )
    _require_own_keys(node, directory, own)
    _require_work(node)
    told = [*_of_folder(node), *_of_handovers(node), *_of_place(node, own), *_of_peers(node, directory)]
    node.copies.counted(told.append)
    told += _of_agreements(node)
    standing = OwnHeads(node.log).standing(node.clock(), node.file.peers_needed)
    if standing == "stopped":
        told.append(
            "this node answers nobody yet: for seven days too few witnesses have countersigned its log\n"
            "  It brings its log to them from now on. See: tsunagu node alarms."
        )
    return told


def _require_own_keys(node: Node, directory: Directory, own: Organisation) -> None:
    """StateError where the directory does not name this node's own keys, or not for today."""
    now = node.clock()
    kinds: list[Kind[Ed25519PrivateKey | X25519PrivateKey]] = [SIGNING, SEALING]
    if node.file.witnesses:
        kinds.append(HEAD)
    for kind in kinds:
        keys, named = node.own_keys(kind), getattr(own, kind.listed)
        first = name_of_bytes(raw_of(keys.first()))
        known = [one for one in named if one.id in keys]
        if any(one.holds_at(now) and not directory.is_revoked(one.id, now) for one in known):
            continue
        # Of several, renewed one after the other, the last one named is the one that should hold now.
        name = known[-1].id if known else first
        if not known:
            why = f"is {name}, and the directory names {', '.join(one.id for one in named) or 'none'}"
        elif directory.is_revoked(name, now):
            why = f"({name}) was revoked"
        else:
            why = f"({name}) is valid from {known[-1].valid_from} to {known[-1].valid_until}, not today"
        raise StateError(
            f"nobody would believe this node: {keys.file_of(name)} {why}",
            where=str(node.file.directory),
            to_do=f"Put back the key that belongs to this organisation, or have the new one named. {_HAND_IN}",
        )
    identity = node.identity()
    pins = directory.pins(own.id, now)
    if identity.pin not in pins and pin_of_leaf(identity.certificate.read_bytes()) not in pins:
        raise StateError(
            "nobody would connect to this node: the directory pins another certificate than the one in tls/",
            where=str(node.file.directory),
            to_do=f"Put back the folder tls/ that belongs to this organisation, or have the new pin named. {_HAND_IN}",
        )


def _require_work(node: Node) -> None:
    file = node.file
    if not (file.host or file.look_at or file.witnesses or file.handovers):
        raise StateError(
            "this node has nothing to do: it listens nowhere, looks into no mailbox and has no witnesses",
            where=str(file.folder / "HOLDER.toml"),
            to_do="Write 'listen', or 'look_at' where no port can be opened. To ask others, nothing need be served.",
        )


def _of_folder(node: Node) -> Iterable[str]:
    folder = node.file.folder
    if os.name == "posix" and folder.stat().st_mode & stat.S_IRWXO:
        yield f"other users of this machine may look into this node's folder\n  Run: chmod o= {folder}"


def _of_handovers(node: Node) -> Iterable[str]:
    file = node.file.handovers
    if file is not None and not file.exists():
        yield (
            f"{file}: the desk has kept no hand-over there yet; the file is made now\n"
            "  Where the desk has one, correct 'handovers' in HOLDER.toml."
        )
    _ = node.handing  # opens the file


def _of_place(node: Node, own: Organisation) -> Iterable[str]:
    if node.file.host and not own.endpoint:
        yield "nobody asks here: the directory says that this organisation fetches its requests\n  " + _HAND_IN
    if not node.file.host and own.endpoint:
        yield (
            f"others ask at {own.endpoint}, as the directory says, and this node listens nowhere\n"
            f"  Write 'listen' in HOLDER.toml, or say that it fetches. {_HAND_IN}"
        )


def _of_peers(node: Node, directory: Directory) -> Iterable[str]:
    known = {one.id: one for one in directory.organisations if one.id != node.file.organisation}
    for setting, what, ids in (
        ("witnesses", "nobody countersigns this log as", node.file.witnesses),
        ("look_at", "no mailbox is looked into of", node.file.look_at),
    ):
        for id in ids:
            if id not in known:
                yield f"{what} '{id}': the directory does not name it\n  Correct '{setting}'. {nearest(id, known)}"
            elif not known[id].endpoint:
                yield f"{what} '{id}': it listens nowhere itself\n  Name another one in '{setting}'."


def _of_agreements(node: Node) -> Iterable[str]:
    """Agreements that are read, and not relied on: for whichever reason but their days."""
    read, today = node.copies.read(), node.today(node.clock())
    for file in read.foreign:
        yield (
            f"{file}: this agreement is between other organisations than '{node.file.organisation}'\n"
            "  Take it away, or correct 'organisation' in HOLDER.toml."
        )
    for one in read.counted.values():
        for what in _stops(node, one, today):
            yield (
                f"nothing is answered or asked under {one.id} version {one.version}: {what}\n"
                "  Put the copy into agreements/ that both sides signed. See: tsunagu agreement check."
            )


def _stops(node: Node, agreement: SharingAgreement, today: date) -> list[str]:
    if today > agreement.valid_until:
        return []
    named = {one.id for one in node.directory.at(node.clock()).organisations}
    missing = [id for id in (agreement.holder, agreement.requester) if id not in named]
    if missing:
        return [f"the directory does not name '{id}'" for id in missing]
    day = max(today, agreement.valid_from)
    return node.stops(agreement, day)

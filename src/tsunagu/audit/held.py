"""What peers hold of a log, as files; and the log held against them, where its administrator has no say.

Whoever checks takes the log's rows from the organisation whose log it is (proof.write_lines), a file of heads from each
peer, and the keys from the directory. A file is one line that says whose it is, and one line for each head.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tsunagu.audit.entry import canonical
from tsunagu.audit.heads import SignedHead, head_from, is_signed_by, sound_heads, text_of
from tsunagu.audit.proof import read_lines
from tsunagu.audit.report import fault_line
from tsunagu.audit.verify import Fault, Verdict, verify
from tsunagu.audit.witness import (
    Countersignature,
    contradictions,
    countersignature_from,
    countersignature_text,
    first_difference,
    is_countersigned_by,
)
from tsunagu.errors import SourceError

FORMAT = "tsunagu-held-heads-1"
#: (organisation, name of a key) -> the key by the directory, whichever its days; None where there is none.
Keys = Callable[[str, str], Ed25519PublicKey | None]


@dataclass(frozen=True)
class Held:
    """One head of another's log, and what the peer signed under it."""

    head: SignedHead
    made: Countersignature


@dataclass(frozen=True)
class HeldHeads:
    """All that one peer holds of one log, in order. damaged: places in the file where no head could be read."""

    log: str
    peer: str
    heads: tuple[Held, ...]
    damaged: tuple[int, ...] = ()


@dataclass(frozen=True)
class AgainstPeers:
    """A log beside what its peers hold.

    by_peer  peer -> what its heads say of the rows; a head of its file that is not good stands among the faults
    between  (number of a head, one peer, another, first row about which they differ; 0 where that cannot be told)
             wherever two peers were shown different histories
    """

    by_peer: dict[str, Verdict]
    between: tuple[tuple[int, str, str, int], ...]

    @property
    def is_whole(self) -> bool:
        return bool(self.by_peer) and not self.between and all(one.is_whole for one in self.by_peer.values())

    @property
    def first_wrong_row(self) -> int:
        """The first row that some peer knows otherwise, or about which peers differ; 0 where there is none."""
        rows = [verdict.fault.row for verdict in self.by_peer.values() if verdict.fault is not None]
        return min([*rows, *(row for *_, row in self.between if row)], default=0)

    def lines(self) -> list[str]:
        """What was found, a sentence each, without full stops."""
        found = []
        for peer, verdict in sorted(self.by_peer.items()):
            if verdict.is_whole:
                found.append(f"{peer}: the log has the {verdict.covered:,} rows that its heads cover")
            found += [f"{peer}: {fault_line(fault)}" for fault in verdict.faults]
            if verdict.found > len(verdict.faults):
                found.append(f"{peer}: and {verdict.found - len(verdict.faults):,} more")
        for number, one, other, row in self.between:
            place = f"from row {row:,} on" if row else "about no row that both cover"
            found.append(f"{one} and {other} were shown different heads of number {number:,}, {place}")
        return found


def write_held(log: str, peer: str, heads: Iterable[Held], out: TextIO) -> int:
    """Writes the file, and gives the number of heads."""
    out.write(canonical({"format": FORMAT, "log": log, "peer": peer}) + "\n")
    count = 0
    for one in heads:
        line = {"head": text_of(one.head), "countersignature": countersignature_text(one.made)}
        out.write(canonical(line) + "\n")
        count += 1
    return count


def read_held(path: Path) -> HeldHeads:
    """The file of one peer; SourceError where it is none or holds no head. A spoilt line is kept as its place."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise SourceError(
            f"the heads that a peer kept cannot be read ({error.strerror or type(error).__name__})",
            where=str(path),
            to_do="Name the file that the peer's export-held wrote, and check that you may read it.",
        ) from error
    try:
        first, *lines = text.splitlines()
        begin = json.loads(first)
        log, peer = begin["log"], begin["peer"]
        if begin["format"] != FORMAT or not isinstance(log, str) or not isinstance(peer, str):
            raise ValueError("another format")
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(
            "this file holds no heads that a peer kept",
            where=str(path),
            to_do="Take the file that the peer's node wrote, as it is.",
        ) from error
    heads, damaged = [], []
    for place, line in enumerate(lines, start=1):
        try:
            heads.append(_held(line))
        except (ValueError, KeyError, TypeError):
            damaged.append(place)
    if not heads and not damaged:
        # Nothing would be held against the log, and everything about it would look right.
        raise SourceError(
            "the peer kept no head of this log",
            where=str(path),
            to_do="Check the name of the organisation that was given to export-held.",
        )
    return HeldHeads(log, peer, tuple(heads), tuple(damaged))


def verify_against(rows: Path, held: Sequence[HeldHeads], keys: Keys) -> AgainstPeers:
    """The exported rows of one log beside what each peer holds of it.

    raises  SourceError where the files are of several logs, of one peer twice, or where there is no file at all
    """
    if len({one.log for one in held}) != 1 or len({one.peer for one in held}) != len(held):
        raise SourceError(
            "the files of heads are not those of several peers about one log",
            where=", ".join(f"{one.peer}: {one.log}" for one in held) or "no file",
            to_do="Give one file of each peer, all about the log that is checked.",
        )
    by_peer, good = {}, []
    for one in held:
        heads, faults = _good(one, keys)
        good += [(one.peer, head) for head in heads]
        by_peer[one.peer] = verify(read_lines(rows), None, heads, faults)
    return AgainstPeers(by_peer, tuple(_between(good)))


def _good(held: HeldHeads, keys: Keys) -> tuple[list[SignedHead], list[Fault]]:
    """The heads that both signatures stand under, and the others as faults."""
    signed, faults = [], [Fault(1, "edited", of="head") for _ in held.damaged]
    for one in held.heads:
        of_log, of_peer = keys(held.log, one.head.key), keys(held.peer, one.made.key)
        names = (one.made.log, one.made.peer, one.made.head) == (held.log, held.peer, one.head.digest)
        both = of_log is not None and is_signed_by(one.head, of_log)
        both = both and of_peer is not None and is_countersigned_by(one.made, of_peer)
        if names and both:
            signed.append(one.head)
        else:
            faults.append(Fault(one.head.first, "edited", of="head"))
    sound, wrong = sound_heads(signed, None)
    return sound, [*faults, *(Fault(one.row, one.kind, of="head") for one in wrong)]


def _between(good: Sequence[tuple[str, SignedHead]]) -> Iterable[tuple[int, str, str, int]]:
    of = {(peer, head.number): head for peer, head in good}
    for number, one, other in contradictions(good):
        yield number, one, other, first_difference([of[one, number]], [of[other, number]])


def _held(line: str) -> Held:
    stored = json.loads(line)
    return Held(head_from(stored["head"]), countersignature_from(stored["countersignature"]))

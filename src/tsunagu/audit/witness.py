"""Peers as witnesses: another organisation's node signs the head of a log too, and never a head that takes one back.

A log's administrator can write its rows, its heads and its keys anew. What peers have signed lies with them: a log that
was rewritten, cut, forked or put back to an earlier state no longer extends the heads that they hold, and says so to
whoever asks one of them.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tsunagu.audit.entry import canonical
from tsunagu.audit.heads import PRINT_BYTES, SignedHead, follows, is_signed_by, is_whole
from tsunagu.keys import name_of

FORMAT = "tsunagu-countersignature-1"
#: differs: the log's own rows are not those of its own heads; the others are of the peers' signatures alone.
Standing = Literal["sound", "told", "stopped", "unwitnessed", "differs"]
#: After so long without a countersignature people are told; after so long nothing more is answered to others.
TOLD_AFTER, STOPPED_AFTER = timedelta(hours=24), timedelta(days=7)


@dataclass(frozen=True)
class Countersignature:
    """That a peer saw a head, and that it extends every head of this log that the peer had signed before.

    log   organisation whose log it is; peer: who signs
    head  digest of the head; number, rows: of it
    at    moment by the peer's clock, UTC
    """

    log: str
    peer: str
    head: str
    number: int
    rows: int
    at: str
    key: str
    signature: str = ""


@dataclass(frozen=True)
class WitnessFault:
    """Why a peer does not sign.

    row   the first row of the log that is not what the peer knows; 0 where that cannot be told
    kind  edited       the head's signature does not fit, or what it says contradicts itself
          forked       it contradicts a head that the peer signed, or another of the same number
          rolled_back  the log ends before the head that the peer signed
          gap          heads between are missing; ask for those after `known`
          rewritten    a row under a head that the peer signed is another now, though the head is not
          cut          a row under such a head is no longer there
          withheld     what was asked about rows is not shown
    known number of the last head that the peer signed; of rows: of the head that covers the row
    """

    kind: Literal["edited", "forked", "rolled_back", "gap", "rewritten", "cut", "withheld"]
    row: int
    known: int


@dataclass(frozen=True)
class Witness:
    """A peer that countersigns. log: whose log; own: its own organisation."""

    log: str
    own: str
    key: Ed25519PrivateKey

    def countersign(
        self, heads: Sequence[SignedHead], known: SignedHead | None, log_key: Ed25519PublicKey, at: str
    ) -> tuple[SignedHead, Countersignature] | WitnessFault:
        """The newest of these heads with the peer's signature, once every one of them follows from what it knows.

        heads  in order, those after `known`; or the known one again, where its countersignature was lost
        known  the last head of this log that the peer signed; None where it has signed none
        """
        last = known
        for head in heads:
            fault = _fault(head, last, log_key)
            if fault is not None:
                return fault
            last = head
        if last is None or not heads:
            return WitnessFault("gap", 1, 0)
        made = Countersignature(
            self.log, self.own, last.digest, last.number, last.rows, at, name_of(self.key.public_key())
        )
        return last, replace(made, signature=base64.b64encode(self.key.sign(_signed(made))).decode("ascii"))


def _fault(head: SignedHead, known: SignedHead | None, log_key: Ed25519PublicKey) -> WitnessFault | None:
    number, rows = (known.number, known.rows) if known else (0, 0)
    if not is_whole(head) or not is_signed_by(head, log_key):
        return WitnessFault("edited", head.first, number)
    if known is not None and head.digest == known.digest:
        return None
    if known is not None and head.rows < rows:
        return WitnessFault("rolled_back", head.rows + 1, number)
    if head.number > number + 1:
        return WitnessFault("gap", rows + 1, number)
    if not follows(head, known):
        return WitnessFault("forked", min(head.first, rows + 1), number)
    return None


def is_countersigned_by(made: Countersignature, key: Ed25519PublicKey) -> bool:
    """Whether this key made exactly this countersignature."""
    try:
        key.verify(base64.b64decode(made.signature, validate=True), _signed(made))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return made.key == name_of(key)


def countersignature_text(made: Countersignature) -> str:
    """The countersignature as one line of canonical JSON, without its line end."""
    return canonical({"format": FORMAT, **asdict(made)})


def countersignature_from(text: str) -> Countersignature:
    """The countersignature written in that text; ValueError where it is none, or is written in another way."""
    try:
        stored = json.loads(text)
        if stored.pop("format") != FORMAT:
            raise ValueError("another format")
        made = Countersignature(**stored)
        if any(type(value) is not type(getattr(_EMPTY, key)) for key, value in asdict(made).items()):
            raise ValueError("another kind of value")
        if countersignature_text(made) != text:
            raise ValueError("not as it was written")
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("not a countersignature") from error
    return made


def first_difference(held: Sequence[SignedHead], brought: Sequence[SignedHead]) -> int:
    """The first row about which two lists of heads of one log differ; 0 where no row does that both cover.

    The prints of rows say it, so the answer is a row of the log and not the end of a head. Only whole heads (is_whole)
    may be given: of others the prints are not as many as the rows.
    """
    found = [
        row
        for one in held
        for other in brought
        if (row := _first_other_print(one, other, max(one.first, other.first), min(one.rows, other.rows)))
    ]
    return min(found, default=0)


def _first_other_print(one: SignedHead, other: SignedHead, first: int, last: int) -> int:
    """The first row from `first` to `last`, which both cover, whose prints differ; 0 where none does."""
    if first > last or _prints(one, first, last) == _prints(other, first, last):
        return 0
    return next(row for row in range(first, last + 1) if _prints(one, row, row) != _prints(other, row, row))


def _prints(head: SignedHead, first: int, last: int) -> bytes:
    return head.prints[PRINT_BYTES * (first - head.first) : PRINT_BYTES * (last - head.first + 1)]


def contradictions(held: Iterable[tuple[str, SignedHead]]) -> list[tuple[int, str, str]]:
    """(number of the head, one holder of it, another) wherever two peers hold different heads of one log's number.

    held  (peer, head) as each peer gives it; a fork shown to one peer and not to another stands here
    """
    seen: dict[int, tuple[str, str]] = {}
    found = []
    for peer, head in sorted(held, key=lambda one: (one[1].number, one[0])):
        first, digest = seen.setdefault(head.number, (peer, head.digest))
        if digest != head.digest:
            found.append((head.number, first, peer))
    return found


def standing(last: Mapping[str, datetime], now: datetime, *, needed: int = 2) -> Standing:
    """Whether a node may go on answering others: it needs so many peers' signatures, none of them too old.

    last    peer -> moment of its last countersignature; own work never depends on it
    needed  of how many peers, one or more
    """
    if needed < 1:
        raise ValueError("a node that needs no peer has no witnesses")
    ages = sorted(now - at for at in last.values())
    age = ages[needed - 1] if len(ages) >= needed else None
    if age is None or age > STOPPED_AFTER:
        return "stopped"
    return "told" if age > TOLD_AFTER else "sound"


def _signed(made: Countersignature) -> bytes:
    content = {key: value for key, value in asdict(made).items() if key != "signature"}
    return canonical({"format": FORMAT, **content}).encode("utf-8")


_EMPTY = Countersignature("", "", "", 0, 0, "", "")

"""Signed heads: at intervals the log's end, its root and a print of each new row, signed and kept on another machine.

The prints (eight bytes of each row's hash) say which row a rewriter touched; the root, over the whole hashes, decides.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tsunagu.audit.entry import canonical
from tsunagu.audit.merkle import Frontier, Tree, is_extension
from tsunagu.keys import name_of

FORMAT = "tsunagu-head-1"
PRINT_BYTES = 8
# The first head follows none; its `previous` names the format.
NONE_BEFORE = hashlib.sha256(FORMAT.encode()).hexdigest()


@dataclass(frozen=True)
class SignedHead:
    """What was true of the log at a moment.

    series    names the chain of heads; a new folder begins a new one
    number    1, 2, 3 … in the series
    rows      rows of the log then
    hash      of the last of them
    root      of the Merkle tree over all of them, hexadecimal
    peaks     the tree's frontier, from which the next root is computed without the rows
    proof     shows that the tree holds the former head's tree; empty for the first
    first     the first row after the former head
    prints    the first eight bytes of the hash of each row from `first` to `rows`
    at        moment of signing, UTC
    previous  digest of the former head
    key       name of the signing key
    signature Ed25519 over everything above, base64
    """

    series: str
    number: int
    rows: int
    hash: str
    root: str
    peaks: tuple[str, ...]
    proof: tuple[str, ...]
    first: int
    prints: bytes
    at: str
    previous: str
    key: str
    signature: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the head as it is stored."""
        return hashlib.sha256(text_of(self).encode()).hexdigest()


@dataclass(frozen=True)
class HeadFault:
    """A stored head that is not as it was signed, or does not follow the one before.

    number  of the head; 0 when it cannot be told
    row     the first row of the log that it leaves unproved
    kind    edited    its signature does not fit, or what it says contradicts itself
            removed   the head that should stand before it is gone
            forked    it contradicts another signed head about the same rows
    """

    number: int
    row: int
    kind: Literal["edited", "removed", "forked"]


def sign_head(
    key: Ed25519PrivateKey, hashes: Sequence[str], before: SignedHead | None, *, series: str, at: str
) -> SignedHead:
    """The head after `before` when these rows (their hashes, at least one) were added since."""
    former = Frontier(before.rows, map(bytes.fromhex, before.peaks)) if before else Frontier()
    grown = Frontier(former.size, former.peaks)
    for row in hashes:
        grown.append(bytes.fromhex(row))
    proof = Tree(map(bytes.fromhex, hashes), after=former).consistency_proof(former.size) if former.size else []
    head = SignedHead(
        series=series,
        number=before.number + 1 if before else 1,
        rows=grown.size,
        hash=hashes[-1],
        root=grown.root().hex(),
        peaks=tuple(peak.hex() for peak in grown.peaks),
        proof=tuple(step.hex() for step in proof),
        first=former.size + 1,
        prints=b"".join(print_of(row) for row in hashes),
        at=at,
        previous=before.digest if before else NONE_BEFORE,
        key=name_of(key.public_key()),
    )
    return replace(head, signature=base64.b64encode(key.sign(_signed_part(head))).decode("ascii"))


def print_of(row_hash: str) -> bytes:
    """The part of a row's hash that a head keeps."""
    return bytes.fromhex(row_hash[: 2 * PRINT_BYTES])


def is_signed_by(head: SignedHead, key: Ed25519PublicKey) -> bool:
    """Whether this key signed exactly this head."""
    try:
        key.verify(base64.b64decode(head.signature, validate=True), _signed_part(head))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def text_of(head: SignedHead) -> str:
    """The head as one line of canonical JSON."""
    return canonical({**_mapping(head), "signature": head.signature}) + "\n"


def head_from(text: str) -> SignedHead:
    """The head written in that text; ValueError when it is none."""
    try:
        stored = json.loads(text)
        if stored.pop("format") != FORMAT:
            raise ValueError("another format")
        stored["prints"] = base64.b64decode(stored["prints"], validate=True)
        stored["peaks"], stored["proof"] = tuple(stored["peaks"]), tuple(stored["proof"])
        head = SignedHead(**stored)
        numbers = (head.number, head.rows, head.first)
        if not all(isinstance(n, int) for n in numbers) or not 1 <= head.first <= head.rows:
            raise ValueError("no rows")
        if text_of(head) != text:
            raise ValueError("not as it was written")
    except (AttributeError, KeyError, TypeError, binascii.Error) as error:
        raise ValueError("not a head") from error
    return head


def sound_heads(heads: Iterable[SignedHead], key: Ed25519PublicKey | None) -> tuple[list[SignedHead], list[HeadFault]]:
    """The heads that may be trusted, in order, and what is wrong with the others and with their chain.

    key  None when nobody has it: signatures are then not checked, the chain of heads still is
    """
    sound: list[SignedHead] = []
    faults: list[HeadFault] = []
    for head in sorted(heads, key=lambda h: (h.number, h.at)):
        former = sound[-1] if sound else None
        if not is_whole(head) or (key is not None and not is_signed_by(head, key)):
            faults.append(HeadFault(head.number, head.first, "edited"))
            continue
        if former is not None and (former.series != head.series or former.number == head.number):
            if former.digest != head.digest:
                faults.append(HeadFault(head.number, head.first, "forked"))
            continue
        if not follows(head, former):
            follows_in_number = head.number == (former.number if former else 0) + 1
            row = former.rows + 1 if former else 1
            faults.append(HeadFault(head.number, row, "forked" if follows_in_number else "removed"))
        sound.append(head)
    return sound, faults


def is_whole(head: SignedHead) -> bool:
    """Whether what the head says of itself agrees: a print for each row, and peaks that give the root."""
    try:
        peaks = [bytes.fromhex(peak) for peak in head.peaks]
        return (
            len(head.prints) == PRINT_BYTES * (head.rows - head.first + 1)
            and Frontier(head.rows, peaks).root().hex() == head.root
            and head.prints[-PRINT_BYTES:] == print_of(head.hash)
        )
    except ValueError:
        return False


def follows(head: SignedHead, former: SignedHead | None) -> bool:
    """Whether the head is the one after the former, and its log the former's with more rows; None: the first of all."""
    if former is None:
        return head.number == 1 and head.first == 1 and head.previous == NONE_BEFORE
    return (
        head.number == former.number + 1
        and head.first == former.rows + 1
        and head.previous == former.digest
        and is_extension(
            former.rows,
            head.rows,
            [bytes.fromhex(step) for step in head.proof],
            bytes.fromhex(former.root),
            bytes.fromhex(head.root),
        )
    )


def _signed_part(head: SignedHead) -> bytes:
    return canonical(_mapping(head)).encode()


def _mapping(head: SignedHead) -> dict[str, object]:
    mapping = asdict(head)
    del mapping["signature"]
    mapping["prints"] = base64.b64encode(head.prints).decode("ascii")
    return {"format": FORMAT, **mapping}

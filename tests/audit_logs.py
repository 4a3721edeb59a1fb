"""Logs and heads of invented acts, and everything that somebody with full rights might do to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tsunagu.audit.chain import EMPTY, Head, SealedRow, hash_of, head_of, seal
from tsunagu.audit.entry import Entry, canonical
from tsunagu.audit.heads import SignedHead, sign_head

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def an_entry(number: int = 1, **changes: object) -> Entry:
    hour, minute, second = number // 3600, number // 60 % 60, number % 60
    fields: dict[str, object] = {
        "at": f"2026-10-01T{hour:02d}:{minute:02d}:{second:02d}.000000Z",
        "actor": "staff:1",
        "role": "lead_worker",
        "action": "view",
        "object": "child",
        "purpose": "early_support",
        "persons": (f"P{number:016x}",),
        "detail": {"shown": number},
    }
    return Entry(**{**fields, **changes})  # type: ignore[arg-type]  # the builder's keywords are Entry's fields


def a_log(rows: int, *, after: Sequence[SealedRow] = (), **changes: object) -> list[SealedRow]:
    """A log of so many rows; `after` are the rows it begins with."""
    log = list(after)
    head = head_of(log[-1]) if log else EMPTY
    for number in range(len(log) + 1, rows + 1):
        log.append(seal(an_entry(number, **changes), head))
        head = head_of(log[-1])
    return log


def heads_of(log: Sequence[SealedRow], *ends: int, key: Ed25519PrivateKey = KEY) -> list[SignedHead]:
    """Signed heads at these numbers of rows."""
    heads: list[SignedHead] = []
    start = 0
    for end in ends:
        at = str(json.loads(log[end - 1].body)["at"])
        hashes = [row.hash for row in log[start:end]]
        heads.append(sign_head(key, hashes, heads[-1] if heads else None, series="0f" * 8, at=at))
        start = end
    return heads


def resealed(row: SealedRow, **changes: object) -> SealedRow:
    """What somebody who knows the format would write in the row's place."""
    body = canonical({**json.loads(row.body), **changes})
    return SealedRow(row.number, body, hash_of(body))


def rechained(log: Sequence[SealedRow], first: int, last: int = 0, **changes: object) -> list[SealedRow]:
    """The log with row `first` changed, and every row from there to `last` (the end) made to fit again."""
    made = list(log[: first - 1])
    head = head_of(made[-1]) if made else EMPTY
    for row in log[first - 1 : last or len(log)]:
        more = changes if row.number == first else {}
        made.append(resealed(row, previous=head.hash, **more))
        head = head_of(made[-1])
    return [*made, *log[len(made) :]]


@dataclass(frozen=True)
class Tampering:
    """What was done, and the (row, kind, rows) by which it must be named; `unseen` is what shows without heads."""

    name: str
    log: list[SealedRow]
    named: list[tuple[int, str, int]]
    unseen: bool


def tampering(dice: Random, log: list[SealedRow], covered: int) -> Tampering:
    """One random act against a log whose first `covered` rows are under signed heads."""
    return dice.choice(ACTS)(dice, log, covered)


def _edited(dice: Random, log: list[SealedRow], covered: int) -> Tampering:
    row = dice.randint(1, len(log))
    old = log[row - 1]
    new = dice.choice(
        [
            SealedRow(row, old.body.replace("child", "login"), old.hash),
            SealedRow(row, old.body, "0" * 64),
            SealedRow(row, "{", old.hash),
        ]
    )
    return Tampering("edited", [*log[: row - 1], new, *log[row:]], [(row, "edited", 1)], False)


def _exchanged(dice: Random, log: list[SealedRow], covered: int) -> Tampering:
    row = dice.randint(1, len(log) - 1)
    new = resealed(log[row - 1], actor="staff:9")
    return Tampering("exchanged", [*log[: row - 1], new, *log[row:]], [(row, "edited", 1)], False)


def _removed(dice: Random, log: list[SealedRow], covered: int) -> Tampering:
    row = dice.randint(1, len(log) - 1)
    count = dice.randint(1, min(5, len(log) - row))
    rest = log[row - 1 + count :]
    if dice.random() < 0.5:
        rest = [SealedRow(r.number - count, r.body, r.hash) for r in rest]
    return Tampering("removed", [*log[: row - 1], *rest], [(row, "removed", count)], False)


def _inserted(dice: Random, log: list[SealedRow], covered: int) -> Tampering:
    row = dice.randint(1, len(log))
    head = head_of(log[row - 2]) if row > 1 else EMPTY
    new = seal(an_entry(row, actor="staff:9"), head)
    if dice.random() < 0.3:
        new = SealedRow(new.number, new.body.replace("child", "login"), new.hash)
    rest = [SealedRow(r.number + 1, r.body, r.hash) for r in log[row - 1 :]]
    return Tampering("inserted", [*log[: row - 1], new, *rest], [(row, "inserted", 1)], False)


def _moved(dice: Random, log: list[SealedRow], covered: int) -> Tampering:
    row = dice.randint(1, len(log) - 1)
    to = dice.randint(row + 1, len(log))
    rest = [r for r in log if r.number != row]
    return Tampering("moved", [*rest[: to - 1], log[row - 1], *rest[to - 1 :]], [(row, "reordered", 1)], False)


def _truncated(dice: Random, log: list[SealedRow], covered: int) -> Tampering:
    rows = dice.randint(0, covered - 1)
    return Tampering("truncated", log[:rows], [(rows + 1, "truncated", covered - rows)], True)


def _rechained(dice: Random, log: list[SealedRow], covered: int) -> Tampering:
    row = dice.randint(1, covered)
    changed = rechained(log, row, actor="staff:9")
    return Tampering("re-chained", changed, [(row, "rewritten", covered - row + 1)], True)


def _rechained_without(dice: Random, log: list[SealedRow], covered: int) -> Tampering:
    """One row taken out, and everything after it made to fit: the commonest wish of somebody with something to hide."""
    row = dice.randint(1, covered - 1)
    rest = [SealedRow(r.number - 1, r.body, r.hash) for r in log[row:]]
    made = list(log[: row - 1])
    head = head_of(made[-1]) if made else EMPTY
    for old in rest:
        made.append(resealed(old, previous=head.hash, number=head.rows + 1))
        head = head_of(made[-1])
    named = [(row, "rewritten", min(len(made), covered) - row + 1)]
    if len(made) < covered:
        named.append((covered, "truncated", 1))
    return Tampering("re-chained without a row", made, named, True)


def _forked(dice: Random, log: list[SealedRow], covered: int) -> Tampering:
    """Put back to an earlier state, and gone on from there with other acts."""
    row = dice.randint(1, covered)
    rows = dice.randint(row, len(log) + 20)
    changed = a_log(rows, after=log[: row - 1], at="2026-12-01T00:00:00.000000Z")
    named = [(row, "forked", min(rows, covered) - row + 1)]
    if rows < covered:
        named.append((rows + 1, "truncated", covered - rows))
    return Tampering("forked", changed, named, True)


ACTS: list[Callable[[Random, list[SealedRow], int], Tampering]] = [
    _edited,
    _exchanged,
    _removed,
    _inserted,
    _moved,
    _truncated,
    _rechained,
    _rechained_without,
    _forked,
]


def rolled_back(log: list[SealedRow], heads: list[SignedHead], keep: int) -> tuple[list[SealedRow], list[SignedHead]]:
    """Log and heads both put back to the state of the `keep`-th head."""
    return log[: heads[keep - 1].rows], heads[:keep]


def plain(log: Sequence[SealedRow]) -> Head:
    """The end of the log."""
    return head_of(log[-1])

"""Is the log what was written? Re-hashes every body and names the first row that is not as it was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from tsunagu.audit.chain import EMPTY, Head, SealedRow, hash_of

Kind = Literal["edited", "removed", "inserted", "reordered", "truncated", "rewritten"]


@dataclass(frozen=True)
class Fault:
    """The first row that is not as it was written.

    row   number of that row; for removed and truncated: of the first row that is gone
    kind  edited     its content or hash was changed, or it was exchanged for another
          removed    it is gone
          inserted   it was put in later
          reordered  it stands in another's place
          truncated  the log ends before the saved head
          rewritten  the log is whole in itself, but is not the one of the saved head: some row up to this one differs
    """

    row: int
    kind: Kind


@dataclass(frozen=True)
class Verdict:
    """rows: rows found to be good, from the first on. head: of the last good row. fault: None when the log is whole."""

    rows: int
    head: Head
    fault: Fault | None

    @property
    def is_whole(self) -> bool:
        return self.fault is None


@dataclass(frozen=True)
class _Claim:
    """What a row says of itself."""

    stored_number: int
    number: int  # as the hashed body says it; 0 when unreadable
    previous: str
    hash: str
    is_intact: bool  # the hash belongs to the body


def verify(rows: Iterable[SealedRow], saved: Head | None = None) -> Verdict:
    """Reads the rows in stored order, once, and stops at the first fault.

    saved  a head kept elsewhere, to tell a log that was cut short or written anew
    """
    claims = (_claim(row) for row in rows)
    head = EMPTY
    last: _Claim | None = None
    for claim in claims:
        if not _follows(claim, head):
            return Verdict(head.rows, head, _fault(claim, claims, head, last))
        head = Head(claim.number, claim.hash)
        last = claim
        if saved is not None and head.rows == saved.rows and head.hash != saved.hash:
            return Verdict(0, EMPTY, Fault(head.rows, "rewritten"))
    if saved is not None and head.rows < saved.rows:
        return Verdict(head.rows, head, Fault(head.rows + 1, "truncated"))
    return Verdict(head.rows, head, None)


def _claim(row: SealedRow) -> _Claim:
    try:
        body = json.loads(row.body)
        number, previous = int(body["number"]), str(body["previous"])
    except (ValueError, KeyError, TypeError):
        number, previous = 0, ""
    return _Claim(row.number, number, previous, row.hash, hash_of(row.body) == row.hash)


def _follows(claim: _Claim, head: Head) -> bool:
    wanted = head.rows + 1
    return claim.is_intact and claim.stored_number == claim.number == wanted and claim.previous == head.hash


def _fault(bad: _Claim, later: Iterator[_Claim], head: Head, last: _Claim | None) -> Fault:
    """Names the fault from the first bad row, what came before it and, where needed, what follows it."""
    wanted = head.rows + 1
    if not bad.is_intact:
        return Fault(wanted, "removed" if bad.stored_number > wanted else "edited")
    if last is not None and bad.previous == last.previous:
        # Both rows say that they follow the same one: the row before this one was pushed in between.
        return Fault(last.number, "inserted")
    if bad.number > wanted:
        return Fault(wanted, "reordered" if _comes_later(wanted, head, later) else "removed")
    if bad.number < wanted:
        return Fault(wanted, "inserted")
    if bad.previous == head.hash:
        return Fault(wanted, "edited")  # only the number beside the body was changed
    # The right number and an intact body, but it does not follow: either the row before it was exchanged for
    # another one (then the next row still follows this one), or this row was.
    following = next(later, None)
    if last is not None and (following is None or following.previous == bad.hash):
        return Fault(last.number, "edited")
    return Fault(wanted, "edited")


def _comes_later(number: int, head: Head, later: Iterator[_Claim]) -> bool:
    return any(claim.is_intact and claim.number == number and claim.previous == head.hash for claim in later)

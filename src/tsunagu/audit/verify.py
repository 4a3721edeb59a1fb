"""Is the log what was written? Re-hashes every body and names each row that is not as it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from tsunagu.audit.chain import EMPTY, Head, SealedRow
from tsunagu.audit.claims import Claim, claim_of
from tsunagu.audit.heads import SignedHead
from tsunagu.audit.region import Found, judge
from tsunagu.audit.truth import RootCheck, Truth

Kind = Literal["edited", "removed", "inserted", "reordered", "truncated", "rewritten", "forked", "rolled_back"]
Of = Literal["row", "head", "content", "index"]
SHOWN = 20
# After this many good rows in a row the trouble is over.
_CALM = 8
# A log that is nothing but trouble is judged in pieces of this size.
_MOST_AT_ONCE = 100_000


@dataclass(frozen=True, order=True)
class Fault:
    """A row that is not as it was written, or several next to each other.

    row   number of that row; for removed and truncated: of the first row that is gone
    kind  edited       its content or hash was changed, or it was exchanged for another
          removed      it is gone
          inserted     it was put in later
          reordered    it stands in another's place
          truncated    the log ends before the saved head
          rewritten    the chain is whole in itself from here on, but is not the one of the signed heads
          forked       the same, and the row says that it was written after the head was signed: the log was put back
                       to an earlier state here, and went on from there; or two signed heads contradict each other
          rolled_back  log and heads both end before a head that was kept elsewhere
    rows  how many rows next to each other
    of    row      of the log
          head     a stored head; `row` is the first row that it leaves unproved
          content  what the row speaks of (a decision) is not what it was
          index    the list of persons beside the row is not what the row says
    """

    row: int
    kind: Kind
    rows: int = 1
    of: Of = "row"


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    rows     rows found to be good, from the first on, before the first fault
    head     the end of a log that is whole; EMPTY otherwise
    faults   the first faults by row, at most SHOWN
    found    number of all faults
    covered  rows that a signed head covers
    """

    rows: int
    head: Head
    faults: tuple[Fault, ...] = ()
    found: int = 0
    covered: int = 0

    @property
    def fault(self) -> Fault | None:
        return self.faults[0] if self.faults else None

    @property
    def is_whole(self) -> bool:
        return not self.faults


def verify(
    rows: Iterable[SealedRow], saved: Head | None = None, heads: Sequence[SignedHead] = (), also: Iterable[Fault] = ()
) -> Verdict:
    """Reads the rows in stored order, once, and names every fault.

    saved  a head kept elsewhere, to tell a log that was cut short or written anew
    heads  signed heads, checked by `sound_heads`: they locate what was rewritten to the very row
    also   faults found beside the chain (heads, contents, index)
    """
    reading = _Reading(Truth(heads), saved)
    for row in rows:
        reading.take(claim_of(row))
    return reading.end(list(also))


def verdict_with(verdict: Verdict, also: Sequence[Fault]) -> Verdict:
    """The verdict with further faults."""
    if not also:
        return verdict
    faults = sorted([*verdict.faults, *also])
    good = min(verdict.rows, faults[0].row - 1)
    return Verdict(good, EMPTY, tuple(faults[:SHOWN]), verdict.found + len(also), verdict.covered)


class _Reading:
    """One pass over the log. In trouble, rows are kept until the chain is calm again, and are then judged together."""

    def __init__(self, truth: Truth, saved: Head | None) -> None:
        self.truth = truth
        self.saved = saved
        self.root = RootCheck(truth)
        self.faults: list[Fault] = []
        self.head = EMPTY  # the last row that was taken for good
        self.before = EMPTY  # the one before it
        self.last: Claim | None = None
        self.shift = 0  # by how much stored numbers differ, after rows were taken out or put in and the rest renumbered
        self.is_astray = False  # on a stretch that is whole in itself, but not the one of the heads
        self.wanted: dict[int, str] = {}  # the hashes that missing rows must have, where it is known
        self.trouble: list[Claim] = []

    def take(self, claim: Claim) -> None:
        if self.trouble:
            self.trouble.append(claim)
            if self._is_calm() or len(self.trouble) >= _MOST_AT_ONCE:
                self._judge(is_end=False)
        elif self._follows(claim):
            self._accept(claim)
        else:
            # The row before may be the one that was exchanged: only what follows it can tell.
            self.trouble = [claim] if self.last is None or self.is_astray else [self.last, claim]

    def end(self, also: list[Fault]) -> Verdict:
        if self.trouble:
            self._judge(is_end=True)
        self.faults += also
        for row, _number in self.truth.conflicts:
            self.faults.append(Fault(row, "forked", of="head"))
        self._compare_ends()
        faults = sorted(self.faults)
        if not faults:
            return Verdict(self.head.rows, self.head, covered=min(self.truth.rows, self.head.rows))
        good = min(self.head.rows, faults[0].row - 1)
        return Verdict(good, EMPTY, tuple(faults[:SHOWN]), len(faults), min(self.truth.rows, self.head.rows))

    def _follows(self, claim: Claim) -> bool:
        if not claim.is_intact or claim.number != self.head.rows + 1 or claim.previous != self.head.hash:
            return False
        if claim.stored != claim.number + self.shift:
            return False
        agrees = self.truth.agrees(claim.number, claim.hash)
        return agrees is None or agrees is not self.is_astray

    def _accept(self, claim: Claim) -> None:
        self.before, self.head, self.last = self.head, Head(claim.number, claim.hash), claim
        if self.is_astray:
            if self.truth.agrees(claim.number, claim.hash) is False:
                stretch = self.faults[-1]
                self.faults[-1] = Fault(stretch.row, stretch.kind, stretch.rows + 1)
            else:
                self.is_astray = False  # beyond the last head nothing more can be said
        else:
            wrong = self.root.add(claim.number, claim.hash)
            if wrong is not None:
                self.faults.append(Fault(wrong, "rewritten", claim.number - wrong + 1))
        self._compare_saved(claim)

    def _is_calm(self) -> bool:
        tail = self.trouble[-_CALM:]
        if len(self.trouble) <= _CALM or not all(claim.is_intact for claim in tail):
            return False
        linked = all(
            b.number == a.number + 1 and b.previous == a.hash and b.stored - b.number == a.stored - a.number
            for a, b in pairwise(tail)
        )
        return linked and len({self.truth.agrees(claim.number, claim.hash) for claim in tail}) == 1

    def _judge(self, *, is_end: bool) -> None:
        rows, self.trouble = self.trouble, []
        start = self.before if rows[0] is self.last else self.head
        found = judge(rows, start, self.truth, shift=self.shift, is_end=is_end)
        self._note(found)
        end = found.end or start
        last = rows[-1]
        self.root.lose()
        self.before = Head(end.rows - 1, last.previous)
        self.head, self.last, self.shift, self.is_astray = end, last, found.shift, found.is_astray
        for claim in rows:
            self._compare_saved(claim)

    def _note(self, found: Found) -> None:
        for claim in found.late:
            # A row from far away: if it is one that was missing there, it was moved and not put in.
            is_gone = any(f.kind == "removed" and f.row <= claim.number < f.row + f.rows for f in self.faults)
            if is_gone and self.wanted.get(claim.number, claim.hash) == claim.hash:
                self.faults = _without_row(self.faults, claim.number)
                self.faults.append(Fault(claim.number, "reordered"))
            else:
                self.faults.append(Fault(found.place_of[id(claim)], "inserted"))
        self.wanted |= found.wanted
        # The stretch that may go on stands last.
        self.faults += [Fault(row, kind, count) for row, kind, count in found.faults]  # type: ignore[arg-type]  # kinds

    def _compare_saved(self, claim: Claim) -> None:
        saved = self.saved
        if saved is None or claim.number != saved.rows or claim.hash == saved.hash:
            return
        if not any(fault.row <= saved.rows for fault in self.faults):
            self.faults.append(Fault(saved.rows, "rewritten"))

    def _compare_ends(self) -> None:
        end = self.head.rows
        kept = self.saved.rows if self.saved else 0
        if kept > max(end, self.truth.rows) and self.truth.rows:
            self.faults.append(Fault(end + 1, "rolled_back", kept - end))
            self.faults.append(Fault(self.truth.rows + 1, "rolled_back", kept - self.truth.rows, "head"))
        elif max(kept, self.truth.rows) > end:
            self.faults.append(Fault(end + 1, "truncated", max(kept, self.truth.rows) - end))


def _without_row(faults: list[Fault], row: int) -> list[Fault]:
    """The faults with one row taken out of the stretches that were removed."""
    kept: list[Fault] = []
    for fault in faults:
        if fault.kind == "removed" and fault.row <= row < fault.row + fault.rows:
            after = fault.row + fault.rows - row - 1
            if row > fault.row:
                kept.append(Fault(fault.row, "removed", row - fault.row))
            if after:
                kept.append(Fault(row + 1, "removed", after))
        else:
            kept.append(fault)
    return kept

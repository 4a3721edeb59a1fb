"""What signed heads say of each row: its print, and the root up to each head."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from tsunagu.audit.heads import PRINT_BYTES, SignedHead, print_of
from tsunagu.audit.merkle import Frontier

_UNKNOWN = bytes(PRINT_BYTES)


class Truth:
    """The prints of all rows that some head covers; eight bytes of memory for each row.

    rows       the last row that a head covers
    conflicts  rows about which two heads differ, with the number of the later head
    """

    def __init__(self, heads: Iterable[SignedHead]) -> None:
        self.heads = sorted(heads, key=lambda head: head.rows)
        self.rows = self.heads[-1].rows if self.heads else 0
        self.conflicts: list[tuple[int, int]] = []
        self._ends = [head.rows for head in self.heads]
        self._prints = bytearray(PRINT_BYTES * (self.rows + 1))
        for head in self.heads:
            self._lay(head)

    def print_of(self, number: int) -> bytes | None:
        """The print of that row; None where no head covers it."""
        if not 1 <= number <= self.rows:
            return None
        found = bytes(self._prints[PRINT_BYTES * number : PRINT_BYTES * (number + 1)])
        return None if found == _UNKNOWN else found

    def agrees(self, number: int, row_hash: str) -> bool | None:
        """Whether that hash is the row's; None where no head covers it."""
        known = self.print_of(number)
        return None if known is None else known == print_of(row_hash)

    def signed_at(self, number: int) -> str:
        """When the first head that covers the row was signed."""
        return self.heads[bisect_left(self._ends, number)].at

    def _lay(self, head: SignedHead) -> None:
        start, end = PRINT_BYTES * head.first, PRINT_BYTES * (head.rows + 1)
        there = self._prints[start:end]
        if any(there) and there != head.prints:
            for row in range(head.first, head.rows + 1):
                known, said = self.print_of(row), head.prints[PRINT_BYTES * (row - head.first) :][:PRINT_BYTES]
                if known is not None and known != said:
                    self.conflicts.append((row, head.number))
                    return
        self._prints[start:end] = head.prints


class RootCheck:
    """Grows a tree with the rows that are read, and compares it at each head; after a fault the head's own peaks serve.

    Eight bytes of a hash could be imitated by somebody with very much time; the root is over the whole hashes.
    """

    def __init__(self, truth: Truth) -> None:
        self._heads = truth.heads
        self._next = 0
        self._grown: Frontier | None = Frontier() if truth.heads else None
        self._rows = truth.rows

    def add(self, number: int, row_hash: str) -> int | None:
        """Adds a row that seemed good; at a head whose root differs, the first row since the one before."""
        if number > self._rows:
            return None
        if self._grown is not None:
            self._grown.append(bytes.fromhex(row_hash))
        while self._heads[self._next].rows < number:
            self._next += 1
        head = self._heads[self._next]
        if head.rows != number:
            return None
        differs = self._grown is not None and self._grown.root().hex() != head.root
        self._grown = Frontier(head.rows, map(bytes.fromhex, head.peaks))
        return head.first if differs else None

    def lose(self) -> None:
        """Some row was not good: until the next head there is nothing to compare."""
        self._grown = None

"""A Merkle tree over the rows' hashes, in the shape of RFC 6962: one root for all rows, short proofs about it.

A leaf is SHA-256(0x00 + data), a node SHA-256(0x01 + left + right); the left part of n leaves is the largest power
of two below n. So a proof needs about log2(n) hashes, and a tree that grew can be shown to hold the former one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

Hash = bytes


class Frontier:
    """A tree that only grows: of n leaves it keeps one hash per bit set in n, so a root over millions costs nothing.

    peaks  roots of the complete subtrees from left to right, the largest first
    """

    def __init__(self, size: int = 0, peaks: Iterable[Hash] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if len(self.peaks) != size.bit_count():
            raise ValueError("a frontier has one peak per bit set in its size")

    def append(self, data: bytes) -> None:
        """Adds one leaf."""
        top = leaf(data)
        size = self.size
        while size & 1:
            top = node(self.peaks.pop(), top)
            size >>= 1
        self.peaks.append(top)
        self.size += 1

    def root(self) -> Hash:
        """The root of all leaves so far."""
        if not self.peaks:
            return hashlib.sha256().digest()
        top = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            top = node(peak, top)
        return top


class Tree:
    """A tree that can prove: all leaves, or a frontier and the leaves that came after it."""

    def __init__(self, leaves: Iterable[bytes] = (), after: Frontier | None = None) -> None:
        self._known: dict[tuple[int, int], Hash] = {}
        start = 0
        if after is not None:
            for bit, peak in zip(_bits(after.size), after.peaks, strict=True):
                self._known[(start, start + bit)] = peak
                start += bit
        for data in leaves:
            self._known[(start, start + 1)] = leaf(data)
            start += 1
        self.size = start

    def root(self) -> Hash:
        """The root of all leaves."""
        return self._hash(0, self.size) if self.size else hashlib.sha256().digest()

    def inclusion_proof(self, index: int) -> list[Hash]:
        """What shows that the leaf at `index` (from 0) is under the root."""
        if not 0 <= index < self.size:
            raise ValueError("there is no such leaf")
        return self._path(index, 0, self.size)

    def consistency_proof(self, size: int) -> list[Hash]:
        """What shows that the tree of the first `size` leaves (1 or more) became this one by adding leaves only."""
        if not 1 <= size <= self.size:
            raise ValueError("there was no such tree")
        return self._steps(size, 0, self.size, is_whole=True)

    def _hash(self, start: int, end: int) -> Hash:
        known = self._known.get((start, end))
        if known is None:
            middle = start + _left(end - start)
            known = self._known[(start, end)] = node(self._hash(start, middle), self._hash(middle, end))
        return known

    def _path(self, index: int, start: int, end: int) -> list[Hash]:
        if end - start == 1:
            return []
        middle = start + _left(end - start)
        if index < middle:
            return [*self._path(index, start, middle), self._hash(middle, end)]
        return [*self._path(index, middle, end), self._hash(start, middle)]

    def _steps(self, size: int, start: int, end: int, *, is_whole: bool) -> list[Hash]:
        if size == end:
            return [] if is_whole else [self._hash(start, end)]
        middle = start + _left(end - start)
        if size <= middle:
            return [*self._steps(size, start, middle, is_whole=is_whole), self._hash(middle, end)]
        return [*self._steps(size, middle, end, is_whole=False), self._hash(start, middle)]


def leaf(data: bytes) -> Hash:
    """The hash of a leaf; the byte before it keeps a leaf from passing for a node."""
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: Hash, right: Hash) -> Hash:
    """The hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def is_included(data: bytes, index: int, size: int, proof: Sequence[Hash], root: Hash) -> bool:
    """Whether the proof shows the leaf at `index` of the tree with that size and root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    here, last, top = index, size - 1, leaf(data)
    for other in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            top = node(other, top)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            top = node(top, other)
        here, last = here >> 1, last >> 1
    return last == 0 and top == root


def is_extension(old_size: int, size: int, proof: Sequence[Hash], old_root: Hash, root: Hash) -> bool:
    """Whether the proof shows that the tree of `size` begins with the tree of `old_size` (RFC 9162, 2.1.4.2)."""
    if not 0 < old_size <= size:
        return False
    if old_size == size:
        return not proof and old_root == root
    steps = list(proof)
    if old_size & (old_size - 1) == 0:  # a power of two: the old root is itself the first step
        steps.insert(0, old_root)
    if not steps:
        return False
    here, last = old_size - 1, size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old = new = steps[0]
    for other in steps[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            old, new = node(other, old), node(other, new)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            new = node(new, other)
        here, last = here >> 1, last >> 1
    return last == 0 and old == old_root and new == root


def _left(size: int) -> int:
    """The largest power of two below `size` (2 or more)."""
    return 1 << (size - 1).bit_length() - 1


def _bits(size: int) -> list[int]:
    """The powers of two that make up `size`, the largest first."""
    return [1 << place for place in reversed(range(size.bit_length())) if size >> place & 1]

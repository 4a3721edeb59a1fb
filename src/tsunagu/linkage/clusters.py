"""Clusters of nodes: which numbers are one person, with the slots that only one number may fill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations


class Clusters:
    """Disjoint sets of nodes, numbered 0..n-1; the lower number stands for a set.

    slots      node -> slots it fills; two clusters that fill one slot with different nodes are never united
    apart      pairs of nodes that a person decided are not one; their clusters are never united
    reasons    why each node joined (reason, weight in bits or None); none for a node nobody joined
    held_apart pairs of `apart` that evidence would have united, and which
    """

    def __init__(
        self,
        count: int,
        slots: Mapping[int, frozenset[str]],
        anchored: Iterable[int],
        apart: Iterable[tuple[int, int]] = (),
    ) -> None:
        self._parent = list(range(count))
        self._members: dict[int, list[int]] = {}
        self._slots: dict[int, set[str]] = {node: set(s) for node, s in slots.items()}
        self._anchored = set(anchored)
        self.reasons: dict[int, tuple[str, float | None]] = {}
        self.held_apart: dict[tuple[int, int], str] = {}
        # By the root of the first node; each pair stands with both of its nodes.
        self._apart: dict[int, set[tuple[int, int]]] = {}
        for one, other in apart:
            self._apart.setdefault(one, set()).add((one, other))
            self._apart.setdefault(other, set()).add((other, one))

    def root(self, node: int) -> int:
        while self._parent[node] != node:
            self._parent[node] = self._parent[self._parent[node]]
            node = self._parent[node]
        return node

    def members(self, root: int) -> list[int]:
        return self._members.get(root, [root])

    def is_anchored(self, root: int) -> bool:
        return root in self._anchored

    def fit(self, one: int, other: int) -> bool:
        """Whether two clusters fill no slot both, and nobody decided them apart (the same cluster always fits)."""
        one, other = self.root(one), self.root(other)
        return one == other or not (self._share_a_slot(one, other) or self._decided(one, other))

    def unite(self, one: int, other: int, reason: str, weight: float | None = None) -> bool:
        """Unites two clusters unless a slot forbids it; says whether they are one now."""
        one, other = self.root(one), self.root(other)
        if one == other:
            return True
        if not self.fit(one, other):
            self._hold_apart(one, other, reason)
            return False
        # The side without the register's number is the one that joins.
        joins = other if other not in self._anchored and (one in self._anchored or other > one) else one
        for node in self.members(joins):
            self.reasons.setdefault(node, (reason, weight))
        kept, gone = min(one, other), max(one, other)
        self._parent[gone] = kept
        self._members[kept] = self.members(kept) + self.members(gone)
        self._members.pop(gone, None)
        self._slots.setdefault(kept, set()).update(self._slots.pop(gone, set()))
        self._apart.setdefault(kept, set()).update(self._apart.pop(gone, set()))
        if gone in self._anchored:
            self._anchored.discard(gone)
            self._anchored.add(kept)
        return True

    def unite_group(self, nodes: Iterable[int], reason: str, forbidden: set[tuple[int, int]] | None = None) -> None:
        """Unites the clusters that share a key, leaving out every one that could belong to two of the others.

        forbidden  pairs (lower, higher) of nodes whose other fields contradict each other
        """
        roots = sorted({self.root(n) for n in nodes})
        if len(roots) < 2:
            return
        apart = {(a, b) for a, b in combinations(roots, 2) if not self.fit(a, b) or (forbidden and (a, b) in forbidden)}
        for a, b in apart - (forbidden or set()):
            self._hold_apart(a, b, reason)
        if not apart:
            for other in roots[1:]:
                self.unite(roots[0], other, reason)
            return
        fits = {a: [b for b in roots if b != a and (min(a, b), max(a, b)) not in apart] for a in roots}
        clear = {a for a, bs in fits.items() if bs and not any(pair in apart for pair in combinations(bs, 2))}
        for a in sorted(clear):
            for b in fits[a]:
                if b in clear:
                    self.unite(a, b, reason)

    def all_roots(self) -> list[int]:
        return [self.root(n) for n in range(len(self._parent))]

    def _share_a_slot(self, one: int, other: int) -> bool:
        return bool(self._slots.get(one, set()) & self._slots.get(other, set()))

    def _decided(self, one: int, other: int) -> list[tuple[int, int]]:
        """The pairs decided apart of which one node is in each of two clusters, given by their roots."""
        return [(a, b) for a, b in self._apart.get(one, ()) if self.root(b) == other]

    def _hold_apart(self, one: int, other: int, reason: str) -> None:
        if not self._share_a_slot(one, other):
            for a, b in self._decided(one, other):
                self.held_apart.setdefault((min(a, b), max(a, b)), reason)

"""Counts that leave a holder: the small ones are kept back with what would give them away, the others are rounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ROUNDED_BY = 6


def told(counts: Sequence[int], least: int) -> list[int | None]:
    """One question's children, divided into cells, each child in one: what may be told of each, rounded; None: not.

    A count under the least is kept back, none as much as few. So are the next larger ones, until those kept back are
    at least two and together no few either: else the sum of the others, known elsewhere, would leave them.
    """
    kept_back = [place for place, count in enumerate(counts) if count < least]
    others = sorted((place for place in range(len(counts)) if place not in kept_back), key=lambda p: (counts[p], p))
    while kept_back and others and (len(kept_back) < 2 or sum(counts[p] for p in kept_back) < least):
        kept_back.append(others.pop(0))
    return [None if place in kept_back else midpoint(count) for place, count in enumerate(counts)]


def midpoint(count: int) -> int:
    """The middle of the six counts to which it belongs: 1 to 6 are 3, 7 to 12 are 9; none stays none."""
    return -(-count // ROUNDED_BY) * ROUNDED_BY - ROUNDED_BY // 2 if count else 0


def steady(counts: Mapping[str, int], before: Mapping[str, int], least: int) -> dict[str, int]:
    """The counts to be told this time: where one has moved by fewer than the least, the one that was told before.

    Two tellings then never differ by a few children, whom somebody may know to have come or gone.
    """
    return {
        cell: before[cell] if cell in before and abs(count - before[cell]) < least else count
        for cell, count in counts.items()
    }

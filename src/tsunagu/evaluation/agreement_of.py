"""How far two people agree on ordered classes: weighted kappa with its standard error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import sqrt


def weighted_kappa(pairs: Iterable[tuple[int, int]]) -> tuple[float, float, int]:
    """Kappa with linear weights over the classes that occur, its standard error (jackknife), and n.

    Where both give one and the same class throughout there is nothing to agree on beyond chance: kappa is 1, error 0.
    """
    counts = Counter(pairs)
    n = sum(counts.values())
    if n < 3:
        return 0.0, 1.0, n
    found = _kappa(counts)
    left = {cell: _kappa(counts - Counter({cell: 1})) for cell in counts}
    mean = sum(times * left[cell] for cell, times in counts.items()) / n
    spread = sum(times * (left[cell] - mean) ** 2 for cell, times in counts.items()) * (n - 1) / n
    return found, sqrt(spread), n


def _kappa(counts: Counter[tuple[int, int]]) -> float:
    n = sum(counts.values())
    rows: Counter[int] = Counter()
    columns: Counter[int] = Counter()
    for (left, right), times in counts.items():
        rows[left] += times
        columns[right] += times
    apart = sum(times * abs(left - right) for (left, right), times in counts.items()) / n
    by_chance = sum(rows[a] * columns[b] * abs(a - b) for a in rows for b in columns) / n**2
    return 1.0 if by_chance == 0 else 1 - apart / by_chance

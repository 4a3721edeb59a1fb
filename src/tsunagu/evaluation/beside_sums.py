"""Counts that share sums, told so that none of the hidden ones can be worked out from those that are told.

The rule: what is under LEAST is hidden. Then others are hidden, until the most that each hidden one could be is LEAST
above the least, for somebody who knows every count and every sum that is told: the smallest that is enough by itself,
or the first two that are together, or where none are, the smallest, and so on. `extent` works out what each could be.
Why: decision 0035.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from tsunagu.evaluation.extent import Equation, extent
from tsunagu.evaluation.small_counts import LEAST


@dataclass(frozen=True)
class Sum:
    """The parts come to the total: a cell by its name, or a number that is told whatever it is."""

    total: str | int
    parts: tuple[str, ...]


def told_beside(
    cells: Mapping[str, int],
    sums: Sequence[Sum],
    *,
    unseen: Collection[str] = (),
    rank: Mapping[str, int] | None = None,
    none_is_told: Collection[str] = (),
) -> dict[str, int | None]:
    """Each cell as it may be told. None: not told.

    unseen        cells that nobody is told, yet which nobody may work out where they are small
    rank          of a cell, how late it is hidden for another's sake; 0 where none is named
    none_is_told  cells that are no small number where they are nought
    raises        ValueError where a sum does not come to its total
    """
    for one in sums:
        total = one.total if isinstance(one.total, int) else cells[one.total]
        if total != sum(cells[part] for part in one.parts):
            raise ValueError(f"the parts do not come to {one.total}")
    small = {name for name, n in cells.items() if n < LEAST and (n or name not in none_is_told)}
    hidden = small | set(unseen)
    while True:
        further = next(_further(cells, sums, hidden, hidden - (set(unseen) - small), rank or {}), None)
        if further is None:
            return {name: None if name in hidden else n for name, n in cells.items()}
        hidden |= further


def is_wide(low: int, high: int | None) -> bool:
    """Whether a hidden count could be enough numbers."""
    return high is None or high - low >= LEAST


def equations(cells: Mapping[str, int], sums: Sequence[Sum], hidden: Collection[str]) -> list[Equation]:
    """What is known of the hidden cells: each sum with what is told of it taken away."""
    found: list[Equation] = []
    for one in sums:
        open_parts = {part: 1 for part in one.parts if part in hidden}
        known = sum(cells[part] for part in one.parts if part not in hidden)
        if isinstance(one.total, str) and one.total in hidden:
            found.append(({**open_parts, one.total: -1}, -known))
        elif open_parts:
            found.append((open_parts, (one.total if isinstance(one.total, int) else cells[one.total]) - known))
    return found


def _further(
    cells: Mapping[str, int],
    sums: Sequence[Sum],
    hidden: Collection[str],
    guarded: Collection[str],
    rank: Mapping[str, int],
) -> Iterator[set[str]]:
    """What to hide next, for each hidden cell that could be worked out too nearly: all that have the same number."""
    known = equations(cells, sums, hidden)
    for cell in sorted(guarded, key=lambda name: (cells[name], name)):
        linked = _linked(known, cell)
        if is_wide(*extent(linked, cell)):
            continue
        near = {cell} | {name for coefficients, _sum in linked for name in coefficients}
        around = {name for one in sums if near & _of(one) for name in _of(one)} - set(hidden)
        steps: dict[tuple[int, int], set[str]] = {}
        for name in around:
            steps.setdefault((rank.get(name, 0), cells[name]), set()).add(name)
        in_turn = [steps[step] for step in sorted(steps)]
        together = (set().union(*some) for size in (1, 2) for some in combinations(in_turn, size))
        enough = (more for more in together if _is_wide_with(cells, sums, {*hidden, *more}, cell))
        yield from (more for more in (next(enough, None), *in_turn[:1]) if more)


def _is_wide_with(cells: Mapping[str, int], sums: Sequence[Sum], hidden: Collection[str], cell: str) -> bool:
    return is_wide(*extent(_linked(equations(cells, sums, hidden), cell), cell))


def _of(one: Sum) -> set[str]:
    return {*one.parts, *([one.total] if isinstance(one.total, str) else [])}


def _linked(known: Sequence[Equation], cell: str) -> list[Equation]:
    """The equations that say something of the cell, at first hand or through another one."""
    names, found = {cell}, list[Equation]()
    rest = list(known)
    while more := [one for one in rest if names & one[0].keys()]:
        found += more
        rest = [one for one in rest if one not in more]
        names |= {name for coefficients, _sum in more for name in coefficients}
    return found

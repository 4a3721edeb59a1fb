"""Counts that share sums: whether each hidden one stays open beside all that is told.

Open is a count that could be LEAST more at the most than at the least, for somebody who knows every count and every sum
that is told. `extent` works out what each could be. Why: decision 0035.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tsunagu.evaluation.extent import Equation, extent
from tsunagu.evaluation.small_counts import LEAST


@dataclass(frozen=True)
class Sum:
    """The parts come to the total: a cell by its name, or a number that is told whatever it is."""

    total: str | int
    parts: tuple[str, ...]


def is_open(cells: Mapping[str, int], sums: Sequence[Sum], hidden: Collection[str]) -> bool:
    """Whether each hidden cell could be enough numbers.

    Of a cell that the numbers told whatever they are leave less open (a part of three), no more is asked than they do.

    raises  ValueError where a sum does not come to its total
    """
    for one in sums:
        total = one.total if isinstance(one.total, int) else cells[one.total]
        if total != sum(cells[part] for part in one.parts):
            raise ValueError(f"the parts do not come to {one.total}")
    beside, alone = _equations(cells, sums, hidden), _equations(cells, sums, cells)
    spans = ((cell, _span(beside, cell)) for cell in sorted(hidden))
    return all(span >= LEAST or span >= _span(alone, cell) for cell, span in spans)


def _equations(cells: Mapping[str, int], sums: Sequence[Sum], hidden: Collection[str]) -> list[Equation]:
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


def _span(known: Sequence[Equation], cell: str) -> int:
    """How far apart the most and the least are that a cell could be, LEAST where it is that or more."""
    low, high = extent(_linked(known, cell), cell)
    return LEAST if high is None else min(high - low, LEAST)


def _linked(known: Sequence[Equation], cell: str) -> list[Equation]:
    """The equations that say something of the cell, at first hand or through another one."""
    names, found = {cell}, list[Equation]()
    rest = list(known)
    while more := [one for one in rest if names & one[0].keys()]:
        found += more
        rest = [one for one in rest if one not in more]
        names |= {name for coefficients, _sum in more for name in coefficients}
    return found

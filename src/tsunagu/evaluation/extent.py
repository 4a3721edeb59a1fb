"""How little and how much a number that is not told can be, for somebody who knows every sum that is told.

Exact: the simplex method in fractions, always taking the first place that may be taken, so that it ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil, floor

Row = list[Fraction]
#: Coefficients of the numbers that are not told, and what they come to.
Equation = tuple[Mapping[str, int], int]


def extent(equations: Sequence[Equation], cell: str) -> tuple[int, int | None]:
    """The least and the most whole number that `cell` can be where no number is negative; None: nothing bounds it.

    raises  ValueError where no numbers fit the equations
    """
    every = sorted({name for coefficients, _sum in equations for name in coefficients} - {cell})
    # Of cells that are in the same sums one is enough: what the others have it can have as well.
    alike = {tuple(coefficients.get(name, 0) for coefficients, _sum in equations): name for name in every}
    cells = [cell, *alike.values()]
    rows = [[*(Fraction(c.get(name, 0)) for name in cells), Fraction(total)] for c, total in equations]
    rows, basis = _start([row if row[-1] >= 0 else [-x for x in row] for row in rows], len(cells))
    wanted = [Fraction(name == cell) for name in cells]
    most = _most(rows, basis, wanted)
    least = _most(rows, basis, [-x for x in wanted])
    return (0 if least is None else ceil(-least), None if most is None else floor(most))


def _start(rows: list[Row], width: int) -> tuple[list[Row], list[int]]:
    """The rows solved for some of the cells: of each row the place that it is solved for."""
    size = len(rows)
    helped = [[*row[:-1], *(Fraction(n == m) for m in range(size)), row[-1]] for n, row in enumerate(rows)]
    basis = [width + n for n in range(size)]
    left = _most(helped, basis, [*[Fraction(0)] * width, *[Fraction(-1)] * size], in_place=True)
    if left:
        raise ValueError("no numbers fit these sums")
    for n, place in enumerate(basis):  # what is still solved for a helper is nought, and any cell may take its place
        own = next((p for p in range(width) if helped[n][p]), None)
        if place >= width and own is not None:
            _pivot(helped, basis, n, own)
    kept = [n for n, place in enumerate(basis) if place < width]
    return [[*helped[n][:width], helped[n][-1]] for n in kept], [basis[n] for n in kept]


def _most(rows: list[Row], basis: list[int], goal: Row, *, in_place: bool = False) -> Fraction | None:
    """The most that the goal comes to over all that fits the rows; None where nothing bounds it."""
    if not in_place:
        rows, basis = [list(row) for row in rows], list(basis)
    while True:
        gain = [g - sum(goal[b] * row[p] for b, row in zip(basis, rows, strict=True)) for p, g in enumerate(goal)]
        entering = next((p for p, g in enumerate(gain) if g > 0), None)
        if entering is None:
            return sum((goal[b] * row[-1] for b, row in zip(basis, rows, strict=True)), Fraction(0))
        steps = [(row[-1] / row[entering], basis[n], n) for n, row in enumerate(rows) if row[entering] > 0]
        if not steps:
            return None
        _pivot(rows, basis, min(steps)[2], entering)


def _pivot(rows: list[Row], basis: list[int], n: int, place: int) -> None:
    """Solves row n for that place."""
    by = rows[n][place]
    rows[n] = own = [x / by for x in rows[n]]
    for m, row in enumerate(rows):
        if m != n and row[place]:
            rows[m] = [x - row[place] * y for x, y in zip(row, own, strict=True)]
    basis[n] = place

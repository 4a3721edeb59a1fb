"""A decision matrix: each combination of levels names its result in exactly one row, else the file is mistaken.

A matrix becomes the tests of the overall table, so that engines, explanations and comparisons know one form only. That
works because a matrix never gets less urgent as a level rises: a result is then held by its lowest combinations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

from tsunagu.indicators.mistakes import Part, nearest
from tsunagu.screening.criteria import JudgmentAt, OverallLevel, TableTest

Cell = tuple[int, ...]
#: By judgment the levels it defines, beside the 0 that each has.
Levels = Mapping[str, Sequence[int]]
ANY = "*"


def read_matrix(
    part: Part, rows: Sequence[OverallLevel], none: OverallLevel, judgments: Levels
) -> tuple[OverallLevel, ...]:
    """The rows of the overall table with the tests that the matrix gives them; as they were where it is mistaken.

    part   `[overall.matrix]`: columns, each a judgment; rows, each a cell a column ("0", "1", "2", "1|2" or "*") and
           the name of a result; a level must be one that the column's judgment defines
    rows   the named results from the most urgent down, without tests
    """
    columns = part.texts("columns", judgments)
    for left_out in (j for j in judgments if j not in columns):
        part.wrong(f"'columns' leaves '{left_out}' out", "every judgment once", "columns")
    levels = {level.name: level for level in (*rows, none)}
    reached: dict[Cell, OverallLevel] = {}
    by_row: dict[Cell, int] = {}
    sound = set(columns) == set(judgments)
    for place, written in enumerate(part.list("rows")):
        found = _row(part, place, written, {column: _reached(judgments, column) for column in columns}, levels)
        if found is None:
            sound = False
            continue
        cells, level = found
        for cell in cells:
            if cell in reached:
                part.wrong(
                    f"row {by_row[cell] + 1} and row {place + 1} both give {_said(columns, cell)}",
                    "exactly one row for each combination",
                    "rows",
                    place,
                )
                sound = False
                break
            reached[cell], by_row[cell] = level, place
    part.done("matrix")
    if not sound:
        return tuple(rows)
    gaps = [cell for cell in product(*(_reached(judgments, c) for c in columns)) if cell not in reached]
    if gaps:
        what = "1 combination has" if len(gaps) == 1 else f"{len(gaps)} combinations have"
        part.wrong(f"{what} no row, such as {_said(columns, gaps[0])}", "a row for them", "rows")
        return tuple(rows)
    nothing = (0,) * len(columns)
    if reached[nothing] != none:
        what = f"row {by_row[nothing] + 1} gives '{reached[nothing].name}' to a child without any level"
        part.wrong(what, f"'{none.name}' where every level is 0", "rows", by_row[nothing])
        return tuple(rows)
    if _lowered(part, reached, by_row, columns):
        return tuple(rows)
    for row in rows:
        if row not in reached.values():
            part.wrong(f"no combination gives '{row.name}'", "a row for it, or remove it", "rows")
    return tuple(replace(row, any_of=_tests(columns, reached, row.rank)) for row in rows)


def _reached(judgments: Levels, column: str) -> list[int]:
    return sorted({0, *judgments.get(column, ())})


def _row(
    part: Part, place: int, written: object, columns: Levels, levels: Mapping[str, OverallLevel]
) -> tuple[list[Cell], OverallLevel] | None:
    """The combinations a row holds for and what it gives; None if it cannot be read, which is then a mistake."""
    size = len(columns) + 1
    if not isinstance(written, list) or len(written) != size or not all(isinstance(cell, str) for cell in written):
        texts = '", "'.join([*columns, "result"])
        part.wrong(f"row {place + 1} is not {size} texts", f'a list such as ["{texts}"]', "rows", place)
        return None
    choices = []
    for cell, (column, known) in zip(written[:-1], columns.items(), strict=True):
        valid = [str(level) for level in known]
        chosen = valid if cell == ANY else cell.split("|")
        if not set(chosen) <= set(valid) or len(set(chosen)) != len(chosen):
            hint = f"{', '.join(valid)}, several such as {'|'.join(valid[-2:])}, or *"
            part.wrong(f"'{cell}' is no level of '{column}'", hint, "rows", place)
            return None
        choices.append([int(level) for level in chosen])
    if written[-1] not in levels:
        part.wrong(f"there is no result '{written[-1]}'", nearest(written[-1], levels), "rows", place)
        return None
    return list(product(*choices)), levels[written[-1]]


def _lowered(
    part: Part, reached: Mapping[Cell, OverallLevel], by_row: Mapping[Cell, int], columns: Sequence[str]
) -> bool:
    """Whether a higher level of some judgment gives a less urgent result, which is then a mistake."""
    for cell, level in reached.items():
        for worse in _higher(cell):
            if worse in reached and reached[worse].rank > level.rank:
                part.wrong(
                    f"row {by_row[worse] + 1} gives '{reached[worse].name}' for {_said(columns, worse)}, which is less"
                    f" urgent than '{level.name}' for {_said(columns, cell)}",
                    "a higher level never makes the result less urgent",
                    "rows",
                    by_row[worse],
                )
                return True
    return False


def _tests(
    columns: Sequence[str], reached: Mapping[Cell, OverallLevel], rank: int
) -> tuple[tuple[TableTest, ...], ...]:
    """The lowest combinations with a result at least so urgent; every other one lies above one of them."""
    held = {cell for cell, result in reached.items() if result.rank <= rank}
    lowest = sorted(cell for cell in held if not any(lower in held for lower in _lower(cell)))
    return tuple(
        tuple(JudgmentAt(column, level) for column, level in zip(columns, cell, strict=True) if level)
        for cell in lowest
    )


def _higher(cell: Cell) -> list[Cell]:
    return [(*cell[:n], more, *cell[n + 1 :]) for n, level in enumerate(cell) for more in range(level + 1, 3)]


def _lower(cell: Cell) -> list[Cell]:
    return [(*cell[:n], less, *cell[n + 1 :]) for n, level in enumerate(cell) for less in range(level)]


def _said(columns: Sequence[str], cell: Cell) -> str:
    return ", ".join(f"{column} {level}" for column, level in zip(columns, cell, strict=True))

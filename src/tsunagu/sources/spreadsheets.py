"""From a spreadsheet to records: every cell as the text a CSV of the same sheet would hold."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta

import python_calamine

from tsunagu.sources.containers import FileFault
from tsunagu.sources.lines import Grid


def read_sheet(data: bytes, sheet: str) -> tuple[Grid, tuple[str, ...]]:
    """The records of one sheet, and the names of the sheets beside it that hold cells and are not read.

    sheet   "" means the first one
    raises  FileFault: broken_container, encrypted, sheet_missing
    """
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = workbook.sheet_names
        name = sheet if sheet in names else _other_name(names, sheet)
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        beside = tuple(n for n in names if n != name and workbook.get_sheet_by_name(n).to_python())
    except FileFault:
        raise
    except python_calamine.PasswordError as error:
        raise FileFault("encrypted") from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise FileFault("broken_container") from error
    grid = Grid(physical_lines=len(rows))
    for number, row in enumerate(rows, start=1):
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        grid.add(number, cells, "\x1f".join(cells))
    return grid, beside


def _other_name(names: list[str], sheet: str) -> str:
    # A workbook of one sheet is that sheet, whatever somebody renamed it to.
    if len(names) == 1 or (names and not sheet):
        return names[0]
    raise FileFault("sheet_missing")


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(cell, ".15g")
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds") if cell.time() != time() else cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return "" if cell is None else str(cell)

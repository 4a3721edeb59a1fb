"""From text to records: cells, and the physical line each record starts on.

A record may span lines inside quotes. A stray quote must not swallow the file: when the lines after it read as
records of their own, or nothing closes it soon, that one line stands alone and is set aside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_LOOK_AHEAD_LINES = 200
_LOOK_AHEAD_SIGNS = 50_000


@dataclass
class Grid:
    """All records of one table, in order.

    rows     physical line (or sheet row) where each record starts, 1-based
    cells    the cells of each record, as many as were written
    texts    the record as one text, trailing empty cells cut off: equal texts are equal rows
    faults   index of a record -> why it cannot be read (unclosed_quote)
    physical_lines  lines of the file, separated by LF (CR where a file has no LF)
    """

    rows: list[int] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)
    physical_lines: int = 0

    def add(self, row: int, cells: list[str], text: str) -> None:
        self.rows.append(row)
        self.cells.append(cells)
        self.texts.append(text)

    def after(self, index: int) -> Grid:
        """The records after one, without faults."""
        at = index + 1
        return Grid(self.rows[at:], self.cells[at:], self.texts[at:], {}, self.physical_lines)


def split_lines(text: str) -> list[str]:
    """Physical lines without their ends; a file that has no LF is split at CR."""
    text = text.removesuffix("\x1a")
    is_old_mac = "\r" in text and "\n" not in text
    lines = text.split("\r") if is_old_mac else [line.rstrip("\r") for line in text.split("\n")]
    if lines and not lines[-1]:
        lines.pop()
    return lines


def split_cells(line: str, delimiter: str) -> tuple[list[str], bool]:
    """The cells of one record, and whether it ends inside an open quote.

    A quote opens a cell only at its start (blanks before it allowed); inside, two quotes are one. Text after a
    closing quote belongs to the cell.
    """
    if '"' not in line:
        return line.split(delimiter), False
    cells: list[str] = []
    at, end = 0, len(line)
    while True:
        start = at
        while start < end and line[start] == " ":
            start += 1
        if start < end and line[start] == '"':
            cell, at, is_open = _quoted(line, start + 1, delimiter)
            cells.append(cell)
            if is_open:
                return cells, True
        else:
            stop = line.find(delimiter, at)
            stop = end if stop < 0 else stop
            cells.append(line[at:stop])
            at = stop
        if at >= end:
            return cells, False
        at += 1  # the delimiter


def read_records(lines: list[str], delimiter: str, width: int, *, first: int = 1) -> Grid:
    """Every record of a text.

    width  number of named columns in the header; a record that spans lines must come out with that many
    first  physical line number of lines[0]
    """
    grid = Grid(physical_lines=len(lines))
    quoted = _WholeQuoted(delimiter, width)
    number, count, before = 0, len(lines), first - 1
    while number < count:
        line = lines[number]
        number += 1
        if '"' not in line:
            if "\r" in line:
                for part in line.split("\r"):
                    grid.add(number + before, part.split(delimiter), part.rstrip(delimiter))
            else:
                grid.add(number + before, line.split(delimiter), line.rstrip(delimiter))
            continue
        fast = quoted.cells(line)
        if fast is not None:
            grid.add(number + before, fast, line)
            continue
        cells, is_open = split_cells(line, delimiter)
        if not is_open:
            grid.add(number + before, cells, line.rstrip(delimiter))
            continue
        taken = _joined(lines, number, delimiter, width)
        if taken is None:
            grid.faults[len(grid.rows)] = "unclosed_quote"
            grid.add(number + before, cells[:-1], line)
            continue
        text = "\n".join(lines[number - 1 : number + taken])
        grid.add(number + before, split_cells(text, delimiter)[0], text.rstrip(delimiter))
        number += taken
    return grid


def _joined(lines: list[str], number: int, delimiter: str, width: int) -> int | None:
    """How many lines after lines[number - 1] belong to the record it opens; None when its quote never closes."""
    text = lines[number - 1]
    for taken in range(1, _LOOK_AHEAD_LINES + 1):
        if number + taken > len(lines) or len(text) > _LOOK_AHEAD_SIGNS:
            return None
        line = lines[number + taken - 1]
        if width > 2 and _stands_alone(line, delimiter, width):
            return None
        text += "\n" + line
        cells, is_open = split_cells(text, delimiter)
        if is_open:
            continue
        fits = len(cells) == width or (len(cells) > width and not any(c.strip() for c in cells[width:]))
        return taken if fits else None
    return None


def _stands_alone(line: str, delimiter: str, width: int) -> bool:
    """Whether a line is a whole record by itself, every quote in its place."""
    cells, is_open = split_cells(line, delimiter)
    return not is_open and len(cells) == width and _well_formed(delimiter).fullmatch(line) is not None


def _well_formed(delimiter: str) -> re.Pattern[str]:
    d = re.escape(delimiter)
    cell = rf'(?:"(?:[^"]|"")*"|[^"{d}]*)'
    return re.compile(rf"{cell}(?:{d}{cell})*")


def _quoted(line: str, at: int, delimiter: str) -> tuple[str, int, bool]:
    """The cell whose quote opened just before `at`, the place after it, and whether it never closed."""
    parts: list[str] = []
    while True:
        quote = line.find('"', at)
        if quote < 0:
            parts.append(line[at:])
            return "".join(parts), len(line), True
        parts.append(line[at:quote])
        if line.startswith('""', quote):
            parts.append('"')
            at = quote + 2
            continue
        stop = line.find(delimiter, quote + 1)
        stop = len(line) if stop < 0 else stop
        parts.append(line[quote + 1 : stop].rstrip(" "))
        return "".join(parts), stop, False


class _WholeQuoted:
    """The quick way for files in which every cell is quoted."""

    def __init__(self, delimiter: str, width: int) -> None:
        self.between = f'"{delimiter}"'
        self.width = width

    def cells(self, line: str) -> list[str] | None:
        if line[0] != '"' or line[-1] != '"' or line.count('"') != 2 * self.width:
            return None
        cells = line[1:-1].split(self.between)
        return cells if len(cells) == self.width else None

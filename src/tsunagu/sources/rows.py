"""What each record of a table is: heading, title, total, empty, repeated, cut short, too long, or data."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tsunagu.sources.lines import Grid, split_cells
from tsunagu.sources.spec import SourceSpec
from tsunagu.sources.words import fold_word

# Role and the header words that name it.
SpecWords = Sequence[tuple[str, frozenset[str]]]

DELIMITERS = (",", "\t", ";", "|")
_HEAD_LINES = 60
_HEADER_LINES = 6
_BLANK = ' \t\u3000"\x00\r\n'
_ORNAMENT = re.compile(r"[*■□◆◇●○【】\[\]()=\-:#※<>~_.・]+")
_AMOUNT = re.compile(r"[-+¥\\△▲]?[\d,.]+[^\d\s]{0,3}")


@dataclass(frozen=True)
class Header:
    """The header row as found.

    line       index of its first line (or record) and `lines` how many it spans
    delimiter  sign between cells, "" in a spreadsheet
    words      header words as written, in order
    columns    role -> position
    """

    line: int
    lines: int
    delimiter: str
    words: tuple[str, ...]
    columns: dict[str, int]

    @property
    def width(self) -> int:
        """Number of columns up to the last one with a name."""
        named = [i for i, word in enumerate(self.words) if word.strip(_BLANK)]
        return named[-1] + 1 if named else 0

    def unknown(self) -> tuple[str, ...]:
        """Header words that no role of the city's file names."""
        taken = set(self.columns.values())
        return tuple(w.strip(_BLANK) for i, w in enumerate(self.words) if i not in taken and w.strip(_BLANK))


@dataclass
class Sorted:
    """Index of every record under what it is; each record stands in exactly one list."""

    read: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    aside: list[tuple[int, str]] = field(default_factory=list)
    heading: list[int] = field(default_factory=list)
    title: list[int] = field(default_factory=list)
    total: list[int] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)

    def count(self) -> int:
        return sum(
            len(part)
            for part in (self.read, self.repeated, self.aside, self.heading, self.title, self.total, self.empty)
        )


def find_header(lines: Sequence[str], spec_words: SpecWords) -> Header | None:
    """The first line that names most columns; None when no line names at least two (or the only one)."""
    found: list[Header] = []
    for number, line in enumerate(lines[:_HEAD_LINES]):
        for delimiter in DELIMITERS:
            if delimiter not in line and len(spec_words) > 1:
                continue
            cells, is_open = split_cells(line, delimiter)
            taken = 1
            while is_open and taken < _HEADER_LINES and number + taken < len(lines):
                taken += 1
                cells, is_open = split_cells("\n".join(lines[number : number + taken]), delimiter)
            if not is_open:
                found.append(Header(number, taken, delimiter, tuple(cells), match(cells, spec_words)))
            if found and len(found[-1].columns) == len(spec_words):
                return found[-1]
    return _best(found, len(spec_words))


def find_sheet_header(grid: Grid, spec_words: SpecWords) -> Header | None:
    """The same for a spreadsheet."""
    found = [Header(n, 1, "", tuple(c), match(c, spec_words)) for n, c in enumerate(grid.cells[:_HEAD_LINES])]
    return _best(found, len(spec_words))


def match(cells: Sequence[str], spec_words: SpecWords) -> dict[str, int]:
    """Position of each role whose header word occurs; the first position where a word occurs twice."""
    places: dict[str, int] = {}
    for position, cell in enumerate(cells):
        if len(cell) < 80:
            places.setdefault(fold_word(cell), position)
    return {role: min(places[w] for w in words if w in places) for role, words in spec_words if words & places.keys()}


def words_of(spec: SourceSpec) -> SpecWords:
    """The header words of every role of a spec, in its order."""
    return [(column.role, column.words) for column in spec.columns.values()]


def sort_records(grid: Grid, header: Header, titles: set[str], total_words: frozenset[str]) -> Sorted:
    """Every record of the grid under what it is.

    titles  texts of the lines above the header; equal lines further down are titles again

    Below a heading that names the columns in another order, the cells are put back into the first header's order.
    """
    out = Sorted()
    width, is_sheet = header.width, header.delimiter == ""
    layout = [fold_word(w) for w in header.words[:width]]
    heading = {w for w in layout if w}
    order: list[int] | None = None
    # One sign of each total word: a cheap first look at every row.
    marks = sorted({word[-1] for word in total_words})
    is_total = _total_test(total_words)
    blank = _BLANK + header.delimiter
    seen: set[str] = set()
    for index, (written, text) in enumerate(zip(grid.cells, grid.texts, strict=True)):
        cells = written
        if order is not None and len(cells) >= width:
            cells = grid.cells[index] = [cells[at] if at >= 0 else "" for at in order] + cells[width:]
        if index in grid.faults:
            out.aside.append((index, grid.faults[index]))
        elif not text or (text[0] in blank and not text.strip(blank)):
            out.empty.append(index)
        elif not cells[0][-1:].isdecimal() and _is_heading(cells, heading):
            out.heading.append(index)
            order = _new_order(layout, cells)
        elif any([mark in text for mark in marks]) and is_total(cells):
            out.total.append(index)
        elif text in titles:
            out.title.append(index)
        elif len(cells) < width and not is_sheet:
            out.aside.append((index, "short_row"))
        elif len(cells) > width and any(c.strip(_BLANK) for c in cells[width:]):
            out.aside.append((index, "long_row"))
        elif text in seen:
            out.repeated.append(index)
        else:
            seen.add(text)
            out.read.append(index)
    return out


def _best(candidates: list[Header], known: int) -> Header | None:
    least = min(2, known)
    best: Header | None = None
    for candidate in candidates:
        if len(candidate.columns) >= least and (best is None or len(candidate.columns) > len(best.columns)):
            best = candidate
    return best


def _is_heading(cells: list[str], heading: set[str]) -> bool:
    """Whether most of the header's words stand in this record, in whatever order."""
    if len(cells) * 2 <= len(heading) or len(cells[0]) > 40:
        return False
    # Looking at three cells spares folding every cell of every row.
    if not any(fold_word(c) in heading for c in cells[:3] if c):
        return False
    written = [fold_word(c) for c in cells if c.strip(_BLANK)]
    return sum(w in heading for w in written) * 2 > len(heading)


def _new_order(layout: list[str], cells: list[str]) -> list[int] | None:
    """Where the header's columns stand below a heading that names them in another order; None when in the same."""
    places = {fold_word(cell): at for at, cell in reversed(list(enumerate(cells)))}
    order = [places.get(word, -1) if word else -1 for word in layout]
    return None if order == list(range(len(layout))) else order


def _total_test(total_words: frozenset[str]) -> Callable[[list[str]], bool]:
    words = "|".join(re.escape(w) for w in sorted(total_words, key=lambda w: (-len(w), w)))
    # 東小学校計, 合計(人), 計35件: all other cells being amounts makes even a loose label certain.
    label = re.compile(rf".{{0,20}}(?:{words})|(?:{words}).{{0,12}}") if words else re.compile(r"(?!)")

    def is_total(cells: list[str]) -> bool:
        written = [folded for c in cells if (folded := _ORNAMENT.sub("", fold_word(c)))]
        labels = [w for w in written if label.fullmatch(w)]
        return bool(labels) and all(w in labels or _AMOUNT.fullmatch(w) for w in written)

    return is_total

"""One file of a delivery, written row by row: encoding, quoting, faults, and what became of every row.

A sheet knows the physical line it is on, so that the truth can name the line of every damaged row.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from operator import itemgetter
from random import Random
from typing import IO, NamedTuple, Protocol

from tsunagu.example_city.faults import Damage, Fault, Layout, Level
from tsunagu.example_city.letters import individual_number
from tsunagu.example_city.people import Person

_CHUNK = 4000
_GETA = "〓"  # what a system writes for a character it does not have


class Lost(NamedTuple):
    """A fact that a damaged row takes with it: item as in truth/lost.csv, and its period."""

    person: Person
    item: str
    period: str


class Ledger(Protocol):
    """Where a sheet reports what it did (delivery.py)."""

    def bad(self, sheet: Sheet, line: int, fault: tuple[str, str], key: str, person: Person | None) -> None:
        """A row that is no clean data row."""

    def lose(self, sheet: Sheet, lost: Lost, disposition: str) -> None:
        """A fact that cannot be known, or need not be."""


class Form(NamedTuple):
    """How a file is written: codec, byte order mark, line end, and which column goes where."""

    codec: str
    mark: bytes
    newline: str
    order: tuple[int, ...]
    header: tuple[str, ...]
    kana: Callable[[str], str] | None = None  # how readings are written, when not as usual


class Sheet:
    """A delimited file. Rows come in the layout's order; the form's order is applied when they are written."""

    def __init__(
        self, path: str, holder: str, sink: IO[bytes], layout: Layout, form: Form, *,
        level: Level, rng: Random, ledger: Ledger, slipped: Callable[[str], str] | None = None,
    ) -> None:  # fmt: skip
        self.path = path
        self.holder = holder
        self.rows = 0
        self._sink, self._layout, self._form, self._ledger, self._rng = sink, layout, form, ledger, rng
        self._damage = Damage(layout, level, rng)
        self._order = itemgetter(*form.order) if form.order != tuple(range(len(layout.header))) else None
        self._slipped = slipped
        self._kana = form.kana if layout.kana is not None else None
        self._line = 1
        self._buffer: list[str] = []
        sink.write(form.mark)
        for title in layout.titles:
            self._ignored("title_row" if title else "blank", title)
        self._emit(self._joined(list(form.header), ordered=True))

    def row(
        self,
        cells: list[str],
        key: str,
        person: Person | None = None,
        lost: Sequence[Lost] = (),
        birth: date | None = None,
    ) -> None:
        """Write one data row. birth is needed where the layout has a birth date; None when the cell is blank."""
        self.rows += 1
        if self._slipped is not None:
            cells.append(self._slipped(individual_number(self._rng)))
        if self._kana is not None and self._layout.kana is not None:
            cells[self._layout.kana] = self._kana(unicodedata.normalize("NFKC", cells[self._layout.kana]))
        fault = self._damage.next()
        if fault is None:
            self._emit(self._joined(cells))
            return
        self._strike(fault, cells, key, person, lost, birth=birth)

    def close(self) -> None:
        """Write what is left and the total row, if the file has one."""
        at = self._layout.total
        if at is not None:
            cells = [""] * len(self._form.header)
            cells[at] = "合計"
            self._ignored("total_row", self._joined(cells, ordered=True))
        self._flush()

    # --- one damaged row -----------------------------------------------------------------------------------------

    def _strike(
        self, fault: Fault, cells: list[str], key: str, person: Person | None, lost: Sequence[Lost],
        *, birth: date | None,
    ) -> None:  # fmt: skip
        kind = fault.kind
        line = self._joined(cells)
        if kind in ("blank", "header_repeat", "total_row"):
            self._ignored(kind, self._extra(kind))
            self._emit(line)
            return
        if kind == "duplicate":
            self._emit(line)
            self.rows += 1
        elif kind == "superseded":
            self._emit_both(fault, cells, key, person)
            return
        elif kind == "long_row_empty":
            line += self._layout.delimiter * self._rng.randint(1, 3)
        elif kind == "short_row":
            kept = self._rng.randint(self._layout.cut, max(self._layout.cut, len(cells) - 3))
            line = self._layout.delimiter.join(self._ordered(cells)[:kept])
        elif kind == "long_row" and self._layout.text is not None:
            line = self._shifted(cells)
        elif kind == "open_quote" and self._layout.text is not None:
            cells[self._layout.text] = '"要確認'
            line = self._layout.delimiter.join(self._ordered(cells))
        elif kind == "other_encoding":
            self._raw(line, key, person, lost, fault)
            return
        elif self._damage.apply(kind, cells, birth):
            line = self._joined(cells)
        else:
            self._emit(line)
            return
        self._ledger.bad(self, self._line, (kind, fault.disposition), key, person)
        for fact in lost if fault.lost else ():
            self._ledger.lose(self, fact, fault.lost)
        self._emit(line)

    def _emit_both(self, fault: Fault, cells: list[str], key: str, person: Person | None) -> None:
        """The row and an older state of it, in either order; the later 更新日時 counts."""
        line, older = self._joined(cells), list(cells)
        if not self._damage.apply(fault.kind, older, None):
            self._emit(line)
            return
        self.rows += 1
        first = self._rng.random() < 0.5
        if not first:
            self._emit(line)
        self._ledger.bad(self, self._line, (fault.kind, fault.disposition), key, person)
        self._emit(self._joined(older))
        if first:
            self._emit(line)

    def _shifted(self, cells: list[str]) -> str:
        """A comma in a cell that nobody quoted: one field too many, and everything behind it moved."""
        wide = self._ordered(cells)
        at = self._rng.randrange(max(1, self._layout.cut), len(wide))
        wide.insert(at, wide[at] or "不明")
        wide[-1] = wide[-1] or "確認"
        return self._layout.delimiter.join(wide)

    def _raw(self, line: str, key: str, person: Person | None, lost: Sequence[Lost], fault: Fault) -> None:
        """One line pasted in from a file of another encoding."""
        if self._form.codec not in ("cp932", "utf-8") or not self._differs(line):
            self._emit(line)
            return
        self._flush()
        self._ledger.bad(self, self._line, (fault.kind, fault.disposition), key, person)
        for fact in lost:
            self._ledger.lose(self, fact, fault.lost)
        other = "utf-8" if self._form.codec == "cp932" else "cp932"
        self._sink.write(_encode(line + self._form.newline, other))
        self._line += line.count("\n") + 1

    def _differs(self, line: str) -> bool:
        return not line.isascii() and max(line) < "\ue000"

    def _extra(self, kind: str) -> str:
        width = len(self._form.header)
        if kind == "blank":
            return self._rng.choice(("", self._layout.delimiter * (width - 1)))
        if kind == "header_repeat":
            return self._joined(list(self._form.header), ordered=True)
        cells = [""] * width
        cells[self._rng.randrange(min(2, width))] = self._rng.choice(("*** 計 ***", "*** 計 ***", "小計", "合計"))
        cells[-1] = str(self.rows - 1)
        return self._joined(cells, ordered=True)

    # --- lines ---------------------------------------------------------------------------------------------------

    def _ordered(self, cells: list[str]) -> list[str]:
        return cells if self._order is None else list(self._order(cells))

    def _joined(self, cells: list[str], *, ordered: bool = False) -> str:
        wide = cells if ordered else self._ordered(cells)
        if self._layout.quoted:
            return '"' + '","'.join(cell.replace('"', '""') for cell in wide) + '"'
        mark = self._layout.delimiter
        line = mark.join(wide)
        if '"' in line or "\n" in line or line.count(mark) != len(wide) - 1:
            line = mark.join(_quoted(cell, mark) for cell in wide)
        return line

    def _ignored(self, kind: str, line: str) -> None:
        self._ledger.bad(self, self._line, (kind, "ignore"), "", None)
        self._emit(line)

    def _emit(self, line: str) -> None:
        self._buffer.append(line)
        self._line += line.count("\n") + 1
        if len(self._buffer) >= _CHUNK:
            self._flush()

    def _flush(self) -> None:
        if self._buffer:
            end = self._form.newline
            self._sink.write(_encode(end.join(self._buffer) + end, self._form.codec))
            self._buffer.clear()


def _quoted(cell: str, mark: str) -> str:
    if '"' in cell or "\n" in cell or mark in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _geta(error: UnicodeError) -> tuple[str, int]:
    """One 〓 for each character the codec does not have."""
    assert isinstance(error, UnicodeEncodeError)
    return _GETA * (error.end - error.start), error.end


codecs.register_error("example_city.geta", _geta)


def _encode(text: str, codec: str) -> bytes:
    return text.encode(codec, errors="example_city.geta")

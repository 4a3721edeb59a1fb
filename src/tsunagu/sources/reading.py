"""One file's bytes to a table of records, with the account of every line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tsunagu.errors import EngineError
from tsunagu.sources.containers import FileFault, recognise
from tsunagu.sources.encodings import decode
from tsunagu.sources.facts import Manner
from tsunagu.sources.lines import Grid, read_records, split_lines
from tsunagu.sources.rows import Header, Sorted, find_header, find_sheet_header, sort_records, words_of
from tsunagu.sources.spec import SourceSpec
from tsunagu.sources.spreadsheets import read_sheet
from tsunagu.sources.tables import Found, SetAside, TableResult, read_table

_BLANK = ' \t\u3000\x1f\x00"'


@dataclass
class FileAccount:
    """What became of one file, line by line.

    status     read, reference (read, describes no person), slip, set_aside, missing, not_understood
    reason     why it was set aside or not understood, "" otherwise
    promised   rows the slip promises; None when it says nothing
    rows_of    heading, title, total, empty, repeated, set_aside -> the physical lines, in ranges
    columns    role -> header word found; not_found: roles without a column; not_read: header words no role names
    dropped    header words of columns of individual numbers
    sheets_not_read  sheets of a workbook that hold cells and that the city's file does not name
    """

    file: str
    holder: str
    spec: str = ""
    status: str = "read"
    reason: str = ""
    encoding: str = ""
    encoding_stated: str = ""
    rescued_lines: int = 0
    undecodable: bool = False
    physical_lines: int = 0
    records: int = 0
    read: int = 0
    repeated: int = 0
    set_aside: int = 0
    heading: int = 0
    title: int = 0
    total: int = 0
    empty: int = 0
    promised: int | None = None
    rows_of: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    not_found: tuple[str, ...] = ()
    not_read: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    sheets_not_read: tuple[str, ...] = ()

    @property
    def data_rows(self) -> int:
        """Rows that hold data, as a slip counts them."""
        return self.read + self.repeated + self.set_aside

    def require_sum(self) -> None:
        """Raises EngineError unless every record found has exactly one disposition."""
        named = self.data_rows + self.heading + self.title + self.total + self.empty
        if named != self.records:
            raise EngineError(
                f"{self.records} records were found but {named} are accounted for",
                where=self.file,
                to_do="This is a fault of the program, not of the data. Please report it.",
            )


@dataclass(frozen=True)
class _Opened:
    """A file cut at its header: the rows and texts of the lines above it, and the records below."""

    above: list[tuple[int, str]]
    header: Header
    below: Grid

    def titles(self) -> list[tuple[int, str]]:
        return [(row, text) for row, text in self.above if text.strip(_BLANK + self.header.delimiter)]


def read_file(data: bytes, manner: Manner, account: FileAccount, *, extra: Sequence[str] = ()) -> TableResult:
    """A file's records and facts; fills the account. Raises FileFault when the file as a whole cannot be read."""
    spec = manner.spec
    opened = _open(data, spec, account)
    header = opened.header
    account.columns = {role: header.words[at].strip() for role, at in header.columns.items()}
    account.not_found = tuple(role for role in spec.columns if role not in header.columns)
    account.not_read = header.unknown()
    if spec.required_roles - header.columns.keys() or len(header.columns) * 2 < len(spec.columns):
        raise FileFault("missing_column")
    titles = {text.rstrip(header.delimiter or None) for _, text in opened.titles()}
    rows = sort_records(opened.below, header, titles, manner.total_words)
    _count(account, opened, rows)
    result = read_table(Found(opened.below, header, rows), manner, extra=extra)
    account.dropped = result.dropped
    # Without its key column a file is still read: names and birth dates may tell whom a row concerns.
    lost = [role for role in spec.key_roles if role not in header.columns]
    result.aside += [SetAside(0, role, "column", "missing_column", "") for role in lost]
    return result


def _open(data: bytes, spec: SourceSpec, account: FileAccount) -> _Opened:
    content = recognise(data)
    words = words_of(spec)
    if content.nature == "spreadsheet":
        grid, account.sheets_not_read = read_sheet(content.data, spec.sheet)
        account.encoding, account.physical_lines = "spreadsheet", grid.physical_lines
        header = find_sheet_header(grid, words)
        if header is None:
            raise FileFault("no_header" if grid.rows else "empty_file")
        above = list(zip(grid.rows, grid.texts, strict=True))[: header.line]
        return _Opened(above, header, grid.after(header.line))
    if content.nature != "text":
        raise FileFault("unexpected_container")
    found = decode(content.data, spec.encodings, account.encoding_stated, words)
    account.encoding, account.rescued_lines, account.undecodable = (
        found.encoding,
        len(found.rescued),
        not found.lossless,
    )
    lines = split_lines(found.text)
    account.physical_lines = len(lines)
    header = find_header(lines, words)
    if header is None:
        raise FileFault("no_header")
    first = header.line + header.lines
    below = read_records(lines[first:], header.delimiter, header.width, first=first + 1)
    return _Opened(list(enumerate(lines[: header.line], start=1)), header, below)


def _count(account: FileAccount, opened: _Opened, rows: Sorted) -> None:
    """Writes every record's disposition into the account, what stood above the header included."""
    grid = opened.below
    titles = [row for row, _ in opened.titles()]
    found = {
        "repeated": [grid.rows[i] for i in rows.repeated],
        "set_aside": [grid.rows[i] for i, _ in rows.aside],
        "heading": [opened.header.line + 1, *(grid.rows[i] for i in rows.heading)],
        "title": [*titles, *(grid.rows[i] for i in rows.title)],
        "total": [grid.rows[i] for i in rows.total],
        "empty": [*({row for row, _ in opened.above} - set(titles)), *(grid.rows[i] for i in rows.empty)],
    }
    account.records = len(opened.above) + 1 + len(grid.rows)
    account.read = len(rows.read)
    account.repeated, account.set_aside = len(found["repeated"]), len(found["set_aside"])
    account.heading, account.title = len(found["heading"]), len(found["title"])
    account.total, account.empty = len(found["total"]), len(found["empty"])
    account.rows_of = {name: ranges(numbers) for name, numbers in found.items() if numbers}
    account.require_sum()


def ranges(rows: list[int]) -> str:
    """`1-3,7`: row numbers in order, runs joined."""
    parts: list[list[int]] = []
    for row in sorted(rows):
        if parts and row <= parts[-1][1] + 1:
            parts[-1][1] = row
        else:
            parts.append([row, row])
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in parts)

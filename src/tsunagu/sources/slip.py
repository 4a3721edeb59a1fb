"""The slip (送付票) that comes with a delivery: what was sent, in which encoding, how many rows, as of which day."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from tsunagu.sources.containers import FileFault, recognise
from tsunagu.sources.encodings import decode
from tsunagu.sources.lines import read_records, split_lines
from tsunagu.sources.rows import find_header, words_of
from tsunagu.sources.spec import SourceSpec
from tsunagu.sources.values import number_reader
from tsunagu.sources.words import fold_text
from tsunagu.text.dates import read_moment


@dataclass(frozen=True)
class SlipLine:
    """What the sender says of one file."""

    encoding: str
    rows: int | None
    as_of: date | None


@dataclass(frozen=True)
class Slip:
    """The whole slip.

    path   its place below the extracts folder, "" when there is none
    as_of  the latest day it names, None when none can be read; `days` are all that it names
    fault  why it could not be read, "" otherwise
    """

    path: str = ""
    sha256: str = ""
    size: int = 0
    as_of: date | None = None
    days: tuple[date, ...] = ()
    lines: Mapping[str, SlipLine] = field(default_factory=dict)
    fault: str = ""


def read_slip(path: str, data: bytes, spec: SourceSpec) -> Slip:
    """The slip; a damaged one gives its fault instead of lines, and the delivery is read without it."""
    blank = Slip(path=path, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    try:
        content = recognise(data)
        if content.nature != "text":
            raise FileFault("unexpected_container")
    except FileFault as fault:
        return replace(blank, fault=fault.kind)
    words = words_of(spec)

    lines = split_lines(decode(content.data, spec.encodings, "", words).text)
    header = find_header(lines, words)
    if header is None or not {"file", "as_of"} <= header.columns.keys():
        return replace(blank, fault="no_header")
    grid = read_records(lines[header.line + header.lines :], header.delimiter, header.width)
    found: dict[str, SlipLine] = {}
    for cells in grid.cells:
        cell = {role: fold_text(cells[at]) if at < len(cells) else "" for role, at in header.columns.items()}
        if cell["file"]:
            rows, _ = (
                number_reader(spec.columns["rows"])(cell.get("rows", "")) if "rows" in spec.columns else (None, "")
            )
            found[cell["file"].replace("\\", "/")] = SlipLine(
                encoding=cell.get("encoding", ""),
                rows=int(rows) if rows is not None else None,
                as_of=read_moment(cell["as_of"]).day,
            )
    days = tuple(sorted({line.as_of for line in found.values() if line.as_of}))
    return replace(blank, as_of=days[-1] if days else None, days=days, lines=found)

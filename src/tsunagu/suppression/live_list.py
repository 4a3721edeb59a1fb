"""The residents' department's own list, read again each time an address might be shown.

A row per person with the resident number and the first and last day, as the department's system writes it
(宛名番号, 開始日, 終了日, any other columns; CP932 or UTF-8) or under plain headers (resident_no, from, to).
A list that is not there, is old, is just being written, or holds one row that is not understood cannot say of anybody
that there is no protection: then every address is hidden.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from tsunagu.suppression.in_force import is_in_force
from tsunagu.text.dates import read_moment

_WORDS = {
    "resident_no": ("宛名番号", "住民番号", "宛名CD", "宛名コード", "resident_no"),
    "from": ("開始日", "支援開始日", "from"),
    "to": ("終了日", "支援終了日", "to"),
}
_OTHER_PARTY = ("相手方氏名", "other_party")
# 支援措置終了者一覧, and whatever a copy of it is called: who stands in it may have applied again since.
_ENDED = "終了"
#: A file that changed a moment ago may not be whole yet.
QUIET = dt.timedelta(seconds=2)
#: Clocks of two machines may differ by so much; a file from further ahead says that one of them is wrong.
_AHEAD = dt.timedelta(minutes=2)
_LARGEST = 16 * 1024 * 1024


@dataclass(frozen=True)
class Listed:
    """A row in force: the resident number without leading zeros, and the other party as written ("" where blank)."""

    resident_no: str
    other_party: str


@dataclass(frozen=True)
class LiveList:
    """The list as it stands now.

    rows       rows in force; () when the list cannot be trusted
    distrust   why not, one of: not_set, ended_list, missing, unreadable, too_large, old, from_ahead, being_written,
               half_written, no_header, bad_row; "" for a list that can be trusted
    """

    rows: tuple[Listed, ...]
    distrust: str

    @property
    def is_trusted(self) -> bool:
        return not self.distrust

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset(row.resident_no for row in self.rows)


def list_bytes(path: Path | None, *, now: dt.datetime, oldest: dt.timedelta) -> tuple[bytes, str]:
    """The list's bytes as they stand now, or b"" and why they cannot be trusted; never raises.

    now     the moment of the display, with its time zone
    oldest  a file that was written longer ago is not trusted
    """
    if path is None:
        return b"", "not_set"
    if _ENDED in unicodedata.normalize("NFC", path.name):
        return b"", "ended_list"
    try:
        before = path.stat()
        if before.st_size > _LARGEST:
            return b"", "too_large"
        data = path.read_bytes()
        after = path.stat()
    except FileNotFoundError:
        return b"", "missing"
    except OSError:
        return b"", "unreadable"
    distrust = _age_fault(before, after, now, oldest)
    return (b"", distrust) if distrust else (data, "")


def _age_fault(before: os.stat_result, after: os.stat_result, now: dt.datetime, oldest: dt.timedelta) -> str:
    if (before.st_ino, before.st_size, before.st_mtime_ns) != (after.st_ino, after.st_size, after.st_mtime_ns):
        return "being_written"
    age = now - dt.datetime.fromtimestamp(after.st_mtime, tz=dt.UTC)
    if age > oldest:
        return "old"
    if age < -_AHEAD:
        return "from_ahead"
    return "being_written" if age < QUIET else ""


def understood(data: bytes, on: dt.date) -> LiveList:
    """The rows in force on that day, when every row is understood; never raises."""
    text = _decoded(data)
    if text is None or "\x00" in text or "\ufffd" in text:
        return LiveList((), "unreadable")
    if not text.endswith(("\n", "\r")):
        return LiveList((), "half_written")
    try:
        lines = [
            cells for cells in csv.reader(io.StringIO(text, newline=""), strict=True) if any(map(str.strip, cells))
        ]
    except csv.Error:
        return LiveList((), "half_written")
    place = _places(lines[0]) if lines else {}
    if not {"resident_no", "from", "to"} <= place.keys():
        return LiveList((), "no_header")
    found = []
    for cells in lines[1:]:
        row = _row(cells, len(lines[0]), place, on)
        if row is None:
            return LiveList((), "bad_row")
        found += row
    return LiveList(tuple(found), "")


def _decoded(data: bytes) -> str | None:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _places(header: list[str]) -> dict[str, int]:
    folded = ["".join(unicodedata.normalize("NFKC", cell).split()) for cell in header]
    known = {**_WORDS, "other_party": _OTHER_PARTY}
    return {role: folded.index(w) for role, words in known.items() for w in words if w in folded}


def _row(cells: list[str], width: int, place: dict[str, int], on: dt.date) -> list[Listed] | None:
    """The row if it is in force, [] if it is not, None if it is not understood."""
    if len(cells) != width:
        return None
    number = "".join(unicodedata.normalize("NFKC", cells[place["resident_no"]]).split()).lstrip("0")
    if not (number.isascii() and number.isdecimal()):
        return None
    start, end = read_moment(cells[place["from"]]), read_moment(cells[place["to"]])
    # A placeholder is an open end (99999999); as a first day it says nothing.
    if start.kind or end.kind == "bad_date":
        return None
    if start.day is not None and end.day is not None and end.day < start.day:
        return None
    if not is_in_force(start.day, end.day, on):
        return []
    other = cells[place["other_party"]].strip() if "other_party" in place else ""
    return [Listed(number, other)]

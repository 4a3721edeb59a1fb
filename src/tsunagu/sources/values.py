"""One cell to one value, by the kind its column declares. Nothing here guesses: what does not fit is named.

Every reader gives a pair: the value (None when there is none) and why it could not be read ('' when it could, or
when the cell is blank).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tsunagu.sources.spec import ColumnSpec
from tsunagu.sources.words import fold_text, fold_word
from tsunagu.text.dates import moment_as_datetime, read_fiscal_year, read_moment

# What a reader gives is typed by its column's Arrow type, checked where the array is built.
Reading = tuple[Any, str]
Reader = Callable[[str], Reading]

_SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d+)?[eE]\+?\d+")
_WHOLE_FLOAT = re.compile(r"\d+\.0+")
_GUARD = re.compile(r'="?([^"]*)"?')
_NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d{1,6})?|[+-]?\.\d{1,6})(\D*)")
_AGE = re.compile(
    r"(?:満|約|推定)?(\d{1,2})(?:歳|才)(?:\d{1,2}(?:か|ヶ|ケ|カ|ヵ)月)?(?:くらい|位|ぐらい|前後|頃)?(?:\(推定\))?"
)
_MONTHS = re.compile(r"(?:生後|約)?(?:\d|1[01])(?:か|ヶ|ケ|カ|ヵ)月(?:くらい|位|ぐらい|頃|児)?")
_SEAT = re.compile(r"(\d{1,2})[-年/](.{1,6}?)組?[-/]?(\d{1,3})番?")
_SEAT_PARTED = re.compile(r"(\d{1,2})[-年/]([^-/]{1,6}?)(?:組|[-/])(\d{1,3})番?")
_FIRST_BIRTH = date(1890, 1, 1)
# Extracts are drawn some days after the day they speak of; what lies further ahead is a mistake.
_AHEAD = timedelta(days=62)


def text_value(cell: str) -> Reading:
    """Text as written, outer blanks removed; a cell that held NUL is not trusted."""
    if "\x00" in cell:
        return None, "nul"
    return cell.strip() or None, ""


def key_value(cell: str) -> Reading:
    """A key in one form: NFKC, no blanks, no leading zeros; scientific notation cannot be restored."""
    if "\x00" in cell:
        return None, "nul"
    text = re.sub(r"\s+", "", fold_text(cell)).lstrip("'")
    if guarded := _GUARD.fullmatch(text):
        text = guarded[1]
    if not text:
        return None, ""
    if _SCIENTIFIC.fullmatch(text):
        return None, "sci_number"
    if "\ufffd" in text:
        return None, "undecodable"
    if _WHOLE_FLOAT.fullmatch(text):
        text = text.split(".")[0]
    return text.lstrip("0") or None, ""


def number_key_value(cell: str) -> Reading:
    """A key made of digits only."""
    value, kind = key_value(cell)
    if value is not None and not (value.isascii() and value.isdecimal()):
        return None, "bad_number"
    return value, kind


def date_reader(*, latest: date | None, is_open: bool) -> Reader:
    """Dates; a placeholder such as 99999999 is an open end where the column says so, else unreadable."""

    def read(cell: str) -> Reading:
        if "\x00" in cell:
            return None, "nul"
        moment = read_moment(cell)
        if moment.kind == "placeholder":
            return None, "" if is_open else "bad_date"
        if moment.day is not None and latest is not None and moment.day > latest:
            return None, "future_date"
        return moment.day, moment.kind

    return read


def birth_reader(on: date | None) -> Reader:
    """Birth dates: never after the delivery's day, never before 1890."""

    def read(cell: str) -> Reading:
        day, kind = date_reader(latest=on, is_open=False)(cell)
        return (None, "bad_date") if day is not None and day < _FIRST_BIRTH else (day, kind)

    return read


def moment_value(cell: str) -> Reading:
    """Date with time of day."""
    if "\x00" in cell:
        return None, "nul"
    moment = read_moment(cell)
    kind = "bad_date" if moment.kind else ""
    return moment_as_datetime(moment), kind


def age_value(cell: str) -> int | None:
    """Years, where an age stands in place of a birth date (`10歳くらい`)."""
    text = re.sub(r"\s+", "", fold_text(cell))
    if found := _AGE.fullmatch(text):
        return int(found[1])
    return 0 if _MONTHS.fullmatch(text) else None


def fiscal_year_value(cell: str) -> Reading:
    """A fiscal year in any form that `dates.read_fiscal_year` knows."""
    if not cell.strip():
        return None, ""
    year = read_fiscal_year(cell.replace("\x00", "?"))
    return year, "" if year is not None else "bad_year"


def code_reader(codes: Mapping[str, str], blank: frozenset[str]) -> Reader:
    """A code by the city's map; leading zeros and a trailing .0 make no difference."""
    by_number = {c.lstrip("0") or "0": v for c, v in codes.items() if c.isdecimal()}

    def read(cell: str) -> Reading:
        if "\x00" in cell:
            return None, "nul"
        word = fold_word(cell)
        if not word or word in blank:
            return None, ""
        if word in codes:
            return codes[word], ""
        if _WHOLE_FLOAT.fullmatch(word):
            word = word.split(".")[0]
        value = by_number.get(word.lstrip("0") or "0") if word.isdecimal() else None
        return value, "" if value is not None else "unknown_code"

    return read


def number_reader(column: ColumnSpec) -> Reader:
    """An exact number within the column's plausible range; a unit the city names may follow it."""

    def read(cell: str) -> Reading:
        if "\x00" in cell:
            return None, "nul"
        word = fold_word(cell)
        if not word or word in column.blank:
            return None, ""
        found = _NUMBER.fullmatch(word)
        if not found or (found[2] and found[2] not in column.units):
            return None, "sci_number" if _SCIENTIFIC.fullmatch(word) else "bad_number"
        number = Decimal(found[1].replace(",", ""))
        if (column.least is not None and number < column.least) or (column.most is not None and number > column.most):
            return None, "impossible_number"
        return number, ""

    return read


def whole_reader(column: ColumnSpec) -> Reader:
    """The same for whole numbers below two thousand million."""

    def read(cell: str) -> Reading:
        number, kind = number_reader(column)(cell)
        if number is None:
            return None, kind
        if number != int(number) or abs(number) > 2_000_000_000:
            return None, "bad_number"
        return int(number), ""

    return read


def school_name_reader(by_name: Mapping[str, str]) -> Reader:
    """A school's code by its name: the whole name, the name behind "City, founded by" (立), or the one that ends so."""

    def read(cell: str) -> Reading:
        if "\x00" in cell:
            return None, "nul"
        word = fold_word(cell)
        if not word:
            return None, ""
        if word in by_name:
            return by_name[word], ""
        ends = {name.removesuffix(word): code for name, code in by_name.items() if name.endswith(word)}
        # "East School" is the city's own East School, even where a Sakuradai-East School ends in the same words.
        plain = {code for before, code in ends.items() if before.endswith("立")} or set(ends.values())
        if len(plain) == 1:
            return plain.pop(), ""
        return None, "unknown_school"

    return read


def seat_value(cell: str) -> tuple[int, str, int] | None:
    """Grade, class and number written in one cell: 3-2-15, 3年2組15番."""
    text = re.sub(r"\s+", "", fold_text(cell))
    text = re.sub(r"[‐‑‒–—―−ー]", "-", text)
    found = _SEAT_PARTED.fullmatch(text) or _SEAT.fullmatch(text)
    return (int(found[1]), found[2], int(found[3])) if found else None


def latest_day(on: date | None) -> date | None:
    """The last day an event may bear in a delivery of this day; None when the day is unknown."""
    return on + _AHEAD if on else None

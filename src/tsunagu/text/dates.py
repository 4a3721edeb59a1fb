"""Dates as departments write them: ISO, 和暦, era-digit numbers, Excel serial numbers.

Every form is tried on the NFKC text without blanks, so `Ｒ 5. 4. 1` and `R5.4.1` are one.
Papers printed before May 2019 say 平成31年 for dates in 令和; both parse.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

_ERA_START = {"M": 1867, "T": 1911, "S": 1925, "H": 1988, "R": 2018}
_ERA_LAST = {"M": 45, "T": 15, "S": 64, "H": 31, "R": 99}
_ERA_NAMES = {"明治": "M", "大正": "T", "昭和": "S", "平成": "H", "令和": "R"}
_ERA_NAMES |= {"明": "M", "大": "T", "昭": "S", "平": "H", "令": "R"}
_ERA_DIGITS = {"1": "M", "2": "T", "3": "S", "4": "H", "5": "R"}

_TIME = r"(?:[T]?(\d{1,2})[:時](\d{1,2})(?:[:分](\d{1,2})(?:\.\d+)?秒?|分?)(?:Z|[+-]\d{2}:?\d{2})?)?"
_WEEKDAY = r"(?:\([月火水木金土日]\))?"
_PARTED = re.compile(r"(\d{4})([-/.年])(\d{1,2})[-/.月](\d{1,2})日?" + _WEEKDAY + _TIME)
_ERA = re.compile(
    r"(明治|大正|昭和|平成|令和|明|大|昭|平|令|[MTSHR])\.?(\d{1,2}|元)[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    + _WEEKDAY
    + _TIME
)
_ERA_PACKED = re.compile(r"([MTSHR])(\d{2})(\d{2})(\d{2})")
_PLACEHOLDER = re.compile(
    r"[1-5]?9{6,8}|0{1,8}|99991231|9999(?P<sign>[-/.])12(?P=sign)31"
    r"|(?:0000|9999|(?:明治|大正|昭和|平成|令和|[MTSHR])(?:00|99))[-/.年](?:00|99)[-/.月](?:00|99)日?"
)

# A spreadsheet's number written out: a serial with its time of day, or YYYYMMDD as 20180401.0.
_FLOAT = re.compile(r"\d{5}\.\d+|\d{8}\.0+")
_SERIAL_ZERO = date(1899, 12, 30)
_FIRST_YEAR, _LAST_YEAR = 1868, 2199


class Moment(NamedTuple):
    """A date as read.

    day   the day, None when blank, a placeholder or unreadable
    time  seconds since midnight, None when no time of day is written
    kind  '' (read, or blank), 'placeholder', 'bad_date'
    """

    day: date | None
    time: int | None
    kind: str


_BLANK = Moment(None, None, "")
_BAD = Moment(None, None, "bad_date")


@lru_cache(maxsize=200_000)
def read_moment(cell: str) -> Moment:
    """A date, with time of day where one is written; never raises."""
    text = unicodedata.normalize("NFKC", cell)
    # "2026/4/1 9:05" must not become 2026/4/19:05: a blank between two digits parts day and time.
    text = re.sub(r"(?<=\d)\s+(?=\d{1,2}[:時])", "T", text)
    text = re.sub(r"\s+", "", text)
    if not text:
        return _BLANK
    if _PLACEHOLDER.fullmatch(text):
        return Moment(None, None, "placeholder")
    if text.isdecimal() and text.isascii():
        return _from_digits(text)
    if found := _PARTED.fullmatch(text):
        year, _, month, day, *time = found.groups()
        return _moment(int(year), month, day, time)
    if found := _ERA.fullmatch(text.upper()):
        name, year, month, day, *time = found.groups()
        return _era_moment(_ERA_NAMES.get(name, name), "1" if year == "元" else year, month, day, time)
    if found := _ERA_PACKED.fullmatch(text.upper()):
        era, year, month, day = found.groups()
        return _era_moment(era, year, month, day, [])
    if _FLOAT.fullmatch(text):
        return _from_digits(text.split(".")[0])
    return _BAD


def moment_as_datetime(moment: Moment) -> datetime | None:
    """Day and time together (midnight when no time is written); None when there is no day."""
    if moment.day is None:
        return None
    return datetime(moment.day.year, moment.day.month, moment.day.day) + timedelta(seconds=moment.time or 0)  # noqa: DTZ001 - local civil time as the holder writes it


@lru_cache(maxsize=4096)
def read_fiscal_year(cell: str) -> int | None:
    """A fiscal year: 2025, R07, 令和7年度, 平成31年度; None when it has no such form."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", cell)).upper().removesuffix("度").removesuffix("年")
    text = re.sub(r"\.0+$", "", text)
    if re.fullmatch(r"\d{4}", text):
        return int(text) if 1950 <= int(text) <= _LAST_YEAR else None
    if found := re.fullmatch(r"(明治|大正|昭和|平成|令和|[MTSHR])(\d{1,2}|元)", text):
        era = _ERA_NAMES.get(found[1], found[1])
        number = 1 if found[2] == "元" else int(found[2])
        return _ERA_START[era] + number if 1 <= number <= _ERA_LAST[era] else None
    return None


def _from_digits(text: str) -> Moment:
    if len(text) == 8:
        return _moment(int(text[:4]), text[4:6], text[6:], [])
    if len(text) == 7 and text[0] in _ERA_DIGITS:
        return _era_moment(_ERA_DIGITS[text[0]], text[1:3], text[3:5], text[5:], [])
    if len(text) == 5:
        # Excel counts days from 1899-12-30 (its leap day of 1900 never was); 10000 is 1927, 73050 the year 2099.
        serial = int(text)
        return Moment(_SERIAL_ZERO + timedelta(days=serial), None, "") if 10_000 <= serial <= 73_050 else _BAD
    if len(text) == 14:
        head = _from_digits(text[:8])
        return _moment(head.day.year, text[4:6], text[6:8], [text[8:10], text[10:12], text[12:]]) if head.day else _BAD
    return _BAD


def _era_moment(era: str, year: str, month: str, day: str, time: list[str | None]) -> Moment:
    number = int(year)
    if not 1 <= number <= _ERA_LAST[era]:
        return _BAD
    return _moment(_ERA_START[era] + number, month, day, time)


def _moment(year: int, month: str, day: str, time: list[str | None]) -> Moment:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return _BAD
    try:
        found = date(year, int(month), int(day))
    except ValueError:
        return _BAD
    if not time or time[0] is None:
        return Moment(found, None, "")
    hour, minute, second = (int(part or 0) for part in (*time, None, None)[:3])
    if hour > 23 or minute > 59 or second > 59:
        return _BAD
    return Moment(found, hour * 3600 + minute * 60 + second, "")

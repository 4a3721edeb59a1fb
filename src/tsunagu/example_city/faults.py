"""What goes wrong with a row between a system and the file it hands over.

A fault is chosen for a row that the layout of its file allows it in, changes the cells (or the line), and says
what a reader must do with the row: read it, read it with one value unknown, set it aside, or either.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import date
from math import log
from random import Random
from typing import Literal, NamedTuple

from tsunagu.example_city.letters import DATE_FORMS, KANA_FORMS, full_width, large_letters, serial

Disposition = Literal["ignore", "read", "read_value_unknown", "either", "quarantine"]
Level = Literal["none", "usual", "heavy"]


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of a file by the place they have before a year's order is applied, and what may happen to them.

    key      the column a spreadsheet would turn into 1.23E+08 (None: the key is no number)
    zeros    columns that may lose leading zeros
    dates    columns with a birth date
    counts   counts of days; scales: values 1-5; codes: coded values; amounts: numbers nobody decides on
    text     a column of free text
    """

    header: tuple[str, ...]
    key: int | None = None
    zeros: tuple[int, ...] = ()
    dates: tuple[int, ...] = ()
    sex: int | None = None
    kana: int | None = None
    counts: tuple[int, ...] = ()
    scales: tuple[int, ...] = ()
    codes: tuple[int, ...] = ()
    amounts: tuple[int, ...] = ()
    text: int | None = None
    stamp: int | None = None  # 更新日時: a row may be followed or preceded by an older state of itself
    cut: int = 0  # the smallest number of cells a cut row keeps; 0: rows of this file are never cut
    titles: tuple[str, ...] = ()
    total: int | None = None  # the column of 合計 in the last row
    delimiter: str = ","
    quoted: bool = False
    calm: bool = False  # a long file of small answers: only whole-row faults
    kinds: tuple[str, ...] = field(default=())  # when given, only these


class Fault(NamedTuple):
    """What happened to a row: kind, what a reader must do, whether the row's facts are lost and how."""

    kind: str
    disposition: Disposition
    lost: str = ""  # "" | quarantine | value_unknown | either


# kind -> weight in a usual file. Kinds after the bar occur in heavily damaged deliveries only.
_WEIGHTS = {
    "duplicate": 30, "leadzero": 14, "long_row_empty": 9, "blank": 7, "serial": 4, "width": 7, "unit": 5, "code": 5,
    "wrongsex": 5, "nokana": 3, "baddate": 3, "future": 3, "sci": 3, "newline": 2, "quote": 3, "inject": 3, "nul": 2,
    "short_row": 4, "header_repeat": 3, "total_row": 2, "superseded": 3,
}  # fmt: skip
_HEAVY = {
    "impossible": 5,
    "long_row": 4,
    "other_encoding": 3,
    "open_quote": 2,
    "large_kana": 3,
    "wide_key": 4,
    "time_of_day": 3,
    "padded": 5,
    "other_date": 4,
    "wide_code": 4,
    "kana_form": 4,
}
_CALM = ("duplicate", "long_row_empty", "blank", "header_repeat")
_OUTCOMES: dict[str, Fault] = {
    fault.kind: fault
    for fault in (
        Fault("duplicate", "read"), Fault("leadzero", "read"), Fault("long_row_empty", "read"), Fault("blank",
            "ignore"),
        Fault("serial", "read"), Fault("width", "read"), Fault("unit", "read"), Fault("wrongsex", "read"),
        Fault("code", "read_value_unknown", "value_unknown"), Fault("impossible", "read_value_unknown",
            "value_unknown"),
        Fault("nokana", "read"), Fault("baddate", "either", "either"), Fault("future", "either", "either"),
        Fault("sci", "either", "either"), Fault("newline", "read"), Fault("quote", "read"), Fault("inject", "read"),
        Fault("nul", "either", "either"), Fault("short_row", "quarantine", "quarantine"),
        Fault("header_repeat", "ignore"), Fault("total_row", "ignore"), Fault("long_row", "quarantine", "quarantine"),
        Fault("other_encoding", "either", "either"), Fault("open_quote", "either", "either"),
        Fault("large_kana", "read"), Fault("wide_key", "read"), Fault("time_of_day", "read"), Fault("superseded",
            "read"),
        Fault("padded", "read"), Fault("other_date", "read"), Fault("wide_code", "read"), Fault("kana_form", "read"),
    )
}  # fmt: skip
_RATES: dict[Level, float] = {"none": 0.0, "usual": 0.0042, "heavy": 0.016}
_INJECTIONS = ('=HYPERLINK("http://example.invalid/x","詳細")', "=cmd|' /C calc'!A0", "@SUM(A1:A9)", "+81-000", "-2+3")
_BAD_DATES = ("H30.2.30", "平成30年2月30日", "99999999", "0000-00-00", "H29.2.29")
_FUTURES = ("2036-04-01", "20991231", "R18.4.1", "R30.10.1")
_UNKNOWN_CODES = ("??", "＊", "要確認", "Z")


class Damage:
    """Chooses faults for the rows of one file and applies them."""

    def __init__(self, layout: Layout, level: Level, rng: Random) -> None:
        self._layout = layout
        self._rng = rng
        weights = _WEIGHTS | (_HEAVY if level == "heavy" else {})
        self._kinds = [kind for kind in weights if _possible(kind, layout)]
        self._weights = [weights[kind] for kind in self._kinds]
        full = sum(weights.values())
        self._rate = _RATES[level] * sum(self._weights) / full if self._kinds else 0.0
        self._wait = self._gap()

    def _gap(self) -> int:
        if self._rate <= 0:
            return 1 << 60
        return int(log(1.0 - self._rng.random()) / log(1.0 - self._rate))

    def next(self) -> Fault | None:
        """The fault that strikes the next row; mostly None."""
        if self._wait:
            self._wait -= 1
            return None
        self._wait = self._gap()
        return _OUTCOMES[self._rng.choices(self._kinds, self._weights)[0]]

    def apply(self, kind: str, cells: list[str], birth: date | None) -> bool:
        """Change the cells in place. False when this row offers nothing to damage in that way."""
        layout, rng = self._layout, self._rng
        if kind == "leadzero":
            return _strip_zeros(cells, [at for at in layout.zeros if cells[at].startswith("0")], rng)
        if kind == "sci" and layout.key is not None:
            number = cells[layout.key]
            if not number.isdigit():
                return False
            cells[layout.key] = f"{float(int(number)):.2E}"
        elif kind == "serial" and birth is not None:
            cells[layout.dates[0]] = serial(birth)
        elif kind == "time_of_day" and birth is not None:
            cells[layout.dates[0]] = f"{birth.year}/{birth.month}/{birth.day} 0:00:00"
        elif kind in ("baddate", "future"):
            cells[rng.choice(layout.dates)] = rng.choice(_BAD_DATES if kind == "baddate" else _FUTURES)
        elif kind == "wrongsex" and layout.sex is not None:
            cells[layout.sex] = rng.choice(("", "3", "9"))
        elif kind == "nokana" and layout.kana is not None:
            cells[layout.kana] = ""
        elif kind == "large_kana" and layout.kana is not None:
            cells[layout.kana] = large_letters(cells[layout.kana])
        elif kind == "wide_key":
            cells[layout.zeros[0]] = full_width(cells[layout.zeros[0]])
        elif kind == "kana_form" and layout.kana is not None:
            cells[layout.kana] = rng.choice(KANA_FORMS)(unicodedata.normalize("NFKC", cells[layout.kana]))
        elif kind == "padded":
            at = rng.choice(layout.zeros)
            cells[at] = rng.choice((f" {cells[at]}", f"{cells[at]} ", f"　{cells[at]}"))
        elif kind == "other_date" and birth is not None:
            cells[layout.dates[0]] = DATE_FORMS[rng.choice(tuple(DATE_FORMS))](birth)
        elif kind == "superseded" and layout.stamp is not None:
            return self._age(cells, layout.counts[0], layout.stamp)
        elif layout.text is not None and kind in ("newline", "quote", "inject", "nul"):
            cells[layout.text] = {
                "newline": "確認済\n（続き）", "quote": rng.choice(('"要確認"', '経過観察"')),
                "inject": rng.choice(_INJECTIONS), "nul": "\x00",
            }[kind]  # fmt: skip
        elif kind in ("width", "unit", "code", "impossible", "wide_code"):
            return self._value(kind, cells)
        else:
            return False
        return True

    def _age(self, cells: list[str], count: int, stamp: int) -> bool:
        """The row as it stood in the morning, before a late note arrived: another count, an earlier 更新日時."""
        day, _, clock = cells[stamp].partition(" ")
        if not cells[count].isdigit() or not clock:
            return False
        cells[count] = str(max(0, int(cells[count]) + self._rng.choice((-2, -1, 1, 2, 12))))
        cells[stamp] = f"{day} 9:{self._rng.randint(10, 59)}"
        return True

    def _value(self, kind: str, cells: list[str]) -> bool:
        layout, rng = self._layout, self._rng
        if kind == "wide_code":
            choices = tuple(at for at in layout.codes if cells[at].isdigit())
        elif kind == "width":
            choices = layout.counts + layout.scales + layout.amounts
        elif kind == "unit":
            choices = layout.counts
        elif kind == "impossible":
            choices = layout.counts + layout.scales
        else:
            choices = layout.counts + layout.scales + layout.codes
        if not choices:
            return False
        at = rng.choice(choices)
        if not cells[at]:
            return False
        if kind in ("width", "wide_code"):
            cells[at] = full_width(cells[at])
        elif kind == "unit":
            cells[at] = rng.choice((f" {cells[at]}日", f" {cells[at]} ", f"{cells[at]}日"))
        elif kind == "impossible":
            cells[at] = rng.choice(("45", "99", "-1")) if at in layout.counts else rng.choice(("0", "9.9", "45"))
        else:
            cells[at] = rng.choice(_UNKNOWN_CODES)
        return True


def _strip_zeros(cells: list[str], places: list[int], rng: Random) -> bool:
    if not places:
        return False
    at = rng.choice(places)
    cells[at] = cells[at].lstrip("0") or "0"
    return True


def _possible(kind: str, layout: Layout) -> bool:
    if layout.kinds:
        return kind in layout.kinds
    if layout.calm:
        return kind in _CALM
    needs: dict[str, object] = {
        "leadzero": layout.zeros, "wide_key": layout.zeros, "sci": layout.key is not None,
        "serial": layout.dates, "baddate": layout.dates, "future": layout.dates, "time_of_day": layout.dates,
        "wrongsex": layout.sex is not None, "nokana": layout.kana is not None, "large_kana": layout.kana is not None,
        "newline": layout.text is not None, "quote": layout.text is not None, "inject": layout.text is not None,
        "nul": layout.text is not None, "unit": layout.counts, "width": layout.counts + layout.scales + layout.amounts,
        "code": layout.counts + layout.scales + layout.codes, "impossible": layout.counts + layout.scales,
        "short_row": layout.cut, "long_row": layout.text is not None, "open_quote": layout.text is not None,
        "other_encoding": layout.cut, "superseded": layout.stamp is not None, "padded": layout.zeros,
        "other_date": layout.dates, "wide_code": layout.codes, "kana_form": layout.kana is not None,
    }  # fmt: skip
    return bool(needs.get(kind, True))

"""The pupil's time axis: shapes in coordinates; the template draws them, and tables under it say the same in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu.casework.boards import MOODS as ANSWERS
from tsunagu.casework.boards import Kind
from tsunagu_web.boards.days import Records
from tsunagu_web.boards.marks import MOODS, Mark
from tsunagu_web.boards.page import number_words
from tsunagu_web.cases.days import month_label, month_words
from tsunagu_web.cases.pictures import Axis, axis_ending

_GUTTER = 50.0  # for the words of a lane's rows
_TOP = 22.0
_LANE = 108.0
_AREA = 72.0  # of a lane: where its shapes lie, below its name
_NAME = 20.0
_MOST_DAYS = Decimal(20)  # a column of so many days fills its lane
_ROW = 17.5
_LEAST_WIDTH = 1.6
LANES: Mapping[str, Promise] = {
    Kind.ABSENCE: gettext_lazy("Days absent, by month"),
    Kind.LATENESS: gettext_lazy("Days late, by month"),
    Kind.INFIRMARY: gettext_lazy("Visits to the infirmary"),
    Kind.MOOD: gettext_lazy("Daily mood"),
    "tests": gettext_lazy("Tests (standard score)"),
}
_COLUMNS = {Kind.ABSENCE: "absent_days", Kind.LATENESS: "late_days"}


@dataclass(frozen=True)
class Shape:
    """kind: column, unknown, dot, mood, streak, perhaps, word or row (a word in the gutter); word: what is written."""

    kind: str
    x: float
    y: float
    width: float = 0
    height: float = 0
    word: str = ""
    anchor: str = "start"


@dataclass(frozen=True)
class Lane:
    name: Promise
    y: float
    base: float
    shapes: Sequence[Shape]


@dataclass(frozen=True)
class Picture:
    """The axis with its lanes over `width` units; ticks are the months."""

    width: float
    height: float
    left: float
    ticks: Sequence[tuple[float, str]]
    lanes: Sequence[Lane]


def picture_of(records: Records, marks: Iterable[Mark], on: dt.date, *, months: int, width: float) -> Picture:
    """The picture of so many months up to the day `on`; what lies before is left out."""
    axis = axis_ending(on, months=months, width=width - _GUTTER)
    marks = list(marks)
    lanes = []
    for place, (kind, name) in enumerate(LANES.items()):
        y = _TOP + place * _LANE
        top = y + _NAME
        shapes = [*_shapes(kind, records, axis, top), *_marked(kind, marks, axis, top)]
        lanes.append(Lane(name, y + 12, top + _AREA, shapes))
    ticks = [(_x(axis, day), month_label(day)) for day in axis.starts()]
    return Picture(width, _TOP + len(LANES) * _LANE, _GUTTER, ticks, lanes)


def _shapes(kind: str, records: Records, axis: Axis, top: float) -> Iterator[Shape]:
    if kind in _COLUMNS:
        yield from _columns(records.months[_COLUMNS[Kind(kind)]], axis, top)
    elif kind == Kind.INFIRMARY:
        for day in records.visits:
            if axis.holds(day):
                yield Shape("dot", _x(axis, day), top + _AREA / 2)
    elif kind == Kind.MOOD:
        yield from _moods(records, axis, top)
    else:
        yield from _scores(records, axis, top)


def _columns(values: Mapping[dt.date, Decimal | None], axis: Axis, top: float) -> Iterator[Shape]:
    width = min(axis.month_width * 0.5, 26)
    for month, days in values.items():
        if not axis.holds(month):
            continue
        middle = _x(axis, month) + axis.month_width / 2
        tall = 16.0 if days is None else max(float(min(days, _MOST_DAYS) / _MOST_DAYS) * (_AREA - 18), 1.5)
        box = (round(middle - width / 2, 1), round(top + _AREA - tall, 1), round(width, 1), round(tall, 1))
        yield Shape("unknown" if days is None else "column", *box)
        word = _("?") if days is None else number_words(days)
        yield Shape("word", round(middle, 1), round(top + _AREA - tall - 3, 1), word=word, anchor="middle")


def _moods(records: Records, axis: Axis, top: float) -> Iterator[Shape]:
    width = max(axis.month_width / 31 - 0.4, _LEAST_WIDTH)
    for row, code in enumerate(ANSWERS):
        yield Shape("row", 0, top + row * _ROW + 13, word=str(MOODS[code]))
    for day, code in records.answers:
        if axis.holds(day):
            yield Shape("mood", _x(axis, day), top + ANSWERS.index(code) * _ROW + 1, round(width, 1), _ROW - 3)


def _scores(records: Records, axis: Axis, top: float) -> Iterator[Shape]:
    """The tests on the axis, each with its scores, and at its beginning the last one before it."""
    years = sorted({day for scores in records.tests.values() for day in scores})
    for year in [day for day in years if day < axis.first][-1:]:
        yield Shape("word", _GUTTER, top + 14, word=_("Before: %(month)s") % {"month": month_words(year)})
        yield from _score_words(records, year, _GUTTER, top, "start")
    for year in filter(axis.holds, years):
        x = _x(axis, year)
        is_late = x > _GUTTER + axis.width * 0.6
        yield Shape("dot", x + 4, top + 42)
        yield from _score_words(records, year, x - 6 if is_late else x + 14, top, "end" if is_late else "start")


def _score_words(records: Records, year: dt.date, x: float, top: float, anchor: str) -> Iterator[Shape]:
    for row, (word, item) in enumerate(((_("Japanese language"), "test_japanese"), (_("Mathematics"), "test_math"))):
        score = records.tests[item].get(year)
        told = _("%(subject)s %(score)s") % {"subject": word, "score": _("?") if score is None else number_words(score)}
        yield Shape("word", x, top + 38 + row * 20, word=told, anchor=anchor)


def _marked(kind: str, marks: Iterable[Mark], axis: Axis, top: float) -> Iterator[Shape]:
    """A line under the days that a mark is about."""
    for mark in marks:
        if mark.kind == kind and axis.holds(mark.last):
            first, last = _x(axis, mark.first), _x(axis, mark.last) + axis.month_width / 31
            width = round(max(last - first, 4.0), 1)
            yield Shape("perhaps" if mark.is_perhaps else "streak", first, top + _AREA + 3, width, 4)


def _x(axis: Axis, day: dt.date) -> float:
    return round(_GUTTER + axis.x(day), 1)

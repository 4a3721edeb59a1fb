"""A class board and a pupil's board as their templates show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tsunagu.casework.boards import MOODS as ANSWERS
from tsunagu.casework.boards import Thresholds
from tsunagu_web.boards.days import MONTHLY, TESTS, PupilDay, Records
from tsunagu_web.boards.marks import ATTENDANCE, MOODS, Mark, marks_of
from tsunagu_web.boards.queries import ClassOf, Opened
from tsunagu_web.cases.days import MONTHS, grade_words, month_label, month_words, short_day

CLASS_DAYS, PUPIL_DAYS = 10, 20
_LOOK_BACK = dt.timedelta(days=30)

# What fits below a small picture.
_SHORT: Mapping[str, Promise] = {
    "sick": gettext_lazy("ill"),
    "other": gettext_lazy("absent"),
    "excused": gettext_lazy("excused"),
    "late": gettext_lazy("late"),
    "early": gettext_lazy("left early"),
    "late_early": gettext_lazy("late, left early"),
    "unknown": gettext_lazy("not known"),
}
ITEMS: Mapping[str, Promise] = {
    "school_days": gettext_lazy("School days"),
    "absent_days": gettext_lazy("Days absent"),
    "late_days": gettext_lazy("Days late"),
    "early_days": gettext_lazy("Days left early"),
    "test_japanese": gettext_lazy("Japanese language"),
    "test_math": gettext_lazy("Mathematics"),
    "attendance_mark": gettext_lazy("Attendance"),
    "mood": gettext_lazy("Daily mood"),
    "infirmary_visit": gettext_lazy("Infirmary"),
}


@dataclass(frozen=True)
class Cell:
    """One day of a pupil: a small picture of the mood with its word, and a word for what was not as usual."""

    one: PupilDay

    @property
    def when(self) -> str:
        return head_day(self.one.day)

    @property
    def attendance(self) -> str:
        """Empty where present: only what differs is written."""
        return str(_SHORT.get(self.one.attendance, ""))

    @property
    def attendance_in_full(self) -> str:
        return str(ATTENDANCE[self.one.attendance])

    @property
    def mood(self) -> str:
        return str(MOODS[self.one.mood]) if self.one.mood != "not_told" else ""

    @property
    def picture(self) -> str:
        return self.one.mood if self.one.mood in ANSWERS else ""

    @property
    def mood_in_full(self) -> str:
        return str(MOODS[self.one.mood])


@dataclass(frozen=True)
class ClassRow:
    """One pupil on the board of the class."""

    opened: Opened
    cells: Sequence[Cell]
    marks: Sequence[Mark]
    month: str


@dataclass(frozen=True)
class ClassBoard:
    """The board of a class.

    heads     the days of the strip, as the table's heads
    answered  how many answered on the last day with answers, and who has not; answered_on None: no answers by the day
    """

    rows: Sequence[ClassRow]
    heads: Sequence[str]
    answered_on: dt.date | None
    answered: int
    unanswered: Sequence[Opened]


def class_board_of(pupils: Sequence[Opened], thresholds: Thresholds, on: dt.date) -> ClassBoard:
    """In the order given, which is that of the numbers in class; never by what is marked."""
    days = [one.day for one in pupils[0].records.days if one.is_known and one.day <= on][-CLASS_DAYS:]
    since = days[0] if days else on - _LOOK_BACK
    rows = [
        ClassRow(
            one,
            [Cell(day) for day in one.records.days if day.day in days],
            marks_of(one.records, thresholds, since=since, until=on),
            latest_month(one.records),
        )
        for one in pupils
    ]
    answered_on = max((d.day for d in pupils[0].records.days if d.mood != "not_told" and d.day <= on), default=None)
    unanswered = [p for p in pupils if any(d.day == answered_on and d.mood == "unanswered" for d in p.records.days)]
    answered = len(pupils) - len(unanswered) if answered_on else 0
    return ClassBoard(rows, [head_day(day) for day in days], answered_on, answered, unanswered)


def strip_of(records: Records, on: dt.date) -> list[Cell]:
    """The last school days of a pupil."""
    return [Cell(one) for one in records.days if one.is_known and one.day <= on][-PUPIL_DAYS:]


def latest_month(records: Records) -> str:
    """Days absent in the newest month of which there is a record; unknown is said."""
    months = records.months.get("absent_days", {})
    if not months:
        return _("no record")
    month = max(months)
    days = months[month]
    if days is None:
        return _("%(month)s: not known") % {"month": month_label(month)}
    return _("%(month)s: days absent %(days)s") % {"month": month_label(month), "days": number_words(days)}


@dataclass(frozen=True)
class MonthRow:
    """One month or day of a table: a number per item, or words for what is not known or not there."""

    month: str
    values: Sequence[str]


def month_rows(records: Records) -> list[MonthRow]:
    months = sorted({month for item in MONTHLY for month in records.months[item]}, reverse=True)
    return [MonthRow(month_words(month), [_told(records.months[item], month) for item in MONTHLY]) for month in months]


def day_rows(records: Records, *, since: dt.date, until: dt.date) -> list[MonthRow]:
    """The days of which mood or attendance tells something, the newest first: what the axis draws day by day."""
    cells = [Cell(one) for one in records.days if since <= one.day <= until]
    told = [cell for cell in cells if cell.picture or cell.attendance]
    return [MonthRow(short_day(cell.one.day), [cell.mood_in_full, cell.attendance_in_full]) for cell in reversed(told)]


def test_rows(records: Records) -> list[MonthRow]:
    """The scores of each fiscal year, the newest first."""
    years = sorted({year for item in TESTS for year in records.tests[item]}, reverse=True)
    return [MonthRow(month_words(year), [_told(records.tests[item], year) for item in TESTS]) for year in years]


def undated_words(records: Records) -> list[str]:
    """What cannot be laid on a day; it may belong to any of them."""
    return [
        ngettext(
            "%(item)s: the day of %(n)d record cannot be read; it is on none of the days here.",
            "%(item)s: the day of %(n)d records cannot be read; they are on none of the days here.",
            n,
        )
        % {"item": ITEMS[item], "n": n}
        for item, n in sorted(records.undated.items())
    ]


def names_of(items: Iterable[str]) -> list[Promise]:
    return [ITEMS[item] for item in items]


def class_words(one: ClassOf) -> str:
    """A class as its school calls it: 小5 1組."""
    if one.grade is None:
        return _("class not known")
    return _("%(grade)s, class %(name)s") % {"grade": grade_words(one.grade), "name": one.name}


def head_day(day: dt.date) -> str:
    """A day above a column: 9/30, Sep 30."""
    return _("%(month_name)s %(day)d") % {"month": day.month, "day": day.day, "month_name": MONTHS[day.month - 1]}


def number_words(number: Decimal) -> str:
    return format(number.normalize(), "f")


def _told(values: Mapping[dt.date, Decimal | None], when: dt.date) -> str:
    if when not in values:
        return _("no record")
    value = values[when]
    return _("not known") if value is None else number_words(value)

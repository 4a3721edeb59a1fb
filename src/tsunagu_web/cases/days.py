"""Days, ages and grades in the words of the page: 令和8年9月30日 in Japanese, 30 Sep 2026 in English."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from tsunagu import wording
from tsunagu.wording.values import era_year
from tsunagu_web.cases.words import language, per_language

LOWEST_GRADE, HIGHEST_GRADE = -6, 12
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def long_day(day: dt.date | None) -> str:
    """A day in both calendars: 令和8年9月30日（2026）, 30 September 2026 (Reiwa 8)."""
    return wording.day_name(day, language()) if day else ""


@per_language
def short_day(day: dt.date | None) -> str:
    """A day in the calendar of the page's language: 令和8年9月30日, 30 Sep 2026."""
    return _("%(day)d %(month_name)s %(year)d") % _parts(day) if day else ""


@per_language
def month_words(day: dt.date) -> str:
    """A month in the calendar of the page's language: 令和8年9月, Sep 2026."""
    return _("%(month_name)s %(year)d") % _parts(day)


@per_language
def month_label(day: dt.date) -> str:
    """A month without its year, for an axis: 7月, Jul."""
    return _("%(month_name)s") % _parts(day)


@per_language
def year_label(day: dt.date) -> str:
    """A year, for an axis: 令和8年, 2026."""
    return _("%(year)d") % _parts(day)


def _parts(day: dt.date) -> dict[str, object]:
    return {
        "day": day.day,
        "month": day.month,
        "month_name": MONTHS[day.month - 1],
        "year": day.year,
        "era": era_year(day, "ja"),
    }


def age_on(birth_date: dt.date | None, day: dt.date) -> int | None:
    """Completed years of age, as people say it."""
    if birth_date is None:
        return None
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


@per_language
def grade_words(grade: int | None) -> str:
    """小5, 中1, or the stage of life outside the nine years of school."""
    if grade is None:
        return ""
    if 1 <= grade <= 6:
        return _("elementary %(year)d") % {"year": grade}
    if 7 <= grade <= 9:
        return _("junior high %(year)d") % {"year": grade - 6}
    return _("pre-school") if grade < 1 else _("high-school age")


def exact_grade_words(grade: int) -> str:
    """The grade so that no two have the same words, for choosing one."""
    if grade < 1:
        return _("pre-school, school begins in year %(n)d from now") % {"n": 1 - grade}
    return grade_words(grade) if grade < 10 else _("high-school age, year %(n)d") % {"n": grade - 9}

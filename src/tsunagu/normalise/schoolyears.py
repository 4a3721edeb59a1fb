"""Fiscal years, school grades and ages as the law counts them.

An age is reached on the day before the birthday, so a child born on 1 April joins the earlier school year
(School Education Act art. 17; Act on Calculation of Ages).
"""

from __future__ import annotations

from datetime import date


def fiscal_year(day: date) -> int:
    """The fiscal year (April to March) a day lies in."""
    return day.year if day.month >= 4 else day.year - 1


def entry_year(birth_date: date) -> int:
    """The fiscal year in which a child enters grade 1."""
    return birth_date.year + (6 if (birth_date.month, birth_date.day) <= (4, 1) else 7)


def school_grade(birth_date: date, year: int) -> int:
    """Grade in a fiscal year: 1-9 compulsory school, 0 or less before it, 10 and more after it."""
    return year - entry_year(birth_date) + 1


def birth_span(grade: int, year: int) -> tuple[date, date]:
    """First and last birth date of the children who are in a grade in a fiscal year."""
    first = year - grade - 6
    return date(first, 4, 2), date(first + 1, 4, 1)


def completed_years(birth_date: date, on: date) -> int:
    """Completed years of age on a day, as people say it (the birthday counts)."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))

"""The statute's clocks of temporary protection (一時保護): until which day what must be done. Pure arithmetic of days.

Child Welfare Act, article 33 as in force since 2025-06-01 (act 66 of 2022): paragraph 3, a judge's warrant (一時保護状)
is asked for within seven days from the day on which protection began, unless whoever holds parental authority agrees,
nobody holds it, or protection has ended by then; paragraph 7, a refusal ends protection, or is appealed within three
days from the day after it; paragraphs 12 to 14, two months, and longer only with the family court's approval where it
is against the guardian's will.
"""

from __future__ import annotations

import calendar
import datetime as dt

WARRANT_DAYS = 7
APPEAL_DAYS = 3
LIMIT_MONTHS = 2


def warrant_by(began_on: dt.date) -> dt.date:
    """The last day to ask for the warrant: the day of the beginning is the first of the seven (起算して), and a day on
    which courts rest adds none."""
    return began_on + dt.timedelta(days=WARRANT_DAYS - 1)


def limit_of(first_day: dt.date) -> dt.date:
    """The last day of the two months that begin on this day, this day counted: one day earlier than without it."""
    months = first_day.month - 1 + LIMIT_MONTHS
    year, month = first_day.year + months // 12, months % 12 + 1
    last = calendar.monthrange(year, month)[1]
    if first_day.day > last:
        return dt.date(year, month, last)
    return dt.date(year, month, first_day.day) - dt.timedelta(days=1)


def next_limit(limit_on: dt.date) -> dt.date:
    """The last day of the two months after these."""
    return limit_of(limit_on + dt.timedelta(days=1))


def appeal_by(refused_on: dt.date) -> dt.date:
    """The last day to ask that a refusal is set aside."""
    return refused_on + dt.timedelta(days=APPEAL_DAYS)

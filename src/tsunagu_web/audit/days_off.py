"""Days on which offices are closed: weekends, national holidays, and the days around New Year.

source  Act on National Holidays (国民の祝日に関する法律), as in force since 2022; the equinoxes by the formula of the
        calendar, good for 1980 to 2099 (the official day is announced the year before)
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

_FIXED = ((1, 1), (2, 11), (2, 23), (4, 29), (5, 3), (5, 4), (5, 5), (8, 11), (11, 3), (11, 23))
_MONDAYS = ((1, 2), (7, 3), (9, 3), (10, 2))  # month and which Monday of it


def is_day_off(day: dt.date) -> bool:
    """Whether offices are closed on that day."""
    around_new_year = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return day.weekday() >= 5 or around_new_year or day in national_holidays(day.year)


@lru_cache(maxsize=16)
def national_holidays(year: int) -> frozenset[dt.date]:
    """The national holidays of a year, with the days taken in place of a Sunday and between two holidays."""
    days = {dt.date(year, month, day) for month, day in _FIXED}
    days |= {_monday(year, month, count) for month, count in _MONDAYS}
    since = year - 1980
    days.add(dt.date(year, 3, int(20.8431 + 0.242194 * since - since // 4)))
    days.add(dt.date(year, 9, int(23.2488 + 0.242194 * since - since // 4)))
    one = dt.timedelta(days=1)
    between = {day + one for day in days if day + 2 * one in days and (day + one).weekday() != 6}
    for day in sorted(days):
        if day.weekday() == 6:
            instead = day + one
            while instead in days:
                instead += one
            between.add(instead)
    return frozenset(days | between)


def _monday(year: int, month: int, count: int) -> dt.date:
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=-first.weekday() % 7 + 7 * (count - 1))

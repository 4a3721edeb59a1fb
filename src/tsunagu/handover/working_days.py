"""Days on which Japan's municipal offices are open, so that both ends of a hand-over count the same days.

Closed are Saturdays, Sundays, public holidays and 29 December to 3 January (Local Autonomy Act, article 4-2). Holidays
are those of the Act on National Holidays as it stands from 2022; equinoxes by the astronomers' rule of thumb, which
holds until 2099. Days that a single law moved (2019 to 2021) lie before any hand-over.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

_DAY = timedelta(days=1)
_JAPAN = timedelta(hours=9)
_FIXED = ((1, 1), (2, 11), (2, 23), (4, 29), (5, 3), (5, 4), (5, 5), (8, 11), (11, 3), (11, 23))
# month -> which Monday of it
_MONDAYS = {1: 2, 7: 3, 9: 3, 10: 2}


def japan_day(at: datetime) -> date:
    """The day in Japan at a moment, whatever its time zone."""
    return (at.astimezone(UTC) + _JAPAN).date()


def is_working_day(day: date) -> bool:
    """Whether municipal offices are open."""
    is_new_year = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return day.weekday() < 5 and not is_new_year and day not in holidays(day.year)


def working_day_after(day: date, count: int) -> date:
    """The day that is so many working days later; the day itself is not counted. count: 1 or more."""
    while count:
        day += _DAY
        count -= is_working_day(day)
    return day


def working_days_between(first: date, last: date) -> int:
    """Working days after the first day up to and with the last; below zero where the last lies before the first."""
    if last < first:
        return -working_days_between(last, first)
    return sum(is_working_day(first + step * _DAY) for step in range(1, (last - first).days + 1))


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """Public holidays of a year with their substitutes and the days between two of them."""
    found = {date(year, month, day) for month, day in _FIXED}
    found |= {_monday(year, month, which) for month, which in _MONDAYS.items()}
    found |= {date(year, 3, _equinox(20.8431, year)), date(year, 9, _equinox(23.2488, year))}
    substitutes = set()
    for day in found:
        if day.weekday() == 6:
            while day in found:
                day += _DAY  # noqa: PLW2901 - the next day that is none yet
            substitutes.add(day)
    between = {day + _DAY for day in found if day + 2 * _DAY in found and day + _DAY not in found}
    return frozenset(found | substitutes | between)


def _monday(year: int, month: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=-first.weekday() % 7 + 7 * (which - 1))


def _equinox(base: float, year: int) -> int:
    return int(base + 0.242194 * (year - 1980) - (year - 1980) // 4)

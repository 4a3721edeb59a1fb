"""The delivery's calendar: school months, school days, fiscal years.

A month is its first day. School months are all but August.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tsunagu.example_city.people import fiscal_year


@dataclass(frozen=True)
class Calendar:
    """on is the as-of day (T); months are the delivery's calendar months, oldest first, the last being T's."""

    on: date
    months: tuple[date, ...]

    @property
    def first(self) -> date:
        """The first day of the delivery."""
        return self.months[0]

    @property
    def school_months(self) -> tuple[date, ...]:
        """All but August."""
        return tuple(month for month in self.months if month.month != 8)

    @property
    def years(self) -> dict[int, tuple[date, date]]:
        """Fiscal year -> first and last month of its part within the delivery."""
        spans: dict[int, tuple[date, date]] = {}
        for month in self.months:
            year = fiscal_year(month)
            spans[year] = (spans.get(year, (month, month))[0], month)
        return spans

    def days(self, month: date) -> list[date]:
        """School days of a month: weekdays outside the holidays of spring, summer and winter, up to T."""
        day, found = month, []
        while day.month == month.month:
            if day.weekday() < 5 and not _holiday(day) and day <= self.on:
                found.append(day)
            day += timedelta(days=1)
        return found


def calendar_of(on: date, months: int) -> Calendar:
    """The calendar of the `months` calendar months that end with T's."""
    return Calendar(on, tuple(shifted(on.replace(day=1), step) for step in range(1 - months, 1)))


def shifted(month: date, by: int) -> date:
    """The first day of the month `by` months later (earlier when negative)."""
    index = month.year * 12 + month.month - 1 + by
    return date(index // 12, index % 12 + 1, 1)


def completed_months(birth: date, on: date) -> int:
    """Whole months of age; one less when the day of birth is later in the month than the day of `on`."""
    return (on.year - birth.year) * 12 + on.month - birth.month - (birth.day > on.day)


def label(fiscal: int) -> str:
    """R07 for fiscal year 2025, as file names carry it."""
    return f"R{fiscal - 2018:02}"


def _holiday(day: date) -> bool:
    spot = (day.month, day.day)
    return spot >= (12, 25) or spot <= (1, 7) or (3, 25) <= spot <= (4, 7) or (7, 21) <= spot <= (8, 31)

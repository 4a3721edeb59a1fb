"""Days, months and school years as Japanese law counts them; pure functions.

source  School Education Act, art. 17, and the Act on Calculation of Ages: a child born on 1 April joins the
        earlier school year, since an age is reached on the day before the birthday.
"""

from __future__ import annotations

from datetime import date


def fiscal_year(day: date) -> int:
    """The fiscal year (April to March) that holds the day: 2027-03-31 is in 2026."""
    return day.year if day.month >= 4 else day.year - 1


def fiscal_year_start(year: int) -> date:
    """1 April of a fiscal year."""
    return date(year, 4, 1)


def school_birth_year(birth: date) -> int:
    """Year of birth as schools count it: born on 2 April or later this year, else the year before."""
    return birth.year if (birth.month, birth.day) >= (4, 2) else birth.year - 1


def grade_in(year: int, birth: date) -> int:
    """Grade in a fiscal year: 1-6 elementary, 7-9 junior high, 10-12 high-school age, 0 or less before school."""
    return year - school_birth_year(birth) - 6


def completed_months(birth: date, on: date) -> int:
    """Whole months from birth to the day; a month is complete when its day of birth is reached."""
    return (on.year - birth.year) * 12 + (on.month - birth.month) - (1 if birth.day > on.day else 0)


def month_start(day: date) -> date:
    """The first day of the month that holds the day."""
    return day.replace(day=1)


def add_months(first: date, months: int) -> date:
    """The first day of a month moved by whole months."""
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def scheduled_on(birth: date, months: int) -> date:
    """The day a dose is scheduled: that many months after birth, day 28 at most so that every month has it."""
    return add_months(month_start(birth), months).replace(day=min(birth.day, 28))


def months_before(day: date, months: int) -> date:
    """The same day some months earlier, or the last day of that month where it is shorter."""
    first = add_months(month_start(day), -months)
    last = add_months(first, 1).toordinal() - 1
    return min(date.fromordinal(first.toordinal() + day.day - 1), date.fromordinal(last))


def window_months(on: date, last: int, kind: str, holiday_months: tuple[int, ...]) -> tuple[date, ...]:
    """First days of the school months of a window that ends with the month of `on`, oldest first.

    kind  calendar: the last n calendar months, of which holiday months are left out;
          school: the n most recent school months
    """
    end = month_start(on)
    if kind == "calendar":
        months = [add_months(end, -back) for back in range(last)]
        return tuple(m for m in reversed(months) if m.month not in holiday_months)
    found: list[date] = []
    month = end
    while len(found) < last:
        if month.month not in holiday_months:
            found.append(month)
        month = add_months(month, -1)
    return tuple(reversed(found))


def years_before(day: date, years: int) -> date:
    """The same day some years earlier; 29 February becomes 28 February."""
    return months_before(day, 12 * years)

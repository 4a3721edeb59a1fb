"""What the measures over months mean, one child at a time."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from tsunagu.indicators import calendar
from tsunagu.indicators.history import NOT_APPLICABLE, Fact, Person, Reading, Surroundings, as_value, settle
from tsunagu.indicators.language import Bound, Months, MonthsRatio, MonthsWeighed, OverMonths

_MEETS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "at_least": operator.ge,
    "more_than": operator.gt,
    "below": operator.lt,
    "at_most": operator.le,
}


@dataclass(frozen=True)
class Month:
    """One applicable school month: what is known of it (None: nothing), and whether all of it is known."""

    known: Fraction | None
    is_known: bool


def months_of(measure: OverMonths, child: Person, around: Surroundings) -> list[tuple[date, Month | None]]:
    """The window's school months, oldest first; None for a month before the child entered grade 1."""
    months = calendar.window_months(around.on, measure.months.last, measure.months.kind, around.holiday_months)
    if child.birth_date is None:
        return [(m, None) for m in months]
    year = calendar.fiscal_year(around.on)
    entered = calendar.fiscal_year_start(year - calendar.grade_in(year, child.birth_date) + 1)
    facts = child.of(measure.item)
    # A row whose month cannot be read may be the row of any month that has none.
    stray = any(f.at is None for f in facts)
    found: list[tuple[date, Month | None]] = []
    for month in months:
        rows = [f for f in facts if f.at is not None and calendar.month_start(f.at) == month]
        if month < entered:
            found.append((month, None))
        elif measure.no_row == "zero":
            away = child.resident_from is not None and month < calendar.month_start(child.resident_from)
            count = Fraction(sum(1 for f in rows if f.is_known and f.at is not None and f.at <= around.on))
            is_known = not (away or stray or any(not f.is_known for f in rows))
            found.append((month, Month(_as_named(measure, count) if measure.bounds else count, is_known)))
        else:
            row = settle((f for f in rows if f.at == month), "text" if measure.texts else "number")
            if not isinstance(row, Fact):
                found.append((month, Month(None, False)))
            elif measure.texts:
                found.append((month, Month(Fraction(int(row.text in measure.texts)), True)))
            else:
                number = Fraction(row.number or 0)
                found.append((month, Month(_as_named(measure, number) if measure.bounds else number, True)))
    return found


def _as_named(measure: OverMonths, number: Fraction) -> Fraction:
    return Fraction(int(meets(measure.bounds, number)))


def meets(bounds: Sequence[Bound], number: Fraction) -> bool:
    """Whether a number is within all the bounds."""
    return all(_MEETS[how](number, Fraction(limit)) for how, limit in bounds)


def over_months(measure: OverMonths, child: Person, around: Surroundings, worst: Decimal | str | None) -> Reading:
    """A figure over the months, on what is known and at the worst."""
    window = months_of(measure, child, around)
    months = [m for _, m in window if m is not None]
    if not months or (measure.how == "rising" and len(months) < len(window)):
        return NOT_APPLICABLE
    all_known = all(m.is_known for m in months)
    known = [m.known for m in months if m.known is not None]
    one = Fraction(1) if measure.counts_months else as_value(worst)
    at_worst = [
        m.known if m.is_known else max(one, m.known or one) if isinstance(one, Fraction) else m.known for m in months
    ]
    filled = [v for v in at_worst if v is not None]
    if measure.how == "rising":
        if not all_known:
            return Reading("missing", None, one)
        rising = all(a < b for a, b in pairwise(known))
        value = known[-1] if rising else Fraction(0)
        return Reading("known", value, value)
    if measure.how == "mean":
        sure = [m.known for m in months if m.is_known and m.known is not None]
        if sure and len(sure) >= min(measure.min_rows or len(months), len(months)):
            mean = sum(sure, Fraction(0)) / len(sure)
            return Reading("known", mean, mean)
        return Reading("missing", None, sum(filled, Fraction(0)) / len(months) if worst is not None else None)
    value_known = _figure(measure.how, [m.known for m in months])
    value_worst = _figure(measure.how, list(at_worst)) if worst is not None else None
    return Reading("known" if all_known else "missing", value_known, value_known if all_known else value_worst)


def _figure(how: str, months: Sequence[Fraction | None]) -> Fraction | None:
    """Of months in their order; None for one of which nothing is known."""
    values = [v for v in months if v is not None]
    if not values:
        return None
    if how == "run":
        longest = run = 0
        for month in months:
            run = run + 1 if month else 0
            longest = max(longest, run)
        return Fraction(longest)
    return max(values) if how == "max" else sum(values, Fraction(0))


def _numbers(item: str, months: Months, child: Person, around: Surroundings) -> list[Month | None]:
    return [month for _, month in months_of(OverMonths("sum", item, (), months, "unknown"), child, around)]


def weighed(measure: MonthsWeighed, child: Person, around: Surroundings, worst: Decimal | str | None) -> Reading:
    """A change or a slope; none until every month is known."""
    months = _numbers(measure.item, measure.months, child, around)
    if any(m is None for m in months):
        return NOT_APPLICABLE
    known = [m.known for m in months if m is not None and m.known is not None]
    if len(known) < len(months):
        return Reading("missing", None, as_value(worst))
    value = sum((w * v for w, v in zip(measure.weights, known, strict=True)), Fraction(0)) / measure.divisor
    return Reading("known", value, value)


def ratio(measure: MonthsRatio, child: Person, around: Surroundings, worst: Decimal | str | None) -> Reading:
    """One sum over another; none until every month of both is known."""
    both = [_numbers(item, measure.months, child, around) for item in (measure.item, measure.per)]
    asked = [[m.known for m in months if m is not None] for months in both]
    if not asked[0]:
        return NOT_APPLICABLE
    sums = [sum((v for v in values if v is not None), Fraction(0)) for values in asked]
    if None in asked[0] or None in asked[1] or not sums[1]:
        return Reading("missing", None, as_value(worst))
    return Reading("known", sums[0] / sums[1], sums[0] / sums[1])

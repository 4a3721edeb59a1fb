"""Between which values a measure can lie, so that a limit nobody can reach, or everybody does, is found in the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from tsunagu.indicators.language import (
    DaysSince,
    DueCheckups,
    DueDoses,
    Events,
    HouseholdCount,
    InPeriod,
    LatestRun,
    LatestShare,
    Measure,
    MonthsRatio,
    OverMonths,
)

_DAYS_OF_A_MONTH = 31


@dataclass(frozen=True)
class Span:
    """From low to high, both included. high: None where there is no highest; is_whole: nothing lies between numbers."""

    low: Decimal
    high: Decimal | None
    is_whole: bool = True

    def said(self) -> str:
        upper = f"to {self.high}" if self.high is not None else "upwards"
        return f"{'whole numbers' if self.is_whole else 'numbers'} from {self.low} {upper}"

    def __contains__(self, value: Decimal) -> bool:
        is_fit = not self.is_whole or value == value.to_integral_value()
        return self.low <= value and (self.high is None or value <= self.high) and is_fit


def span_of(measure: Measure, forget_after: int) -> Span | None:
    """What the measure can give; None where the figures themselves decide, or where it gives a code."""
    match measure:
        case InPeriod():
            return _up_to(1)
        case OverMonths(how="count" | "run"):
            return _up_to(measure.months.last)
        case OverMonths(how="sum") if measure.texts:
            return _up_to(measure.months.last)
        case OverMonths(how="sum" | "max", no_row="zero"):
            return Span(Decimal(0), None)
        case DaysSince():
            return _up_to(forget_after * _DAYS_OF_A_MONTH)
        case Events() | HouseholdCount():
            return Span(Decimal(0), None)
        case LatestShare():
            return Span(Decimal(0), Decimal(1), is_whole=False)
        case LatestRun():
            return _up_to(measure.dates)
        case DueCheckups() | DueDoses():
            return _up_to(len(measure.due))
    return None


def fillable(measure: Measure, *, has_limit: bool) -> tuple[str, ...]:
    """The gaps of a sentence that this measure has something for: its value, a day that decided, a window."""
    is_without_window = isinstance(measure, LatestShare | LatestRun | DueCheckups | DueDoses)
    is_of_many_days = is_without_window or isinstance(measure, HouseholdCount)
    is_of_many_days |= isinstance(measure, OverMonths) and measure.how in ("sum", "count", "run")
    return (
        "value",
        *(("tenths",) if isinstance(measure, LatestShare | MonthsRatio) else ()),
        *(("threshold",) if has_limit else ()),
        *(() if is_of_many_days else ("at",)),
        *(() if is_without_window else ("from", "to")),
    )


def _up_to(most: int) -> Span:
    return Span(Decimal(0), Decimal(most))


def met_by(span: Span, tests: Iterable[tuple[str, Decimal]]) -> str:
    """`some` values of the span meet the tests, `none` does, or `all` do."""
    low, high, is_low_open, is_high_open = span.low, span.high, False, False
    for operator, limit in tests:
        if operator in ("at_least", "more_than", "equals"):
            bound, is_open = limit, operator == "more_than"
            if span.is_whole:
                whole = bound.to_integral_value(ROUND_CEILING)
                bound, is_open = (whole + 1 if is_open and whole == bound else whole), False
            if bound > low or (bound == low and is_open):
                low, is_low_open = bound, is_open
        if operator in ("at_most", "below", "equals"):
            bound, is_open = limit, operator == "below"
            if span.is_whole:
                whole = bound.to_integral_value(ROUND_FLOOR)
                bound, is_open = (whole - 1 if is_open and whole == bound else whole), False
            if high is None or bound < high or (bound == high and is_open):
                high, is_high_open = bound, is_open
    if high is not None and (low > high or (low == high and (is_low_open or is_high_open))):
        return "none"
    untouched = (low, high, is_low_open, is_high_open) == (span.low, span.high, False, False)
    return "all" if untouched else "some"

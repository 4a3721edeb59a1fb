"""The typed form of what a criteria file says about indicators: populations, measures, windows.

A closed language: these kinds and no others; no expression, no loop, no reference to another city's words.
Every kind has a plain meaning (plain.py) and a text of SQL (sql_*.py), and the two are tested against each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True)
class Words:
    """One text in both languages."""

    ja: str
    en: str


@dataclass(frozen=True)
class Enrolled:
    """Enrolment in the current fiscal year: one of `texts` in a yearly item; if that is not known, a row of another."""

    item: str
    texts: tuple[str, ...]
    else_item: str


@dataclass(frozen=True)
class Population:
    """Children an indicator can be asked of; for all others it is not applicable.

    grade_from, grade_to  1-9 pupils, 0 or less before school, 10-12 high-school age; None: no bound
    """

    id: str
    label: Words
    grade_from: int | None
    grade_to: int | None
    enrolled: Enrolled | None


@dataclass(frozen=True)
class Months:
    """A window of school months that ends with the month of the day."""

    last: int
    kind: Literal["calendar", "school"]


@dataclass(frozen=True)
class InPeriod:
    """1 if a period of the item (with one of the texts, where any are named) holds the day, else 0."""

    item: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class ValueOfYear:
    """The coded value of a yearly item (for a number: the mean of one item).

    year    0 the fiscal year of the day, -1 the year before
    no_row  `none`: the register is complete, so no row says "none"; `unknown`: a row is due
    """

    item: str
    year: int
    no_row: Literal["none", "unknown"]


@dataclass(frozen=True)
class MeanOfYear:
    """Mean of several yearly numbers of one fiscal year; unknown if any one of them is unknown."""

    items: tuple[str, ...]
    year: int


@dataclass(frozen=True)
class Difference:
    """One indicator less another; unknown if either is, not applicable if either is."""

    of: str
    minus: str


Bound = tuple[Literal["at_least", "more_than", "below", "at_most"], Decimal]


@dataclass(frozen=True)
class OverMonths:
    """A figure over the school months of a window in which the child was in grade 1-9.

    how       sum | max | mean | count (months that are as named) | run (the most such months one after the other) |
              rising (the last month's value if every month is above the one before it, else 0)
    texts     a month is as named if its value is one of these, or
    bounds    if its number meets all of these
    no_row    `unknown`: a row is due in every month; `zero`: rows are single events in a complete register, so a
              month without a row counts 0, except before the month in which the child came to live here
    min_rows  a mean is known if so many months are known (fewer months than that: all of them); None: all
    """

    how: Literal["sum", "max", "mean", "count", "run", "rising"]
    item: str
    texts: tuple[str, ...]
    months: Months
    no_row: Literal["unknown", "zero"]
    bounds: tuple[Bound, ...] = ()
    min_rows: int | None = None

    @property
    def counts_months(self) -> bool:
        return self.how in ("count", "run")


@dataclass(frozen=True)
class MonthsWeighed:
    """The months' numbers, each times its weight, over a divisor; asked of who was in grade 1-9 in all of them.

    how      change: the mean of the latest months less the mean of those before | slope: least squares, for a month
    weights  whole numbers, one a month, the oldest first
    """

    how: Literal["change", "slope"]
    item: str
    months: Months
    weights: tuple[int, ...]
    divisor: int


@dataclass(frozen=True)
class MonthsRatio:
    """The sum of one item over the sum of another in the same months; unknown where that other sum is 0."""

    item: str
    per: str
    months: Months


@dataclass(frozen=True)
class DaysSince:
    """Days from the latest event (with one of the texts) to the day; an event past `forget_after` is none.

    no_row  `none`: without an event the question does not arise; `unknown`: an event is due
    """

    item: str
    texts: tuple[str, ...]
    no_row: Literal["none", "unknown"]


@dataclass(frozen=True)
class Events:
    """Number of events (with one of the texts) after the day some months ago, up to the day."""

    item: str
    texts: tuple[str, ...]
    within: int


@dataclass(frozen=True)
class LatestShare:
    """Share of answers with one of the texts among the child's latest answers.

    dates             only answers on the latest so many dates that occur in the child's series (its school's file)
    answers_at_least  with fewer answers the share is unknown
    latest            of these answers at most so many, the latest, are looked at
    """

    item: str
    texts: tuple[str, ...]
    dates: int
    answers_at_least: int
    latest: int


@dataclass(frozen=True)
class LatestRun:
    """How many of the child's latest answers, one after the other from the newest back, are one of the texts.

    dates, answers_at_least  as for a share
    """

    item: str
    texts: tuple[str, ...]
    dates: int
    answers_at_least: int


@dataclass(frozen=True)
class DueCheckup:
    label: str
    from_month: int


@dataclass(frozen=True)
class DueCheckups:
    """Number of due check-ups whose value is one of the texts; a due one without a row is unknown."""

    item: str
    texts: tuple[str, ...]
    due: tuple[DueCheckup, ...]


@dataclass(frozen=True)
class DueDose:
    label: str
    month: int


@dataclass(frozen=True)
class DueDoses:
    """Number of due doses without a row, of a child who lived here on the scheduled day; else unknown.

    grace  months after the scheduled month from which a dose is due
    """

    item: str
    due: tuple[DueDose, ...]
    grace: int


@dataclass(frozen=True)
class HouseholdFirst:
    """The first value in `order` that any adult of the household has.

    `unknown` in the order stands for an adult whose value is not known, is one of `unknown_texts` or has no row,
    or for a household without an adult.
    """

    item: str
    year: int
    adult_age: int
    adult_on: tuple[int, int]
    order: tuple[str, ...]
    unknown_texts: tuple[str, ...]


@dataclass(frozen=True)
class HouseholdCount:
    """How many others of the child's household are of the kind and have a period that holds the day, or an event.

    who     adults: so old on the day; children: younger; others: all
    within  for an event: after the day so many months ago, up to the day
    """

    who: Literal["adults", "children", "others"]
    age: int
    item: str
    texts: tuple[str, ...]
    within: int | None


Measure = (
    InPeriod
    | ValueOfYear
    | MeanOfYear
    | Difference
    | OverMonths
    | MonthsWeighed
    | MonthsRatio
    | Events
    | DaysSince
    | LatestShare
    | LatestRun
    | DueCheckups
    | DueDoses
    | HouseholdFirst
    | HouseholdCount
)


@dataclass(frozen=True)
class Indicator:
    """A fact about a child on a day.

    unknown_as    what is not known is read as this when the upper level is worked out; for a figure over months the
                  value of one unknown month; None: an unknown value changes no level
    forget_after  months after which a fact is no longer used
    """

    id: str
    label: Words
    population: str
    measure: Measure
    unknown_as: Decimal | str | None
    forget_after: int


def items_of(measure: Measure) -> tuple[str, ...]:
    """Catalogue items a measure reads; none for a difference, which reads other indicators."""
    match measure:
        case MeanOfYear():
            return measure.items
        case MonthsRatio():
            return measure.item, measure.per
        case Difference():
            return ()
        case _:
            return (measure.item,)


def is_lower_bound(measure: Measure) -> bool:
    """Whether the value on known facts is sure to be reached, whatever the unknown ones turn out to be."""
    return (isinstance(measure, OverMonths) and measure.how != "mean") or isinstance(
        measure, Events | DueCheckups | DueDoses | HouseholdCount
    )


def items_read(indicators: Iterable[Indicator], populations: Iterable[Population]) -> tuple[str, ...]:
    """Every catalogue item that the indicators and the populations read, sorted."""
    found = {item for one in indicators for item in items_of(one.measure)}
    for population in populations:
        if population.enrolled is not None:
            found |= {population.enrolled.item, population.enrolled.else_item}
    return tuple(sorted(found))


def has_own_divisor(measure: Measure) -> bool:
    """Whether the value of each child is a fraction of something of its own: answers, months known, another sum."""
    return isinstance(measure, LatestShare | MonthsRatio) or (isinstance(measure, OverMonths) and measure.how == "mean")


def gives_text(measure: Measure) -> bool:
    """Whether the value is a code and not a number."""
    return isinstance(measure, ValueOfYear | HouseholdFirst)

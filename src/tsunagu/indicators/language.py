"""The typed form of what a criteria file says about indicators: populations, measures, windows.

A closed language: these kinds and no others; no expression, no loop, no reference to another city's words.
Every kind has a plain meaning (plain.py) and a text of SQL (sql_*.py), and the two are tested against each other.
"""

from __future__ import annotations

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


@dataclass(frozen=True)
class OverMonths:
    """A figure over the school months of a window in which the child was in grade 1-9.

    how     sum | max | count (months whose value is one of `texts`) |
            rising (the last month's value if every month is above the one before it, else 0)
    no_row  `unknown`: a row is due in every month; `zero`: rows are single events in a complete register, so a
            month without a row counts 0, except before the month in which the child came to live here
    """

    how: Literal["sum", "max", "count", "rising"]
    item: str
    texts: tuple[str, ...]
    months: Months
    no_row: Literal["unknown", "zero"]


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


Measure = (
    InPeriod
    | ValueOfYear
    | MeanOfYear
    | Difference
    | OverMonths
    | Events
    | LatestShare
    | DueCheckups
    | DueDoses
    | HouseholdFirst
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
    if isinstance(measure, MeanOfYear):
        return measure.items
    return () if isinstance(measure, Difference) else (measure.item,)


def gives_text(measure: Measure) -> bool:
    """Whether the value is a code and not a number."""
    return isinstance(measure, ValueOfYear | HouseholdFirst)

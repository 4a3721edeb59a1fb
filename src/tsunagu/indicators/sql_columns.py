"""What a measure becomes in SQL: columns of a child's row, over aggregates that all measures share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from tsunagu.indicators import calendar
from tsunagu.indicators import sql_text as sql
from tsunagu.indicators.language import DueCheckups, DueDoses, HouseholdCount, HouseholdFirst, LatestRun, LatestShare
from tsunagu.indicators.sql_sources import (
    Answers,
    Dated,
    Given,
    Household,
    Labelled,
    Members,
    Occurrences,
    Periods,
    Visits,
    year_start,
)

S = TypeVar("S", Answers, Dated, Given, Household, Labelled, Members, Occurrences, Periods, Visits)
Source = Answers | Dated | Given | Household | Labelled | Members | Occurrences | Periods | Visits


@dataclass(frozen=True)
class Columns:
    """SQL for one indicator over the row of a child.

    applies   boolean: the question arises (beside the population)
    is_known  boolean
    value     on known facts; a number times `divisor`, or a code; null where nothing can be said
    worst     the same at the worst, for a child of whom it is missing; a constant where `worst_is_constant`
    divisor   what value and worst must be divided by; SQL text of a whole number above 0
    at        the day, month or year that decided, or NULL; may name the value's own column as {value}
    steps     columns (name, SQL) that stand before these
    """

    applies: str
    is_known: str
    value: str
    worst: str
    is_text: bool = False
    worst_is_constant: bool = False
    divisor: str = "1"
    at: str = "NULL::DATE"
    steps: tuple[tuple[str, str], ...] = ()


@dataclass
class Sources:
    """The aggregates that all indicators of a criteria file need, each once."""

    on: date
    holiday_months: tuple[int, ...]
    found: dict[tuple[object, ...], Source] = field(default_factory=dict)

    def dated(self, item: str, value: str, texts: tuple[str, ...] = ()) -> Dated:
        key = ("dated", item, value, texts)
        return self._get(key, lambda alias: Dated(alias, item, value, texts), Dated)

    def visits(self, item: str) -> Visits:
        return self._get(("visits", item), lambda alias: Visits(alias, item, self.on), Visits)

    def household(self, measure: HouseholdFirst) -> Household:
        year = year_start(self.on, measure.year)
        adult_on = date(year.year, *measure.adult_on)
        adults = self.dated(measure.item, "text")
        adults.column(year)
        return self._get(
            ("household", measure),
            lambda alias: Household(
                alias,
                adults,
                year,
                calendar.years_before(adult_on, measure.adult_age),
                measure.order,
                measure.unknown_texts,
                self.on,
            ),
            Household,
        )

    def members(self, measure: HouseholdCount) -> Members:
        born_by = calendar.years_before(self.on, measure.age)
        has: Periods | Occurrences = (
            self.periods(measure.item, measure.texts)
            if measure.within is None
            else self.occurrences(measure.item, measure.texts, measure.within)
        )
        return self._get(
            ("household", measure), lambda alias: Members(alias, measure.who, born_by, has, self.on), Members
        )

    def periods(self, item: str, texts: tuple[str, ...]) -> Periods:
        return self._get(("periods", item, texts), lambda a: Periods(a, item, texts, self.on), Periods)

    def occurrences(self, item: str, texts: tuple[str, ...], within: int) -> Occurrences:
        after = calendar.months_before(self.on, within)
        return self._get(
            ("events", item, texts, within), lambda a: Occurrences(a, item, texts, after, self.on), Occurrences
        )

    def answers(self, measure: LatestShare | LatestRun, forget_after: int) -> Answers:
        after = calendar.months_before(self.on, forget_after)
        latest = measure.latest if isinstance(measure, LatestShare) else measure.dates
        return self._get(
            ("answers", measure, forget_after),
            lambda a: Answers(a, measure.item, measure.texts, measure.dates, latest, after, self.on),
            Answers,
        )

    def due(self, measure: DueCheckups | DueDoses, forget_after: int) -> Source:
        after = calendar.months_before(self.on, forget_after)
        match measure:
            case DueCheckups():
                labels = tuple(d.label for d in measure.due)
                return self._get(
                    ("labelled", measure, forget_after),
                    lambda a: Labelled(a, measure.item, measure.texts, labels, after),
                    Labelled,
                )
            case DueDoses():
                labels = tuple(d.label for d in measure.due)
                return self._get(
                    ("given", measure, forget_after), lambda a: Given(a, measure.item, labels, after), Given
                )

    def _get(self, key: tuple[object, ...], make: Callable[[str], S], kind: type[S]) -> S:
        if key not in self.found:
            item = key[1] if isinstance(key[1], str) else getattr(key[1], "item", "")
            self.found[key] = make(f"x{len(self.found) + 1}_{item}")
        source = self.found[key]
        assert isinstance(source, kind)  # the key's first part names the kind
        return source


def literal(value: Decimal | str | None, times: int = 1) -> str:
    """The value as SQL, a number times so much; NULL for none."""
    if value is None:
        return "NULL"
    return sql.text(value) if isinstance(value, str) else sql.number(value * times)

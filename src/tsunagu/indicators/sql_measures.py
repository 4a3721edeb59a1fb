"""The SQL text of every measure: what plain.py means, as columns over the aggregates of sql_sources.py.

A column's value is an exact number over an exact divisor (a mean is its sum over the number of items), so that a
comparison with a threshold needs no division and no rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from tsunagu.indicators import calendar
from tsunagu.indicators import sql_text as sql
from tsunagu.indicators.language import (
    Difference,
    DueCheckups,
    DueDoses,
    Events,
    HouseholdFirst,
    Indicator,
    InPeriod,
    LatestShare,
    MeanOfYear,
    OverMonths,
    Population,
    ValueOfYear,
)
from tsunagu.indicators.sql_sources import (
    Answers,
    Dated,
    Given,
    Household,
    Labelled,
    Occurrences,
    Periods,
    Visits,
    year_start,
)

S = TypeVar("S", Answers, Dated, Given, Household, Labelled, Occurrences, Periods, Visits)
Source = Answers | Dated | Given | Household | Labelled | Occurrences | Periods | Visits


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

    def other(self, measure: InPeriod | Events | DueCheckups | DueDoses | LatestShare) -> Source:
        match measure:
            case InPeriod():
                return self._get(
                    ("periods", measure), lambda a: Periods(a, measure.item, measure.texts, self.on), Periods
                )
            case Events():
                after = calendar.months_before(self.on, measure.within)
                return self._get(
                    ("events", measure),
                    lambda a: Occurrences(a, measure.item, measure.texts, after, self.on),
                    Occurrences,
                )
            case DueCheckups():
                labels = tuple(d.label for d in measure.due)
                return self._get(
                    ("labelled", measure), lambda a: Labelled(a, measure.item, measure.texts, labels), Labelled
                )
            case DueDoses():
                labels = tuple(d.label for d in measure.due)
                return self._get(("given", measure), lambda a: Given(a, measure.item, labels), Given)
            case LatestShare():
                return self._get(
                    ("answers", measure),
                    lambda a: Answers(a, measure.item, measure.texts, measure.dates, measure.latest, self.on),
                    Answers,
                )

    def _get(self, key: tuple[object, ...], make: Callable[[str], S], kind: type[S]) -> S:
        if key not in self.found:
            item = key[1] if isinstance(key[1], str) else getattr(key[1], "item", "")
            self.found[key] = make(f"x{len(self.found) + 1}_{item}")
        source = self.found[key]
        assert isinstance(source, kind)  # the key's first part names the kind
        return source


def columns(indicator: Indicator, population: Population, sources: Sources, on: date) -> Columns:
    """The columns of any measure but a difference."""
    measure, worst = indicator.measure, indicator.unknown_as
    match measure:
        case InPeriod():
            alias = sources.other(measure).alias
            holds, known = f"coalesce({alias}_holds, FALSE)", f"({alias}_holds IS TRUE OR {alias}_doubtful IS NOT TRUE)"
            value = f"CASE WHEN {known} THEN {holds}::INTEGER END"
            return Columns("TRUE", known, value, _literal(worst), worst_is_constant=True, at=f"{alias}_since")
        case ValueOfYear():
            dated, start = sources.dated(measure.item, "text"), year_start(on, measure.year)
            value = dated.column(start)
            if measure.no_row == "none":
                absent = f"NOT ({dated.seen(start)}) AND NOT coalesce({dated.alias}_stray, FALSE)"
                value = f"CASE WHEN {absent} THEN 'none' ELSE {value} END"
            return Columns("TRUE", f"({value}) IS NOT NULL", value, _literal(worst), True, True, at=sql.day(start))
        case MeanOfYear():
            start = year_start(on, measure.year)
            parts = [sources.dated(item, "number").column(start) for item in measure.items]
            value = " + ".join(parts)
            size = len(parts)
            return Columns(
                "TRUE",
                f"({value}) IS NOT NULL",
                value,
                _literal(worst, size),
                worst_is_constant=True,
                divisor=str(size),
                at=sql.day(start),
            )
        case OverMonths():
            return _over_months(measure, population, sources, on, worst)
        case Events():
            alias = sources.other(measure).alias
            value = f"coalesce({alias}_n, 0)"
            at_worst = "NULL" if worst is None else f"greatest({value}, {_literal(worst)})"
            return Columns("TRUE", f"NOT coalesce({alias}_doubtful, FALSE)", value, at_worst, at=f"{alias}_newest")
        case LatestShare():
            alias = sources.other(measure).alias
            enough = f"coalesce({alias}_answers, 0) >= {measure.answers_at_least}"
            # The divisor is the number of answers looked at; a missing share has the divisor 1.
            return Columns(
                "TRUE",
                enough,
                f"CASE WHEN {enough} THEN {alias}_n END",
                _literal(worst),
                worst_is_constant=True,
                divisor=f"CASE WHEN {enough} THEN {alias}_used ELSE 1 END",
            )
        case DueCheckups():
            return _due_checkups(measure, sources, on, worst)
        case DueDoses():
            return _due_doses(measure, sources, on, worst)
        case HouseholdFirst():
            alias = sources.household(measure).alias
            return Columns(
                "TRUE",
                f"{alias}_value IS NOT NULL",
                f"{alias}_value",
                _literal(worst),
                True,
                True,
                at=sql.day(year_start(on, measure.year)),
            )
        case Difference():
            raise AssertionError("a difference is made of other indicators' columns: difference()")


def difference(measure: Difference, worst: Decimal | str | None, made: Mapping[str, Columns]) -> Columns:
    """One indicator less another, over the columns i_<id>_* that stand before it."""
    of, minus = made[measure.of], made[measure.minus]
    first, second = f"i_{measure.of}_v", f"i_{measure.minus}_v"
    left = first if minus.divisor in {"1", of.divisor} else f"{first} * {minus.divisor}"
    right = second if of.divisor in {"1", minus.divisor} else f"{second} * {of.divisor}"
    divisor = of.divisor if of.divisor == minus.divisor else str(int(of.divisor) * int(minus.divisor))
    states = f"i_{measure.of}_s", f"i_{measure.minus}_s"
    return Columns(
        f"{states[0]} > 0 AND {states[1]} > 0",
        f"{states[0]} = 1 AND {states[1]} = 1",
        f"CASE WHEN {states[0]} = 1 AND {states[1]} = 1 THEN {left} - {right} END",
        _literal(worst, int(divisor)),
        worst_is_constant=True,
        divisor=divisor,
        at=of.at if minus.at == "NULL::DATE" else minus.at,
    )


def _literal(value: Decimal | str | None, times: int = 1) -> str:
    if value is None:
        return "NULL"
    return sql.text(value) if isinstance(value, str) else sql.number(value * times)


def _over_months(
    measure: OverMonths, population: Population, sources: Sources, on: date, worst: Decimal | str | None
) -> Columns:
    months = _window(measure, sources)
    applies = [sql.applies_in(m, on, population.grade_from) for m in months]
    one = _literal(worst)
    if measure.no_row == "zero":
        visits = sources.visits(measure.item)
        known = [visits.count(m) for m in months]
        sure = [
            f"NOT ({visits.doubtful(m)} OR coalesce(resident_from >= {sql.day(calendar.add_months(m, 1))}, FALSE))"
            for m in months
        ]
        filled = [f"CASE WHEN {s} THEN {v} ELSE greatest({v}, {one}) END" for s, v in zip(sure, known, strict=True)]
    else:
        value = "one_of" if measure.texts else "number"
        dated = sources.dated(measure.item, value, measure.texts)
        known = [dated.column(m) for m in months]
        sure = [f"{v} IS NOT NULL" for v in known]
        filled = [f"coalesce({v}, {one})" for v in known]
    asked = [v if a == "TRUE" else f"CASE WHEN {a} THEN {v} END" for a, v in zip(applies, known, strict=True)]
    worsts = [v if a == "TRUE" else f"CASE WHEN {a} THEN {v} END" for a, v in zip(applies, filled, strict=True)]
    all_sure = sql.all_of(s if a == "TRUE" else f"(NOT {a} OR {s})" for a, s in zip(applies, sure, strict=True))
    some = "TRUE" if "TRUE" in applies else f"({sql.any_of(applies)})"
    last = "NULL::DATE"
    if measure.how == "rising":
        rises = " AND ".join(f"{a} < {b}" for a, b in pairwise(known))
        value = f"CASE WHEN {all_sure} THEN CASE WHEN {rises} THEN {known[-1]} ELSE 0 END END"
        return Columns(sql.all_of(applies), all_sure, value, one, worst_is_constant=True, at=sql.day(months[-1]))
    if measure.how == "max":
        value, at_worst = _greatest(asked), _greatest(worsts)
        newest = [(m, v) for m, v in zip(months, asked, strict=True)][::-1]
        cases = " ".join(f"WHEN {v} = {{value}} THEN {sql.day(m)}" for m, v in newest)
        last = f"CASE {cases} END"
    else:
        nothing = " AND ".join(f"({v}) IS NULL" for v in asked)
        total = " + ".join(f"coalesce({v}, 0)" for v in asked)
        value = f"CASE WHEN NOT ({nothing}) THEN {total} END"
        at_worst = " + ".join(f"coalesce({v}, 0)" for v in worsts)
    return Columns(some, all_sure, value, "NULL" if worst is None else at_worst, at=last)


def _greatest(values: list[str]) -> str:
    return f"greatest({', '.join(values)})" if len(values) > 1 else values[0]


def _window(measure: OverMonths, sources: Sources) -> tuple[date, ...]:
    return calendar.window_months(sources.on, measure.months.last, measure.months.kind, sources.holiday_months)


def _born_by(on: date, months: int) -> str:
    """Completed months of age are at least so many: a bound on the birth date."""
    return f"birth_date <= {sql.day(calendar.months_before(on, months))}"


def _due_checkups(measure: DueCheckups, sources: Sources, on: date, worst: Decimal | str | None) -> Columns:
    alias = sources.other(measure).alias
    due = [_born_by(on, d.from_month) for d in measure.due]
    values = [f"{alias}_l{k}" for k in range(1, len(due) + 1)]
    missed = " + ".join(f"CASE WHEN {d} AND {v} = 1 THEN 1 ELSE 0 END" for d, v in zip(due, values, strict=True))
    known = sql.all_of(f"(NOT {d} OR {v} IS NOT NULL)" for d, v in zip(due, values, strict=True))
    some_known = sql.any_of(f"({d} AND {v} IS NOT NULL)" for d, v in zip(due, values, strict=True))
    at_worst = " + ".join(f"CASE WHEN {d} THEN coalesce({v}, 1) ELSE 0 END" for d, v in zip(due, values, strict=True))
    return Columns(
        f"({sql.any_of(due)})",
        known,
        f"CASE WHEN {some_known} THEN {missed} END",
        "NULL" if worst is None else at_worst,
    )


def _due_doses(measure: DueDoses, sources: Sources, on: date, worst: Decimal | str | None) -> Columns:
    alias = sources.other(measure).alias
    bits = {dose: 1 << place for place, dose in enumerate(measure.due, 1)}

    def those(months: int) -> int:
        """Doses scheduled so many months after birth, or earlier."""
        return sum(bit for dose, bit in bits.items() if dose.month <= months)

    scheduled = sorted({dose.month for dose in measure.due}, reverse=True)
    due = (
        "CASE " + " ".join(f"WHEN {_born_by(on, m + measure.grace)} THEN {those(m)}" for m in scheduled) + " ELSE 0 END"
    )
    # Whole months from birth to the day before the child came: a dose scheduled up to then was due elsewhere.
    came = (
        "(year(resident_from) - year(birth_date)) * 12 + month(resident_from) - month(birth_date)"
        " - CASE WHEN day(resident_from) <= least(day(birth_date), 28) THEN 1 ELSE 0 END"
    )
    elsewhere = (
        "CASE WHEN resident_from IS NULL OR resident_from = birth_date THEN 0 "
        + " ".join(f"WHEN {came} >= {m} THEN {those(m)}" for m in scheduled)
        + " ELSE 0 END"
    )
    every = sum(bits.values())
    doubt = f"coalesce({alias}_doubtful, 0) | ({elsewhere}) | CASE WHEN {alias}_stray THEN {every} ELSE 0 END"
    name = f"{alias}_due"
    open_doses = f"{name} & ~coalesce({alias}_given, 0)"
    steps = ((name, due), (f"{alias}_open", open_doses), (f"{alias}_unsure", f"{alias}_open & ({doubt})"))
    unsure, no_row = f"bit_count({alias}_unsure)", f"bit_count({alias}_open)"
    return Columns(
        f"{name} <> 0",
        f"{unsure} = 0",
        f"CASE WHEN {unsure} < bit_count({name}) THEN {no_row} - {unsure} END",
        "NULL" if worst is None else no_row,
        steps=steps,
    )

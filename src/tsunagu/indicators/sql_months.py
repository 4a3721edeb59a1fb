"""The SQL text of the measures over months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from tsunagu.indicators import calendar
from tsunagu.indicators import sql_text as sql
from tsunagu.indicators.language import Months, MonthsRatio, MonthsWeighed, OverMonths, Population
from tsunagu.indicators.sql_columns import Columns, Sources, literal


@dataclass(frozen=True)
class _Months:
    """What each month of a window says, the oldest first: whether it applies, its value, and whether that is sure."""

    firsts: tuple[date, ...]
    applies: list[str]
    known: list[str]
    sure: list[str]

    def asked(self, values: list[str]) -> list[str]:
        """The values of the months that apply; null for the others."""
        return [v if a == "TRUE" else f"CASE WHEN {a} THEN {v} END" for a, v in zip(self.applies, values, strict=True)]

    @property
    def all_sure(self) -> str:
        return sql.all_of(
            s if a == "TRUE" else f"(NOT {a} OR {s})" for a, s in zip(self.applies, self.sure, strict=True)
        )

    @property
    def some(self) -> str:
        return "TRUE" if "TRUE" in self.applies else f"({sql.any_of(self.applies)})"


def _numbers(item: str, months: Months, population: Population, sources: Sources, on: date) -> _Months:
    firsts = calendar.window_months(on, months.last, months.kind, sources.holiday_months)
    dated = sources.dated(item, "number")
    known = [dated.column(m) for m in firsts]
    applies = [sql.applies_in(m, on, population.grade_from) for m in firsts]
    return _Months(firsts, applies, known, [f"{v} IS NOT NULL" for v in known])


def over_months(
    measure: OverMonths, population: Population, sources: Sources, on: date, worst: Decimal | str | None
) -> Columns:
    """Columns of a figure over the months."""
    firsts = calendar.window_months(on, measure.months.last, measure.months.kind, sources.holiday_months)
    applies = [sql.applies_in(m, on, population.grade_from) for m in firsts]
    one = literal(worst)
    if measure.no_row == "zero":
        visits = sources.visits(measure.item)
        known = [visits.count(m) for m in firsts]
        sure = [
            f"NOT ({visits.doubtful(m)} OR coalesce(resident_from >= {sql.day(calendar.add_months(m, 1))}, FALSE))"
            for m in firsts
        ]
        known = [_as_named(measure, v) for v in known] if measure.bounds else known
        filled = [f"CASE WHEN {s} THEN {v} ELSE greatest({v}, {one}) END" for s, v in zip(sure, known, strict=True)]
    else:
        dated = sources.dated(measure.item, "one_of" if measure.texts else "number", measure.texts)
        known = [dated.column(m) for m in firsts]
        sure = [f"{v} IS NOT NULL" for v in known]
        known = [_as_named(measure, v) for v in known] if measure.bounds else known
        filled = [f"coalesce({v}, {one})" for v in known]
    months = _Months(firsts, applies, known, sure)
    asked, worsts, all_sure = months.asked(known), months.asked(filled), months.all_sure
    nothing = " AND ".join(f"({v}) IS NULL" for v in asked)
    match measure.how:
        case "rising":
            rises = " AND ".join(f"{a} < {b}" for a, b in pairwise(known))
            value = f"CASE WHEN {all_sure} THEN CASE WHEN {rises} THEN {known[-1]} ELSE 0 END END"
            at = sql.day(firsts[-1])
            return Columns(sql.all_of(applies), all_sure, value, one, worst_is_constant=True, at=at)
        case "mean":
            return _mean(measure, months, worsts, worst)
        case "max":
            newest = [(m, v) for m, v in zip(firsts, asked, strict=True)][::-1]
            cases = " ".join(f"WHEN {v} = {{value}} THEN {sql.day(m)}" for m, v in newest)
            value, at_worst, at = _greatest(asked), _greatest(worsts), f"CASE {cases} END"
        case "run":
            value = f"CASE WHEN NOT ({nothing}) THEN {_longest_run(asked)} END"
            at_worst, at = _longest_run(worsts), "NULL::DATE"
        case _:
            value = f"CASE WHEN NOT ({nothing}) THEN {_total(asked)} END"
            at_worst, at = _total(worsts), "NULL::DATE"
    return Columns(months.some, all_sure, value, "NULL" if worst is None else at_worst, at=at)


def _as_named(measure: OverMonths, value: str) -> str:
    """1 where the number meets the bounds, 0 where not, null where it is not known."""
    meets = " AND ".join(f"{value} {sql.OPERATORS[how]} {sql.number(limit)}" for how, limit in measure.bounds)
    return f"({meets})::INTEGER"


def _total(values: list[str]) -> str:
    return " + ".join(f"coalesce({v}, 0)" for v in values)


def _longest_run(values: list[str]) -> str:
    """Of months that are 1, 0 or null: the most ones that follow each other."""
    runs, run = [], "0"
    for value in values:
        run = f"(coalesce({value}, 0) * (1 + {run}))"
        runs.append(run)
    return _greatest(runs)


def _mean(measure: OverMonths, months: _Months, worsts: list[str], worst: Decimal | str | None) -> Columns:
    ones = ["1"] * len(months.firsts)
    asked = " + ".join(f"coalesce({one}, 0)" for one in months.asked(ones))
    of_known = [f"CASE WHEN {s} THEN {v} END" for s, v in zip(months.sure, months.known, strict=True)]
    known = " + ".join(f"({v} IS NOT NULL)::INTEGER" for v in months.asked(of_known))
    due = f"({asked})" if measure.min_rows is None else f"least({measure.min_rows}, {asked})"
    enough = f"({known} > 0 AND {known} >= {due})"
    return Columns(
        months.some,
        enough,
        f"CASE WHEN {enough} THEN {_total(months.asked(of_known))} END",
        "NULL" if worst is None else _total(worsts),
        divisor=f"CASE WHEN {enough} THEN {known} ELSE greatest({asked}, 1) END",
        at=sql.day(months.firsts[-1]),
    )


def weighed(
    measure: MonthsWeighed, population: Population, sources: Sources, on: date, worst: Decimal | str | None
) -> Columns:
    """Columns of a change or a slope; a known value only where every month is known."""
    months = _numbers(measure.item, measure.months, population, sources, on)
    total = " + ".join(f"{weight} * {v}" for weight, v in zip(measure.weights, months.known, strict=True))
    return Columns(
        sql.all_of(months.applies),
        months.all_sure,
        f"CASE WHEN {months.all_sure} THEN {total} END",
        literal(worst, measure.divisor),
        worst_is_constant=True,
        divisor=str(measure.divisor),
        at=sql.day(months.firsts[-1]),
    )


def ratio(
    measure: MonthsRatio, population: Population, sources: Sources, on: date, worst: Decimal | str | None
) -> Columns:
    """Columns of one sum over another; the divisor is the other sum."""
    of, per = (_numbers(item, measure.months, population, sources, on) for item in (measure.item, measure.per))
    below = _total(per.asked(per.known))
    known = f"({of.all_sure} AND {per.all_sure} AND {below} > 0)"
    return Columns(
        of.some,
        known,
        f"CASE WHEN {known} THEN {_total(of.asked(of.known))} END",
        literal(worst),
        worst_is_constant=True,
        divisor=f"CASE WHEN {known} THEN {below} ELSE 1 END",
        at=sql.day(of.firsts[-1]),
    )


def _greatest(values: list[str]) -> str:
    return f"greatest({', '.join(values)})" if len(values) > 1 else values[0]

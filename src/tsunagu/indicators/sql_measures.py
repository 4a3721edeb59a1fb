"""The SQL text of every measure: what plain.py means, as columns over the aggregates of sql_sources.py.

A column's value is an exact number over an exact divisor (a mean is its sum over the number of items), so that a
comparison with a threshold needs no division and no rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from tsunagu.indicators import calendar, sql_months
from tsunagu.indicators import sql_text as sql
from tsunagu.indicators.language import (
    DaysSince,
    Difference,
    DueCheckups,
    DueDoses,
    Events,
    HouseholdCount,
    HouseholdFirst,
    Indicator,
    InPeriod,
    LatestRun,
    LatestShare,
    MeanOfYear,
    MonthsRatio,
    MonthsWeighed,
    OverMonths,
    Population,
    ValueOfYear,
)
from tsunagu.indicators.sql_columns import Columns, Sources, literal
from tsunagu.indicators.sql_sources import year_start


def columns(indicator: Indicator, population: Population, sources: Sources, on: date) -> Columns:
    """The columns of any measure but a difference."""
    measure, worst = indicator.measure, indicator.unknown_as
    match measure:
        case InPeriod():
            alias = sources.periods(measure.item, measure.texts).alias
            holds, known = f"coalesce({alias}_holds, FALSE)", f"({alias}_holds IS TRUE OR {alias}_doubtful IS NOT TRUE)"
            value = f"CASE WHEN {known} THEN {holds}::INTEGER END"
            return Columns("TRUE", known, value, literal(worst), worst_is_constant=True, at=f"{alias}_since")
        case ValueOfYear():
            dated, start = sources.dated(measure.item, "text"), year_start(on, measure.year)
            value = dated.column(start)
            known = f"{value} IS NOT NULL"
            if measure.no_row == "none":
                absent = f"NOT ({dated.seen(start)}) AND NOT coalesce({dated.alias}_stray, FALSE)"
                value, known = f"CASE WHEN {absent} THEN 'none' ELSE {value} END", f"({known} OR ({absent}))"
            return Columns("TRUE", known, value, literal(worst), True, True, at=sql.day(start))
        case MeanOfYear():
            start = year_start(on, measure.year)
            parts = [sources.dated(item, "number").column(start) for item in measure.items]
            size = len(parts)
            return Columns(
                "TRUE",
                " AND ".join(f"{part} IS NOT NULL" for part in parts),
                " + ".join(parts),
                literal(worst, size),
                worst_is_constant=True,
                divisor=str(size),
                at=sql.day(start),
            )
        case OverMonths():
            return sql_months.over_months(measure, population, sources, on, worst)
        case MonthsWeighed():
            return sql_months.weighed(measure, population, sources, on, worst)
        case MonthsRatio():
            return sql_months.ratio(measure, population, sources, on, worst)
        case DaysSince():
            return _days_since(measure, sources, indicator.forget_after, worst)
        case Events():
            alias = sources.occurrences(measure.item, measure.texts, measure.within).alias
            value = f"coalesce({alias}_n, 0)"
            at_worst = "NULL" if worst is None else f"greatest({value}, {literal(worst)})"
            return Columns("TRUE", f"NOT coalesce({alias}_doubtful, FALSE)", value, at_worst, at=f"{alias}_newest")
        case LatestRun():
            alias = sources.answers(measure, indicator.forget_after).alias
            enough = f"coalesce({alias}_answers, 0) >= {measure.answers_at_least}"
            run = f"CASE WHEN {enough} THEN {alias}_run END"
            return Columns("TRUE", enough, run, literal(worst), worst_is_constant=True)
        case LatestShare():
            alias = sources.answers(measure, indicator.forget_after).alias
            enough = f"coalesce({alias}_answers, 0) >= {measure.answers_at_least}"
            # The divisor is the number of answers looked at; a missing share has the divisor 1.
            return Columns(
                "TRUE",
                enough,
                f"CASE WHEN {enough} THEN {alias}_n END",
                literal(worst),
                worst_is_constant=True,
                divisor=f"CASE WHEN {enough} THEN {alias}_used ELSE 1 END",
            )
        case DueCheckups():
            return _due_checkups(measure, sources, on, indicator.forget_after, worst)
        case DueDoses():
            return _due_doses(measure, sources, on, indicator.forget_after, worst)
        case HouseholdFirst():
            alias = sources.household(measure).alias
            return Columns(
                "TRUE",
                f"{alias}_value IS NOT NULL",
                f"{alias}_value",
                literal(worst),
                True,
                True,
                at=sql.day(year_start(on, measure.year)),
            )
        case HouseholdCount():
            return _household_count(measure, sources, worst)
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
        literal(worst, int(divisor)),
        worst_is_constant=True,
        divisor=divisor,
        at=of.at if minus.at == "NULL::DATE" else minus.at,
    )


def _days_since(measure: DaysSince, sources: Sources, forget_after: int, worst: Decimal | str | None) -> Columns:
    alias = sources.occurrences(measure.item, measure.texts, forget_after).alias
    doubtful, newest = f"coalesce({alias}_doubtful, FALSE)", f"{alias}_newest"
    is_none = "FALSE" if measure.no_row == "unknown" else f"(NOT {doubtful} AND {newest} IS NULL)"
    known = f"(NOT {doubtful} AND {newest} IS NOT NULL)"
    value = f"CASE WHEN {known} THEN date_diff('day', {newest}, {sql.day(sources.on)}) END"
    return Columns(f"NOT {is_none}", known, value, literal(worst), worst_is_constant=True, at=newest)


def _household_count(measure: HouseholdCount, sources: Sources, worst: Decimal | str | None) -> Columns:
    members = sources.members(measure)
    # The household's figures count the child too; its own part is taken out again.
    own_sure, own_doubtful = members.parts(members.of_child())
    sure = f"coalesce({members.alias}_sure, 0) - {own_sure}"
    doubtful = f"coalesce({members.alias}_doubtful, 0) - {own_doubtful}"
    return Columns(
        "TRUE",
        f"(household_id IS NOT NULL AND {doubtful} = 0)",
        f"CASE WHEN household_id IS NOT NULL THEN {sure} END",
        "NULL"
        if worst is None
        else f"CASE WHEN household_id IS NULL THEN {literal(worst)} ELSE {sure} + {doubtful} END",
    )


def _born_by(on: date, months: int) -> str:
    """Completed months of age are at least so many: a bound on the birth date."""
    return f"birth_date <= {sql.day(calendar.months_before(on, months))}"


def _due_checkups(
    measure: DueCheckups, sources: Sources, on: date, forget_after: int, worst: Decimal | str | None
) -> Columns:
    alias = sources.due(measure, forget_after).alias
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


def _due_doses(
    measure: DueDoses, sources: Sources, on: date, forget_after: int, worst: Decimal | str | None
) -> Columns:
    alias = sources.due(measure, forget_after).alias
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

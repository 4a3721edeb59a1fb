"""Criteria with one threshold, comparison, code, window end or row changed a little."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

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
    Measure,
    MonthsRatio,
    MonthsWeighed,
    OverMonths,
    ValueOfYear,
)
from tsunagu.screening.criteria import AllOf, AnyOf, Comparison, Condition, Criteria, JudgmentAt, JudgmentsAt

_SWAPPED = {"at_least": "more_than", "more_than": "at_least", "below": "at_most", "at_most": "below"}
Mutant = tuple[str, Criteria]


def mutants(criteria: Criteria) -> list[Mutant]:
    """Every change, with what was changed."""
    return [*changed_signs(criteria), *changed_measures(criteria), *_of_levels(criteria)]


def changed_signs(criteria: Criteria) -> Iterator[Mutant]:
    """One comparison of one sign changed."""
    for place, sign in enumerate(criteria.signs):
        for how, when in _conditions(sign.when, dict(criteria.codes), criteria):
            signs = (*criteria.signs[:place], replace(sign, when=when), *criteria.signs[place + 1 :])
            yield f"{sign.code}: {how}", replace(criteria, signs=signs)


def _conditions(
    when: Condition, codes: dict[str, tuple[str, ...]], criteria: Criteria
) -> Iterator[tuple[str, Condition]]:
    if isinstance(when, AllOf | AnyOf):
        other = AnyOf if isinstance(when, AllOf) else AllOf
        yield "all and any", other(when.parts)
        for place, part in enumerate(when.parts):
            for how, changed in _conditions(part, codes, criteria):
                yield how, replace(when, parts=(*when.parts[:place], changed, *when.parts[place + 1 :]))
        return
    for place, (operator, value) in enumerate(when.tests):
        changes: list[tuple[Any, Any]] = []
        if isinstance(value, str):
            known = [code for item in criteria.items_of(when.indicator) for code in codes.get(item, ())]
            changes = [("is", code) for code in known if code != value]
        else:
            measure = criteria.indicator(when.indicator).measure
            step = _step(measure, value)
            changes = [(operator, value + step), (operator, value - step)]
            if operator in _SWAPPED:
                changes.append((_SWAPPED[operator], value))
            if operator == "equals" and not isinstance(measure, InPeriod):  # which is 1 or 0
                changes.append(("at_least", value))
        for change in changes:
            tests = (*when.tests[:place], change, *when.tests[place + 1 :])
            yield f"{operator} {value} as {change[0]} {change[1]}", Comparison(when.indicator, tests)


def _step(measure: Measure, value: Decimal) -> Decimal:
    """The smallest change that may mean something: a day, a person, a month; less where values are finer."""
    if isinstance(measure, DaysSince | HouseholdCount | LatestRun):
        return Decimal(1)
    if isinstance(measure, Difference | MonthsWeighed) and value != int(value):
        return Decimal("0.1")
    if value != int(value):
        return Decimal("0.05")
    return Decimal(1) if value < 35 else Decimal("0.5")


def changed_measures(criteria: Criteria) -> Iterator[Mutant]:
    """One measure changed."""
    for place, indicator in enumerate(criteria.indicators):
        for how, changed in _measures(indicator):
            indicators = (*criteria.indicators[:place], changed, *criteria.indicators[place + 1 :])
            yield f"{indicator.id}: {how}", replace(criteria, indicators=indicators)


def _measures(indicator: Indicator) -> Iterator[tuple[str, Indicator]]:
    measure: Any = indicator.measure
    changes: list[tuple[str, Any]] = []
    match measure:
        case InPeriod() if measure.texts:
            changes = [
                (f"without {text}", replace(measure, texts=_without(measure.texts, text))) for text in measure.texts
            ]
        case ValueOfYear() | MeanOfYear() | HouseholdFirst():
            changes = [("a year earlier", replace(measure, year=measure.year - 1))]
            if isinstance(measure, HouseholdFirst):
                changes += [(f"adult at {a}", replace(measure, adult_age=a)) for a in (17, 19)]
                changes += [("adult a day later", replace(measure, adult_on=(1, 2)))]
        case OverMonths():
            changes = [
                (f"{n} months", replace(measure, months=replace(measure.months, last=n)))
                for n in (measure.months.last - 1, measure.months.last + 1)
                if n
            ]
            for at, (operator, limit) in enumerate(measure.bounds):
                changes += [
                    (f"{operator} {moved}", replace(measure, bounds=_with(measure.bounds, at, (operator, moved))))
                    for moved in (limit - 1, limit + 1)
                ]
            if measure.min_rows is not None:
                changes += [(f"min_rows {n}", replace(measure, min_rows=n)) for n in (1, measure.min_rows + 1)]
        case MonthsRatio():
            changes = [
                (f"{n} months", replace(measure, months=replace(measure.months, last=n)))
                for n in (measure.months.last - 1, measure.months.last + 1)
            ]
        case HouseholdCount():
            changes = [("others", replace(measure, who="others"))] if measure.who != "others" else []
            if measure.who != "others":
                changes += [(f"age {a}", replace(measure, age=a)) for a in (measure.age - 1, measure.age + 1)]
            changes += [(f"without {t}", replace(measure, texts=_without(measure.texts, t))) for t in measure.texts]
        case Events():
            changes = [(f"within {n}", replace(measure, within=n)) for n in (measure.within - 1, measure.within + 1)]
        case LatestShare() | LatestRun():
            names = (
                ("dates", "answers_at_least", "latest") if isinstance(measure, LatestShare) else ("answers_at_least",)
            )
            for name in names:
                now = getattr(measure, name)
                changes += [(f"{name} {n}", replace(measure, **{name: n})) for n in (now - 1, now + 1)]
            changes += [(f"without {t}", replace(measure, texts=_without(measure.texts, t))) for t in measure.texts]
        case DueCheckups() | DueDoses():
            name = "from_month" if isinstance(measure, DueCheckups) else "month"
            for place, due in enumerate(measure.due):
                for by in (-1, 1):
                    moved = replace(due, **{name: getattr(due, name) + by})
                    listed = (*measure.due[:place], moved, *measure.due[place + 1 :])
                    changes.append((f"{due.label} by {by} month", replace(measure, due=listed)))
            if isinstance(measure, DueDoses):
                changes += [(f"grace {n}", replace(measure, grace=n)) for n in (measure.grace - 1, measure.grace + 1)]
        case _:
            pass
    for how, changed in changes:
        yield how, replace(indicator, measure=changed)


def _with(bounds: tuple[Any, ...], at: int, bound: Any) -> tuple[Any, ...]:
    return (*bounds[:at], bound, *bounds[at + 1 :])


def _without(texts: tuple[str, ...], left: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text != left) or ("nothing",)


def _of_levels(criteria: Criteria) -> Iterator[Mutant]:
    for place, judgment in enumerate(criteria.judgments):
        for at, level in enumerate(judgment.levels):
            changed = [replace(level, any_of=_but(level.any_of, n)) for n in range(len(level.any_of))]
            if level.groups is not None:
                changed += [replace(level, groups=n) for n in (level.groups - 1, level.groups + 1) if n]
            if level.points is not None:
                changed += [replace(level, points=n) for n in (level.points - 1, level.points + 1) if n]
            for one in changed:
                levels = (*judgment.levels[:at], one, *judgment.levels[at + 1 :])
                judgments = (
                    *criteria.judgments[:place],
                    replace(judgment, levels=levels),
                    *criteria.judgments[place + 1 :],
                )
                yield (
                    f"{judgment.id} level {level.level}: {one.any_of} {one.groups} {one.points}",
                    replace(criteria, judgments=judgments),
                )
    for place, row in enumerate(criteria.overall.rows):
        for n, tests in enumerate(row.any_of):
            variants: list[Any] = [_but(row.any_of, n)]
            for k, test in enumerate(tests):
                if isinstance(test, JudgmentAt | JudgmentsAt):
                    other = replace(test, at_least=3 - test.at_least)
                    moved = (*tests[:k], other, *tests[k + 1 :])
                    variants.append((*row.any_of[:n], moved, *row.any_of[n + 1 :]))
            for any_of in variants:
                rows = (
                    *criteria.overall.rows[:place],
                    replace(row, any_of=any_of),
                    *criteria.overall.rows[place + 1 :],
                )
                yield f"{row.name}: {any_of}", replace(criteria, overall=replace(criteria.overall, rows=rows))


def _but(listed: tuple[Any, ...], n: int) -> tuple[Any, ...]:
    return (*listed[:n], *listed[n + 1 :])

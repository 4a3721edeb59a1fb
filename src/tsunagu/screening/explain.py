"""Why a child stands where it stands: the fewest signs that keep its level, and the least change that would raise it.

Asked of the run's own tables alone, so that a year later the answer is the one of that day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, product
from typing import Any

from tsunagu.indicators.history import Value
from tsunagu.indicators.language import Difference
from tsunagu.screening.criteria import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Criteria,
    Operator,
    OverallLevel,
    comparisons,
)
from tsunagu.screening.limits import step_of
from tsunagu.screening.reference import holds, level_from, overall_from

# The step beyond a limit that must not be reached: the smallest that any measure of ours gives.
_STEP = Fraction(1, 10)
_MOST_SIGNS = 3


@dataclass(frozen=True)
class Standing:
    """One child as a run left it. values: by indicator, None where nothing is known; applies: judgments asked of it."""

    values: Mapping[str, Value]
    not_applicable: frozenset[str]
    applies: frozenset[str]


@dataclass(frozen=True)
class Needed:
    """What an indicator would have to be. now: None where it is not known."""

    indicator: str
    now: Value
    operator: Operator
    limit: Decimal | str


@dataclass(frozen=True)
class Change:
    """A change of the fewest signs that gives a more urgent level. signs: those that would hold in addition."""

    signs: tuple[str, ...]
    needed: tuple[Needed, ...]
    level: OverallLevel


@dataclass(frozen=True)
class Explanation:
    """level: on what is known. smallest: every set of the fewest signs that gives it; one empty set for `none`.

    nearest  every change of the fewest signs that gives a more urgent level, the fewest values first, then the smallest
             step, then by sign; none that asks for all that another one asks for. Empty at the most urgent level
    """

    level: OverallLevel
    signs: tuple[str, ...]
    smallest: tuple[tuple[str, ...], ...]
    nearest: tuple[Change, ...]


def standing_of(indicators: Iterable[Mapping[str, Any]], judgments: Iterable[Mapping[str, Any]]) -> Standing:
    """One child's rows of INDICATORS and JUDGMENTS."""
    values: dict[str, Value] = {}
    apart = set()
    for row in indicators:
        values[row["indicator"]] = row["text"] if row["number"] is None else Fraction(row["number"])
        if row["state"] == "not_applicable":
            apart.add(row["indicator"])
    asked = {row["judgment"] for row in judgments if row["level"] != "NA" and row["judgment"] != "overall"}
    return Standing(values, frozenset(apart), frozenset(asked))


def explain(criteria: Criteria, child: Standing) -> Explanation:
    """The fewest signs behind the level, and the nearest more urgent one."""
    signs = signs_on(criteria, child.values)
    level = level_of(criteria, signs, child.applies)
    return Explanation(
        level=level,
        signs=tuple(sorted(signs)),
        smallest=_smallest(criteria, signs, child.applies, level),
        nearest=_nearest(criteria, child, signs, level),
    )


def signs_on(criteria: Criteria, values: Mapping[str, Value]) -> frozenset[str]:
    """The signs that hold on these values; an indicator without one is not known."""
    every = {indicator.id: None for indicator in criteria.indicators} | dict(values)
    return frozenset(sign.code for sign in criteria.signs if holds(sign.when, every))


def level_of(criteria: Criteria, signs: Collection[str], applies: Collection[str]) -> OverallLevel:
    """The overall level that these signs give. applies: the judgments asked of the child."""
    levels = {j.id: level_from(criteria, j, signs) if j.id in applies else 0 for j in criteria.judgments}
    return overall_from(criteria.overall, levels, signs)


def _smallest(
    criteria: Criteria, signs: Collection[str], applies: Collection[str], level: OverallLevel
) -> tuple[tuple[str, ...], ...]:
    for size in range(len(signs) + 1):
        found = tuple(c for c in combinations(sorted(signs), size) if level_of(criteria, c, applies) == level)
        if found:
            return found
    return (tuple(sorted(signs)),)


def _nearest(criteria: Criteria, child: Standing, signs: frozenset[str], level: OverallLevel) -> tuple[Change, ...]:
    open_signs = [
        sign
        for sign in criteria.signs
        if sign.code not in signs and not any(c.indicator in child.not_applicable for c in comparisons(sign.when))
    ]
    for size in range(1, _MOST_SIGNS + 1):
        found = [
            Change(tuple(sign.code for sign in chosen), needed, reached)
            for chosen in combinations(open_signs, size)
            for needed in _ways([sign.when for sign in chosen], child.values)
            for reached in [level_of(criteria, signs_on(criteria, _changed(criteria, child, needed)), child.applies)]
            if reached.rank < level.rank
        ]
        if found:
            return _in_order(criteria, found)
    return ()


def _in_order(criteria: Criteria, found: Sequence[Change]) -> tuple[Change, ...]:
    """The changes without those that ask for all that another one asks for, the least first."""

    def size(change: Change) -> tuple[int, tuple[int, Fraction], tuple[str, ...]]:
        return len({one.indicator for one in change.needed}), _size(criteria, change), change.signs

    in_order = sorted(found, key=size)
    return tuple(
        change
        for place, change in enumerate(in_order)
        if not any(
            _asks_for(change, other) and (n < place or not _asks_for(other, change))
            for n, other in enumerate(in_order)
            if n != place
        )
    )


def _asks_for(change: Change, other: Change) -> bool:
    """Whether with the one change the other one has come about too."""
    return all(any(_is_met(there, here) for here in change.needed) for there in other.needed)


def _is_met(wanted: Needed, by: Needed) -> bool:
    if wanted.indicator != by.indicator or wanted.operator != by.operator:
        return False
    if isinstance(wanted.limit, str) or isinstance(by.limit, str):
        return wanted.limit == by.limit
    match wanted.operator:
        case "at_least" | "more_than":
            return by.limit >= wanted.limit
        case "at_most" | "below":
            return by.limit <= wanted.limit
        case _:
            return by.limit == wanted.limit


def _size(criteria: Criteria, change: Change) -> tuple[int, Fraction]:
    """How far the values are from where they would have to be: so many not known, and the steps of the others."""
    steps, unknown = Fraction(0), 0
    for one in change.needed:
        if one.now is None:
            unknown += 1
        elif isinstance(one.now, Fraction) and isinstance(one.limit, Decimal):
            step = step_of(criteria.indicator(one.indicator).measure, one.limit)
            steps += abs(Fraction(one.limit) - one.now) / Fraction(step)
        else:
            steps += 1  # one word for another
    return unknown, steps


def _ways(conditions: Iterable[Condition], values: Mapping[str, Value]) -> Iterator[tuple[Needed, ...]]:
    """Each way in which all conditions come to hold, as what the indicators would have to be."""
    for parts in product(*(_ways_of(condition, values) for condition in conditions)):
        yield tuple(dict.fromkeys(needed for part in parts for needed in part))


def _ways_of(condition: Condition, values: Mapping[str, Value]) -> list[tuple[Needed, ...]]:
    if isinstance(condition, AnyOf):
        return [way for part in condition.parts for way in _ways_of(part, values)]
    if isinstance(condition, AllOf):
        return list(_ways(condition.parts, values))
    now = values.get(condition.indicator)
    if holds(condition, {condition.indicator: now}):
        return [()]
    # Of `at_least 40, below 45` only what does not hold yet has to change, unless nothing is known.
    tests = [t for t in condition.tests if not holds(Comparison(condition.indicator, (t,)), {condition.indicator: now})]
    return [tuple(Needed(condition.indicator, now, operator, limit) for operator, limit in tests)]


def _changed(criteria: Criteria, child: Standing, needed: Iterable[Needed]) -> dict[str, Value]:
    values = dict(child.values)
    for change in needed:
        values[change.indicator] = _just(change.operator, change.limit, values.get(change.indicator))
    for indicator in criteria.indicators:
        measure = indicator.measure
        if isinstance(measure, Difference) and indicator.id not in {change.indicator for change in needed}:
            of, minus = values.get(measure.of), values.get(measure.minus)
            if isinstance(of, Fraction) and isinstance(minus, Fraction):
                values[indicator.id] = of - minus
    return values


def _just(operator: Operator, limit: Decimal | str, so_far: Value) -> Value:
    """The nearest value on which the comparison holds."""
    if isinstance(limit, str):
        return limit
    bound = Fraction(limit)
    match operator:
        case "at_least":
            return max(bound, so_far) if isinstance(so_far, Fraction) else bound
        case "at_most":
            return min(bound, so_far) if isinstance(so_far, Fraction) else bound
        case "more_than":
            return bound + _STEP
        case "below":
            return min(bound - _STEP, so_far) if isinstance(so_far, Fraction) else bound - _STEP
        case _:
            return bound

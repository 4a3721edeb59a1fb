"""The slow, plain engine: one child at a time, in the words of the criteria file. The oracle for the compiled text."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tsunagu.indicators import calendar
from tsunagu.indicators.history import NOT_APPLICABLE, Person, Reading, Surroundings, Value, lives_here
from tsunagu.indicators.plain import in_population, read
from tsunagu.screening.criteria import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Criteria,
    Judgment,
    JudgmentAt,
    Overall,
    OverallLevel,
    SignHolds,
    TableTest,
)


@dataclass(frozen=True)
class Judged:
    """Levels of one judgment: None where it does not apply."""

    lower: int | None
    upper: int | None

    @property
    def level(self) -> str:
        """0, 1, 2, U or NA as the run folder writes it."""
        if self.lower is None or self.upper is None:
            return "NA"
        return "U" if self.lower == 0 and self.upper > 0 else str(self.lower)


@dataclass(frozen=True)
class Outcome:
    """Everything the criteria say about one child."""

    readings: Mapping[str, Reading]
    signs: frozenset[str]
    signs_at_worst: frozenset[str]
    missing: tuple[str, ...]
    judged: Mapping[str, Judged]
    overall: OverallLevel
    at_least: OverallLevel
    at_most: OverallLevel

    @property
    def is_provisional(self) -> bool:
        return self.overall.name != self.at_most.name


def in_scope(criteria: Criteria, person: Person, on: date) -> bool | None:
    """Whether the criteria look at this person on the day; None if no birth date is known at all."""
    if not lives_here(person, on):
        return False
    if person.birth_date is None:
        return None
    if person.birth_date > on:
        return False
    grade = calendar.grade_in(calendar.fiscal_year(on), person.birth_date)
    return (criteria.grade_from is None or grade >= criteria.grade_from) and (
        criteria.grade_to is None or grade <= criteria.grade_to
    )


def judge(criteria: Criteria, child: Person, around: Surroundings) -> Outcome:
    """The outcome for one child in scope."""
    readings: dict[str, Reading] = {}
    member = {p.id: in_population(p, child, around.on) for p in criteria.populations}
    for indicator in criteria.indicators:
        applies = member[indicator.population]
        readings[indicator.id] = read(indicator, child, around, readings) if applies else NOT_APPLICABLE
    known = {id: r.value for id, r in readings.items()}
    at_worst = {id: r.value if r.worst is None else r.worst for id, r in readings.items()}
    signs = frozenset(s.code for s in criteria.signs if holds(s.when, known))
    signs_at_worst = frozenset(s.code for s in criteria.signs if holds(s.when, at_worst))
    missing = tuple(
        sorted(m.code for m in criteria.missing if any(readings[i].state == "missing" for i in m.indicators))
    )
    asked = {judgment.id for judgment in criteria.judgments if member[judgment.population]}
    stands = conclude(criteria, asked, signs, signs_at_worst)
    return Outcome(
        readings, signs, signs_at_worst, missing, stands.judged, stands.overall, stands.at_least, stands.at_most
    )


@dataclass(frozen=True)
class Conclusion:
    """What signs come to: levels by judgment, the overall level, and between which levels it lies."""

    judged: Mapping[str, Judged]
    overall: OverallLevel
    at_least: OverallLevel
    at_most: OverallLevel


def conclude(
    criteria: Criteria, asked: Collection[str], signs: frozenset[str], signs_at_worst: Collection[str]
) -> Conclusion:
    """Levels from the signs that hold on what is known, and those that hold at the worst of what is not.

    asked  the judgments that are asked of the child; the others do not apply
    """
    judged: dict[str, Judged] = {}
    for judgment in criteria.judgments:
        if judgment.id not in asked:
            judged[judgment.id] = Judged(None, None)
            continue
        lower = level_from(criteria, judgment, signs)
        judged[judgment.id] = Judged(lower, max(lower, level_from(criteria, judgment, signs_at_worst)))
    at_least = overall_from(criteria.overall, {id: one.lower or 0 for id, one in judged.items()}, signs)
    at_most = overall_from(
        criteria.overall, {id: one.upper or 0 for id, one in judged.items()}, {*signs, *signs_at_worst}
    )
    undecided = at_least == criteria.overall.none and at_most != criteria.overall.none
    return Conclusion(judged, criteria.overall.undecided if undecided else at_least, at_least, at_most)


def holds(condition: Condition, values: Mapping[str, Value]) -> bool:
    """Whether a condition holds on these values; what is not known or not applicable never holds."""
    match condition:
        case AllOf():
            return all(holds(part, values) for part in condition.parts)
        case AnyOf():
            return any(holds(part, values) for part in condition.parts)
        case Comparison():
            value = values[condition.indicator]
            return value is not None and all(_test(op, value, limit) for op, limit in condition.tests)


def _test(operator: str, value: Fraction | str, limit: object) -> bool:
    if operator == "is":
        return value == limit
    bound = Fraction(str(limit))
    if isinstance(value, str):
        return False
    match operator:
        case "at_least":
            return value >= bound
        case "more_than":
            return value > bound
        case "below":
            return value < bound
        case "at_most":
            return value <= bound
        case _:
            return value == bound


def level_from(criteria: Criteria, judgment: Judgment, signs: Collection[str]) -> int:
    """The level of a judgment that these signs give."""
    own = [s for s in criteria.signs if s.judgment == judgment.id and s.code in signs]
    groups = {s.group for s in own if s.group is not None}
    points = sum(s.points for s in own)
    for level in judgment.levels:
        if (
            any(all(code in signs for code in codes) for codes in level.any_of)
            or (level.groups is not None and len(groups) >= level.groups)
            or (level.points is not None and points >= level.points)
            or (level.any_sign and own)
        ):
            return level.level
    return 0


def overall_from(overall: Overall, levels: Mapping[str, int], signs: Collection[str]) -> OverallLevel:
    """The first row of the overall table that holds, else `none`."""
    for row in overall.rows:
        if any(all(_table_test(test, levels, signs) for test in tests) for tests in row.any_of):
            return row
    return overall.none


def _table_test(test: TableTest, levels: Mapping[str, int], signs: Collection[str]) -> bool:
    if isinstance(test, SignHolds):
        return test.sign in signs
    if isinstance(test, JudgmentAt):
        return levels[test.judgment] >= test.at_least
    return sum(1 for level in levels.values() if level >= test.at_least) >= test.judgments

"""The typed form of a criteria file: signs, groups, judgments, the overall table.

Nothing here computes; reference.py and compile.py give it its meaning, load.py makes it from a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from tsunagu.indicators.language import (
    Difference,
    HouseholdFirst,
    Indicator,
    InPeriod,
    MeanOfYear,
    MonthsRatio,
    MonthsWeighed,
    OverMonths,
    Population,
    ValueOfYear,
    Words,
    items_of,
    items_read,
)

Operator = Literal["at_least", "more_than", "below", "at_most", "equals", "is"]


@dataclass(frozen=True)
class Comparison:
    """One indicator compared: every (operator, value) pair must hold. A value that is not known never holds."""

    indicator: str
    tests: tuple[tuple[Operator, Decimal | str], ...]


@dataclass(frozen=True)
class AllOf:
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    parts: tuple[Condition, ...]


Condition = Comparison | AllOf | AnyOf


@dataclass(frozen=True)
class Sign:
    """What an indicator says, with its wording.

    group    signs of one group count once; None: the sign belongs to no group
    points   what the sign adds where a level asks for points; 0: nothing
    watch    what a vice-principal may read: what to look at in school, nothing of welfare, tax or health
    """

    code: str
    judgment: str
    group: str | None
    points: int
    when: Condition
    label: Words
    sentence: Words
    basis: Words
    watch: Words
    source: str


@dataclass(frozen=True)
class MissingItem:
    """A code listed when any of the indicators is missing."""

    code: str
    judgment: str
    indicators: tuple[str, ...]
    label: Words


@dataclass(frozen=True)
class Level:
    """A level holds if all signs of any list hold, or signs of so many groups, or so many points, or any sign."""

    level: int
    any_of: tuple[tuple[str, ...], ...]
    groups: int | None
    points: int | None
    any_sign: bool


@dataclass(frozen=True)
class Judgment:
    """Levels from the highest down; the first that holds counts, else 0. Outside the population: NA."""

    id: str
    label: Words
    population: str
    concerns: str
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class SignHolds:
    sign: str


@dataclass(frozen=True)
class JudgmentAt:
    judgment: str
    at_least: int


@dataclass(frozen=True)
class JudgmentsAt:
    """So many judgments at a level or above."""

    judgments: int
    at_least: int


TableTest = SignHolds | JudgmentAt | JudgmentsAt


@dataclass(frozen=True)
class OverallLevel:
    """A named result; rank 1 is the most urgent. `any_of`: lists of tests, of which all of one must hold.

    capacity  how many children the city can see at a time; None: it does not say. Nobody is left out beyond it
    """

    name: str
    en: str
    tone: str
    notice: bool
    rank: int
    any_of: tuple[tuple[TableTest, ...], ...]
    capacity: int | None = None


@dataclass(frozen=True)
class Overall:
    """Rows are tried in order; `undecided` where only the upper levels find one; else `none`.

    by_matrix  the rows' tests were made of a decision matrix, which names `none` itself where it means it
    """

    label: Words
    rows: tuple[OverallLevel, ...]
    undecided: OverallLevel
    none: OverallLevel
    weight: tuple[str, ...]
    by_matrix: bool = False

    @property
    def levels(self) -> tuple[OverallLevel, ...]:
        return (*self.rows, self.undecided, self.none)


@dataclass(frozen=True)
class Criteria:
    """One criteria file, checked."""

    id: str
    version: str
    supersedes: str
    effective: date
    approved_by: str
    legal_basis: tuple[str, ...]
    label: Words
    grade_from: int | None
    grade_to: int | None
    holiday_months: tuple[int, ...]
    populations: tuple[Population, ...]
    indicators: tuple[Indicator, ...]
    signs: tuple[Sign, ...]
    missing: tuple[MissingItem, ...]
    judgments: tuple[Judgment, ...]
    overall: Overall
    holders: tuple[tuple[str, str], ...]  # (item, holder) of every item read, from the catalogue
    codes: tuple[tuple[str, tuple[str, ...]], ...]  # (item, coded values) of every coded item, from the catalogue
    cases: int = 0  # how many `expect` cases the file brought and keeps

    @property
    def name(self) -> str:
        """id@version, as the run folder's tables carry it."""
        return f"{self.id}@{self.version}"

    def population(self, id: str) -> Population:
        return next(p for p in self.populations if p.id == id)

    def indicator(self, id: str) -> Indicator:
        return next(i for i in self.indicators if i.id == id)

    def sign(self, code: str) -> Sign:
        return next(s for s in self.signs if s.code == code)

    def items_of(self, id: str) -> tuple[str, ...]:
        """Catalogue items an indicator rests on, those of the indicators it reads included."""
        measure = self.indicator(id).measure
        if isinstance(measure, Difference):
            return tuple(dict.fromkeys((*self.items_of(measure.of), *self.items_of(measure.minus))))
        return items_of(measure)

    def indicators_of(self, code: str) -> tuple[str, ...]:
        """Indicators a sign compares, the one its sentence speaks of first."""
        return tuple(dict.fromkeys(c.indicator for c in comparisons(self.sign(code).when)))

    def named_limits(self, code: str) -> dict[str, Decimal]:
        """The numbers a sign's words may name, in the order written: `indicator.at_least`, and
        `indicator.month.at_least` where the measure counts months by a number of its own. What is yes or no has none.

        A name that would stand twice is numbered from the second on: `indicator.below.2`.
        """
        named: dict[str, Decimal] = {}
        for compared in comparisons(self.sign(code).when):
            id, measure = compared.indicator, self.indicator(compared.indicator).measure
            for how, limit in compared.tests:
                if isinstance(limit, Decimal) and not isinstance(measure, InPeriod):
                    times = sum(name.startswith(f"{id}.{how}") for name in named)
                    named[f"{id}.{how}.{times + 1}" if times else f"{id}.{how}"] = limit
            if isinstance(measure, OverMonths):
                named |= {f"{id}.month.{how}": limit for how, limit in measure.bounds}
        return named

    def precision_of(self, id: str) -> Literal["day", "month", "year"]:
        """How exactly the day that decided an indicator is to be named."""
        measure = self.indicator(id).measure
        if isinstance(measure, OverMonths | MonthsWeighed | MonthsRatio):
            return "month"
        return "year" if isinstance(measure, ValueOfYear | MeanOfYear | Difference | HouseholdFirst) else "day"

    @property
    def capacity(self) -> dict[str, int]:
        """How many children of a level the city can see at a time, of the levels for which the file says it."""
        return {level.name: level.capacity for level in self.overall.levels if level.capacity is not None}

    @property
    def items(self) -> tuple[str, ...]:
        """Every catalogue item the criteria read, sorted."""
        return items_read(self.indicators, self.populations)

    def codes_of(self, id: str) -> tuple[str, ...]:
        """Every code that an indicator may give; none where it gives numbers."""
        measure = self.indicator(id).measure
        if isinstance(measure, ValueOfYear):
            return (*dict(self.codes).get(measure.item, ()), *(("none",) if measure.no_row == "none" else ()))
        return tuple(code for code in measure.order if code != "unknown") if isinstance(measure, HouseholdFirst) else ()


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Every comparison inside a condition, in the order written."""
    if isinstance(condition, Comparison):
        yield condition
    else:
        for part in condition.parts:
            yield from comparisons(part)


def level_count(name: str, count: int, capacity: int | None) -> str:
    """How many children a level lists; beyond the capacity with that said, never with anybody left out."""
    over = "" if capacity is None or count <= capacity else f" (capacity {capacity:,}, {count - capacity:,} beyond it)"
    return f"{name} {count:,}{over}"

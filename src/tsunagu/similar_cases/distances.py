"""Distances as their file declares them: how far two answers are apart, in whole points, item by item.

Each reading of a sheet (its grade, its extent, a place of the body map) is a ladder. What is known stands on one rung,
what is open stands between two. Two cases are as far apart as the sum over all ladders:

    the gap between where one can stand and where the other can
    + `unknown`       where one of the two is open
    + `both_unknown`  where both are: what nobody knows of either is not alike
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from tsunagu.guidance.answers import Answers, bounds_of
from tsunagu.guidance.sheet import EXTENT, SITES, Question, Sheet
from tsunagu.indicators.language import Words

#: Items that are no question of the sheet.
AGE, TYPE = "age", "type"
TYPES = ("physical", "neglect", "psychological", "sexual")
#: Where something stands on a ladder: the least and the most that is not excluded.
Span = tuple[int, int]
#: What is compared: a span, or the main type with a second one.
Code = Span | tuple[str | None, str | None]
_KNOWN: Span = (0, 0)
_OPEN: Span = (0, 1)


@dataclass(frozen=True)
class Facts:
    """What two cases are compared by.

    age_years  on the day of the notification; None: not known
    abuse      one of TYPES, the main one; None: not clear yet. also: a second one; None: one alone
    """

    answers: Answers
    age_years: int | None
    abuse: str | None
    also: str | None = None


@dataclass(frozen=True)
class Ladder:
    """at: how far each value lies from the first, rising. both_unknown: where neither is known."""

    at: tuple[int, ...]
    unknown: int
    both_unknown: int

    def apart(self, one: Span, other: Span) -> int:
        """How far two spans are apart, in points."""
        gap = max(0, self.at[other[0]] - self.at[one[1]], self.at[one[0]] - self.at[other[1]])
        opened = (one[0] != one[1]) + (other[0] != other[1])
        return gap + (0, self.unknown, self.both_unknown)[opened]

    @property
    def most(self) -> int:
        return self.at[-1] + max(self.unknown, self.both_unknown)


@dataclass(frozen=True)
class ItemDistance:
    """One question's distances.

    grade    from absent to grade 1, 2 and 3; extent: the same, (); site: one place that only one of the two has
    """

    question: str
    grade: tuple[int, int, int]
    extent: tuple[int, ...]
    site: int
    unknown: int
    both_unknown: int


@dataclass(frozen=True)
class AgeDistance:
    """bands: the first year of each band, rising from 0; at: how far each lies from the first."""

    bands: tuple[int, ...]
    at: tuple[int, ...]
    unknown: int
    both_unknown: int

    def band_of(self, years: int) -> int:
        """The place of the band."""
        return sum(years >= first for first in self.bands) - 1

    def span_of(self, years: int | None) -> Span:
        return (0, len(self.bands) - 1) if years is None else (self.band_of(years),) * 2


@dataclass(frozen=True)
class TypeDistance:
    """second: the main type of one is a second one of the other; other: neither is."""

    second: int
    other: int
    unknown: int
    both_unknown: int

    def apart(self, one: tuple[str | None, str | None], other: tuple[str | None, str | None]) -> int:
        """How far two pairs of main and second type are apart, in points."""
        if one[0] is None or other[0] is None:
            return self.both_unknown if one[0] is other[0] else self.unknown
        if one[0] == other[0]:
            return 0
        return self.second if one[0] == other[1] or other[0] == one[1] else self.other

    @property
    def most(self) -> int:
        return max(self.second, self.other, self.unknown, self.both_unknown)


@dataclass(frozen=True)
class Calibration:
    """How the radius is taken from the past cases.

    least       of fewer similar cases nothing is told
    most        so many of the nearest are counted, and all that are as near as the last of them
    reached_by  of 100 past cases so many find their `least`th nearest other one within the radius
    farthest    the radius is never wider, points
    tried       so many past cases, evenly spread over their days, are looked at
    """

    least: int
    most: int
    reached_by: int
    farthest: int
    tried: int


@dataclass(frozen=True)
class Distances:
    """A file of distances, fitted to a sheet. sha256: of the file's bytes."""

    id: str
    version: str
    valid_from: dt.date
    title: Words
    source: Words
    approved_by: str
    sheet: Sheet
    calibration: Calibration
    age: AgeDistance
    type: TypeDistance
    items: tuple[ItemDistance, ...]
    sha256: str

    @property
    def name(self) -> str:
        """id@version."""
        return f"{self.id}@{self.version}"

    @cached_property
    def measures(self) -> tuple[tuple[str, Ladder | TypeDistance], ...]:
        """Everything that is compared, each with the question, AGE or TYPE that it belongs to."""
        found: list[tuple[str, Ladder | TypeDistance]] = [
            (AGE, Ladder(self.age.at, self.age.unknown, self.age.both_unknown)),
            (TYPE, self.type),
        ]
        for item in self.items:
            found += [(item.question, ladder) for ladder in _ladders(self.sheet.by_id[item.question], item)]
        return tuple(found)

    def codes(self, facts: Facts) -> tuple[Code, ...]:
        """Where a case stands on each of `measures`."""
        bounds = bounds_of(self.sheet, facts.answers)
        found: list[Code] = [self.age.span_of(facts.age_years), (facts.abuse, facts.also if facts.abuse else None)]
        for item in self.items:
            found += _spans(self.sheet.by_id[item.question], bounds.least, bounds.most)
        return tuple(found)

    def by_item(self, one: Facts, other: Facts) -> dict[str, int]:
        """How far the two are apart by each question, AGE and TYPE; what does not differ is left out."""
        found: dict[str, int] = {}
        for (name, measure), a, b in zip(self.measures, self.codes(one), self.codes(other), strict=True):
            points = apart(measure, a, b)
            if points:
                found[name] = found.get(name, 0) + points
        return found

    def between(self, one: Facts, other: Facts) -> int:
        """How far the two are apart, in points."""
        return sum(self.by_item(one, other).values())


def apart(measure: Ladder | TypeDistance, one: Code, other: Code) -> int:
    """How far two codes of one measure are apart."""
    return measure.apart(one, other)  # type: ignore[arg-type]  # codes and measures stand in one order


def _ladders(question: Question, item: ItemDistance) -> list[Ladder]:
    found = [Ladder((0, *item.grade), item.unknown, item.both_unknown)]
    if question.extents:
        found.append(Ladder((0, *item.extent), item.unknown, item.both_unknown))
    if question.has_sites:
        # That the places are not known counts once, not once for each place of the map.
        found.append(Ladder((0, 0), item.unknown, item.both_unknown))
        found += [Ladder((0, item.site), 0, 0) for _ in SITES]
    return found


def _spans(question: Question, least: Mapping[str, int], most: Mapping[str, int]) -> list[Code]:
    found: list[Code] = [(least[question.id], most[question.id])]
    if question.extents:
        reading = f"{question.id}.{EXTENT}"
        found.append((least[reading], most[reading]))
    if question.has_sites:
        places: list[Code] = [(least[question.at(site)], most[question.at(site)]) for site in SITES]
        found += [_OPEN if _OPEN in places else _KNOWN, *places]
    return found

"""Which past cases are similar to the case of now, and how they differ; or why nothing is told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tsunagu.guidance.answers import Answer
from tsunagu.guidance.sheet import Sheet
from tsunagu.similar_cases.counts import CameAfter, Decided, Tally, came_after, decided_of
from tsunagu.similar_cases.distances import AGE, TYPE, Facts
from tsunagu.similar_cases.past_cases import PastCase, PastCases

#: So many of the nearest are shown with their differences, and so many differences of each.
SHOWN = 5
_DIFFERENCES = 8

# Why nothing is told; pages have a sentence for each.
CAUSES = (
    "sheet",  # answered in another version of the sheet than the past cases
    "few",  # the centre has fewer past cases than it takes
    "far",  # fewer of them than may be told are within the radius
)


@dataclass(frozen=True)
class Difference:
    """What one question says of the two cases, the case of now first; None: not asked. points: how far apart."""

    question: str
    here: Answer | None
    there: Answer | None
    points: int


@dataclass(frozen=True)
class Neighbour:
    """A similar case as a page may show it: nothing in it finds the case again.

    fiscal_year   the year of its notification, no day
    age           first year and last year of the child's band; last None: and older; None: not known
    abuse, also   the main type and a second one; None: not known, or one alone
    is_other_age  whether it lies in another band than the case of now; is_other_type: whether its type is another
    differences   the farthest first; more: how many further ones there are
    """

    fiscal_year: int
    age: tuple[int, int | None] | None
    abuse: str | None
    also: str | None
    is_other_age: bool
    is_other_type: bool
    differences: tuple[Difference, ...]
    more: int


@dataclass(frozen=True)
class Similar:
    """cause      one of CAUSES where nothing is told; then all the rest is empty
    n          how many cases are similar; is_cut: there were more, and the nearest were taken
    decided    what was decided of them; came_after: what came after. Two tables apart
    nearest    the nearest ones with their differences
    """

    cause: str
    n: Tally | None = None
    is_cut: bool = False
    decided: Decided | None = None
    came_after: tuple[CameAfter, ...] = ()
    nearest: tuple[Neighbour, ...] = ()


class OwnCases:
    """The past cases of one centre with the radius that they give. It is taken once, and holds until they change."""

    def __init__(self, past: PastCases) -> None:
        self.past = past
        self.distances = past.distances

    @cached_property
    def radius(self) -> int | None:
        """Within how many points a case is similar; None: too few cases to say so.

        Of each past case that is tried, the distance to its `least`th nearest other one is taken; the radius is the
        distance that `reached_by` of 100 of them do not pass, and never more than `farthest`.
        """
        calibration, cases = self.distances.calibration, self.past.cases
        if len(cases) <= calibration.least:
            return None
        tried = min(calibration.tried, len(cases))
        reached = []
        for place in (len(cases) * part // tried for part in range(tried)):
            found = self.past.apart_from(cases[place].facts)
            others = sorted((*found[:place], *found[place + 1 :]))
            reached.append(others[calibration.least - 1])
        # Rounded up: as many as the file asks for reach it, or more.
        within = sorted(reached)[-(-len(reached) * calibration.reached_by // 100) - 1]
        return min(within, calibration.farthest)

    def similar_to(self, sheet: Sheet, facts: Facts) -> Similar:
        """What may be told of past cases like this one, which was answered in that sheet."""
        calibration = self.distances.calibration
        if sheet.sha256 != self.distances.sheet.sha256:
            return Similar("sheet")
        radius = self.radius
        if radius is None:
            return Similar("few")
        found = self.past.apart_from(facts)
        near = sorted((points, -place) for place, points in enumerate(found) if points <= radius)
        if len(near) < calibration.least:
            return Similar("far")
        farthest = near[min(len(near), calibration.most) - 1][0]
        taken = [self.past.cases[-place] for points, place in near if points <= farthest]
        return Similar(
            "",
            n=Tally(len(taken)),
            is_cut=len(taken) < len(near),
            decided=decided_of(taken, calibration.least),
            came_after=came_after(taken, calibration.least),
            nearest=tuple(self._neighbour(facts, case) for case in taken[:SHOWN]),
        )

    def _neighbour(self, here: Facts, case: PastCase) -> Neighbour:
        there = case.facts
        points = self.distances.by_item(here, there)
        found = sorted(
            (
                Difference(id, here.answers.get(id), there.answers.get(id), n)
                for id, n in points.items()
                if id not in (AGE, TYPE)
            ),
            key=lambda one: -one.points,
        )
        return Neighbour(
            case.fiscal_year,
            self._band(there.age_years),
            there.abuse,
            there.also,
            AGE in points,
            TYPE in points,
            tuple(found[:_DIFFERENCES]),
            len(found[_DIFFERENCES:]),
        )

    def _band(self, years: int | None) -> tuple[int, int | None] | None:
        if years is None:
            return None
        firsts = self.distances.age.bands
        place = self.distances.age.band_of(years)
        return firsts[place], firsts[place + 1] - 1 if place + 1 < len(firsts) else None

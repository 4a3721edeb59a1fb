"""The rules of the school boards: what is a streak, what is often, what is a change; over plain days, no storage.

A day of which nothing is known neither ends a streak nor makes it longer: it is counted beside it and told. Nothing is
compared with another pupil, and nothing is summed up to a figure of a child.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

# After more days of which nothing is known, nobody can say that a streak went on: what follows is a new one.
LONGEST_GAP = 2
# One day is no streak: from so many days on, days that are not known may make one.
_LEAST_FOR_PERHAPS = 2


class Kind(StrEnum):
    """What is looked at day by day."""

    ABSENCE = "absence"
    LATENESS = "lateness"
    INFIRMARY = "infirmary"
    MOOD = "mood"  # rain or thunder


class Said(StrEnum):
    """What is known of one kind on one school day."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    EXCUSED = "excused"  # not at school with good reason: no absence, and no day on which one could have come


class Answer(StrEnum):
    """Whether a threshold is reached. PERHAPS: with the days that are not known it would be."""

    YES = "yes"
    PERHAPS = "perhaps"
    NO = "no"


@dataclass(frozen=True)
class Thresholds:
    """What a school wants to be shown. None: not used.

    in_row   school days in a row, by kind
    often    hundredths of the school days of the window, by kind
    window_days, seldom, steps   see standard/boards.toml
    """

    in_row: Mapping[Kind, int | None]
    often: Mapping[Kind, int | None]
    window_days: int
    seldom: int | None
    steps: int | None


@dataclass(frozen=True)
class Day:
    """One school day, or a weekday that may have been one, and what is known of it."""

    day: dt.date
    said: Said


@dataclass(frozen=True)
class Streak:
    """Days in a row. days counts what is known; the others are beside it.

    first, last  the first and last known day
    unknown      days between them of which nothing is known
    around       such days right before and after, where what they were would decide
    excused      days between them with good reason
    """

    first: dt.date
    last: dt.date
    days: int
    unknown: int = 0
    around: int = 0
    excused: int = 0

    def reaches(self, threshold: int | None) -> Answer:
        if threshold is None:
            return Answer.NO
        if self.days >= threshold:
            return Answer.YES
        may_be = self.days + self.unknown + self.around >= threshold
        return Answer.PERHAPS if may_be and self.days >= _LEAST_FOR_PERHAPS else Answer.NO


@dataclass(frozen=True)
class Share:
    """Days of a window: on how many it was so, of how many that is known, and how many are not known."""

    yes: int
    known: int
    unknown: int

    def reaches(self, hundredths: int | None) -> Answer:
        """At least so often. PERHAPS: so often among the days that are known, and the others could undo it."""
        if hundredths is None or not self.yes:
            return Answer.NO
        if self.yes * 100 >= hundredths * (self.known + self.unknown):
            return Answer.YES
        return Answer.PERHAPS if self.yes > 1 and self.yes * 100 >= hundredths * self.known else Answer.NO

    def is_seldom(self, hundredths: int | None) -> bool:
        """At most so often among the days that are known."""
        return hundredths is not None and 0 < self.yes * 100 <= hundredths * self.known


def streaks(days: Iterable[Day]) -> list[Streak]:
    """Every run of YES, the oldest first; days in the order of the calendar, each once.

    NO ends a run. EXCUSED does not. UNKNOWN does not until more than LONGEST_GAP of them follow one another.
    """
    found: list[Streak] = []
    run: Streak | None = None
    gap = excused = before = 0
    for one in days:
        match one.said:
            case Said.YES:
                if run is None:
                    run = Streak(one.day, one.day, 1, around=before if before <= LONGEST_GAP else 0)
                else:
                    run = Streak(run.first, one.day, run.days + 1, run.unknown + gap, run.around, run.excused + excused)
                gap = excused = before = 0
            case Said.UNKNOWN:
                gap, before = gap + 1, before + 1
                if run is not None and gap > LONGEST_GAP:
                    found.append(run)
                    run, excused = None, 0
            case Said.EXCUSED:
                excused += 1
            case Said.NO:
                if run is not None:
                    found.append(_with_days_after(run, gap))
                run, gap, excused, before = None, 0, 0, 0
    return [*found, _with_days_after(run, gap)] if run is not None else found


def goes_on(days: Iterable[Day], run: Streak) -> bool:
    """Whether nothing after the run says that it is over: no NO, and no more than LONGEST_GAP of UNKNOWN."""
    after = [one.said for one in days if one.day > run.last]
    return Said.NO not in after and after.count(Said.UNKNOWN) <= LONGEST_GAP


def share(days: Iterable[Day], *, until: dt.date, window_days: int) -> Share:
    """The days of the window that ends on `until`; excused days are left out."""
    first = until - dt.timedelta(days=window_days - 1)
    said = [one.said for one in days if first <= one.day <= until]
    yes, no, unknown = (said.count(word) for word in (Said.YES, Said.NO, Said.UNKNOWN))
    return Share(yes, yes + no, unknown)


def newly_seldom(days: Sequence[Day], *, until: dt.date, thresholds: Thresholds) -> dt.date | None:
    """The newest known day, when it is YES and seldom for this pupil; None otherwise."""
    known = [one for one in days if one.said in (Said.YES, Said.NO) and one.day <= until]
    if not known or known[-1].said is not Said.YES:
        return None
    found = share(days, until=until, window_days=thresholds.window_days)
    is_within = known[-1].day > until - dt.timedelta(days=thresholds.window_days)
    return known[-1].day if is_within and found.is_seldom(thresholds.seldom) else None


@dataclass(frozen=True)
class Worse:
    """Two answers one after the other, the later one worse."""

    before: dt.date
    day: dt.date
    from_code: str
    to_code: str


# From the best to the worst, as the pupils' pages offer them.
MOODS = ("sunny", "cloudy", "rainy", "thunder")
BAD_MOODS = frozenset({"rainy", "thunder"})


def newly_worse(answers: Sequence[tuple[dt.date, str]], *, steps: int | None) -> Worse | None:
    """The newest answer beside the one before, when it is so many steps worse; answers known, the oldest first."""
    if steps is None or len(answers) < 2:
        return None
    (before, was), (day, now) = answers[-2:]
    if MOODS.index(now) - MOODS.index(was) < steps:
        return None
    return Worse(before, day, was, now)


@cache
def standard_thresholds() -> Thresholds:
    """What holds until a school has set its own."""
    told = tomllib.loads((files("tsunagu.casework") / "standard" / "boards.toml").read_text(encoding="utf-8"))
    change = told["change"]
    return Thresholds(
        in_row={kind: told["in_row"][kind] or None for kind in Kind},
        often={kind: told["often"][kind] or None for kind in Kind},
        window_days=change["window_days"],
        seldom=change["seldom"] or None,
        steps=change["steps"] or None,
    )


def _with_days_after(run: Streak, gap: int) -> Streak:
    return Streak(run.first, run.last, run.days, run.unknown, run.around + gap, run.excused)

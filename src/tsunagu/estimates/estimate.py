"""An estimate as it is kept and spoken: whole numbers that add up, no library needed, no figure of one child.

A term is in thousandths of log-odds, so that a sum of terms is exactly what stands in the file. What is said of a case
is an interval with its n, and one of two zones; or why nothing is said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import log2

from tsunagu.errors import SourceError
from tsunagu.estimates.steps import Steps, unknown_of
from tsunagu.guidance.answers import Answer, Answers, State
from tsunagu.guidance.floor import stand
from tsunagu.guidance.sheet import Sheet

THOUSAND = 1_000
#: Of a shift of the cases this much (population stability index) nothing is said any more.
MOST_DRIFT = 0.2
#: Of fewer cases of today a shift cannot be told from chance.
LEAST_FOR_DRIFT = 100

# Why nothing is said; pages have a sentence for each.
CAUSES = (
    "off",  # the switch is off
    "refused",  # the run showed no lift over the floor
    "sheet",  # made with another version of the sheet
    "floor",  # protection is to be talked about now; nothing about home belongs beside it
    "unknown",  # too many questions are open
    "distance",  # no case like it among those it was made from
    "centre",  # too few cases of this centre, or its own error is above the limit
    "drift",  # the cases of today are not those it was made from
    "untried",  # too few cases of today are known to tell whether they are
    "zone",  # among cases like it harm is not rare enough to say "low"
)


@dataclass(frozen=True)
class Band:
    """Cases whose points lie below `below` and in no band before it.

    n              how many the bounds were taken from (effective, where weighted)
    least, most    95 % bounds of the share that came to severe harm at home, 0 to 1
    """

    below: int
    n: int
    least: float
    most: float


@dataclass(frozen=True)
class CentreNote:
    """shift: thousandths of log-odds that its cases have more; n: measured; speaks: whether "low" is said there."""

    shift: int
    n: int
    speaks: bool


@dataclass(frozen=True)
class Estimate:
    """alpha        the share of severe harm that the zone "low" keeps below, with 95 %
    low_below    points below which the zone is "low"; None: nowhere
    zone         n, error as weighed, its upper bound, and the bound if every protected child had come to harm
    lift         area under the curve with the estimate and with the floor alone; the difference's 95 % interval
    usual        per question the rarity of each answer, thousandths of bits; radius: beyond it a case is unlike any
    spread       shares of calibration cases in ten parts of the points, by `spread_at`, for drift
    counts       numbers of the run for the model card
    """

    sheet: str
    made_on: str
    intercept: int
    terms: Mapping[str, int]
    centres: Mapping[str, CentreNote]
    bands: tuple[Band, ...]
    alpha: float
    low_below: int | None
    zone: Mapping[str, float]
    lift: Mapping[str, float]
    usual: Mapping[str, Mapping[str, int]]
    radius: int
    most_unknown: int
    spread_at: tuple[int, ...]
    spread: tuple[float, ...]
    counts: Mapping[str, float]

    @property
    def ships(self) -> bool:
        """Whether it is better than the floor alone beyond chance; if not, it says nothing."""
        return self.lift["least"] > 0


@dataclass(frozen=True)
class Statement:
    """What is said of one case.

    zone     "low", or "none": no statement
    cause    one of CAUSES where the zone is "none"
    band     n and interval of the cases alike; None where nothing may be shown
    terms    the reasons: each step that was climbed with its thousandths of log-odds, the largest first
    """

    zone: str
    cause: str
    band: Band | None
    terms: tuple[tuple[str, int], ...]


def points_of(estimate: Estimate, centre: str, climbed: tuple[str, ...]) -> int:
    """Intercept, centre and terms, summed: thousandths of log-odds, exactly."""
    note = estimate.centres.get(centre)
    return estimate.intercept + (note.shift if note else 0) + sum(estimate.terms.get(name, 0) for name in climbed)


def band_of(estimate: Estimate, points: int) -> Band:
    """The cases alike."""
    return next((band for band in estimate.bands if points < band.below), estimate.bands[-1])


def rarity_of(usual: Mapping[str, Mapping[str, int]], answers: Answers) -> int:
    """How unlike the usual answers these are: thousandths of bits, summed over the questions."""
    return sum(seen.get(answer_code(answers.get(question)), seen["never"]) for question, seen in usual.items())


def answer_code(answer: Answer | None) -> str:
    """What of an answer its rarity is counted by."""
    if answer is None:
        return "not asked"
    return f"{answer.grade or 'open'}" if answer.state is State.PRESENT else answer.state.value


def usual_of(rows: list[Answers], questions: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """The rarity of each answer among these cases; one that none of them has is rarer than one of a single case."""
    found = {}
    for question in questions:
        counts: dict[str, int] = {}
        for answers in rows:
            code = answer_code(answers.get(question))
            counts[code] = counts.get(code, 0) + 1
        bits = {code: round(-log2(n / len(rows)) * THOUSAND) for code, n in sorted(counts.items())}
        found[question] = {**bits, "never": round(log2(2 * len(rows)) * THOUSAND)}
    return found


def drift_of(estimate: Estimate, points: list[int]) -> float | None:
    """How far the points of today's cases lie from those it was made from (population stability index).

    gives   None where they are fewer than LEAST_FOR_DRIFT: nobody can tell
    """
    if len(points) < LEAST_FOR_DRIFT:
        return None
    counts = [0] * len(estimate.spread)
    for one in points:
        counts[sum(one >= edge for edge in estimate.spread_at)] += 1
    shares = [(n + 0.5) / (len(points) + 0.5 * len(counts)) for n in counts]
    return sum(
        (now - then) * (log2(now / then) / log2(2.718281828459045))
        for now, then in zip(shares, estimate.spread, strict=True)
    )


class Speaker:
    """An estimate made ready for many cases of its sheet."""

    def __init__(self, estimate: Estimate, sheet: Sheet) -> None:
        self.estimate = estimate
        self.sheet = sheet
        self._steps = Steps(sheet)

    def say(self, answers: Answers, centre: str, *, is_on: bool, drift: float | None = 0.0) -> Statement:
        """What is said of a case, or why nothing is; never anything that raises or lowers the floor.

        drift   as `drift_of` gives it; None: it cannot be told
        """
        asks = stand(self.sheet, answers).asks_protection if is_on else True
        return self.say_beside(answers, centre, asks_protection=asks, is_on=is_on, drift=drift)

    def say_beside(
        self, answers: Answers, centre: str, *, asks_protection: bool, is_on: bool, drift: float | None = 0.0
    ) -> Statement:
        """The same, where the floor is known already."""
        estimate = self.estimate
        cause = self._silence(answers, centre, asks_protection=asks_protection, is_on=is_on, drift=drift)
        if cause:
            return Statement("none", cause, None, ())
        climbed = tuple(self._steps.names[step] for step in self._steps.climbed(answers))
        points = points_of(estimate, centre, climbed)
        terms = tuple(
            sorted(
                ((name, estimate.terms[name]) for name in climbed if estimate.terms.get(name)), key=lambda one: -one[1]
            )
        )
        is_low = estimate.low_below is not None and points < estimate.low_below
        return Statement("low" if is_low else "none", "" if is_low else "zone", band_of(estimate, points), terms)

    def points(self, answers: Answers, centre: str) -> int:
        """The points of a case, for calibration and drift; no page shows them."""
        return points_of(self.estimate, centre, tuple(self._steps.names[one] for one in self._steps.climbed(answers)))

    def _silence(
        self, answers: Answers, centre: str, *, asks_protection: bool, is_on: bool, drift: float | None
    ) -> str:
        estimate = self.estimate
        note = estimate.centres.get(centre)
        tests = (
            ("off", not is_on),
            ("refused", not estimate.ships),
            ("sheet", estimate.sheet != self.sheet.name),
            ("floor", asks_protection),
            ("untried", drift is None),
            ("drift", drift is not None and drift > MOST_DRIFT),
            ("centre", note is None or not note.speaks),
            ("unknown", unknown_of(self.sheet, answers) > estimate.most_unknown),
            ("distance", rarity_of(estimate.usual, answers) > estimate.radius),
        )
        return next((cause for cause, holds in tests if holds), "")


def as_text(estimate: Estimate) -> str:
    """The estimate as it is kept: JSON, the same text for the same estimate."""
    return json.dumps(asdict(estimate), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def of_text(text: str, where: str = "") -> Estimate:
    """The estimate that `as_text` kept; SourceError where it is none."""
    try:
        given = json.loads(text)
        given["centres"] = {name: CentreNote(**note) for name, note in given["centres"].items()}
        given["bands"] = tuple(Band(**band) for band in given["bands"])
        given["spread_at"], given["spread"] = tuple(given["spread_at"]), tuple(given["spread"])
        return Estimate(**given)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            "this is no estimate", where=where, to_do="Name the file that a training run wrote."
        ) from error

"""Whom a line is drawn through: ways to stand near a limit, each shared by so many children that it is nobody's.

No child is shown. Values of fewer than LEAST children are put together with those beside them, from the line outward;
the other signs are told only where the same values also occur with other signs, so that who knows a child's value
cannot read the rest from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from tsunagu.evaluation.small_counts import LEAST
from tsunagu.evaluation.whatif import Moved, Trial
from tsunagu.screening.criteria import Comparison
from tsunagu.screening.limits import Limit
from tsunagu.screening.reference import holds

MOST = 5
Signs = frozenset[str]


@dataclass(frozen=True)
class Nearby:
    """At least LEAST children who stand like this.

    low, high  their values of the compared indicator lie in between
    is_held    whether the comparison with the limit holds for them
    signs      the other signs that hold for each of them; None: they differ in that
    """

    low: Fraction
    high: Fraction
    is_held: bool
    signs: tuple[str, ...] | None


def nearby(trial: Trial, code: str, limit: Limit, moved: Moved | None = None) -> tuple[Nearby, ...]:
    """The ways nearest to the line on both sides, at most MOST. limit: with the number it is moved to."""
    line = Fraction(limit.value)
    compared = Comparison(limit.indicator, ((limit.operator, limit.value),))
    sides: dict[bool, dict[Fraction, int]] = {True: {}, False: {}}
    for value, n in trial.known(limit.indicator).items():
        if isinstance(value, Fraction):
            sides[holds(compared, {limit.indicator: value})][value] = n
    bands = [(band, is_held) for is_held, values in sides.items() for band in _bands(values, line)]
    bands.sort(key=lambda one: (min(abs(value - line) for value in one[0]), not one[1]))
    found = [
        Nearby(min(band), max(band), is_held, signs)
        for band, is_held in bands[:MOST]
        for signs in _ways(_without(trial.signs_at(limit.indicator, band, moved), code))
    ]
    return tuple(found[:MOST])


def _bands(values: Mapping[Fraction, int], line: Fraction) -> Iterator[list[Fraction]]:
    """Values from the line outward, put together until LEAST children have them; what is left over is not told."""
    band: list[Fraction] = []
    children = 0
    for value in sorted(values, key=lambda v: (abs(v - line), v)):
        band.append(value)
        children += values[value]
        if children >= LEAST:
            yield band
            band, children = [], 0


def _without(counts: Mapping[Signs, int], code: str) -> Counter[tuple[str, ...]]:
    """The other signs beside the one of the line, each set with how many have it."""
    found: Counter[tuple[str, ...]] = Counter()
    for signs, n in counts.items():
        found[tuple(sorted(signs - {code}))] += n
    return found


def _ways(counts: Mapping[tuple[str, ...], int]) -> list[tuple[str, ...] | None]:
    """Each set of signs that LEAST of them share, where LEAST others do not; None for those who are left."""
    ways = sorted((way for way, n in counts.items() if n >= LEAST), key=lambda way: (-counts[way], way))
    rest = sum(n for n in counts.values() if n < LEAST)
    while ways and rest < LEAST and (rest or len(ways) == 1):
        rest += counts[ways.pop()]
    return [*ways, *([None] if rest else [])]

"""Whom a line is drawn through: ways to stand near a limit, each shared by so many children that it is nobody's.

No child is shown. Values of fewer than LEAST children are put together with those beside them, from the line outward;
the other signs are told only where the same values also occur with other signs, so that who knows a child's value
cannot read the rest from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
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
    sides: dict[bool, dict[Fraction, list[Signs]]] = {True: {}, False: {}}
    for value, signs in zip(trial.column(limit.indicator), trial.signs(moved), strict=True):
        if isinstance(value, Fraction):
            side = sides[holds(compared, {limit.indicator: value})]
            side.setdefault(value, []).append(signs - {code})
    found = [
        (min(abs(low - line), abs(high - line)), Nearby(low, high, is_held, signs))
        for is_held, values in sides.items()
        for low, high, those in _bands(values, line)
        for signs in _ways(those)
    ]
    found.sort(key=lambda one: (one[0], not one[1].is_held, one[1].signs is None, one[1].signs or ()))
    return tuple(one for _distance, one in found[:MOST])


def _bands(values: dict[Fraction, list[Signs]], line: Fraction) -> Iterator[tuple[Fraction, Fraction, list[Signs]]]:
    """Values from the line outward, put together until LEAST children have them; what is left over is not told."""
    band: list[Fraction] = []
    those: list[Signs] = []
    for value in sorted(values, key=lambda v: (abs(v - line), v)):
        band.append(value)
        those += values[value]
        if len(those) >= LEAST:
            yield min(band), max(band), those
            band, those = [], []


def _ways(those: Iterable[Signs]) -> list[tuple[str, ...] | None]:
    """Each set of signs that LEAST of them share, where LEAST others do not; None for those who are left."""
    counts = Counter(tuple(sorted(signs)) for signs in those)
    ways = sorted((way for way, n in counts.items() if n >= LEAST), key=lambda way: (-counts[way], way))
    rest = sum(n for n in counts.values() if n < LEAST)
    while ways and rest < LEAST and (rest or len(ways) == 1):
        rest += counts[ways.pop()]
    return [*ways, *([None] if rest else [])]

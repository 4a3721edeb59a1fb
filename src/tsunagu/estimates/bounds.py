"""Exact bounds of a share (Clopper and Pearson), without approximation by a bell curve.

Counts need not be whole: a weighted sample has an effective size, by which a bound is taken as if it were that many.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, lgamma, log

_TINY = 1e-300


def upper(events: float, of: float, sure: float = 0.95) -> float:
    """The share that is not passed with `sure`, one-sided; 1 where there is nothing to look at."""
    if of <= 0 or events >= of:
        return 1.0
    return _where(lambda share: _beta(events + 1, of - events, share) >= sure)


def lower(events: float, of: float, sure: float = 0.95) -> float:
    """The share that is reached with `sure`, one-sided; 0 where there is nothing to look at."""
    if of <= 0 or events <= 0:
        return 0.0
    if events >= of:
        return float((1 - sure) ** (1 / of))
    return _where(lambda share: _beta(events, of - events + 1, share) >= 1 - sure)


def interval(events: float, of: float, sure: float = 0.95) -> tuple[float, float]:
    """Both bounds, `sure` together."""
    each = (1 + sure) / 2
    return lower(events, of, each), upper(events, of, each)


def least_clean(most: float, sure: float = 0.95) -> int:
    """How many cases without any event it takes before the upper bound is `most`."""
    of = 1
    while upper(0, of, sure) > most:
        of += 1
    return of


def _where(is_past: Callable[[float], bool]) -> float:
    """The least share at which `is_past` holds, by halving; it holds from some share on."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        if is_past(middle):
            high = middle
        else:
            low = middle
    return high


def _beta(a: float, b: float, share: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Lentz)."""
    if share <= 0 or share >= 1:
        return float(share >= 1)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(share) + b * log(1 - share))
    if share > (a + 1) / (a + b + 2):
        return 1 - front * _fraction(b, a, 1 - share) / b
    return front * _fraction(a, b, share) / a


def _fraction(a: float, b: float, share: float) -> float:
    c, d = 1.0, 1.0 / _not_nothing(1 - (a + b) * share / (a + 1))
    found = d
    for step in range(1, 2_000):
        for part in (
            step * (b - step) * share / ((a + 2 * step - 1) * (a + 2 * step)),
            -(a + step) * (a + b + step) * share / ((a + 2 * step) * (a + 2 * step + 1)),
        ):
            d = 1.0 / _not_nothing(1 + part * d)
            c = _not_nothing(1 + part / c)
            found *= c * d
        if abs(c * d - 1) < 1e-13:
            break
    return found


def _not_nothing(value: float) -> float:
    return value if abs(value) > _TINY else _TINY

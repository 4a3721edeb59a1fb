"""The arithmetic of the estimate; the one module that imports numpy (extra `[models]`).

A logistic model whose every step has a coefficient of nought or more, by Newton's steps kept above nought.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tsunagu.errors import EngineError

Rows = Sequence[tuple[int, ...]]
_Many: TypeAlias = "NDArray[Any]"
_NEWTON = 40
_SWEEPS = 25
_CLOSE = 2e-5
#: How far slopes lie from 1 from one set of cases to another, as they are fitted here.
_SLOPE_SPREAD = 0.12


@dataclass(frozen=True)
class Fitted:
    """intercept and coefficients in log-odds; no coefficient is below nought."""

    intercept: float
    coefficients: tuple[float, ...]


def fit_rising(
    rows: Rows, happened: Sequence[bool], weights: Sequence[float], *, width: int, ridge: float, offset: Sequence[float]
) -> Fitted:
    """Log-odds of `happened` as intercept, offset and a coefficient of nought or more for each step.

    rows     the steps each case climbs, below `width`
    ridge    how strongly coefficients are held near nought
    offset   log-odds that each case has already
    raises   EngineError where nothing happened, or everything did
    """
    outcome, weight = np.asarray(happened, float), np.asarray(weights, float)
    if not 0 < outcome.sum() < len(outcome):
        raise EngineError("there is nothing to learn from", to_do="Give cases of both outcomes.")
    held = _matrix(rows, width)
    rare = held.sum(axis=0) < 5  # what so few cases climb is learnt by nobody
    known = np.column_stack([np.ones(len(outcome)), held[:, ~rare]])
    given, penalty = np.asarray(offset, float), np.full(known.shape[1], ridge)
    penalty[0] = 0.0
    beta = np.zeros(known.shape[1])
    beta[0] = np.log(np.average(outcome, weights=weight) / (1 - np.average(outcome, weights=weight))) - given.mean()
    for _ in range(_NEWTON):
        share = _share(known @ beta + given)
        curve = weight * np.maximum(share * (1 - share), 1e-9)
        slope = known.T @ (weight * (outcome - share)) - penalty * beta
        gram = (known * curve[:, None]).T @ known + np.diag(penalty)
        moved = _nearest(gram, slope + gram @ beta, beta)
        # Half the way again where the whole way would overshoot: rare steps make the curve flat.
        step = np.clip(moved - beta, -1.5, 1.5)
        beta = beta + step
        if np.abs(step).max() < _CLOSE:
            break
    full = np.zeros(width)
    full[~rare] = beta[1:]
    return Fitted(float(beta[0]), tuple(float(one) for one in full))


def scale_of(points: Sequence[float], happened: Sequence[bool], weights: Sequence[float]) -> tuple[float, float]:
    """The slope and intercept by which log-odds fit what happened.

    The slope is drawn towards 1 by as much as it is uncertain: half of the cases know little of it.
    """
    slope, _, error = slope_of(points, happened, weights)
    slope = 1 + (slope - 1) * _SLOPE_SPREAD**2 / (_SLOPE_SPREAD**2 + error**2)
    fitted = fit_rising(
        [()] * len(points), happened, weights, width=0, ridge=0.0, offset=[slope * point for point in points]
    )
    return slope, fitted.intercept


def slope_of(
    points: Sequence[float], happened: Sequence[float], weights: Sequence[float]
) -> tuple[float, float, float]:
    """Slope, intercept, and the standard error of the slope (robust to the weights)."""
    known = np.column_stack([np.asarray(points, float), np.ones(len(points))])
    outcome, weight = np.asarray(happened, float), np.asarray(weights, float)
    beta = np.array([1.0, 0.0])
    for _ in range(_NEWTON):
        share = _share(known @ beta)
        gram = (known * (weight * np.maximum(share * (1 - share), 1e-9))[:, None]).T @ known
        step = np.linalg.solve(gram, known.T @ (weight * (outcome - share)))
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < _CLOSE:
            break
    spread = known * (weight * (outcome - _share(known @ beta)))[:, None]
    bread = np.linalg.inv(gram)
    return float(beta[0]), float(beta[1]), float(np.sqrt((bread @ (spread.T @ spread) @ bread)[0, 0]))


def lift_of(
    points: Sequence[float], others: Sequence[float], happened: Sequence[bool], weights: Sequence[float]
) -> tuple[float, float, float, float]:
    """How much better `points` tell apart than `others`: both areas under the curve, their difference's 95 % interval.

    gives    area of points, area of others, lower and upper bound of the difference (DeLong, weighted)
    """
    outcome, weight = np.asarray(happened, bool), np.asarray(weights, float)
    with_it, without = weight[outcome], weight[~outcome]
    parts = [_placements(np.asarray(one, float), outcome, with_it, without) for one in (points, others)]
    areas = [float(np.average(of_harmed, weights=with_it)) for of_harmed, _ in parts]
    difference = areas[0] - areas[1]
    spread = 0.0
    for place, each in ((0, with_it), (1, without)):
        gap = parts[0][place] - parts[1][place]
        share = each / each.sum()
        spread += float(np.sum((share * (gap - np.average(gap, weights=each))) ** 2))
    reach = 1.96 * float(np.sqrt(spread))
    return areas[0], areas[1], difference - reach, difference + reach


def _placements(points: _Many, outcome: _Many, with_it: _Many, without: _Many) -> tuple[_Many, _Many]:
    """Of every case that was harmed the share of the others below it, and of every other the share of harmed above."""
    harmed, others = points[outcome], points[~outcome]
    above = (harmed[:, None] > others[None, :]) + 0.5 * (harmed[:, None] == others[None, :])
    return above @ without / without.sum(), with_it @ above / with_it.sum()


def _nearest(gram: _Many, target: _Many, start: _Many) -> _Many:
    """The least of the quadratic with all but the first place at nought or more, one place after the other."""
    beta = start.copy()
    left = target - gram @ beta
    width = len(beta)
    for _ in range(_SWEEPS):
        most = 0.0
        for place in range(width):
            now = beta[place] + left[place] / gram[place, place]
            if place and now < 0:
                now = 0.0
            moved = now - beta[place]
            if moved:
                left -= gram[place] * moved
                beta[place] = now
                most = max(most, abs(moved))
        if most < _CLOSE:
            break
    return beta


def _matrix(rows: Rows, width: int) -> _Many:
    held = np.zeros((len(rows), width))
    for place, row in enumerate(rows):
        held[place, list(row)] = 1.0
    return held


def _share(log_odds: _Many) -> _Many:
    share: _Many = 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))
    return share

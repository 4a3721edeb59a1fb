"""The promise of "low", over simulated runs: severe harm among those called low stays below alpha in 95 of 100 runs.

The error is taken from the simulated chance of every held-out case, so that nothing of it is the noise of a test.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import pytest

from learnt import ALPHA, MANY, SHEET, learnt
from tsunagu.estimates.bounds import lower
from tsunagu.estimates.estimate import Speaker
from tsunagu.estimates.train import KnownCase, Row, low_zone
from tsunagu.simulated_cases import SimulatedCase, draw_cases
from tsunagu.simulated_cases.causes import TYPES

HERE = 50
DEEP = 1_000
HELD = 3_000
#: Seeds of the cases that teach begin here; the held-out ones have one far from them.
FIRST = 100_000


@dataclass(frozen=True)
class Ran:
    """error: among those called low, None where nobody is; coverage: overall, then by type; lift: its lower bound."""

    error: float | None
    coverage: tuple[float, ...]
    lift: float
    critical: int


@lru_cache(maxsize=1)
def _held() -> list[tuple[SimulatedCase, int, int]]:
    return [(case, *MANY.ranks(case.answers)) for case in draw_cases(HELD, 7)]


def _run(seed: int) -> Ran:
    estimate = learnt(seed)
    speaker = Speaker(estimate, SHEET)
    low, decided = [], []
    for case, demanded, floor in _held():
        said = speaker.say_beside(case.answers, case.causes.centre.id, asks_protection=floor == 1, is_on=True)
        if said.zone == "low":
            low.append(case)
        decided.append((case.causes.abuse, demanded == 1 or said.zone == "low"))
    coverage = [sum(is_decided for _, is_decided in decided) / len(decided)]
    for type in TYPES:
        own = [is_decided for abuse, is_decided in decided if abuse == type]
        coverage.append(sum(own) / len(own))
    error = sum(case.harm_at_home for case in low) / len(low) if low else None
    return Ran(error, tuple(coverage), estimate.lift["least"], sum(case.is_critical for case in low))


def _keep_the_promise(runs: Sequence[Ran]) -> None:
    over = sum(run.error is not None and run.error > ALPHA for run in runs)
    means = [sum(each) / len(runs) for each in zip(*(run.coverage for run in runs), strict=True)]
    silent = sum(run.error is None for run in runs)
    narrow = sum(run.coverage[0] < 0.6 for run in runs)
    print(  # noqa: T201  # the line that `make deep` shows
        f"{len(runs)} runs: error over {ALPHA:.1%} in {over} (largest {max(run.error or 0 for run in runs):.2%}), "
        f"nobody low in {silent}, coverage {means[0]:.0%} "
        f"({', '.join(f'{type} {mean:.0%}' for type, mean in zip(TYPES, means[1:], strict=True))}), "
        f"below 60 % in {narrow}, lift shown in {sum(run.lift > 0 for run in runs)}, "
        f"critical cases called low {sum(run.critical for run in runs)}"
    )
    assert over <= 0.05 * len(runs)
    assert lower(over, len(runs)) <= 0.05
    assert means[0] >= 0.6
    assert min(means[1:]) >= 0.4
    # A promise that is kept by saying nothing is none.
    assert narrow <= 0.2 * len(runs)


def test_low_keeps_its_promise_in_fifty_runs() -> None:
    _keep_the_promise([_run(FIRST + seed) for seed in range(HERE)])


@pytest.mark.deep
def test_low_keeps_its_promise_in_a_thousand_runs() -> None:
    _keep_the_promise([_run(FIRST + HERE + seed) for seed in range(DEEP)])


def _drawn(chance: random.Random, cases: int) -> tuple[list[Row], list[float]]:
    """Cases whose chance of harm grows with their points: 2.6 % of all, below 0.5 % for the first half of them."""
    rows, chances = [], []
    for place in range(cases):
        share = 0.002 + 0.096 * (place / cases) ** 3
        known = KnownCase({}, "north", False, 0.0, True, chance.random() < share)
        rows.append(Row(known, (), points=place))
        chances.append(share)
    return rows, chances


def test_the_zone_ends_where_its_error_would_pass_alpha() -> None:
    """Where everybody is too many: the widest zone that looks right is wrong in many runs, ours is not.

    The chances are known, so a run in which the true error passes alpha is one, and no noise of a test.
    """
    runs, cases = 300, 2_400
    over = naive_over = found = 0
    for seed in range(runs):
        rows, chances = _drawn(random.Random(seed), cases)
        below, zone = low_zone(rows, ALPHA)
        if below is not None:
            found += 1
            over += sum(chances[:below]) / below > ALPHA
            assert zone["bound"] <= ALPHA
        harmed, widest = 0, 0
        for place, row in enumerate(rows, start=1):
            harmed += bool(row.case.harmed)
            widest = place if harmed <= ALPHA * place else widest
        naive_over += sum(chances[:widest]) / max(1, widest) > ALPHA
    assert sum(chances) / cases > ALPHA
    assert lower(over, runs) <= 0.05
    assert over <= 0.08 * runs
    assert found >= 0.8 * runs
    # What the bound is for: by the share alone, without it, the promise is broken again and again.
    assert naive_over > 0.3 * runs

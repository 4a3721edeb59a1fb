"""Estimates learnt from simulated cases, for tests of what they say."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from tsunagu.estimates.estimate import Estimate
from tsunagu.estimates.train import KnownCase, train
from tsunagu.guidance.load_sheet import standard_sheet
from tsunagu.guidance.many import ManySheets
from tsunagu.simulated_cases import SimulatedCase, draw_cases

SHEET = standard_sheet()
MANY = ManySheets(SHEET)
ALPHA = 0.015
DAY = dt.date(2026, 3, 31)


def known_of(case: SimulatedCase) -> KnownCase:
    """What an estimate may learn of a simulated case: nothing of its causes."""
    demanded, floor = MANY.ranks(case.answers)
    outcome = case.outcome
    harmed: bool | None = None
    if outcome is not None:
        is_whole = outcome.followed_months >= 12
        harmed = True if outcome.severe_harm_month else False if is_whole else None
    order = -(floor + demanded / 10)
    return KnownCase(case.answers, case.causes.centre.id, floor == 1, order, outcome is not None, harmed)


def learnt(seed: int, cases: int = 5_000) -> Estimate:
    """An estimate of so many cases."""
    return train(SHEET, [known_of(case) for case in draw_cases(cases, seed)], alpha=ALPHA, made_on=DAY)


@lru_cache(maxsize=1)
def an_estimate() -> Estimate:
    """The one that most tests look at."""
    return learnt(3)

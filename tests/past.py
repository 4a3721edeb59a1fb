"""Past cases made of simulated ones, for tests of similar cases and of what the desk shows of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from tsunagu.guidance.load_sheet import standard_sheet
from tsunagu.similar_cases.distances import Distances, Facts
from tsunagu.similar_cases.load_distances import STANDARD, load_distances
from tsunagu.similar_cases.past_cases import HOME, PROTECTED, SUPPORTED, PastCase, PastCases
from tsunagu.similar_cases.similar import OwnCases
from tsunagu.simulated_cases import SimulatedCase, draw_cases

SHEET = standard_sheet()


@lru_cache(maxsize=1)
def distances() -> Distances:
    """The standard ones."""
    return load_distances(STANDARD, [SHEET])


def facts_of(case: SimulatedCase) -> Facts:
    """What is compared of a simulated case."""
    causes = case.causes
    return Facts(case.answers, causes.months // 12, causes.abuse, causes.also)


def past_case(case: SimulatedCase) -> PastCase:
    """A simulated case as one that is over."""
    after = case.outcome
    decided = PROTECTED if case.decision.is_protected else SUPPORTED if case.decision.support else HOME
    if after is None:
        return PastCase(facts_of(case), 2024, decided, None, None, None)
    return PastCase(
        facts_of(case), 2024, decided, after.followed_months, after.re_report_month, after.severe_harm_month
    )


def own_cases(cases: Iterable[PastCase]) -> OwnCases:
    """These cases, made ready."""
    return OwnCases(PastCases(distances(), tuple(cases)))


@lru_cache(maxsize=1)
def a_thousand() -> OwnCases:
    """A centre with a thousand past cases."""
    return own_cases(past_case(case) for case in draw_cases(1_000, 21))

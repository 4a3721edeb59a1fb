"""A simulated case from its causes to what came after; equal seeds give equal cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tsunagu.guidance.answers import Answer
from tsunagu.simulated_cases.aftermath import Decision, Outcome, come_after, decide, harm_at_home
from tsunagu.simulated_cases.causes import Causes, danger_of, draw_causes, urgency_of
from tsunagu.simulated_cases.signs import draw_answers


@dataclass(frozen=True)
class SimulatedCase:
    """harm_at_home  the chance of substantiated severe harm within twelve months, if the child stays at home
    outcome  None: the child was protected
    """

    causes: Causes
    answers: dict[str, Answer]
    danger: float
    decision: Decision
    outcome: Outcome | None
    harm_at_home: float

    @property
    def urgency(self) -> int:
        """The truth's class: 1 is "now"."""
        return urgency_of(self.danger)

    @property
    def is_critical(self) -> bool:
        return self.urgency == 1


def draw_cases(cases: int, seed: int) -> Iterator[SimulatedCase]:
    """So many cases; the first ones of a longer row are the same."""
    chance = Random(seed)
    for _ in range(cases):
        causes = draw_causes(chance)
        answers = draw_answers(causes, chance)
        decision = decide(causes, answers, chance)
        outcome = come_after(causes, decision, chance)
        yield SimulatedCase(causes, answers, danger_of(causes), decision, outcome, harm_at_home(causes))

"""What is decided of a simulated case, and what comes after: protection ends what happens at home, support lowers it.

    answers ──► decision (a novice sees less sharply) ──► protected: nothing can come again at home
    causes, at home, with or without support ──► a new notification, substantiated severe harm, within twelve months

A decision rests on what is known alone, never on the causes: who stayed at home can be weighed by what staff saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from random import Random

from tsunagu.guidance.answers import Answer
from tsunagu.simulated_cases.causes import Causes

FOLLOWED = 12
#: How often support is agreed for a child that stays at home, and what it does to the log-odds of severe harm.
SUPPORT = 0.6
SUPPORT_HELPS = -0.7
#: How often a family is lost sight of before the twelve months are over.
LOST = 0.03
_SEEN_FIRST = (
    "injury",
    "neglect_harm",
    "dangerous_act",
    "sexual_suspected",
    "words_of_harm",
    "violence_at_home",
    "fear",
    "child_asks",
)


@dataclass(frozen=True)
class Decision:
    """is_protected  the child left home; support: agreed for one that stayed. experience: novice | veteran."""

    is_protected: bool
    support: bool
    experience: str


@dataclass(frozen=True)
class Outcome:
    """Of a child that stayed at home. Months from 1; None: not in the time followed."""

    followed_months: int
    re_report_month: int | None
    severe_harm_month: int | None


def decide(causes: Causes, answers: dict[str, Answer], chance: Random) -> Decision:
    """What a simulated worker decides of the answers."""
    experience = "novice" if chance.random() < 0.55 else "veteran"
    grades = sorted((answers[id].grade or 0 for id in _SEEN_FIRST), reverse=True)
    seen = grades[0] + 0.35 * grades[1] + 0.25 * grades[2] + 0.25 * (answers["young"].grade or 0)
    blurred = seen + chance.gauss(0.0, 0.8 if experience == "novice" else 0.4)
    is_protected = chance.random() < _share(1.6 * (blurred - 4.7) + causes.centre.protects)
    return Decision(is_protected, not is_protected and chance.random() < SUPPORT, experience)


def harm_at_home(causes: Causes) -> float:
    """The chance of substantiated severe harm within twelve months at home, support as it is agreed on average."""
    return SUPPORT * _harm(causes, support=True) + (1 - SUPPORT) * _harm(causes, support=False)


def come_after(causes: Causes, decision: Decision, chance: Random) -> Outcome | None:
    """What came after; None for a child that was protected."""
    if decision.is_protected:
        return None
    followed = FOLLOWED if chance.random() > LOST else chance.randint(1, FOLLOWED - 1)
    harmed = _month(chance, _harm(causes, support=decision.support))
    again = _month(
        chance,
        _share(
            -2.6
            + 0.45 * causes.gravest
            + 0.4 * causes.past
            + 0.25 * causes.strain
            + 0.3 * causes.refusal
            - 0.3 * decision.support
        ),
    )
    # Severe harm that is found is notified.
    again = min((month for month in (again, harmed) if month is not None), default=None)
    return Outcome(followed, _within(again, followed), _within(harmed, followed))


def _harm(causes: Causes, *, support: bool) -> float:
    return _share(
        -6.3
        + 0.75 * causes.gravest
        + 0.65 * causes.past
        + 0.5 * causes.strain
        + 0.5 * causes.refusal
        + 0.7 * causes.frailty
        + 0.4 * causes.change
        # A new person in the home is a danger to a small child above all: not the sum of the two.
        + (0.4 if causes.change > 1.5 and causes.frailty > 0.5 else 0.0)
        - 1.2 * causes.shelter
        + causes.centre.harm
        + (SUPPORT_HELPS if support else 0.0)
    )


def _share(log_odds: float) -> float:
    return 1.0 / (1.0 + exp(-log_odds))


def _month(chance: Random, share: float) -> int | None:
    """The month in which it happens, any as likely as another; None: not within the time."""
    drawn, month = chance.random(), chance.randint(1, FOLLOWED)
    return month if drawn < share else None


def _within(month: int | None, followed: int) -> int | None:
    return month if month is not None and month <= followed else None

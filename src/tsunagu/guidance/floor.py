"""The safety floor: which class of urgency the declared rules demand of these answers, and why.

`demanded` is what known signs alone demand. `floor` is what cannot be excluded: every unknown at its gravest. Nobody is
below the floor until what is open has been answered; no estimate and no view of anybody lowers it.
"""

from __future__ import annotations

from dataclasses import dataclass

from tsunagu.guidance.answers import Answers, Bounds, bounds_of, reaches
from tsunagu.guidance.sheet import Question, Rule, Sheet, UrgencyClass, compared


@dataclass(frozen=True)
class Standing:
    """What the rules come to.

    demanded  by the signs that are known
    floor     by these and every sign that is not excluded; at least as urgent as `demanded`
    because   rules that hold on what is known, most urgent first
    open      rules that hold only on what is not known, of a class above `demanded`; each with the questions to settle
    """

    demanded: UrgencyClass
    floor: UrgencyClass
    because: tuple[Rule, ...]
    open: tuple[tuple[Rule, tuple[str, ...]], ...]

    @property
    def is_firm(self) -> bool:
        """Whether no answer that is still open can change the class."""
        return self.demanded == self.floor

    @property
    def asks_protection(self) -> bool:
        """Whether protection is to be talked about now: a sign demands it, or nobody can exclude one that would."""
        return self.floor.asks_protection


def stand(sheet: Sheet, answers: Answers) -> Standing:
    """The class that the sheet's rules give these answers. Answers to what the sheet does not ask are not read."""
    bounds = bounds_of(sheet, answers)
    because = tuple(rule for rule in sheet.rules if reaches(rule.when, bounds.least))
    possible = tuple(rule for rule in sheet.rules if reaches(rule.when, bounds.most))
    demanded, floor = _most_urgent(sheet, because), _most_urgent(sheet, possible)
    return Standing(
        demanded,
        floor,
        tuple(sorted(because, key=lambda rule: sheet.by_class[rule.urgency].rank)),
        tuple(
            (rule, _questions_open(sheet, rule, bounds))
            for rule in sorted(possible, key=lambda rule: sheet.by_class[rule.urgency].rank)
            if rule not in because and sheet.by_class[rule.urgency].rank < demanded.rank
        ),
    )


def is_asked(question: Question, bounds: Bounds) -> bool:
    """Whether a question is to be asked: always, or because what opens it is present or cannot be excluded."""
    return question.opened_by is None or reaches(question.opened_by, bounds.most)


def _most_urgent(sheet: Sheet, rules: tuple[Rule, ...]) -> UrgencyClass:
    found = (sheet.by_class[rule.urgency] for rule in rules)
    return min(found, key=lambda urgency: urgency.rank, default=sheet.least)


def _questions_open(sheet: Sheet, rule: Rule, bounds: Bounds) -> tuple[str, ...]:
    """The questions whose answer could still bring the rule about."""
    return tuple(
        dict.fromkeys(
            sheet.of_reading[reading].id
            for reading, value in compared(rule.when)
            if bounds.least[reading] < value <= bounds.most[reading]
        )
    )

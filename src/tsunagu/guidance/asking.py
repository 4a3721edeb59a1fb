"""What to ask next: the questions whose answer could change the class of urgency most."""

from __future__ import annotations

from dataclasses import dataclass

from tsunagu.guidance.answers import Answers, at_best, at_worst, bounds_of, is_open
from tsunagu.guidance.floor import Standing, is_asked, stand
from tsunagu.guidance.sheet import Question, Sheet


@dataclass(frozen=True)
class Asked:
    """One open question.

    raises    by how many classes the gravest answer would raise what known signs demand
    settles   by how many classes the mildest answer would lower what cannot be excluded
    open      how many rules above what is demanded wait for it
    """

    question: Question
    raises: int
    settles: int
    open: int


def ask_next(sheet: Sheet, answers: Answers) -> tuple[Asked, ...]:
    """Open questions that can change the class, alone or with others; the one that could change it most first.

    Of the same weight, the first minutes' questions go before the others, then the order of the sheet.
    """
    now = stand(sheet, answers)
    bounds = bounds_of(sheet, answers)
    found = [
        _asked(sheet, answers, question, now)
        for question in sheet.questions
        if is_open(answers.get(question.id), question) and (question.id in answers or is_asked(question, bounds))
    ]
    # What moves the class however it is answered comes first: one answer demands protection, the other excludes it.
    return tuple(
        sorted(
            (one for one in found if one.raises or one.settles or one.open),
            key=lambda one: (-(one.raises + one.settles), -one.raises, -one.open, not one.question.is_first),
        )
    )


def _asked(sheet: Sheet, answers: Answers, question: Question, now: Standing) -> Asked:
    given = answers.get(question.id)
    gravest = stand(sheet, {**answers, question.id: at_worst(given, question)})
    mildest = stand(sheet, {**answers, question.id: at_best(given, question)})
    return Asked(
        question,
        raises=now.demanded.rank - gravest.demanded.rank,
        settles=mildest.floor.rank - now.floor.rank,
        open=sum(question.id in waiting for _, waiting in now.open),
    )

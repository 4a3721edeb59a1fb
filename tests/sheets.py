"""Generated answers to a sheet of urgency, and the steps by which a sheet gets worse."""

from __future__ import annotations

import random
from dataclasses import replace

from tsunagu.guidance.answers import ABSENT, UNKNOWN, Answer, State
from tsunagu.guidance.sheet import GRAVEST, SITES, Question, Sheet

SOURCE = "園"


def some_answers(sheet: Sheet, chance: random.Random) -> dict[str, Answer]:
    """Answers of one sheet; from sheets nearly empty of signs to sheets full of them."""
    weights = chance.choice(((8, 1, 1), (20, 1, 1), (3, 1, 3), (1, 6, 1), (40, 0, 2)))
    answers: dict[str, Answer] = {}
    for question in sheet.questions:
        kind = chance.choices(("absent", "unknown", "present"), weights)[0]
        if kind == "present":
            answers[question.id] = _present(question, chance)
        elif kind == "absent":
            answers[question.id] = ABSENT
        elif chance.random() < 0.5:
            answers[question.id] = UNKNOWN
    return answers


def _present(question: Question, chance: random.Random) -> Answer:
    some = (None, 1, 1, 2, 2, 3)
    sites = None
    if question.has_sites and chance.random() < 0.8:
        sites = frozenset(chance.sample(SITES, chance.randint(0, 3)))
    return Answer(
        State.PRESENT,
        grade=chance.choice(some),
        extent=chance.choice(some) if question.extents else None,
        sites=sites,
        source=SOURCE,
    )


def a_step_worse(question: Question, given: Answer | None, chance: random.Random) -> Answer | None:
    """The same answer with one thing graver, more or wider; None where it cannot be worse, or is not known.

    A sign that was absent appears; one that is present gets graver, wider, or another place.
    """
    if given is None or given.state is State.UNKNOWN:
        return None
    if given.state is State.ABSENT:
        return _present(question, chance)
    ways = []
    if given.grade is not None and given.grade < GRAVEST:
        ways.append({"grade": chance.randint(given.grade + 1, GRAVEST)})
    if given.extent is not None and given.extent < GRAVEST:
        ways.append({"extent": chance.randint(given.extent + 1, GRAVEST)})
    if given.sites is not None and len(given.sites) < len(SITES):
        ways.append({"sites": given.sites | {chance.choice(sorted(set(SITES) - given.sites))}})
    return replace(given, **chance.choice(ways)) if ways else None


def less_known(given: Answer, chance: random.Random) -> Answer:
    """The same answer with something that is known made unknown."""
    ways = [UNKNOWN]
    if given.state is State.PRESENT:
        ways += [replace(given, grade=None), replace(given, extent=None), replace(given, sites=None)]
    return chance.choice(ways)

"""What nobody has written down: poverty, neglect, refusal of school, caring for a relative, each with its onset.

Everything that departments record later follows from these and from chance (school_life, welfare, health).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random

from tsunagu.example_city.calendar import Calendar, shifted
from tsunagu.example_city.people import Household, Person

KINDS = ("poverty", "neglect", "refusal", "young_carer")


def lay_needs(households: Sequence[Household], calendar: Calendar, rng: Random) -> None:
    """Decide needs family by family, then child by child; needs of one family go together."""
    for home in households:
        children = [person for person in home.members if person.child is not None]
        if not children:
            continue
        poor = rng.random() < (0.42 if home.income < 0.3 else 0.10 if home.income < 0.45 else 0.004)
        neglecting = rng.random() < (0.16 if poor else 0.03 if home.single else 0.018)
        poor_since = _onset(calendar, 44, rng)
        neglect_since = _onset(calendar, 44, rng)
        carer_chance = 0.022 * (2.5 if home.single else 1.0) * (1.6 if home.grandparents or len(children) > 2 else 1.0)
        for person in children:
            _of_child(person, calendar, rng, poor_since if poor else None, neglect_since if neglecting else None,
                      carer_chance=carer_chance)  # fmt: skip


def _of_child(
    person: Person, calendar: Calendar, rng: Random, poor: date | None, neglect: date | None, *, carer_chance: float
) -> None:
    child = person.child
    assert child is not None
    grade = child.grade(calendar.on.year if calendar.on.month >= 4 else calendar.on.year - 1)
    born = person.birth.replace(day=1)
    if poor is not None:
        child.needs["poverty"] = max(poor, born)
    if neglect is not None:
        child.needs["neglect"] = max(neglect, born)
    refusing = (0.03 if grade < 7 else 0.06) * (2.0 if neglect is not None else 1.0)
    if 2 <= grade <= 9 and rng.random() < refusing:
        child.needs["refusal"] = _onset(calendar, 26, rng)
    if 4 <= grade <= 12 and rng.random() < carer_chance * 1.4:
        child.needs["young_carer"] = _onset(calendar, 32, rng)
    if rng.random() < 0.012:
        child.ability -= 12
    heavy = len(child.needs)
    child.ability += rng.gauss(0, 7.6) - 3.2 * heavy
    child.spirit = rng.gauss(3.72, 0.42)
    child.absent_rate = rng.gammavariate(0.75, 1.0)
    child.bad_mood = rng.betavariate(1.3, 9.0)


def _onset(calendar: Calendar, months: int, rng: Random) -> date:
    return shifted(calendar.on.replace(day=1), -rng.randint(1, months))


def active(person: Person, kind: str, month: date) -> bool:
    """True when the need has begun by that month."""
    since = person.child.needs.get(kind) if person.child is not None else None
    return since is not None and since <= month


def months_into(person: Person, kind: str, month: date) -> int:
    """How many months ago it began; -1 when it has not."""
    since = person.child.needs.get(kind) if person.child is not None else None
    if since is None or since > month:
        return -1
    return (month.year - since.year) * 12 + month.month - since.month

"""Two measures that both the clean facts and the judgments need: doses due, and the daily mood."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from tsunagu.example_city.calendar import completed_months, shifted
from tsunagu.example_city.health import VACCINES
from tsunagu.example_city.people import Person


class Doses(NamedTuple):
    """Doses due on the day: which, which of them are missing, which cannot be known."""

    due: list[str]
    missing: list[str]
    unknown: list[str]


class Mood(NamedTuple):
    """Answers on the latest 40 dates of the school, those used (the latest 20), and the rainy and stormy of them."""

    within: int
    used: int
    bad: int


def doses_of(person: Person, on: date, *, lost: bool = False) -> Doses:
    """Due, missing and unknown doses; lost: a vaccination row of the child was set aside."""
    assert person.child is not None
    given = {word for word, _ in person.child.doses}
    age = completed_months(person.birth, on)
    found = Doses([], [], [])
    for word, month in VACCINES:
        if age < month + 3:
            continue
        found.due.append(word)
        if word in given:
            continue
        first = shifted(person.birth.replace(day=1), month)
        planned = first.replace(day=min(person.birth.day, 28))
        came = person.in_date
        elsewhere = came is not None and came > planned and came != person.birth
        (found.unknown if elsewhere or lost else found.missing).append(word)
    return found


def mood_of(person: Person, dates: list[date]) -> Mood:
    """The child's answers on the latest 40 dates of the school's file."""
    assert person.child is not None
    answers = [person.child.mood[day] for day in dates[-40:] if day in person.child.mood]
    used = answers[-20:]
    return Mood(len(answers), len(used), sum(word in ("雨", "雷") for word in used))

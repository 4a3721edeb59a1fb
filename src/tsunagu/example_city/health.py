"""What the health centre keeps: check-ups, vaccinations, and the mother's questionnaire after birth (EPDS)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from tsunagu.example_city.calendar import Calendar, completed_months
from tsunagu.example_city.needs import active
from tsunagu.example_city.people import Child, Person, fiscal_year

CHECKUPS = (("4か月児健診", 4, 6), ("1歳6か月児健診", 18, 21), ("3歳児健診", 36, 45))  # word, held at, due from
VACCINES = (
    ("五種混合1期初回1", 2), ("五種混合1期初回2", 3), ("五種混合1期初回3", 4), ("小児用肺炎球菌1", 2),
     ("小児用肺炎球菌2", 3),
    ("B型肝炎1", 2), ("BCG", 5), ("MR1期", 12), ("水痘1", 12), ("五種混合追加", 12), ("水痘2", 18), ("日本脳炎1", 36),
)  # fmt: skip
SEEN, NOT_SEEN, ELSEWHERE = 1, 2, 3


def keep_health_records(children: Sequence[Person], calendar: Calendar, rng: Random) -> None:
    """Fill check-ups, doses, EPDS and birth weight of every child."""
    for person in children:
        child = person.child
        if child is None:
            continue
        child.birth_weight = min(4600, max(900, int(rng.gauss(2990, 390))))
        careless = active(person, "neglect", calendar.on)
        _checkups(person, child, calendar, careless, rng)
        if child.grade(fiscal_year(calendar.on)) <= 1:
            _doses(person, child, calendar, careless, rng)
        old_enough = timedelta(days=40) < calendar.on - person.birth < timedelta(days=8 * 365)
        if old_enough and person.present == person.birth and rng.random() < 0.93:
            child.epds = min(27, int(rng.gammavariate(2.2, 1.7) + 3 * careless + 1.5 * len(child.needs)))


def _here(person: Person, day: date) -> bool:
    return person.present <= day and (person.out_date is None or day < person.out_date)


def _checkups(person: Person, child: Child, calendar: Calendar, careless: bool, rng: Random) -> None:
    for word, held, due in CHECKUPS:
        age = completed_months(person.birth, calendar.on)
        day = person.birth + timedelta(days=int((held + 0.2 + rng.random() * (due - held - 0.7)) * 30.44))
        if age < due and (day > calendar.on or rng.random() < 0.5):
            continue
        if not _here(person, day):
            continue
        chance = rng.random()
        if chance < (0.30 if careless else 0.034):
            child.checkups.append((word, NOT_SEEN, None))
        elif chance > 0.925:
            child.checkups.append((word, ELSEWHERE, None))
        else:
            child.checkups.append((word, SEEN, min(day, calendar.on)))


def _doses(person: Person, child: Child, calendar: Calendar, careless: bool, rng: Random) -> None:
    skips = rng.random() < (0.6 if careless else 0.06)
    for word, month in VACCINES:
        day = person.birth + timedelta(days=int((month + 0.2 + rng.expovariate(1.1)) * 30.44))
        if day > calendar.on or not _here(person, day) or rng.random() < (0.45 if skips else 0.022):
            continue
        child.doses.append((word, day))

"""Numbers, namesakes, protected addresses, and how each group of offices came to write a person's name.

An office wrote the name down once and keeps it: the spelling belongs to the pair person and group of offices,
and only a single record may be mistyped on top of that (see spelling.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from tsunagu.example_city.given_names import GivenName, respelled
from tsunagu.example_city.people import Household, Name, Person
from tsunagu.example_city.places import as_register
from tsunagu.example_city.surnames import PLAIN, other_reading, plain, rewritten

# Offices that share one register of names.
GROUPS = ("tax", "welfare", "school", "health")


@dataclass(frozen=True, slots=True)
class Protection:
    """One grant of 支援措置: the applicant and who is protected with them."""

    number: int
    people: tuple[Person, ...]
    start: date
    end: date
    other: str  # name of the other party, as the list gives it; "" or （市外） when not known here
    other_address: str
    note: str
    state: str


def register(households: Sequence[Household], rng: Random) -> list[Person]:
    """Give every person an id and a 宛名番号; the order of people is that of the households."""
    people = [person for home in households for person in home.members]
    ids = list(range(len(people)))
    rng.shuffle(ids)
    width = max(6, len(str(len(ids))))
    numbers = rng.sample(range(10_000_000, 199_999_999), len(people))
    for person, number, atena in zip(people, ids, numbers, strict=True):
        person.person_id = f"P{number:0{width}}"
        person.atena = f"{atena:010}"
    return people


def add_namesakes(people: Sequence[Person], rng: Random) -> None:
    """Let a few children of different families share a whole name, some of them the birth date as well."""
    by_family: dict[tuple[str, str], list[Person]] = {}
    for person in people:
        if person.is_child and not person.country and not person.twin and person.old_name is None:
            by_family.setdefault(person.name[0:3:2], []).append(person)
    shared = [group for group in by_family.values() if len({id(person.household) for person in group}) > 3]
    for _ in range(max(2, sum(person.is_child for person in people) // 250)):
        if not shared:
            return
        group = rng.choice(shared)
        first, second = rng.sample(group, 2)
        if first.household is second.household or first.household.members[0].household is second.household:
            continue
        second.name = second.name._replace(given=first.name.given, given_kana=first.name.given_kana)
        second.sex = first.sex
        lives_apart = second.household.out_date is None and first.birth != second.birth
        alone = sum(person.is_child for person in second.household.members) == 1
        if lives_apart and alone and rng.random() < 0.5 and second.child is not None and first.child is not None:
            parents = [person.birth for person in second.household.members if not person.is_child]
            if all((first.birth - birth).days > 18 * 365 for birth in parents if birth < second.birth):
                second.birth = first.birth
                second.child.born_year = first.child.born_year
                second.in_date = max(first.birth, second.household.in_date or first.birth)


def protect(households: Sequence[Household], on: date, rng: Random) -> list[Protection]:
    """Families under DV等支援措置: mostly a mother who left, sometimes a father; one grant ran out and was renewed."""
    homes = [home for home in households if home.kind == "main" and home.out_date is None and home.head is not None]
    singles = [home for home in homes if home.single]
    chosen = rng.sample(singles, min(len(singles), max(3, len(homes) // 170)))
    grants: list[Protection] = []
    for position, home in enumerate(chosen):
        people = tuple(sorted((p for p in home.members if p.relation in ("世帯主", "子")), key=lambda p: p.birth))
        home.suppressed = True
        if home.moved is None:
            home.old_address = home.address._replace(lot=rng.randint(1, 40), house=rng.randint(1, 30), building="")
            home.moved = on - timedelta(days=rng.randint(200, 900))
            if home.in_date is not None and home.moved <= home.in_date:
                home.moved, home.old_address = None, None
        against = home.second.head if home.second is not None else None
        other = against.name.joined() if against is not None else rng.choice(("", "（市外）"))
        address = as_register(home.second.address) if home.second is not None else ""
        for person in people:
            person.suppressed, person.against = True, against
        start = on - timedelta(days=rng.randint(20, 330))
        number = 101 + len(grants)
        if position == 0:
            gone = start - timedelta(days=rng.randint(20, 60))
            earlier = Protection(number, people, gone - timedelta(days=365), gone, other, address, "", "終了")
            grants.append(earlier)
            number += 1
        note = "延長" if position == 0 else ""
        grants.append(Protection(number, people, start, start + timedelta(days=364), other, address, note, "継続"))
    return grants


# --- spelling --------------------------------------------------------------------------------------------------


def spell(people: Sequence[Person], rng: Random) -> None:
    """Fill `offices` of every person: the name as tax, welfare, school and health offices hold it."""
    family_habits: dict[tuple[int, str], str] = {}
    for person in people:
        for group in GROUPS:
            name = _spelled(person, group, family_habits, rng)
            if name != person.name:
                person.offices[group] = name


def _spelled(person: Person, group: str, habits: dict[tuple[int, str], str], rng: Random) -> Name:
    name = person.name
    if person.country:
        return _spelled_foreign(person, group, rng)
    old = {"school": 0.38, "health": 0.75, "welfare": 0.18, "tax": 0.0}[group]
    if person.old_name is not None and rng.random() < old:
        name = person.old_name
    habit = habits.get((id(person.household), group + name.family))
    if habit is None:
        habit = name.family
        chance = rng.random()
        if any(sign in PLAIN for sign in habit):
            habit = plain(habit) if chance < (0.8 if group == "school" else 0.45) else habit
        elif chance < 0.12:
            habit = rewritten(habit, rng)
        habits[(id(person.household), group + name.family)] = habit
    name = name._replace(family=habit)
    if person.is_child and rng.random() < 0.018:
        given = respelled(GivenName(name.given, name.given_kana), rng)
        name = name._replace(given=given.kanji)
    if rng.random() < 0.012:
        name = name._replace(family_kana=other_reading(name.family_kana))
    return name


def _spelled_foreign(person: Person, group: str, rng: Random) -> Name:
    reading = person.name.family_kana, person.name.given_kana
    if group == "tax":
        return person.alias if person.alias and rng.random() < 0.25 else Name(person.latin, "", *reading)
    if person.alias and rng.random() < 0.75:
        return person.alias
    return person.name if rng.random() < 0.55 else Name(person.latin, "", *reading)

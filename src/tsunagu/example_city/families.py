"""Families: who lives with whom, what they are called, when they came, moved and left.

Households are made until the city has the wanted number of children. Correlations that matter later are laid
here: single parents, income, parents who live apart, names changed by divorce or a second marriage.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from tsunagu.example_city.foreign_names import draw_alias, draw_alias_family, draw_family, draw_foreign_name
from tsunagu.example_city.given_names import draw_given_name
from tsunagu.example_city.people import Child, Household, Name, Person, fiscal_year, school_year_of
from tsunagu.example_city.places import ELSEWHERE, Address, draw_address
from tsunagu.example_city.surnames import Surname, draw_surname

_TENTH = timedelta(days=36)


class Families:
    """Makes households one by one. on is the as-of day, first the first day of the delivery's months."""

    def __init__(self, rng: Random, on: date, first: date) -> None:
        self._rng = rng
        self._on = on
        self._first = first
        self._oldest = date(fiscal_year(on) - 18, 4, 2)
        self._count = 0
        self._numbers: set[int] = set()
        self._last: Address | None = None

    def make(self, children: int) -> Iterator[Household]:
        """Households (and those that belong to them) until there are that many children."""
        while children > 0:
            home = self._family(children)
            children -= sum(person.is_child for person in home.members)
            yield home
            for other in (home.neighbour, home.second):
                if other is not None:
                    yield other

    # --- a family ------------------------------------------------------------------------------------------

    def _family(self, at_most: int) -> Household:
        rng = self._rng
        home = self._household("main")
        home.income = min(1.0, max(0.0, rng.betavariate(3.2, 2.0)))
        shape = rng.random()
        home.single = shape < 0.105
        home.remarried = 0.105 <= shape < 0.135
        births = self._births(at_most)
        if rng.random() < 0.03:
            self._fill_foreign(home, births)
        else:
            self._fill(home, births)
        if home.single:
            home.income *= 0.55
        self._grandparents(home)
        self._history(home)
        return home

    def _household(self, kind: str) -> Household:
        number = self._rng.randrange(10**6, 10**7)
        while number in self._numbers:
            number = self._rng.randrange(10**6, 10**7)
        self._numbers.add(number)
        self._count += 1
        address = draw_address(self._rng)
        if self._last is not None and self._rng.random() < 0.02:
            # Several families at one address: the same lot, another door of the same building or the same door.
            address = self._last if self._rng.random() < 0.4 else self._last._replace(building="")
        self._last = address
        return Household(f"H{self._count - 1:06}", f"{number:09}", kind, address)

    def _births(self, at_most: int) -> list[tuple[date, bool]]:
        """Birth dates, oldest first, with a mark for twins; at least one belongs to a child of today."""
        rng = self._rng
        wanted = rng.choices((1, 2, 3, 4, 5), (40, 42, 14, 3, 1))[0]
        span = (self._on - self._oldest).days
        anchor = self._oldest + timedelta(days=int(span * rng.random() ** 1.12))
        births = [(anchor, False)]
        if rng.random() < 0.012:
            births.append((anchor, True))
            births[0] = (anchor, True)
        while len(births) < wanted:
            gap = timedelta(days=rng.randint(420, 1700))
            day = births[-1][0] + gap if rng.random() < 0.5 else births[0][0] - gap
            if day > self._on:
                day = births[0][0] - gap
            births.append((day, False))
            births.sort()
        children = [birth for birth in births if birth[0] >= self._oldest]
        grown = [birth for birth in births if birth[0] < self._oldest and rng.random() < 0.75]
        return grown + children[:at_most]

    def _parent_birth(self, eldest: date, sex: int) -> date:
        years = min(44.0, max(19.0, self._rng.gauss(29.5 if sex == 2 else 31.5, 4.6)))
        return eldest - timedelta(days=int(years * 365.25))

    def _person(self, home: Household, birth: date, sex: int, surname: Surname, relation: str) -> Person:
        given = draw_given_name(self._rng, sex, birth.year)
        while any(given.kana == other.name.given_kana for other in home.members):
            given = draw_given_name(self._rng, sex, birth.year)
        name = Name(surname.kanji, given.kanji, surname.kana, given.kana)
        person = Person(birth, sex, name, home, relation, birth >= self._oldest)
        if person.is_child:
            person.child = Child(school_year_of(birth))
        home.members.append(person)
        return person

    def _fill(self, home: Household, births: list[tuple[date, bool]]) -> None:
        rng = self._rng
        surname = draw_surname(rng)
        eldest = births[0][0]
        father = mother = None
        if not home.single or rng.random() < 0.12:
            father = self._person(home, self._parent_birth(eldest, 1), 1, surname, "世帯主")
        if father is None or not home.single:
            relation = "世帯主" if father is None else "妻"
            mother = self._person(home, self._parent_birth(eldest, 2), 2, surname, relation)
        if father is not None and mother is not None and rng.random() < 0.016:
            father.relation, mother.relation = "夫", "世帯主"
        home.head = next(person for person in home.members if person.relation == "世帯主")
        before = draw_surname(rng)
        renamed = self._first - timedelta(days=rng.randint(-300, 1500))
        changed = home.remarried or (home.single and rng.random() < 0.42)
        for birth, twin in births:
            child = self._person(home, birth, 1 if rng.random() < 0.512 else 2, surname, "子")
            child.twin = twin
            if home.remarried and birth < renamed - _TENTH * 10:
                child.relation = "妻の子"
            if changed and birth < renamed - _TENTH and (child.relation == "妻の子" or home.single):
                child.old_name = child.name._replace(family=before.kanji, family_kana=before.kana)
                child.renamed = min(renamed, self._on - timedelta(days=20))
            if child.child is not None:
                child.child.mother = mother
                child.child.guardian = father or mother
                child.child.payer = home.head
        if home.single and mother is not None and rng.random() < 0.26:
            self._apart(home, before if changed else surname, eldest)

    def _apart(self, home: Household, surname: Surname, eldest: date) -> None:
        """The other parent lives in the city, in a household of one; may still pay the school fees."""
        other = self._household("other")
        father = self._person(other, self._parent_birth(eldest, 1), 1, surname, "世帯主")
        other.head = father
        other.income = self._rng.betavariate(3.2, 2.0)
        home.second = other
        if self._rng.random() < 0.5:
            for person in home.members:
                if person.child is not None:
                    person.child.payer = father

    def _fill_foreign(self, home: Household, births: list[tuple[date, bool]]) -> None:
        rng = self._rng
        family = draw_family(rng)
        home.country = family.country
        home.remarried = False
        alias_family = draw_alias_family(rng)
        with_alias = rng.random() < 0.45
        eldest = births[0][0]
        people = [(self._parent_birth(eldest, 1), 1, "世帯主", False), (self._parent_birth(eldest, 2), 2, "妻", False)]
        if home.single:
            people = [(people[1][0], 2, "世帯主", False)]
        for birth, sex, relation, twin in people + [(day, rng.randint(1, 2), "子", twin) for day, twin in births]:
            foreign = draw_foreign_name(rng, family)
            person = self._person(home, birth, sex, Surname(foreign.native[0], foreign.kana[0]), relation)
            person.name = Name(foreign.native[0], foreign.native[1], foreign.kana[0], foreign.kana[1])
            person.country, person.latin, person.twin = family.country, foreign.latin, twin
            if with_alias and relation == "子":
                person.alias = Name(*draw_alias(rng, alias_family, sex, birth.year))
        home.head = home.members[0]
        mother = next(
            (person for person in home.members if person.relation in ("妻", "世帯主") and person.sex == 2), None
        )
        for person in home.members:
            if person.child is not None:
                person.child.mother = mother
                person.child.guardian = person.child.payer = home.head

    def _grandparents(self, home: Household) -> None:
        rng = self._rng
        if home.country or home.head is None:
            return
        chance = rng.random()
        if chance >= 0.085:
            return
        surname = Surname(home.head.name.family, home.head.name.family_kana)
        birth = home.head.birth - timedelta(days=rng.randint(21 * 365, 33 * 365))
        lives_with = chance < 0.035
        house = home if lives_with else self._household("grand")
        if not lives_with:
            if rng.random() < 0.8:
                house.address = home.address
            home.neighbour, house.neighbour = house, home
        home.grandparents = True
        pair = rng.random() < 0.5
        if pair or rng.random() < 0.3:
            self._person(house, birth, 1, surname, "父" if lives_with else "世帯主")
        if pair or not house.members or (lives_with and house.members[-1].relation != "父"):
            wife = self._person(house, birth + timedelta(days=rng.randint(0, 1500)), 2, surname, "母")
            if not lives_with:
                wife.relation = "妻" if len(house.members) > 1 else "世帯主"
        if not lives_with:
            house.head = house.members[0]

    # --- coming, moving, leaving ------------------------------------------------------------------------------

    def _history(self, home: Household) -> None:
        rng, on = self._rng, self._on
        if rng.random() < 0.37:
            years = rng.expovariate(1 / 7.0)
            home.in_date = on - timedelta(days=int(min(years, 16.0) * 365.25) + 1)
            abroad = bool(home.country) and rng.random() < 0.35
            home.came_from = f"国外:{home.country}" if abroad else rng.choice(ELSEWHERE)
        if rng.random() < 0.10:
            home.moved = on - timedelta(days=rng.randint(30, 1400))
            if home.in_date is not None and home.moved <= home.in_date:
                home.moved = None
            else:
                home.old_address = draw_address(rng)
        if rng.random() < 0.027:
            home.out_date = self._first + timedelta(days=rng.randint(3, (on - self._first).days))
            home.went_to = rng.choice(ELSEWHERE)
            if home.in_date is not None and home.in_date >= home.out_date - timedelta(days=90):
                home.in_date = None
            if home.moved is not None and home.moved >= home.out_date:
                home.moved, home.old_address = None, None
            if any(person.birth >= home.out_date for person in home.members):
                home.out_date, home.went_to = None, ""
        for person in home.members:
            if person.birth >= self._oldest or home.in_date is not None:
                person.in_date = max(person.birth, home.in_date or person.birth)
            person.out_date = home.out_date

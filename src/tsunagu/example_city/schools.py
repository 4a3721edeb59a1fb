"""Schools, classes and seats: who sits where in each fiscal year, and under which number.

About one elementary school per 250 pupils and one junior high school per 320; brothers and sisters go to the same
one. A new number, login and sourcedId come with junior high school.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from random import Random

from tsunagu.example_city.people import Child, Person, School, Seat
from tsunagu.example_city.places import TOWNS

_DIRECTIONS = ("東", "西", "南", "北", "中央")
_DIGITS = "〇一二三四五六七八九"
_PER_ELEMENTARY, _PER_JUNIOR, _PER_ROOM = 250, 320, 35


def source_id(rng: Random) -> str:
    """A random UUID (version 4) from the city's own stream of chance."""
    number = rng.getrandbits(128) & ~(0xF << 76) & ~(0x3 << 62) | (4 << 76) | (2 << 62)
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _elementary_name(index: int) -> str:
    if index < len(_DIRECTIONS):
        return f"{_DIRECTIONS[index]}小学校"
    index -= len(_DIRECTIONS)
    towns = [town.removeprefix("大字").removeprefix("字") for town in TOWNS if town != "中央"]
    turn, place = divmod(index, len(towns))
    return f"{towns[place]}{('', '第二', '東', '西', '南', '北')[turn % 6]}小学校"


def _junior_name(index: int) -> str:
    number = index + 1
    tens, ones = divmod(number, 10)
    text = ("" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十") + ("" if ones == 0 else _DIGITS[ones])
    return f"第{text}中学校"


def found_schools(children: Iterable[Person], years: Sequence[int], rng: Random) -> list[School]:
    """The schools that the largest year needs."""
    grades = [[child.child.grade(year) for child in children if child.child] for year in years]
    younger = max(sum(1 <= grade <= 6 for grade in row) for row in grades)
    older = max(sum(7 <= grade <= 9 for grade in row) for row in grades)
    schools: list[School] = []
    for index in range(max(1, round(younger / _PER_ELEMENTARY))):
        schools.append(School(len(schools), _elementary_name(index), f"{1101 + 7 * index:06}", False, source_id(rng)))
    for index in range(max(1, round(older / _PER_JUNIOR))):
        schools.append(School(len(schools), _junior_name(index), f"{2103 + 7 * index:06}", True, source_id(rng)))
    return schools


def assign_seats(
    children: Sequence[Person], schools: Sequence[School], years: dict[int, tuple[date, date]], rng: Random
) -> None:
    """Seats for every pupil of a municipal school and year.

    years  fiscal year -> first and last month of its part within the delivery; a pupil who lived here in
           a month of it has a seat (the month of coming in counts in full, that of leaving not at all)
    """
    elementary = [school for school in schools if not school.junior]
    junior = [school for school in schools if school.junior]
    home_school: dict[int, tuple[School, School]] = {}
    for pupil in children:
        key = id(pupil.household)
        if key not in home_school:
            home_school[key] = (rng.choice(elementary), rng.choice(junior))
    young = iter(rng.sample(range(10_000, 100_000), min(90_000, len(children))))
    older = iter(rng.sample(range(4_000_000, 4_100_000), min(100_000, len(children))))
    numbers: dict[tuple[int, bool], tuple[str, str, str]] = {}
    for year, (first, last) in sorted(years.items()):
        rooms: dict[tuple[int, int], list[Person]] = {}
        for person in children:
            child = person.child
            if child is None or child.school_kind != "M" or not 1 <= child.grade(year) <= 9:
                continue
            if not lives_here_within(person, first, last):
                continue
            school = home_school[id(person.household)][child.grade(year) >= 7]
            rooms.setdefault((school.index, child.grade(year)), []).append(person)
        for (index, grade), group in sorted(rooms.items()):
            _seat(group, schools[index], grade, year, numbers=numbers, fresh=(young, older), rng=rng)


def lives_here_within(person: Person, first: date, last: date) -> bool:
    """True when some whole month between the two days counts as lived here (see assign_seats)."""
    if person.present.replace(day=1) > last:
        return False
    return person.out_date is None or person.out_date.replace(day=1) > max(first, person.present.replace(day=1))


def _seat(
    group: list[Person], school: School, grade: int, year: int, *,
    numbers: dict[tuple[int, bool], tuple[str, str, str]], fresh: tuple[Iterator[int], Iterator[int]], rng: Random,
) -> None:  # fmt: skip
    rooms = max(1, -(-len(group) // _PER_ROOM))
    mixed = list(group)
    rng.shuffle(mixed)
    for room in range(rooms):
        members = sorted(mixed[room::rooms], key=lambda p: (p.name.family_kana, p.name.given_kana, p.person_id))
        for number, person in enumerate(members, 1):
            key = (id(person), school.junior)
            if key not in numbers:
                value = next(fresh[school.junior])
                numbers[key] = (f"{value:08}", f"u{value:08}", source_id(rng))
            child = person.child
            assert isinstance(child, Child)
            child.seats[year] = Seat(school, grade, room + 1, number, *numbers[key])

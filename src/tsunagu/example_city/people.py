"""Who lives in the city: persons, households, schools. Mutable while the city is being made, read-only afterwards.

Nothing here is random and nothing is written: the other modules fill these in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from tsunagu.example_city.places import Address


class Name(NamedTuple):
    """One way to write a person: family and given name, and their readings in full-width katakana."""

    family: str
    given: str
    family_kana: str
    given_kana: str

    def joined(self, between: str = "　") -> str:
        """Family and given name; a Latin name stands in `family` alone."""
        return f"{self.family}{between}{self.given}" if self.given else self.family

    def kana(self, between: str = "　") -> str:
        """The reading."""
        return f"{self.family_kana}{between}{self.given_kana}" if self.given_kana else self.family_kana


class Need(NamedTuple):
    """A need nobody may know of. onset is the first month (first day); None means there is none."""

    kind: str
    onset: date


@dataclass(slots=True, eq=False)
class Household:
    """People who live together under one household number (世帯番号)."""

    household_id: str
    number: str
    kind: str  # main | grand | other (a parent who lives apart)
    address: Address
    members: list[Person] = field(default_factory=list)
    head: Person | None = None
    country: str = ""
    single: bool = False
    remarried: bool = False
    grandparents: bool = False
    neighbour: Household | None = None  # grandparents' household, or the one it belongs to
    second: Household | None = None  # where the other parent of the children lives
    suppressed: bool = False
    old_address: Address | None = None  # before the last move within the city
    moved: date | None = None
    in_date: date | None = None
    came_from: str = ""
    out_date: date | None = None
    went_to: str = ""
    income: float = 1.0  # 0 poor .. 1 comfortable; decides tax class and benefits
    assistance: list[tuple[date, date | None]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Person:
    """One resident. Names: `name` is true today; `offices` holds what each group of offices writes."""

    birth: date
    sex: int  # 1 male, 2 female
    name: Name
    household: Household
    relation: str
    is_child: bool
    person_id: str = ""
    atena: str = ""
    old_name: Name | None = None
    renamed: date | None = None
    country: str = ""
    latin: str = ""
    alias: Name | None = None
    in_date: date | None = None
    out_date: date | None = None
    twin: bool = False
    suppressed: bool = False
    against: Person | None = None
    offices: dict[str, Name] = field(default_factory=dict)
    child: Child | None = None

    @property
    def present(self) -> date:
        """The day from which the person lives in the city."""
        return self.in_date or self.birth


@dataclass(slots=True, eq=False)
class Child:
    """What only children have. Months are first days; fiscal years are the year of their April."""

    born_year: int  # school year of birth
    school_kind: str = "M"  # M municipal, P private, S special needs
    needs: dict[str, date] = field(default_factory=dict)
    ability: float = 50.0
    spirit: float = 3.7
    absent_rate: float = 0.7
    bad_mood: float = 0.12
    seats: dict[int, Seat] = field(default_factory=dict)  # by fiscal year
    months: dict[date, Month] = field(default_factory=dict)
    tests: dict[int, tuple[str, str]] = field(default_factory=dict)  # Japanese, mathematics; "" unknown
    answers: dict[int, tuple[str, str, str, str, str]] = field(default_factory=dict)
    mood: dict[date, str] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    checkups: list[tuple[str, int, date | None]] = field(default_factory=list)
    doses: list[tuple[str, date]] = field(default_factory=list)
    epds: int | None = None
    birth_weight: int = 3000
    aid: dict[int, str] = field(default_factory=dict)
    rearing: dict[int, str] = field(default_factory=dict)
    assistance: list[tuple[date, date | None]] = field(default_factory=list)
    register: list[tuple[str, date, date | None, date | None]] = field(default_factory=list)  # kind, from, to, seen
    reports: list[tuple[date, str]] = field(default_factory=list)
    nursery: tuple[str, date, int] | None = None
    mother: Person | None = None
    guardian: Person | None = None
    payer: Person | None = None
    register_no: str = ""  # 学齢簿番号
    health_no: str = ""  # 母子番号

    def grade(self, fiscal_year: int) -> int:
        """1-6 elementary, 7-9 junior high, 0 or less pre-school, 10-12 high-school age."""
        return fiscal_year - self.born_year - 6


class Month(NamedTuple):
    """A school month of a pupil."""

    school_days: int
    excused: int
    absent: int
    late: int
    early: int
    infirmary: int
    unpaid: int


class Visit(NamedTuple):
    """A visit to the infirmary."""

    day: date
    clock: str
    complaint: str
    care: str
    remark: str


@dataclass(slots=True, eq=False)
class School:
    """A municipal school; junior high schools hold grades 7-9."""

    index: int
    short: str
    code: str
    junior: bool
    source_id: str

    @property
    def name(self) -> str:
        """瑞野市立東小学校"""
        return f"瑞野市立{self.short}"


class Seat(NamedTuple):
    """A pupil's place in one fiscal year."""

    school: School
    grade: int
    room: int
    number: int
    student_no: str
    login: str
    source_id: str

    @property
    def shown_grade(self) -> int:
        """As schools write it: 1-3 in a junior high school."""
        return self.grade - 6 if self.school.junior else self.grade


def school_year_of(birth: date) -> int:
    """The school year of birth: born on 1 April or earlier belongs to the year before."""
    return birth.year if (birth.month, birth.day) >= (4, 2) else birth.year - 1


def fiscal_year(day: date) -> int:
    """April to March."""
    return day.year if day.month >= 4 else day.year - 1

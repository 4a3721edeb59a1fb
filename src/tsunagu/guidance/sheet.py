"""A sheet of urgency: questions about signs, classes of urgency, and the rules that declare the floor.

A question is answered absent, unknown or present; present with how grave, how far it extends, where on the body, since
when and from whom. What a rule compares are `readings`, ordinals that only rise as a sign gets worse:

    injury             0 absent, 1 to 3 how grave
    injury.extent      0 absent, 1 to 3 how far
    injury.at.face     0 or 1

Rules compare by `at_least` alone, in `all` and `any`: by that form no graver answer can make a rule fail.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from tsunagu.indicators.language import Words
from tsunagu.screening.criteria import Comparison, Condition, comparisons

GRAVEST = 3
EXTENT = "extent"
# The body map: as far as a rule needs to tell one place from another, no further.
SITES = (
    "head",
    "face",
    "ear",
    "mouth",
    "neck",
    "chest",
    "belly",
    "back",
    "genitals",
    "buttocks",
    "upper_arm",
    "forearm",
    "hand",
    "thigh",
    "shin",
    "foot",
)
#: How many questions can be asked while somebody is on the telephone.
MOST_FIRST = 20
HEADINGS = 8


@dataclass(frozen=True)
class Question:
    """One sign.

    heading   1 to 8: the heading of the official sheet under which it stands
    is_first  asked in the first minutes; every other one when its branch opens, or later
    grades    words for how grave it is, from 1 to 3
    extents   words for how far it extends, from 1 to 3; empty: not asked
    has_sites whether the body map is asked
    opened_by the readings of which one must be possible before it is asked; None: always
    """

    id: str
    heading: int
    is_first: bool
    words: Words
    help: Words
    grades: tuple[Words, Words, Words]
    extents: tuple[Words, ...]
    has_sites: bool
    opened_by: Condition | None

    @property
    def readings(self) -> tuple[str, ...]:
        """The names of what its answer says, in the order grade, extent, sites."""
        extent = (f"{self.id}.{EXTENT}",) if self.extents else ()
        return (self.id, *extent, *(self.at(site) for site in (SITES if self.has_sites else ())))

    def at(self, site: str) -> str:
        return f"{self.id}.at.{site}"


@dataclass(frozen=True)
class UrgencyClass:
    """A class of urgency; rank 1 is the most urgent. The names are the prefecture's own.

    to_do           what the class asks of the people
    asks_protection whether it means: talk about protection now
    """

    id: str
    rank: int
    name: Words
    to_do: Words
    asks_protection: bool


@dataclass(frozen=True)
class Rule:
    """Where the condition holds, the urgency is at least the class. source: the law, paper or case it comes from."""

    code: str
    urgency: str
    when: Condition
    sentence: Words
    source: str

    def readings(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.indicator for one in comparisons(self.when)))


@dataclass(frozen=True)
class Sheet:
    """A sheet as its file says it. sha256: of the file's bytes, by which a changed file is another version of it; text:
    the file itself, to be kept beside what was answered."""

    id: str
    version: str
    valid_from: dt.date
    title: Words
    source: Words
    approved_by: str
    headings: tuple[Words, ...]
    questions: tuple[Question, ...]
    classes: tuple[UrgencyClass, ...]
    rules: tuple[Rule, ...]
    sha256: str
    text: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """id@version, as a record carries it."""
        return f"{self.id}@{self.version}"

    @cached_property
    def by_id(self) -> dict[str, Question]:
        return {question.id: question for question in self.questions}

    @cached_property
    def of_reading(self) -> dict[str, Question]:
        """The question behind each reading."""
        return {reading: question for question in self.questions for reading in question.readings}

    @cached_property
    def by_class(self) -> dict[str, UrgencyClass]:
        return {urgency.id: urgency for urgency in self.classes}

    @property
    def least(self) -> UrgencyClass:
        """What stands where no rule holds."""
        return self.classes[-1]

    def first(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if question.is_first)


def worst_of(reading: str) -> int:
    """The gravest value of a reading."""
    return 1 if ".at." in reading else GRAVEST


def compared(condition: Condition) -> Iterator[tuple[str, Decimal]]:
    """Every reading of a condition with the value it must reach."""
    for one in comparisons(condition):
        assert isinstance(one, Comparison)
        for _, value in one.tests:
            assert isinstance(value, Decimal)
            yield one.indicator, value

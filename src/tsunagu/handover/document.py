"""What is handed over of a child's case: a closed form with a version. What has no place here cannot travel.

There is no place for a level, a score, points, a notice or any other judgment of the program: these end where they
were made. There is none for an address either, neither the old nor the new one, and none for notes that are sealed.
The classes are the form: `reading.py` reads by them, strictly, and writes by them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

FORM = "tsunagu-case-1"


@dataclass(frozen=True)
class Length:
    """How long a text may be, in signs. lines: whether it may have several; empty: whether it may say nothing."""

    most: int
    lines: bool = False
    empty: bool = False


Line = Annotated[str, Length(200)]
LineOrNone = Annotated[str, Length(200, empty=True)]
Prose = Annotated[str, Length(8_000, lines=True)]
ProseOrNone = Annotated[str, Length(8_000, lines=True, empty=True)]
Hash = Annotated[str, Length(64)]


@dataclass(frozen=True)
class Contact:
    """Whom the receiving side may ask. person: who answers, by name."""

    office: Line
    person: Line
    telephone: Line


@dataclass(frozen=True)
class HandedChild:
    """The child, as the receiving side finds it in its own register. other_names: aliases and names before."""

    name: Line
    kana: Line
    other_names: tuple[Line, ...]
    born_on: date
    sex: Literal["female", "male", "unknown"]


@dataclass(frozen=True)
class Member:
    """Somebody of the child's household; born_on is null where it is not known. relation: to the child, in words."""

    name: Line
    kana: LineOrNone
    relation: Line
    born_on: date | None


@dataclass(frozen=True)
class Outline:
    """How the work stands, for whoever reads one page only.

    opened_on      day on which the case was opened
    why, now       why the child was taken on, and how things are
    urgent         what must not wait; empty where nothing is
    council_since  on the register of the council for children in need of protection since; null where not
    """

    opened_on: date
    why: Prose
    now: Prose
    urgent: ProseOrNone
    council_since: date | None


@dataclass(frozen=True)
class Said:
    """What the child said, in its words. may_be_shown: whether the child agreed that guardians read it."""

    on: date
    words: Prose
    may_be_shown: bool


@dataclass(frozen=True)
class Seen:
    """That somebody saw the child."""

    on: date
    by: Line
    where: Line
    how: ProseOrNone


@dataclass(frozen=True)
class Attempt:
    """An attempt to reach the family."""

    on: date
    way: Line
    reached: bool
    what: ProseOrNone


@dataclass(frozen=True)
class Found:
    """What people found and concluded, in words; by: their role."""

    on: date
    by: Line
    words: Prose


@dataclass(frozen=True)
class PlannedService:
    """A service of a plan; ends_on is null where it goes on."""

    what: Line
    by: Line
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class HandedPlan:
    """A support plan that was approved."""

    starts_on: date
    ends_on: date
    review_on: date
    child_words: ProseOrNone
    guardian_words: ProseOrNone
    goals: tuple[Prose, ...]
    services: tuple[PlannedService, ...]


@dataclass(frozen=True)
class Support:
    """Support that the family receives or received."""

    name: Line
    since: date | None
    until: date | None


@dataclass(frozen=True)
class HandedNote:
    """A note. label: who may read it there at most; what is sealed here stays here."""

    on: date
    by: Line
    label: Literal["general", "internal", "sensitive"]
    words: Prose


@dataclass(frozen=True)
class NextStep:
    """What should happen next; due_on is null where no day is set."""

    what: Line
    due_on: date | None


@dataclass(frozen=True)
class Attachment:
    """A file that travels with the document. size: bytes; sha256: of them."""

    name: Line
    kind: Literal["pdf", "png", "jpeg", "text", "xlsx", "docx"]
    size: int
    sha256: Hash


@dataclass(frozen=True)
class CaseDocument:
    """The document. on: the day it speaks of; the lists are in the order in which they are read."""

    on: date
    contact: Contact
    child: HandedChild
    household: tuple[Member, ...]
    outline: Outline
    said: tuple[Said, ...] = ()
    seen: tuple[Seen, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    found: tuple[Found, ...] = ()
    plans: tuple[HandedPlan, ...] = ()
    supports: tuple[Support, ...] = ()
    notes: tuple[HandedNote, ...] = ()
    next_steps: tuple[NextStep, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    form: Literal["tsunagu-case-1"] = field(default="tsunagu-case-1")

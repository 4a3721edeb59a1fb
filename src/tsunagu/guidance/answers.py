"""Answers to a sheet: what is known of each sign, and between which bounds that leaves its readings.

No answer is not "absent". A sign that is present without its grade may be the gravest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import cast

from tsunagu.guidance.sheet import EXTENT, GRAVEST, SITES, Question, Sheet, worst_of
from tsunagu.screening.criteria import AllOf, AnyOf, Comparison, Condition

MOST_TEXT = 1_000
MOST_SOURCE = 300

# What stands against recording an answer; pages have a sentence for each.
PROBLEMS = (
    "not_in_the_sheet",  # no question of that id
    "out_of_range",  # a grade or an extent that is not 1 to 3, or that the question does not ask
    "no_such_place",  # a place that is not on the body map, or a question without one
    "says_more_than_absent",  # absent or unknown, and a grade, an extent or a place beside it
    "source_missing",  # present, and nobody says from whom it is known
    "too_long",
)


class State(StrEnum):
    """What is known of a sign. UNKNOWN: asked for, and nobody could tell; as open as one not asked."""

    ABSENT = "absent"
    UNKNOWN = "unknown"
    PRESENT = "present"


@dataclass(frozen=True)
class Answer:
    """grade   1 to 3; None: present, and how grave is not known
    extent  1 to 3; None: not known, or not asked
    sites   places of the body map; None: not known where
    since   since when, in the words of whoever told it
    source  from whom or what it is known
    note    what else was said
    """

    state: State
    grade: int | None = None
    extent: int | None = None
    sites: frozenset[str] | None = None
    since: str = ""
    source: str = ""
    note: str = ""


Answers = Mapping[str, Answer]
ABSENT = Answer(State.ABSENT)
UNKNOWN = Answer(State.UNKNOWN)


@dataclass(frozen=True)
class Problem:
    """question: its id in the sheet, or as it was sent. code: one of PROBLEMS."""

    question: str
    code: str


@dataclass(frozen=True)
class Bounds:
    """least  every reading at the least that the answers allow
    most   at the most that they do not exclude
    """

    least: Mapping[str, int]
    most: Mapping[str, int]


def bounds_of(sheet: Sheet, answers: Answers) -> Bounds:
    """Between which values each reading of the sheet lies.

    A question that was not answered, and that nothing opens, does not apply: its readings are 0. One answered
    "unknown" is as open as any, whatever opens it.
    """
    least: dict[str, int] = {}
    most: dict[str, int] = {}
    # What opens a question is asked always (load_sheet.py), so its bounds are there before.
    for question in sorted(sheet.questions, key=lambda one: one.opened_by is not None):
        answer = answers.get(question.id)
        applies = answer is not None or question.opened_by is None or reaches(question.opened_by, most)
        for reading in question.readings:
            least[reading], most[reading] = answer_bounds(question, reading, answer or UNKNOWN) if applies else (0, 0)
    return Bounds(least, most)


def reaches(condition: Condition, readings: Mapping[str, int]) -> bool:
    """Whether a condition of a sheet holds on these readings: the meaning that criteria give it, in whole numbers.

    Every question asks it of every rule, so it does not go by way of fractions; tests hold it against
    `screening.reference.holds`.
    """
    match condition:
        case AllOf():
            return all(reaches(part, readings) for part in condition.parts)
        case AnyOf():
            return any(reaches(part, readings) for part in condition.parts)
        case Comparison():
            return all(readings[condition.indicator] >= cast(Decimal, value) for _, value in condition.tests)


def answer_bounds(question: Question, reading: str, answer: Answer) -> tuple[int, int]:
    """Between which values one answer leaves one reading of its question."""
    if answer.state is State.ABSENT:
        return 0, 0
    if answer.state is State.UNKNOWN:
        return 0, worst_of(reading)
    if reading == question.id:
        return (answer.grade or 1), (answer.grade or GRAVEST)
    if reading.endswith(f".{EXTENT}"):
        return (answer.extent or 1), (answer.extent or GRAVEST)
    if answer.sites is None:
        return 0, 1
    held = int(any(reading == question.at(site) for site in answer.sites))
    return held, held


def is_open(answer: Answer | None, question: Question) -> bool:
    """Whether anything that the question asks for is not known."""
    if answer is None or answer.state is State.UNKNOWN:
        return True
    if answer.state is State.ABSENT:
        return False
    return (
        answer.grade is None
        or (bool(question.extents) and answer.extent is None)
        or (question.has_sites and answer.sites is None)
    )


def at_worst(answer: Answer | None, question: Question) -> Answer:
    """The answer with all that is not known at its gravest, and what is known as it is."""
    given = answer if answer is not None and answer.state is State.PRESENT else Answer(State.PRESENT)
    return replace(
        given,
        grade=given.grade or GRAVEST,
        extent=(given.extent or GRAVEST) if question.extents else None,
        sites=(frozenset(SITES) if given.sites is None else given.sites) if question.has_sites else None,
    )


def at_best(answer: Answer | None, question: Question) -> Answer:
    """The answer with all that is not known at its mildest, and what is known as it is."""
    if answer is None or answer.state is not State.PRESENT:
        return ABSENT
    return replace(
        answer,
        grade=answer.grade or 1,
        extent=(answer.extent or 1) if question.extents else None,
        sites=(answer.sites or frozenset()) if question.has_sites else None,
    )


def check_answers(sheet: Sheet, answers: Answers) -> tuple[Problem, ...]:
    """What stands against recording these answers, in their order; empty when nothing does. None need be complete."""
    return tuple(
        Problem(name, code) for name, answer in answers.items() if (code := _wrong(sheet.by_id.get(name), answer))
    )


def _wrong(question: Question | None, answer: Answer) -> str:
    if question is None:
        return "not_in_the_sheet"
    if len(answer.note) > MOST_TEXT or len(answer.since) > MOST_SOURCE or len(answer.source) > MOST_SOURCE:
        return "too_long"
    if answer.state is not State.PRESENT:
        said = answer.grade is not None or answer.extent is not None or answer.sites is not None
        return "says_more_than_absent" if said else ""
    if not _in_range(answer.grade) or not _in_range(answer.extent) or (answer.extent and not question.extents):
        return "out_of_range"
    if answer.sites is not None and (not question.has_sites or not answer.sites <= set(SITES)):
        return "no_such_place"
    return "" if answer.source.strip() else "source_missing"


def _in_range(value: int | None) -> bool:
    return value is None or 1 <= value <= GRAVEST


def as_text(answers: Answers) -> str:
    """The answers as they are kept: one line of JSON, the same for the same answers."""
    return json.dumps({name: _plain(one) for name, one in answers.items()}, ensure_ascii=False, sort_keys=True)


def of_text(kept: str) -> dict[str, Answer]:
    """The answers that `as_text` kept."""
    return {name: _typed(given) for name, given in json.loads(kept).items()}


def _plain(answer: Answer) -> dict[str, object]:
    sites = None if answer.sites is None else sorted(answer.sites)
    written = {**vars(answer), "state": answer.state.value, "sites": sites}
    return {key: value for key, value in written.items() if value not in (None, "")}


def _typed(given: Mapping[str, object]) -> Answer:
    sites = given.get("sites")
    assert sites is None or isinstance(sites, list)
    rest = {key: value for key, value in given.items() if key not in ("state", "sites")}
    return Answer(
        State(str(given["state"])),
        sites=None if sites is None else frozenset(str(site) for site in sites),
        **rest,  # type: ignore[arg-type]
    )

"""The `expect` cases of a programme file: a made-up child, a day, and what the programme is to find."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tsunagu.indicators.history import Person
from tsunagu.indicators.mistakes import Part
from tsunagu.indicators.people import People
from tsunagu.programmes.programme import ELIGIBLE, FINDINGS, Programme, finding
from tsunagu.records.catalogue import CatalogueItem
from tsunagu.screening.expect import listed, read_persons, series_of
from tsunagu.screening.reference import Outcome, in_scope, judge


@dataclass(frozen=True)
class Case:
    """One case, and what is expected.

    persons  the child first, then the others of its household
    rules    codes of the rules of eligibility that hold; missing: all codes listed; None where the file does not say
    """

    part: Part = field(repr=False, compare=False)
    on: date
    persons: tuple[Person, ...]
    finding: str
    rules: tuple[str, ...] | None
    missing: tuple[str, ...] | None


def read_cases(parts: Iterable[Part], items: Mapping[str, CatalogueItem], programme: Programme) -> tuple[Case, ...]:
    """Every case of the file; what cannot be read is a mistake at its line."""
    return tuple(_case(part, items, programme) for part in parts)


def outcome_of(programme: Programme, persons: Sequence[Person], on: date) -> Outcome | None:
    """What the plain engine says of the first of these persons; None for who is outside the programme's scope."""
    criteria = programme.criteria(on)
    people = People(persons, on=on, holiday_months=criteria.holiday_months)
    return judge(criteria, persons[0], people.around(persons[0])) if in_scope(criteria, persons[0], on) else None


def unkept(programme: Programme, case: Case) -> list[tuple[str, str, str]]:
    """What the programme says otherwise than the case expects: (the key, what it says, what is expected)."""
    outcome = outcome_of(programme, case.persons, case.on)
    criteria = programme.criteria(case.on)
    rules = [s.code for s in criteria.signs if s.judgment == ELIGIBLE and outcome and s.code in outcome.signs]
    said = "none" if outcome is None else finding(outcome.judged)
    found = [] if said == case.finding else [("finding", f"the finding is {said}", f"expected: {case.finding}")]
    for key, expected, held in (
        ("rules", case.rules, rules),
        ("missing", case.missing, list(outcome.missing) if outcome else []),
    ):
        if expected is not None and sorted(expected) != sorted(held):
            found.append((key, f"'{key}' are {listed(sorted(held))}", f"expected: {listed(sorted(expected))}"))
    return found


def report(programme: Programme, cases: Sequence[Case]) -> None:
    """Adds a mistake at its line for everything that a case expects and the programme does not say."""
    for case in cases:
        for key, said, expected in unkept(programme, case):
            case.part.wrong(said, expected, key)


def _case(part: Part, items: Mapping[str, CatalogueItem], programme: Programme) -> Case:
    part.text("case")
    on = part.day("on")
    if on < programme.effective:
        part.wrong(f"the day is before {programme.effective}, when the programme takes effect", "a later day", "on")
    criteria = programme.editions[0][1]
    rules = [sign.code for sign in criteria.signs if sign.judgment == ELIGIBLE]
    case = Case(
        part=part,
        on=on,
        persons=read_persons(part, items, on, series_of(criteria)),
        finding=part.choice("finding", FINDINGS),
        rules=part.texts("rules", rules) if part.has("rules") else None,
        missing=part.texts("missing", [m.code for m in criteria.missing]) if part.has("missing") else None,
    )
    part.done()
    return case

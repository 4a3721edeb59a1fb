"""The `expect` cases of a criteria file: a made-up child, a day, and what the criteria are to say of it.

A case is read with the file and judged by the plain engine whenever the file is; criteria that do not keep their own
cases run nowhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from tsunagu.indicators.history import Fact, Person
from tsunagu.indicators.language import LatestRun, LatestShare
from tsunagu.indicators.mistakes import Part, nearest
from tsunagu.indicators.people import People
from tsunagu.records.catalogue import CatalogueItem
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.expect_facts import read_facts
from tsunagu.screening.reference import Outcome, in_scope, judge

Items = Mapping[str, CatalogueItem]
CHILD = "C"
#: The school of a case that names none.
UNNAMED = "–"


@dataclass(frozen=True)
class CaseItems:
    """What the facts of a case may be of. series: items whose answers belong to a school; school: the child's."""

    items: Items
    series: frozenset[str]
    school: str = UNNAMED

    def school_of(self, item: str) -> str | None:
        """The school an answer belongs to, where the person's own is not written."""
        return self.school if item in self.series else None


@dataclass(frozen=True)
class Case:
    """One case, and what is expected; None where the file does not say.

    persons   the child first, then the others of its household
    signs     all that hold; missing: all codes listed; levels: as the run folder writes them, by judgment
    at_least, at_most  the overall levels on what is known, and at the worst of what is not
    """

    part: Part = field(repr=False, compare=False)
    on: date
    persons: tuple[Person, ...]
    signs: tuple[str, ...] | None
    missing: tuple[str, ...] | None
    levels: Mapping[str, str]
    at_least: str | None
    at_most: str | None


def read_cases(parts: Iterable[Part], items: Items, criteria: Criteria) -> tuple[Case, ...]:
    """Every case of the file; what cannot be read is a mistake at its line."""
    return tuple(_case(part, items, criteria) for part in parts)


def judged(criteria: Criteria, case: Case) -> Outcome | None:
    """What the plain engine says of the case; None for a child the criteria do not look at on the day."""
    people = People(case.persons, on=case.on, holiday_months=criteria.holiday_months)
    child = case.persons[0]
    return judge(criteria, child, people.around(child)) if in_scope(criteria, child, case.on) else None


def unkept(criteria: Criteria, case: Case) -> list[tuple[str, str, str]]:
    """What the criteria say otherwise than the case expects: (the key, what they say, what is expected)."""
    outcome = judged(criteria, case)
    if outcome is None:
        return [("on", "the child is outside the scope of the criteria on this day", "another day or birth date")]
    found: list[tuple[str, str, str]] = []
    for key, expected, said in (
        ("signs", case.signs, sorted(outcome.signs)),
        ("missing", case.missing, list(outcome.missing)),
    ):
        if expected is not None and sorted(expected) != said:
            found.append((key, f"'{key}' are {listed(said)}", f"expected: {listed(sorted(expected))}"))
    for judgment, level in case.levels.items():
        if outcome.judged[judgment].level != level:
            found.append(("levels", f"'{judgment}' is {outcome.judged[judgment].level}", f"expected: {level}"))
    for key, name, level_said in (
        ("at_least", case.at_least, outcome.at_least.name),
        ("at_most", case.at_most, outcome.at_most.name),
    ):
        if name is not None and name != level_said:
            found.append((key, f"'{key}' is {level_said}", f"expected: {name}"))
    return found


def report(criteria: Criteria, cases: Sequence[Case]) -> None:
    """Adds a mistake at its line for everything that a case expects and the criteria do not say."""
    for case in cases:
        for key, said, expected in unkept(criteria, case):
            case.part.wrong(said, expected, key)


def listed(codes: Iterable[str]) -> str:
    """Codes in one line."""
    return ", ".join(codes) or "none"


def _case(part: Part, items: Items, criteria: Criteria) -> Case:
    part.text("case")
    on = part.day("on")
    persons = read_persons(part, items, on, series_of(criteria))
    names = [level.name for level in (*criteria.overall.rows, criteria.overall.none)]
    judgments = [judgment.id for judgment in criteria.judgments]
    levels: dict[str, str] = {}
    if part.has("levels"):
        inner = part.inside(part.raw("levels"), "levels")
        levels = {id: inner.choice(id, ["0", "1", "2", "U", "NA"]) for id in inner.names() if id in judgments}
        _only(inner, judgments, "levels")
    case = Case(
        part=part,
        on=on,
        persons=persons,
        signs=part.texts("signs", [sign.code for sign in criteria.signs]) if part.has("signs") else None,
        missing=part.texts("missing", [item.code for item in criteria.missing]) if part.has("missing") else None,
        levels=levels,
        at_least=part.choice("at_least", names) if part.has("at_least") else None,
        at_most=part.choice("at_most", names) if part.has("at_most") else None,
    )
    if case.signs is None and case.missing is None and not levels and case.at_least is None and case.at_most is None:
        part.wrong("the case expects nothing", "write signs, missing, levels, at_least or at_most")
    part.done()
    return case


def series_of(criteria: Criteria) -> frozenset[str]:
    """Items of which the criteria read the latest answers of a school: they belong to a series, named by the school."""
    measures = [indicator.measure for indicator in criteria.indicators]
    return frozenset(m.item for m in measures if isinstance(m, LatestShare | LatestRun))


def read_persons(part: Part, items: Items, on: date, series: Collection[str] = ()) -> tuple[Person, ...]:
    """The made-up child of a case and the others of its household, with their facts.

    series  items whose answers belong to a school: where a case names none, all are of one that has no name
    """
    read = CaseItems(items, frozenset(series))
    child = _person(part, read, CHILD, on, f"{CHILD} household")
    read = replace(read, school=child.school or UNNAMED)
    others = [
        _person(part.inside(values, "household"), read, f"{CHILD}{place}", on, child.household_id or "")
        for place, values in enumerate(part.list("household") if part.has("household") else [], start=1)
    ]
    return (child, *others)


def _person(part: Part, read: CaseItems, person_id: str, on: date, household: str) -> Person:
    born = part.day("born")
    came = part.day("came") if part.has("came") else None
    school = part.text("school") if part.has("school") else None
    facts: dict[str, list[Fact]] = {}
    if part.has("facts"):
        inner = part.inside(part.raw("facts"), "facts")
        for item in inner.names():
            if item in read.items:
                facts[item] = read_facts(inner, read.items[item], school or read.school_of(item))
        _only(inner, read.items, "facts")
    if person_id != CHILD:
        part.done("household")
    return Person(person_id, born, "read", household, came, None, school, facts)


def _only(part: Part, known: Iterable[str], word: str) -> None:
    for key in part.names():
        if key not in known:
            part.wrong(f"'{key}' has no meaning here", nearest(key, known), word, key)

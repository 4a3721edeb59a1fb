"""The `expect` cases of a criteria file: a made-up child, a day, and what the criteria are to say of it.

A case is read with the file and judged by the plain engine whenever the file is; criteria that do not keep their own
cases run nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tsunagu.indicators import calendar
from tsunagu.indicators.history import Fact, Person
from tsunagu.indicators.people import People
from tsunagu.records.catalogue import CatalogueItem
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.mistakes import FITTING, Part, fits, nearest
from tsunagu.screening.reference import Outcome, in_scope, judge

Items = Mapping[str, CatalogueItem]
UNKNOWN = "?"
CHILD = "C"
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEAR = re.compile(r"\d{4}")


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
    persons = read_persons(part, items, on)
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


def read_persons(part: Part, items: Items, on: date) -> tuple[Person, ...]:
    """The made-up child of a case and the others of its household, with their facts."""
    child = _person(part, items, CHILD, on, f"{CHILD} household")
    others = [
        _person(part.inside(values, "household"), items, f"{CHILD}{place}", on, child.household_id or "")
        for place, values in enumerate(part.list("household") if part.has("household") else [], start=1)
    ]
    return (child, *others)


def _person(part: Part, items: Items, person_id: str, on: date, household: str) -> Person:
    born = part.day("born")
    came = part.day("came") if part.has("came") else None
    school = part.text("school") if part.has("school") else None
    facts: dict[str, list[Fact]] = {}
    if part.has("facts"):
        inner = part.inside(part.raw("facts"), "facts")
        for item in inner.names():
            if item in items:
                facts[item] = _facts(inner, items[item], school)
        _only(inner, items, "facts")
    if person_id != CHILD:
        part.done("household")
    return Person(person_id, born, "read", household, came, None, school, facts)


def _facts(part: Part, item: CatalogueItem, school: str | None) -> list[Fact]:
    if item.kind in ("monthly", "yearly"):
        inner = part.inside(part.raw(item.id), item.id)
        form, due = (_MONTH, "2026-04") if item.kind == "monthly" else (_YEAR, "2026")
        found = []
        for when in inner.names():
            value = inner.raw(when)
            if not form.fullmatch(when) or (item.kind == "monthly" and not 1 <= int(when[5:]) <= 12):
                part.wrong(
                    f"'{when}' of {item.id} is not a {item.kind.removesuffix('ly')}", f"such as {due}", item.id, when
                )
            else:
                first = date(int(when[:4]), int(when[5:]), 1) if item.kind == "monthly" else None
                found.append(_fact(part, item, value, first or calendar.fiscal_year_start(int(when)), when))
        return found
    rows = [part.inside(values, item.id) for values in part.list(item.id)]
    return [
        fact for row in rows for fact in (_period(row, item) if item.kind == "period" else _event(row, item, school))
    ]


def _period(row: Part, item: CatalogueItem) -> list[Fact]:
    start = row.day("from") if row.has("from") else None
    end = row.day("until") if row.has("until") else None
    fact = _fact(row, item, row.raw("value") if row.has("value") else None, start, "value", until=end)
    row.done(item.id)
    return [fact]


def _event(row: Part, item: CatalogueItem, school: str | None) -> list[Fact]:
    """One event, or so many days one after the other with a value each: `from` and `values`."""
    label = row.text("label") if row.has("label") else school
    if row.has("values"):
        first, values = row.day("from"), row.list("values")
        days = [date.fromordinal(first.toordinal() + place) for place in range(len(values))]
    else:
        days, values = [row.day("on")], [row.raw("value") if row.has("value") else None]
    row.done(item.id)
    return [_fact(row, item, v, d, "value", label=label) for d, v in zip(days, values, strict=True)]


def _fact(
    part: Part,
    item: CatalogueItem,
    value: object,
    at: date | None,
    word: str,
    *,
    until: date | None = None,
    label: str | None = None,
) -> Fact:
    """A fact with a code of the item or a number; `?` is a row whose value nobody could read."""
    if value == UNKNOWN:
        return Fact(item.id, at, until, label, state="unknown")
    if isinstance(value, str):
        if item.values and value not in item.values:
            part.wrong(f"'{value}' is no value of {item.id}", nearest(value, item.values), item.id, word, value)
        return Fact(item.id, at, until, label, text=value)
    if isinstance(value, bool) or (value is not None and not isinstance(value, int | Decimal)):
        part.wrong(f"the value of {item.id} is neither a number nor a code", "a number, a code or '?'", item.id, word)
        return Fact(item.id, at, until, label, state="unknown")
    number = None if value is None else Decimal(value)
    if number is not None and not fits(number):
        part.wrong(f"the value of {item.id} is {str(value)[:40]}", FITTING, item.id, word)
        return Fact(item.id, at, until, label, state="unknown")
    return Fact(item.id, at, until, label, number=number)


def _only(part: Part, known: Iterable[str], word: str) -> None:
    for key in part.names():
        if key not in known:
            part.wrong(f"'{key}' has no meaning here", nearest(key, known), word, key)

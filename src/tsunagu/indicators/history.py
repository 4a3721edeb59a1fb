"""Facts of a person, and a reading of them: what the plain engine works on.

A reading has three states. `known`: every row that is due says its value. `missing`: something that is due is not
known; `value` is then what holds on the known rows alone (None where nothing can be said) and `worst` what would hold
if every unknown part were the criteria file's worst value. `not_applicable`: the question does not arise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Value = Fraction | str | None


@dataclass(frozen=True)
class Fact:
    """One fact of a person; null and state as PERSON_FACTS has them."""

    item: str
    at: date | None = None
    until: date | None = None
    label: str | None = None
    text: str | None = None
    number: Decimal | None = None
    state: str = "known"
    recorded_at: datetime | None = None

    @property
    def is_known(self) -> bool:
        return self.state == "known"


@dataclass(frozen=True)
class Person:
    """One person with every fact known of them."""

    person_id: str
    birth_date: date | None = None
    register_state: str = "read"
    household_id: str | None = None
    resident_from: date | None = None
    resident_until: date | None = None
    school: str | None = None
    facts: Mapping[str, Sequence[Fact]] = field(default_factory=dict)

    def of(self, item: str) -> Sequence[Fact]:
        return self.facts.get(item, ())


@dataclass(frozen=True)
class Surroundings:
    """What a child's indicators need beside the child's own facts.

    household     everybody who lives here and has the child's household number on the day, the child included
    series_dates  dates that occur in each series (item, label), up to the day
    """

    on: date
    holiday_months: tuple[int, ...]
    household: Sequence[Person] = ()
    series_dates: Mapping[tuple[str, str], Sequence[date]] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    state: Literal["known", "missing", "not_applicable"]
    value: Value = None
    worst: Value = None


NOT_APPLICABLE = Reading("not_applicable")
UNKNOWN = object()


def lives_here(person: Person, on: date) -> bool:
    """Moved in on or before the day and not moved out on or before it; someone the register does not have does not."""
    return (
        person.register_state != "absent"
        and (person.resident_from is None or person.resident_from <= on)
        and (person.resident_until is None or person.resident_until > on)
    )


def settle(facts: Iterable[Fact], by: Literal["text", "number"] = "text") -> Fact | object | None:
    """The one fact that counts among rows about the same thing: None without rows, UNKNOWN if they cannot tell.

    The latest `recorded_at` counts; a row that does not say when it was recorded competes with the latest. Rows that
    compete and differ, or of which one is unknown, leave the value unknown: never the engine's order.

    by  which value is asked for; a row may carry another beside it (enrolment carries the grade too)
    """
    rows = list(facts)
    if not rows:
        return None
    latest = max((f.recorded_at for f in rows if f.recorded_at is not None), default=None)
    candidates = [f for f in rows if f.recorded_at is None or f.recorded_at == latest]
    values = {f.text if by == "text" else f.number for f in candidates}
    return candidates[0] if len(values) == 1 and None not in values and all(f.is_known for f in candidates) else UNKNOWN


def as_value(written: Decimal | str | None) -> Value:
    """What a file writes, as the engine compares it."""
    return Fraction(written) if isinstance(written, Decimal) else written

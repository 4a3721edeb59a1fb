"""What every measure means, one child at a time: slow, plain, the oracle for the compiled text.

A reading has three states. `known`: every row that is due says its value. `missing`: something that is due is not
known; `value` is then what holds on the known rows alone (None where nothing can be said) and `worst` what would hold
if every unknown part were the criteria file's worst value. `not_applicable`: the question does not arise.
Numbers are exact fractions; nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from tsunagu.indicators import calendar
from tsunagu.indicators.language import (
    Difference,
    DueCheckups,
    DueDoses,
    Events,
    HouseholdFirst,
    Indicator,
    InPeriod,
    LatestShare,
    MeanOfYear,
    OverMonths,
    Population,
    ValueOfYear,
)

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


def in_population(population: Population, child: Person, on: date) -> bool:
    """Whether an indicator can be asked of the child; a child without any birth date has no grade."""
    if child.birth_date is None:
        return population.grade_from is None and population.grade_to is None and population.enrolled is None
    grade = calendar.grade_in(calendar.fiscal_year(on), child.birth_date)
    if population.grade_from is not None and grade < population.grade_from:
        return False
    if population.grade_to is not None and grade > population.grade_to:
        return False
    if population.enrolled is None:
        return True
    start = calendar.fiscal_year_start(calendar.fiscal_year(on))
    row = settle(f for f in child.of(population.enrolled.item) if f.at == start)
    if isinstance(row, Fact):
        return row.text in population.enrolled.texts
    return any(f.at == start for f in child.of(population.enrolled.else_item))


def read(indicator: Indicator, child: Person, around: Surroundings, before: Mapping[str, Reading]) -> Reading:
    """The indicator of a child to whom it applies.

    before  readings of the child's indicators that stand earlier in the file (a difference reads them)
    """
    measure = indicator.measure
    worst = indicator.unknown_as
    match measure:
        case InPeriod():
            return _in_period(measure, child, around.on, worst)
        case ValueOfYear():
            row = _of_year(child, measure.item, around.on, measure.year)
            if row is UNKNOWN or (row is None and measure.no_row == "unknown"):
                return Reading("missing", None, _value(worst))
            text = row.text if isinstance(row, Fact) else "none"
            return Reading("known", text, text)
        case MeanOfYear():
            rows = [_of_year(child, item, around.on, measure.year, "number") for item in measure.items]
            numbers = [f.number for f in rows if isinstance(f, Fact) and f.number is not None]
            if len(numbers) < len(rows):
                return Reading("missing", None, _value(worst))
            mean = sum((Fraction(n) for n in numbers), Fraction(0)) / len(numbers)
            return Reading("known", mean, mean)
        case Difference():
            return _difference(before[measure.of], before[measure.minus], worst)
        case OverMonths():
            return _over_months(measure, child, around, worst)
        case Events():
            return _events(measure, child, around.on, worst)
        case LatestShare():
            return _latest_share(measure, child, around, worst)
        case DueCheckups():
            return _due_checkups(measure, child, around.on, worst)
        case DueDoses():
            return _due_doses(measure, child, around.on, worst)
        case HouseholdFirst():
            return _household_first(measure, around, worst)


def _value(written: Decimal | str | None) -> Value:
    return Fraction(written) if isinstance(written, Decimal) else written


def _of_year(
    child: Person, item: str, on: date, year: int, by: Literal["text", "number"] = "text"
) -> Fact | object | None:
    """The fact of a fiscal year; a row of the item whose year cannot be read may be the row of this year."""
    start = calendar.fiscal_year_start(calendar.fiscal_year(on) + year)
    row = settle((f for f in child.of(item) if f.at == start), by)
    if row is None and any(f.at is None for f in child.of(item)):
        return UNKNOWN
    return row


def _in_period(measure: InPeriod, child: Person, on: date, worst: Decimal | str | None) -> Reading:
    holds = doubtful = False
    for fact in child.of(measure.item):
        if (fact.at is not None and fact.at > on) or (fact.until is not None and fact.until <= on):
            continue
        if not fact.is_known:
            doubtful = True
        elif not measure.texts or fact.text in measure.texts:
            holds = True
    if holds or not doubtful:
        return Reading("known", Fraction(int(holds)), Fraction(int(holds)))
    return Reading("missing", None, _value(worst))


def _difference(of: Reading, minus: Reading, worst: Decimal | str | None) -> Reading:
    if "not_applicable" in (of.state, minus.state):
        return NOT_APPLICABLE
    both_known = of.state == minus.state == "known"
    if both_known and isinstance(of.value, Fraction) and isinstance(minus.value, Fraction):
        return Reading("known", of.value - minus.value, of.value - minus.value)
    return Reading("missing", None, _value(worst))


@dataclass(frozen=True)
class Month:
    """One applicable school month: what is known of it (None: nothing), and whether all of it is known."""

    known: Fraction | None
    is_known: bool


def months_of(measure: OverMonths, child: Person, around: Surroundings) -> list[tuple[date, Month | None]]:
    """The window's school months, oldest first; None for a month before the child entered grade 1."""
    months = calendar.window_months(around.on, measure.months.last, measure.months.kind, around.holiday_months)
    if child.birth_date is None:
        return [(m, None) for m in months]
    year = calendar.fiscal_year(around.on)
    entered = calendar.fiscal_year_start(year - calendar.grade_in(year, child.birth_date) + 1)
    facts = child.of(measure.item)
    # A row whose month cannot be read may be the row of any month that has none.
    stray = any(f.at is None for f in facts)
    found: list[tuple[date, Month | None]] = []
    for month in months:
        rows = [f for f in facts if f.at is not None and calendar.month_start(f.at) == month]
        if month < entered:
            found.append((month, None))
        elif measure.no_row == "zero":
            away = child.resident_from is not None and month < calendar.month_start(child.resident_from)
            count = sum(1 for f in rows if f.is_known and f.at is not None and f.at <= around.on)
            found.append((month, Month(Fraction(count), not (away or stray or any(not f.is_known for f in rows)))))
        else:
            row = settle((f for f in rows if f.at == month), "text" if measure.texts else "number")
            if not isinstance(row, Fact):
                found.append((month, Month(None, False)))
            elif measure.texts:
                found.append((month, Month(Fraction(int(row.text in measure.texts)), True)))
            else:
                found.append((month, Month(Fraction(row.number or 0), True)))
    return found


def _over_months(measure: OverMonths, child: Person, around: Surroundings, worst: Decimal | str | None) -> Reading:
    window = months_of(measure, child, around)
    months = [m for _, m in window if m is not None]
    if not months or (measure.how == "rising" and len(months) < len(window)):
        return NOT_APPLICABLE
    all_known = all(m.is_known for m in months)
    known = [m.known for m in months if m.known is not None]
    one = Fraction(1) if measure.texts else _value(worst)
    at_worst = [
        m.known if m.is_known else max(one, m.known or one) if isinstance(one, Fraction) else m.known for m in months
    ]
    filled = [v for v in at_worst if v is not None]
    if measure.how == "rising":
        if not all_known:
            return Reading("missing", None, one)
        rising = all(a < b for a, b in pairwise(known))
        value = known[-1] if rising else Fraction(0)
        return Reading("known", value, value)
    value_known = _figure(measure.how, known)
    value_worst = _figure(measure.how, filled) if worst is not None else None
    return Reading("known" if all_known else "missing", value_known, value_known if all_known else value_worst)


def _figure(how: str, values: list[Fraction]) -> Fraction | None:
    if not values:
        return None
    return max(values) if how == "max" else sum(values, Fraction(0))


def _events(measure: Events, child: Person, on: date, worst: Decimal | str | None) -> Reading:
    since = calendar.months_before(on, measure.within)
    count = 0
    doubtful = False
    for fact in child.of(measure.item):
        if fact.at is not None and not since < fact.at <= on:
            continue
        if not fact.is_known or fact.at is None:
            doubtful = True
        elif not measure.texts or fact.text in measure.texts:
            count += 1
    if not doubtful:
        return Reading("known", Fraction(count), Fraction(count))
    at_least = _value(worst)
    return Reading(
        "missing", Fraction(count), max(at_least, Fraction(count)) if isinstance(at_least, Fraction) else None
    )


def _latest_share(measure: LatestShare, child: Person, around: Surroundings, worst: Decimal | str | None) -> Reading:
    own = [f for f in child.of(measure.item) if f.at is not None and f.at <= around.on and f.label is not None]
    # The series is the file of the child's school; where the roster does not say it, that of the latest own answer.
    latest = max(((f.at, f.label) for f in own if f.at and f.label), default=None)
    series = child.school if child.school is not None else latest[1] if latest else None
    dates = sorted(around.series_dates.get((measure.item, series or ""), ()), reverse=True)[: measure.dates]
    answers: list[str | None] = []
    for day in dates:
        row = settle(f for f in own if f.at == day and f.label == series)
        if isinstance(row, Fact):
            answers.append(row.text)
    if len(answers) < measure.answers_at_least:
        return Reading("missing", None, _value(worst))
    used = answers[: measure.latest]
    share = Fraction(sum(1 for a in used if a in measure.texts), len(used))
    return Reading("known", share, share)


def _due_checkups(measure: DueCheckups, child: Person, on: date, worst: Decimal | str | None) -> Reading:
    if child.birth_date is None:
        return NOT_APPLICABLE
    age = calendar.completed_months(child.birth_date, on)
    due = [d.label for d in measure.due if age >= d.from_month]
    if not due:
        return NOT_APPLICABLE
    rows = [settle(f for f in child.of(measure.item) if f.label == label) for label in due]
    found = sum(1 for r in rows if isinstance(r, Fact) and r.text in measure.texts)
    unknown = sum(1 for r in rows if not isinstance(r, Fact))
    return _counted(found, unknown, len(due), worst)


def _due_doses(measure: DueDoses, child: Person, on: date, worst: Decimal | str | None) -> Reading:
    if child.birth_date is None:
        return NOT_APPLICABLE
    age = calendar.completed_months(child.birth_date, on)
    due = [d for d in measure.due if age >= d.month + measure.grace]
    if not due:
        return NOT_APPLICABLE
    facts = child.of(measure.item)
    stray = any(f.label is None for f in facts)
    came = child.resident_from
    missing = unknown = 0
    for dose in due:
        rows = [f for f in facts if f.label == dose.label]
        if any(f.is_known for f in rows):
            continue
        planned = calendar.scheduled_on(child.birth_date, dose.month)
        lived_elsewhere = came is not None and came > planned and came != child.birth_date
        if rows or stray or lived_elsewhere:
            unknown += 1
        else:
            missing += 1
    return _counted(missing, unknown, len(due), worst)


def _counted(found: int, unknown: int, due: int, worst: Decimal | str | None) -> Reading:
    if not unknown:
        return Reading("known", Fraction(found), Fraction(found))
    known = Fraction(found) if unknown < due else None
    return Reading("missing", known, Fraction(found + unknown) if worst is not None else None)


def _household_first(measure: HouseholdFirst, around: Surroundings, worst: Decimal | str | None) -> Reading:
    day = date(calendar.fiscal_year(around.on) + measure.year, *measure.adult_on)
    born_by = calendar.years_before(day, measure.adult_age)
    found: set[str] = set()
    # Somebody without a readable birth date may be an adult.
    adults = [p for p in around.household if p.birth_date is None or p.birth_date <= born_by]
    if not adults:
        found.add("unknown")
    for adult in adults:
        row = _of_year(adult, measure.item, around.on, measure.year)
        text = row.text if isinstance(row, Fact) else None
        found.add("unknown" if text is None or text in measure.unknown_texts else text)
    first = next((value for value in measure.order if value in found), "unknown")
    if first == "unknown":
        return Reading("missing", None, _value(worst))
    return Reading("known", first, first)

"""What every measure means, one child at a time: slow, plain, the oracle for the compiled text.

Facts and readings are in history.py, the measures over months in plain_months.py.
Numbers are exact fractions; nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from tsunagu.indicators import calendar, plain_months
from tsunagu.indicators.history import (
    NOT_APPLICABLE,
    UNKNOWN,
    Fact,
    Person,
    Reading,
    Surroundings,
    as_value,
    settle,
)
from tsunagu.indicators.language import (
    DaysSince,
    Difference,
    DueCheckups,
    DueDoses,
    Events,
    HouseholdCount,
    HouseholdFirst,
    Indicator,
    InPeriod,
    LatestRun,
    LatestShare,
    MeanOfYear,
    MonthsRatio,
    MonthsWeighed,
    OverMonths,
    Population,
    ValueOfYear,
)


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
                return Reading("missing", None, as_value(worst))
            text = row.text if isinstance(row, Fact) else "none"
            return Reading("known", text, text)
        case MeanOfYear():
            rows = [_of_year(child, item, around.on, measure.year, "number") for item in measure.items]
            numbers = [f.number for f in rows if isinstance(f, Fact) and f.number is not None]
            if len(numbers) < len(rows):
                return Reading("missing", None, as_value(worst))
            mean = sum((Fraction(n) for n in numbers), Fraction(0)) / len(numbers)
            return Reading("known", mean, mean)
        case Difference():
            return _difference(before[measure.of], before[measure.minus], worst)
        case OverMonths():
            return plain_months.over_months(measure, child, around, worst)
        case MonthsWeighed():
            return plain_months.weighed(measure, child, around, worst)
        case MonthsRatio():
            return plain_months.ratio(measure, child, around, worst)
        case Events():
            return _events(measure, child, around.on, worst)
        case DaysSince():
            return _days_since(measure, child, around.on, indicator.forget_after, worst)
        case LatestShare() | LatestRun():
            return _latest(measure, child, around, indicator.forget_after, worst)
        case DueCheckups():
            return _due_checkups(measure, child, around.on, indicator.forget_after, worst)
        case DueDoses():
            return _due_doses(measure, child, around.on, indicator.forget_after, worst)
        case HouseholdFirst():
            return _household_first(measure, around, worst)
        case HouseholdCount():
            return _household_count(measure, child, around, worst)


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
    return Reading("missing", None, as_value(worst))


def _difference(of: Reading, minus: Reading, worst: Decimal | str | None) -> Reading:
    if "not_applicable" in (of.state, minus.state):
        return NOT_APPLICABLE
    both_known = of.state == minus.state == "known"
    if both_known and isinstance(of.value, Fraction) and isinstance(minus.value, Fraction):
        return Reading("known", of.value - minus.value, of.value - minus.value)
    return Reading("missing", None, as_value(worst))


def _happened(item: str, texts: tuple[str, ...], child: Person, on: date, months: int) -> tuple[list[date], bool]:
    """The days of the known events (with one of the texts) within so many months, and whether there might be more."""
    since = calendar.months_before(on, months)
    within = [f for f in child.of(item) if f.at is None or since < f.at <= on]
    days = [f.at for f in within if f.is_known and f.at is not None and (not texts or f.text in texts)]
    return days, any(not f.is_known or f.at is None for f in within)


def _events(measure: Events, child: Person, on: date, worst: Decimal | str | None) -> Reading:
    days, doubtful = _happened(measure.item, measure.texts, child, on, measure.within)
    count = Fraction(len(days))
    if not doubtful:
        return Reading("known", count, count)
    at_least = as_value(worst)
    return Reading("missing", count, max(at_least, count) if isinstance(at_least, Fraction) else None)


def _days_since(measure: DaysSince, child: Person, on: date, forget_after: int, worst: Decimal | str | None) -> Reading:
    days, doubtful = _happened(measure.item, measure.texts, child, on, forget_after)
    if doubtful or (not days and measure.no_row == "unknown"):
        return Reading("missing", None, as_value(worst))
    if not days:
        return NOT_APPLICABLE
    value = Fraction((on - max(days)).days)
    return Reading("known", value, value)


def _latest(
    measure: LatestShare | LatestRun,
    child: Person,
    around: Surroundings,
    forget_after: int,
    worst: Decimal | str | None,
) -> Reading:
    since = calendar.months_before(around.on, forget_after)
    own = [f for f in child.of(measure.item) if f.at is not None and since < f.at <= around.on and f.label is not None]
    # The series is the file of the child's school; where the roster does not say it, that of the latest own answer.
    latest = max(((f.at, f.label) for f in own if f.at and f.label), default=None)
    series = child.school if child.school is not None else latest[1] if latest else None
    in_series = [day for day in around.series_dates.get((measure.item, series or ""), ()) if day > since]
    answers: list[str | None] = []
    for day in sorted(in_series, reverse=True)[: measure.dates]:
        row = settle(f for f in own if f.at == day and f.label == series)
        if isinstance(row, Fact):
            answers.append(row.text)
    if len(answers) < measure.answers_at_least:
        return Reading("missing", None, as_value(worst))
    as_named = [a in measure.texts for a in answers]
    if isinstance(measure, LatestRun):
        value = Fraction(as_named.index(False) if False in as_named else len(as_named))
    else:
        used = as_named[: measure.latest]
        value = Fraction(sum(used), len(used))
    return Reading("known", value, value)


def _remembered(facts: Iterable[Fact], on: date, forget_after: int) -> list[Fact]:
    """The facts without those that are past `forget_after`; one without a day cannot be."""
    since = calendar.months_before(on, forget_after)
    return [f for f in facts if f.at is None or f.at > since]


def _due_checkups(
    measure: DueCheckups, child: Person, on: date, forget_after: int, worst: Decimal | str | None
) -> Reading:
    if child.birth_date is None:
        return NOT_APPLICABLE
    age = calendar.completed_months(child.birth_date, on)
    due = [d.label for d in measure.due if age >= d.from_month]
    if not due:
        return NOT_APPLICABLE
    facts = _remembered(child.of(measure.item), on, forget_after)
    rows = [settle(f for f in facts if f.label == label) for label in due]
    found = sum(1 for r in rows if isinstance(r, Fact) and r.text in measure.texts)
    unknown = sum(1 for r in rows if not isinstance(r, Fact))
    return _counted(found, unknown, len(due), worst)


def _due_doses(measure: DueDoses, child: Person, on: date, forget_after: int, worst: Decimal | str | None) -> Reading:
    if child.birth_date is None:
        return NOT_APPLICABLE
    age = calendar.completed_months(child.birth_date, on)
    due = [d for d in measure.due if age >= d.month + measure.grace]
    if not due:
        return NOT_APPLICABLE
    facts = _remembered(child.of(measure.item), on, forget_after)
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
        return Reading("missing", None, as_value(worst))
    return Reading("known", first, first)


def _household_count(
    measure: HouseholdCount, child: Person, around: Surroundings, worst: Decimal | str | None
) -> Reading:
    if child.household_id is None:
        return Reading("missing", None, as_value(worst))
    born_by = calendar.years_before(around.on, measure.age)
    sure = doubtful = 0
    for other in around.household:
        if other.person_id == child.person_id:
            continue
        # Somebody without a readable birth date may be of either kind.
        is_adult = None if other.birth_date is None else other.birth_date <= born_by
        fits = {"adults": is_adult, "children": None if is_adult is None else not is_adult, "others": True}[measure.who]
        has = _has(measure, other, around.on)
        if fits and has:
            sure += 1
        elif fits is not False and has is not False:
            doubtful += 1
    if not doubtful:
        return Reading("known", Fraction(sure), Fraction(sure))
    return Reading("missing", Fraction(sure), Fraction(sure + doubtful) if worst is not None else None)


def _has(measure: HouseholdCount, person: Person, on: date) -> bool | None:
    """Whether the member has what is asked for; None where that is not known."""
    if measure.within is None:
        reading = _in_period(InPeriod(measure.item, measure.texts), person, on, None)
        return bool(reading.value) if reading.state == "known" else None
    reading = _events(Events(measure.item, measure.texts, measure.within), person, on, None)
    return True if reading.value else False if reading.state == "known" else None

"""Reads the measure of an indicator, and what stands for the unknown; each kind with its own keys and no others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Literal, cast

from tsunagu.indicators.language import (
    Bound,
    DaysSince,
    Difference,
    DueCheckup,
    DueCheckups,
    DueDose,
    DueDoses,
    Events,
    HouseholdCount,
    HouseholdFirst,
    InPeriod,
    LatestRun,
    LatestShare,
    MeanOfYear,
    Measure,
    Months,
    MonthsRatio,
    MonthsWeighed,
    OverMonths,
    ValueOfYear,
)
from tsunagu.indicators.mistakes import Part
from tsunagu.indicators.plain_months import meets
from tsunagu.records.catalogue import CatalogueItem

Items = Mapping[str, CatalogueItem]
Operator = Literal["at_least", "more_than", "below", "at_most"]


def read_measure(part: Part, items: Items, earlier: list[str]) -> Measure:
    """The measure; where the kind cannot be read, a harmless one beside the mistake.

    earlier  indicators that stand above this one, which a difference may read
    """
    kind = part.choice("kind", KINDS)
    if kind == "difference":
        measure: Measure = Difference(part.choice("of", earlier), part.choice("minus", earlier))
    elif kind in KINDS:
        measure = KINDS[kind](part, items)
    else:
        return InPeriod("", ())
    part.done("measure")
    return measure


def read_unknown(part: Part, measure: Measure, items: Items) -> Decimal | str | None:
    """The worst value in the form the measure takes: a code for coded values, else a number.

    For a count of months, check-ups or doses the file names what an unknown one counts as; it always counts 1.
    """
    match measure:
        case ValueOfYear():
            values = list(items[measure.item].values) if measure.item in items else []
            return part.choice("unknown_as", values)
        case HouseholdFirst():
            return part.choice("unknown_as", [v for v in measure.order if v != "unknown"])
        case OverMonths() if measure.counts_months and measure.bounds:
            value = part.number("unknown_as")
            if value is not None and not meets(measure.bounds, Fraction(value)):
                part.wrong(f"'unknown_as' is {value}, and no month is as named then", "a number within", "unknown_as")
            return Decimal(1)
        case OverMonths() if measure.counts_months:
            part.choice("unknown_as", measure.texts)
            return Decimal(1)
        case HouseholdCount():
            part.whole("unknown_as", low=1, high=1)
            return Decimal(1)
        case DueCheckups():
            part.choice("unknown_as", measure.texts)
            return Decimal(1)
        case DueDoses():
            part.choice("unknown_as", ["missing"])
            return Decimal(1)
        case _:
            return part.number("unknown_as")


def _item(part: Part, items: Items, *kinds: str, coded: bool | None = None, key: str = "item") -> str:
    fitting = [i for i, item in items.items() if item.kind in kinds and (coded is None or bool(item.values) is coded)]
    return part.choice(key, fitting)


def _texts(part: Part, items: Items, item: str, *, required: bool = True) -> tuple[str, ...]:
    if not required and not part.has("texts"):
        return ()
    texts = part.texts("texts", items[item].values if item in items else None)
    if not texts:
        part.wrong("'texts' is empty", "write at least one value of the item", "texts")
    return texts


def _in_period(part: Part, items: Items) -> Measure:
    item = _item(part, items, "period")
    return InPeriod(item, _texts(part, items, item, required=False))


def _value_of_year(part: Part, items: Items) -> Measure:
    item = _item(part, items, "yearly", coded=True)
    no_row = part.choice("no_row", ["none", "unknown"])
    return ValueOfYear(item, _year(part), cast(Literal["none", "unknown"], no_row))


def _year(part: Part) -> int:
    return part.whole("year", low=-3, high=0) or 0


def _mean_of_year(part: Part, items: Items) -> Measure:
    fitting = [i for i, item in items.items() if item.kind == "yearly" and not item.values]
    names = part.texts("items", fitting)
    if not names:
        part.wrong("'items' is empty", "write at least one yearly number", "items")
    return MeanOfYear(names, _year(part))


def _months(part: Part) -> Months:
    inner = part.inside(part.raw("months"), "months")
    kind: Literal["calendar", "school"] = "calendar" if inner.has("calendar") else "school"
    last = inner.whole(kind, low=1, high=24) or 1
    inner.done("months")
    return Months(last, kind)


def _over_months(how: Literal["sum", "max", "mean", "rising"]) -> Callable[[Part, Items], Measure]:
    def read(part: Part, items: Items) -> Measure:
        no_row = _no_row_of_months(part)
        # Single events are counted per month; a row a month carries a value of its own.
        kind = "event" if no_row == "zero" else "monthly"
        item = _item(part, items, kind, coded=None if kind == "event" else False)
        months = _months(part)
        _enough(part, months, how, how == "rising")
        min_rows = None
        if how == "mean" and part.has("min_rows"):
            min_rows = part.whole("min_rows", low=1, high=months.last)
        return OverMonths(how, item, (), months, no_row, min_rows=min_rows)

    return read


def _counted_months(how: Literal["count", "run"]) -> Callable[[Part, Items], Measure]:
    """Months as named: by a code of theirs (`texts`), or by their number (`at_least` and the like)."""

    def read(part: Part, items: Items) -> Measure:
        no_row = _no_row_of_months(part)
        bounds = tuple(_bounds(part))
        texts: tuple[str, ...] = ()
        if bounds:
            kind = "event" if no_row == "zero" else "monthly"
            item = _item(part, items, kind, coded=None if kind == "event" else False)
            if no_row == "zero" and any(operator in ("below", "at_most") for operator, _ in bounds):
                part.wrong(
                    "events of a month are counted as far as they are known; 'below' says nothing of them",
                    "at_least or more_than",
                    "below",
                    "at_most",
                )
        else:
            item = _item(part, items, "monthly", coded=True)
            texts = _texts(part, items, item)
            if no_row == "zero":
                part.wrong(
                    "'no_row' is 'zero'", "months are counted by their value, so a row is due: unknown", "no_row"
                )
        return OverMonths(how, item, texts, _months(part), no_row, bounds)

    return read


def _no_row_of_months(part: Part) -> Literal["unknown", "zero"]:
    return cast(Literal["unknown", "zero"], part.choice("no_row", ["unknown", "zero"]))


def _bounds(part: Part) -> Iterator[Bound]:
    operators: tuple[Operator, ...] = ("at_least", "more_than", "below", "at_most")
    for operator in operators:
        if part.has(operator) and (limit := part.number(operator)) is not None:
            yield operator, limit


def _enough(part: Part, months: Months, how: str, needs_two: bool) -> None:
    if needs_two and months.last < 2:
        part.wrong(f"a {how} needs two months at least", "two or more", "months")


def _change(part: Part, items: Items) -> Measure:
    """The latest months beside those before them; both together are the window."""
    item = _item(part, items, "monthly", coded=False)
    latest = _months(part)
    before = part.whole("before", low=1, high=24) or 1
    recent = latest.last
    weights = (*[-recent] * before, *[before] * recent)
    # Holidays left out of a calendar window would leave some weights without a month.
    if latest.kind == "calendar":
        part.wrong("a change counts school months", "{ school = … }", "months")
    return MonthsWeighed("change", item, Months(recent + before, "school"), weights, recent * before)


def _slope(part: Part, items: Items) -> Measure:
    item = _item(part, items, "monthly", coded=False)
    months = _months(part)
    if months.kind == "calendar":
        part.wrong("a slope counts school months", "{ school = … }", "months")
    _enough(part, months, "slope", True)
    size = max(months.last, 2)
    places = range(size)
    weights = tuple(size * place - sum(places) for place in places)
    divisor = size * sum(place * place for place in places) - sum(places) ** 2
    return MonthsWeighed("slope", item, Months(size, "school"), weights, divisor)


def _ratio(part: Part, items: Items) -> Measure:
    item = _item(part, items, "monthly", coded=False)
    return MonthsRatio(item, _item(part, items, "monthly", coded=False, key="per"), _months(part))


def _days_since(part: Part, items: Items) -> Measure:
    item = _item(part, items, "event")
    no_row = cast(Literal["none", "unknown"], part.choice("no_row", ["none", "unknown"]))
    return DaysSince(item, _texts(part, items, item, required=False), no_row)


def _household_count(part: Part, items: Items) -> Measure:
    who = cast(Literal["adults", "children", "others"], part.choice("who", ["adults", "children", "others"]))
    age = part.whole("age", low=1, high=120) or 1
    item = _item(part, items, "period", "event")
    is_event = item in items and items[item].kind == "event"
    within = part.whole("within", low=1, high=120) if is_event else None
    return HouseholdCount(who, age, item, _texts(part, items, item, required=False), within)


def _events(part: Part, items: Items) -> Measure:
    item = _item(part, items, "event")
    return Events(item, _texts(part, items, item, required=False), part.whole("within", low=1, high=120) or 1)


def _latest_share(part: Part, items: Items) -> Measure:
    run = _latest_run(part, items)
    return LatestShare(
        run.item, run.texts, run.dates, run.answers_at_least, latest=part.whole("latest", low=1, high=366) or 1
    )


def _latest_run(part: Part, items: Items) -> LatestRun:
    item = _item(part, items, "event", coded=True)
    measure = LatestRun(
        item,
        _texts(part, items, item),
        dates=part.whole("dates", low=1, high=366) or 1,
        answers_at_least=part.whole("answers_at_least", low=1, high=366) or 1,
    )
    if measure.answers_at_least > measure.dates:
        part.wrong(
            f"'answers_at_least' is {measure.answers_at_least}, more than the {measure.dates} dates looked at",
            "no child could ever have so many answers",
            "answers_at_least",
        )
    return measure


def _due_checkups(part: Part, items: Items) -> Measure:
    item = _item(part, items, "event", coded=True)
    due = []
    for value in part.list("due"):
        inner = part.inside(value, "due")
        due.append(DueCheckup(inner.text("label"), inner.whole("from_month", low=0, high=240) or 0))
        inner.done("due")
    _once(part, [d.label for d in due])
    return DueCheckups(item, _texts(part, items, item), tuple(due))


def _due_doses(part: Part, items: Items) -> Measure:
    item = _item(part, items, "event")
    due = []
    for value in part.list("due"):
        inner = part.inside(value, "due")
        due.append(DueDose(inner.text("label"), inner.whole("month", low=0, high=240) or 0))
        inner.done("due")
    _once(part, [d.label for d in due])
    return DueDoses(item, tuple(due), part.whole("grace", low=0, high=60) or 0)


def _once(part: Part, labels: list[str]) -> None:
    if not labels:
        part.wrong("'due' is empty", "write what is due", "due")
    for label in dict.fromkeys(labels):
        if label and labels.count(label) > 1:
            part.wrong(f"'{label}' is due twice", "write it once", f'"{label}"')


def _household_first(part: Part, items: Items) -> Measure:
    item = _item(part, items, "yearly", coded=True)
    values = list(items[item].values) if item in items else None
    unknown = part.texts("unknown_texts", values) if part.has("unknown_texts") else ()
    order = part.texts("order", None if values is None else [*values, "unknown"])
    if "unknown" not in order:
        part.wrong("'order' does not say where 'unknown' stands", "put 'unknown' into the list", "order")
    for value in values or ():
        if (value in order) == (value in unknown):
            what = (
                "both in 'order' and in 'unknown_texts'"
                if value in order
                else "neither in 'order' nor in 'unknown_texts'"
            )
            part.wrong(f"'{value}' is {what}", "every value of the item stands in one of the two", "order")
    age = part.whole("adult_age", low=1, high=120) or 1
    found = re.fullmatch(r"(\d\d)-(\d\d)", part.text("adult_on"))
    month, day = (int(found.group(1)), int(found.group(2))) if found else (0, 0)
    if not (1 <= month <= 12 and 1 <= day <= 28):
        part.wrong("'adult_on' is no day of the year", "month and day such as 01-01, day 28 at most", "adult_on")
        month = day = 1
    return HouseholdFirst(item, _year(part), age, (month, day), order, unknown)


KINDS: dict[str, Callable[[Part, Items], Measure]] = {
    "in_period": _in_period,
    "value_of_year": _value_of_year,
    "mean_of_year": _mean_of_year,
    "difference": _in_period,  # reads other indicators: read_measure takes it before this table is asked
    "months_sum": _over_months("sum"),
    "months_max": _over_months("max"),
    "months_mean": _over_months("mean"),
    "months_rising": _over_months("rising"),
    "months_count": _counted_months("count"),
    "months_run": _counted_months("run"),
    "months_change": _change,
    "months_slope": _slope,
    "months_ratio": _ratio,
    "events": _events,
    "days_since": _days_since,
    "latest_share": _latest_share,
    "latest_run": _latest_run,
    "due_checkups": _due_checkups,
    "due_doses": _due_doses,
    "household_first": _household_first,
    "household_count": _household_count,
}

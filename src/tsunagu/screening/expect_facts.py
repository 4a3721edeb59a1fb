"""The facts of a made-up person in an `expect` case: none may say what no source of the city could have said."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from tsunagu.indicators import calendar
from tsunagu.indicators.history import Fact
from tsunagu.indicators.mistakes import FITTING, Part, fits, nearest
from tsunagu.records.catalogue import CatalogueItem

UNKNOWN = "?"
#: The unit of what cannot be more in a month than the month has.
_DAYS = "日"
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEAR = re.compile(r"[12]\d{3}")


def read_facts(part: Part, item: CatalogueItem, school: str | None) -> list[Fact]:
    """Every fact about an item, as the case writes them. school: the series its answers belong to."""
    if item.kind in ("monthly", "yearly"):
        inner = part.inside(part.raw(item.id), item.id)
        form, due = (_MONTH, "2026-04") if item.kind == "monthly" else (_YEAR, "2026")
        found = []
        for when in inner.names():
            value = inner.raw(when)
            if not form.fullmatch(when) or (item.kind == "monthly" and not _is_month(when)):
                kind = item.kind.removesuffix("ly")
                part.wrong(f"'{when}' of {item.id} is not a {kind}", f"such as {due}", item.id, when)
            else:
                first = date(int(when[:4]), int(when[5:]), 1) if item.kind == "monthly" else None
                found.append(_fact(part, item, value, first or calendar.fiscal_year_start(int(when)), when))
        return found
    rows = [part.inside(values, item.id) for values in part.list(item.id)]
    return [
        fact for row in rows for fact in (_period(row, item) if item.kind == "period" else _event(row, item, school))
    ]


def _is_month(when: str) -> bool:
    return 1 <= int(when[:4]) <= 9998 and 1 <= int(when[5:]) <= 12


def _period(row: Part, item: CatalogueItem) -> list[Fact]:
    start = row.day("from") if row.has("from") else None
    end = row.day("until") if row.has("until") else None
    if start is not None and end is not None and end < start:
        row.wrong(f"{item.id} ends on {end}, before it begins", f"{start} or later", item.id, "until")
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
    """A fact with a code of the item or a number, as its kind is; `?` is a row whose value nobody could read."""
    unread = Fact(item.id, at, until, label, state="unknown")
    if value == UNKNOWN:
        return unread
    if value is None:
        return Fact(item.id, at, until, label)
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        part.wrong(f"the value of {item.id} is neither a number nor a code", "a number, a code or '?'", item.id, word)
        return unread
    if item.values:
        if not isinstance(value, str) or value not in item.values:
            part.wrong(f"'{value}' is no value of {item.id}", nearest(value, item.values), item.id, word, str(value))
            return unread
        return Fact(item.id, at, until, label, text=value)
    if not item.unit_ja:
        part.wrong(f"{item.id} has no value, and this gives it '{str(value)[:40]}'", "its days alone", item.id, word)
        return unread
    if isinstance(value, str):
        what = f"the value of {item.id} is the text '{value[:40]}'"
        part.wrong(what, f"a number of {item.unit_en}, or '?'", item.id, word)
        return unread
    number = Decimal(value)
    if not fits(number):
        part.wrong(f"the value of {item.id} is {str(value)[:40]}", FITTING, item.id, word)
        return unread
    least, most = _bounds(item, at)
    if (least is not None and number < least) or (most is not None and number > most):
        what = f"{item.id} is {number}, which no source could have said"
        part.wrong(what, _range_said(least, most, item.unit_en), item.id, word)
        return unread
    return Fact(item.id, at, until, label, number=number)


def _bounds(item: CatalogueItem, at: date | None) -> tuple[Decimal | None, Decimal | None]:
    """What the sources read as a value, and no more days than the month has."""
    least, most = item.least, item.most
    if item.kind == "monthly" and item.unit_ja == _DAYS and at is not None:
        days = Decimal((calendar.add_months(at, 1) - at).days)
        least = Decimal(0) if least is None else max(least, Decimal(0))
        most = days if most is None else min(most, days)
    return least, most


def _range_said(least: Decimal | None, most: Decimal | None, unit: str) -> str:
    if most is None:
        return f"{least} {unit} or more"
    return f"{least} to {most} {unit}" if least is not None else f"{most} {unit} at most"

"""Facts of one item as marks in a lane of the time axis."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from tsunagu_web.cases import words as w
from tsunagu_web.cases.models import FactRow
from tsunagu_web.cases.pictures import Axis, month_after

HEIGHT = 44.0
BASE = 36.0
_TALLEST = 30.0
_BOX = 14.0
_GAP = 0.4  # between a box and the edge of its month, in hundredths of the width
_MOST_DOTS = 16
_SHADES = 5


class Mark(NamedTuple):
    """One drawn shape: `period` or `box` (coded), `column` (number), `dot` (event), `unknown`; `shade` by value.

    x, width are in hundredths of the drawing's width; y, height in pixels of its HEIGHT. A dot is drawn around x.
    """

    kind: str
    shade: int
    x: float
    y: float
    width: float
    height: float
    round: float


class Key(NamedTuple):
    """What a shade stands for."""

    shade: int
    name: str


def keys_of(words: w.Words, item: str, facts: Sequence[FactRow]) -> tuple[Key, ...]:
    """The coded values that occur, each with its shade; none where there is only one."""
    shades = _shades(words, item)
    codes = sorted({f.value for f in facts if f.value and f.state == "known"}, key=lambda code: shades.get(code, 0))
    if len(codes) < 2:
        return ()
    return tuple(Key(shades.get(code, 0), w.value_name(words, item, code)) for code in codes)


def marks_of(words: w.Words, item: str, facts: Sequence[FactRow], axis: Axis) -> tuple[Mark, ...]:
    """The marks of one item, oldest first; facts outside the axis give none."""
    kind = kind_of(words, item)
    shades = _shades(words, item)
    if kind == "event":
        return tuple(_events(facts, axis, shades))
    tallest = max((abs(f.number) for f in facts if f.number is not None and not f.value), default=Decimal(0))
    return tuple(_spans(facts, axis, kind, shades, tallest))


def kind_of(words: w.Words, item: str) -> str:
    """period, yearly, monthly or event; an item the run does not describe is drawn as an event."""
    return str(words.get("items", {}).get(item, {}).get("kind", "event"))


def _shades(words: w.Words, item: str) -> dict[str, int]:
    codes = words.get("items", {}).get(item, {}).get("values", {})
    return {code: place % _SHADES for place, code in enumerate(codes)}


def _spans(facts: Sequence[FactRow], axis: Axis, kind: str, shades: dict[str, int], tallest: Decimal) -> Iterator[Mark]:
    for fact in facts:
        start, end = _span(fact, axis, kind)
        if start is None or end is None:
            continue
        x = axis.x(start)
        width = axis.x(end) - x
        shade = shades.get(fact.value, 0)
        if fact.state != "known":
            yield _mark("unknown", 0, x + _GAP, BASE - _BOX, min(width, axis.month_width) - 2 * _GAP, _BOX, 2)
        elif fact.number is not None and not fact.value:
            height = float(abs(fact.number) / tallest) * _TALLEST if tallest and fact.number else 2.0
            drawn = min(width, axis.month_width) * 0.56
            middle = x + min(width, axis.month_width) / 2
            yield _mark("column", 0, middle - drawn / 2, BASE - max(height, 2.0), drawn, max(height, 2.0), 1)
        elif kind == "monthly":
            yield _mark("box", shade, x + _GAP, BASE - _BOX, width - 2 * _GAP, _BOX, 2)
        else:
            yield _mark("period", shade, x + 0.1, BASE - _BOX, width - 0.2, _BOX, 3)


def _span(fact: FactRow, axis: Axis, kind: str) -> tuple[dt.date | None, dt.date | None]:
    """First day, and the day after the last one, where the fact lies on the axis; (None, None) where it does not."""
    after_axis = axis.end
    start = fact.valid_from or (axis.first if kind == "period" else None)
    if start is None or start >= after_axis:
        return None, None
    if kind == "yearly":
        end = dt.date(start.year + 1, start.month, 1)
    elif kind == "monthly":
        end = month_after(start)
    else:
        end = fact.valid_to or after_axis
    return (None, None) if end <= axis.first else (max(start, axis.first), min(end, after_axis))


def _events(facts: Sequence[FactRow], axis: Axis, shades: dict[str, int]) -> Iterator[Mark]:
    """Few events as dots on their day; many as columns that count them, month by month and value by value."""
    inside = [f for f in facts if f.valid_from is not None and axis.holds(f.valid_from)]
    if len(inside) <= _MOST_DOTS:
        for fact in inside:
            kind = "dot" if fact.state == "known" else "unknown"
            yield _mark(kind, shades.get(fact.value, 0), axis.x(fact.valid_from), BASE - 10, 1.0, 10, 5)
        return
    counts = Counter((axis.month_index(f.valid_from), shades.get(f.value, 0)) for f in inside)
    months = sorted({month for month, _ in counts})
    most = max(sum(n for (m, _), n in counts.items() if m == month) for month in months)
    for month in months:
        y = BASE
        for shade in range(_SHADES):
            height = counts.get((month, shade), 0) / most * _TALLEST
            if height:
                y -= height
                yield _mark("box", shade, axis.month_width * (month + 0.2), y, axis.month_width * 0.6, height, 0)


def _mark(kind: str, shade: int, x: float, y: float, width: float, height: float, radius: float) -> Mark:
    return Mark(kind, shade, round(x, 2), round(y, 1), round(max(width, 0.4), 2), round(height, 1), radius)

"""Geometry of the small pictures: numbers in, coordinates out. Templates draw them; a text stands beside each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property

SPARK_WIDTH = 192
SPARK_HEIGHT = 60
_BASE = 54  # y of the zero line
_TOP = 20  # leaves room for a number above the tallest bar
_BOX = 16.0
_MOST_NUMBERS = 6


@dataclass(frozen=True)
class Bar:
    """One value of a series.

    label  what it speaks of, as the run writes it: 2026-09
    value  the value as text; ? when it is not known
    kind   number, yes, no (a coded value) or unknown
    shown  the value where there is room to write it above the bar
    """

    label: str
    value: str
    kind: str
    x: float
    y: float
    width: float
    height: float
    is_main: bool
    shown: str

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True)
class Spark:
    """A small picture of a series. threshold_y is None where the threshold is not on the scale of the values."""

    bars: tuple[Bar, ...]
    threshold_y: float | None
    width: int = SPARK_WIDTH
    height: int = SPARK_HEIGHT
    base: int = _BASE

    @property
    def text(self) -> str:
        """The same in words, for those who do not see it."""
        return ", ".join(f"{bar.label}: {bar.value}" for bar in self.bars)


def spark(
    series: Sequence[str],
    *,
    threshold: Decimal | None = None,
    compared: Decimal | None = None,
    at: dt.date | None = None,
    is_coded: bool = False,
) -> Spark | None:
    """The picture of `2026-09=11` values, oldest first; None when there are fewer than two.

    threshold  drawn only where the compared number is itself one of the values: a sum has another scale
    at         the month that decided, drawn darker; a sum has none
    is_coded   the values say yes (1) or no (0)
    """
    points = [point.partition("=")[::2] for point in series if "=" in point]
    if len(points) < 2:
        return None
    numbers = [_number(value) for _, value in points]
    known = [n for n in numbers if n is not None]
    line = threshold if not is_coded and compared is not None and compared in known else None
    top = max([abs(n) for n in known] + [line or Decimal(0)], default=Decimal(0))
    step = SPARK_WIDTH / len(points)
    width = min(step * 0.66, 22)
    main = next((n for n, (label, _) in enumerate(points) if at and label == f"{at:%Y-%m}"), None)
    if main is None and line is not None:
        main = len(numbers) - 1 - numbers[::-1].index(compared)
    bars = []
    for place, ((label, value), number) in enumerate(zip(points, numbers, strict=True)):
        kind = "unknown" if number is None else "number" if not is_coded else "yes" if number else "no"
        height = _height(number, top) if kind == "number" else _BOX
        writes = kind == "number" and (place == main or len(points) <= _MOST_NUMBERS)
        bars.append(
            Bar(
                label=label,
                value=value,
                kind=kind,
                x=round(step * place + (step - width) / 2, 1),
                y=round(_BASE - height, 1),
                width=round(width, 1),
                height=round(height, 1),
                is_main=place == main and kind == "number",
                shown=value if writes else "",
            )
        )
    return Spark(tuple(bars), round(_BASE - _height(line, top), 1) if line is not None else None)


def _height(number: Decimal | None, top: Decimal) -> float:
    # A known zero keeps a thin line, so that it differs from nothing at all.
    return max(float(abs(number) / top) * (_BASE - _TOP), 2.0) if number is not None and top else 2.0


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


@dataclass(frozen=True)
class Axis:
    """A time axis in months, from the first day of `first` to the last day of `last`, over `width` units."""

    first: dt.date
    months: int
    width: float

    @cached_property
    def month_width(self) -> float:
        return self.width / self.months

    def month_index(self, day: dt.date) -> int:
        return (day.year - self.first.year) * 12 + day.month - self.first.month

    def x(self, day: dt.date) -> float:
        """Where a day lies; before the axis 0, after it `width`."""
        place = self._places.get(day)
        if place is None:
            place = self._places[day] = self._x(day)
        return place

    @cached_property
    def _places(self) -> dict[dt.date, float]:
        """Most facts of a page begin with one of its months."""
        return {}

    def _x(self, day: dt.date) -> float:
        length = (month_after(day) - day.replace(day=1)).days
        place = self.month_index(day) + (day.day - 1) / length
        return round(min(max(place * self.month_width, 0.0), self.width), 2)

    def holds(self, day: dt.date) -> bool:
        return 0 <= self.month_index(day) < self.months

    @cached_property
    def end(self) -> dt.date:
        """The first day after the axis."""
        total = self.first.year * 12 + self.first.month - 1 + self.months
        return dt.date(total // 12, total % 12 + 1, 1)

    def starts(self) -> list[dt.date]:
        """The first day of each month."""
        day, days = self.first, []
        for _ in range(self.months):
            days.append(day)
            day = month_after(day)
        return days


def axis_ending(on: dt.date, *, months: int, width: float) -> Axis:
    total = on.year * 12 + on.month - 1 - (months - 1)
    return Axis(dt.date(total // 12, total % 12 + 1, 1), months, width)


def month_after(day: dt.date) -> dt.date:
    return dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)

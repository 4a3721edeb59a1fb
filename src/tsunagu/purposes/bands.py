"""Bands in which a number is answered: `under 0`, `0-9`, `10-29`, `30+`; the words say their limits."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pyarrow.compute as pc

_NUMBER = r"\d{1,9}(?:\.\d{1,6})?"
_BAND = re.compile(rf"under (?P<under>{_NUMBER})|(?P<low>{_NUMBER})(?:-(?P<high>{_NUMBER})|\+)?")


@dataclass(frozen=True)
class Bands:
    """The agreed bands in the order of their numbers. lows: the least number of each, None for one without a least.

    A number belongs to the last band whose least it reaches, so that 9.5 is in `0-9` where `10-29` follows.
    """

    names: tuple[str, ...]
    lows: tuple[Decimal | None, ...]

    def of(self, value: Decimal) -> str | None:
        """The band of a number; None below the first and above a last one that ends."""
        open_at = sum(low is None for low in self.lows)
        place = bisect_right([low for low in self.lows if low is not None], value) + open_at - 1
        if place < 0:
            return None
        _low, high = limits_of(self.names[place])
        is_beyond = place == len(self.names) - 1 and high is not None and value > high
        return None if is_beyond else self.names[place]

    def column(self, numbers: pa.ChunkedArray) -> pa.ChunkedArray:
        """`of` for each number of an exact decimal column; null where there is no number and where no band has it."""
        lows = [low for low in self.lows if low is not None]
        place = pc.if_else(pc.is_valid(numbers), len(self.lows) - len(lows) - 1, None).cast(pa.int32())
        for low in lows:
            reached = pc.greater_equal(numbers, pa.scalar(low, numbers.type))
            place = pc.add(place, reached.cast(pa.int32()))
        _low, high = limits_of(self.names[-1])
        is_in_one = pc.greater_equal(place, 0)
        if high is not None:
            most = pa.scalar(Decimal(high.numerator) / Decimal(high.denominator), numbers.type)
            is_in_one = pc.and_(is_in_one, pc.less_equal(numbers, most))
        return pa.chunked_array([pa.array(self.names).take(_one(pc.if_else(is_in_one, place, None)))])


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def read_bands(values: Sequence[str]) -> Bands | None:
    """The bands that these values name; None where they are codes. A list that is neither is told by mistake_in."""
    found = [_BAND.fullmatch(value) for value in values]
    if not values or not all(found):
        return None
    lows = [None if one["low"] is None else Decimal(one["low"]) for one in found if one is not None]
    return Bands(tuple(values), tuple(lows)) if mistake_in(values) == "" else None


def limits_of(name: str) -> tuple[Fraction | None, Fraction | None]:
    """The least and the largest number that a band's words name; None: without end."""
    one = _BAND.fullmatch(name)
    assert one is not None, name
    if one["under"] is not None:
        return None, Fraction(one["under"])
    high = None if name.endswith("+") else Fraction(one["high"] or one["low"])
    return Fraction(one["low"]), high


def mistake_in(values: Sequence[str]) -> str:
    """What is wrong with bands, in a sentence; empty for sound ones, and for codes."""
    found = [_BAND.fullmatch(value) for value in values]
    if not any(found):
        return ""
    if not all(found):
        return "some are bands of numbers and some are not"
    least: Decimal | None = None
    step = 1
    for place, (name, one) in enumerate(zip(values, found, strict=True)):
        assert one is not None
        if one["under"] is not None:
            if place:
                return f"'{name}' is not the first"
            least, step = Decimal(one["under"]), 0
            continue
        low, high = Decimal(one["low"]), Decimal(one["high"] or one["low"])
        if least is not None and not least <= low <= least + step:
            return f"'{name}' does not follow the band before it"
        if high < low or (name.endswith("+") and place < len(values) - 1):
            return f"'{name}' ends before it begins, or goes on over the bands after it"
        least, step = high, 1
    return ""

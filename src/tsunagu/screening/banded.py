"""Criteria on what several holders answered in bands (INDICATOR_ANSWER): levels, and where a band does not decide.

A band is every number in it. Where all of them meet a comparison or none does, the answer is the one that the number
itself would have given. Where some do, the sign is not said to hold and not said not to: the child stands between the
level without it and the level with it, and the sign is named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tsunagu.indicators.language import Indicator
from tsunagu.purposes.bands import limits_of, read_bands
from tsunagu.screening.criteria import AllOf, AnyOf, Comparison, Condition, Criteria, OverallLevel, comparisons
from tsunagu.screening.reference import Judged, conclude
from tsunagu.screening.span import span_of


@dataclass(frozen=True)
class Range:
    """Every number from low to high, both included; None: without end. A code is held as it is.

    is_any  whatever there is, number or code: of a child whom a holder does not know
    """

    low: Fraction | None = None
    high: Fraction | None = None
    code: str | None = None
    is_any: bool = False


@dataclass(frozen=True)
class BandedOutcome:
    """What the criteria say of one child by its bands. open_signs: those that the bands do not decide, sorted."""

    signs: frozenset[str]
    judged: Mapping[str, Judged]
    overall: OverallLevel
    at_least: OverallLevel
    at_most: OverallLevel
    open_signs: tuple[str, ...]


def deciding_bands(criteria: Criteria, indicator: Indicator) -> tuple[str, ...]:
    """The fewest bands by which every comparison of the criteria is decided; every code where it gives codes.

    Empty where nothing compares it. What lies just above a number that is not whole begins at its next millionth, the
    last place that a run's table has; fractions of at most 20,000 parts lie no nearer to a limit of two places.
    """
    codes = criteria.codes_of(indicator.id)
    if codes:
        return codes
    step = _step(indicator)
    cuts: set[Decimal] = set()
    for sign in criteria.signs:
        for compared in comparisons(sign.when):
            for how, limit in compared.tests if compared.indicator == indicator.id else ():
                assert isinstance(limit, Decimal)
                cuts |= {limit} if how in ("at_least", "below", "equals") else set()
                cuts |= {limit + step} if how in ("more_than", "at_most", "equals") else set()
    ordered = [cut.normalize() for cut in sorted(cuts)]
    if not ordered:
        return ()
    between = (f"{a:f}-{b - 1 if step == 1 else b:f}" for a, b in pairwise(ordered))
    return (f"under {ordered[0]:f}", *between, f"{ordered[-1]:f}+")


def judge_bands(
    criteria: Criteria, rows: Sequence[Mapping[str, Any]], values: Mapping[str, tuple[str, ...]]
) -> BandedOutcome:
    """One child's rows of INDICATOR_ANSWER, of whichever holders.

    Of an agreed indicator without a row nothing is known, where it is asked of the child: its holder does not know the
    child, and at worst it is anything.

    values  indicator -> the bands or codes that its agreement names
    """
    known: dict[str, Range | None] = {indicator.id: None for indicator in criteria.indicators}
    worst, asked = dict(known), set[str]()
    for row in rows:
        indicator = criteria.indicator(row["indicator"])
        if row["state"] == "not_applicable":
            continue
        asked.add(indicator.population)
        known[indicator.id] = band_range(indicator, row["band"], values[indicator.id])
        worst[indicator.id] = band_range(indicator, row["band_at_worst"], values[indicator.id]) or known[indicator.id]
    for id in unanswered(criteria, rows, values):
        worst[id] = Range(is_any=True)
    told = {sign.code: holds_in(sign.when, known) for sign in criteria.signs}
    signs = frozenset(code for code, held in told.items() if held)
    told_at_worst = {sign.code: holds_in(sign.when, worst) for sign in criteria.signs}
    signs_at_worst = {code for code, held in told_at_worst.items() if held is not False}
    asked_of = {judgment.id for judgment in criteria.judgments if judgment.population in asked}
    stands = conclude(criteria, asked_of, signs, signs_at_worst)
    open_signs = tuple(sorted(code for code in told if None in (told[code], told_at_worst[code])))
    return BandedOutcome(signs, stands.judged, stands.overall, stands.at_least, stands.at_most, open_signs)


def unanswered(
    criteria: Criteria, rows: Iterable[Mapping[str, Any]], values: Mapping[str, tuple[str, ...]]
) -> list[str]:
    """Agreed indicators that are asked of a child, as its other rows show, and of which it has no row."""
    given = {row["indicator"]: row["state"] for row in rows}
    asked = {criteria.indicator(id).population for id, state in given.items() if state != "not_applicable"}
    return [id for id in values if id not in given and criteria.indicator(id).population in asked]


def by_token(rows: Iterable[Mapping[str, Any]]) -> dict[bytes, list[Mapping[str, Any]]]:
    """Rows of INDICATOR_ANSWER of one scope, child by child."""
    found: dict[bytes, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["token"]].append(row)
    return dict(found)


def _step(indicator: Indicator) -> Decimal:
    """How near two values of the indicator can lie in a run's table."""
    span = span_of(indicator.measure, indicator.forget_after)
    return Decimal(1) if span is not None and span.is_whole else Decimal("0.000001")


def band_range(indicator: Indicator, band: str | None, values: tuple[str, ...]) -> Range | None:
    """What a band says; None where nothing is known."""
    if band is None:
        return None
    bands = read_bands(values)
    if bands is None:
        return Range(code=band)
    place = bands.names.index(band)
    low, high = limits_of(band)
    following = bands.lows[place + 1] if place + 1 < len(bands.names) else None
    if following is not None:
        high = Fraction(following - _step(indicator))
    elif low is None and high is not None:
        high -= Fraction(_step(indicator))
    return Range(low, high)


def holds_in(condition: Condition, values: Mapping[str, Range | None]) -> bool | None:
    """Whether a condition holds; None where some numbers of a band meet it and some do not."""
    match condition:
        case Comparison():
            value = values[condition.indicator]
            if value is None:
                return False
            return _all(_meets(value, how, limit) for how, limit in condition.tests)
        case AllOf():
            return _all(holds_in(part, values) for part in condition.parts)
        case AnyOf():
            found = [holds_in(part, values) for part in condition.parts]
            return True if True in found else None if None in found else False


def _all(found: Iterable[bool | None]) -> bool | None:
    parts = list(found)
    return False if False in parts else None if None in parts else True


def _meets(value: Range, how: str, limit: object) -> bool | None:
    if value.is_any:
        return None
    if how == "is" or value.code is not None:
        return how == "is" and value.code == limit
    bound = Fraction(str(limit))
    is_from, is_above = (value.low is not None and value.low >= bound), (value.low is not None and value.low > bound)
    is_below, is_up_to = (
        (value.high is not None and value.high < bound),
        (value.high is not None and value.high <= bound),
    )
    match how:
        case "at_least":
            return True if is_from else False if is_below else None
        case "below":
            return True if is_below else False if is_from else None
        case "more_than":
            return True if is_above else False if is_up_to else None
        case "at_most":
            return True if is_up_to else False if is_above else None
        case _:
            return False if is_above or is_below else True if is_from and is_up_to else None

"""The numbers that signs compare with: where they stand, by how much they move, and the sign with another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from tsunagu.indicators.language import Difference, InPeriod, MeanOfYear, Measure, MonthsWeighed, has_own_divisor
from tsunagu.screening.criteria import AllOf, AnyOf, Comparison, Condition, Criteria, Operator, Sign

Path = tuple[int, ...]


@dataclass(frozen=True)
class Limit:
    """One number of a sign. path: its place, of the parts of the condition, and at last of the tests."""

    indicator: str
    operator: Operator
    value: Decimal
    path: Path


def limits_of(sign: Sign) -> tuple[Limit, ...]:
    """Every number the sign compares with, in the order written."""
    return tuple(_limits_in(sign.when, ()))


def movable(criteria: Criteria, sign: Sign) -> tuple[Limit, ...]:
    """Those of them that can be other numbers; what is yes or no has no other."""
    return tuple(one for one in limits_of(sign) if not isinstance(criteria.indicator(one.indicator).measure, InPeriod))


def with_limit(sign: Sign, path: Path, value: Decimal) -> Sign:
    """The sign with another number at that place."""
    return replace(sign, when=_moved(sign.when, path, value))


def with_limits(criteria: Criteria, moved: Mapping[tuple[str, Path], Decimal]) -> Criteria:
    """The criteria with other numbers: (code of the sign, place) -> number."""
    signs = {sign.code: sign for sign in criteria.signs}
    for (code, path), value in moved.items():
        signs[code] = with_limit(signs[code], path, value)
    return replace(criteria, signs=tuple(signs.values()))


def step_of(measure: Measure, limit: Decimal) -> Decimal:
    """The step by which a limit moves: 1 for what is counted and for large figures, else a tenth."""
    is_counted = not isinstance(measure, MeanOfYear | Difference | MonthsWeighed) and not has_own_divisor(measure)
    return Decimal(1) if is_counted or abs(limit) >= 10 else Decimal("0.1")


def _limits_in(when: Condition, path: Path) -> Iterator[Limit]:
    if isinstance(when, Comparison):
        for place, (operator, limit) in enumerate(when.tests):
            if isinstance(limit, Decimal):
                yield Limit(when.indicator, operator, limit, (*path, place))
    else:
        for place, part in enumerate(when.parts):
            yield from _limits_in(part, (*path, place))


def _moved(when: Condition, path: Path, limit: Decimal) -> Condition:
    first, *rest = path
    if isinstance(when, Comparison):
        tests = tuple((op, limit if place == first else old) for place, (op, old) in enumerate(when.tests))
        return replace(when, tests=tests)
    kind: type[AllOf | AnyOf] = type(when)
    return kind(tuple(_moved(p, tuple(rest), limit) if n == first else p for n, p in enumerate(when.parts)))

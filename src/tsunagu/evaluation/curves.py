"""How the lists would change with one limit: a curve for a sign, and who keeps the level when limits move one step.

Asked of a run's own tables, so nothing is read or linked again. Counts of everybody in scope, never names.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tsunagu.errors import SourceError
from tsunagu.evaluation.explained import require_made_with
from tsunagu.indicators.mistakes import nearest
from tsunagu.runs.folder import RunFolder
from tsunagu.screening.criteria import Criteria, Sign
from tsunagu.screening.explain import Standing, level_of, signs_on, standing_of
from tsunagu.screening.limits import Limit, movable, step_of, with_limit
from tsunagu.screening.reference import holds
from tsunagu.screening.span import span_of


@dataclass(frozen=True)
class Point:
    """One limit: how many children the sign would hold for, and how many each level would list, on known facts."""

    limit: Decimal
    holds: int
    levels: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Curve:
    """limit: the one in force of the limit that moves; points in rising order, that one among them.

    which  the place of the limit that moves among those of the sign, from 1; held: the others with their places
    """

    criteria: str
    sign: str
    label: str
    indicator: str
    operator: str
    limit: Decimal
    which: int
    held: tuple[tuple[int, Limit], ...]
    points: tuple[Point, ...]

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        names = ("criteria", "sign", "indicator", "operator", "which")
        return {
            **{name: getattr(self, name) for name in names},
            "limit": str(self.limit),
            "held": [
                {"which": n, "indicator": one.indicator, "operator": one.operator, "limit": str(one.value)}
                for n, one in self.held
            ],
            "points": [{"limit": str(p.limit), "holds": p.holds, "levels": dict(p.levels)} for p in self.points],
        }

    def lines(self) -> list[str]:
        """The same for a person to read."""
        head = f"{self.sign} {self.label}: {self.indicator} {self.operator} {self.limit} ({self.criteria})"
        held = (f"limit {n}, {one.indicator} {one.operator} {one.value}" for n, one in self.held)
        which = [f"Limit {self.which} moves; held: {'; '.join(held)}. Another one: --limit"] if self.held else []
        return [head, *which, *(f"{'>' if p.limit == self.limit else ' '} {_point(p)}" for p in self.points)]


@dataclass(frozen=True)
class Stability:
    """listed: children on a list by known facts; kept: those who keep their level whichever limit moves one step.

    moved  each limit with each step: the sign, what it was, what it became, how many children change their level
    """

    criteria: str
    listed: int
    kept: int
    moved: tuple[tuple[str, str, str, int], ...]

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        rows = [dict(zip(("sign", "from", "to", "children"), row, strict=True)) for row in self.moved]
        return {"criteria": self.criteria, "listed": self.listed, "kept": self.kept, "moved": rows}

    def lines(self) -> list[str]:
        """The same for a person to read."""
        share = f"{100 * self.kept / self.listed:.1f} %" if self.listed else "none is listed"
        head = f"{self.kept:,} of {self.listed:,} listed children keep their level whichever limit moves ({share})"
        rows = (f"  {sign} {was} to {became}: {count:,} change" for sign, was, became, count in self.moved)
        return [f"{self.criteria}: {head}", *rows]


def curve(run: RunFolder, criteria: Criteria, code: str, steps: int = 5, which: int = 1) -> Curve:
    """The lists with one limit of that sign moved by up to so many steps either way. which: the limit's place, from 1

    raises  SourceError for a sign or limit that is not there, or a sign without a number that could be another one;
            StateError for a run of other criteria
    """
    if code not in {sign.code for sign in criteria.signs}:
        raise SourceError(f"there is no sign '{code}'", where=criteria.name, to_do=nearest(code, _codes(criteria)))
    sign = criteria.sign(code)
    limits = movable(criteria, sign)
    if not limits:
        drawn = ", ".join(one.code for one in criteria.signs if movable(criteria, one))
        raise SourceError(
            f"'{code}' has no limit that could move: it asks whether something is so, and compares no number",
            where=criteria.name,
            to_do=f"Name a sign that compares a number: {drawn or 'these criteria have none'}.",
        )
    if not 1 <= which <= len(limits):
        every = "; ".join(f"{n}: {one.indicator} {one.operator} {one.value}" for n, one in enumerate(limits, 1))
        raise SourceError(
            f"'{code}' has no limit {which}", where=criteria.name, to_do=f"Take one of its limits with --limit. {every}"
        )
    first, children = limits[which - 1], standings(run, criteria)
    limit = first.value
    step = step_of(criteria.indicator(first.indicator).measure, limit)
    points = []
    span = span_of(criteria.indicator(first.indicator).measure, criteria.indicator(first.indicator).forget_after)
    for by in range(-steps, steps + 1):
        if span is not None and limit + by * step not in span:
            continue  # no child can have such a number, so the row would tell nothing
        moved = with_limit(sign, first.path, limit + by * step)
        held = [_signs_with(child, moved) for child in children]
        counted = Counter(_level(criteria, signs, child) for signs, child in zip(held, children, strict=True))
        levels = tuple((row.name, counted[row.name]) for row in criteria.overall.rows)
        points.append(Point(limit + by * step, sum(code in signs for signs in held), levels))
    return Curve(
        criteria=criteria.name,
        sign=code,
        label=sign.label.ja,
        indicator=first.indicator,
        operator=first.operator,
        limit=limit,
        which=which,
        held=tuple((n, one) for n, one in enumerate(limits, 1) if n != which),
        points=tuple(points),
    )


def stability(run: RunFolder, criteria: Criteria) -> Stability:
    """Every limit of every sign moved one step either way, one at a time; StateError for a run of other criteria.

    What is yes or no has no step, and at least one of something none below it.
    """
    children = standings(run, criteria)
    now = [_level(criteria, child.signs, child) for child in children]
    none = criteria.overall.none.name
    changed: set[int] = set()
    moved_rows = []
    for sign in criteria.signs:
        for one in movable(criteria, sign):
            operator, limit = one.operator, one.value
            for became in _beside(criteria, one):
                moved = with_limit(sign, one.path, became)
                other = [_level(criteria, _signs_with(child, moved), child) for child in children]
                differ = {place for place, level in enumerate(other) if level != now[place]}
                changed |= differ
                moved_rows.append((sign.code, f"{operator} {limit}", f"{operator} {became}", len(differ)))
    listed = [place for place, level in enumerate(now) if level != none]
    kept = sum(place not in changed for place in listed)
    return Stability(criteria.name, len(listed), kept, tuple(moved_rows))


def _beside(criteria: Criteria, limit: Limit) -> list[Decimal]:
    step = step_of(criteria.indicator(limit.indicator).measure, limit.value)
    is_from_below = limit.operator in ("at_least", "equals", "more_than")
    below = [] if is_from_below and limit.value - step <= 0 else [limit.value - step]
    return [*below, limit.value + step]


@dataclass(frozen=True)
class _Child:
    standing: Standing
    signs: frozenset[str]


def standings(run: RunFolder, criteria: Criteria) -> list[_Child]:
    """Every child the run looked at, on known facts; StateError if it was made with other criteria."""
    judgments = _by_person(run.table("judgments").to_pylist())
    for name in sorted({rows[0]["criteria"] for rows in judgments.values()}):
        require_made_with(criteria, run, name)
    indicators = _by_person(run.table("indicators").to_pylist())
    found = []
    for person in sorted(judgments):
        standing = standing_of(indicators.get(person, []), judgments[person])
        found.append(_Child(standing, signs_on(criteria, standing.values)))
    return found


def _by_person(rows: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["person_id"]].append(row)
    return found


def _signs_with(child: _Child, moved: Sign) -> frozenset[str]:
    rest = child.signs - {moved.code}
    return rest | {moved.code} if holds(moved.when, child.standing.values) else rest


def _level(criteria: Criteria, signs: frozenset[str], child: _Child) -> str:
    return level_of(criteria, signs, child.standing.applies).name


def _codes(criteria: Criteria) -> list[str]:
    return [sign.code for sign in criteria.signs]


def _point(point: Point) -> str:
    levels = ", ".join(f"{name} {count:,}" for name, count in point.levels)
    return f"{point.limit}: holds for {point.holds:,}; {levels}"

"""What the lists would be with other limits, counted exactly on the nameless table, within a moment.

Children who stand alike (the same signs on what is known and at the worst, the same judgments asked) are counted
together, so that a level is worked out once for each way to stand and not once for each child.

Values are rounded at the sixth decimal in a run's tables. A limit of at most two decimals can therefore be held against
them exactly, as long as no value is a fraction of more than twenty thousand parts.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.evaluation.nameless import APPLIES, DIVISIONS, KNOWN, WORST
from tsunagu.evaluation.plan import Plan, Said, compare
from tsunagu.indicators.history import Value
from tsunagu.indicators.language import gives_text
from tsunagu.screening.criteria import AllOf, AnyOf, Comparison, Condition, Criteria, OverallLevel, Sign
from tsunagu.screening.limits import Path, with_limits
from tsunagu.screening.reference import holds, level_from, overall_from

DECIMALS = 2
Moved = Mapping[tuple[str, Path], Decimal]
#: So many signs fit into one number.
_BITS = 60
_Way = tuple[int, ...]


@dataclass(frozen=True)
class Counts:
    """holds: for how many children each sign holds on what is known; levels: how many stand at each overall level."""

    in_scope: int
    holds: Mapping[str, int]
    levels: Mapping[str, int]


class Trial:
    """The nameless table of a run, ready to be asked; nothing of it changes."""

    def __init__(self, table: pa.Table, criteria: Criteria) -> None:
        """table: NAMELESS of the run; criteria: those the run was made with."""
        self.criteria, self.rows = criteria, table.num_rows
        self._columns = {name: _coded(table.column(name)) for name in table.column_names}
        self._texts = {i.id for i in criteria.indicators if gives_text(i.measure)}
        self._values: dict[str, list[Value]] = {}
        self._places = {sign.code: place for place, sign in enumerate(criteria.signs)}
        self._masks = {kind: {s.code: self._mask(s, kind) for s in criteria.signs} for kind in (KNOWN, WORST)}
        self._packed = {kind: self._pack(masks) for kind, masks in self._masks.items()}
        self._levels: dict[_Way, OverallLevel] = {}

    def counts(self, moved: Moved | None = None) -> Counts:
        """The counts with other limits, those in force where none is named."""
        packed, masks = self._with(moved or {})
        ways = self._ways(packed).group_by(_names(packed)).aggregate([([], "count_all")])
        levels: Counter[str] = Counter()
        for *way, n in zip(*(column.to_pylist() for column in ways.columns), strict=True):
            levels[self._level(tuple(way)).name] += n
        return Counts(
            in_scope=self.rows,
            holds={code: pc.sum(mask).as_py() or 0 for code, mask in masks.items()},
            levels={level.name: levels[level.name] for level in self.criteria.overall.levels},
        )

    def plan(self, name: str, moved: Moved, on: dt.date) -> Plan:
        """Who would enter, leave and stay, as counts. name: id@version of the criteria with those limits."""
        divided = {d: self._columns[d].to_pylist() for d in DIVISIONS}
        parts = {str(n): {d: column[n] for d, column in divided.items()} for n in range(self.rows)}
        return compare(self._said(self.criteria.name, {}), self._said(name, moved), parts, on)

    def column(self, indicator: str) -> list[Value]:
        """What is known of the indicator, row by row."""
        values = self._unique(KNOWN + indicator)
        return [
            None if index is None else values[index] for index in self._columns[KNOWN + indicator].indices.to_pylist()
        ]

    def signs(self, moved: Moved | None = None) -> list[frozenset[str]]:
        """The signs that hold on what is known, row by row."""
        packed, _masks = self._with(moved or {})
        sets: dict[_Way, frozenset[str]] = {}
        found = []
        for way in zip(*(c.to_pylist() for c in packed[KNOWN]), strict=True):
            if way not in sets:
                sets[way] = self._signs(way)
            found.append(sets[way])
        return found

    def _said(self, name: str, moved: Moved) -> Said:
        packed, _masks = self._with(moved)
        ways = zip(*(column.to_pylist() for column in self._ways(packed).columns), strict=True)
        levels = [self._level(way) for way in ways]
        listed = frozenset(str(n) for n, level in enumerate(levels) if level.notice)
        none = self.criteria.overall.none.name
        return Said(name, none, {str(n): level.name for n, level in enumerate(levels)}, listed)

    def _with(self, moved: Moved) -> tuple[dict[str, list[Any]], Mapping[str, Any]]:
        """The signs packed, and each by itself on what is known, with other limits."""
        if not moved:
            return self._packed, self._masks[KNOWN]
        criteria = with_limits(self.criteria, moved)
        packed = {kind: list(columns) for kind, columns in self._packed.items()}
        masks = dict(self._masks[KNOWN])
        for code in dict.fromkeys(code for code, _path in moved):
            word, bit = divmod(self._places[code], _BITS)
            for kind in (KNOWN, WORST):
                mask = self._mask(criteria.sign(code), kind)
                differs = pc.subtract(_ones(mask), _ones(self._masks[kind][code]))
                packed[kind][word] = pc.add(packed[kind][word], pc.multiply(differs, 1 << bit))
                if kind == KNOWN:
                    masks[code] = mask
        return packed, masks

    def _ways(self, packed: Mapping[str, list[Any]]) -> pa.Table:
        columns = [*packed[KNOWN], *packed[WORST], self._columns[APPLIES].indices]
        return pa.table(dict(zip(_names(packed), columns, strict=True)))

    def _level(self, way: _Way) -> OverallLevel:
        if way not in self._levels:
            *signs, asked = way
            half = len(signs) // 2
            known, worst = self._signs(tuple(signs[:half])), self._signs(tuple(signs[half:]))
            applies = self._columns[APPLIES].dictionary[asked].as_py().split(",")
            self._levels[way] = level_with(self.criteria, known, worst, applies)
        return self._levels[way]

    def _signs(self, packed: _Way) -> frozenset[str]:
        codes = (sign.code for sign in self.criteria.signs)
        return frozenset(c for place, c in enumerate(codes) if packed[place // _BITS] >> (place % _BITS) & 1)

    def _pack(self, masks: Mapping[str, Any]) -> list[Any]:
        words = [pa.array([0] * self.rows, pa.int64()) for _ in range(-(-len(masks) // _BITS))]
        for place, mask in enumerate(masks.values()):
            word, bit = divmod(place, _BITS)
            words[word] = pc.add(words[word], pc.multiply(_ones(mask), 1 << bit))
        return words

    def _mask(self, sign: Sign, kind: str) -> Any:
        return self._holding(sign.when, kind)

    def _holding(self, when: Condition, kind: str) -> Any:
        match when:
            case Comparison():
                name = kind + when.indicator
                held = [holds(when, {when.indicator: value}) for value in self._unique(name)]
                by_value = pa.array(held, pa.bool_())
                return pc.fill_null(by_value.take(self._columns[name].indices), False)
            case AllOf() | AnyOf():
                join = pc.and_ if isinstance(when, AllOf) else pc.or_
                first, *rest = (self._holding(part, kind) for part in when.parts)
                for mask in rest:
                    first = join(first, mask)
                return first

    def _unique(self, name: str) -> list[Value]:
        if name not in self._values:
            texts = self._columns[name].dictionary.to_pylist()
            is_text = name[len(KNOWN) :] in self._texts
            self._values[name] = [t if is_text else Fraction(t) for t in texts]
        return self._values[name]


def level_with(criteria: Criteria, known: frozenset[str], worst: frozenset[str], applies: list[str]) -> OverallLevel:
    """The overall level from the signs on what is known and those at the worst, as the plain engine gives it."""
    lower = {j.id: level_from(criteria, j, known) if j.id in applies else 0 for j in criteria.judgments}
    upper = {id: max(n, _at_worst(criteria, id, worst) if id in applies else 0) for id, n in lower.items()}
    at_least = overall_from(criteria.overall, lower, known)
    none = criteria.overall.none
    is_open = at_least == none and overall_from(criteria.overall, upper, known | worst) != none
    return criteria.overall.undecided if is_open else at_least


def _at_worst(criteria: Criteria, judgment: str, worst: frozenset[str]) -> int:
    return level_from(criteria, next(j for j in criteria.judgments if j.id == judgment), worst)


def _coded(column: pa.ChunkedArray) -> Any:
    return column.combine_chunks().dictionary_encode()


def _ones(mask: Any) -> Any:
    return mask.cast(pa.int64())


def _names(packed: Mapping[str, list[Any]]) -> list[str]:
    """The columns of a way to stand: the words of the known signs, of those at the worst, and what is asked."""
    return [*(f"{kind}{n}" for kind in (KNOWN, WORST) for n in range(len(packed[kind]))), APPLIES]

"""What the lists would be with other limits, counted exactly on the nameless table, within a moment.

Everything is a column: a sign is a column of yes and no, a judgment's level is looked up from the signs it rests on,
and the overall level from the judgments' levels. So a level is worked out once for each way to stand, not for each
child, and a moved limit renews only what rests on its sign.

Children whose rows are alike in all that a limit is held against are one row with their number beside it.

Values are rounded at the sixth decimal in a run's tables. A limit of at most two decimals can therefore be held against
them exactly, as long as no value is a fraction of more than twenty thousand parts.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.errors import EngineError
from tsunagu.evaluation.nameless import APPLIES, DIVISIONS, KNOWN, WORST
from tsunagu.evaluation.plan import Plan, compare
from tsunagu.evaluation.plan_counts import Said
from tsunagu.indicators.history import Value
from tsunagu.indicators.language import gives_text
from tsunagu.screening.criteria import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Criteria,
    Judgment,
    OverallLevel,
    SignHolds,
)
from tsunagu.screening.limits import Path, with_limits
from tsunagu.screening.reference import holds, level_from, overall_from

DECIMALS = 2
Moved = Mapping[tuple[str, Path], Decimal]
#: So many bits are packed into one number.
_BITS = 60
_NUMBER = pa.decimal128(28, 6)
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "at_least": pc.greater_equal,
    "more_than": pc.greater,
    "below": pc.less,
    "at_most": pc.less_equal,
    "equals": pc.equal,
}
#: Levels of a judgment are 0, 1 and 2.
_LEVEL_BITS = 2


@dataclass(frozen=True)
class Counts:
    """holds: for how many children each sign holds on what is known; levels: how many stand at each overall level."""

    in_scope: int
    holds: Mapping[str, int]
    levels: Mapping[str, int]


@dataclass(frozen=True)
class _Stand:
    """Columns of all children.

    known, worst  each sign on what is known, and at the worst; words: the signs of each judgment, packed, on either
    lower, upper  each judgment's level on either
    holds         for how many children each sign holds on what is known
    """

    known: dict[str, Any]
    worst: dict[str, Any]
    words: dict[tuple[str, str], Any]
    lower: dict[str, Any]
    upper: dict[str, Any]
    holds: dict[str, int]


class Trial:
    """The nameless table of a run, ready to be asked; nothing of it changes."""

    def __init__(self, table: pa.Table, criteria: Criteria, *, row_by_row: bool = False) -> None:
        """table: what nameless_of gives of the run; criteria: those the run was made with.

        row_by_row  a row for each child, in the table's order, which only `plan` needs
        """
        self.criteria, self.rows, self._table = criteria, table.num_rows, table
        columns = {name: _coded(table.column(name)) for name in table.column_names if name not in DIVISIONS}
        together = (columns, _ones(self.rows)) if row_by_row else _alike(columns)
        self._columns: dict[str, Any] = together[0]
        self._children: Any = together[1]
        self._texts = {i.id for i in criteria.indicators if gives_text(i.measure)}
        self._values: dict[str, list[Value]] = {}
        self._looked_up: dict[tuple[str, int], int] = {}
        self._overall: dict[tuple[int, ...], OverallLevel] = {}
        self._rests_on = {judgment.id: _rests_on(criteria, judgment) for judgment in criteria.judgments}
        tests = {t for row in criteria.overall.rows for all_of in row.any_of for t in all_of}
        self._in_table = sorted({t.sign for t in tests if isinstance(t, SignHolds)})
        self._asked = {j.id: self._asked_of(j.id) for j in criteria.judgments}
        known, worst = ({s.code: self._holding(s.when, kind) for s in criteria.signs} for kind in (KNOWN, WORST))
        words = {
            (kind, id): self._pack(id, [masks[code] for code in codes])
            for kind, masks in ((KNOWN, known), (WORST, worst))
            for id, codes in self._rests_on.items()
        }
        held = {code: self._count(mask) for code, mask in known.items()}
        self._now = self._judged(_Stand(known, worst, words, {}, {}, held), list(self._rests_on))

    def counts(self, moved: Moved | None = None) -> Counts:
        """The counts with other limits, those in force where none is named."""
        stand = self._with(moved or {})
        levels: Counter[str] = Counter()
        for way, n in _counted(self._ways(stand), self._children):
            levels[self._level(way).name] += n
        return Counts(
            in_scope=self.rows,
            holds=stand.holds,
            levels={level.name: levels[level.name] for level in self.criteria.overall.levels},
        )

    def plan(self, new: Criteria, moved: Moved, on: dt.date) -> Plan:
        """Who would enter, leave and stay, as counts. new: the criteria with those limits."""
        divided = {d: self._table.column(d).to_pylist() for d in DIVISIONS}
        parts = {str(n): {d: column[n] for d, column in divided.items()} for n in range(self.rows)}
        each = Trial(self._table, self.criteria, row_by_row=True)
        return compare(each._said(self.criteria, {}), each._said(new, moved), parts, on)

    def known(self, indicator: str) -> dict[Value, int]:
        """How many children have each value of the indicator, on what is known; those without one are left out."""
        values = self._unique(KNOWN + indicator)
        held = _counted({"value": self._columns[KNOWN + indicator].indices}, self._children)
        return {values[place]: n for (place,), n in held if place is not None}

    def signs_at(self, indicator: str, among: Collection[Value], moved: Moved | None = None) -> Counter[frozenset[str]]:
        """Of the children with one of these values: the sets of signs that hold, each with how many have it."""
        values, column = self._unique(KNOWN + indicator), self._columns[KNOWN + indicator]
        is_among = pa.array([value in among for value in values], pa.bool_())
        rows = pc.fill_null(is_among.take(column.indices), False)
        masks = self._with(moved or {}).known
        words = {name: word.filter(rows) for name, word in _packed([(mask, 1) for mask in masks.values()]).items()}
        found: Counter[frozenset[str]] = Counter()
        for way, n in _counted(words, self._children.filter(rows)):
            bits = _unpacked(way, [1] * len(masks))
            found[frozenset(code for code, bit in zip(masks, bits, strict=True) if bit)] += n
        return found

    def _said(self, criteria: Criteria, moved: Moved) -> Said:
        words = self._ways(self._with(moved))
        levels = [self._level(way) for way in zip(*(word.to_pylist() for word in words.values()), strict=True)]
        listed = frozenset(str(n) for n, level in enumerate(levels) if level.notice)
        return Said(criteria, {str(n): level.name for n, level in enumerate(levels)}, listed)

    def _with(self, moved: Moved) -> _Stand:
        if not moved:
            return self._now
        criteria, codes = with_limits(self.criteria, moved), dict.fromkeys(code for code, _path in moved)
        now = self._now
        stand = _Stand(dict(now.known), dict(now.worst), dict(now.words), now.lower, now.upper, dict(now.holds))
        for code in codes:
            for kind, masks in ((KNOWN, stand.known), (WORST, stand.worst)):
                became = self._holding(criteria.sign(code).when, kind)
                differs = pc.subtract(became.cast(pa.int64()), masks[code].cast(pa.int64()))
                masks[code] = became
                for id, own in self._rests_on.items():
                    if code in own:
                        bit = pa.scalar(1 << own.index(code))
                        stand.words[kind, id] = pc.add(stand.words[kind, id], pc.multiply(differs, bit))
            stand.holds[code] = self._count(stand.known[code])
        return self._judged(stand, [id for id, own in self._rests_on.items() if codes.keys() & set(own)])

    def _judged(self, stand: _Stand, judgments: Sequence[str]) -> _Stand:
        """The same with the levels of these judgments worked out anew."""
        lower, upper = dict(stand.lower), dict(stand.upper)
        for id in judgments:
            on_known, at_worst = (self._levels(id, stand.words[kind, id]) for kind in (KNOWN, WORST))
            lower[id], upper[id] = on_known, pc.max_element_wise(on_known, at_worst)
        return replace(stand, lower=lower, upper=upper)

    def _count(self, mask: Any) -> int:
        """For how many children it is so."""
        return int(pc.sum(pc.multiply(mask.cast(pa.int64()), self._children)).as_py() or 0)

    def _pack(self, id: str, masks: list[Any]) -> Any:
        if len(masks) > _BITS:
            raise EngineError(f"more than {_BITS} signs in one judgment", where=id)
        (word,) = _packed([(mask, 1) for mask in masks]).values()
        return word

    def _levels(self, id: str, word: Any) -> Any:
        """The judgment's level of each child, 0 where it is not asked."""
        ways = word.dictionary_encode()
        levels = pa.array([self._level_of(id, way) for way in ways.dictionary.to_pylist()], pa.int64())
        return pc.multiply(levels.take(ways.indices), self._asked[id])

    def _level_of(self, id: str, way: int) -> int:
        if (id, way) not in self._looked_up:
            held = {code for place, code in enumerate(self._rests_on[id]) if way >> place & 1}
            judgment = next(j for j in self.criteria.judgments if j.id == id)
            self._looked_up[id, way] = level_from(self.criteria, judgment, held)
        return self._looked_up[id, way]

    def _parts(self) -> list[int]:
        """The widths in bits of what an overall level rests on, in the order of _ways."""
        half = [*([_LEVEL_BITS] * len(self._rests_on)), *([1] * len(self._in_table))]
        return [*half, *half]

    def _ways(self, stand: _Stand) -> dict[str, Any]:
        either = [pc.or_(stand.known[code], stand.worst[code]) for code in self._in_table]
        lower = [*stand.lower.values(), *(stand.known[code] for code in self._in_table)]
        return _packed(list(zip([*lower, *stand.upper.values(), *either], self._parts(), strict=True)))

    def _level(self, way: tuple[int, ...]) -> OverallLevel:
        if way not in self._overall:
            parts = _unpacked(way, self._parts())
            half = len(parts) // 2
            at_least, at_most = (self._overall_of(each) for each in (parts[:half], parts[half:]))
            overall = self.criteria.overall
            is_open = at_least == overall.none and at_most != overall.none
            self._overall[way] = overall.undecided if is_open else at_least
        return self._overall[way]

    def _overall_of(self, parts: list[int]) -> OverallLevel:
        judgments = len(self._rests_on)
        levels = dict(zip(self._rests_on, parts[:judgments], strict=True))
        held = {code for code, bit in zip(self._in_table, parts[judgments:], strict=True) if bit}
        return overall_from(self.criteria.overall, levels, held)

    def _asked_of(self, id: str) -> Any:
        column = self._columns[APPLIES]
        asked = pa.array([int(id in each.split(",")) for each in column.dictionary.to_pylist()], pa.int64())
        return asked.take(column.indices)

    def _holding(self, when: Condition, kind: str) -> Any:
        match when:
            case Comparison():
                column = self._columns[kind + when.indicator]
                by_value = self._meeting(when, column.dictionary)
                return pc.fill_null(by_value.take(column.indices), False)
            case AllOf() | AnyOf():
                join = pc.and_ if isinstance(when, AllOf) else pc.or_
                first, *rest = (self._holding(part, kind) for part in when.parts)
                for mask in rest:
                    first = join(first, mask)
                return first

    def _meeting(self, when: Comparison, values: Any) -> Any:
        """Which of the values the comparison holds for; numbers are compared as decimals, exactly."""
        if when.indicator in self._texts:
            return pa.array([holds(when, {when.indicator: value}) for value in values.to_pylist()], pa.bool_())
        numbers = values.cast(_NUMBER)
        found = pa.array([True] * len(numbers), pa.bool_())
        for operator, limit in when.tests:
            found = pc.and_(found, _COMPARE[operator](numbers, pa.scalar(limit)))
        return found

    def _unique(self, name: str) -> list[Value]:
        if name not in self._values:
            texts = self._columns[name].dictionary.to_pylist()
            is_text = name[len(KNOWN) :] in self._texts
            self._values[name] = [t if is_text else Fraction(t) for t in texts]
        return self._values[name]


def _rests_on(criteria: Criteria, judgment: Judgment) -> tuple[str, ...]:
    """The signs of the judgment, and those that its levels name."""
    named = {code for level in judgment.levels for codes in level.any_of for code in codes}
    return tuple(s.code for s in criteria.signs if s.judgment == judgment.id or s.code in named)


def _packed(parts: Sequence[tuple[Any, int]]) -> dict[str, Any]:
    """Columns of so many bits each, in as few columns of numbers as hold them."""
    words: list[Any] = []
    room = 0
    for column, bits in parts:
        number = column.cast(pa.int64())
        if bits > room:
            words.append(number)
            room = _BITS
        else:
            words[-1] = pc.add(words[-1], pc.multiply(number, 1 << (_BITS - room)))
        room -= bits
    return {f"way {place}": word for place, word in enumerate(words)}


def _unpacked(words: Sequence[int], widths: Sequence[int]) -> list[int]:
    """What `_packed` put together, of columns of these widths."""
    found, place, room = [], -1, 0
    for bits in widths:
        if bits > room:
            place, room = place + 1, _BITS
        found.append(words[place] >> (_BITS - room) & ((1 << bits) - 1))
        room -= bits
    return found


def _coded(column: pa.ChunkedArray) -> Any:
    return column.combine_chunks().dictionary_encode()


def _ones(rows: int) -> Any:
    return pa.array([1] * rows, pa.int64())


def _alike(columns: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    """The columns with equal rows put together, and how many children each row is of."""
    rows = pa.table({name: column.indices for name, column in columns.items()})
    if not rows.num_rows:
        return dict(columns), _ones(0)
    found = rows.group_by(rows.column_names).aggregate([([], "count_all")]).combine_chunks()
    coded = {
        name: pa.DictionaryArray.from_arrays(_whole(found.column(name)), column.dictionary)
        for name, column in columns.items()
    }
    return coded, _whole(found.column("count_all"))


def _whole(column: pa.ChunkedArray) -> Any:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _counted(words: Mapping[str, Any], children: Any) -> list[tuple[tuple[Any, ...], int]]:
    """Each way that occurs in these columns, with how many children have it."""
    table = pa.table({**words, "children": children})
    ways = table.group_by(list(words)).aggregate([("children", "sum")])
    return [(tuple(way), n) for *way, n in zip(*(column.to_pylist() for column in ways.columns), strict=True)]

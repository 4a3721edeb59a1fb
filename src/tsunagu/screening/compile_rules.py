"""The rules of a criteria file as SQL: signs, levels and the overall table, in layers over the indicators."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tsunagu.indicators import sql_text as sql
from tsunagu.indicators.measured import Measured
from tsunagu.screening.criteria import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Criteria,
    Judgment,
    JudgmentAt,
    SignHolds,
    TableTest,
)
from tsunagu.screening.reference import holds


class Rules(Measured):
    """Text that makes `judged`: the indicators, then signs, levels and the overall table."""

    def __init__(self, criteria: Criteria, on: date) -> None:
        super().__init__(criteria, on)
        self.criteria = criteria

    def judged(self) -> str:
        signs = [c for s in self.criteria.signs for c in self._sign(s.code, s.when)]
        lower = [f"{self._level(j, 's')} AS l_{j.id}" for j in self.criteria.judgments]
        upper = [f"{self._level(j, 'u')} AS c_{j.id}" for j in self.criteria.judgments]
        ranks = [f"{self._rank('s')} AS r_low", f"{self._rank('u')} AS r_high"]
        return self.table([signs, [*lower, *upper], ranks], self._kept())

    def _kept(self) -> list[str]:
        kept = [f"s_{s.code}" for s in self.criteria.signs]
        kept += [f"({sql.any_of(f'i_{i}_s = 2' for i in m.indicators)}) AS m_{m.code}" for m in self.criteria.missing]
        kept += [c for j in self.criteria.judgments for c in (f"l_{j.id}", f"{_at_most(j.id)} AS h_{j.id}")]
        none, undecided = self.criteria.overall.none.rank, self.criteria.overall.undecided.rank
        level = f"CASE WHEN r_low = {none} AND r_high <> {none} THEN {undecided} ELSE r_low END AS r_level"
        return [*kept, "r_low", "r_high", level]

    # -------------------------------------------------------------- signs, levels, table

    def _sign(self, code: str, when: Condition) -> list[str]:
        return [
            f"coalesce({self._condition(when, at_worst=False)}, FALSE) AS s_{code}",
            f"coalesce({self._condition(when, at_worst=True)}, FALSE) AS u_{code}",
        ]

    def _condition(self, condition: Condition, *, at_worst: bool) -> str:
        match condition:
            case AllOf():
                parts = (self._condition(p, at_worst=at_worst) for p in condition.parts)
                return "(" + " AND ".join(f"coalesce({p}, FALSE)" for p in parts) + ")"
            case AnyOf():
                parts = (self._condition(p, at_worst=at_worst) for p in condition.parts)
                return "(" + " OR ".join(f"coalesce({p}, FALSE)" for p in parts) + ")"
            case Comparison():
                return self._comparison(condition, at_worst=at_worst)

    def _comparison(self, comparison: Comparison, *, at_worst: bool) -> str:
        id = comparison.indicator
        made, worst = self.columns[id], self.by_id[id].unknown_as
        on_known = self.tests(comparison, f"i_{id}_v")
        if not at_worst or worst is None:
            return on_known
        if made.worst_is_constant:
            value = worst if isinstance(worst, str) else Fraction(worst)
            if_known = f"(i_{id}_s = 1 AND {on_known})"
            return f"(i_{id}_s = 2 OR {if_known})" if holds(comparison, {id: value}) else if_known
        return self.tests(comparison, f"i_{id}_w")

    def tests(self, comparison: Comparison, column: str) -> str:
        divisor = self.divisor(comparison.indicator)
        parts = []
        for operator, limit in comparison.tests:
            if isinstance(limit, str):
                bound = sql.text(limit)
            elif divisor.isdigit():
                bound = sql.number(limit * int(divisor))
            else:
                bound = f"{sql.number(limit)} * {divisor}"
            parts.append(f"{column} {sql.OPERATORS[operator]} {bound}")
        return "(" + " AND ".join(parts) + ")"

    def _level(self, judgment: Judgment, prefix: str) -> str:
        own = [s for s in self.criteria.signs if s.judgment == judgment.id]
        groups: dict[str, list[str]] = {}
        for sign in own:
            if sign.group is not None:
                groups.setdefault(sign.group, []).append(f"{prefix}_{sign.code}")
        counted = " + ".join(f"({' OR '.join(codes)})::INTEGER" for codes in groups.values())
        points = " + ".join(f"{prefix}_{s.code}::INTEGER * {s.points}" for s in own if s.points)
        cases = []
        for level in judgment.levels:
            ways = [" AND ".join(f"{prefix}_{code}" for code in codes) for codes in level.any_of]
            if level.groups is not None and groups:
                ways.append(f"{counted} >= {level.groups}")
            if level.points is not None and points:
                ways.append(f"{points} >= {level.points}")
            if level.any_sign:
                ways.extend(f"{prefix}_{s.code}" for s in own)
            cases.append(f"WHEN {sql.any_of(ways)} THEN {level.level}")
        return f"CASE WHEN NOT p_{judgment.population} THEN NULL {' '.join(cases)} ELSE 0 END"

    def _rank(self, sign: str) -> str:
        """The row of the table that a child is in; sign: s as things are known, u at the worst."""
        cases = "\n".join(
            f"      WHEN {sql.any_of(self._all_tests(tests, sign) for tests in row.any_of)} THEN {row.rank}"
            for row in self.criteria.overall.rows
        )
        return f"CASE\n{cases}\n      ELSE {self.criteria.overall.none.rank}\n    END"

    def _all_tests(self, tests: tuple[TableTest, ...], sign: str) -> str:
        return " AND ".join(self._table_test(t, sign) for t in tests)

    def _table_test(self, test: TableTest, sign: str) -> str:
        def reached(judgment: str, at_least: int) -> str:
            level = f"l_{judgment}" if sign == "s" else _at_most(judgment)
            return f"coalesce({level} >= {at_least}, FALSE)"

        if isinstance(test, SignHolds):
            return f"s_{test.sign}" if sign == "s" else f"(s_{test.sign} OR u_{test.sign})"
        if isinstance(test, JudgmentAt):
            return reached(test.judgment, test.at_least)
        counted = " + ".join(f"{reached(j.id, test.at_least)}::INTEGER" for j in self.criteria.judgments)
        return f"{counted} >= {test.judgments}"


def _at_most(judgment: str) -> str:
    """The level that a judgment may have at the most: its own, or the one at the worst."""
    return f"greatest(l_{judgment}, c_{judgment})"

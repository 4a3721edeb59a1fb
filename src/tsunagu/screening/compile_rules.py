# ruff: noqa: S608 - this module writes SQL; every value goes through sql_text, every name is checked by check.py.
"""The rules of a criteria file as SQL: indicators, signs, levels and the overall table make the table `judged`.

One aggregate per source table, one left join, then one layer of columns a step.
"""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from itertools import zip_longest

from tsunagu.indicators import sql_text as sql
from tsunagu.indicators.calendar import fiscal_year
from tsunagu.indicators.language import Difference, Indicator, Population
from tsunagu.indicators.sql_columns import Columns, Sources
from tsunagu.indicators.sql_measures import columns, difference
from tsunagu.indicators.sql_sources import Answers, lives_here, year_start
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


class Rules:
    """Text over `person` and `fact_<item>` that makes `judged`, one row per child in scope."""

    def __init__(self, criteria: Criteria, on: date) -> None:
        self.criteria, self.on = criteria, on
        self.sources = Sources(on, criteria.holiday_months)
        self.by_id = {i.id: i for i in criteria.indicators}
        self.columns: dict[str, Columns] = {}
        for indicator in criteria.indicators:
            if isinstance(indicator.measure, Difference):
                made = difference(indicator.measure, indicator.unknown_as, self.columns)
            else:
                made = columns(indicator, criteria.population(indicator.population), self.sources, on)
            self.columns[indicator.id] = made
        self.populations = {p.id: self._population(p) for p in criteria.populations}

    def whole(self) -> list[str]:
        """Statements that ask everybody, once, before any part of the city is judged."""
        return [source.whole() for source in self.sources.found.values() if isinstance(source, Answers)]

    def judged(self) -> str:
        populations = [f"{text} AS p_{id}" for id, text in self.populations.items()]
        signs = [c for s in self.criteria.signs for c in self._sign(s.code, s.when)]
        lower = [f"{self._level(j, 's')} AS l_{j.id}" for j in self.criteria.judgments]
        upper = [f"{self._level(j, 'u')} AS c_{j.id}" for j in self.criteria.judgments]
        ranks = [f"{self._rank('s')} AS r_low", f"{self._rank('u')} AS r_high"]
        layers = [*self._measured(), signs, [*lower, *upper], ranks]
        # The sources are asked for while the columns are made, so their text comes last.
        sources = list(self.sources.found.items())
        kept = self._kept()
        # Each layer costs the engine room and planning, and so does a column that nothing asks for.
        asked = set(re.findall(r"\w+", "\n".join(text for layer in (populations, *layers, kept) for text in layer)))
        names = {key: [c for c in s.columns() if f"{s.alias}_{c}" in asked] for key, s in sources}
        joins = "\n".join(f"LEFT JOIN {s.alias} USING ({_key(key)})" for key, s in sources if names[key])
        values = [f"{s.alias}.{c} AS {s.alias}_{c}" for key, s in sources for c in names[key]]
        text = f"""SELECT p.child, p.birth_date, p.school, p.resident_from, p.household_id,
{column_list([*values, *populations], 2)}
FROM person p
{joins}
WHERE {self._scope()}"""
        # One layer a step: a column is written once and read by its name. Subqueries, since DuckDB copies the whole
        # plan for every name in a WITH, which costs more than the screening of a town.
        for layer in layers:
            if layer:
                text = f"SELECT *,\n{column_list(layer, 2)}\nFROM (\n{text}\n)"
        text = f"SELECT child, school,\n{column_list(kept, 2)}\nFROM (\n{text}\n)"
        made = [f"CREATE OR REPLACE TABLE {s.alias} AS\nWITH\n{s.cte()}\nSELECT * FROM {s.alias}" for _, s in sources]
        return ";\n\n".join([*made, f"CREATE OR REPLACE TABLE judged AS\n{text}"])

    def _scope(self) -> str:
        year = fiscal_year(self.on)
        parts = [lives_here(self.on, "p."), f"p.birth_date <= {sql.day(self.on)}"]
        if self.criteria.grade_from is not None:
            parts.append(f"p.{sql.grade_at_least(year, self.criteria.grade_from)}")
        if self.criteria.grade_to is not None:
            parts.append(f"p.{sql.grade_at_most(year, self.criteria.grade_to)}")
        return " AND ".join(parts)

    def _population(self, population: Population) -> str:
        """The condition that a child is asked at all; TRUE where everybody is."""
        year, parts = fiscal_year(self.on), []
        if population.grade_from is not None:
            parts.append(sql.grade_at_least(year, population.grade_from))
        if population.grade_to is not None:
            parts.append(sql.grade_at_most(year, population.grade_to))
        if population.enrolled is not None:
            start = year_start(self.on, 0)
            row = self.sources.dated(population.enrolled.item, "text").column(start)
            roster = self.sources.dated(population.enrolled.else_item, "text").seen(start)
            texts = sql.texts(population.enrolled.texts)
            parts.append(f"CASE WHEN {row} IS NOT NULL THEN {row} IN ({texts}) ELSE {roster} END")
        return sql.all_of(parts)

    def _measured(self) -> list[list[str]]:
        """Columns of every indicator in layers, each of which reads only layers before it.

        A difference reads states and values of other indicators, so it stands a layer behind what it reads.
        """
        depth = {i.id: self._depth(i) for i in self.criteria.indicators}
        every = zip_longest(*(made.steps for made in self.columns.values()))
        steps = [[f"{column[1]} AS {column[0]}" for column in layer if column is not None] for layer in every]
        layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=0) + 2)]
        for indicator in self.criteria.indicators:
            id, made, first = indicator.id, self.columns[indicator.id], depth[indicator.id]
            asked = "TRUE" if self.populations[indicator.population] == "TRUE" else f"p_{indicator.population}"
            applies = sql.all_of([asked, made.applies])
            if applies == "TRUE":
                state, value = f"CASE WHEN {made.is_known} THEN 1 ELSE 2 END", made.value
            else:
                state = f"CASE WHEN NOT ({applies}) THEN 0 WHEN {made.is_known} THEN 1 ELSE 2 END"
                value = f"CASE WHEN {applies} THEN {made.value} END"
            layers[first] += [f"{state} AS i_{id}_s", f"{value} AS i_{id}_v"]
            if not made.worst_is_constant:
                worst = f"CASE i_{id}_s WHEN 1 THEN i_{id}_v WHEN 2 THEN {made.worst} END AS i_{id}_w"
                layers[first + 1].append(worst)
            if not made.divisor.isdigit():
                layers[first].append(f"{made.divisor} AS i_{id}_d")
        return [*steps, *layers]

    def _kept(self) -> list[str]:
        """Columns that the tables after `judged` read; all others end with it."""
        kept: list[str] = []
        for indicator in self.criteria.indicators:
            id, made = indicator.id, self.columns[indicator.id]
            kept += [f"i_{id}_s", f"i_{id}_v"]
            kept += [] if made.worst_is_constant else [f"i_{id}_w"]
            kept += [] if made.divisor.isdigit() else [f"i_{id}_d"]
            if not self._is_fixed(id):
                kept.append(f"CASE WHEN i_{id}_s > 0 THEN {self._at(id)} END AS i_{id}_at")
        kept += [f"s_{s.code}" for s in self.criteria.signs]
        kept += [f"({sql.any_of(f'i_{i}_s = 2' for i in m.indicators)}) AS m_{m.code}" for m in self.criteria.missing]
        kept += [c for j in self.criteria.judgments for c in (f"l_{j.id}", f"{_at_most(j.id)} AS h_{j.id}")]
        none, undecided = self.criteria.overall.none.rank, self.criteria.overall.undecided.rank
        level = f"CASE WHEN r_low = {none} AND r_high <> {none} THEN {undecided} ELSE r_low END AS r_level"
        return [*kept, "r_low", "r_high", level]

    def _depth(self, indicator: Indicator) -> int:
        measure = indicator.measure
        if not isinstance(measure, Difference):
            return 0
        return 1 + max(self._depth(self.by_id[measure.of]), self._depth(self.by_id[measure.minus]))

    def _at(self, id: str) -> str:
        return self.columns[id].at.format(value=f"i_{id}_v")

    def _is_fixed(self, id: str) -> bool:
        """Whether the day that decided is the same for everybody, or nobody's."""
        return self.columns[id].at.startswith(("DATE ", "NULL"))

    def at(self, id: str) -> str:
        """The day, month or year that decided, of a child to whom the question applies."""
        return self._at(id) if self._is_fixed(id) else f"i_{id}_at"

    def divisor(self, indicator: str) -> str:
        made = self.columns[indicator]
        return made.divisor if made.divisor.isdigit() else f"i_{indicator}_d"

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


def column_list(parts: list[str], by: int = 4) -> str:
    """Columns of a SELECT, one a line."""
    return sql.indent(",\n".join(parts), by)


def _at_most(judgment: str) -> str:
    """The level that a judgment may have at the most: its own, or the one at the worst."""
    return f"greatest(l_{judgment}, c_{judgment})"


def _key(key: tuple[object, ...]) -> str:
    return "household_id" if key[0] == "household" else "child"

# ruff: noqa: S608 - this module writes SQL; every value goes through sql_text, every name is checked by check.py.
"""Indicators as DuckDB text: one aggregate per source table, one left join, then one layer of columns a step.

The text reads `person` and `fact_<item>`, keyed by a whole number `child`, and makes `judged`, one row per child in
scope. A holder that computes indicators for others stops there; screening goes on with signs and levels.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from typing import Protocol

from tsunagu.indicators import sql_text as sql
from tsunagu.indicators.calendar import fiscal_year
from tsunagu.indicators.language import Difference, Indicator, Population
from tsunagu.indicators.sql_columns import Columns, Sources
from tsunagu.indicators.sql_measures import columns, difference
from tsunagu.indicators.sql_sources import Answers, lives_here, year_start

MEASURED = "judged"


class Asked(Protocol):
    """What is computed, and of whom; criteria are so, and what a holder has agreed to compute."""

    @property
    def populations(self) -> tuple[Population, ...]: ...
    @property
    def indicators(self) -> tuple[Indicator, ...]: ...
    @property
    def holiday_months(self) -> tuple[int, ...]: ...
    @property
    def grade_from(self) -> int | None: ...
    @property
    def grade_to(self) -> int | None: ...


class Measured:
    """Text over `person` and `fact_<item>` that makes `judged`, one row per child in scope, with every indicator."""

    def __init__(self, asked: Asked, on: date) -> None:
        self.asked, self.on = asked, on
        self.sources = Sources(on, asked.holiday_months)
        self.by_id = {i.id: i for i in asked.indicators}
        population = {p.id: p for p in asked.populations}
        self.columns: dict[str, Columns] = {}
        for indicator in asked.indicators:
            if isinstance(indicator.measure, Difference):
                made = difference(indicator.measure, indicator.unknown_as, self.columns)
            else:
                made = columns(indicator, population[indicator.population], self.sources, on)
            self.columns[indicator.id] = made
        self.populations = {p.id: self._population(p) for p in asked.populations}

    def whole(self) -> list[str]:
        """Statements that ask everybody, once, before any part of the city is asked."""
        return [source.whole() for source in self.sources.found.values() if isinstance(source, Answers)]

    def table(self, further: Sequence[list[str]] = (), kept: Sequence[str] = ()) -> str:
        """Statements that make `judged`.

        further  layers of columns over those of the indicators, each of which reads only layers before it
        kept     columns that stay besides those of the indicators
        """
        populations = [f"{text} AS p_{id}" for id, text in self.populations.items()]
        layers = [*self._measured(), *further]
        # The sources are asked for while the columns are made, so their text comes last.
        sources = list(self.sources.found.items())
        stay = [*self._kept_of_indicators(), *kept]
        # Each layer costs the engine room and planning, and so does a column that nothing asks for.
        asked = set(re.findall(r"\w+", "\n".join(text for layer in (populations, *layers, stay) for text in layer)))
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
        text = f"SELECT child, school,\n{column_list(stay, 2)}\nFROM (\n{text}\n)"
        made = [f"CREATE OR REPLACE TABLE {s.alias} AS\nWITH\n{s.cte()}\nSELECT * FROM {s.alias}" for _, s in sources]
        return ";\n\n".join([*made, f"CREATE OR REPLACE TABLE {MEASURED} AS\n{text}"])

    def indicators_text(self) -> str:
        """The query that turns `judged` into INDICATORS."""
        parts = []
        for indicator in self.asked.indicators:
            id, made = indicator.id, self.columns[indicator.id]
            value, worst = f"i_{id}_v", f"i_{id}_w"
            if made.is_text:
                constant = "NULL" if indicator.unknown_as is None else sql.text(str(indicator.unknown_as))
                number, number_worst = "NULL::DECIMAL(18, 6)", "NULL::DECIMAL(18, 6)"
                text, text_worst = value, f"CASE i_{id}_s WHEN 1 THEN {value} WHEN 2 THEN {constant} END"
            else:
                number, text, text_worst = self.exact(id, value), "NULL", "NULL"
                if made.worst_is_constant:
                    constant = "NULL" if indicator.unknown_as is None else sql.number(Decimal(indicator.unknown_as))
                    number_worst = f"CASE i_{id}_s WHEN 1 THEN {number} WHEN 2 THEN {constant} END"
                else:
                    number_worst = self.exact(id, worst)
            parts.append(
                f"SELECT child, {sql.text(id)} AS indicator, {number} AS number, {text}::VARCHAR AS text,"
                f" ({number_worst})::DECIMAL(18, 6) AS number_at_worst, {text_worst}::VARCHAR AS text_at_worst,"
                f" CASE i_{id}_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state"
                " FROM judged"
            )
        union = "\nUNION ALL\n".join(parts)
        return f"""SELECT p.person_id, v.* EXCLUDE (child), {sql.day(self.on)} AS as_of
FROM (
{sql.indent(union)}
) v JOIN person p USING (child)"""

    def exact(self, id: str, column: str) -> str:
        """The number for display, rounded half away from zero at the sixth decimal; never used in a comparison."""
        divisor = self.divisor(id)
        if divisor == "1":
            return f"{column}::DECIMAL(18, 6)"
        micro = f"({column}::DECIMAL(28, 6) * 1000000)::HUGEINT"
        if not divisor.isdigit():  # of each child its own, and perhaps no whole number
            divisor = f"({divisor}::DECIMAL(28, 6) * 1000000)::HUGEINT"
            micro = f"({micro} * 1000000)"
        rounded = f"sign({column})::HUGEINT * ((2 * abs({micro}) + {divisor}) // (2 * {divisor}))"
        return f"(({rounded})::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6)"

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

    def _kept_of_indicators(self) -> list[str]:
        """Columns that the tables after `judged` read; all others end with it."""
        kept: list[str] = []
        for indicator in self.asked.indicators:
            id, made = indicator.id, self.columns[indicator.id]
            kept += [f"i_{id}_s", f"i_{id}_v"]
            kept += [] if made.worst_is_constant else [f"i_{id}_w"]
            kept += [] if made.divisor.isdigit() else [f"i_{id}_d"]
            if not self._is_fixed(id):
                kept.append(f"CASE WHEN i_{id}_s > 0 THEN {self._at(id)} END AS i_{id}_at")
        return kept

    def _scope(self) -> str:
        year = fiscal_year(self.on)
        parts = [lives_here(self.on, "p."), f"p.birth_date <= {sql.day(self.on)}"]
        if self.asked.grade_from is not None:
            parts.append(f"p.{sql.grade_at_least(year, self.asked.grade_from)}")
        if self.asked.grade_to is not None:
            parts.append(f"p.{sql.grade_at_most(year, self.asked.grade_to)}")
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
        depth = {i.id: self._depth(i) for i in self.asked.indicators}
        every = zip_longest(*(made.steps for made in self.columns.values()))
        steps = [[f"{column[1]} AS {column[0]}" for column in layer if column is not None] for layer in every]
        layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=0) + 2)]
        for indicator in self.asked.indicators:
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


def column_list(parts: list[str], by: int = 4) -> str:
    """Columns of a SELECT, one a line."""
    return sql.indent(",\n".join(parts), by)


def _key(key: tuple[object, ...]) -> str:
    return "household_id" if key[0] == "household" else "child"

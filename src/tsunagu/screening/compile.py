# ruff: noqa: S608 - this module writes SQL; every value goes through sql_text, every name is checked by load.py.
"""A criteria file as DuckDB text: one aggregate per source table, one left join, signs, levels, table.

The text reads `person` and `fact_<item>` (parts.py shows them, keyed by a whole number `child`) and makes `judged`, one
row per child in scope; further queries turn that into the run folder's tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tsunagu.indicators import sql_evidence
from tsunagu.indicators import sql_text as sql
from tsunagu.indicators.language import Difference
from tsunagu.screening.compile_rules import Rules
from tsunagu.screening.criteria import (
    Criteria,
    OverallLevel,
    comparisons,
)


@dataclass(frozen=True)
class Compiled:
    """The text for one criteria file and day.

    whole       statements asked of the whole tables, once
    judged      makes the table `judged` of the persons shown
    indicators, judgments, notices, evidence, reasons  queries over it, in the shapes of the run folder
    """

    whole: tuple[str, ...]
    judged: str
    indicators: str
    judgments: str
    notices: str
    evidence: str
    reasons: str

    @property
    def text(self) -> str:
        """Everything, for reviewers and for the golden file."""
        parts = {
            "whole": ";\n\n".join(self.whole),
            "judged": self.judged,
            "indicators": self.indicators,
            "judgments": self.judgments,
            "notices": self.notices,
            "evidence": self.evidence,
            "reasons": self.reasons,
        }
        return "\n".join(f"-- {name}\n{body};\n" for name, body in parts.items() if body)


def compile_criteria(criteria: Criteria, on: date) -> Compiled:
    """The text that screens everybody on a day; the same criteria and day give the same text."""
    return _Tables(criteria, on).compiled()


@dataclass(frozen=True, eq=False)
class _Shared:
    """One look at the rows behind some indicators: its number, its text with a gap for the flagged, who is flagged."""

    number: int
    texts: tuple[str, ...]
    conditions: list[str]

    def flagged(self) -> str:
        return f"SELECT child FROM judged WHERE {sql.any_of(f'({c})' for c in dict.fromkeys(self.conditions))}"


class _Tables(Rules):
    def compiled(self) -> Compiled:
        judged = self.judged()
        return Compiled(
            whole=tuple(self.whole()),
            judged=judged,
            indicators=self.indicators_text(),
            judgments=self._judgments(),
            notices=self._notices(),
            evidence=self._evidence(),
            reasons=self._reasons(),
        )

    def _judgments(self) -> str:
        criteria, parts = sql.text(self.criteria.name), []
        for judgment in self.criteria.judgments:
            id = judgment.id
            codes = [m.code for m in self.criteria.missing if m.judgment == id]
            parts.append(
                f"SELECT child, {sql.text(id)} AS judgment,"
                f" CASE WHEN l_{id} IS NULL THEN 'NA' WHEN l_{id} = 0 AND h_{id} > 0 THEN 'U'"
                f" ELSE l_{id}::VARCHAR END AS level,"
                f" coalesce(l_{id}::VARCHAR, 'NA') AS at_least, coalesce(h_{id}::VARCHAR, 'NA') AS at_most,"
                f" {_codes(codes)} AS waiting_for FROM judged"
            )
        every = [m.code for m in self.criteria.missing]
        parts.append(
            f"SELECT child, 'overall' AS judgment, {self._name('r_level')} AS level,"
            f" {self._name('r_low')} AS at_least, {self._name('r_high')} AS at_most,"
            f" {_codes(every)} AS waiting_for FROM judged"
        )
        union = "\nUNION ALL\n".join(parts)
        return f"""SELECT p.person_id, {criteria} AS criteria, v.* EXCLUDE (child)
FROM (
{sql.indent(union)}
) v JOIN person p USING (child)"""

    def _name(self, rank: str) -> str:
        cases = " ".join(f"WHEN {row.rank} THEN {sql.text(row.name)}" for row in self.criteria.overall.levels)
        return f"CASE {rank} {cases} END"

    def _notices(self) -> str:
        noticed: list[OverallLevel] = [row for row in self.criteria.overall.levels if row.notice]
        ranks = ", ".join(str(row.rank) for row in noticed)
        first = " ".join(f"WHEN s_{code} THEN {sql.text(code)}" for code in self.criteria.overall.weight)
        return f"""SELECT p.person_id, {sql.text(self.criteria.name)} AS criteria,
  {self._name("r_level")} AS level, {self._name("r_high")} AS at_most,
  r_level AS rank, CASE {first} END AS first_reason, j.school
FROM judged j JOIN person p USING (child)
WHERE r_level IN ({ranks or "NULL"})"""

    # -------------------------------------------------------------- reasons

    def _flags(self) -> dict[str, list[tuple[str, str]]]:
        """For each indicator the reasons it may stand in: (condition on `judged`, SELECT list of the reason)."""
        found: dict[str, list[tuple[str, str]]] = {i.id: [] for i in self.criteria.indicators}
        for sign in self.criteria.signs:
            leaves = list(comparisons(sign.when))
            for leaf in leaves:
                id, made = leaf.indicator, self.columns[leaf.indicator]
                condition = f"s_{sign.code}" + (f" AND {self.tests(leaf, f'i_{id}_v')}" if len(leaves) > 1 else "")
                limits = [limit for _, limit in leaf.tests if isinstance(limit, Decimal)]
                number = "NULL" if made.is_text else self.exact(id, f"i_{id}_v")
                text = f"i_{id}_v" if made.is_text else "NULL"
                threshold = sql.number(limits[-1]) if limits else "NULL"
                found[id].append(
                    (
                        condition,
                        f"'sign', {sql.text(sign.code)}, {sql.text(sign.judgment)}, {sql.text(id)},"
                        f" {number}::DECIMAL(18, 6), {text}::VARCHAR, {threshold}::DECIMAL(18, 6), {self.at(id)}",
                    )
                )
        for item in self.criteria.missing:
            for id in item.indicators:
                found[id].append(
                    (
                        f"i_{id}_s = 2",
                        f"'missing', {sql.text(item.code)}, {sql.text(item.judgment)}, {sql.text(id)},"
                        " NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE",
                    )
                )
        return found

    def _shared(self) -> tuple[dict[str, _Shared], dict[str, _Shared]]:
        """Rows and pictures by indicator; indicators that rest on the same rows share one look at them."""
        places: dict[object, _Shared] = {}
        pictures: dict[object, _Shared] = {}
        by_indicator: tuple[dict[str, _Shared], dict[str, _Shared]] = ({}, {})
        for id, reasons in self._flags().items():
            if not reasons:
                continue
            indicator = self.by_id[id]
            rows = tuple(sql_evidence.rows(indicator, self.by_id, self.sources, "{wanted}"))
            picture = sql_evidence.series(indicator, self.sources, "{wanted}")
            wanted = [(places, by_indicator[0], rows)] + ([(pictures, by_indicator[1], picture)] if picture else [])
            for known, of_indicator, key in wanted:
                shared = known.setdefault(key, _Shared(len(known) + 1, (key,) if isinstance(key, str) else key, []))
                shared.conditions.extend(condition for condition, _ in reasons)
                of_indicator[id] = shared
        return by_indicator

    def _evidence(self) -> str:
        # The first row of each, which is none, gives names and types even where nothing follows. Every name in a WITH
        # is another one: on the way to Spark they are all brought to the top.
        places = [
            "SELECT NULL::INTEGER AS place, NULL::INTEGER AS child, NULL::VARCHAR[] AS row_keys,"
            " NULL::VARCHAR AS source WHERE FALSE"
        ]
        pictures = ["SELECT NULL::INTEGER AS picture, NULL::INTEGER AS child, NULL::VARCHAR[] AS series WHERE FALSE"]
        with_rows, with_picture = self._shared()
        for shared in dict.fromkeys(with_rows.values()):
            name = f"flagged_{shared.number}"
            rows = "\nUNION ALL\n".join(text.replace("{wanted}", name) for text in shared.texts)
            places.append(f"""SELECT * FROM (
WITH {name} AS (
  {shared.flagged()}
)
SELECT {shared.number}, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
{sql.indent(rows)}
)
GROUP BY child
)""")
        for shared in dict.fromkeys(with_picture.values()):
            name = f"pictured_{shared.number}"
            pictures.append(f"""SELECT * FROM (
WITH {name} AS (
  {shared.flagged()}
)
SELECT {shared.number}, child, series FROM (
{sql.indent(shared.texts[0].replace("{wanted}", name))}
)
)""")
        return ";\n\n".join(
            f"CREATE OR REPLACE TABLE {name} AS\n" + "\nUNION ALL\n".join(parts)
            for name, parts in (("places", places), ("pictures", pictures))
        )

    def _reasons(self) -> str:
        parts = []
        holders = dict(self.criteria.holders)
        places, pictures = self._shared()
        for id, reasons in self._flags().items():
            window = sql_evidence.window(self.by_id[id], self.by_id, self.sources)
            days = ", ".join(sql.day(d) for d in window) if window else "NULL::DATE, NULL::DATE"
            holder = sql.text(",".join(sorted({holders[i] for i in self.criteria.items_of(id)})))
            picture = pictures[id].number if id in pictures else "NULL::INTEGER"
            for condition, selected in reasons:
                parts.append(
                    f"SELECT child, {selected}, {days}, {self._pair(id)}, {holder}, {places[id].number}, {picture}"
                    f" FROM judged WHERE {condition}"
                )
        union = "\nUNION ALL\n".join(parts)
        names = (
            "child, kind, code, judgment, indicator, number, text, threshold, on_day,"
            " window_from, window_to, pair, holder, place, picture"
        )
        return f"""SELECT p.person_id, r.kind, r.code, r.judgment, r.indicator, r.number, r.text, r.threshold,
  r.window_from, r.window_to, r.on_day AS "at",
  coalesce(s.series, r.pair, []) AS series,
  coalesce(e.source, r.holder) AS source,
  coalesce(e.row_keys, []) AS row_keys
FROM (
{sql.indent(union)}
) r({names})
JOIN person p USING (child)
LEFT JOIN places e ON e.place = r.place AND e.child = r.child
LEFT JOIN pictures s ON s.picture = r.picture AND s.child = r.child"""

    def _pair(self, id: str) -> str:
        """The two values behind a difference of yearly figures; nothing for other measures."""
        measure = self.by_id[id].measure
        if not isinstance(measure, Difference):
            return "NULL::VARCHAR[]"
        shown = []
        for other in (measure.of, measure.minus):
            number = f"rtrim(rtrim({self.exact(other, f'i_{other}_v')}::VARCHAR, '0'), '.')"
            known = f"CASE WHEN i_{other}_s = 1 THEN {number} ELSE '?' END"
            shown.append(f"strftime({self.at(other)}, '%Y-%m') || '=' || {known}")
        return f"[{', '.join(shown)}]"


def _codes(codes: list[str]) -> str:
    """The sorted codes of the missing items that are listed for the child."""
    if not codes:
        return "[]::VARCHAR[]"
    each = ", ".join(f"CASE WHEN m_{code} THEN {sql.text(code)} END" for code in sorted(codes))
    return f"list_filter([{each}], lambda c: c IS NOT NULL)"

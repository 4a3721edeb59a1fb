# ruff: noqa: S608 - this module writes SQL; every value goes through sql_text.
"""Screens everybody on a day: persons and facts in, the run folder's tables out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.engines.bench import Bench
from tsunagu.engines.duck import workbench
from tsunagu.errors import CriterionError
from tsunagu.indicators import sql_text as sql
from tsunagu.indicators.parts import PERSONS_A_PART, lay_out, parts, show
from tsunagu.records.catalogue import Catalogue
from tsunagu.records.run_tables import INDICATORS, JUDGMENTS, NOTICES, REASONS
from tsunagu.records.stage_tables import PERSON_FACTS, PERSONS
from tsunagu.screening.compile import Compiled, compile_criteria
from tsunagu.screening.criteria import Criteria


@dataclass(frozen=True)
class Screened:
    """What the criteria say; every table in its shape and order.

    persons  PERSONS with in_scope decided (null: no birth date is known anywhere)
    """

    persons: pa.Table
    indicators: pa.Table
    judgments: pa.Table
    notices: pa.Table
    reasons: pa.Table


def screen(
    persons: pa.Table,
    facts: pa.Table,
    criteria: Criteria,
    catalogue: Catalogue,
    on: date,
    noticed_before: Collection[str] = (),
    *,
    threads: int | None = None,
    persons_a_part: int = PERSONS_A_PART,
    with_indicators: bool = True,
    on_bench: Bench | None = None,
    step: Callable[[str], None] = lambda what: None,
) -> Screened:
    """PERSONS and PERSON_FACTS screened with the criteria on a day.

    catalogue       the items the criteria may read; must be the one the criteria were loaded with
    noticed_before  person ids noticed in the previous run
    persons_a_part  about how many persons are screened at a time; the answer is the same whatever it is
    with_indicators whether their table is wanted, the largest of all; empty where not
    on_bench        where the tables are computed; default: DuckDB in this process, with so many threads
    step            called with what comes next, in words; most of an engine's time may go by in one of them
    raises          CriterionError if the catalogue lacks an item that the criteria read;
                    EngineError if a table has another shape
    """
    absent = [item for item in criteria.items if item not in catalogue.items]
    if absent:
        raise CriterionError(
            f"the criteria {criteria.name} read items that the catalogue does not have: {', '.join(absent)}",
            to_do="Load the criteria with this catalogue; tsunagu check names the lines.",
        )
    persons, facts = PERSONS.check(persons), PERSON_FACTS.check(facts)
    with nullcontext(on_bench) if on_bench is not None else workbench(threads=threads) as bench:
        compiled = compile_criteria(criteria, on)
        step("the facts by item")
        lay_out(bench, persons, facts, criteria.items, compiled.whole)
        found = []
        every = parts(bench, persons_a_part)
        for n, part in enumerate(every, 1):
            of_part = f", part {n} of {len(every)}" if len(every) > 1 else ""
            step(f"the rules{of_part}")
            show(bench, part, criteria.items)
            bench.run(compiled.judged)
            bench.run(compiled.evidence)
            wanted = _wanted(compiled, on, with_indicators=with_indicators)
            tables = {}
            for name, text in wanted.items():
                step(f"{_IN_WORDS[name]}{of_part}")
                tables[name] = bench.table(text)
            found.append(_Found(**{"indicators": INDICATORS.empty(), **tables}))
    return _joined(persons, found, noticed_before)


@dataclass(frozen=True)
class _Found:
    """What one part gives, in no order. scope: rows (person_id, in_scope)."""

    scope: pa.Table
    indicators: pa.Table
    judgments: pa.Table
    notices: pa.Table
    reasons: pa.Table


#: The tables of a part, as somebody who waits reads of them.
_IN_WORDS = {
    "scope": "who is in scope",
    "indicators": "indicators",
    "judgments": "judgments",
    "notices": "notices",
    "reasons": "reasons",
}


def _wanted(compiled: Compiled, on: date, *, with_indicators: bool) -> dict[str, str]:
    """The query of each table of a part. An engine that waits with its work does it here."""
    scope = (
        "SELECT p.person_id, CASE WHEN j.child IS NOT NULL THEN TRUE"
        " WHEN p.birth_date IS NULL AND p.register_state <> 'absent'"
        f" AND (p.resident_from IS NULL OR p.resident_from <= {sql.day(on)})"
        f" AND (p.resident_until IS NULL OR p.resident_until > {sql.day(on)}) THEN NULL"
        " ELSE FALSE END AS in_scope FROM person p LEFT JOIN judged j USING (child)"
    )
    return {
        "scope": scope,
        **({"indicators": compiled.indicators} if with_indicators else {}),
        "judgments": compiled.judgments,
        "notices": compiled.notices,
        "reasons": compiled.reasons,
    }


def _joined(persons: pa.Table, found: list[_Found], noticed_before: Collection[str]) -> Screened:
    def of(name: str) -> pa.Table:
        return pa.concat_tables(getattr(part, name) for part in found)

    scope = of("scope").sort_by("person_id")
    ordered = persons.sort_by("person_id")
    place = ordered.column_names.index("in_scope")
    ordered = ordered.set_column(place, "in_scope", scope.column("in_scope"))
    notices = of("notices")
    before = pa.array(sorted(noticed_before), type=pa.string())
    notices = notices.append_column("is_known_before", pc.is_in(notices.column("person_id"), value_set=before))
    return Screened(
        persons=PERSONS.sorted(ordered),
        indicators=INDICATORS.sorted(of("indicators")),
        judgments=JUDGMENTS.sorted(of("judgments")),
        notices=NOTICES.sorted(notices),
        reasons=REASONS.sorted(of("reasons")),
    )

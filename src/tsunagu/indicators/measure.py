"""Indicators of everybody on a day, and nothing beyond them: what a holder computes for others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pyarrow as pa

from tsunagu.engines.bench import Bench
from tsunagu.indicators.measured import Asked, Measured
from tsunagu.indicators.parts import PERSONS_A_PART, lay_out, parts, show
from tsunagu.records.run_tables import INDICATORS
from tsunagu.records.stage_tables import PERSON_FACTS, PERSONS


def measure(
    bench: Bench,
    persons: pa.Table,
    facts: pa.Table,
    asked: Asked,
    items: Iterable[str],
    on: date,
    *,
    persons_a_part: int = PERSONS_A_PART,
) -> pa.Table:
    """INDICATORS of every child in scope.

    persons, facts  PERSONS and PERSON_FACTS
    items           every catalogue item that the indicators and their populations read
    raises          EngineError if a table has another shape
    """
    text, items = Measured(asked, on), list(items)
    made = text.table()
    lay_out(bench, PERSONS.check(persons), PERSON_FACTS.check(facts), items, text.whole())
    found = []
    for part in parts(bench, persons_a_part):
        show(bench, part, items)
        bench.run(made)
        found.append(bench.table(text.indicators_text()))
    return INDICATORS.sorted(pa.concat_tables(found))

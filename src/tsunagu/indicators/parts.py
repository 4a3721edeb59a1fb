# ruff: noqa: S608 - this module writes SQL; every value is a whole number or quoted, every name is checked by check.py.
"""A city in parts, asked one after the other, so that memory does not grow with the number of children.

A household is in one part: what is asked of its other members is asked there. What is asked of everybody, the dates
that occur in a school's file, is asked of the whole tables.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from tsunagu.engines.bench import Bench
from tsunagu.indicators import sql_text as sql

WHOLE_PERSON = "whole_person"
# About 330,000 children. Each part costs the planning of the text once more, about a second; a larger one more memory.
PERSONS_A_PART = 600_000

Part = tuple[int, int]


def lay_out(bench: Bench, persons: pa.Table, facts: pa.Table, items: Iterable[str], whole: Iterable[str]) -> None:
    """PERSONS and PERSON_FACTS as the tables `whole_person` and `whole_<item>`, and what is asked of everybody.

    They are keyed by a whole number; rows lie by child, so that scans are local. show() shows a part of them.
    whole  statements asked of the whole tables, once
    """
    bench.put("persons_in", persons)
    bench.put("facts_in", facts)
    bench.run(f"""
        CREATE TABLE {WHOLE_PERSON} AS
        SELECT (row_number() OVER (ORDER BY household_id, person_id))::INTEGER AS child, person_id, birth_date,
          register_state, household_id, resident_from, resident_until, school
        FROM persons_in
    """)
    for item in items:
        bench.run(
            f"CREATE TABLE {sql.whole_table(item)} AS "
            'SELECT p.child, f."at" AS on_day, f.until, f.label, f.text, f.number, f.state, f.recorded_at,'
            f" f.holder, f.file, f.row FROM facts_in f JOIN {WHOLE_PERSON} p USING (person_id)"
            f" WHERE f.item = {sql.text(item)} ORDER BY p.child, on_day, f.file, f.row"
        )
    bench.run("DROP TABLE facts_in")
    for statement in whole:
        bench.run(statement)
    bench.pack()


def parts(bench: Bench, persons: int) -> list[Part]:
    """First and last child of each part of about so many persons; at least one part, empty where nobody is there.

    The persons of a household must follow one another in `whole_person`.
    """
    # A household is where its first person is; grouped, as a window over everybody would sort them all once more.
    found = bench.table(f"""
        SELECT min(of_first) AS first, max(of_last) AS last FROM (
          SELECT min(child) AS of_first, max(child) AS of_last, (min(child) - 1) // {persons} AS part
          FROM {WHOLE_PERSON} GROUP BY household_id, CASE WHEN household_id IS NULL THEN child END
        ) GROUP BY part ORDER BY 1
    """).to_pylist()
    return [(row["first"], row["last"]) for row in found] or [(0, 0)]


def show(bench: Bench, part: Part, items: Iterable[str]) -> None:
    """Makes `person` and `fact_<item>`, which the compiled text reads, those of one part."""
    first, last = part
    for name, whole in (("person", WHOLE_PERSON), *((sql.fact_table(i), sql.whole_table(i)) for i in items)):
        bench.run(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM {whole} WHERE child BETWEEN {first} AND {last}")

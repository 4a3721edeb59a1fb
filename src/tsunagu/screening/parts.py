# ruff: noqa: S608 - this module writes SQL; every value is a whole number, every name is checked by check.py.
"""A city in parts, screened one after the other, so that memory does not grow with the number of children.

A household is in one part: what is asked of its other members is asked there. What is asked of everybody, the dates
that occur in a school's file, is asked of the whole tables.
"""

from __future__ import annotations

from collections.abc import Iterable

from tsunagu.engines.bench import Bench
from tsunagu.indicators import sql_text as sql

WHOLE_PERSON = "whole_person"
# About 330,000 children. Each part costs the planning of the text once more, about a second; a larger one more memory.
PERSONS_A_PART = 600_000

Part = tuple[int, int]


def parts(bench: Bench, persons: int) -> list[Part]:
    """First and last child of each part of about so many persons; at least one part, empty where nobody is there.

    The persons of a household must follow one another in `whole_person`.
    """
    found = bench.table(f"""
        SELECT min(child) AS first, max(child) AS last FROM (
          SELECT child, (CASE WHEN household_id IS NULL THEN child
            ELSE min(child) OVER (PARTITION BY household_id) END - 1) // {persons} AS part
          FROM {WHOLE_PERSON}
        ) GROUP BY part ORDER BY 1
    """).to_pylist()
    return [(row["first"], row["last"]) for row in found] or [(0, 0)]


def show(bench: Bench, part: Part, items: Iterable[str]) -> None:
    """Makes `person` and `fact_<item>`, which the compiled text reads, those of one part."""
    first, last = part
    for name, whole in (("person", WHOLE_PERSON), *((sql.fact_table(i), sql.whole_table(i)) for i in items)):
        bench.run(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM {whole} WHERE child BETWEEN {first} AND {last}")

"""The nameless table of a run: what each child's indicators are, and nothing by which a child could be found again.

Takes the run's own tables; gives one row a child in scope, in the order of its contents, so that not even the place of
a row tells whose it is. The editor of criteria counts on it; it is joined with nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from tsunagu.evaluation.explained import require_made_with
from tsunagu.evaluation.plan import parts_of
from tsunagu.runs.folder import RunFolder
from tsunagu.screening.criteria import Criteria, comparisons
from tsunagu.screening.explain import standing_of

DIVISIONS = ("school", "age", "sex")
KNOWN, WORST, APPLIES = "known ", "worst ", "applies"


def nameless_of(run: RunFolder, criteria: Criteria) -> pa.Table:
    """One row a child the run looked at; every column is text.

    known <indicator>   the value on what is known, a number in plain digits or a code; null where nothing is known
    worst <indicator>   the same with every unknown read as the worst
    applies             the judgments asked of the child, comma-separated, sorted
    school, age, sex    the divisions of a plan
    raises  StateError where the run was made with other criteria
    """
    on = dt.date.fromisoformat(str(run.manifest["on"]))
    compared = sorted({c.indicator for sign in criteria.signs for c in comparisons(sign.when)})
    judgments, indicators = _by_person(run, "judgments"), _by_person(run, "indicators")
    persons = {row["person_id"]: row for row in run.table("persons").to_pylist()}
    for name in sorted({judged[0]["criteria"] for judged in judgments.values()}):
        require_made_with(criteria, run, name)
    rows = []
    for id, judged in judgments.items():
        own = {row["indicator"]: row for row in indicators.get(id, [])}
        row: dict[str, str | None] = {APPLIES: ",".join(sorted(standing_of(own.values(), judged).applies))}
        row |= parts_of(persons[id], on)
        for indicator in compared:
            row[KNOWN + indicator], row[WORST + indicator] = _values(own.get(indicator))
        rows.append(row)
    names = [*(kind + id for id in compared for kind in (KNOWN, WORST)), APPLIES, *DIVISIONS]
    rows.sort(key=lambda row: [row[name] or "" for name in names])
    return pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in names})


def _values(row: Mapping[str, Any] | None) -> tuple[str | None, str | None]:
    if row is None:
        return None, None
    known = row["text"] if row["number"] is None else _plain(row["number"])
    worst = row["text_at_worst"] if row["number_at_worst"] is None else _plain(row["number_at_worst"])
    return known, known if worst is None else worst


def _plain(number: Any) -> str:
    return format(number.normalize(), "f")


def _by_person(run: RunFolder, table: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in run.table(table).to_pylist():
        found[row["person_id"]].append(row)
    return found

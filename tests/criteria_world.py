"""A run with criteria that can be tried: sixty invented children whose absences, infirmary visits and scores differ.

Screened by the real engine in a moment; their identities are as a run brings them, so that a test can look for them.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from builders import A_PURPOSE, ON, an_id, some_words
from screening_cases import CRITERIA_FILE, History, the_catalogue, the_criteria
from tsunagu.records.run_tables import IDENTITIES, PLAIN_TABLES
from tsunagu.runs.crypt import create_key, read_key
from tsunagu.runs.folder import write_run
from tsunagu.screening.carried import carried
from tsunagu.screening.screen import Screened, screen

CHILDREN = 60
_MONTHS = [dt.date(2025 + (9 + n) // 12, (9 + n) % 12 + 1, 1) for n in range(12)]


def a_name(n: int) -> str:
    return f"試験川 {n}番"


@lru_cache(maxsize=1)
def a_history() -> History:
    """Children of grade 5 in two schools: in September the n-th was absent n // 4 days.

    It was in the infirmary n % 6 times. Nothing else is known of anybody, as where other registers did not come.
    """
    history = History()
    for n in range(CHILDREN):
        id = an_id(a_name(n))
        history.person(
            id,
            birth_date=dt.date(2015, 7, 19),
            sex=str(n % 2 + 1),
            household_id=f"H{70_000 + n}",
            register_key=str(910_000 + n),
            school=("101", "102")[n % 2],
        )
        history.fact(id, "enrolment", at=dt.date(2026, 4, 1), text="municipal")
        for month in _MONTHS:
            if month.month != 8:
                absent = n // 4 if month == dt.date(2026, 9, 1) else 0
                history.fact(id, "absent_days", at=month, number=absent)
        for day in range(n % 6):
            history.fact(id, "infirmary_visit", at=dt.date(2026, 9, 1 + day))
    return history


@lru_cache(maxsize=1)
def screened() -> Screened:
    return screen(*a_history().tables(), the_criteria(), the_catalogue(), ON)


def a_run_with_criteria(out: Path, *, key: Path) -> Path:
    """Writes the run folder and gives its path."""
    if not key.exists():
        create_key(key)
    found = screened()
    plain = {shape.name: shape.empty() for shape in PLAIN_TABLES}
    for name in ("persons", "indicators", "judgments", "notices", "reasons"):
        plain[name] = getattr(found, name)
    noticed = sorted(found.notices.column("person_id").to_pylist())
    write_run(
        out,
        plain=plain,
        identities=_identities(noticed),
        vocabulary=some_words(),
        manifest={"on": ON.isoformat(), "purpose": A_PURPOSE, "marks": "0" * 16, "inputs": {}},
        key=read_key(key),
        criteria=carried(CRITERIA_FILE.name, CRITERIA_FILE.read_text(encoding="utf-8"), the_catalogue().items),
    )
    return out


def _identities(noticed: list[str]) -> pa.Table:
    names = {an_id(a_name(n)): a_name(n) for n in range(CHILDREN)}
    nothing: dict[str, Any] = dict.fromkeys(IDENTITIES.names)
    rows = [
        {**nothing, "person_id": id, "name": names[id], "kana": "シケンガワ", "is_noticed": True, "school": "101",
         "grade": 5, "birth_date": dt.date(2015, 7, 19)}
        for id in noticed
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=IDENTITIES.schema)

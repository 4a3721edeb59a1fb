"""Children first noticed in three months, known to the council's register or not, and the files that came with them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from builders import ATestFact, ATestPerson, a_child, a_run

D = dt.date
DAYS = (D(2026, 7, 31), D(2026, 8, 31), D(2026, 9, 30))
HOW_MANY = (4, 46, 40)
# By department: the newest day its facts speak of, and the files that gave nothing.
CAME = {
    "youtaikyo": (D(2026, 9, 30), ""),
    "kosoudan": (D(2026, 11, 26), ""),
    "seiho": (D(2026, 9, 30), ""),
    "jumin": (D(2026, 11, 20), ""),
    "shukketsu": (D(2026, 9, 30), "shukketsu/出欠月集計_R08_10.csv"),
    "zeimu": (D(2026, 6, 1), ""),
    "hokenshitsu": (D(2026, 10, 31), ""),
}


def some_children() -> list[list[ATestPerson]]:
    """The children of each month; every third of them stood in the council's register before."""
    return [
        [_one(month, n, day) for n in range(many)] for month, (day, many) in enumerate(zip(DAYS, HOW_MANY, strict=True))
    ]


def runs_of(home: Path) -> list[Path]:
    """A run of each month, the newest last; with the one of August the council's register did not come."""
    groups, made = some_children(), []
    for place, on in enumerate(DAYS):
        folder = home / ("run" if place == len(DAYS) - 1 else f"run{place}")
        people = [child for group in groups[: place + 1] for child in group]
        made.append(
            a_run(
                folder, *people, on=on, key=home / "run.key", inputs=inputs(without="youtaikyo" if place == 1 else "")
            )
        )
    return made


def inputs(*, without: str = "") -> dict[str, Any]:
    """What a manifest says of its files; the one that gave nothing is that of `without`, or of CAME."""
    ends = {"read": 1204, "repeated": 3, "set_aside": 2}
    found = {f"{holder}/抽出.csv": {"holder": holder, "status": "read", "dispositions": ends} for holder in CAME}
    for holder, (_day, file) in CAME.items():
        if file:
            found[file] = {"holder": holder, "status": "missing", "dispositions": {}}
    if without:
        found[f"{without}/抽出.csv"] = {"holder": without, "status": "missing", "dispositions": {}}
    return found


def _one(month: int, n: int, on: dt.date) -> ATestPerson:
    known = (ATestFact("council_register", D(2026, 4, 1), value="support", holder="youtaikyo"),)
    aged = tuple(ATestFact(item, D(2026, 4, 1), holder=holder, as_of=CAME[holder][0]) for item, holder in _TOLD)
    facts = (*(known if n % 3 == 0 else ()), *(aged if n == 0 else ()))
    return a_child(f"例{'川山田本'[n % 4]} {month}-{n}", f"レイ {month} {n}", household=f"{month}-{n}", facts=facts)


_TOLD = (
    ("last_seen", "youtaikyo"), ("report", "kosoudan"), ("assistance", "seiho"), ("residence", "jumin"),
    ("school_days", "shukketsu"), ("tax_class", "zeimu"), ("infirmary_visit", "hokenshitsu"),
)  # fmt: skip

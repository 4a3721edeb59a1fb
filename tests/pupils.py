"""Invented pupils for the school boards: what their school recorded of them, day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa

from builders import an_id
from tsunagu.records.run_tables import SCHOOL_TABLES

D = dt.date
# Ten school days up to the day of the run, 30 September 2026.
TEN = tuple(D(2026, 9, day) for day in (16, 17, 18, 22, 24, 25, 26, 28, 29, 30))
MOODS = {"晴": "sunny", "く": "cloudy", "雨": "rainy", "雷": "thunder"}
MARKS = {"病": "sick", "欠": "other", "停": "excused", "遅": "late", "早": "early", "？": None}


@dataclass(frozen=True)
class ATestPupil:
    """A pupil of class 5-1 of school 102.

    moods, marks  one sign for each of TEN; a dot where there is no row
    """

    name: str
    kana: str = "レイカワ アオイ"
    number: int | None = 1
    person_id: str = ""
    school: str = "102"
    grade: int = 5
    class_name: str | None = "1"
    moods: str = ".........."
    marks: str = ".........."
    visits: tuple[dt.date, ...] = ()
    absent: tuple[tuple[dt.date, int | None], ...] = ()
    late: tuple[tuple[dt.date, int | None], ...] = ()
    tests: tuple[tuple[dt.date, int, int | None], ...] = ()
    more: tuple[dict[str, Any], ...] = field(default=())

    @property
    def id(self) -> str:
        return self.person_id or an_id(self.name)


def a_pupil(name: str = "例川 あおい", **changes: Any) -> ATestPupil:
    return ATestPupil(name, **changes)


def school_tables(
    pupils: Sequence[ATestPupil], *, days: Iterable[dt.date] = TEN, perhaps: Iterable[dt.date] = (), by_day: bool = True
) -> dict[str, pa.Table]:
    """The run's tables of these pupils. perhaps: weekdays of which nobody knows; by_day: attendance came by the day."""
    rows = {
        "school_pupils": [
            {"person_id": p.id, "school": p.school, "school_name": None, "grade": p.grade, "class_name": p.class_name,
             "class_number": p.number, "name": p.name, "kana": p.kana}
            for p in pupils
        ],
        "school_records": [row for p in pupils for row in _records(p, tuple(days))],
        "school_days": [
            {"school": school, "day": day, "is_known": is_known, "has_attendance": by_day, "has_mood": is_known}
            for school in sorted({p.school for p in pupils})
            for is_known, some in ((True, days), (False, perhaps))
            for day in some
        ],
    }  # fmt: skip
    return {
        shape.name: shape.sorted(pa.Table.from_pylist(rows[shape.name], schema=shape.schema)) for shape in SCHOOL_TABLES
    }


def _records(p: ATestPupil, days: Sequence[dt.date]) -> Iterable[dict[str, Any]]:
    def row(item: str, at: dt.date | None, value: str | None = None, number: int | None = None, **more: Any) -> Any:
        told = {"value": value, "number": None if number is None else Decimal(number), "state": "known"}
        return {"person_id": p.id, "item": item, "at": at, **told, **more}

    for day, mood, mark in zip(days, p.moods, p.marks, strict=False):
        if mood != ".":
            yield row("mood", day, MOODS[mood])
        if mark != ".":
            yield row("attendance_mark", day, MARKS[mark], state="known" if MARKS[mark] else "unknown")
    for day in p.visits:
        yield row("infirmary_visit", day)
    for item, counts in (("absent_days", p.absent), ("late_days", p.late)):
        for month, count in counts:
            yield row(item, month, number=count, state="unknown" if count is None else "known")
    for year, japanese, math in p.tests:
        for item, score in (("test_japanese", japanese), ("test_math", math)):
            yield row(item, year, number=score, state="unknown" if score is None else "known")
    for more in p.more:
        yield row(**more)

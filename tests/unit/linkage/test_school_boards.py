"""The tables of the school boards: whom they name, what they carry, and which days they call school days."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa

from tsunagu.linkage.school_boards import school_tables
from tsunagu.records.stage_tables import LINKS, PERSON_FACTS, SOURCE_RECORDS

ON = dt.date(2026, 9, 30)
D = dt.date


def a_row(record: int, person: str, **changes: Any) -> dict[str, Any]:
    return {"record_id": record, "person_id": person, "holder": "school_roster", "file": "r.zip", "row": record,
            "state": "read", "school": "102", "fiscal_year": 2026, "grade": 5, "class_name": "1",
            "class_number": record, "name": "例川　あおい", "kana": "れいかわ あおい", **changes}  # fmt: skip


def a_fact(person: str, item: str, at: dt.date | None, **changes: Any) -> dict[str, Any]:
    return {"person_id": person, "item": item, "at": at, "state": "known", "holder": "h", "file": "f", "row": 1,
            "label": "102" if item in ("mood", "attendance_mark") else None, **changes}  # fmt: skip


def made(rows: list[dict[str, Any]], facts: list[dict[str, Any]] = ()) -> dict[str, list[dict[str, Any]]]:  # type: ignore[assignment]
    tables = school_tables(
        records=_table(SOURCE_RECORDS, rows),
        links=_table(LINKS, [{**row, "decided_by": "roster"} for row in rows]),
        person_facts=_table(PERSON_FACTS, list(facts)),
        roster="school_roster",
        school_names={"102": "瑞野市立第二小学校"},
        on=ON,
    )
    return {name: table.to_pylist() for name, table in tables.items()}


def _table(shape: Any, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([{name: row.get(name) for name in shape.names} for row in rows], schema=shape.schema)


def test_only_this_years_pupils_of_a_roster_are_named() -> None:
    rows = [
        a_row(1, "P1"),
        a_row(2, "P2", fiscal_year=2025),
        a_row(3, "P3", holder="jumin"),
        a_row(4, "P4", grade=None),
        a_row(5, "P5", state="set_aside"),
        a_row(6, "P1", class_name="2"),
    ]
    (pupil,) = made(rows)["school_pupils"]
    assert (pupil["person_id"], pupil["class_name"], pupil["kana"]) == ("P1", "1", "レイカワ アオイ")
    assert pupil["school_name"] == "瑞野市立第二小学校"


def test_no_other_departments_record_and_nobody_elses() -> None:
    facts = [
        a_fact("P1", "assistance", D(2026, 9, 1)),
        a_fact("P1", "tax_class", D(2026, 4, 1)),
        a_fact("P2", "infirmary_visit", D(2026, 9, 1)),
        a_fact("P1", "infirmary_visit", D(2026, 9, 2)),
    ]
    (record,) = made([a_row(1, "P1")], facts)["school_records"]
    assert (record["item"], record["at"]) == ("infirmary_visit", D(2026, 9, 2))


def test_what_another_school_wrote_by_the_day_stays_there() -> None:
    facts = [
        a_fact("P1", "mood", D(2026, 9, 1), text="rainy", label="101"),
        a_fact("P1", "attendance_mark", D(2026, 9, 1), text="sick", label="101"),
        a_fact("P1", "mood", D(2026, 9, 2), text="sunny"),
        a_fact("P1", "absent_days", D(2026, 6, 1), number=2),
    ]
    tables = made([a_row(1, "P1")], facts)
    assert [(r["item"], r["value"]) for r in tables["school_records"]] == [("absent_days", None), ("mood", "sunny")]
    assert [d["day"] for d in tables["school_days"]] == [D(2026, 9, 2)]


def test_twelve_months_of_days_three_years_of_tests_and_a_day_nobody_can_read() -> None:
    facts = [
        a_fact("P1", "absent_days", D(2025, 9, 1), number=1),
        a_fact("P1", "absent_days", D(2025, 10, 1), number=2),
        a_fact("P1", "absent_days", D(2026, 9, 1), state="unknown"),
        a_fact("P1", "test_math", D(2023, 4, 1), number=40),
        a_fact("P1", "test_math", D(2024, 4, 1), number=41),
        a_fact("P1", "attendance_mark", None, text="sick", state="unknown"),
    ]
    found = made([a_row(1, "P1")], facts)["school_records"]
    assert [(r["item"], r["at"], r["state"]) for r in found] == [
        ("absent_days", D(2025, 10, 1), "known"),
        ("absent_days", D(2026, 9, 1), "unknown"),
        ("attendance_mark", None, "unknown"),
        ("test_math", D(2024, 4, 1), "known"),
    ]


def answers(*days: int) -> list[dict[str, Any]]:
    return [a_fact("P1", "mood", D(2026, 9, day), text="sunny") for day in days]


def test_a_weekday_without_any_record_is_not_known_to_be_a_school_day() -> None:
    found = made([a_row(1, "P1")], answers(3, 8))["school_days"]
    assert [(d["day"].day, d["is_known"]) for d in found] == [(3, True), (4, False), (7, False), (8, True)]


def test_a_month_with_all_its_school_days_has_no_other_and_one_without_any_none() -> None:
    facts = [*answers(3, 8), a_fact("P1", "school_days", D(2026, 9, 1), number=2)]
    facts.append(a_fact("P1", "mood", D(2026, 7, 31), text="sunny"))
    found = made([a_row(1, "P1")], facts)["school_days"]
    assert [(d["day"], d["is_known"]) for d in found] == [
        (D(2026, 7, 31), True),
        (D(2026, 9, 3), True),
        (D(2026, 9, 8), True),
    ]


def test_daily_attendance_speaks_from_its_first_to_its_last_day() -> None:
    marks = [a_fact("P1", "attendance_mark", D(2026, 9, day), text="late") for day in (4, 8)]
    found = made([a_row(1, "P1")], [*answers(3, 7, 9), *marks])["school_days"]
    assert [(d["day"].day, d["has_attendance"], d["has_mood"]) for d in found] == [
        (3, False, True),
        (4, True, False),
        (7, True, True),
        (8, True, False),
        (9, False, True),
    ]


def test_a_city_without_schools_gives_empty_tables() -> None:
    assert made([], []) == {"school_pupils": [], "school_records": [], "school_days": []}

"""Which records become one person, and which never do. Everybody here is invented."""

# ruff: noqa: E501 - a record in one line reads like the row it stands for

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from tsunagu.linkage.delivery import LinkResult, link_records
from tsunagu.linkage.rules import Rules
from tsunagu.linkage.weights import Cuts, Model
from tsunagu.records.stage_tables import LINKS, PERSON_FACTS, PERSONS, REVIEW, SOURCE_FACTS, SOURCE_RECORDS

ON = date(2026, 9, 30)
RULES = Rules("jumin", "school_roster", ("boshi", "gakumu", "hoiku"), ("shugaku_enjo", "jifu"))
_NAME = {
    "equal": (0.9, 0.004),
    "kana": (0.04, 0.001),
    "sound": (0.01, 0.001),
    "near": (0.02, 0.002),
    "else": (0.03, 1.0),
}
MODEL = Model(
    {
        "surname": _NAME,
        "given": _NAME,
        "birth": {"equal": (0.97, 0.0002), "edit": (0.02, 0.002), "parts": (0.008, 0.004), "else": (0.002, 0.99)},
        "sex": {"equal": (0.995, 0.5), "else": (0.005, 0.5)},
        "address": {"equal": (0.8, 0.001), "numbers": (0.01, 0.001), "postcode": (0.01, 0.01), "town": (0.02, 0.03), "else": (0.16, 0.96)},
        "guardian": {"equal": (0.6, 0.001), "given": (0.05, 0.01), "else": (0.35, 0.99)},
    },
    Cuts(0.99, 0.05, 5.0),
    {},
)  # fmt: skip


def a_record(holder: str, key: str | None, **cells: Any) -> dict[str, Any]:
    """One row of one holder; the file's name follows from the holder."""
    return {"holder": holder, "file": f"{holder}/list.csv", "record_key": key, "state": "read", **cells}


def a_resident(number: str, name: str, kana: str, born: date, **cells: Any) -> dict[str, Any]:
    return a_record(
        "jumin", number, resident_no=number, name=name, kana=kana, birth_date=born,
        **({"sex": "1", "household_no": "500", "address": "瑞野市若葉五丁目12番地の4", "guardian_name": "松野 太一"} | cells),
    )  # fmt: skip


def link(rows: list[dict[str, Any]], previous: pa.Table | None = None, threads: int | None = None) -> LinkResult:
    columns = {n: [r.get(n) for r in rows] for n in SOURCE_RECORDS.names}
    columns["record_id"] = list(range(len(rows)))
    columns["row"] = [i + 2 for i in range(len(rows))]
    records = SOURCE_RECORDS.check(
        pa.table(columns, schema=pa.schema([f.with_nullable(True) for f in SOURCE_RECORDS.schema]))
    )
    result = link_records(records, SOURCE_FACTS.empty(), MODEL, rules=RULES, on=ON, previous=previous, threads=threads)
    for shape, table in ((LINKS, result.links), (REVIEW, result.review), (PERSONS, result.persons)):
        shape.check(table)
    PERSON_FACTS.check(result.person_facts)
    assert result.links["record_id"].to_pylist() == list(range(len(rows)))
    return result


def persons(result: LinkResult) -> list[str]:
    return result.links["person_id"].to_pylist()  # type: ignore[no-any-return]


AOI = a_resident("11", "松野 葵", "ﾏﾂﾉ ｱｵｲ", date(2017, 5, 9), sex="2")
FATHER = a_resident("10", "松野 太一", "ﾏﾂﾉ ﾀｲﾁ", date(1985, 1, 2))


@pytest.mark.parametrize(
    "row",
    [
        a_record("boshi", "77", local_no="77", name="松野　葵", kana="まつの あおい", birth_date=date(2017, 5, 9)),
        a_record("boshi", "77", local_no="77", name="旧野 葵", birth_date=date(2017, 5, 9), address="若葉5-12-4"),
        a_record("boshi", "77", local_no="77", name="旧野 葵", birth_date=date(2017, 5, 9), guardian_name="松野太一"),
        a_record("kosoudan", "R8-1", name="葵ちゃん", address="若葉5丁目12-4", guardian_name="松野 太一", sex="2"),
        a_record("kosoudan", "R8-1", name="松野（長女）", address="若葉5丁目12-4", guardian_name="松野 太一"),
        a_record(
            "kosoudan", "R8-1", name="松野 葵", age_years=9, age_on=ON, address="若葉5丁目12-4", guardian_name="松野 太一"
        ),
        a_record("jifu", "3-1|2026", fiscal_year=2026, name="松野 葵", birth_date=date(2017, 5, 9), guardian_resident_no="10"),
        a_record("youtaikyo", "要1", local_no="要1", name="松〓 葵", kana="マツノ　アオイ", birth_date=date(2017, 5, 9)),
        a_record("boshi", "77", local_no="77", resident_no="11", name="松野 葵", birth_date=date(2017, 5, 19)),
    ],
)  # fmt: skip
def test_a_record_joins_the_child_it_is_about(row: dict[str, Any]) -> None:
    found = persons(link([FATHER, AOI, row]))
    assert found[2] == found[1] != found[0]


def test_a_mistyped_number_goes_to_a_person() -> None:
    brother = a_resident("12", "松野 岳", "ﾏﾂﾉ ｶﾞｸ", date(2019, 8, 1))
    row = a_record("boshi", "77", local_no="77", resident_no="11", name="松野 岳", birth_date=date(2019, 8, 1))
    result = link([FATHER, AOI, brother, row])
    assert persons(result)[3] == persons(result)[2]
    assert result.review["question"].to_pylist() == ["number_contradicted"]


def test_twins_are_never_one_person() -> None:
    sister = a_resident("12", "松野 茜", "ﾏﾂﾉ ｱｶﾈ", date(2017, 5, 9), sex="2")
    rows = [FATHER, AOI, sister]
    rows += [
        a_record("boshi", "1", local_no="1", resident_no="11", name="松野 茜", birth_date=date(2017, 5, 9)),
        a_record("boshi", "2", local_no="2", name="松野 葵", birth_date=date(2017, 5, 9)),
        a_record("hoiku", "9", local_no="9", name="松野 翠", birth_date=date(2017, 5, 9), address="若葉5-12-4", guardian_name="松野 太一"),
    ]  # fmt: skip
    found = persons(link(rows))
    assert found[3] == found[2]
    assert found[4] == found[1]
    assert found[5] not in found[:5]


def test_namesakes_of_one_day_are_parted_by_home_or_left_to_a_person() -> None:
    other = a_resident(
        "21", "松野 葵", "ﾏﾂﾉ ｱｵｲ", date(2017, 5, 9), sex="2", household_no="600", address="瑞野市本町一丁目1番地の1"
    )
    near = a_record("boshi", "1", local_no="1", name="松野 葵", birth_date=date(2017, 5, 9), address="本町1-1-1")
    unclear = a_record("youtaikyo", "要1", local_no="要1", name="松野 葵", birth_date=date(2017, 5, 9))
    result = link([FATHER, AOI, other, near, unclear])
    found = persons(result)
    assert found[3] == found[2]
    assert found[4] not in found[:4]
    assert "namesakes" in result.review["question"].to_pylist()


def test_namesakes_in_one_class_are_parted_by_the_payer_of_the_school_fees() -> None:
    other = a_resident(
        "21", "松野 葵", "ﾏﾂﾉ ｱｵｲ", date(2017, 5, 9), sex="2", household_no="600", address="瑞野市本町1番地"
    )
    mother = a_resident("20", "松野 凜", "ﾏﾂﾉ ﾘﾝ", date(1986, 1, 2), household_no="600", address="瑞野市本町1番地")
    pupils = [
        a_record("school_roster", s, local_no=s, pupil_no=s, login_id=f"u{s}", fiscal_year=2026, school="1", grade=3,
                 class_name="1", class_number=int(s), name="松野 葵", kana="マツノ アオイ", birth_date=date(2017, 5, 9))
        for s in ("5", "6")
    ]  # fmt: skip
    fees = [
        a_record("kyushoku", "5", pupil_no="5", fiscal_year=2026, school="1", name="松野葵", guardian_name="ﾏﾂﾉ ﾘﾝ"),
        a_record("kyushoku", "6", pupil_no="6", fiscal_year=2026, school="1", name="松野葵", guardian_name="ﾏﾂﾉ ﾀｲﾁ"),
    ]
    found = persons(link([FATHER, AOI, other, mother, *pupils, *fees]))
    assert found[4] == found[6] == found[2]
    assert found[5] == found[7] == found[1]


def _in_class(holder: str, key: str, name: str, **cells: Any) -> dict[str, Any]:
    return a_record(holder, key, local_no=key, fiscal_year=2026, school="1", grade=3, name=name, kana="マツノ アオイ",
                    birth_date=date(2017, 5, 9), **cells)  # fmt: skip


def test_a_pupil_whose_name_offices_write_in_different_characters_is_one_child() -> None:
    listed = _in_class("gakumu", "g1", "松野 葵", resident_no="11")
    pupil = _in_class("school_roster", "5", "松野 蒼", pupil_no="5")
    result = link([FATHER, AOI, listed, pupil])
    found = persons(result)
    assert found[1] == found[2] == found[3]
    # In a large city the weights of a common name do not reach the cut: the class must settle it.
    assert "kana_birth_school" in result.links["decided_by"].to_pylist()


def test_two_children_of_one_reading_day_and_class_are_left_to_a_person() -> None:
    other = a_resident(
        "21", "松野 碧", "ﾏﾂﾉ ｱｵｲ", date(2017, 5, 9), sex="2", household_no="600", address="瑞野市本町1番地"
    )
    listed = [
        _in_class("gakumu", "g1", "松野 葵", resident_no="11"),
        _in_class("gakumu", "g2", "松野 碧", resident_no="21"),
    ]
    pupil = _in_class("school_roster", "5", "松野 蒼", pupil_no="5")
    found = persons(link([FATHER, AOI, other, *listed, pupil]))
    assert found[1] == found[3] != found[2] == found[4]
    assert found[5] not in found[:5]


def test_school_numbers_meet_in_the_roster() -> None:
    roster = a_record("school_roster", "abc", local_no="abc", pupil_no="900", login_id="u900", fiscal_year=2026,
                      school="1", grade=3, class_name="2", class_number=7, name="松野　葵", kana="マツノ　アオイ",
                      birth_date=date(2017, 5, 9))  # fmt: skip
    rows = [
        FATHER, AOI, roster,
        a_record("shukketsu", "900", pupil_no="900", fiscal_year=2026, name="松野葵"),
        a_record("kokoro", "u900", login_id="u900", fiscal_year=2026, name="まつの あおい"),
        a_record("hokenshitsu", "東|2026|3-2-7", school="1", fiscal_year=2026, grade=3, class_name="2",
                 class_number=7, name="松野葵"),
    ]  # fmt: skip
    found = persons(link(rows))
    assert len(set(found[1:])) == 1


def test_a_person_whom_the_register_does_not_know_is_still_a_person() -> None:
    rows = [FATHER, a_record("boshi", "5", local_no="5", name="遠野 渚", birth_date=date(2020, 1, 5))]
    result = link(rows)
    stranger = result.persons.to_pylist()
    states = {p["person_id"]: p["register_state"] for p in stranger}
    assert states[persons(result)[1]] == "absent"
    assert states[persons(result)[0]] == "read"


def test_ids_stay_when_records_come_and_go() -> None:
    boshi = a_record("boshi", "77", local_no="77", name="松野　葵", birth_date=date(2017, 5, 9))
    before = link([boshi])
    kept = pa.table({"holder": ["boshi"], "record_key": ["77"], "person_id": persons(before)})
    assert persons(link([FATHER, AOI, boshi], previous=kept))[1:] == persons(before) * 2
    assert persons(link([FATHER, AOI, boshi])) == persons(link([FATHER, AOI, boshi]))


def test_neither_threads_nor_order_change_who_belongs_together() -> None:
    rows = [FATHER, AOI] + [
        a_record("boshi", str(i), local_no=str(i), name="松野　葵", birth_date=date(2017, 5, i + 1)) for i in range(20)
    ]
    one, four = link(rows, threads=1), link(rows, threads=4)
    assert one.links.equals(four.links)
    assert one.review.equals(four.review)
    assert persons(link(rows[::-1]))[::-1] == persons(one)


def test_the_household_and_birth_date_come_from_the_register() -> None:
    result = link([FATHER, AOI, a_record("boshi", "1", resident_no="11", name="松野 葵", birth_date=date(2017, 5, 8))])
    aoi = next(p for p in result.persons.to_pylist() if p["register_key"] == "11")
    assert (aoi["household_id"], aoi["birth_date"], aoi["sex"]) == ("500", date(2017, 5, 9), "2")

"""Names reach the desk only for noticed children and the households they live in."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from tsunagu.linkage.identities import identities
from tsunagu.records.stage_tables import LINKS, PERSONS, SOURCE_RECORDS
from tsunagu.suppression.spread import Suppressed

ON = dt.date(2026, 9, 30)


def _records(*rows: dict[str, object]) -> pa.Table:
    base = {"holder": "register", "file": "f.csv", "row": 2, "state": "read"}
    return pa.Table.from_pylist(
        [{**base, "record_id": i, **row} for i, row in enumerate(rows)], schema=SOURCE_RECORDS.schema
    )


def _links(*rows: tuple[str, str]) -> pa.Table:
    return pa.Table.from_pylist(
        [{"record_id": i, "person_id": person, "decided_by": by} for i, (person, by) in enumerate(rows)],
        schema=LINKS.schema,
    )


def _persons(*rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist([{"register_state": "read", **row} for row in rows], schema=PERSONS.schema)


def _city(suppressed: Suppressed) -> pa.Table:
    records = _records(
        {"name": "例川　あおい", "kana": "ﾚｲｶﾜ ｱｵｲ", "address": "若葉1-1", "relation": "子"},
        {"name": "例川 あおい", "class_name": "2", "fiscal_year": 2026, "school": "1101"},
        {"name": "例川　みどり", "address": "若葉1-1", "relation": "世帯主"},
        {"name": "例川　とおる", "address": "別の町", "relation": "夫"},
        {"name": "例山　ほか", "address": "南野2-2"},
    )
    links = _links(
        ("child", "register"),
        ("child", "name_birth"),
        ("mother", "register"),
        ("gone", "register"),
        ("other", "register"),
    )
    persons = _persons(
        {"person_id": "child", "household_id": "7", "birth_date": dt.date(2016, 5, 1), "school": "1101"},
        {"person_id": "mother", "household_id": "7", "birth_date": dt.date(1990, 1, 1)},
        {"person_id": "gone", "household_id": "7", "resident_until": dt.date(2026, 9, 30)},
        {"person_id": "other", "household_id": "8"},
    )
    return identities(
        records=records,
        links=links,
        persons=persons,
        noticed={"child"},
        suppressed=suppressed,
        school_names={"1101": "東小学校"},
        on=ON,
    )


def test_the_noticed_child_and_who_lives_there_now() -> None:
    got = {row["person_id"]: row for row in _city(Suppressed(frozenset(), everyone=False)).to_pylist()}
    assert sorted(got) == ["child", "mother"]
    assert got["child"]["kana"] == "レイカワ アオイ"
    assert (got["child"]["grade"], got["child"]["class_name"], got["child"]["school_name"]) == (4, "2", "東小学校")
    assert (got["child"]["is_noticed"], got["mother"]["is_noticed"]) == (True, False)
    assert got["mother"]["address"] == "若葉1-1"


def test_a_suppressed_address_is_absent() -> None:
    hidden = _city(Suppressed(frozenset({"child", "mother"}), everyone=False))
    assert hidden.column("address").to_pylist() == [None, None]
    assert _city(Suppressed(frozenset(), everyone=True)).column("address").to_pylist() == [None, None]

"""Where people live and lived: every register adds a tie, the register's moves are the history, nobody is guessed."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from tsunagu.linkage.whereabouts import Whereabouts, addresses, other_parties, residences, whereabouts
from tsunagu.records.stage_tables import LINKS, PERSON_FACTS, PERSONS, SOURCE_RECORDS

HERE, THERE, ELSEWHERE = "瑞野市若葉五丁目12番地の4", "瑞野市泉町5-10-13", "瑞野市南野一丁目8番地の22"


def _city(*records: dict[str, object], moves: tuple[dict[str, object], ...] = ()) -> tuple[Whereabouts, pa.Table]:
    people = sorted({str(r["person"]) for r in records})
    rows = [
        {"holder": "jumin", "file": "f.csv", "state": "read", **r, "record_id": i, "row": i}
        for i, r in enumerate(records)
    ]
    links = [{"record_id": i, "person_id": r["person"], "decided_by": "register"} for i, r in enumerate(records)]
    homes = {r["person"]: r["household_no"] for r in records if r.get("household_no")}
    persons = [
        {"person_id": p, "register_key": str(n), "register_state": "read", "household_id": homes.get(p)}
        for n, p in enumerate(people)
    ]
    facts = [{"item": "move", "state": "known", "holder": "jumin", "file": "f.csv", **m} for m in moves]
    tables = [
        pa.Table.from_pylist([{k: v for k, v in row.items() if k != "person"} for row in given], schema=shape.schema)
        for shape, given in ((SOURCE_RECORDS, rows), (LINKS, links), (PERSONS, persons), (PERSON_FACTS, facts))
    ]
    known = whereabouts(records=tables[0], links=tables[1], persons=tables[2], person_facts=tables[3], register="jumin")
    return known, tables[2] if not moves else tables[3]


def _mother(**changes: object) -> dict[str, object]:
    return {"person": "mother", "name": "例田　みどり", "household_no": "7", "address": HERE, **changes}


def test_ties_are_now_and_before_and_of_every_register() -> None:
    known, persons = _city(
        _mother(),
        {"person": "mother", "previous_address": THERE, "address": HERE, "previous_household_no": "3"},
        {"person": "mother", "holder": "zeimu", "name": "例田　みどり", "address": ELSEWHERE},
        {"person": "mother", "holder": "jumin", "address": "瑞野市若葉"},
    )
    assert known.ties["mother"] == {
        "household:7": True,
        "household:3": False,
        "place:若葉|5-12-4": True,
        "place:泉町|5-10-13": False,
        "place:南野|1-8-22": False,
    }, "a quarter without a house number ties nobody"
    assert residences(known, persons, {}).num_rows == 5


def test_the_history_is_what_the_register_and_the_list_say() -> None:
    known, facts = _city(
        _mother(),
        {"person": "mother", "previous_address": THERE, "address": "若葉5-12-4"},
        {"person": "mother", "holder": "shien_sochi", "name": "例田　みどり", "previous_address": "泉町五丁目10番13号"},
        {"person": "mother", "holder": "zeimu", "name": "例田　みどり", "address": ELSEWHERE},
        moves=({"person_id": "mother", "row": 1, "at": dt.date(2025, 3, 20), "label": "7"},),
    )
    got = addresses(known, facts, {"mother"}).to_pylist()
    assert [(r["kind"], r["address"], r["valid_from"], r["valid_to"]) for r in got] == [
        ("current", HERE, dt.date(2025, 3, 20), None),
        ("previous", THERE, None, dt.date(2025, 3, 20)),
    ]
    assert addresses(known, facts, {"somebody"}).num_rows == 0


def test_any_flag_but_a_plain_no_counts() -> None:
    flags = {"a": "1", "b": "１", "c": "0", "d": "", "e": None, "f": "?"}
    known, persons = _city(*[{"person": p, "name": p, "suppression_flag": f} for p, f in flags.items()])
    assert known.flagged == {"a", "b", "f"}
    assert {r["person_id"] for r in residences(known, persons, {}).to_pylist() if r["is_flagged"]} == {"a", "b", "f"}


def test_the_other_party_is_a_resident_where_name_and_address_agree() -> None:
    father = {"person": "father", "name": "例村　剛", "kana": "ﾚｲﾑﾗ ﾂﾖｼ", "household_no": "9", "address": ELSEWHERE}
    listed = {"person": "mother", "holder": "shien_sochi", "other_party_name": "例村剛"}
    known, _ = _city(_mother(), father, {**listed, "other_party_address": "瑞野市南野1-8-22"})
    (row,) = other_parties(known).to_pylist()
    assert (row["person_id"], row["kana"], row["other_id"]) == ("mother", "レイムラ ツヨシ", "father")
    for address in (None, THERE):
        known, _ = _city(_mother(), father, {**listed, "other_party_address": address})
        (row,) = other_parties(known).to_pylist()
        assert (row["name"], row["other_id"]) == ("例村剛", None), "a name alone may be a namesake's"
    known, _ = _city(_mother(), father, {**father, "person": "uncle"}, {**listed, "other_party_address": ELSEWHERE})
    assert [r["other_id"] for r in other_parties(known).to_pylist()] == [None], "two of one name at one address"

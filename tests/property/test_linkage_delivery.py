"""Laws of linkage: order changes nothing, strangers change nothing, no record is lost. Everybody here is invented."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tsunagu.linkage.delivery import link_records
from tsunagu.linkage.rules import Rules
from tsunagu.linkage.weights import Cuts, Model
from tsunagu.records.stage_tables import SOURCE_FACTS, SOURCE_RECORDS

RULES = Rules("jumin", "school_roster", ("boshi",), ())
MODEL = Model({}, Cuts(0.99, 0.05, 5.0), {})
NAMES = [("松野", "葵"), ("松野", "茜"), ("遠野", "葵"), ("遠野", "渚"), ("高橋", "蓮")]


@st.composite
def deliveries(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A few children in the register and in a health list, with namesakes and equal birth dates on purpose."""
    rows: list[dict[str, Any]] = []
    for i in range(draw(st.integers(1, 5))):
        surname, name = draw(st.sampled_from(NAMES))
        born = date(2018, 4, 2) + timedelta(days=draw(st.integers(0, 2)))
        person = {"name": f"{surname} {name}", "birth_date": born, "state": "read"}
        number = str(100 + i)
        rows.append(person | {"holder": "jumin", "file": "jumin/a.csv", "record_key": number, "resident_no": number})
        if draw(st.booleans()):
            own = str(500 + i)
            health = person | {"holder": "boshi", "file": "boshi/b.csv", "record_key": own, "local_no": own}
            rows.append(health | {"resident_no": number} if draw(st.booleans()) else health)
    return rows


def people(rows: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """(holder, key) -> person, for every row given; fails when a record was lost."""
    columns = {n: [r.get(n) for r in rows] for n in SOURCE_RECORDS.names}
    columns |= {"record_id": list(range(len(rows))), "row": list(range(2, len(rows) + 2))}
    records = pa.table(columns, schema=SOURCE_RECORDS.schema)
    links = link_records(records, SOURCE_FACTS.empty(), MODEL, rules=RULES, on=date(2026, 9, 30)).links
    assert links["record_id"].to_pylist() == list(range(len(rows)))
    found = links["person_id"].to_pylist()
    return {(r["holder"], r["record_key"]): p for r, p in zip(rows, found, strict=True)}


@settings(max_examples=6, deadline=None)
@given(deliveries(), st.randoms(use_true_random=False))
def test_order_changes_nothing_and_strangers_change_nothing(rows: list[dict[str, Any]], random: Any) -> None:
    found = people(rows)
    shuffled = rows[:]
    random.shuffle(shuffled)
    assert people(shuffled) == found
    stranger = {
        "holder": "jumin", "file": "jumin/a.csv", "record_key": "999", "resident_no": "999", "state": "read",
        "name": "名取 暁", "birth_date": date(2011, 1, 1),
    }  # fmt: skip
    with_stranger = people([*rows, stranger])
    assert {key: p for key, p in with_stranger.items() if key != ("jumin", "999")} == found


@settings(max_examples=6, deadline=None)
@given(deliveries())
def test_two_register_rows_are_never_one_person(rows: list[dict[str, Any]]) -> None:
    registered = [p for (holder, _), p in people(rows).items() if holder == "jumin"]
    assert len(set(registered)) == len(registered)

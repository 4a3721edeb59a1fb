"""Names of children whose families may be offered support: whom they name, and where a letter may go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest

from tsunagu.linkage.offer_names import offer_names
from tsunagu.records.stage_tables import LINKS, PERSONS, SOURCE_RECORDS
from tsunagu.suppression.spread import EVERYONE, Suppressed, household_tie, place_tie

ON = dt.date(2026, 9, 30)
D = dt.date
NOBODY = Suppressed(frozenset(), everyone=False)


def _table(shape: Any, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([{name: row.get(name) for name in shape.names} for row in rows], schema=shape.schema)


def _homes(**places: tuple[str, str]) -> dict[str, dict[str, bool]]:
    """Person -> household and place where they live now."""
    return {p: {household_tie(h): True, place_tie(place): True} for p, (h, place) in places.items()}


def made(
    homes: Mapping[str, Mapping[str, bool]],
    *,
    suppressed: Suppressed = NOBODY,
    wanted: frozenset[str] = frozenset({"P1"}),
    left: Mapping[str, dt.date] | None = None,
) -> list[dict[str, Any]]:
    """Everybody of `homes` with a row of the register; left: the day until which somebody is a resident."""
    people = sorted(homes)
    numbers = {p: next((t.split(":")[1] for t in homes[p] if t.startswith("household")), None) for p in people}
    rows = [
        {"record_id": n, "holder": "jumin", "file": "j", "row": n, "state": "read", "name": f"例川　{p}",
         "kana": "れいかわ", "address": "瑞野市若葉1-1", "relation": "子"}
        for n, p in enumerate(people)
    ]  # fmt: skip
    persons = [
        {"person_id": p, "register_state": "read", "birth_date": D(2016, 5, 12), "household_id": numbers[p],
         "resident_until": (left or {}).get(p), "school": "102", "in_scope": True}
        for p in people
    ]  # fmt: skip
    return offer_names(
        records=_table(SOURCE_RECORDS, rows),
        links=_table(LINKS, [{"record_id": n, "person_id": p, "decided_by": "register"} for n, p in enumerate(people)]),
        persons=_table(PERSONS, persons),
        wanted=wanted,
        suppressed=suppressed,
        ties=homes,
        school_names={"102": "瑞野市立第二小学校"},
        on=ON,
    ).to_pylist()


def test_only_the_child_is_named_and_nobody_of_the_household() -> None:
    (row,) = made(_homes(P1=("1", "a"), P2=("1", "a")))
    assert (row["person_id"], row["name"], row["kana"], row["school_name"]) == (
        "P1", "例川　P1", "レイカワ", "瑞野市立第二小学校",
    )  # fmt: skip
    assert "address" not in row
    assert row["letter"] is True


@pytest.mark.parametrize(
    ("homes", "more", "why"),
    [
        (_homes(P1=("1", "a"), P2=("2", "a")), {}, "another household lives there"),
        ({"P1": {household_tie("1"): True}}, {}, "an address without a house number ties nobody, and nobody knows"),
        ({"P1": {**_homes(P1=("1", "a"))["P1"], place_tie("b"): True}}, {}, "two addresses at once"),
        (_homes(P1=("1", "a")), {"suppressed": Suppressed(frozenset({"P1"}), everyone=False)}, "protected"),
        (_homes(P1=("1", "a")), {"suppressed": EVERYONE}, "the list cannot be trusted"),
    ],
)
def test_no_letter_goes_where_it_could_be_read_by_others(homes: Any, more: dict[str, Any], why: str) -> None:
    assert [row["letter"] for row in made(homes, **more)] == [False], why


def test_who_has_moved_away_or_lived_there_before_is_nobody_at_the_address() -> None:
    homes = _homes(P1=("1", "a"), P2=("2", "a"), P3=("3", "b"))
    homes["P3"][place_tie("a")] = False
    assert [row["letter"] for row in made(homes, left={"P2": ON})] == [True]
    assert [row["letter"] for row in made(homes, left={"P2": ON + dt.timedelta(days=1)})] == [False]


def test_two_without_a_household_are_two_households() -> None:
    homes = {"P1": {place_tie("a"): True}, "P2": {place_tie("a"): True}}
    assert [row["letter"] for row in made(homes)] == [False]

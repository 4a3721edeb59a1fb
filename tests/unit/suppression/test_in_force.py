"""Hidden addresses: the list decides, the household is covered, and doubt hides."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from tsunagu.records.stage_tables import PERSON_FACTS, PERSONS
from tsunagu.suppression.in_force import in_force, listed_until

ON = dt.date(2026, 9, 30)


def _persons(**households: str | None) -> pa.Table:
    rows = [
        {"person_id": person, "register_state": "read", "household_id": household}
        for person, household in households.items()
    ]
    return pa.Table.from_pylist(rows, schema=PERSONS.schema)


def _facts(*rows: dict[str, object]) -> pa.Table:
    base = {"item": "address_suppression", "state": "known", "holder": "shien_sochi", "file": "f.csv", "row": 2}
    return pa.Table.from_pylist([{**base, **row} for row in rows], schema=PERSON_FACTS.schema)


@pytest.mark.parametrize(
    ("at", "until", "is_hidden"),
    [
        (dt.date(2026, 3, 29), dt.date(2027, 3, 28), True),
        (dt.date(2026, 9, 30), dt.date(2026, 9, 30), True),
        (dt.date(2025, 2, 16), dt.date(2026, 2, 16), False),
        (dt.date(2026, 10, 1), dt.date(2027, 9, 30), False),
        (None, None, True),
    ],
)
def test_the_list_decides_by_day(at: dt.date | None, until: dt.date | None, is_hidden: bool) -> None:
    got = in_force(
        _facts({"person_id": "mother", "at": at, "until": until}),
        _persons(mother="7", child="7", neighbour="8"),
        ON,
        is_list_readable=True,
        registered={"mother", "child", "neighbour"},
    )
    assert [got.hides(p) for p in ("mother", "child", "neighbour")] == [is_hidden, is_hidden, False]


def test_an_ended_and_a_new_row_of_one_person_hide() -> None:
    got = in_force(
        _facts(
            {"person_id": "m", "at": dt.date(2025, 2, 16), "until": dt.date(2026, 2, 16)},
            {"person_id": "m", "at": dt.date(2026, 3, 29), "until": dt.date(2027, 3, 28)},
        ),
        _persons(m="7"),
        ON,
        is_list_readable=True,
        registered={"m"},
    )
    assert got.hides("m")


@pytest.mark.parametrize("state", ["unknown", "set_aside"])
def test_an_unreadable_row_hides(state: str) -> None:
    got = in_force(
        _facts({"person_id": "m", "at": dt.date(2020, 1, 1), "until": dt.date(2021, 1, 1), "state": state}),
        _persons(m=None),
        ON,
        is_list_readable=True,
        registered={"m"},
    )
    assert got.hides("m")


def test_an_unreadable_list_hides_everyone() -> None:
    got = in_force(_facts(), _persons(a="1"), ON, is_list_readable=False, registered={"a"})
    assert got.hides("a")


def test_a_covered_person_who_cannot_be_found_hides_everyone() -> None:
    got = in_force(
        _facts({"person_id": "stranger", "at": dt.date(2026, 1, 1), "until": None}),
        _persons(a="1", stranger=None),
        ON,
        is_list_readable=True,
        registered={"a"},
    )
    assert got.hides("a")


def test_hirakata_the_registers_flag_alone_hides_too() -> None:
    """Hirakata 2019: one system had the flag and the other had none. A flag hides; a missing one does nothing."""
    people = _persons(a="1", b="1", c="2")
    got = in_force(_facts(), people, ON, is_list_readable=True, registered={"a", "b", "c"}, flagged={"a"})
    assert [got.hides(p) for p in "abc"] == [True, True, False]
    listed = _facts({"person_id": "c", "at": dt.date(2026, 1, 1), "until": None})
    got = in_force(listed, people, ON, is_list_readable=True, registered={"a", "b", "c"}, flagged=())
    assert got.hides("c"), "a flag that is late takes nothing away from the list"


def test_a_former_household_and_a_shared_address_are_hidden_too() -> None:
    ties = {
        "mother": {"household:7", "household:3", "place:若葉|5-12-4"},
        "grandmother": {"household:8", "place:若葉|5-12-4"},  # lives at the same address, a household of her own
        "child": {"household:9", "household:7"},  # has moved to somebody else, and its old address is the hidden one
        "neighbour": {"household:10", "place:若葉|5-12-5"},
    }
    got = in_force(
        _facts({"person_id": "mother", "at": dt.date(2026, 1, 1), "until": None}),
        _persons(mother="7", grandmother="8", child="9", neighbour="10"),
        ON,
        is_list_readable=True,
        registered=set(ties),
        ties=ties,
    )
    assert {p for p in ties if got.hides(p)} == {"mother", "grandmother", "child"}


def test_the_last_day_of_a_protection_is_the_latest_that_may_hold() -> None:
    end = dt.date(2027, 3, 28)
    got = listed_until(
        _facts(
            {"person_id": "a", "at": dt.date(2025, 2, 16), "until": dt.date(2026, 2, 16)},
            {"person_id": "b", "at": dt.date(2026, 3, 29), "until": end},
            {"person_id": "b", "at": dt.date(2026, 1, 1), "until": dt.date(2026, 10, 1)},
            {"person_id": "c", "at": None, "until": None},
            {"person_id": "d", "at": dt.date(2020, 1, 1), "until": dt.date(2021, 1, 1), "state": "set_aside"},
        ),
        ON,
    )
    assert got == {"b": end, "c": dt.date.max, "d": dt.date.max}

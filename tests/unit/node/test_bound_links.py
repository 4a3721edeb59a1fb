"""Extracts brought in anew meet nothing that was linked of others: nobody is told under another's name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from fixed import ROOT
from keyed import CITY, GROUP, KEY, ROUND, source_records
from tsunagu.errors import StateError
from tsunagu.indicators.load import Definitions
from tsunagu.linkage.keyed_values import LinkageKey, link_id_key, linkage_key
from tsunagu.linkage.rules import Rules
from tsunagu.linkage.weights import read_model
from tsunagu.purposes.agreement import Cohort
from tsunagu.purposes.answering import Parts
from tsunagu.records.stage_tables import SOURCE_FACTS
from tsunagu_node import store as stores
from tsunagu_node.holdings import OwnHoldings
from tsunagu_node.linking import Linking
from tsunagu_node.naming import Naming
from tsunagu_node.store import Brought, Snapshot, Store

ON = dt.date(2026, 9, 30)
RULES = Rules("jumin", "school_roster", ("gakumu",), ())
MODEL = read_model(ROOT / "examples" / "hinode-city" / "linkage" / "model.json")
NOTHING = Definitions("1", None, None, (), (), ())
ANEW = "brought in anew after they were linked"
EVERYBODY = Cohort(0, 24)
NAMES = ("松野 葵", "遠野 陽翔", "瀬川 凪", "久保 翠", "森田 結", "浅井 蓮")
KANA = ("マツノ アオイ", "トオノ ハルト", "セガワ ナギ", "クボ ミドリ", "モリタ ユイ", "アサイ レン")


def rows(holder: str, children: Sequence[int] = range(6)) -> list[dict[str, Any]]:
    """One row of each of these children."""
    return [
        {
            "holder": holder,
            "file": f"{holder}/list.csv",
            "record_key": str(100 + i),
            "state": "read",
            "name": NAMES[i],
            "kana": KANA[i],
            "birth_date": dt.date(2016, 4 + i, 3 + i),
            "sex": "1",
            "address": f"瑞野市若葉五丁目{i + 1}番地の4",
            **({"resident_no": str(100 + i), "household_no": str(500 + i)} if holder == "jumin" else {}),
            **({"local_no": str(100 + i)} if holder != "jumin" else {}),
        }
        for i in children
    ]


@dataclass
class Holder:
    """One holder with its store."""

    folder: Path
    extract: str
    key: LinkageKey = field(default_factory=lambda: linkage_key(KEY, GROUP, ROUND))

    def __post_init__(self) -> None:
        self.store = Store(self.folder, bytes(range(64)))
        ids = link_id_key(KEY, GROUP) if self.extract == RULES.register else None
        held = (self.extract,)
        self.linking = Linking(self.store, held, RULES, self.key, CITY, ids, MODEL)
        self.holdings = OwnHoldings(self.store, {}, NOTHING, self.linking, Naming(held, RULES, ids))

    def bring(self, children: Sequence[int] = range(6), on: dt.date = ON) -> None:
        records = source_records(rows(self.extract, children))
        self.store.bring(Brought(on, records, SOURCE_FACTS.empty(), (), {}))

    def addresses(self, on: dt.date = ON) -> dict[str, str]:
        ids = self.store.newest(on).persons.column("person_id").to_pylist()
        told = self.holdings.identity(["address"], ids, on).to_pylist()
        return {one["person_id"]: one["text"] for one in told}


@pytest.fixture
def register(tmp_path: Path) -> Holder:
    made = Holder(tmp_path / "residents", RULES.register)
    made.bring()
    return made


@pytest.fixture
def school(tmp_path: Path) -> Holder:
    made = Holder(tmp_path / "school-board", "gakumu")
    made.bring()
    return made


def linked(register: Holder, school: Holder) -> Parts:
    """What the school is told, once the register's holder has linked."""
    register.linking.link_all({"school-board": school.linking.keyed(["gakumu"], ON)}, ON)
    return told_by(register)


def told_by(register: Holder) -> Parts:
    told = register.linking.residents(["birth_date", "sex"], EVERYBODY, "school-board", ON)
    assert told is not None
    return told


def test_names_are_not_told_of_extracts_brought_in_anew(register: Holder, school: Holder) -> None:
    linked(register, school)
    before = register.addresses()
    assert len(before) == 6
    register.bring(range(3, 6))
    with pytest.raises(StateError, match=ANEW) as caught:
        register.addresses()
    assert "tsunagu node link" in caught.value.to_do
    linked(register, school)
    after = register.addresses()
    assert len(after) == 3
    assert after.items() <= before.items()


def test_the_same_extracts_brought_in_again_stay_linked(register: Holder, school: Holder) -> None:
    told = linked(register, school)
    before = register.addresses()
    register.bring()
    school.bring()
    assert register.addresses() == before
    assert told_by(register).keys() == told.keys()
    assert school.linking.settle(told, ON).links.num_rows == 6


def test_extracts_of_another_day_name_nobody_before_they_are_linked(register: Holder, school: Holder) -> None:
    linked(register, school)
    before = register.addresses()
    later = ON + dt.timedelta(1)
    register.bring(range(3, 6), later)
    assert register.addresses(later) == before


def test_what_was_found_is_not_served_of_extracts_brought_in_anew(register: Holder, school: Holder) -> None:
    linked(register, school)
    register.bring(range(3, 6))
    with pytest.raises(StateError, match=ANEW):
        told_by(register)


def test_numbers_that_were_sent_meet_no_records_of_another_import(register: Holder, school: Holder) -> None:
    told = linked(register, school)
    school.bring(range(3, 6))
    with pytest.raises(StateError, match=ANEW):
        school.linking.settle(told, ON)
    assert school.store.days() == []


def test_numbers_sent_anew_meet_no_answers_of_a_linkage_before(register: Holder, school: Holder) -> None:
    """As where the register's holder asked again, and was stopped before it linked."""
    told = linked(register, school)
    school.bring(range(3, 6))
    school.linking.keyed(["gakumu"], ON)
    with pytest.raises(StateError, match="not of the records of 2026-09-30 that were sent last"):
        school.linking.settle(told, ON)
    assert school.store.days() == []


def test_answers_are_served_beside_the_snapshot_they_were_found_with_alone(register: Holder, school: Holder) -> None:
    """As where a node was killed between the two, or an older snapshot does not say of what it was made."""
    linked(register, school)
    register.store.keep(replace(register.store.newest(ON), made_of=""))
    with pytest.raises(StateError, match=ANEW):
        told_by(register)


def test_what_was_kept_before_imports_had_a_hash_is_refused(
    register: Holder, school: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(stores, "_of_import", lambda tables, _made_of: dict(tables))
        register.bring()
        school.bring()
        register.linking.link_all({"school-board": school.linking.keyed(["gakumu"], ON)}, ON)
    with pytest.raises(StateError, match=ANEW):
        register.addresses()
    with pytest.raises(StateError, match=ANEW):
        told_by(register)
    with pytest.raises(StateError, match=ANEW):
        school.store.numbers(school.store.brought(ON))
    # Linked again it stands, without another import.
    linked(register, school)
    assert len(register.addresses()) == 6


def test_a_snapshot_in_which_nobody_was_linked_is_not_kept(tmp_path: Path, register: Holder) -> None:
    """With the key of another round: of everybody it would be known that there is nothing."""
    stranger = Holder(tmp_path / "school-board", "gakumu", linkage_key(KEY, GROUP, "2026-11"))
    stranger.bring()
    told = linked(register, stranger)
    with pytest.raises(StateError, match="not one record of 2026-09-30 was linked"):
        stranger.linking.settle(told, ON)
    assert stranger.store.days() == []


def test_a_holder_who_brought_nothing_in_is_settled_with_nothing(register: Holder, school: Holder) -> None:
    told = linked(register, school)
    school.bring(())
    school.linking.keyed(["gakumu"], ON)
    made: Snapshot = school.linking.settle(told, ON)
    assert made.links.num_rows == 0

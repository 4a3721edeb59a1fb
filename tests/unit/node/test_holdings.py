"""A node's own store and what it computes from it: sealed on the disk, and the values of a screening."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest

from screening_cases import CRITERIA_FILE, a_town, the_catalogue, the_criteria
from tsunagu.errors import EngineError, PurposeError, StateError
from tsunagu.indicators.load import load_definitions
from tsunagu.purposes.agreement import Cohort
from tsunagu.screening.screen import screen
from tsunagu_node.holdings import OwnHoldings
from tsunagu_node.store import Snapshot, Store

ON = dt.date(2026, 9, 30)
KEY = bytes(range(64))


def a_snapshot(on: dt.date = ON, seed: int = 3) -> Snapshot:
    persons, facts = a_town(seed, ON, children=40).tables()
    return Snapshot(on, persons, facts, frozenset(["P001"]))


@pytest.fixture
def holdings(tmp_path: Path) -> OwnHoldings:
    store = Store(tmp_path, KEY)
    store.keep(a_snapshot())
    items = the_catalogue().items
    return OwnHoldings(store, items, load_definitions(CRITERIA_FILE, items))


def test_indicators_are_those_of_a_screening(holdings: OwnHoldings) -> None:
    snapshot = a_snapshot()
    every = screen(snapshot.persons, snapshot.facts, the_criteria(), the_catalogue(), ON).indicators.to_pylist()
    for ids in ({"absent_total"}, {"score_fall", "low_mood"}, {one.id for one in the_criteria().indicators}):
        expected = [row for row in every if row["indicator"] in ids]
        assert holdings.indicators(ids, ON).to_pylist() == expected


def test_children_are_residents_of_that_age(holdings: OwnHoldings) -> None:
    everybody = set(holdings.children(Cohort(0, 24), ON))
    young, old = set(holdings.children(Cohort(0, 8), ON)), set(holdings.children(Cohort(9, 24), ON))
    assert young
    assert old
    assert young | old == everybody
    assert not young & old
    assert set(holdings.children(Cohort(0, 24), ON)) <= {
        row["person_id"] for row in a_snapshot().persons.to_pylist() if row["birth_date"]
    }


def test_items_and_indicators_have_a_definition_each(holdings: OwnHoldings) -> None:
    found = holdings.definitions()
    assert ("absent_total", "2026.1.0") in found
    assert ("absent_days", "1") in found
    assert len(set(found.values())) == len(found)


def test_a_snapshot_reads_back_and_lies_sealed(tmp_path: Path) -> None:
    store = Store(tmp_path, KEY)
    path = store.keep(a_snapshot())
    read = store.newest(ON)
    assert read.persons.equals(a_snapshot().persons)
    assert read.facts.equals(a_snapshot().facts)
    assert read.protected == {"P001"}
    data = path.read_bytes()
    assert b"P001" not in data
    assert b"absent_days" not in data
    assert b"ARROW" not in data
    assert path.stat().st_mode & 0o077 == 0


def test_another_key_or_another_day_opens_nothing(tmp_path: Path) -> None:
    path = Store(tmp_path, KEY).keep(a_snapshot())
    with pytest.raises(PurposeError):
        Store(tmp_path, bytes(64)).newest(ON)
    path.rename(path.with_name("2026-09-29.sealed"))
    with pytest.raises(PurposeError):
        Store(tmp_path, KEY).newest(ON)


def test_the_newest_of_the_day_or_before_is_taken_and_old_ones_go(tmp_path: Path) -> None:
    store = Store(tmp_path, KEY)
    for day in (dt.date(2026, 7, 31), dt.date(2026, 8, 31), ON):
        store.keep(a_snapshot(day))
    assert store.newest(dt.date(2026, 9, 29)).on == dt.date(2026, 8, 31)
    with pytest.raises(StateError, match="no extracts of 2026-07-30"):
        store.newest(dt.date(2026, 7, 30))
    assert store.forget(dt.date(2026, 8, 31)) == 1
    assert store.days() == [dt.date(2026, 8, 31), ON]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path, KEY)
    store.keep(a_snapshot())

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EngineError, match="could not be kept"):
        store.keep(a_snapshot(seed=4))
    monkeypatch.undo()
    assert store.newest(ON).facts.equals(a_snapshot().facts)
    assert [path.suffix for path in (tmp_path / "snapshots").iterdir()] == [".sealed"]


def test_what_a_killed_node_had_begun_to_write_is_gone_when_its_store_is_opened(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    begun = tmp_path / "store" / "snapshots" / f".2026-09-30.{gone.pid}.partial"
    others = tmp_path / "store" / "snapshots" / f".2026-09-30.{os.getppid()}.partial"
    begun.parent.mkdir(parents=True)
    begun.write_bytes(b"half")
    others.write_bytes(b"another process is writing it")
    Store(tmp_path / "store", KEY)
    assert not begun.exists()
    assert others.exists()

"""Support that may be unclaimed, on the sample: it stands in one table, and never raises a level."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fixed import KEY, ON
from screening_cases import CITY, a_town, the_catalogue, the_criteria
from screening_mutants import changed_measures, changed_signs
from tsunagu.municipality import City, load_city
from tsunagu.pipeline import Counts, Order, run_city
from tsunagu.programmes.programme import Programme
from tsunagu.records.run_tables import PLAIN_TABLES
from tsunagu.runs.folder import RunFolder, open_run
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.screen import screen

CERTIFICATES = {"care_need", "disability_certificate"}
# The rows set aside may be more where more is read; all else is the same to the byte.
SAME = sorted({shape.name for shape in PLAIN_TABLES} - {"entitlements", "quarantine"})


def _run(city: City, sample: Path, out: Path) -> tuple[RunFolder, Counts]:
    counts = run_city(city, Order(sample / "extracts", ON, out, KEY), lambda stage, done, total: None)
    return open_run(out), counts


@pytest.fixture(scope="module")
def changed(sample: Path, city: City, tmp_path_factory: pytest.TempPathFactory) -> tuple[RunFolder, Counts]:
    """A run in which every programme had a rule or a measure changed at random."""
    draw = random.Random(5)
    programmes = tuple(_changed(programme, draw) for programme in city.programmes)
    return _run(replace(city, programmes=programmes), sample, tmp_path_factory.mktemp("changed") / "run")


def _changed(programme: Programme, draw: random.Random) -> Programme:
    editions = []
    for day, criteria in programme.editions:
        made: list[Criteria] = [c for _, c in (*changed_signs(criteria), *changed_measures(criteria))]
        editions.append((day, draw.choice(made)))
    return replace(programme, editions=tuple(editions))


def _bytes(run: RunFolder, name: str) -> bytes:
    return (run.path / f"{name}.parquet").read_bytes()


def test_no_table_but_its_own_knows_of_it(sample: Path, city: City, run: RunFolder, tmp_path: Path) -> None:
    without, counts = _run(load_city(CITY), sample, tmp_path / "run")
    assert without.table("entitlements").num_rows == 0 < run.table("entitlements").num_rows
    assert [name for name in SAME if _bytes(without, name) != _bytes(run, name)] == []
    assert without.identities(KEY).equals(run.identities(KEY))
    assert counts.unclaimed == {}
    assert without.vocabulary == {**run.vocabulary, "programmes": {}}


def test_rules_changed_at_random_change_no_level(run: RunFolder, changed: tuple[RunFolder, Counts]) -> None:
    assert _bytes(changed[0], "entitlements") != _bytes(run, "entitlements"), "control: the change was felt"
    assert [name for name in SAME if _bytes(changed[0], name) != _bytes(run, name)] == []


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(6, 12))
def test_rules_changed_at_random_again_and_again_change_no_level(
    seed: int, sample: Path, city: City, run: RunFolder, tmp_path: Path
) -> None:
    draw = random.Random(seed)
    programmes = tuple(_changed(programme, draw) for programme in city.programmes)
    other, _ = _run(replace(city, programmes=programmes), sample, tmp_path / "run")
    assert [name for name in SAME if _bytes(other, name) != _bytes(run, name)] == []


def test_control_the_same_change_in_the_criteria_changes_levels() -> None:
    """An indicator of a programme's rule is a sign of the criteria too; there its change is seen at once."""
    town = a_town(1, ON)
    as_it_is = screen(*town.tables(), the_criteria(), the_catalogue(), ON)
    moved = [c for how, c in changed_signs(the_criteria()) if how.startswith("P4a")]
    assert moved
    for criteria in moved:
        other = screen(*town.tables(), criteria, the_catalogue(), ON)
        assert not other.reasons.equals(as_it_is.reasons)
        assert not other.judgments.equals(as_it_is.judgments)


def test_what_only_programmes_read_stands_in_no_other_table(city: City, run: RunFolder) -> None:
    assert city.read.items.keys() >= CERTIFICATES
    assert not CERTIFICATES & city.catalogue.items.keys()
    assert not CERTIFICATES & set(run.table("facts").column("item").to_pylist())
    sources = {reason["source"] for row in run.table("entitlements").to_pylist() for reason in row["reasons"]}
    assert {"shogai", "kaigo"} & sources, "control: the programmes do read them"


def test_what_only_a_later_programme_reads_is_not_read(city: City) -> None:
    later = replace(city, programmes=tuple(replace(p, effective=ON + dt.timedelta(1)) for p in city.programmes))
    assert not CERTIFICATES & later.read_on(ON).items.keys()
    assert later.read_on(ON + dt.timedelta(1)).items.keys() >= CERTIFICATES
    assert city.catalogue.items.keys() == later.read_on(ON).items.keys()


def test_each_row_says_of_whom_and_why_and_on_which_rows_it_rests(run: RunFolder) -> None:
    rows: list[dict[str, Any]] = run.table("entitlements").to_pylist()
    in_scope = {p["person_id"] for p in run.table("persons").to_pylist() if p["in_scope"]}
    places = {f"{r['file']}#{r['row']}" for r in run.table("records").to_pylist()}
    found = Counter((row["programme"], row["finding"]) for row in rows)
    assert found["school_aid", "may_be_eligible"] > 50
    assert found["rearing_allowance", "may_be_eligible"] >= 1
    held = {programme for programme, finding in found if finding == "may_be_eligible"}
    assert held == {"school_aid", "rearing_allowance"}, "nobody is said to do without what no record shows"
    for row in rows:
        assert row["person_id"] in in_scope
        assert row["as_of"] == ON
        assert row["version"] == "2026.1.0"
        rules = [reason for reason in row["reasons"] if reason["kind"] == "sign"]
        assert rules or row["waiting_for"], "a finding has a reason, or something that is missing"
        assert rules or row["finding"] == "cannot_tell"
        assert {reason["code"] for reason in row["reasons"] if reason["kind"] == "missing"} == set(row["waiting_for"])
        for reason in rules:
            assert set(reason["row_keys"]) <= places
    assert any(reason["row_keys"] for row in rows for reason in row["reasons"])


def test_nobody_who_receives_it_is_listed(run: RunFolder, city: City) -> None:
    """School aid of every listed child, asked of the run's own indicators."""
    listed = {row["person_id"] for row in run.table("entitlements").to_pylist() if row["programme"] == "school_aid"}
    aid = {r["person_id"]: r for r in run.table("indicators").to_pylist() if r["indicator"] == "school_aid"}
    assert listed
    assert {aid[id]["text"] for id in listed if aid[id]["state"] == "known"} == {"none"}


def test_the_run_says_one_line_without_small_counts(changed: tuple[RunFolder, Counts], run: RunFolder) -> None:
    counts = run.manifest["counts"]["unclaimed"]
    assert counts["rearing_allowance"] == {"may_be_eligible": None, "cannot_tell": None}, "five and two in the sample"
    assert counts["school_aid"]["may_be_eligible"] > 50
    assert set(counts["short_stay"]) == {"cannot_tell"}, "where no record says who receives it, nobody may be"
    assert {p["id"] for p in run.manifest["programmes"]} == set(counts)
    lines = [line for line in changed[1].lines() if "entitlements.parquet" in line]
    assert len(lines) == 1
    assert "school_aid" in lines[0]
    assert "not told" in lines[0]

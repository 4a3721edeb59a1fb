"""A doubtful pair is decided at the desk, and the next run follows: it and nothing else changes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from decided import a_decisions_file, decided_rows
from fixed import KEY, ON
from tsunagu.errors import PurposeError, StateError
from tsunagu.municipality import City
from tsunagu.pipeline import Counts, Order, run_city
from tsunagu.runs.folder import RunFolder, open_run


def _pairs(run: RunFolder, question: str) -> list[dict[str, Any]]:
    return [row for row in run.table("review").to_pylist() if row["question"] == question]


def _records(run: RunFolder) -> dict[tuple[str, int], dict[str, Any]]:
    return {(row["file"], row["row"]): row for row in run.table("records").to_pylist()}


def _next_run(run: RunFolder, sample: Path, city: City, out: Path, verdict: str, question: str) -> Counts:
    decisions = decided_rows(run.review_records(KEY).to_pylist(), verdict, question)
    assert len(decisions) == 1
    file = a_decisions_file(out.with_suffix(".decisions"), decisions, KEY)
    order = Order(sample / "extracts", ON, out, KEY, link_decisions=file)
    counts = run_city(city, order, lambda stage, done, total: None)
    manifest = open_run(out).manifest
    assert manifest["link_decisions"] == hashlib.sha256(file.read_bytes()).hexdigest(), "the input is named by its hash"
    return counts


def test_same_joins_the_two_and_nobody_else(run: RunFolder, sample: Path, city: City, tmp_path: Path) -> None:
    [pair] = _pairs(run, "weak")
    assert pair["left_person_id"] != pair["right_person_id"]
    counts = _next_run(run, sample, city, tmp_path / "next", "same", "weak")
    later = open_run(tmp_path / "next")
    before, after = _records(run), _records(later)
    asked = before[pair["left_file"], pair["left_row"]]
    joined = {place for place, row in before.items() if row["person_id"] == asked["person_id"]}
    assert {place for place in before if before[place] != after[place]} == joined
    assert {after[place]["person_id"] for place in joined} == {pair["right_person_id"]}
    changed = {place for place in joined if before[place]["decided_by"] != after[place]["decided_by"]}
    assert changed, "the record that was decided says so; those that had joined it before keep their reason"
    assert {after[place]["decided_by"] for place in changed} == {"clerk"}
    assert _pairs(later, "weak") == []
    assert counts.decided_pairs == {
        "given": 1, "same": 1, "different": 0, "cannot_tell": 0, "not_followed": 0, "absent": 0,
    }  # fmt: skip
    assert counts.review_pairs == run.manifest["counts"]["review_pairs"] - 1


def test_different_ends_the_question_and_changes_no_record(
    run: RunFolder, sample: Path, city: City, tmp_path: Path
) -> None:
    _next_run(run, sample, city, tmp_path / "next", "different", "weak")
    later = open_run(tmp_path / "next")
    assert _pairs(later, "weak") == []
    assert _pairs(later, "number_contradicted") == _pairs(run, "number_contradicted")
    assert _records(later) == _records(run)


def test_cannot_tell_stays_in_review(run: RunFolder, sample: Path, city: City, tmp_path: Path) -> None:
    _next_run(run, sample, city, tmp_path / "next", "cannot_tell", "weak")
    later = open_run(tmp_path / "next")
    assert later.review_records(KEY).equals(run.review_records(KEY)), "the same marks: the desk does not ask again"


def test_a_file_of_another_key_or_a_damaged_one_is_refused(
    run: RunFolder, sample: Path, city: City, tmp_path: Path
) -> None:
    decisions = decided_rows(run.review_records(KEY).to_pylist(), "same", "weak")
    other = a_decisions_file(tmp_path / "other", decisions, bytes(64))
    damaged = a_decisions_file(tmp_path / "damaged", decisions, KEY)
    damaged.write_bytes(damaged.read_bytes().replace(b'"same"', b'"different"'))
    for file, error in ((other, PurposeError), (damaged, StateError)):
        order = Order(sample / "extracts", ON, tmp_path / "next", KEY, link_decisions=file)
        with pytest.raises(error):
            run_city(city, order, lambda stage, done, total: None)
    assert not (tmp_path / "next").exists()

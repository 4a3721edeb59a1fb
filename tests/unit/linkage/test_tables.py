"""Any two tables: who is who, one to one, and what a wrong columns file is told."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tsunagu.errors import SourceError
from tsunagu.linkage.tables import PAIRS, Columns, default_model, link_tables
from tsunagu.linkage.train import train
from tsunagu.linkage.weights import read_model

sys.path.append(str(Path(__file__).parents[3] / "bench"))
from two_sources import make_two_sources

ROLES = {role: role for role in ("name", "kana", "birth_date", "sex", "address", "postcode")}


def test_two_lists_meet_and_twins_do_not(tmp_path: Path) -> None:
    left, right = (pq.read_table(p) for p in make_two_sources(tmp_path, rows=1500, seed=3))
    pairs = link_tables(left, right, Columns(ROLES, ROLES))
    assert pairs.schema.equals(PAIRS)
    for side in ("left_row", "right_row"):
        assert len(set(pairs[side].to_pylist())) == pairs.num_rows
    people = left["person"].to_pylist(), right["person"].to_pylist()
    wrong = [
        (a, b)
        for a, b in zip(pairs["left_row"].to_pylist(), pairs["right_row"].to_pylist(), strict=True)
        if people[0][a] != people[1][b]
    ]
    assert len(wrong) <= 1
    assert pairs.num_rows >= 0.985 * len(set(people[0]) & set(people[1]))
    assert link_tables(left, right, Columns(ROLES, ROLES)).equals(pairs)


def test_a_twin_whose_own_row_is_missing_is_not_taken_for_the_other() -> None:
    left = pa.table({"n": ["松野 葵"], "b": ["2017-05-09"], "a": ["若葉5-12-4"]})
    right = pa.table({"n": ["松野 茜"], "b": ["H29.5.9"], "a": ["若葉5丁目12番4号"]})
    roles = {"name": "n", "birth_date": "b", "address": "a"}
    assert link_tables(left, right, Columns(roles, roles)).num_rows == 0


def test_each_side_may_name_its_columns_in_its_own_way() -> None:
    left = pa.table({"姓": ["髙橋"], "名": ["蓮"], "生年月日": [date(2017, 5, 9)]})
    right = pa.table({"氏名": ["高橋　蓮"], "誕生日": ["20170509"]})
    pairs = link_tables(
        left,
        right,
        Columns({"surname": "姓", "given": "名", "birth_date": "生年月日"}, {"name": "氏名", "birth_date": "誕生日"}),
    )
    assert (pairs["left_row"].to_pylist(), pairs["decided_by"].to_pylist()) == ([0], ["name_birth"])


def test_a_column_that_does_not_exist_is_named() -> None:
    table = pa.table({"氏名": ["松野 葵"]})
    with pytest.raises(SourceError, match="no column '名前'"):
        link_tables(table, table, Columns({"name": "名前"}, {"name": "氏名"}))
    with pytest.raises(SourceError, match="no column with a name"):
        link_tables(table, table, Columns({"address": "氏名"}, {"name": "氏名"}))


def test_training_twice_gives_the_same_model(tmp_path: Path) -> None:
    left, right = (pq.read_table(p) for p in make_two_sources(tmp_path, rows=800, seed=4))
    models = [train(left, right, Columns(ROLES, ROLES), seed=9, on="2026-11-23").as_json() for _ in range(2)]
    assert models[0] == models[1]
    (tmp_path / "model.json").write_text(models[0], encoding="utf-8")
    assert read_model(tmp_path / "model.json").as_json() == models[0]


def test_a_broken_model_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text('{"format": 1, "cuts": {}}', encoding="utf-8")
    with pytest.raises(SourceError, match="no link model"):
        read_model(path)
    with pytest.raises(SourceError, match="cannot be read"):
        read_model(tmp_path / "none.json")


def test_the_model_that_comes_along_can_be_read() -> None:
    assert default_model().weight("birth", "equal") > 10

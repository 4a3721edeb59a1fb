"""The sets that are not in force: each runs on the sample, reads what it needs and no more, and the city names one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fixed import KEY, ON
from screening_cases import CITY
from tsunagu.cli.commands import app
from tsunagu.errors import SourceError
from tsunagu.municipality import all_criteria, check_city, load_city
from tsunagu.pipeline import Order, run_city
from tsunagu.runs.folder import RunFolder, open_run

CARERS = CITY / "criteria" / "young-carer.toml"
CERTIFICATES = {"care_need", "disability_certificate"}


@pytest.fixture(scope="module")
def carers(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    out = tmp_path_factory.mktemp("carers") / "run"
    city = load_city(CITY, CARERS)
    run_city(city, Order(sample / "extracts", ON, out, KEY), lambda stage, done, total: None)
    return open_run(out)


def test_a_set_to_be_tried_reads_what_it_asks_for_and_says_on_whose_row_it_rests(carers: RunFolder) -> None:
    reasons = [row for row in carers.table("reasons").to_pylist() if row["code"] == "Y1"]
    assert reasons
    assert all(row["source"] == "kaigo" and row["row_keys"] for row in reasons)
    assert carers.manifest["criteria"] == {"id": "young-carer", "version": "2026.1.0"}
    assert "--criteria young-carer.toml" in carers.manifest["city_files"]


def test_what_only_criteria_may_need_is_not_read_for_those_in_force(run: RunFolder, carers: RunFolder) -> None:
    assert not CERTIFICATES & set(run.table("facts").column("item").to_pylist())
    assert not CERTIFICATES & load_city(CITY).catalogue.items.keys()
    assert CERTIFICATES & set(carers.table("facts").column("item").to_pylist()), "control: the other set reads them"


def test_every_set_is_checked_and_one_is_in_force() -> None:
    said = CliRunner().invoke(app, ["check", str(CITY)])
    assert said.exit_code == 0, said.output
    assert "122 cases of the criteria three-judgments@2026.1.0 hold" in said.output
    assert said.output.count("Not in force: ") == len(all_criteria(CITY)) - 1 == 6


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "there must be exactly one file here; there are 7"),
        ('criteria = "three-judgements.toml"\n', "there is no such file in criteria/"),
    ],
)
def test_a_city_with_several_sets_must_name_the_one_in_force(line: str, says: str, tmp_path: Path) -> None:
    folder = tmp_path / "city"
    shutil.copytree(CITY, folder)
    file = folder / "municipality.toml"
    text = file.read_text(encoding="utf-8")
    assert 'criteria = "three-judgments.toml"\n' in text
    file.write_text(text.replace('criteria = "three-judgments.toml"\n', line), encoding="utf-8")
    with pytest.raises(SourceError, match=says):
        load_city(folder)
    assert any(says in mistake.message() for mistake in check_city(folder))


def test_a_mistake_in_a_set_that_is_not_in_force_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    shutil.copytree(CITY, folder)
    file = folder / "criteria" / "isolation.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("below = 2 ", "below = 3 ", 1), encoding="utf-8")
    said = CliRunner().invoke(app, ["check", str(folder)])
    assert said.exit_code != 0
    assert "isolation.toml:" in said.output


def test_a_criteria_file_that_is_not_there_is_said_before_anything_is_written(tmp_path: Path, sample: Path) -> None:
    order = ["run", str(CITY), "--extracts", str(sample / "extracts"), "--on", str(ON), "--out", str(tmp_path / "run")]
    said = CliRunner().invoke(app, [*order, "--criteria", str(tmp_path / "none.toml")])
    assert said.exit_code != 0
    assert "none.toml" in str(said.exception.message() if hasattr(said.exception, "message") else said.output)
    assert list(tmp_path.iterdir()) == []

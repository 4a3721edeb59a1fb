"""`tsunagu explain`: every child of the sample can be explained from the run alone, in words that staff read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from screening_cases import CITY, CRITERIA_FILE
from tsunagu.cli.commands import app
from tsunagu.errors import StateError
from tsunagu.evaluation.explained import explained
from tsunagu.municipality import City
from tsunagu.runs.folder import RunFolder
from tsunagu.wording.values import Language


def _overall(run: RunFolder) -> list[dict[str, Any]]:
    return [row for row in run.table("judgments").to_pylist() if row["judgment"] == "overall"]


def _child(run: RunFolder, level: str) -> str:
    return str(next(row["person_id"] for row in _overall(run) if row["level"] == level))


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("重点支援", "これより上の区分はありません"),
        ("見守り", "当てはまるサイン"),
        ("判定保留", "わかっていないこと"),
        ("該当なし", "わかっていることでは、当てはまるサインはありません"),
    ],
)
def test_a_child_of_each_level_is_explained(level: str, said: str, run: RunFolder) -> None:
    child = _child(run, level)
    answer = CliRunner().invoke(app, ["explain", str(run.path), child, "--city", str(CITY)])
    assert answer.exit_code == 0, answer.output
    assert answer.output.startswith(f"{child}: {level} (three-judgments@")
    assert said in answer.output
    assert ("区分が上がる、いちばん小さな違い" in answer.output) == (level != "重点支援")


def test_english_says_the_same(run: RunFolder, city: City) -> None:
    child = _child(run, "見守り")
    japanese, english = (explained(run, city.criteria, child, lang) for lang in ("ja", "en"))  # type: ignore[arg-type]
    assert len(japanese) == len(english)
    assert "The least difference that would raise the level" in english
    assert not [line for line in english if "区分" in line]


def test_every_child_of_the_sample_is_told_the_least_difference_or_stands_at_the_top(
    run: RunFolder, city: City
) -> None:
    top = city.criteria.overall.rows[0].name
    for row in _overall(run)[::7]:
        lines = explained(run, city.criteria, row["person_id"], "ja")
        assert (lines[-1] == "これより上の区分はありません") == (row["at_least"] == top), row["person_id"]


def test_whom_the_run_did_not_look_at_is_said(run: RunFolder, city: City) -> None:
    with pytest.raises(StateError, match="looked at no child of that number"):
        explained(run, city.criteria, "P0", "ja")


def test_a_run_is_explained_by_its_own_version_only(run: RunFolder, tmp_path: Path) -> None:
    later = tmp_path / "later.toml"
    text = CRITERIA_FILE.read_text(encoding="utf-8")
    later.write_text(text.replace('version = "2026.1.0"', 'version = "2026.2.0"'), encoding="utf-8")
    child = _child(run, "見守り")
    command = ["explain", str(run.path), child, "--city", str(CITY), "--criteria"]
    refused = CliRunner().invoke(app, [*command, str(later)])
    assert isinstance(refused.exception, StateError)
    assert "made with the criteria three-judgments@2026.1.0" in str(refused.exception)
    assert CliRunner().invoke(app, [*command, str(CRITERIA_FILE)]).exit_code == 0


@pytest.mark.parametrize("command", [["explain"], ["curve"], ["stability"]])
def test_a_file_that_was_changed_under_its_version_explains_nothing(
    command: list[str], run: RunFolder, tmp_path: Path
) -> None:
    changed, same = tmp_path / "changed.toml", tmp_path / "same.toml"
    text = CRITERIA_FILE.read_text(encoding="utf-8").partition("\n[[expect]]")[0]
    assert text.count("at_least = 10 }") > 0
    changed.write_text(text.replace("at_least = 10 }", "at_least = 8 }", 1), encoding="utf-8")
    same.write_text(f"# only a remark more\n{text}", encoding="utf-8")
    about = {"explain": [_child(run, "見守り")], "curve": ["N1a"], "stability": []}[command[0]]
    words = [*command, str(run.path), *about, "--city", str(CITY), "--criteria"]
    refused = CliRunner().invoke(app, [*words, str(changed)])
    assert isinstance(refused.exception, StateError)
    assert "says something else" in str(refused.exception)
    assert CliRunner().invoke(app, [*words, str(same)]).exit_code == 0


def test_no_english_line_says_none_of_a_child_of_whom_nothing_was_noticed(run: RunFolder, city: City) -> None:
    child = _child(run, "該当なし")
    assert explained(run, city.criteria, child, "en")[0].startswith(f"{child}: Nothing noticed (")


def test_a_share_is_told_in_tenths_and_a_fall_below_nought_as_a_rise(run: RunFolder, city: City) -> None:
    some = [row["person_id"] for row in _overall(run)[::5]]
    languages: tuple[Language, ...] = ("ja", "en")
    lines = {lang: [line for id in some for line in explained(run, city.criteria, id, lang)] for lang in languages}
    shares = [line for line in lines["ja"] if "雨・雷が占める割合：" in line]
    falls = [line for line in lines["ja"] if "下がり幅：" in line]
    assert all("割合：6割以上（いまは" in line for line in shares)
    assert any("の上昇）" in line for line in falls), "somebody of the sample has risen"
    assert not [line for line in falls if "いまは-" in line]
    assert any("now a rise of " in line for line in lines["en"])
    assert not [line for line in lines["en"] if "now -" in line]

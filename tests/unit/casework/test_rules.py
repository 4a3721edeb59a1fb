"""What a city chooses about its casework: over the standard, and every mistake is named."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from pathlib import Path

import pytest

from fixed import ROOT
from tsunagu.casework.clock import URGENCY, Cause, due_on
from tsunagu.casework.rules import CAUSES, KINDS, load_rules
from tsunagu.errors import SourceError
from tsunagu.municipality import check_city

STANDARD = load_rules(None)


def a_city(folder: Path, text: str) -> Path:
    (folder / "casework.toml").write_text(text, encoding="utf-8")
    return folder


def test_the_standard_names_every_kind_and_every_cause() -> None:
    assert set(STANDARD.sight_days) == set(KINDS)
    assert set(STANDARD.decide_days) == set(CAUSES) == set(Cause)
    assert min(*STANDARD.sight_days.values(), *STANDARD.decide_days.values()) > 0
    assert min(STANDARD.decide_days, key=STANDARD.decide_days.__getitem__) == URGENCY[0]


def test_a_city_says_only_what_differs(tmp_path: Path) -> None:
    rules = load_rules(a_city(tmp_path, "[sight]\nprotection = 3\n[clock.decide]\nabsence = 14\n"))
    assert (rules.sight_days["protection"], rules.decide_days["absence"]) == (3, 14)
    same = {"sight_days": STANDARD.sight_days, "decide_days": STANDARD.decide_days}
    assert dataclasses.replace(rules, **same) == STANDARD


def test_no_list_counts_until_the_city_chooses_it(tmp_path: Path) -> None:
    assert STANDARD.no_mark_lists == ()
    assert load_rules(a_city(tmp_path, '[no_mark]\nlists = ["report"]\n')).no_mark_lists == ("report",)


def test_a_list_that_is_no_item_of_the_catalogue_is_a_mistake_of_the_city(tmp_path: Path) -> None:
    hinode, city = ROOT / "examples" / "hinode-city", tmp_path / "city"
    assert check_city(hinode) == []
    shutil.copytree(hinode, city)  # another folder: what was read of one is kept
    written = (city / "casework.toml").read_text(encoding="utf-8")
    a_city(city, written.replace('"council_register"', '"council_registre"'))
    (mistake,) = check_city(city)
    assert "council_registre" in mistake.message()
    assert "council_register" in mistake.to_do


def test_what_another_part_of_the_desk_reads_is_left_to_it(tmp_path: Path) -> None:
    assert load_rules(a_city(tmp_path, "[assessment]\nown_judgment_first = true\n")) == STANDARD


def test_checking_a_city_reads_it(tmp_path: Path) -> None:
    mistakes = check_city(a_city(tmp_path, "[sight]\nprotektion = 3\n"))
    assert any("protektion" in str(mistake) for mistake in mistakes)


def test_a_city_without_the_file_has_the_standard(tmp_path: Path) -> None:
    assert load_rules(tmp_path) == STANDARD


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[sight]\nprotektion = 3\n", "sight.protektion"),
        ("[sight]\nprotection = 0\n", "sight.protection"),
        ("[sight]\nprotection = true\n", "sight.protection"),
        ("[clock.move]\nvalues = []\n", "clock.move.values"),
        ("[clock.absence]\nitem = 3\n", "clock.absence.item"),
        ("sight = 3\n", "sight"),
        ("[sight\n", "TOML"),
    ],
)
def test_a_mistake_is_named(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=told):
        load_rules(a_city(tmp_path, text))


def test_a_report_is_decided_within_two_days() -> None:
    assert due_on(Cause.REPORT, dt.date(2026, 10, 31), STANDARD) == dt.date(2026, 11, 2)

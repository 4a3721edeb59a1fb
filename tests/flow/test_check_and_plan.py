"""What `tsunagu check` says of a delivery at the lines of the signs, and which two files `tsunagu plan` takes."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from screening_cases import CITY, a_town, the_catalogue
from tsunagu.errors import CriterionError
from tsunagu.evaluation.windows import short_data
from tsunagu.municipality import all_criteria, check_city, criteria_files, load_city
from tsunagu.screening.screen import screen

ON = dt.date(2026, 9, 30)
FILE = CITY / "criteria" / "three-judgments.toml"


def test_a_sign_whose_data_did_not_come_is_told_at_its_line_in_a_set_not_in_force() -> None:
    path, criteria = next((p, c) for p, c in criteria_files(CITY) if p.name == "young-carer.toml")
    persons, facts = a_town(3, ON, children=40).tables()
    facts = facts.filter([item != "study_hours" for item in facts.column("item").to_pylist()])
    screened = screen(persons, facts, criteria, the_catalogue(), ON)
    (reach,) = (r for r in short_data(criteria, screened, facts, ON) if r.indicator == "study")
    lines = path.read_text(encoding="utf-8").splitlines()
    header = max(n for n in range(1, lines.index('code = "Y5"') + 1) if lines[n - 1] == "[[sign]]")
    (said,) = reach.lines(path)
    assert said.startswith(f"young-carer.toml:{header} Y5: ")
    assert "no row of it came" in said
    unknown = sum(row["indicator"] == "study" and row["state"] == "missing" for row in screened.indicators.to_pylist())
    assert unknown > 1
    assert said.endswith(f"{unknown} children are unknown in it")


def test_two_files_that_say_they_are_one_version_are_refused_by_both_names(tmp_path: Path) -> None:
    copied = tmp_path / "next.toml"
    copied.write_text(FILE.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(CriterionError) as refused:
        load_city(CITY, tried=(FILE, copied))
    assert f"{FILE} and {copied} both say that they are three-judgments@2026.1.0" in refused.value.message()
    copied.write_text(FILE.read_text(encoding="utf-8").replace('"2026.1.0"', '"2026.2.0"', 1), encoding="utf-8")
    tried = load_city(CITY, tried=(FILE, copied)).tried
    assert [criteria.version for criteria in tried] == ["2026.1.0", "2026.2.0"]


def test_check_tells_two_files_of_a_city_with_one_name(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    shutil.copytree(CITY, folder)
    assert len(all_criteria(folder)) == 7
    shutil.copy(folder / "criteria" / "isolation.toml", folder / "criteria" / "isolation-again.toml")
    (mistake,) = check_city(folder)
    assert "isolation-again.toml" in mistake.message()
    assert "isolation.toml both say that they are isolation@2026.1.0" in mistake.message()

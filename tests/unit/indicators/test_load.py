"""The definitions of a criteria file are those that its criteria are judged by."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening_cases import CITY, CRITERIA_FILE, EVERY_MEASURE_FILE, the_catalogue
from tsunagu.errors import CriterionError
from tsunagu.indicators.load import load_definitions
from tsunagu.screening.load import load_criteria

ITEMS = the_catalogue().items


@pytest.mark.parametrize(
    "path", [*sorted((CITY / "criteria").glob("*.toml")), EVERY_MEASURE_FILE], ids=lambda p: p.stem
)
def test_they_are_those_of_the_criteria(path: Path) -> None:
    found, criteria = load_definitions(path, ITEMS), load_criteria(path, ITEMS)
    assert (found.version, found.populations, found.indicators) == (
        criteria.version,
        criteria.populations,
        criteria.indicators,
    )
    assert (found.grade_from, found.grade_to, found.holiday_months, found.items) == (
        criteria.grade_from,
        criteria.grade_to,
        criteria.holiday_months,
        criteria.items,
    )


def test_some_of_them_bring_what_they_read_and_no_more() -> None:
    some = load_definitions(CRITERIA_FILE, ITEMS).of({"score_fall", "absent_total"})
    ids = [one.id for one in some.indicators]
    assert {"score_fall", "absent_total"} < set(ids)
    assert len(ids) == 4
    assert {population.id for population in some.populations} == {one.population for one in some.indicators}


def test_a_mistake_in_them_is_told_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(CRITERIA_FILE.read_text(encoding="utf-8").replace('item = "absent_days"', 'item = "absent_day"', 1))
    with pytest.raises(CriterionError, match=r"c\.toml:\d+"):
        load_definitions(path, ITEMS)


def test_what_is_missing_at_the_head_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("[scope]\ngrade = { from = 1, to = 9 }\n")
    with pytest.raises(CriterionError) as error:
        load_criteria(path, ITEMS)
    assert error.value.what.count("'criteria' is missing") == 1
    assert error.value.what.count("'version' is missing") == 1


def test_definitions_without_a_version_are_none(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    text = CRITERIA_FILE.read_text(encoding="utf-8")
    path.write_text(text.replace('version = "2026.1.0"', "", 1), encoding="utf-8")
    with pytest.raises(CriterionError, match="'version' is missing"):
        load_definitions(path, ITEMS)

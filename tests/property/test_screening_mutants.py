"""A second net: each threshold, comparison, code and window end of the shipped criteria, changed a little, is noticed.

A change counts as noticed when a case of the file breaks, or when a child of a generated town comes out otherwise.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from screening_cases import CITY, CRITERIA_FILE, History, a_town, reference, said_by_reference, the_catalogue
from screening_mutants import mutants
from tsunagu.indicators.load import each_part
from tsunagu.indicators.mistakes import Lines, Mistake
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.expect import Case, judged, read_cases, unkept
from tsunagu.screening.load import load_criteria

ON = dt.date(2026, 9, 30)
SEEDS = range(6)


SETS = sorted((CITY / "criteria").glob("*.toml"))


@cache
def the_set(path: Path) -> Criteria:
    return load_criteria(path, the_catalogue().items)


@cache
def cases(path: Path) -> tuple[Case, ...]:
    text = path.read_text(encoding="utf-8")
    mistakes: list[Mistake] = []
    parts = each_part(tomllib.loads(text, parse_float=Decimal), "expect", Lines(text), mistakes, "case")
    found = read_cases(parts, the_catalogue().items, the_set(path))
    assert mistakes == []
    return found


@cache
def towns() -> tuple[History, ...]:
    return tuple(a_town(seed, ON) for seed in SEEDS)


def _said(criteria: Criteria, town: History) -> dict[str, Any]:
    return {person: said_by_reference(outcome) for person, outcome in reference(town, criteria, ON).items()}


@cache
def _said_as_it_is(path: Path, town: int) -> dict[str, Any]:
    return _said(the_set(path), towns()[town])


def by_a_case(path: Path, criteria: Criteria) -> bool:
    return any(unkept(criteria, case) for case in cases(path))


def is_noticed(path: Path, criteria: Criteria) -> bool:
    return by_a_case(path, criteria) or any(
        _said(criteria, town) != _said_as_it_is(path, number) for number, town in enumerate(towns())
    )


def test_the_worked_example_brings_cases_of_every_rule() -> None:
    assert len(cases(CRITERIA_FILE)) >= 100
    assert len(SETS) >= 7


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_each_case_is_kept_by_the_criteria_as_they_are(path: Path) -> None:
    assert [unkept(the_set(path), case) for case in cases(path) if unkept(the_set(path), case)] == []
    assert all(judged(the_set(path), case) for case in cases(path))


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_99_of_100_small_changes_are_noticed(path: Path) -> None:
    made = mutants(the_set(path))
    silent = [name for name, criteria in made if not is_noticed(path, criteria)]
    assert len(made) >= 15
    assert len(silent) <= len(made) // 100, f"{len(silent)} of {len(made)} changes went unnoticed: {silent}"


def test_control_criteria_that_change_nothing_are_not_noticed() -> None:
    assert not is_noticed(CRITERIA_FILE, replace(the_set(CRITERIA_FILE), version="2026.1.1"))

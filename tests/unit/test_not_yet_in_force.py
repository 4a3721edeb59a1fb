"""Criteria that take effect after the day of a run: told, and run all the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from screening_cases import the_criteria
from tsunagu.pipeline import not_yet_in_force


def test_criteria_of_a_later_day_are_told_with_both_days() -> None:
    criteria = replace(the_criteria(), effective=dt.date(2026, 10, 1))
    (line,) = not_yet_in_force(criteria, dt.date(2026, 9, 30))
    assert criteria.name in line
    assert "2026-10-01" in line
    assert "2026-09-30" in line


def test_criteria_in_force_on_the_day_are_not() -> None:
    assert not_yet_in_force(replace(the_criteria(), effective=dt.date(2026, 9, 30)), dt.date(2026, 9, 30)) == ()

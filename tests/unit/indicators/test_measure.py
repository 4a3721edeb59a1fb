"""Indicators by themselves are those of a screening."""

from __future__ import annotations

import datetime as dt

from screening_cases import a_town, every_measure, the_catalogue, the_criteria
from tsunagu.engines.duck import workbench
from tsunagu.indicators.measure import measure
from tsunagu.screening.screen import screen


def test_they_are_the_ones_of_a_screening_in_one_part_and_in_several() -> None:
    on = dt.date(2026, 9, 30)
    persons, facts = a_town(31, on, children=60).tables()
    for criteria in (the_criteria(), every_measure()):
        expected = screen(persons, facts, criteria, the_catalogue(), on).indicators
        for size in (10_000, 25):
            with workbench() as bench:
                found = measure(bench, persons, facts, criteria, criteria.items, on, persons_a_part=size)
            assert found.equals(expected)

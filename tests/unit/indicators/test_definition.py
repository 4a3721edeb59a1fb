"""A definition's hash changes with everything that can change a value, and with nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screening_cases import every_measure, the_catalogue, the_criteria
from screening_mutants import changed_measures
from tsunagu.indicators.definition import definition_hash, item_hash
from tsunagu.indicators.language import Indicator, Words
from tsunagu.screening.criteria import Criteria

ITEMS = the_catalogue().items


def hashes(criteria: Criteria) -> dict[str, str]:
    return {one.id: definition_hash(criteria, one.id, ITEMS) for one in criteria.indicators}


@pytest.mark.parametrize("criteria", [the_criteria(), every_measure()], ids=["shipped", "every measure"])
def test_every_change_of_a_measure_is_another_definition(criteria: Criteria) -> None:
    before = hashes(criteria)
    changed = 0
    for what, mutant in changed_measures(criteria):
        differing = {id for id, value in hashes(mutant).items() if value != before[id]}
        assert bool(differing) == (mutant != criteria), what
        changed += 1
    assert changed > 50


def test_no_two_indicators_are_one_definition() -> None:
    for criteria in (the_criteria(), every_measure()):
        found = hashes(criteria)
        assert len(set(found.values())) == len(found)


def test_words_are_no_part_of_a_definition() -> None:
    criteria = the_criteria()

    def renamed(one: Indicator) -> Indicator:
        return replace(one, label=Words("別の名前", "another name"))

    assert hashes(replace(criteria, indicators=tuple(map(renamed, criteria.indicators)))) == hashes(criteria)


def test_a_population_and_the_months_of_holidays_are() -> None:
    criteria = the_criteria()
    before = hashes(criteria)
    assert hashes(replace(criteria, holiday_months=(7, 8))) != before
    lower = tuple(replace(p, grade_from=0) if p.id == "pupil" else p for p in criteria.populations)
    differing = {id for id, value in hashes(replace(criteria, populations=lower)).items() if value != before[id]}
    assert differing == {one.id for one in criteria.indicators if one.population == "pupil"} | {
        one.id
        for one in criteria.indicators
        if "pupil" in {criteria.indicator(other).population for other in _read_by(one)}
    }


def _read_by(one: Indicator) -> list[str]:
    return [one.measure.of, one.measure.minus] if hasattr(one.measure, "minus") else []


def test_the_codes_of_an_item_are_part_of_what_it_means() -> None:
    item = ITEMS["school_aid"]
    assert item_hash(replace(item, values={**item.values, "more": next(iter(item.values.values()))})) != item_hash(item)
    assert item_hash(replace(item, ja="別の名前")) == item_hash(item)

"""The laws of distances, on generated sheets: symmetric, as declared, and unknown is never absent."""

from __future__ import annotations

import random

import pytest

from past import SHEET, distances, past_case
from sheets import a_step_worse, some_answers
from tsunagu.guidance.answers import ABSENT, UNKNOWN, Answer, State, bounds_of
from tsunagu.guidance.sheet import Question
from tsunagu.similar_cases.distances import AGE, TYPE, TYPES, Facts
from tsunagu.similar_cases.past_cases import PastCases
from tsunagu.simulated_cases import draw_cases

DISTANCES = distances()
NOTHING = Facts({one.id: ABSENT for one in SHEET.questions}, 5, "neglect")
ALWAYS = [one for one in SHEET.questions if one.opened_by is None]


def some_facts(chance: random.Random) -> Facts:
    return Facts(
        some_answers(SHEET, chance),
        chance.choice((None, 0, 2, 5, 11, 14, 17)),
        chance.choice((None, *TYPES)),
        chance.choice((None, None, *TYPES)),
    )


def with_answer(facts: Facts, question: Question, answer: Answer) -> Facts:
    return Facts({**facts.answers, question.id: answer}, facts.age_years, facts.abuse, facts.also)


def graded(question: Question, grade: int) -> Answer:
    extent, sites = (grade if question.extents else None), (frozenset() if question.has_sites else None)
    return Answer(State.PRESENT, grade, extent, sites, source="x")


def test_two_cases_are_as_far_one_way_as_the_other() -> None:
    seen = set()
    for seed in range(3_000):
        chance = random.Random(seed)
        one, other = some_facts(chance), some_facts(chance)
        assert DISTANCES.by_item(one, other) == DISTANCES.by_item(other, one), seed
        seen.add(DISTANCES.between(one, other))
    assert len(seen) > 50


def test_a_case_that_is_wholly_known_is_no_distance_from_itself() -> None:
    assert DISTANCES.between(NOTHING, NOTHING) == 0
    for seed in range(500):
        chance = random.Random(seed)
        one = some_facts(chance)
        bounds = bounds_of(SHEET, one.answers)
        is_known = bounds.least == bounds.most and one.age_years is not None and one.abuse is not None
        assert (DISTANCES.between(one, one) == 0) is is_known, seed


@pytest.mark.parametrize("question", ALWAYS, ids=lambda one: one.id)
def test_unknown_is_never_absent(question: Question) -> None:
    """Nor any grade, nor another unknown."""
    item = next(one for one in DISTANCES.items if one.question == question.id)
    unknown = with_answer(NOTHING, question, UNKNOWN)
    is_parts = 1 + bool(question.extents) + question.has_sites
    assert DISTANCES.by_item(NOTHING, unknown)[question.id] == item.unknown * is_parts
    assert DISTANCES.by_item(unknown, unknown)[question.id] == item.both_unknown * is_parts
    for grade in (1, 2, 3):
        assert DISTANCES.by_item(with_answer(NOTHING, question, graded(question, grade)), unknown)[question.id] > 0
    # Not answered is as open as unknown.
    silent = Facts({id: one for id, one in NOTHING.answers.items() if id != question.id}, 5, "neglect")
    assert DISTANCES.by_item(NOTHING, silent)[question.id] == item.unknown * is_parts


@pytest.mark.parametrize("question", ALWAYS, ids=lambda one: one.id)
def test_a_worsening_moves_a_case_as_declared(question: Question) -> None:
    """Away from every milder case, towards every graver one, by what the file says; by no more from any other."""
    item = next(one for one in DISTANCES.items if one.question == question.id)
    at = (0, *item.grade)
    wide = (0, *item.extent) if item.extent else (0, 0, 0, 0)
    cases = [NOTHING, *(with_answer(NOTHING, question, graded(question, grade)) for grade in (1, 2, 3))]
    for grade in (0, 1, 2):
        step = at[grade + 1] - at[grade] + wide[grade + 1] - wide[grade]
        assert step > 0
        for third, other in enumerate(cases):
            moved = DISTANCES.between(cases[grade + 1], other) - DISTANCES.between(cases[grade], other)
            assert moved == (step if third <= grade else -step)


def test_no_worsening_moves_a_case_further_than_declared() -> None:
    tried = 0
    for seed in range(4_000):
        chance = random.Random(seed)
        one, other = some_facts(chance), some_facts(chance)
        question = chance.choice(ALWAYS)
        given = one.answers.get(question.id)
        worse = a_step_worse(question, given, chance)
        if worse is None or given is None or given.state is not State.PRESENT:
            continue
        then = with_answer(one, question, worse)
        if {name for name in DISTANCES.by_item(one, then)} - {question.id} - _open_ones(one):
            continue  # the worsening opens further questions, which differ as well
        item = next(each for each in DISTANCES.items if each.question == question.id)
        rungs = ((0, *item.grade), (0, *item.extent))
        declared = sum(
            at[getattr(worse, part) or 0] - at[getattr(given, part) or 0]
            for at, part in zip(rungs, ("grade", "extent"), strict=True)
            if getattr(worse, part) != getattr(given, part)
        ) + item.site * len((worse.sites or frozenset()) - (given.sites or frozenset()))
        moved = DISTANCES.by_item(then, other).get(question.id, 0) - DISTANCES.by_item(one, other).get(question.id, 0)
        assert abs(moved) <= declared, (seed, question.id)
        tried += 1
    assert tried > 300


def _open_ones(facts: Facts) -> set[str]:
    return set(DISTANCES.by_item(facts, facts))


def test_many_at_once_are_as_far_as_one_by_one() -> None:
    cases = [past_case(case) for case in draw_cases(120, 8)]
    cases += [cases[0].__class__(some_facts(random.Random(seed)), 2024, None, None, None, None) for seed in range(80)]
    past = PastCases(DISTANCES, cases)
    for seed in range(60):
        now = some_facts(random.Random(10_000 + seed))
        assert list(past.apart_from(now)) == [DISTANCES.between(now, case.facts) for case in cases]


def test_what_is_not_to_be_compared_is_not_in_the_type() -> None:
    assert set(Facts.__dataclass_fields__) == {"answers", "age_years", "abuse", "also"}
    older = Facts(NOTHING.answers, 16, "sexual", "neglect")
    assert DISTANCES.by_item(NOTHING, older) == {AGE: 7, TYPE: 3}

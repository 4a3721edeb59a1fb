"""The laws of the safety floor, on generated sheets: nothing graver, and nothing unknown, ever lowers it."""

from __future__ import annotations

import itertools
import random
import re
from fractions import Fraction
from pathlib import Path

import pytest

from sheets import SOURCE, a_step_worse, less_known, some_answers
from tsunagu.guidance.answers import ABSENT, UNKNOWN, Answer, State, at_best, at_worst, bounds_of, is_open, reaches
from tsunagu.guidance.asking import ask_next
from tsunagu.guidance.floor import Standing, is_asked, stand
from tsunagu.guidance.load_sheet import STANDARD, check_sheet, standard_sheet
from tsunagu.guidance.sheet import GRAVEST, SITES, Question, Sheet
from tsunagu.screening.reference import holds

SHEET = standard_sheet()
HERE = 20_000
DEEP = 1_000_000


def keep_the_laws(sheet: Sheet, seed: int) -> Standing:
    """One generated sheet, one step worse, and one thing less known."""
    chance = random.Random(seed)
    answers = some_answers(sheet, chance)
    now = stand(sheet, answers)
    assert now.floor.rank <= now.demanded.rank, seed
    question = chance.choice(sheet.questions)
    worse = a_step_worse(question, answers.get(question.id), chance)
    if worse is not None:
        then = stand(sheet, {**answers, question.id: worse})
        assert then.floor.rank <= now.floor.rank, (seed, question.id, answers.get(question.id), worse)
        assert then.demanded.rank <= now.demanded.rank, (seed, question.id, answers.get(question.id), worse)
    given = answers.get(question.id)
    if given is not None:
        then = stand(sheet, {**answers, question.id: less_known(given, chance)})
        assert then.floor.rank <= now.floor.rank, (seed, question.id, given)
    return now


def test_nothing_graver_and_nothing_unknown_lowers_the_floor() -> None:
    seen = [keep_the_laws(SHEET, seed) for seed in range(HERE)]
    classes = {urgency.id for urgency in SHEET.classes}
    # Sheets of every class, firm and open ones: a law that holds of one class alone is no law.
    assert {one.floor.id for one in seen} == {one.demanded.id for one in seen} == classes
    assert {one.is_firm for one in seen} == {True, False}


@pytest.mark.deep
@pytest.mark.parametrize("part", range(4))
def test_nothing_lowers_the_floor_of_a_million_sheets(part: int) -> None:
    for seed in range(part * DEEP // 4, (part + 1) * DEEP // 4):
        keep_the_laws(SHEET, HERE + seed)


def test_unknown_is_never_absent() -> None:
    """Every question alone, unknown or not answered, can be the gravest wherever a grave answer would count."""
    counted = 0
    for base in (_absent(), *(some_answers(SHEET, random.Random(seed)) for seed in range(200))):
        for question in SHEET.questions:
            gravest = stand(SHEET, {**base, question.id: at_worst(None, question)})
            for unknown in ({**base, question.id: UNKNOWN}, _without(base, question.id)):
                if question.id not in unknown and question.opened_by is not None:
                    continue  # what nothing opens does not apply until it does
                assert stand(SHEET, unknown).floor == gravest.floor, question.id
                counted += 1
    assert counted > 8_000


def test_the_floor_is_the_worst_of_all_that_can_still_be_answered() -> None:
    """Against every way to answer what is open, tried one by one: the floor is reached, and nothing passes it."""
    tried = 0
    for seed in range(400):
        chance = random.Random(seed)
        answers = {**_absent(), **dict(chance.sample(sorted(some_answers(SHEET, chance).items()), 6))}
        answers = {**answers, **{one.id: UNKNOWN for one in chance.sample(SHEET.questions, 2)}}
        bounds = bounds_of(SHEET, answers)
        waiting = [
            q for q in SHEET.questions if is_open(answers.get(q.id), q) and (q.id in answers or is_asked(q, bounds))
        ]
        if len(waiting) > 5:
            continue
        now = stand(SHEET, answers)
        ends = [
            stand(SHEET, {**answers, **{q.id: one for q, one in zip(waiting, given, strict=True)}})
            for given in itertools.product(*(_completions(answers.get(q.id), q) for q in waiting))
        ]
        assert min(end.floor.rank for end in ends) == now.floor.rank, seed
        assert max(end.floor.rank for end in ends) == now.demanded.rank, seed
        tried += len(ends)
    assert tried > 1_000


def test_the_readings_mean_what_criteria_mean() -> None:
    """The quick comparison, held against the engine that criteria have."""
    for seed in range(500):
        bounds = bounds_of(SHEET, some_answers(SHEET, random.Random(seed)))
        for readings in (bounds.least, bounds.most):
            values = {name: Fraction(value) for name, value in readings.items()}
            for rule in SHEET.rules:
                assert reaches(rule.when, readings) == holds(rule.when, values)


def test_a_question_that_is_not_asked_next_can_change_nothing() -> None:
    for seed in range(150):
        chance = random.Random(seed)
        answers = some_answers(SHEET, chance)
        now = stand(SHEET, answers)
        asked = {one.question.id for one in ask_next(SHEET, answers)}
        for question in SHEET.questions:
            if question.id in asked or not is_open(answers.get(question.id), question):
                continue
            if question.id not in answers and question.opened_by is not None:
                continue
            for end in (at_best, at_worst):
                then = stand(SHEET, {**answers, question.id: end(answers.get(question.id), question)})
                assert (then.demanded, then.floor) == (now.demanded, now.floor), (seed, question.id)


# A sheet is a file that a prefecture changes. What breaks a law must not load, or the cases of the file must find it.
BROKEN = {
    "a limit one higher": (
        r"at_least = 2 }, \{ any = \[\{ indicator = \"injury.extent\"",
        'at_least = 3 }, { any = [{ indicator = "injury.extent"',
    ),
    "a place left out": (r"\{ indicator = \"injury.at.ear\", at_least = 1 \}, ", ""),
    "a rule of a lower class": (r"code = \"2a\"\nclass = \"AA\"", 'code = "2a"\nclass = "A"'),
    "a comparison that falls": (r"indicator = \"unseen\", at_least = 3", 'indicator = "unseen", at_most = 2'),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_sheet_that_was_changed_for_the_worse_does_not_load(name: str, tmp_path: Path) -> None:
    before, after = BROKEN[name]
    text, times = re.subn(before, after.replace("\\", "\\\\"), STANDARD.read_text(encoding="utf-8"))
    assert times
    path = tmp_path / "urgency.toml"
    path.write_text(text, encoding="utf-8")
    assert check_sheet(path)[1]


def _absent() -> dict[str, Answer]:
    return {question.id: ABSENT for question in SHEET.questions if question.opened_by is None}


def _without(answers: dict[str, Answer], id: str) -> dict[str, Answer]:
    return {name: one for name, one in answers.items() if name != id}


def _completions(given: Answer | None, question: Question) -> list[Answer]:
    """Answers that the open one can still become: enough of them to reach both ends, and some between."""
    ends = [at_best(given, question), at_worst(given, question)]
    if given is not None and given.state is State.PRESENT:
        return ends
    some_sites = frozenset({SITES[2]}) if question.has_sites else None
    between = Answer(
        State.PRESENT, grade=GRAVEST - 1, extent=1 if question.extents else None, sites=some_sites, source=SOURCE
    )
    return [*ends, between]

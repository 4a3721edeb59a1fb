"""The classes of many sheets, by bits, are those of `stand`, one by one."""

from __future__ import annotations

import random

from sheets import some_answers
from tsunagu.guidance.answers import ABSENT, UNKNOWN
from tsunagu.guidance.floor import stand
from tsunagu.guidance.load_sheet import standard_sheet
from tsunagu.guidance.many import ManySheets

SHEET = standard_sheet()


def test_the_quick_classes_are_those_of_the_floor() -> None:
    many = ManySheets(SHEET)
    seen = set()
    for seed in range(5_000):
        answers = some_answers(SHEET, random.Random(seed))
        now = stand(SHEET, answers)
        assert many.ranks(answers) == (now.demanded.rank, now.floor.rank), seed
        seen.add((now.demanded.rank, now.floor.rank))
    # Every class, and every distance between what is demanded and what cannot be excluded.
    assert len(seen) >= 8


def test_what_nothing_opens_does_not_count_and_what_is_answered_does() -> None:
    many = ManySheets(SHEET)
    absent = {question.id: ABSENT for question in SHEET.questions if question.opened_by is None}
    assert many.ranks(absent) == (SHEET.least.rank, SHEET.least.rank)
    for question in SHEET.questions:
        answers = {**absent, question.id: UNKNOWN}
        now = stand(SHEET, answers)
        assert many.ranks(answers) == (now.demanded.rank, now.floor.rank), question.id
    assert many.ranks({}) == (SHEET.least.rank, 1)

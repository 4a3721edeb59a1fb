"""The compiled text of the example criteria, for reviewers to read. `make golden` writes it again."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from screening_cases import the_criteria
from tsunagu.screening.compile import compile_criteria

GOLDEN = Path(__file__).with_name("three-judgments-2026-09-30.sql")


def test_the_compiled_text_is_the_one_that_was_reviewed() -> None:
    text = compile_criteria(the_criteria(), dt.date(2026, 9, 30)).text
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8"), "the text changed: read the difference after `make golden`"


def test_the_same_criteria_and_day_give_the_same_text() -> None:
    first, second = (compile_criteria(the_criteria(), dt.date(2027, 2, 28)).text for _ in range(2))
    assert first == second

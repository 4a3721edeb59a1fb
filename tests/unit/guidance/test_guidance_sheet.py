"""Sheets of urgency: read whole, or refused with the line, the label and the nearest valid text."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from builders import CITY
from tsunagu.errors import CriterionError, SourceError
from tsunagu.guidance.answers import (
    ABSENT,
    PROBLEMS,
    UNKNOWN,
    Answer,
    Problem,
    State,
    as_text,
    check_answers,
    of_text,
)
from tsunagu.guidance.asking import ask_next
from tsunagu.guidance.floor import stand
from tsunagu.guidance.load_sheet import (
    STANDARD,
    check_sheet,
    load_sheet,
    load_sheets,
    sheets_in_force,
    standard_sheet,
)
from tsunagu.municipality import check_city

TEXT = STANDARD.read_text(encoding="utf-8")


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "urgency.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_standard_sheet_asks_at_most_twenty_questions_in_the_first_minutes() -> None:
    sheet = standard_sheet()
    assert 10 <= len(sheet.first()) <= 20
    assert {question.heading for question in sheet.questions} == set(range(1, 9))
    assert [urgency.id for urgency in sheet.classes] == ["AA", "A", "B", "C"]
    assert [urgency.asks_protection for urgency in sheet.classes] == [True, False, False, False]


# What a person could write wrongly, and where the message must point.
MISTAKES = {
    "an operator that lowers": (
        'when = { indicator = "child_asks", at_least = 3 }',
        'when = { indicator = "child_asks", below = 3 }',
        "'below' could make a graver sign count for less",
    ),
    "a question nobody asks": (
        'when = { indicator = "words_of_harm", at_least = 2 }',
        'when = { indicator = "word_of_harm", at_least = 2 }',
        "did you mean 'words_of_harm'",
    ),
    "a grade beyond the gravest": (
        'when = { indicator = "injury", at_least = 3 }',
        'when = { indicator = "injury", at_least = 4 }',
        "'injury' is compared with 4 (1 to 3 is due)",
    ),
    "a class that is not there": ('class = "AA"', 'class = "AAA"', "did you mean 'AA'"),
    "a key without meaning": ("first = true", "frist = true", "'frist' has no meaning here"),
    "two questions of one name": ('id = "fear"', 'id = "young"', "'young' stands there twice"),
    "a protection that waits for a later question": (
        'when = { indicator = "child_asks", at_least = 3 }',
        'when = { indicator = "substances", at_least = 3 }',
        "'substances' decides on protection and is not asked in the first minutes",
    ),
    "no class asks for protection": (
        "asks_protection = true",
        "asks_protection = false",
        "'asks_protection' does not stand with the most urgent classes",
    ),
    "a limit that its own case does not bear": (
        '{ indicator = "injury.at.ear", at_least = 1 }, { indicator = "injury.at.mouth", at_least = 1 }, '
        '{ indicator = "injury.at.neck", at_least = 1 }, { indicator = "injury.at.belly"',
        '{ indicator = "injury.at.mouth", at_least = 1 }, { indicator = "injury.at.neck", at_least = 1 }, '
        '{ indicator = "injury.at.belly"',
        "「同じあざが耳にある」: demanded B by 3B, floor B",
    ),
    "two grades": (
        '  { ja = "つらさや困りごとを話す", en = "Speaks of distress" },\n',
        "",
        "'grades' words 2 steps",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_line(name: str, tmp_path: Path) -> None:
    before, after, told = MISTAKES[name]
    assert before in TEXT
    _, mistakes = check_sheet(written(tmp_path, TEXT.replace(before, after)))
    texts = [mistake.text("urgency.toml") for mistake in mistakes]
    assert any(told in text for text in texts), texts
    assert all(mistake.line for mistake in mistakes)


def test_a_sheet_with_a_mistake_is_not_used(tmp_path: Path) -> None:
    with pytest.raises(CriterionError, match=r"(?s)2 mistakes in the sheet.*below.*nothing was computed"):
        load_sheet(written(tmp_path, TEXT.replace("at_least = 3 }\nsentence", "below = 3 }\nsentence", 2)))


def test_a_twenty_first_question_of_the_first_minutes_is_refused(tmp_path: Path) -> None:
    later = TEXT.replace("heading = 8\n", "heading = 8\nfirst = true\n")
    _, mistakes = check_sheet(written(tmp_path, later))
    assert any("questions are asked in the first minutes (20 at most" in mistake.text("") for mistake in mistakes)


def test_a_city_brings_its_own_sheet_with_its_own_names(tmp_path: Path) -> None:
    assert load_sheets(None) == load_sheets(tmp_path) == (standard_sheet(),)
    folder = tmp_path / "sheets"
    folder.mkdir()
    with pytest.raises(SourceError, match="holds no sheet"):
        load_sheets(tmp_path)
    own = TEXT.replace('name = { ja = "AA", en = "AA" }', 'name = { ja = "最重度", en = "gravest" }')
    (folder / "own.toml").write_text(own.replace('"2026.2"', '"2026.3"').replace("2026-04-01", "2026-10-01"))
    (folder / "old.toml").write_text(own)
    sheets = load_sheets(tmp_path)
    assert [one.version for one in sheets_in_force(sheets, dt.date(2026, 9, 30))] == ["2026.2"]
    assert [one.version for one in sheets_in_force(sheets, dt.date(2026, 10, 1))] == ["2026.3"]
    assert stand(sheets[0], {}).floor.name.ja == "最重度"
    (folder / "twice.toml").write_text(own)
    with pytest.raises(SourceError, match="two files say"):
        load_sheets(tmp_path)


def test_check_reads_the_sheets_of_a_city(tmp_path: Path) -> None:
    city = tmp_path / "city"
    shutil.copytree(CITY, city)
    assert check_city(city) == []
    (city / "sheets").mkdir()
    written(city / "sheets", TEXT.replace("at_least = 3", "at_most = 3", 1))
    assert any("at_most" in mistake.message() for mistake in check_city(city))


PRESENT = Answer(State.PRESENT, grade=1, source="園")
WRONG = {
    "not_in_the_sheet": ("bruise", PRESENT),
    "out_of_range": ("injury", Answer(State.PRESENT, grade=4, source="園")),
    "no_such_place": ("injury", Answer(State.PRESENT, sites=frozenset({"elbow"}), source="園")),
    "says_more_than_absent": ("injury", Answer(State.ABSENT, grade=1)),
    "source_missing": ("injury", Answer(State.PRESENT, grade=1)),
    "too_long": ("injury", Answer(State.PRESENT, grade=1, source="園", note="長" * 1001)),
}


@pytest.mark.parametrize("code", PROBLEMS)
def test_an_answer_that_cannot_be_is_named(code: str) -> None:
    question, answer = WRONG[code]
    assert check_answers(standard_sheet(), {question: answer}) == (Problem(question, code),)


def test_nothing_else_stands_against_an_answer() -> None:
    whole = Answer(
        State.PRESENT, grade=2, extent=1, sites=frozenset({"ear", "face"}), since="きのう", source="園", note="左"
    )
    answers = {"injury": whole, "fear": UNKNOWN, "young": ABSENT}
    assert check_answers(standard_sheet(), answers) == ()
    assert of_text(as_text(answers)) == answers
    assert as_text(of_text(as_text(answers))) == as_text(answers)


def test_no_places_known_is_not_no_place() -> None:
    sheet = standard_sheet()
    others = {question.id: ABSENT for question in sheet.questions}
    somewhere = Answer(State.PRESENT, grade=2, extent=1, source="園")
    nowhere_named = Answer(State.PRESENT, grade=2, extent=1, sites=frozenset(), source="園")
    assert stand(sheet, {**others, "injury": somewhere}).floor.id == "AA"
    assert stand(sheet, {**others, "injury": nowhere_named}).floor.id == "A"


def test_why_and_what_is_still_open_is_told() -> None:
    sheet = standard_sheet()
    others = {question.id: ABSENT for question in sheet.questions if question.opened_by is None}
    standing = stand(
        sheet, {**others, "injury": Answer(State.PRESENT, grade=2, extent=1, source="園"), "young": UNKNOWN}
    )
    assert (standing.demanded.id, standing.floor.id, standing.is_firm) == ("A", "AA", False)
    assert [rule.code for rule in standing.because] == ["3A", "3B"]
    assert [(rule.code, waiting) for rule, waiting in standing.open] == [
        ("3c", ("injury",)),
        ("3d", ("young",)),
        ("4d", ("alone", "young")),
        ("4e", ("infant_moves",)),
    ]


def test_what_could_change_the_class_most_is_asked_first() -> None:
    sheet = standard_sheet()
    others = {question.id: ABSENT for question in sheet.questions}
    asked = ask_next(sheet, {**others, "care": UNKNOWN, "words_of_harm": UNKNOWN, "young": UNKNOWN})
    assert [(one.question.id, one.raises, one.settles) for one in asked] == [("words_of_harm", 3, 2), ("care", 1, 0)]
    # How old the child is decides nothing while no sign could make anything of it.
    assert ask_next(sheet, others) == ()


def test_a_question_is_asked_when_something_opens_it() -> None:
    sheet = standard_sheet()
    others = {question.id: ABSENT for question in sheet.questions if question.opened_by is None}
    assert "person_near" not in [one.question.id for one in ask_next(sheet, others)]
    suspected = {**others, "sexual_suspected": Answer(State.PRESENT, grade=1, source="園")}
    assert ask_next(sheet, suspected)[0].question.id == "person_near"
    assert stand(sheet, suspected).floor.id == "AA"
    assert stand(sheet, {**suspected, "person_near": ABSENT}).floor.id == "A"

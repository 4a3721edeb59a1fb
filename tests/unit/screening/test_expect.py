"""Cases of a criteria file: what cannot be read is named at its line, and so is what the criteria do not keep."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from screening_cases import CITY, CRITERIA_FILE, the_catalogue
from tsunagu.errors import CriterionError
from tsunagu.screening.carried import carried, items_of
from tsunagu.screening.load import check_criteria, load_criteria

MOOD_FILE = CITY / "criteria" / "attendance-and-mood.toml"
CASE = """
[[expect]]
case = "9月に9日欠席した"
on = 2026-09-30
born = 2015-06-01
facts.enrolment = { 2026 = "municipal" }
facts.absent_days = { 2026-06 = 0, 2026-07 = 0, 2026-09 = 9 }
signs = []
"""


def _said(folder: Path, case: str) -> list[str]:
    """The mistakes of the city's criteria with this case as their only one."""
    rules = CRITERIA_FILE.read_text(encoding="utf-8").partition("\n[[expect]]")[0]
    path = folder / "criteria.toml"
    path.write_text(f"{rules}\n{case}", encoding="utf-8")
    place = rules.count("\n") + 2
    _, mistakes = check_criteria(path, the_catalogue().items)
    return [f"{m.line - place} {m.what} ({m.nearest})" for m in mistakes]


def test_a_case_that_is_kept_says_nothing(tmp_path: Path) -> None:
    assert _said(tmp_path, CASE) == []


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("2026-09 = 9 }", "2026-09 = 10 }", "7 'signs' are N1a (expected: none)"),
        ("signs = []", 'signs = ["N1a"]', "7 'signs' are none (expected: N1a)"),
        ("signs = []", 'missing = ["P4"]', "7 'missing' are A1, A3, N1, N2, N5, P4, P5 (expected: P4)"),
        ("signs = []", 'levels = { academic = "1" }', "7 'academic' is U (expected: 1)"),
        ("signs = []", 'at_least = "見守り"', "7 'at_least' is 該当なし (expected: 見守り)"),
        ("signs = []", 'at_most = "見守り"', "7 'at_most' is 重点支援 (expected: 見守り)"),
        ("born = 2015-06-01", "born = 2000-06-01", "3 the child is outside the scope"),
        ("signs = []", "", "1 the case expects nothing"),
        ("facts.absent_days", "facts.absent_day", "6 'absent_day' has no meaning here (did you mean 'absent_days'?"),
        ('"municipal"', '"munincipal"', "5 'munincipal' is no value of enrolment (did you mean 'municipal'?"),
        # What no source of the city could have said: the range that it reads, the days of the month, the kind of value.
        ("2026-09 = 9", "2026-09 = 45", "6 absent_days is 45, which no source could have said (0 to 30 days)"),
        ("2026-09 = 9", "2026-09 = 31", "6 absent_days is 31, which no source could have said (0 to 30 days)"),
        ("2026-07 = 0", "2026-07 = -5", "6 absent_days is -5, which no source could have said (0 to 31 days)"),
        ("2026-09 = 9", "2026-02 = 29", "6 absent_days is 29, which no source could have said (0 to 28 days)"),
        ("2026-09 = 9", '2026-09 = "five"', "6 the value of absent_days is the text 'five' (a number of days, or '?')"),
        ('"municipal"', "5", "5 '5' is no value of enrolment (known: municipal"),
        (
            "signs = []",
            "facts.q_friends = { 2026 = 6 }\nsigns = []",
            "7 q_friends is 6, which no source could have said",
        ),
        ("signs = []", "facts.q_friends = { 2026 = 0.5 }\nsigns = []", "(1 to 5 points of 5)"),
        ("signs = []", "facts.study_hours = { 2026 = 25 }\nsigns = []", "7 study_hours is 25, which no source could"),
        (
            "signs = []",
            "facts.infirmary_visit = [{ on = 2026-09-01, value = 3 }]\nsigns = []",
            "7 infirmary_visit has no value, and this gives it '3' (its days alone)",
        ),
        (
            "signs = []",
            "facts.assistance = [{ from = 2026-09-01, until = 2026-08-01 }]\nsigns = []",
            "7 assistance ends on 2026-08-01, before it begins (2026-09-01 or later)",
        ),
        ("2026-09 = 9", "2026-13 = 9", "6 '2026-13' of absent_days is not a month (such as 2026-04)"),
        ("2026-09 = 9", "2026-09 = true", "6 the value of absent_days is neither a number nor a code"),
        ("signs = []", 'signs = ["N9"]', "7 'signs' holds 'N9' (did you mean"),
        ("signs = []", 'levels = { poor = "1" }\nsigns = []', "7 'poor' has no meaning here"),
        ("signs = []", "sign = []\nsigns = []", "7 'sign' has no meaning here (did you mean 'signs'?"),
    ],
)
def test_each_mistake_is_named_at_its_line(written: str, instead: str, said: str, tmp_path: Path) -> None:
    assert written in CASE
    assert said in " | ".join(_said(tmp_path, CASE.replace(written, instead)))


def test_criteria_that_do_not_keep_their_cases_are_not_run_with(tmp_path: Path) -> None:
    text = CRITERIA_FILE.read_text(encoding="utf-8").replace(
        'indicator = "absent_worst_month", at_least = 10', 'indicator = "absent_worst_month", at_least = 11'
    )
    path = tmp_path / "criteria.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CriterionError, match=r"9月に10日欠席した.*'signs' are none \(expected: N1a\)"):
        load_criteria(path, the_catalogue().items)


@pytest.mark.parametrize("written", ["2026-09 = 30", "2026-09 = 0", '2026-09 = "?"', "2026-09 = 4.5", "2024-02 = 29"])
def test_what_a_source_can_say_is_no_mistake_of_the_case(written: str, tmp_path: Path) -> None:
    said = _said(tmp_path, CASE.replace("2026-09 = 9", written))
    assert not [mistake for mistake in said if mistake.startswith("6 ")]


MOOD = """
[[expect]]
case = "雨が続く"
on = 2026-09-30
born = 2015-06-01
school = "101"
facts.enrolment = { 2026 = "municipal" }
facts.mood = [{ from = 2026-09-25, values = ["sunny", "sunny", "cloudy", "rainy", "thunder", "rainy"] }]
household = [{ born = 2014-05-01, school = "101", facts.mood = [{ on = 2026-09-29, value = "rainy" }] }]
signs = ["T4"]
"""


@pytest.mark.parametrize("is_named", [True, False])
def test_answers_on_mood_count_without_a_school_too(is_named: bool, tmp_path: Path) -> None:
    case = MOOD if is_named else MOOD.replace('school = "101"\n', "").replace('school = "101", ', "")
    rules = MOOD_FILE.read_text(encoding="utf-8").partition("\n[[expect]]")[0]
    path = tmp_path / "criteria.toml"
    path.write_text(f"{rules}\n{case}", encoding="utf-8")
    assert [m.text("criteria.toml") for m in check_criteria(path, the_catalogue().items)[1]] == []


def test_an_empty_file_is_told_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "criteria.toml"
    for text in ("", "# まだ何も書いていない\n"):
        path.write_text(text, encoding="utf-8")
        (mistake,) = check_criteria(path, the_catalogue().items)[1]
        assert mistake.what == "nothing is written in this file"


def test_a_run_carries_the_range_of_each_item_and_may_have_none() -> None:
    made = json.loads(json.dumps(carried("f.toml", "", the_catalogue().items)))
    assert items_of(made) == dict(the_catalogue().items)
    assert the_catalogue().items["absent_days"].most == 31
    older = {id: {k: v for k, v in item.items() if k not in ("least", "most")} for id, item in made["items"].items()}
    assert items_of({"items": older})["absent_days"].most is None

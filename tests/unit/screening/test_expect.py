"""Cases of a criteria file: what cannot be read is named at its line, and so is what the criteria do not keep."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening_cases import CRITERIA_FILE, the_catalogue
from tsunagu.errors import CriterionError
from tsunagu.screening.load import check_criteria, load_criteria

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

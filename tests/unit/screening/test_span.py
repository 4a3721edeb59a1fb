"""A limit that no child can reach, or that every child does, is a mistake at its line: it tells nobody apart."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest

from screening_cases import CITY, CRITERIA_FILE, the_catalogue
from tsunagu.indicators.mistakes import Mistake
from tsunagu.screening.criteria import Comparison
from tsunagu.screening.load import check_criteria
from tsunagu.screening.reference import holds
from tsunagu.screening.span import Span, met_by

TEXT = CRITERIA_FILE.read_text(encoding="utf-8").partition("\n[[expect]]")[0]
CARERS = (CITY / "criteria" / "young-carer.toml").read_text(encoding="utf-8").partition("\n[[expect]]")[0]


def told(text: str, tmp_path: Path) -> list[Mistake]:
    path = tmp_path / "criteria.toml"
    path.write_text(text, encoding="utf-8")
    return check_criteria(path, the_catalogue().items)[1]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('"assistance", at_least = 1', '"assistance", at_least = 5', "'assistance' can never meet this"),
        ('"assistance", at_least = 1', '"assistance", at_least = 0', "'assistance' always meets this"),
        ('"low_mood", at_least = 0.6', '"low_mood", at_least = 1.5', "'low_mood' can never meet this"),
        ('"low_mood", at_least = 0.6', '"low_mood", at_least = -1', "'low_mood' always meets this"),
        ('"checkups_missed", at_least = 2', '"checkups_missed", at_least = 4', "'checkups_missed' can never meet"),
        ('"checkups_missed", at_least = 2', '"checkups_missed", equals = 1.5', "'checkups_missed' can never meet"),
        ('"unpaid_months", at_least = 2', '"unpaid_months", at_least = 13', "'unpaid_months' can never meet this"),
        ('"notifications", at_least = 1', '"notifications", equals = -1', "'notifications' can never meet this"),
    ],
)
def test_a_limit_outside_what_the_measure_gives_is_named(old: str, new: str, what: str, tmp_path: Path) -> None:
    assert TEXT.count(f"indicator = {old} ") == 1
    changed = TEXT.replace(f"indicator = {old} ", f"indicator = {new} ")
    (found,) = [m for m in told(changed, tmp_path) if what in m.what]
    assert new in changed.splitlines()[found.line - 1]
    assert found.nearest.startswith("it gives ")


def test_a_worst_value_outside_it_is_named(tmp_path: Path) -> None:
    changed = TEXT.replace("unknown_as = 1\n", "unknown_as = 5\n", 1)
    (found,) = [m for m in told(changed, tmp_path) if "it gives" in m.what]
    assert "whole numbers from 0 to 1" in found.what
    assert changed.splitlines()[found.line - 1] == "unknown_as = 5"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('id = "young-carer"', 'id = "../own"', "'../own' is not a name here"),
        ('supersedes = ""', 'supersedes = "2026.1.0"', "it supersedes itself"),
        ('legal_basis = ["子ども・若者育成支援推進法 第2条（例）"]', "legal_basis = []", "'legal_basis' names nothing"),
    ],
)
def test_so_are_a_strange_name_a_version_of_itself_and_no_legal_basis(
    old: str, new: str, what: str, tmp_path: Path
) -> None:
    changed = CARERS.replace(old, new, 1)
    (found,) = told(changed, tmp_path)
    assert found.what == what
    assert new in changed.splitlines()[found.line - 1]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("{value}日遅刻し", "{at}に{value}日遅刻し", "the gap '{at}' has nothing to be filled with"),
        ("基準：遅刻{threshold}日以上で", "基準：遅刻{threshold}日、{tenths}以上で", "the gap '{tenths}' has nothing"),
        ("値が{score.below}未満です", "値が{scor.below}未満です", "'{scor.below}' is no limit of this sign"),
        ("値が{score.below}未満です", "値が{in_care.at_least}未満です", "'{in_care.at_least}' is no limit of this"),
        ("{value}日遅刻し", "{value日遅刻し", "a gap is opened and not closed"),
        ("{value}日遅刻し", "{valu}日遅刻し", "the gap '{valu}' cannot be filled"),
    ],
)
def test_a_gap_that_stays_a_gap_is_named(old: str, new: str, what: str, tmp_path: Path) -> None:
    assert CARERS.count(old) == 1
    changed = CARERS.replace(old, new)
    (found,) = told(changed, tmp_path)
    assert found.what.startswith(what)
    assert new in changed.splitlines()[found.line - 1]


@pytest.mark.parametrize(
    ("old", "new", "what", "mend"),
    [
        ("基準：遅刻{threshold}日以上", "基準：遅刻10日以上", "'basis' (ja) holds 10", "{late_total.at_least}"),
        ("late {threshold} days or more", "late ten days or more", "'basis' (en) holds ten", "{late_total.at_least}"),
        (
            "学力調査の偏差値が{score.below}未満",
            "学力調査の偏差値が45未満",
            "'sentence' (ja) holds 45",
            "{score.below}",
        ),
        ("survey score below {score.below}", "survey score below 45", "'sentence' (en) holds 45", "{score.below}"),
        ("、偏差値{score.below}未満", "、偏差値が低い", "'basis' (ja) does not name the limit 45", "{score.below}"),
        (
            "基準：平日{threshold}時間以上で、",
            "基準：平日長く、",
            "'basis' (ja) does not name the limit 3",
            "{study.at",
        ),
    ],
)
def test_a_limit_typed_a_second_time_or_left_out_is_told_with_its_gap(
    old: str, new: str, what: str, mend: str, tmp_path: Path
) -> None:
    assert CARERS.count(old) == 1
    changed = CARERS.replace(old, new)
    (found,) = told(changed, tmp_path)
    assert found.what.startswith(what)
    assert mend in found.nearest
    assert new in changed.splitlines()[found.line - 1]


@pytest.mark.parametrize(
    ("file", "old", "new", "mend"),
    [
        ("attendance-and-mood", "{sunny_share.at_most.percent}％以下", "5％以下", "{sunny_share.at_most.percent}"),
        ("school-refusal", "基準：{absent_ratio.at_least.tenths}割以上", "基準：1割以上", ".tenths}"),
        ("school-refusal", "1年の欠席が多い", "欠席が30日以上", "a name without the number"),
        (
            "school-refusal",
            "保健室に{infirmary_months.month.at_least}回以上",
            "保健室に3回以上",
            "{infirmary_months.month.at_least}",
        ),
        ("early-neglect", "転入から{threshold}日以内", "転入から180日以内", "{days_since_move.at_most}"),
    ],
)
def test_so_is_one_in_tenths_of_a_hundred_of_each_month_and_of_days(
    file: str, old: str, new: str, mend: str, tmp_path: Path
) -> None:
    text = (CITY / "criteria" / f"{file}.toml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    (found,) = told(text.replace(old, new), tmp_path)
    assert mend in found.nearest


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        ("three-judgments", "合わせて{value}日欠席しました", "合わせて20日欠席しました", "'sentence' (ja) holds 20"),
        ("three-judgments", "合わせて{value}日欠席しました", "合わせて15日欠席しました", "'sentence' (ja) holds 15"),
        ("three-judgments", "合わせて{value}日欠席しました", "合わせて２０日欠席しました", "'sentence' (ja) holds 20"),
        ("three-judgments", "in all within the last six months: {", "in all within the last seven months: {",
         "'sentence' (en) holds seven"),
        ("school-refusal", "来た月が{value}か月あります", "来た月が2か月あります", "'sentence' (ja) holds 2,"),
        ("school-refusal", "欠席が{absent_run.month.at_least}日以上", "欠席が5日以上", "'sentence' (ja) holds 5"),
        ("three-judgments", "{low_mood.at_least.tenths}割以上", "{low_mood.at_least}割以上", "'basis' (ja) says 0.6割"),
        ("three-judgments", "登校の様子、休む前後の", "生活保護の家庭、休む前後の", "'watch' says 「生活保護」"),
        ("three-judgments", "登校の様子、休む前後の", "怠けていないか、休む前後の", "'watch' says 「怠け」"),
    ],
)  # fmt: skip
def test_so_is_every_number_that_the_indicators_do_not_have_and_a_word_that_no_school_is_told(
    file: str, old: str, new: str, what: str, tmp_path: Path
) -> None:
    text = (CITY / "criteria" / f"{file}.toml").read_text(encoding="utf-8")
    assert old in text
    found = told(text.replace(old, new, 1), tmp_path)
    assert any(one.what.startswith(what) for one in found), found


def test_a_window_that_is_changed_leaves_no_sentence_behind(tmp_path: Path) -> None:
    text = (CITY / "criteria" / "young-carer.toml").read_text(encoding="utf-8")
    changed = text.replace("months = { calendar = 6 }", "months = { calendar = 9 }")
    what = [one.what for one in told(changed, tmp_path)]
    assert "'sentence' (ja) holds 6, a number that this sign's indicators do not have" in what
    assert "'sentence' (en) holds six, a number that this sign's indicators do not have" in what


def test_a_form_that_is_misspelt_is_offered_with_its_form(tmp_path: Path) -> None:
    text = CRITERIA_FILE.read_text(encoding="utf-8")
    found = told(text.replace("{low_mood.at_least.tenths}割", "{low_mood.at_least.tenth}割", 1), tmp_path)
    assert any("{low_mood.at_least.tenths}" in one.nearest for one in found), found


def test_control_the_shipped_sets_hold_no_such_mistake(tmp_path: Path) -> None:
    for path in sorted((CITY / "criteria").glob("*.toml")):
        assert told(path.read_text(encoding="utf-8"), tmp_path) == [], path.name


OPERATORS = ("at_least", "more_than", "below", "at_most", "equals")
LIMITS = [Decimal(n) / 2 for n in range(-2, 9)]


@pytest.mark.parametrize("is_whole", [True, False])
def test_it_says_what_trying_every_value_says(is_whole: bool) -> None:
    span = Span(Decimal(0), Decimal(3), is_whole)
    step = 1 if is_whole else Fraction(1, 8)
    values = [n * step for n in range(int(3 / step) + 1)]
    for first, second in product(product(OPERATORS, LIMITS), repeat=2):
        tests = (first, second)
        met = [holds(Comparison("x", tests), {"x": Fraction(value)}) for value in values]  # type: ignore[arg-type]
        tried = "all" if all(met) else "some" if any(met) else "none"
        assert met_by(span, tests) == tried, tests

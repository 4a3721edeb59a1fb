"""A decision matrix gives each combination of levels exactly one result; points and capacity say what they ask for."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest

from screening_cases import CITY, the_catalogue
from tsunagu.indicators.language import Words
from tsunagu.indicators.mistakes import Lines, Mistake, Part
from tsunagu.screening.criteria import Criteria, Overall, OverallLevel, level_count
from tsunagu.screening.load import check_criteria
from tsunagu.screening.matrix import read_matrix
from tsunagu.screening.reference import level_from, overall_from

TEXT = (CITY / "criteria" / "attendance-and-mood.toml").read_text(encoding="utf-8")
RULES = TEXT.partition("\n[[expect]]")[0]
JUDGMENTS = ["one", "two", "three"]
NAMES = ("high", "middle", "low", "none")


def levels_of(names: tuple[str, ...]) -> list[OverallLevel]:
    return [OverallLevel(name, name, "watch", True, rank + 1, ()) for rank, name in enumerate(names)]


def read(text: str, tmp_path: Path) -> tuple[Criteria | None, list[Mistake]]:
    path = tmp_path / "criteria.toml"
    path.write_text(text, encoding="utf-8")
    return check_criteria(path, the_catalogue().items)


def a_matrix(draw: random.Random) -> dict[tuple[int, ...], str]:
    """A result for each of 27 combinations that gets no less urgent as a level rises."""
    found: dict[tuple[int, ...], str] = {(0, 0, 0): "none"}
    for cell in itertools.product(range(3), repeat=3):
        below = [found[(*cell[:n], cell[n] - 1, *cell[n + 1 :])] for n in range(3) if cell[n]]
        if below:
            least = min(NAMES.index(name) for name in below)
            found[cell] = NAMES[max(0, least - draw.choice((0, 0, 1)))]
    return found


@pytest.mark.parametrize("seed", range(60))
def test_the_tests_made_of_a_matrix_give_what_its_rows_say(seed: int) -> None:
    draw = random.Random(seed)
    matrix, columns = a_matrix(draw), draw.sample(JUDGMENTS, 3)
    *rows, none = levels_of(tuple(name for name in NAMES if name in matrix.values()))
    written = [[*map(str, cell), name] for cell, name in matrix.items()]
    draw.shuffle(written)
    mistakes: list[Mistake] = []
    part = Part({"columns": columns, "rows": written}, lines=Lines(""), mistakes=mistakes, name="overall.matrix")
    made = read_matrix(part, rows, none, dict.fromkeys(JUDGMENTS, (2, 1)))
    assert mistakes == []

    overall = Overall(Words("", ""), made, none, none, (), by_matrix=True)
    for cell, name in matrix.items():
        assert overall_from(overall, dict(zip(columns, cell, strict=True)), ()).name == name, cell


@pytest.mark.parametrize(
    ("old", "new", "what", "hint"),
    [
        (
            '  ["1",   "0",   "見守り"],\n',
            "",
            "1 combination has no row, such as attendance 1, mood 0",
            "a row for them",
        ),
        ('["2",   "0|1"', '["2",   "*"', "row 1 and row 2 both give attendance 2, mood 2", "exactly one row"),
        ('["0|1", "2",   "予防的支援"]', '["0|3", "2",   "予防的支援"]', "'0|3' is no level", "0, 1, 2"),
        ('["1",   "1",   "予防的支援"]', '["1",   "1",   "予防支援"]', "there is no result '予防支援'", "予防的支援"),
        ('["0",   "1",   "見守り"]', '["0",   "見守り"]', "row 6 is not 3 texts", '["attendance", "mood", "result"]'),
        (
            '["1",   "1",   "予防的支援"]',
            '["1",   "1",   "該当なし"]',
            "is less urgent than '見守り' for attendance",
            "a higher level never",
        ),
        ('["0",   "0",   "該当なし"]', '["0",   "0",   "見守り"]', "a child without any level", "'該当なし'"),
        ('["2",   "2",   "重点支援"]', '["2",   "2",   "予防的支援"]', "no combination gives '重点支援'", "remove it"),
        (
            'columns = ["attendance", "mood"]',
            'columns = ["attendance"]',
            "'columns' leaves 'mood' out",
            "every judgment",
        ),
        (
            'columns = ["attendance", "mood"]',
            'columns = ["attendance", "moods"]',
            "'columns' holds 'moods'",
            "did you mean 'mood'",
        ),
        (
            'tone = "watch"\n',
            'tone = "watch"\nany = [[{ judgments = 1, at_least = 1 }]]\n',
            "'any' stands beside a matrix",
            "the matrix alone",
        ),
        ("capacity = 60", "capacity = 0", "'capacity' is 0", "a whole number from 1"),
    ],
)
def test_a_mistake_in_the_table_stands_at_its_line(old: str, new: str, what: str, hint: str, tmp_path: Path) -> None:
    assert RULES.count(old) == 1
    changed = RULES.replace(old, new)
    _, mistakes = read(changed, tmp_path)
    found = next((m for m in mistakes if what in m.what and hint in m.nearest), None)
    assert found is not None, mistakes
    # What no row says stands nowhere: such a mistake points to the list of rows.
    due = new.strip().splitlines()[-1] if new and "combination" not in what else "rows = ["
    assert due in changed.splitlines()[found.line - 1]


POINTS = RULES.replace("{ level = 2, groups = 2 },", "{ level = 2, points = 3 },", 1)


def with_points(text: str, points: dict[str, int]) -> str:
    for code, value in points.items():
        text = text.replace(f'code = "{code}"\n', f'code = "{code}"\npoints = {value}\n', 1)
    return text


def test_points_of_the_signs_that_hold_are_added_up(tmp_path: Path) -> None:
    criteria, mistakes = read(with_points(POINTS, {"T1": 1, "T2": 2}), tmp_path)
    assert criteria is not None
    assert mistakes == []
    attendance = next(j for j in criteria.judgments if j.id == "attendance")
    assert level_from(criteria, attendance, {"T1"}) == 1
    assert level_from(criteria, attendance, {"T2"}) == 1
    assert level_from(criteria, attendance, {"T1", "T2"}) == 2


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (with_points(POINTS, {"T1": 1, "T2": 1}), "level 2 asks for 3 points, and all signs together give 2"),
        (POINTS, "level 2 asks for 3 points, and all signs together give 0"),
        (with_points(RULES, {"T1": 1}), "'T1' has points, and no level of 'attendance' asks for points"),
        (
            with_points(POINTS, {"T1": 2, "T2": 2}).replace(
                "{ level = 1, any_sign = true }", "{ level = 1, points = 3 }", 1
            ),
            "level 2 asks for 3 points, the level below it for 3",
        ),
    ],
)
def test_points_that_can_change_nothing_are_a_mistake(text: str, what: str, tmp_path: Path) -> None:
    _, mistakes = read(text, tmp_path)
    assert [m for m in mistakes if m.what == what and m.line], mistakes


def test_beyond_the_capacity_is_said_and_nobody_is_left_out() -> None:
    assert level_count("重点支援", 60, 60) == "重点支援 60"
    assert level_count("重点支援", 75, 60) == "重点支援 75 (capacity 60, 15 beyond it)"
    assert level_count("重点支援", 75, None) == "重点支援 75"


def test_a_matrix_that_asks_for_a_level_its_judgment_does_not_define_is_told(tmp_path: Path) -> None:
    """Daily mood without its level 2: nobody could ever be where the matrix asks for it."""
    start = RULES.index('[[judgment]]\nid = "mood"')
    level_2 = RULES.index("  { level = 2", start)
    text = RULES[:level_2] + RULES[RULES.index("\n", level_2) + 1 :]
    _, mistakes = read(text, tmp_path)
    lines = text.splitlines()
    said = [m.text("criteria.toml") for m in mistakes]
    wrong = [n for n, line in enumerate(lines, start=1) if line.startswith(('  ["2",   "2"', '  ["0|1", "2"'))]
    assert len(wrong) == 2
    assert said == [f"criteria.toml:{n}: '2' is no level of 'mood' (0, 1, several such as 0|1, or *)" for n in wrong]
    mended = "\n".join(line for n, line in enumerate(lines, start=1) if n not in wrong)
    mended = mended.replace('["2",   "0|1", "予防的支援"]', '["2",   "*", "重点支援"]')
    criteria, mistakes = read(mended, tmp_path)
    assert [m.what for m in mistakes] == []
    assert criteria is not None
    assert overall_from(criteria.overall, {"attendance": 2, "mood": 1}, ()).name == "重点支援"
    assert overall_from(criteria.overall, {"attendance": 1, "mood": 1}, ()).name == "予防的支援"


@pytest.mark.parametrize(
    ("test", "what", "hint"),
    [
        ('{ judgment = "ties", at_least = 2 }', "'ties' never reaches level 2", "1 at most, or a level 2"),
        (
            "{ judgments = 1, at_least = 2 }",
            "level 2 is asked of 1, and so many judgments define it: 0",
            "at_least = 1",
        ),
    ],
)
def test_a_row_that_asks_for_a_level_no_judgment_defines_is_told(
    test: str, what: str, hint: str, tmp_path: Path
) -> None:
    text = (CITY / "criteria" / "isolation.toml").read_text(encoding="utf-8").partition("\n[[expect]]")[0]
    level_2 = text.index("{ level = 2")
    text = text[: text.rindex("\n", 0, level_2) + 1] + text[text.index("\n", level_2) + 1 :]
    text = text.replace("any = [[{ judgments = 1, at_least = 2 }]]", f"any = [[{test}]]", 1)
    _, mistakes = read(text, tmp_path)
    line = next(n for n, written in enumerate(text.splitlines(), start=1) if test in written)
    assert [(m.line, m.what) for m in mistakes] == [(line, what)]
    assert hint in mistakes[0].nearest

"""Numbers that a run's tables would round, or that are none, are mistakes at their line; nothing stops with a trace."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from screening_cases import CITY, CRITERIA_FILE, the_catalogue
from tsunagu.errors import CriterionError
from tsunagu.indicators.mistakes import Mistake, fits
from tsunagu.programmes.load import load_programme
from tsunagu.screening.load import check_criteria

TEXT = CRITERIA_FILE.read_text(encoding="utf-8")


def told(text: str, tmp_path: Path) -> list[Mistake]:
    path = tmp_path / "criteria.toml"
    path.write_text(text, encoding="utf-8")
    return check_criteria(path, the_catalogue().items)[1]


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e30", "-1e12", "2.0000001", "1e-29"])
@pytest.mark.parametrize("key", ["at_least", "unknown_as"])
def test_a_number_that_no_table_keeps_is_a_mistake_at_its_line(number: str, key: str, tmp_path: Path) -> None:
    lines = TEXT.split("\n")
    start = {"at_least": "when = {", "unknown_as": "unknown_as"}[key]
    place = next(n for n, line in enumerate(lines) if line.startswith(start) and f"{key} = " in line)
    lines[place] = lines[place].replace(lines[place].partition(f"{key} = ")[2].split(" ")[0].rstrip("},"), number)
    found = told("\n".join(lines), tmp_path)
    assert [(m.line, m.nearest) for m in found if key in m.what] == [
        (place + 1, "a number below 1,000,000,000,000 with six decimals at most is due")
    ]


@pytest.mark.parametrize("number", ["nan", "inf", "1e13"])
def test_so_it_is_in_a_case(number: str, tmp_path: Path) -> None:
    added = f"""
[[expect]]
case = "a number that is none"
on = 2026-09-30
born = 2015-06-01
facts.absent_days = {{ 2026-04 = {number} }}
signs = []
"""
    (found,) = told(TEXT + added, tmp_path)
    assert found.what.startswith("the value of absent_days is")


def test_and_in_a_parameter_of_a_programme(tmp_path: Path) -> None:
    text = (CITY / "programmes" / "school-aid.toml").read_text(encoding="utf-8")
    path = tmp_path / "school-aid.toml"
    head, _, rest = text.partition("\n[[parameter]]\n")
    lines = rest.split("\n")
    place = next(n for n, line in enumerate(lines) if line.startswith("value = "))
    lines[place] = "value = nan"
    path.write_text(head + "\n[[parameter]]\n" + "\n".join(lines), encoding="utf-8")
    with pytest.raises(CriterionError, match="'value' is NaN"):
        load_programme(path, the_catalogue().items)


@pytest.mark.parametrize("depth", [7, 3000])
def test_conditions_inside_each_other_without_end_are_a_mistake(depth: int, tmp_path: Path) -> None:
    leaf = '{ indicator = "unpaid_months", at_least = 2 }'
    when = leaf
    for _ in range(depth):
        when = f"{{ all = [{leaf}, {when}] }}"
    old = f"when = {leaf}"
    assert TEXT.count(old) == 1
    found = told(TEXT.replace(old, f"when = {when}"), tmp_path)
    assert any("more than 5 others" in m.what or "without end" in m.what for m in found)


@pytest.mark.parametrize(
    ("number", "kept"),
    [("0", True), ("-0.000001", True), ("999999999999.999999", True), ("0.0000001", False), ("1000000000000", False)],
)
def test_six_decimals_and_twelve_digits_are_kept(number: str, kept: bool) -> None:
    assert fits(Decimal(number)) is kept


@pytest.mark.parametrize(
    ("old", "new", "mend"),
    [
        ("at_least = 15 }", "at_least = １５ }", "'１' is full-width; write it half-width: 1"),
        ('code = "N1a"', "code = 「N1a」", 'texts stand between "…", and here is 「'),
        ('code = "N1a"', "code = “N1a”", 'texts stand between "…", and here is “'),
        ('code = "N1a"', 'code ＝ "N1a"', "'＝' is full-width; write it half-width: ="),
        ('[[sign]]\ncode = "N1a"', '[sign]\ncode = "N1a"', "[[sign]]"),
        ('code = "N1a"', 'code = "N1a', 'a quotation mark (") is missing'),
    ],
)
def test_a_slip_of_the_keyboard_is_told_with_what_to_write(old: str, new: str, mend: str, tmp_path: Path) -> None:
    assert old in TEXT
    (found,) = told(TEXT.replace(old, new, 1), tmp_path)
    assert mend in found.nearest

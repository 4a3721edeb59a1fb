"""The next version of a criteria file: other numbers, a renewed head, cases brought along, all else as it was."""

from __future__ import annotations

import datetime as dt
import difflib
from decimal import Decimal

import pytest

from builders import CITY
from tsunagu.errors import CriterionError
from tsunagu.screening.carried import carried, restored
from tsunagu.screening.limits import Path, movable
from tsunagu.screening.rewrite import next_version, rewritten
from tsunagu.sources.loading import load_catalogue

FILE = CITY / "criteria" / "three-judgments.toml"
CARRYING = carried(FILE.name, FILE.read_text(encoding="utf-8"), load_catalogue(CITY).items)
DAY = dt.date(2027, 4, 1)


def _changed(moved: dict[tuple[str, Path], Decimal]) -> list[str]:
    made = rewritten(CARRYING, moved, version="2026.1.1", effective=DAY)
    lines = difflib.unified_diff(CARRYING["text"].splitlines(), made.text.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def test_a_moved_limit_changes_the_head_its_line_and_the_cases_on_its_edge() -> None:
    changed = _changed({("N1a", (0,)): Decimal(11)})
    assert [line for line in changed if "version" in line or "supersedes" in line or "effective" in line] == [
        '-version = "2026.1.0"',
        '-supersedes = ""                    # the version this one replaces; empty: the first',
        "-effective = 2026-04-01",
        '+version = "2026.1.1"',
        '+supersedes = "2026.1.0"                    # the version this one replaces; empty: the first',
        "+effective = 2027-04-01",
    ]
    assert '+when = { indicator = "absent_worst_month", at_least = 11 }' in changed
    assert all(line[1:].startswith(("version", "supersedes", "effective", "when", "signs", "levels", "at_", "missing"))
               for line in changed)  # fmt: skip


def test_the_cases_that_are_brought_along_are_told() -> None:
    made = rewritten(CARRYING, {("N1a", (0,)): Decimal(11)}, version="2026.1.1", effective=DAY)
    assert made.cases
    assert all(change.was != change.became for change in made.cases)
    assert restored(CARRYING, made.text)[1] == []


def test_two_limits_of_one_comparison_and_one_inside_a_condition_are_found() -> None:
    changed = _changed({("A2", (0,)): Decimal(38), ("A2", (1,)): Decimal("47.5"), ("P6", (0, 0)): Decimal(3)})
    assert '+when = { indicator = "score", at_least = 38, below = 47.5 }' in changed
    inside = 'all = [{ indicator = "unpaid_months", at_least = 3 }, { indicator = "school_aid", is = "refused" }]'
    assert f"+when = {{ {inside} }}" in changed


def test_every_number_of_the_shipped_sets_can_be_moved_one_step() -> None:
    tried = 0
    for path in sorted((CITY / "criteria").glob("*.toml")):
        carrying = carried(path.name, path.read_text(encoding="utf-8"), load_catalogue(CITY).items)
        criteria, _mistakes = restored(carrying)
        for sign in criteria.signs:
            for limit in movable(criteria, sign):
                step = Decimal(1) if limit.value >= 2 else Decimal("0.05")
                wanted = {(sign.code, limit.path): limit.value + step}
                wrong = ""
                try:
                    made = rewritten(carrying, wanted, version=next_version(criteria.version), effective=DAY)
                    assert made.criteria.sign(sign.code) != sign
                except CriterionError as error:
                    wrong = error.message()
                # Such a number would never hold, or would leave a gap; the file itself says so.
                assert not wrong or "would have a mistake" in wrong
                tried += 1
    assert tried > 20


@pytest.mark.parametrize("version", ["2026.1.0", "2025.9", "next", "2026.1.1; drop"])
def test_a_version_that_is_not_later_is_refused(version: str) -> None:
    with pytest.raises(CriterionError, match="not later"):
        rewritten(CARRYING, {}, version=version, effective=DAY)


def test_a_limit_that_makes_the_criteria_wrong_is_refused() -> None:
    with pytest.raises(CriterionError, match="mistake"):
        rewritten(CARRYING, {("A2", (0,)): Decimal(60)}, version="2026.1.1", effective=DAY)

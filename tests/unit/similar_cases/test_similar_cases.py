"""Similar cases: two tables apart, nothing of few or far ones, no "no" before its time, and never a share."""

from __future__ import annotations

import ast
import inspect
import re
import shutil
from dataclasses import fields, replace
from pathlib import Path

import pytest

from builders import CITY
from past import SHEET, a_thousand, distances, facts_of, own_cases, past_case
from tsunagu import similar_cases
from tsunagu.errors import CriterionError, SourceError
from tsunagu.evaluation.own_cases import read_own_cases
from tsunagu.guidance.answers import ABSENT, Answer, State
from tsunagu.guidance.load_sheet import STANDARD as STANDARD_SHEET
from tsunagu.municipality import check_city
from tsunagu.similar_cases.counts import Decided, Tally, came_after, decided_of
from tsunagu.similar_cases.distances import Facts
from tsunagu.similar_cases.load_distances import STANDARD, distances_for, load_distances
from tsunagu.similar_cases.past_cases import HOME, PROTECTED, SUPPORTED, PastCase, PastCases
from tsunagu.similar_cases.similar import CAUSES, SHOWN, Neighbour, OwnCases
from tsunagu.simulated_cases import draw_cases, write_simulated_cases

TEXT = STANDARD.read_text(encoding="utf-8")
QUIET = Facts({one.id: ABSENT for one in SHEET.questions}, 5, "neglect")
LEAST = distances().calibration.least


def cases(n: int, **said: object) -> list[PastCase]:
    """So many past cases that are alike."""
    plain = PastCase(QUIET, 2024, HOME, 12, None, None)
    return [replace(plain, **said) for _ in range(n)]  # type: ignore[arg-type]


# Never a past decision as a risk.


def test_39_percent_cannot_be_displayed() -> None:
    """Mie, 2023: of cases alike 39 % had been protected, and it was read as a low danger."""
    found = own_cases([*cases(39, decided=PROTECTED, followed_months=None), *cases(61)]).similar_to(SHEET, QUIET)
    assert found.decided is not None
    assert {kind: str(n) for kind, n in found.decided.rows} == {PROTECTED: "39", SUPPORTED: "0", HOME: "61"}
    protected, n = found.decided.rows[0][1], found.decided.n
    for share in (
        lambda: protected / n,
        lambda: protected * 100,
        lambda: 100 // protected,
        lambda: protected + protected,
        lambda: protected < n,
        lambda: float(protected),  # type: ignore[arg-type]
        lambda: int(protected),  # type: ignore[call-overload]
        lambda: range(protected),  # type: ignore[call-overload]
        lambda: f"{protected:%}",
        lambda: round(protected, 2),  # type: ignore[call-overload]
    ):
        with pytest.raises((TypeError, ValueError)):
            share()
    written = repr(found) + "".join(str(n) for _, n in found.decided.rows)
    assert not re.search(r"39\s*[%％]|0\.39|割|percent|ratio|rate", written)
    assert {one.name: one.type for one in fields(Decided)} == {
        "n": "Tally | None",
        "rows": "tuple[tuple[str, Tally], ...]",
    }


def test_no_module_that_counts_divides() -> None:
    """Where none divides, none can come to a share. Whole numbers of cases are divided where the radius is taken."""
    folder = Path(inspect.getfile(similar_cases)).parent
    for name in ("counts", "similar", "past_cases", "distances"):
        tree = ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))
        refused = ast.Div | ast.FloorDiv | ast.Mod if name == "counts" else ast.Div
        assert not [node for node in ast.walk(tree) if isinstance(node, refused)], name


def test_decisions_and_outcomes_are_two_tables_that_nothing_joins() -> None:
    found = a_thousand().similar_to(SHEET, facts_of(next(iter(draw_cases(1, 5)))))
    assert found.decided is not None
    assert {one.name for one in fields(Decided)} & {one.name for one in fields(found.came_after[0])} == {"n"}
    assert not {one.name for one in fields(Neighbour)} & {"decided", "severe_harm_month", "re_report_month"}


# Who is counted.


def test_who_was_not_followed_to_the_end_is_no_no() -> None:
    found = came_after([*cases(20), *cases(7, followed_months=5), *cases(4, followed_months=8)], 15)
    told = {row.what: (str(row.yes), str(row.no), str(row.open)) for row in found}
    assert told == {
        "re_report_6": ("0", "24", "7"),
        "re_report_12": ("0", "20", "11"),
        "severe_harm_12": ("0", "20", "11"),
    }


def test_what_happened_counts_however_short_somebody_was_followed() -> None:
    early = cases(3, followed_months=4, re_report_month=3, severe_harm_month=3)
    late = cases(2, re_report_month=9)
    found = came_after([*cases(15), *early, *late], 15)
    told = {row.what: (str(row.n), str(row.yes), str(row.no)) for row in found}
    assert told == {
        "re_report_6": ("20", "3", "17"),
        "re_report_12": ("20", "5", "15"),
        "severe_harm_12": ("20", "3", "17"),
    }


def test_a_child_that_was_protected_is_no_child_at_home() -> None:
    away = cases(40, decided=PROTECTED, followed_months=None)
    found = came_after([*cases(16), *away], 15)
    assert {str(row.n) for row in found} == {"16"}
    assert {str(row.open) for row in found} == {"0"}


@pytest.mark.parametrize("n", [LEAST - 1, LEAST])
def test_of_fewer_than_fifteen_nothing_is_told(n: int) -> None:
    is_told = n == LEAST
    assert (decided_of(cases(n), 15).n is not None) is is_told
    assert (decided_of([*cases(n), *cases(50, decided=None)], 15).n is not None) is is_told, "decided ones count"
    rows = came_after([*cases(n), *cases(50, followed_months=2)], 15)
    assert {row.n is not None for row in rows} == {is_told}
    assert {row.yes is None and row.no is None for row in rows} == {not is_told}
    far = Facts({one.id: Answer(State.PRESENT, 3, source="x") for one in SHEET.questions}, 5, "neglect")
    found = own_cases([*cases(n), *(replace(one, facts=far) for one in cases(200))]).similar_to(SHEET, QUIET)
    assert (found.cause, found.decided is None, found.nearest == ()) == (
        ("", False, False) if is_told else ("far", True, True)
    )


def test_each_silence_has_its_cause() -> None:
    other = replace(SHEET, sha256="0" * 64)
    far = Facts({one.id: Answer(State.PRESENT, 3, source="x") for one in SHEET.questions}, 0, "sexual")
    found = (
        a_thousand().similar_to(other, QUIET).cause,
        own_cases(cases(LEAST)).similar_to(SHEET, QUIET).cause,
        a_thousand().similar_to(SHEET, far).cause,
    )
    assert found == CAUSES


def test_a_sheet_nobody_has_answered_is_like_nothing() -> None:
    assert a_thousand().similar_to(SHEET, Facts({}, None, None)).cause == "far"


# The radius.


def test_the_radius_is_what_nine_in_ten_past_cases_do_not_pass() -> None:
    """Worked out one by one: each against all others, the fifteenth nearest."""
    some = [past_case(case) for case in draw_cases(120, 3)]
    # As wide as it comes: the limit of the file has a test of its own.
    wide = replace(distances(), calibration=replace(distances().calibration, farthest=10_000))
    own = OwnCases(PastCases(wide, some))
    reached = sorted(
        sorted(distances().between(one.facts, other.facts) for other in some if other is not one)[LEAST - 1]
        for one in some
    )
    assert distances().calibration.reached_by == 90
    assert own.radius == reached[108 - 1]


def test_the_radius_is_never_wider_than_the_file_allows() -> None:
    narrow = replace(distances(), calibration=replace(distances().calibration, farthest=7))
    own = OwnCases(PastCases(narrow, a_thousand().past.cases))
    assert own.radius == 7
    assert a_thousand().radius is not None
    assert 7 < a_thousand().radius <= distances().calibration.farthest


def test_of_a_case_like_the_past_ones_something_is_told() -> None:
    now = [facts_of(case) for case in draw_cases(1_200, 21)][1_000:]
    told = [a_thousand().similar_to(SHEET, one) for one in now]
    assert sum(not one.cause for one in told) >= 0.8 * len(told)


# The nearest, and how they differ.


def test_the_nearest_come_first_with_their_differences_and_nothing_that_finds_them_again() -> None:
    case = next(case for case in draw_cases(300, 9) if not a_thousand().similar_to(SHEET, facts_of(case)).cause)
    now = facts_of(case)
    found = a_thousand().similar_to(SHEET, now)
    points = sorted(a_thousand().past.apart_from(now))
    assert len(found.nearest) == SHOWN
    for neighbour, least in zip(found.nearest, points, strict=False):
        told = [one.points for one in neighbour.differences]
        assert told == sorted(told, reverse=True)
        assert sum(told) <= least
        assert all(one.here == now.answers.get(one.question) for one in neighbour.differences)
    assert {one.name for one in fields(Neighbour)} == {
        "fiscal_year", "age", "abuse", "also", "is_other_age", "is_other_type", "differences", "more",
    }  # fmt: skip


def test_of_many_the_nearest_are_counted_with_all_as_near_as_the_last() -> None:
    found = own_cases(cases(200)).similar_to(SHEET, QUIET)
    assert (found.n, found.is_cut) == (Tally(200), False), "all are equally near"
    found = a_thousand().similar_to(SHEET, facts_of(next(iter(draw_cases(1, 21)))))
    assert found.is_cut
    assert distances().calibration.most <= int(str(found.n)) < 200


# A centre's own folder.


def test_only_the_centres_own_cases_are_read(tmp_path: Path) -> None:
    write_simulated_cases(tmp_path / "cases", 400, 4)
    by_centre = {name: read_own_cases(tmp_path / "cases", SHEET, name) for name in ("north", "south")}
    drawn = list(draw_cases(400, 4))
    for name, found in by_centre.items():
        own = [case for case in drawn if case.causes.centre.id == name]
        assert [one.facts for one in found] == [_without_words(facts_of(case)) for case in own]
        assert [one.decided == PROTECTED for one in found] == [case.outcome is None for case in own]
    with pytest.raises(SourceError, match="no case of the centre 'elsewhere'") as refused:
        read_own_cases(tmp_path / "cases", SHEET, "elsewhere")
    assert "north" in refused.value.to_do
    (tmp_path / "cases" / "panel.parquet").unlink()
    assert read_own_cases(tmp_path / "cases", SHEET, "north"), "a centre needs no panel"
    (tmp_path / "cases" / "outcomes.parquet").unlink()
    with pytest.raises(SourceError, match=r"outcomes\.parquet"):
        read_own_cases(tmp_path / "cases", SHEET, "north")


def _without_words(facts: Facts) -> Facts:
    return replace(facts, answers={id: replace(one, source="") for id, one in facts.answers.items()})


# The file.

MISTAKES = {
    "a question without its distance": (
        '[[item]]\nquestion = "fear"\n', '[[item]]\nquestion = "injury"\n', "the question 'fear' has no distance",
    ),
    "a question nobody asks": ('question = "fear"', 'question = "feer"', "did you mean 'fear'"),
    "a graver answer that is nearer": ("grade = [6, 9, 12]", "grade = [6, 9, 8]", "does not rise"),
    "unknown that is absent": ("unknown = 6\n", "unknown = 0\n", "'unknown' is 0"),
    "two unknowns that are alike": ("both_unknown = 2", "both_unknown = 0", "'both_unknown' is 0"),
    "fewer than fifteen": ("least = 15", "least = 14", "'least' is 14"),
    "a place where none is asked": (
        'question = "fear"\n', 'question = "fear"\nsite = 1\n', "the sheet does not ask for 'site'",
    ),
    "bands that do not begin at birth": ("bands = [0, 1, 3", "bands = [1, 2, 3", "'bands' does not rise"),
    "a sheet that is not there": ('sheet = "urgency"', 'sheet = "urgent"', "did you mean 'urgency'"),
    "a word that means nothing": ("[type]\n", "[type]\nweight = 3\n", "'weight' has no meaning here"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_where_it_stands(name: str, tmp_path: Path) -> None:
    right, wrong, message = MISTAKES[name]
    assert right in TEXT
    path = tmp_path / "urgency.toml"
    path.write_text(TEXT.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(CriterionError) as refused:
        load_distances(path, [SHEET])
    assert message in refused.value.message()
    assert re.search(r"urgency\.toml:[1-9]", refused.value.message())


def test_a_city_checks_its_distances_with_its_sheets(tmp_path: Path) -> None:
    city = tmp_path / "city"
    shutil.copytree(CITY, city)
    (city / "distances").mkdir()
    (city / "distances" / "urgency.toml").write_text(TEXT, encoding="utf-8")
    assert check_city(city) == []
    (city / "sheets").mkdir()
    own = STANDARD_SHEET.read_text(encoding="utf-8").replace('id = "urgency"', 'id = "other"', 1)
    (city / "sheets" / "other.toml").write_text(own, encoding="utf-8")
    assert ["known: other" in one.message() for one in check_city(city)] == [True]


def test_the_newest_distances_that_have_begun_are_used(tmp_path: Path) -> None:
    assert distances_for(None, SHEET, SHEET.valid_from) == distances()
    folder = tmp_path / "distances"
    folder.mkdir()
    for year in ("2026", "2027"):
        text = TEXT.replace('"2026.1"', f'"{year}.1"').replace("valid_from = 2026", f"valid_from = {year}")
        (folder / f"{year}.toml").write_text(text, encoding="utf-8")
    assert distances_for(tmp_path, SHEET, SHEET.valid_from).version == "2026.1"
    assert distances_for(tmp_path, SHEET, SHEET.valid_from.replace(year=2028)).version == "2027.1"
    with pytest.raises(SourceError, match="no distances"):
        distances_for(tmp_path, SHEET, SHEET.valid_from.replace(year=2020))

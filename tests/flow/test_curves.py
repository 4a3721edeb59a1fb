"""Curves and stability from a run's own tables: each number is that of a whole screening with the moved limit."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from screening_cases import CITY, the_criteria
from tsunagu.cli.commands import app
from tsunagu.errors import SourceError, StateError
from tsunagu.evaluation.curves import curve, stability
from tsunagu.indicators.people import people_from
from tsunagu.linkage.marks import Marks
from tsunagu.municipality import City
from tsunagu.pipeline import Order, read_people
from tsunagu.runs.folder import RunFolder
from tsunagu.screening.criteria import Comparison, Criteria
from tsunagu.screening.reference import in_scope, judge


@pytest.fixture(scope="module")
def judged_with(sample: Path, city: City) -> object:
    """What the plain engine says of everybody in the sample under other criteria: at-least level by person, signs."""
    from fixed import KEY, ON

    order = Order(sample / "extracts", ON, sample / "none", KEY)
    people = read_people(city, order, lambda stage, done, total: None, Marks(KEY))
    everybody = people_from(people.linked.persons, people.facts, on=ON, holiday_months=the_criteria().holiday_months)

    def say(criteria: Criteria) -> dict[str, tuple[str, frozenset[str]]]:
        found = {}
        for id, person in everybody.by_id.items():
            if in_scope(criteria, person, ON):
                outcome = judge(criteria, person, everybody.around(person))
                found[id] = (outcome.at_least.name, frozenset(outcome.signs))
        return found

    return say


def _with(code: str, limit: Decimal) -> Criteria:
    criteria = the_criteria()
    when = criteria.sign(code).when
    assert isinstance(when, Comparison)
    changed = Comparison(when.indicator, ((when.tests[0][0], limit), *when.tests[1:]))
    return replace(criteria, signs=tuple(replace(s, when=changed) if s.code == code else s for s in criteria.signs))


@pytest.mark.parametrize("code", ["N1c", "A1", "N5"])
def test_each_point_is_what_a_whole_screening_with_that_limit_gives(
    code: str, run: RunFolder, judged_with: object
) -> None:
    drawn = curve(run, the_criteria(), code, steps=2)
    assert [p.limit for p in drawn.points] == sorted({p.limit for p in drawn.points})
    assert drawn.limit in {p.limit for p in drawn.points}
    assert len(drawn.points) == 5
    for point in drawn.points:
        said = judged_with(_with(code, point.limit))  # type: ignore[operator]  # a function of the fixture
        assert point.holds == sum(code in signs for _level, signs in said.values()), point.limit
        counted = Counter(level for level, _signs in said.values())
        assert point.levels == tuple((row.name, counted[row.name]) for row in the_criteria().overall.rows)
    assert len({p.holds for p in drawn.points}) > 1, "the limit matters in the sample"


def test_stability_is_what_screening_with_each_moved_limit_gives(run: RunFolder, judged_with: object) -> None:
    said = stability(run, the_criteria())
    now = judged_with(the_criteria())  # type: ignore[operator]  # a function of the fixture
    none = the_criteria().overall.none.name
    assert said.listed == sum(level != none for level, _signs in now.values())
    rows = {(sign, became): count for sign, _was, became, count in said.moved}
    for code, became in (("N1c", "14"), ("N1c", "16"), ("A1", "41"), ("N5", "0.7")):
        other = judged_with(_with(code, Decimal(became)))  # type: ignore[operator]  # as above
        differ = sum(other[id][0] != level for id, (level, _signs) in now.items())
        operator = "below" if code == "A1" else "at_least"
        assert rows[(code, f"{operator} {became}")] == differ, (code, became)
    assert 0 < said.kept < said.listed
    assert not any(sign in ("P1", "N4a") for sign, *_rest in said.moved), "yes or no has no step"


def test_a_limit_that_no_child_can_reach_is_not_drawn(run: RunFolder) -> None:
    limits = [point.limit for point in curve(run, the_criteria(), "P5", steps=9).points]
    assert limits == [Decimal(n) for n in range(7)]  # months of the last six


def test_both_are_told_by_the_command(run: RunFolder) -> None:
    asked = ["--city", str(CITY), "--json"]
    drawn = CliRunner().invoke(app, ["curve", str(run.path), "N1c", *asked])
    assert drawn.exit_code == 0, drawn.output
    assert len(json.loads(drawn.output)["points"]) == 11
    kept = CliRunner().invoke(app, ["stability", str(run.path), *asked])
    assert json.loads(kept.output)["listed"] > 0
    for text in (drawn.output, kept.output):
        assert not any(id in text for id in run.table("judgments").column("person_id").to_pylist()[:50])


def test_what_cannot_be_drawn_is_said(run: RunFolder) -> None:
    with pytest.raises(SourceError, match="there is no sign 'N1x'"):
        curve(run, the_criteria(), "N1x")
    with pytest.raises(SourceError, match="'P2a' has no limit that could move"):
        curve(run, the_criteria(), "P2a")
    with pytest.raises(StateError, match="the run was made with the criteria three-judgments"):
        stability(run, replace(the_criteria(), version="2026.2.0"))


@pytest.mark.parametrize("code", ["N4a", "P1"])
def test_a_sign_that_asks_whether_something_is_so_has_no_curve(code: str, run: RunFolder) -> None:
    with pytest.raises(SourceError, match=f"'{code}' has no limit that could move") as refused:
        curve(run, the_criteria(), code)
    assert "N1c" in refused.value.to_do, "those that have one are named"
    assert code not in refused.value.to_do.replace(",", " ").split()


def test_of_several_limits_the_one_named_moves_and_the_others_are_held(run: RunFolder, judged_with: object) -> None:
    drawn = curve(run, the_criteria(), "A2", steps=1, which=2)
    assert (drawn.operator, str(drawn.limit), [n for n, _one in drawn.held]) == ("below", "45", [1])
    when = the_criteria().sign("A2").when
    assert isinstance(when, Comparison)
    for point in drawn.points:
        tests = (when.tests[0], ("below", point.limit))
        signs = tuple(
            replace(s, when=Comparison(when.indicator, tests)) if s.code == "A2" else s for s in the_criteria().signs
        )
        said = judged_with(replace(the_criteria(), signs=signs))  # type: ignore[operator]  # a function of the fixture
        assert point.holds == sum("A2" in held for _level, held in said.values())
    command = ["curve", str(run.path), "A2", "--city", str(CITY)]
    lines = CliRunner().invoke(app, [*command, "--limit", "2"]).output.splitlines()
    assert lines[1] == "Limit 2 moves; held: limit 1, score at_least 40. Another one: --limit"
    assert CliRunner().invoke(app, command).output.splitlines()[1].startswith("Limit 1 moves; held: limit 2, score")
    with pytest.raises(SourceError, match="'A2' has no limit 3"):
        curve(run, the_criteria(), "A2", which=3)

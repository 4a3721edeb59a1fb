"""Criteria on past days and windows before the data: each number as counted by hand from a run of that day."""

from __future__ import annotations

import datetime as dt
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from screening_cases import a_town, the_catalogue, the_criteria
from tsunagu.evaluation.backtest import _counted, backtest, known_on
from tsunagu.evaluation.small_counts import LEAST
from tsunagu.evaluation.windows import short_data
from tsunagu.screening.screen import screen

ON = dt.date(2026, 9, 30)
LISTS = ("council_register",)


@cache
def tables() -> tuple[pa.Table, pa.Table]:
    return a_town(7, ON, children=400).tables()


def rows_of(facts: pa.Table, item: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = facts.filter(pc.equal(facts.column("item"), item)).to_pylist()
    return found


@pytest.mark.parametrize("months", [0, 7, 14])
def test_each_past_day_is_counted_as_a_run_of_that_day_would_list(months: int) -> None:
    persons, facts = tables()
    day = backtest(the_criteria(), persons, facts, the_catalogue(), LISTS, ON, [months]).days[0]
    due = {0: ON, 7: dt.date(2026, 2, 28), 14: dt.date(2025, 7, 30)}[months]
    assert day.on == due
    then = screen(persons, known_on(facts, due), the_criteria(), the_catalogue(), due)
    listed = set(then.notices.column("person_id").to_pylist())
    in_scope = {r["person_id"] for r in then.persons.to_pylist() if r["in_scope"]}
    assert day.in_scope == step(len(in_scope))

    lists = [r for r in rows_of(facts, "council_register") if r["state"] == "known"]
    known = {
        r["person_id"]
        for r in lists
        if (r["at"] is None or r["at"] <= due) and (r["until"] is None or r["until"] > due)  # type: ignore[operator]
    }
    came = {r["person_id"] for r in lists if r["at"] is not None and due < r["at"] <= ON}  # type: ignore[operator]
    counts = _counted(the_criteria(), then, known, came)
    assert counts["listed"] == len(listed) > 0
    assert day.listed == step(len(listed))
    for name, group, children in (
        ("noticed", day.noticed, listed - known),
        ("unnoticed", day.unnoticed, in_scope - listed - known),
    ):
        assert (counts[name], counts[f"{name} came"]) == (len(children), len(came & children))
        assert group.children in (None, step(len(children)))
        small = len(came & children) < LEAST or len(children - came) < LEAST
        assert group.came == (None if small else step(len(came & children)))
    assert day.unnoticed.children is not None or len((in_scope - listed) & known) < LEAST


def step(n: int) -> int:
    return n - n % LEAST


@pytest.mark.parametrize(("months", "is_short"), [(1, False), (58, True)])
def test_a_day_before_the_data_says_from_when_they_are(months: int, is_short: bool) -> None:
    persons, facts = tables()
    late = dt.date(2026, 8, 1)
    lists = pc.equal(facts.column("item"), "council_register")
    of_lists = pc.or_(pc.invert(lists), pc.less(facts.column("at"), late))
    cut = facts.filter(pc.fill_null(of_lists, True))
    found = backtest(the_criteria(), persons, cut, the_catalogue(), LISTS, ON, [months])
    short = dict(found.days[0].short)
    assert ("council_register" in short) is is_short
    assert any("do not reach as far back" in line for line in found.lines()) is bool(short)
    assert set(found.as_json()["days"][0]["data_begin"]) == set(short)
    assert not is_short or "absent_days" in short


def test_what_began_later_and_what_ended_later_is_not_known_yet() -> None:
    _, facts = tables()
    day = dt.date(2026, 3, 31)
    then = known_on(facts, day).to_pylist()
    assert then
    assert [r for r in then if r["at"] is not None and r["at"] > day] == []
    assert [r for r in then if r["until"] is not None and r["until"] > day] == []
    ended = [r for r in facts.to_pylist() if r["at"] and r["at"] <= day and r["until"] and r["until"] > day]
    assert ended, "the town has a period that ends after the day"
    assert facts.num_rows > len(then)


def test_a_small_number_is_not_told() -> None:
    persons, facts = tables()
    one = facts.filter(pc.not_equal(facts.column("item"), "council_register"))
    said = backtest(the_criteria(), persons, one, the_catalogue(), LISTS, ON, [6])
    assert said.days[0].noticed.came is None
    assert "not told" in said.lines()[2]
    assert said.as_json()["days"][0]["noticed"]["came"] is None


def test_windows_before_the_data_are_told_with_the_children_left_unknown() -> None:
    persons, facts = tables()
    absent, late = pc.equal(facts.column("item"), "absent_days"), dt.date(2026, 6, 1)
    # Attendance begins in June as far as this delivery goes; six months are asked for.
    cut = facts.filter(pc.or_(pc.invert(absent), pc.greater_equal(facts.column("at"), late)))
    screened = screen(persons, cut, the_criteria(), the_catalogue(), ON)
    found = {r.indicator: r for r in short_data(the_criteria(), screened, cut, ON)}
    assert found["absent_total"].begins == dt.date(2026, 4, 1)
    assert found["absent_total"].data == late
    unknown = [
        r for r in screened.indicators.to_pylist() if r["indicator"] == "absent_total" and r["state"] == "missing"
    ]
    assert found["absent_total"].unknown == len(unknown) > 0
    assert "absent_worst_month" not in found, "the last three school months, June to September, begin in June"


def test_a_register_without_gaps_and_a_full_delivery_say_nothing() -> None:
    persons, facts = tables()
    screened = screen(persons, facts, the_criteria(), the_catalogue(), ON)
    full = {r.indicator for r in short_data(the_criteria(), screened, facts, ON)}
    none = facts.filter(pc.invert(pc.is_in(facts.column("item"), pa.array(["report", "infirmary_visit"]))))
    screened = screen(persons, none, the_criteria(), the_catalogue(), ON)
    assert {r.indicator for r in short_data(the_criteria(), screened, none, ON)} == full

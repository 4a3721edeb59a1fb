"""What another version would change, on generated children: each number is the difference of two runs, no name is."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pyarrow as pa
import pytest

from screening_cases import a_town, the_catalogue, the_criteria
from tsunagu.evaluation.backtest import on_a_list
from tsunagu.evaluation.plan import DIVISIONS, Plan, _divided, plan
from tsunagu.evaluation.plan_counts import GROUPS
from tsunagu.evaluation.small_counts import LEAST
from tsunagu.records.stage_tables import PERSON_FACTS
from tsunagu.screening.criteria import Comparison, Criteria
from tsunagu.screening.screen import Screened, screen

ON = dt.date(2026, 9, 30)


def _at(code: str, limit: int) -> Criteria:
    """The city's criteria with another threshold for one sign."""
    old = the_criteria()
    when = old.sign(code).when
    assert isinstance(when, Comparison)
    changed = Comparison(when.indicator, (("at_least", Decimal(limit)),))
    signs = tuple(replace(sign, when=changed) if sign.code == code else sign for sign in old.signs)
    return replace(old, version="2026.2.0", signs=signs)


@cache
def _tables() -> tuple[pa.Table, pa.Table]:
    return a_town(7, ON, children=400).tables()


def _screened(criteria: Criteria) -> Screened:
    return screen(*_tables(), criteria, the_catalogue(), ON)


def _plan(new: Criteria, lists: tuple[str, ...] = ("council_register",)) -> tuple[Plan, Screened, Screened]:
    before, after = _screened(the_criteria()), _screened(new)
    return plan((the_criteria(), before), (new, after), facts=_tables()[1], lists=lists, on=ON), before, after


def _listed(screened: Screened) -> set[str]:
    return set(screened.notices.column("person_id").to_pylist())


@pytest.mark.parametrize("limit", [3, 15])
def test_each_child_is_counted_once_and_as_two_runs_say(limit: int) -> None:
    compared, before, after = _plan(_at("N1a", limit))
    total = {group.name: group.total for group in compared.groups}
    assert tuple(total) == GROUPS
    old, new = _listed(before), _listed(after)
    for name, truth in (("enters", len(new - old)), ("leaves", len(old - new))):
        assert total[name] in ({None} if truth < LEAST else {None, truth})
    if total["moves"] is not None and total["stays"] is not None:
        assert total["moves"] + total["stays"] == len(old & new)
    assert compared.listed[0] == len(old)
    assert compared.listed[1] in (None, len(new))
    assert any(total.values()), "something is told"


def test_divisions_count_the_same_children_and_hide_what_is_small() -> None:
    compared, _, _ = _plan(_at("N1a", 3))
    stays = max(compared.groups, key=lambda group: group.total or 0)
    assert set(stays.divisions) == set(DIVISIONS) - {"ward"}, "this city has named no wards"
    for parts in stays.divisions.values():
        numbers = [count for _part, count in parts]
        assert sum(n for n in numbers if n is not None) <= stays.total
        assert all(n is None or n >= LEAST for n in numbers)
    assert any(count for parts in stays.divisions.values() for _part, count in parts), "and something is told"


def test_a_ward_is_told_and_tells_nothing_that_one_of_its_schools_hides() -> None:
    before = _screened(the_criteria())
    schools = sorted({s for s in before.persons.column("school").to_pylist() if s})
    wards = {school: f"ward {place % 2}" for place, school in enumerate(schools)}
    none = before.notices.slice(0, 0)
    both = (the_criteria(), replace(before, notices=none)), (the_criteria(), before)
    compared = plan(*both, facts=_tables()[1], lists=(), on=ON, wards=wards)
    stays = next(group for group in compared.groups if group.name == "enters")
    by_ward, by_school = dict(stays.divisions["ward"]), dict(stays.divisions["school"])
    assert set(by_ward) == {*wards.values(), "no ward known"}
    listed = _listed(before)
    truth = Counter(
        row["school"] or "no municipal school" for row in before.persons.to_pylist() if row["person_id"] in listed
    )
    assert any(count for count in by_ward.values()), "something is told"
    for ward, total in by_ward.items():
        here = [s for s in by_school if wards.get(s, "no ward known") == ward]
        hidden = [truth[s] for s in here if by_school[s] is None]
        assert total is None or total == sum(truth[s] for s in here)
        assert len(set(hidden)) != 1 or total is None, "each hidden number could be another school's"
        assert total is not None or len(hidden) == len(here)


def test_the_same_version_changes_nobody() -> None:
    compared, before, _ = _plan(the_criteria())
    assert {g.name: g.total for g in compared.groups} == dict.fromkeys(GROUPS), "nobody is few"
    assert compared.listed == (len(_listed(before)), None)
    assert "pass on one of them alone" in compared.lines()[-1]


def test_no_child_is_named() -> None:
    compared, before, _ = _plan(_at("N1a", 3))
    written = json.dumps(compared.as_json(), ensure_ascii=False) + "\n".join(compared.lines())
    assert not [
        id for id in before.persons.column("person_id").to_pylist() if f'"{id}"' in written or f" {id} " in written
    ]
    assert "2026.2.0" in written


def _row(person: str, **columns: object) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(PERSON_FACTS.names)
    return {
        **row,
        "person_id": person,
        "item": "council_register",
        "state": "known",
        "holder": "h",
        "file": "f",
        "row": 2,
        **columns,
    }


def test_only_who_stands_on_a_list_on_the_day_counts_as_known() -> None:
    rows = [
        _row("on it", at=ON),
        _row("since always"),
        _row("no longer", at=dt.date(2025, 4, 1), until=ON),
        _row("not yet", at=ON + dt.timedelta(days=1)),
        _row("a list that did not come", state="unknown"),
        _row("something else", item="report", at=ON),
    ]
    facts = pa.Table.from_pylist(rows, schema=PERSON_FACTS.schema)
    assert on_a_list(facts, ["council_register"], ON) == {"on it", "since always"}


def test_small_parts_that_are_all_alike_are_not_given_away_by_the_total() -> None:
    """Eight children, four of each sex: the total over two parts that are hidden alike would tell both."""
    parts = {f"P{n}": {"sex": "male" if n % 2 else "female"} for n in range(8)}
    alike = _divided(list(parts), parts, {"sex": ["female", "male"]}, is_told=True)
    assert alike["sex"] == (("female", None), ("male", None))
    uneven = {id: {"sex": "male" if id == "P0" else "female"} for id in parts}
    other = _divided(list(uneven), uneven, {"sex": ["female", "male"]}, is_told=True)
    assert other == alike, "and from what is left out nothing can be told"

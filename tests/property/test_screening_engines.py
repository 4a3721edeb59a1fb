"""The two engines say the same of every child, whatever the histories hold."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from screening_cases import (
    CITY,
    SCHOOLS,
    a_town,
    compiled,
    differences,
    every_measure,
    reference,
    said_by_reference,
    the_catalogue,
    the_criteria,
)
from screening_mutants import mutants
from tsunagu.indicators.calendar import fiscal_year, fiscal_year_start, months_before, window_months
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.load import load_criteria
from tsunagu.screening.reference import level_from, overall_from
from tsunagu.screening.replay import signs_from
from tsunagu.screening.screen import screen

DAYS = st.one_of(
    st.dates(dt.date(2026, 4, 1), dt.date(2028, 3, 31)),
    st.sampled_from(
        [
            dt.date(2026, 9, 30),
            dt.date(2026, 8, 31),
            dt.date(2027, 3, 31),
            dt.date(2027, 4, 1),
            dt.date(2028, 2, 29),
            dt.date(2026, 5, 31),
        ]
    ),
)


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9), on=DAYS)
@example(seed=1, on=dt.date(2026, 9, 30))
@example(seed=2, on=dt.date(2026, 8, 31))
def test_reference_and_duckdb_agree_on_every_child(seed: int, on: dt.date) -> None:
    assert differences(a_town(seed, on), the_criteria(), on) == {}


@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9), on=DAYS)
@example(seed=1, on=dt.date(2026, 9, 30))
@example(seed=3, on=dt.date(2027, 4, 1))
def test_both_agree_on_every_measure_of_the_language(seed: int, on: dt.date) -> None:
    assert differences(a_town(seed, on), every_measure(), on) == {}


@pytest.mark.parametrize("path", sorted((CITY / "criteria").glob("*.toml")), ids=lambda path: path.stem)
def test_both_agree_on_every_set_of_the_example_city(path: Path) -> None:
    criteria = load_criteria(path, the_catalogue().items)
    for seed, on in ((11, dt.date(2026, 9, 30)), (12, dt.date(2027, 3, 31))):
        assert differences(a_town(seed, on), criteria, on) == {}


def criteria_of(seed: int) -> Criteria:
    """Criteria nobody wrote: a shipped set, or that of every measure, with up to twelve limits, windows, codes,
    comparisons or rows changed one after the other."""
    draw = random.Random(seed)
    shipped = [load_criteria(path, the_catalogue().items) for path in sorted((CITY / "criteria").glob("*.toml"))]
    criteria = draw.choice([*shipped, every_measure(), every_measure()])
    for _ in range(draw.randint(1, 12)):
        _how, criteria = draw.choice(mutants(criteria))
    return criteria


def test_generated_criteria_differ_from_each_other() -> None:
    assert len({repr(criteria_of(seed)) for seed in range(30)}) == 30


@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9), on=DAYS)
def test_both_agree_on_criteria_that_nobody_wrote(seed: int, on: dt.date) -> None:
    assert differences(a_town(seed, on), criteria_of(seed), on) == {}


@pytest.mark.deep
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9), on=DAYS)
def test_both_agree_on_very_many_criteria_that_nobody_wrote(seed: int, on: dt.date) -> None:
    assert differences(a_town(seed, on, children=70), criteria_of(seed), on) == {}


def test_a_city_screened_in_parts_gives_the_same_tables() -> None:
    on = dt.date(2026, 9, 30)
    tables = a_town(21, on, children=60).tables()
    for criteria, persons in ((the_criteria(), 30), (every_measure(), 30)):
        assert tables[0].num_rows > 2 * persons
        whole = screen(*tables, criteria, the_catalogue(), on)
        parted = screen(*tables, criteria, the_catalogue(), on, persons_a_part=persons)
        for name in ("persons", "indicators", "judgments", "notices", "reasons"):
            assert getattr(parted, name).equals(getattr(whole, name)), name


@pytest.mark.deep
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9), on=DAYS)
def test_both_agree_on_every_measure_of_very_many_children(seed: int, on: dt.date) -> None:
    assert differences(a_town(seed, on, children=120), every_measure(), on) == {}


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9), on=DAYS)
def test_a_fact_past_forget_after_has_no_effect(seed: int, on: dt.date) -> None:
    for criteria in (the_criteria(), every_measure()):
        town, draw = a_town(seed, on), random.Random(seed)
        before = reference(town, criteria, on)
        for id in before:
            for fact in _forgotten(criteria, on, draw):
                town.fact(id, **fact)
        after = reference(town, criteria, on)
        assert {id: said_by_reference(outcome) for id, outcome in after.items()} == {
            id: said_by_reference(outcome) for id, outcome in before.items()
        }


@pytest.mark.parametrize("item", ["report", "vaccination", "checkup", "infirmary_visit"])
def test_control_the_same_fact_within_forget_after_has_an_effect(item: str) -> None:
    on = dt.date(2026, 9, 30)
    town, criteria = a_town(5, on), every_measure() if item == "report" else the_criteria()
    before = reference(town, criteria, on)
    days = 364 if item == "report" else 700 if item != "infirmary_visit" else 0
    for id in before:
        for fact in _forgotten(criteria, on, random.Random(1)):
            if fact["item"] == item:
                text = {"text": "notification"} if item == "report" else {}
                town.fact(id, **{**fact, **text, "at": on - dt.timedelta(days)})
    after = reference(town, criteria, on)
    assert any(said_by_reference(before[id]) != said_by_reference(after[id]) for id in before)


def _forgotten(criteria: Criteria, on: dt.date, draw: random.Random) -> list[dict[str, Any]]:
    """For each item that is no period a fact on the last day that is forgotten, of every indicator that reads it."""
    found = []
    for item in criteria.items:
        readers = [i.forget_after for i in criteria.indicators if item in criteria.items_of(i.id)]
        kind = the_catalogue().items[item].kind
        if not readers or kind == "period":
            continue
        at = months_before(on, max(readers))
        at = at.replace(day=1) if kind == "monthly" else fiscal_year_start(fiscal_year(at)) if kind == "yearly" else at
        values = sorted(the_catalogue().items[item].values)
        columns = {"text": draw.choice(values)} if values else {"number": Decimal(20)}
        labels = {"mood": SCHOOLS[0], "checkup": "4か月児健診", "vaccination": "BCG"}
        found.append({"item": item, "at": at, "label": labels.get(item), **columns})
    return found


@pytest.mark.deep
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9), on=DAYS)
def test_reference_and_duckdb_agree_on_very_many_children(seed: int, on: dt.date) -> None:
    assert differences(a_town(seed, on, children=120), the_criteria(), on) == {}


@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9), on=DAYS)
def test_the_stored_reasons_alone_give_every_level_again(seed: int, on: dt.date) -> None:
    criteria = the_criteria()
    screened = compiled(a_town(seed, on), criteria, on)
    reasons: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in screened.reasons.to_pylist():
        reasons[row["person_id"]].append(row)
    applies = {(row["person_id"], row["judgment"]): row["level"] != "NA" for row in screened.judgments.to_pylist()}
    for row in screened.judgments.to_pylist():
        signs = signs_from(criteria, reasons[row["person_id"]])
        levels = {
            j.id: level_from(criteria, j, signs) if applies[(row["person_id"], j.id)] else 0 for j in criteria.judgments
        }
        if row["judgment"] == "overall":
            assert overall_from(criteria.overall, levels, signs).name == row["at_least"]
        elif row["level"] != "NA":
            assert str(levels[row["judgment"]]) == row["at_least"]


@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9), on=DAYS)
def test_neither_row_order_nor_threads_change_anything(seed: int, on: dt.date) -> None:
    town, other = a_town(seed, on), a_town(seed, on)
    random.Random(seed).shuffle(other.persons)
    random.Random(seed).shuffle(other.facts)
    first = screen(*town.tables(), the_criteria(), the_catalogue(), on, threads=1)
    second = screen(*other.tables(), the_criteria(), the_catalogue(), on, threads=2)
    for name in ("persons", "indicators", "judgments", "notices", "reasons"):
        assert getattr(first, name).equals(getattr(second, name)), name


@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9), on=DAYS)
def test_filling_what_is_unknown_never_leaves_the_stated_band(seed: int, on: dt.date) -> None:
    """Law 1: whatever an unknown absence turns out to be, up to the worst value, the level stays in the band."""
    criteria = the_criteria()
    before = reference(a_town(seed, on), criteria, on)
    draw = random.Random(seed)
    filled = a_town(seed, on)
    known = {(f["person_id"], f["at"]) for f in filled.facts if f["item"] == "absent_days"}
    months = window_months(on, 6, "calendar", criteria.holiday_months)
    for id in before:
        for month in months:
            if (id, month) not in known:
                days = Decimal(draw.choice((0, 3, 10, 20)))
                filled.fact(id, "absent_days", at=month, number=days)
    for id, outcome in reference(filled, criteria, on).items():
        was, judged = before[id].judged["noncognitive"], outcome.judged["noncognitive"]
        assert was.lower is not None
        assert judged.lower is not None
        assert was.lower <= judged.lower
        assert judged.upper is not None
        assert was.upper is not None
        assert judged.upper <= was.upper

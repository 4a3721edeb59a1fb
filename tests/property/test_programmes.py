"""Programmes: the two engines find the same, and every small change of a shipped file is noticed by a case of it."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from test_screening_engines import DAYS

from screening_cases import CITY, History, a_town, differences, the_catalogue
from screening_mutants import changed_measures, changed_signs
from tsunagu.indicators.load import each_part
from tsunagu.indicators.mistakes import Lines, Mistake
from tsunagu.indicators.people import people_from
from tsunagu.programmes.expect import Case, read_cases, unkept
from tsunagu.programmes.load import check_programme, load_programme, load_programmes
from tsunagu.programmes.merge import merged
from tsunagu.programmes.programme import ELIGIBLE, Programme, finding
from tsunagu.programmes.search import search
from tsunagu.screening.reference import in_scope, judge

FILES = sorted((CITY / "programmes").glob("*.toml"))
Said = dict[tuple[str, str], tuple[str, list[str], list[str]]]


@cache
def the_programmes() -> tuple[Programme, ...]:
    return load_programmes(FILES, the_catalogue().items)


def by_the_plain_engine(town: History, programmes: tuple[Programme, ...], on: dt.date) -> Said:
    """(finding, missing items, rules that hold) by child and programme, each programme asked by itself."""
    said: Said = {}
    for programme in programmes:
        criteria = programme.criteria(on)
        people = people_from(*town.tables(), on=on, holiday_months=criteria.holiday_months)
        for id, person in people.by_id.items():
            if not in_scope(criteria, person, on):
                continue
            outcome = judge(criteria, person, people.around(person))
            found = finding(outcome.judged)
            if found in ("may_be_eligible", "cannot_tell"):
                rules = sorted(s.code for s in criteria.signs if s.judgment == ELIGIBLE and s.code in outcome.signs)
                said[id, programme.id] = (found, list(outcome.missing), rules)
    return said


def by_the_search(town: History, programmes: tuple[Programme, ...], on: dt.date) -> Said:
    """The same from ENTITLEMENTS, all programmes asked at once."""
    return {
        (row["person_id"], row["programme"]): (
            row["finding"],
            row["waiting_for"],
            sorted({reason["code"] for reason in row["reasons"] if reason["kind"] == "sign"}),
        )
        for row in search(*town.tables(), programmes, the_catalogue(), on).entitlements.to_pylist()
    }


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9), on=DAYS)
@example(seed=1, on=dt.date(2026, 9, 30))
@example(seed=2, on=dt.date(2027, 4, 1))
def test_the_search_finds_what_each_programme_alone_finds_by_the_plain_engine(seed: int, on: dt.date) -> None:
    town = a_town(seed, on)
    assert by_the_search(town, the_programmes(), on) == by_the_plain_engine(town, the_programmes(), on)


def test_control_the_towns_hold_every_finding() -> None:
    on = dt.date(2026, 9, 30)
    found = [by_the_search(a_town(seed, on), the_programmes(), on) for seed in (1, 2, 5)]
    kinds = {(programme, said[0]) for each in found for (_, programme), said in each.items()}
    assert {programme for programme, _ in kinds} == {p.id for p in the_programmes()}
    assert {("school_aid", "may_be_eligible"), ("school_aid", "cannot_tell")} <= kinds
    assert {p for p, kind in kinds if kind == "may_be_eligible"} <= {"school_aid", "rearing_allowance"}, (
        "of the others no record says who receives them"
    )


@pytest.mark.parametrize(("seed", "on"), [(11, dt.date(2026, 9, 30)), (12, dt.date(2027, 5, 31))])
def test_every_indicator_and_level_behind_it_is_the_same_too(seed: int, on: dt.date) -> None:
    assert differences(a_town(seed, on), merged(the_programmes(), on), on) == {}


@pytest.mark.deep
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9), on=DAYS)
def test_the_search_agrees_on_very_many_children(seed: int, on: dt.date) -> None:
    town = a_town(seed, on, children=120)
    assert by_the_search(town, the_programmes(), on) == by_the_plain_engine(town, the_programmes(), on)


# ---------------------------------------------------------------- small changes of a file


@cache
def cases(path: Path) -> tuple[Case, ...]:
    text = path.read_text(encoding="utf-8")
    mistakes: list[Mistake] = []
    parts = each_part(tomllib.loads(text, parse_float=Decimal), "expect", Lines(text), mistakes, "case")
    found = read_cases(parts, the_catalogue().items, load_programme(path, the_catalogue().items))
    assert mistakes == []
    return found


def mutants(programme: Programme) -> Iterator[tuple[str, Programme]]:
    """The programme with one comparison, code or measure changed, as if the file said so from the first day on."""
    each = [[*changed_signs(criteria), *changed_measures(criteria)] for _, criteria in programme.editions]
    for changes in zip(*each, strict=True):
        editions = zip((day for day, _ in programme.editions), (changed for _, changed in changes), strict=True)
        yield changes[0][0], replace(programme, editions=tuple(editions))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_small_change_of_a_rule_breaks_a_case(path: Path) -> None:
    made = list(mutants(load_programme(path, the_catalogue().items)))
    silent = [how for how, changed in made if not any(unkept(changed, case) for case in cases(path))]
    assert len(made) >= 6
    assert silent == [], f"{len(silent)} of {len(made)} changes went unnoticed"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_small_change_of_a_parameter_breaks_a_case(path: Path, tmp_path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    starts = [n for n, line in enumerate(lines) if line == "[[parameter]]"]
    effective = load_programme(path, the_catalogue().items).effective
    for start in starts:
        value, since = lines[start + 2], lines[start + 3]
        number = int(re.fullmatch(r"value = (\d+)", value)[1])  # type: ignore[index]
        if any(lines[n + 1] == lines[start + 1] and f"from = {effective}" == lines[n + 3] for n in starts) and (
            dt.date.fromisoformat(since.removeprefix("from = ")) < effective
        ):
            continue  # kept for the record: of no effect on any day on which this version is in force
        for moved in (number - 1, number + 1):
            changed = tmp_path / path.name
            text = [*lines[: start + 2], f"value = {moved}", *lines[start + 3 :]]
            changed.write_text("\n".join(text) + "\n", encoding="utf-8")
            mistakes = check_programme(changed, the_catalogue().items)[1]
            assert mistakes, f"{lines[start + 1]} as {moved}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_control_the_file_as_it_is_breaks_none(path: Path) -> None:
    programme = load_programme(path, the_catalogue().items)
    assert len(cases(path)) == programme.cases >= 9
    assert [found for case in cases(path) if (found := unkept(programme, case))] == []

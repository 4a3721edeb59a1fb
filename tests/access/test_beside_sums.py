"""No hidden count can be worked out from what is told, nor nearly: of generated tables, what each could be is searched.

The search knows nothing of how counts are hidden. It reads what is told, and looks for other whole numbers that fit it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening_cases import the_criteria
from tsunagu.evaluation.backtest import day_told, told_apart
from tsunagu.evaluation.beside_sums import Sum, told_beside
from tsunagu.evaluation.extent import extent
from tsunagu.evaluation.plan import DIVISIONS, Plan, compare
from tsunagu.evaluation.plan_counts import Said
from tsunagu.evaluation.small_counts import LEAST, told
from tsunagu.screening.criteria import Criteria

ON = dt.date(2026, 9, 30)
#: Parts with their signs that come to nought: of `total = a + b` it is (("total", -1), ("a", 1), ("b", 1)).
Known = Sequence[tuple[tuple[str, int], ...]]
Cells = Mapping[str, int | None]


def fits(cells: Cells, known: Known) -> bool:
    """Whether whole numbers from nought on can stand in the place of what is not told."""
    left: list[tuple[dict[str, int], int]] = []
    cells = alike_once(cells, known)
    for one in known:
        open_parts = {name: sign for name, sign in one if cells[name] is None}
        due = -sum(sign * n for name, sign in one if (n := cells[name]) is not None)
        if not open_parts and due:
            return False
        if open_parts:
            left.append((open_parts, due))
    if any((due < 0 and min(o.values()) > 0) or (due > 0 and max(o.values()) < 0) for o, due in left):
        return False
    bound = [one for one in left if min(one[0].values()) == max(one[0].values())]
    if not bound:
        return True  # each of the rest has a total that nobody knows
    open_parts, due = min(bound, key=lambda one: (len(one[0]), abs(one[1])))
    name = min(open_parts)
    tried = [abs(due)] if len(open_parts) == 1 else range(abs(due), -1, -1)
    return any(fits({**cells, name: n}, known) for n in tried)


def alike_once(cells: Cells, known: Known) -> Cells:
    """Of hidden cells that are in the same sums one alone: what the others have it can have as well."""
    first: dict[tuple[tuple[int, int], ...], str] = {}
    found = dict(cells)
    in_sums: dict[str, list[tuple[int, int]]] = {name: [] for name, n in cells.items() if n is None}
    for place, one in enumerate(known):
        for name, sign in one:
            if name in in_sums:
                in_sums[name].append((place, sign))
    for name, own in in_sums.items():
        if first.setdefault(tuple(own), name) != name:
            found[name] = 0
    return found


def too_near(cells: Cells, known: Known, truth: Mapping[str, int]) -> list[str]:
    """The hidden cells that could not be two numbers LEAST apart, with the true one between them or among them."""

    def could_be(name: str, low: int) -> bool:
        return all(fits({**cells, name: n}, known) for n in (low, low + LEAST))

    hidden = [name for name, n in cells.items() if n is None and name in truth]
    return [
        n for n in hidden if not any(could_be(n, low) for low in range(truth[n], max(-1, truth[n] - LEAST - 1), -1))
    ]


def total_of(total: str, *parts: str) -> tuple[tuple[str, int], ...]:
    return ((total, -1), *((part, 1) for part in parts))


# ---------------------------------------------------------------- the search and the room


def test_the_search_finds_what_is_given_away() -> None:
    known = [total_of("all", "a", "b", "c")]
    truth = {"all": 30, "a": 20, "b": 8, "c": 2}
    assert too_near({**truth, "c": None}, known, truth) == ["c"]
    assert too_near({**truth, "b": None, "c": None}, known, truth) == []
    assert too_near({**truth, "a": None, "b": None, "c": None}, known, truth) == []


@given(st.lists(st.integers(0, 6), min_size=4, max_size=4), st.data())
def test_the_extent_is_that_of_every_table_that_fits(numbers: list[int], data: st.DataObject) -> None:
    """Two rows and two columns: all whole numbers are tried."""
    a, b, c, d = numbers
    lines = [("a", "b", a + b), ("c", "d", c + d), ("a", "c", a + c), ("b", "d", b + d)]
    some = data.draw(st.lists(st.sampled_from(lines), unique=True))
    cell = data.draw(st.sampled_from("abcd"))
    every = [dict(zip("abcd", n, strict=True)) for n in product(range(13), repeat=4)]
    fitting = [one[cell] for one in every if all(one[x] + one[y] == total for x, y, total in some)]
    low, high = extent([({x: 1, y: 1}, total) for x, y, total in some], cell)
    assert low == min(fitting)
    is_bound = any(cell in line for line in some)
    assert high == (max(fitting) if is_bound else None)


def test_sums_that_nothing_fits_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="no numbers fit"):
        extent([({"a": 1}, 2), ({"a": 1}, 3)], "a")
    with pytest.raises(ValueError, match="do not come to"):
        told_beside({"a": 1, "b": 2}, [Sum(4, ("a", "b"))])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=9, max_size=9))
def test_of_rows_and_columns_no_hidden_cell_is_worked_out(numbers: list[int]) -> None:
    """Three rows and three columns with every sum, as schools by sex would have them."""
    cells = {f"{r}{c}": numbers[3 * r + c] for r in range(3) for c in range(3)}
    rows = {f"row {r}": tuple(f"{r}{c}" for c in range(3)) for r in range(3)}
    columns = {f"column {c}": tuple(f"{r}{c}" for r in range(3)) for c in range(3)}
    truth = cells | {name: sum(cells[p] for p in parts) for name, parts in {**rows, **columns}.items()}
    rank = dict.fromkeys([*rows, *columns], 1)
    answer = told_beside(truth, [Sum(name, parts) for name, parts in {**rows, **columns}.items()], rank=rank)
    assert all(answer[name] in (None, n) for name, n in truth.items())
    assert all(n is None or n >= LEAST for n in answer.values())
    assert too_near(answer, [total_of(name, *parts) for name, parts in {**rows, **columns}.items()], truth) == []


@given(st.lists(st.integers(0, 40), min_size=2, max_size=8))
def test_of_one_division_no_hidden_part_is_worked_out(division: list[int]) -> None:
    answer = told(division)
    cells = {str(n): part for n, part in enumerate(answer.parts[0])} | {"all": answer.total}
    truth = {str(n): part for n, part in enumerate(division)}
    assert too_near(cells, [total_of("all", *truth)], truth) == []


# ---------------------------------------------------------------- a plan


def a_version(version: str, capacity: int | None) -> Criteria:
    overall = the_criteria().overall
    first, *rest = overall.rows
    rows = (replace(first, capacity=capacity), *rest)
    return replace(the_criteria(), version=version, overall=replace(overall, rows=rows))


def said(criteria: Criteria, levels: Mapping[str, str]) -> Said:
    notice = {level.name for level in criteria.overall.levels if level.notice}
    return Said(criteria, levels, frozenset(id for id, level in levels.items() if level in notice))


@st.composite
def plans(draw: st.DrawFn) -> tuple[Plan, Plan]:
    """What is told, and the same with every count: a town of which few stand otherwise by the new version."""
    names = [level.name for level in the_criteria().overall.levels]
    capacity = draw(st.sampled_from([None, 3, 10]))
    old, new = a_version("1", capacity), a_version("2", capacity)
    ids = [f"P{n}" for n in range(draw(st.integers(0, 70)))]
    random = draw(st.randoms(use_true_random=False))
    changes = draw(st.sampled_from([0.0, 0.04, 0.3]))
    weights = [random.choice([1, 3, 12]) for _name in names]
    before = {id: random.choices(names, weights)[0] for id in ids}
    after = {id: random.choice(names) if random.random() < changes else level for id, level in before.items()}
    wards = {"s1": "north", "s2": "north", "s3": "south"}
    parts = {}
    for id in ids:
        school = random.choice(["s1", "s1", "s1", "s2", "s3", "s3"])
        sex, known = random.choice("ffm"), random.choice(["known", *["none"] * 6])
        parts[id] = {"school": school, "ward": wards[school], "age": "all", "sex": sex, "list": known}
    sides = said(old, before), said(new, after)
    with pytest.MonkeyPatch.context() as patch:
        for place in ("beside_sums", "small_counts", "plan"):
            patch.setattr(f"tsunagu.evaluation.{place}.LEAST", 0)
        whole = compare(*sides, parts, ON)
    return compare(*sides, parts, ON), whole


def in_cells(plan: Plan) -> dict[str, int | None]:
    found: dict[str, int | None] = {"listed old": plan.listed[0], "listed new": plan.listed[1]}
    found |= {f"{name} {level}": n for name, level, n, _most in plan.capacity}
    for group in plan.groups:
        found[group.name] = group.total
        found |= {f"{group.name} {old} to {new}": n for old, new, n in group.levels}
        found |= {f"{group.name} {d} {p}": n for d, parts in group.divisions.items() for p, n in parts}
    return found


def known_of(plan: Plan) -> Iterator[tuple[tuple[str, int], ...]]:
    """All that somebody knows of a plan beside the numbers."""
    yield total_of("listed old", "leaves", "moves", "stays")
    yield total_of("listed new", "enters", "moves", "stays")
    for group in plan.groups:
        if group.levels:
            yield total_of(group.name, *(f"{group.name} {old} to {new}" for old, new, _n in group.levels))
        for division in DIVISIONS:
            if group.divisions.get(division):
                yield total_of(group.name, *(f"{group.name} {division} {p}" for p, _n in group.divisions[division]))
        for ward, own in (("north", ("s1", "s2")), ("south", ("s3",))):
            here = [f"{group.name} school {s}" for s in own if s in dict(group.divisions.get("school", ()))]
            if here:
                yield total_of(f"{group.name} ward {ward}", *here)
    for name, level, _n, _most in plan.capacity:
        place = 0 if name == plan.old else 1
        pairs = [(g.name, pair) for g in plan.groups for pair in g.levels if pair[place] == level]
        yield total_of(f"{name} {level}", *(f"{group} {old} to {new}" for group, (old, new, _n) in pairs))


@settings(max_examples=40, deadline=None)
@given(plans())
def test_of_a_plan_no_hidden_count_is_worked_out(both: tuple[Plan, Plan]) -> None:
    plan, whole = both
    cells, truth = in_cells(plan), {name: n for name, n in in_cells(whole).items() if n is not None}
    assert all(n is None or n == truth[name] for name, n in cells.items())
    assert all(n is None or n >= LEAST or n == 0 for n in cells.values())
    assert too_near(cells, list(known_of(plan)), truth) == []


# ---------------------------------------------------------------- past days


@st.composite
def days(draw: st.DrawFn) -> dict[str, int]:
    """The true counts of a day."""
    few, many = st.integers(0, 12), st.integers(0, 60)
    known, came, stayed, known_not_listed, later, never = (draw(few | many) for _n in range(6))
    listed = known + came + stayed
    undecided = draw(st.integers(0, listed))
    unlisted = known_not_listed + later + never
    return {
        "in_scope": listed + unlisted,
        "listed": listed,
        "undecided": undecided,
        "decided": listed - undecided,
        "known": known,
        "noticed": came + stayed,
        "noticed came": came,
        "noticed did not come": stayed,
        "not listed": unlisted,
        "known not listed": known_not_listed,
        "unnoticed": later + never,
        "unnoticed came": later,
        "unnoticed did not come": never,
    }


OF_A_DAY = [
    total_of("in_scope", "listed", "not listed"),
    total_of("listed", "undecided", "decided"),
    total_of("listed", "known", "noticed"),
    total_of("noticed", "noticed came", "noticed did not come"),
    total_of("not listed", "known not listed", "unnoticed"),
    total_of("unnoticed", "unnoticed came", "unnoticed did not come"),
]


@settings(max_examples=150, deadline=None)
@given(days())
def test_of_a_past_day_no_small_count_is_worked_out_not_even_one_that_has_no_place(truth: dict[str, int]) -> None:
    answer = day_told(truth)
    cells = {name: answer.get(name) for name in truth}
    guarded = {name: n for name, n in truth.items() if name in answer or n < LEAST}
    nearly = too_near(cells, OF_A_DAY, guarded)
    if nearly:
        small = {name for name, n in answer.items() if n is None} == set(answer) - {"in_scope"}
        assert small, "only where nothing but the children in scope is left to be told"
        assert truth["in_scope"] < 2 * LEAST


@given(st.lists(days(), min_size=2, max_size=5))
def test_from_one_day_to_another_no_single_children_are_told(past: list[dict[str, int]]) -> None:
    answers = told_apart({dt.date(2026, 1 + n, 1): day_told(truth) for n, truth in enumerate(past)})
    for one, other in product(answers.values(), repeat=2):
        for names in (["known"], ["noticed came"], ["unnoticed came"], ["noticed came", "unnoticed came"]):
            here, there = ([day[name] for name in names] for day in (one, other))
            if None not in (*here, *there):
                apart = abs(sum(n or 0 for n in here) - sum(n or 0 for n in there))
                assert apart == 0 or apart >= LEAST


def test_a_day_that_differs_by_one_child_hides_what_the_day_after_tells() -> None:
    cells: dict[str, int | None] = {
        "in_scope": 1000,
        "listed": 100,
        "undecided": 10,
        "known": 20,
        "noticed": 80,
        "noticed came": 12,
        "unnoticed": 850,
        "unnoticed came": 9,
    }
    later, earlier = ON, dt.date(2026, 3, 31)
    answers = told_apart({earlier: {**cells, "noticed came": 13, "known": 21, "noticed": 79}, later: cells})
    assert answers[later] == cells
    hidden = {name for name, n in answers[earlier].items() if n is None}
    assert hidden == {"noticed came", "known", "noticed"}, "what is known would follow from the listed less the noticed"

"""No hidden count can be worked out from what is told, nor nearly: of generated tables, what each could be is searched.

One search knows nothing of how counts are hidden: it reads what is told, and looks for other whole numbers that fit it.
The other knows the rule: of every small table it asks which others are told with the same numbers and the same gaps.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening_cases import the_criteria
from tsunagu.evaluation.backtest import day_told
from tsunagu.evaluation.beside_sums import Sum, is_open
from tsunagu.evaluation.extent import extent
from tsunagu.evaluation.plan import DIVISIONS, Plan, compare
from tsunagu.evaluation.plan_counts import GROUPS, GroupCounts, Said, every_pair
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


def too_near(cells: Cells, known: Known, truth: Mapping[str, int], always: Sequence[str] = ()) -> list[str]:
    """The hidden cells that could not be two numbers LEAST apart, with the true one between them or among them.

    always  cells that are told whatever they are; no more is asked than they alone leave open
    """

    def leaves_open(beside: Cells, name: str, apart: int) -> bool:
        lows = range(truth[name], max(-1, truth[name] - apart - 1), -1)
        return any(all(fits({**beside, name: n}, known) for n in (low, low + apart)) for low in lows)

    alone = {name: n if name in always else None for name, n in cells.items()}
    hidden = [name for name, n in cells.items() if n is None and name in truth]
    near = [name for name in hidden if not leaves_open(cells, name, LEAST)]
    return [
        name
        for name in near
        if any(leaves_open(alone, name, apart) and not leaves_open(cells, name, apart) for apart in range(1, LEAST + 1))
    ]


def too_near_by_extent(cells: Cells, known: Known, always: Sequence[str]) -> list[str]:
    """The same of tables that are too large to be searched, by the room that the sums leave."""

    def span(beside: Cells, name: str) -> int:
        found, names, rest = [], {name}, [(dict(one), 0) for one in known]
        while linked := [one for one in rest if names & {n for n in one[0] if beside[n] is None}]:
            found += linked
            rest = [one for one in rest if one not in linked]
            names |= {n for one, _due in linked for n in one if beside[n] is None}
        open_sums = [
            (
                {n: sign for n, sign in one.items() if beside[n] is None},
                -sum(sign * count for n, sign in one.items() if (count := beside[n]) is not None),
            )
            for one, _due in found
        ]
        low, high = extent(open_sums, name)
        return LEAST if high is None else min(LEAST, high - low)

    alone = {name: n if name in always else None for name, n in cells.items()}
    asked = {name for one in known for name, _sign in one if cells[name] is None}
    found = {name: span(cells, name) for name in sorted(asked)}
    return [name for name, apart in found.items() if apart < LEAST and apart < span(alone, name)]


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
        is_open({"a": 1, "b": 2}, [Sum(4, ("a", "b"))], ["a", "b"])


def test_a_count_is_open_as_far_as_what_is_always_told_leaves_it() -> None:
    cells = {"all": 20, "a": 9, "b": 9, "c": 2}
    whole, three = Sum("all", ("a", "b", "c")), Sum(3, ("d", "e"))
    assert not is_open(cells, [whole], ["c"])
    assert is_open(cells, [whole], ["c", "b"])
    assert is_open({"d": 1, "e": 2}, [three], ["d", "e"]), "of three children no part can be more than three"
    assert not is_open({"d": 1, "e": 2}, [three], ["d"])


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
def plans(draw: st.DrawFn) -> tuple[Plan, dict[str, int], dict[str, int]]:
    """What is told, every count, and what the run says: a town of which few stand otherwise by the new version."""
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
    plan = compare(*sides, parts, ON)
    return plan, every_count(plan, sides, parts), of_the_run(sides[0])


def of_the_run(old: Said) -> dict[str, int]:
    """What `tsunagu run` says of the criteria in force: how many of each level it lists."""
    listed = Counter(old.levels[id] for id in old.listed)
    return {f"run {level.name}": listed[level.name] for level in old.criteria.overall.levels if level.notice}


def every_count(plan: Plan, sides: tuple[Said, Said], parts: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
    """Every count that a plan may tell, under the names of `in_cells`."""
    old, new = sides
    truth = Counter({"listed old": len(old.listed), "listed new": len(new.listed)})
    for name, one in ((plan.old, old), (plan.new, new)):
        truth.update(f"{name} {level}" for level in one.levels.values())
    for id, own in parts.items():
        if id in old.listed or id in new.listed:
            is_same = old.levels[id] == new.levels[id]
            both = "stays" if is_same else "moves"
            group = both if id in old.listed and id in new.listed else "enters" if id in new.listed else "leaves"
            truth.update([group, f"{group} {old.levels[id]} to {new.levels[id]}"])
            truth.update(f"{group} {division} {part}" for division, part in own.items())
    return {name: truth[name] for name in in_cells(plan)}


def in_cells(plan: Plan) -> dict[str, int | None]:
    found: dict[str, int | None] = {"listed old": plan.listed[0], "listed new": plan.listed[1]}
    found |= {f"{name} {level}": n for name, level, n, _most in plan.capacity}
    for group in plan.groups:
        found[group.name] = group.total
        found |= {f"{group.name} {old} to {new}": n for old, new, n in group.levels}
        found |= {f"{group.name} {d} {p}": n for d, parts in group.divisions.items() for p, n in parts}
    return found


def known_of(plan: Plan) -> Iterator[tuple[tuple[str, int], ...]]:
    """All that somebody knows of a plan and of the run beside the numbers."""
    yield total_of("listed old", "leaves", "moves", "stays")
    yield total_of("listed new", "enters", "moves", "stays")
    for group in plan.groups:
        yield total_of(group.name, *(f"{group.name} {old} to {new}" for old, new, _n in group.levels))
        for division in DIVISIONS if group.total is not None else ():  # else no part is told, so that it says nothing
            if group.divisions.get(division):
                yield total_of(group.name, *(f"{group.name} {division} {p}" for p, _n in group.divisions[division]))
        for ward, own in (("north", ("s1", "s2")), ("south", ("s3",))):
            here = [f"{group.name} school {s}" for s in own if s in dict(group.divisions.get("school", ()))]
            if here and group.total is not None:
                yield total_of(f"{group.name} ward {ward}", *here)
    for level in (level.name for level in the_criteria().overall.levels if level.notice):
        pairs = [(g.name, pair) for g in plan.groups for pair in g.levels if pair[0] == level]
        yield total_of(f"run {level}", *(f"{group} {old} to {new}" for group, (old, new, _n) in pairs))
    for name, level, n, _most in plan.capacity:
        if n is None:
            continue  # whatever its parts are
        place = 0 if name == plan.old else 1
        pairs = [(g.name, pair) for g in plan.groups for pair in g.levels if pair[place] == level]
        yield total_of(f"{name} {level}", *(f"{group} {old} to {new}" for group, (old, new, _n) in pairs))


@settings(max_examples=10, deadline=None)
@given(plans())
def test_of_a_plan_no_hidden_count_is_worked_out(one: tuple[Plan, dict[str, int], dict[str, int]]) -> None:
    plan, truth, run = one
    cells = in_cells(plan)
    always = ["listed old", *(f"{name} {level}" for name, level, _n, _most in plan.capacity if name == plan.old), *run]
    assert all(n is None or n == truth[name] for name, n in cells.items())
    assert all(n is None or n >= LEAST for name, n in cells.items() if name not in always), "nobody is few as well"
    assert too_near_by_extent({**cells, **run}, list(known_of(plan)), always) == []


def splits(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to divide so many children into so many parts."""
    if parts == 1:
        yield (total,)
        return
    yield from ((n, *rest) for n in range(total + 1) for rest in splits(total - n, parts - 1))


def as_told(counts: Mapping[tuple[str, str], int], levels: str, capacity: int | None) -> tuple[Cells, dict[str, int]]:
    """One small table as it is told, and every count of it. counts: by old and new level; `-` is on no list."""
    named = [SimpleNamespace(name=level, notice=level != "-") for level in levels]
    criteria = cast(
        Criteria, SimpleNamespace(overall=SimpleNamespace(levels=named), capacity={"A": capacity} if capacity else {})
    )
    pairs_of = [pair for pair, n in counts.items() for _child in range(n)]
    sides = []
    for place in (0, 1):
        at = {str(n): pair[place] for n, pair in enumerate(pairs_of)}
        sides.append(Said(criteria, at, frozenset(id for id, level in at.items() if level != "-")))
    moved = {name: {p: n for p, n in counts.items() if group_of(p) == name} for name in GROUPS}
    pairs = {name: every_pair(name, *sides, moved[name]) for name in GROUPS}
    told_of = GroupCounts({"old": sides[0], "new": sides[1]}, pairs)
    truth = {name: sum(own.values()) for name, own in pairs.items() if own}
    cells = {name: told_of.of(name) for name in truth}
    for name, own in pairs.items():
        truth |= {f"{name} {old} to {new}": n for (old, new), n in own.items()}
        cells |= {f"{name} {old} to {new}": n for old, new, n in told_of.levels(name)}
    truth |= {"listed new": len(sides[1].listed)}
    cells |= {"listed new": told_of.of("listed new")}
    if capacity:
        truth |= {"new A": sum(n for (_old, new), n in counts.items() if new == "A")}
        cells |= {"new A": told_of.of("new A")}
    return cells, truth


def group_of(pair: tuple[str, str]) -> str:
    old, new = pair
    if "-" in pair:
        return "enters" if old == "-" else "leaves"
    return "stays" if old == new else "moves"


@pytest.mark.parametrize(
    ("run", "enter", "capacity"),
    [
        pytest.param((6,), 14, 3, id="one level of six"),
        pytest.param((14,), 16, None, id="one level"),
        pytest.param((7, 6), 0, None, id="two levels, and nobody enters"),
        pytest.param((4, 9), 0, None, id="two levels, one of them small"),
        pytest.param((14, 12), 0, None, id="two larger levels", marks=pytest.mark.deep),
        pytest.param((5, 5), 9, 3, id="two levels, and some enter", marks=pytest.mark.deep),
    ],
)
def test_who_knows_the_rule_too_is_left_with_five_numbers_for_each_hidden_one(
    run: tuple[int, ...], enter: int, capacity: int | None
) -> None:
    """run: how many the run says at each level; enter: how many enter in all, at most, so that every way to divide them
    among the levels is there.

    All tables of that run are told, and those that are told alike are what a reader who knows the rule cannot tell
    apart.
    """
    levels = "ABC"[: len(run)] + "-"
    alike: dict[tuple[tuple[str, int | None], ...], list[dict[str, int]]] = {}
    for new in (one for one in product(range(enter + 1), repeat=len(run)) if sum(one) <= enter):
        for rows in product(*(list(splits(n, len(levels))) for n in run)):
            counts = {("-", level): n for level, n in zip(levels, new, strict=False)}
            for level, row in zip(levels, rows, strict=False):
                counts |= {(level, became): n for became, n in zip(levels, row, strict=True)}
            cells, truth = as_told(counts, levels, capacity)
            alike.setdefault(tuple(cells.items()), []).append(truth)
    assert len(alike) > len(run), "something is told"
    asked = ("enters", "listed new", "new A") if not enter else ()
    for cells_told, tables in alike.items():
        for name in (name for name, n in cells_told if n is None and not name.startswith(asked or "?")):
            could_be = {truth[name] for truth in tables}
            # What is five or more by all that is told is no small number, and may be known.
            assert len(could_be) >= LEAST or min(could_be) >= LEAST, (name, could_be, cells_told)


def test_a_level_that_the_run_tells_gives_no_small_one_away() -> None:
    """197 at a level by the run, 195 of them told elsewhere: two would be known."""
    cells, truth = as_told({("A", "-"): 2, ("A", "A"): 195, ("B", "B"): 90, ("-", "A"): 9}, "AB-", None)
    assert (truth["leaves"], cells["leaves"], cells["stays"], cells["stays A to A"]) == (2, None, None, None)
    assert cells["enters"] == 9, "and what is not among them is told"


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
#: What the run of that day tells whatever it is.
OF_ITS_RUN = ("in_scope", "listed", "undecided", "decided", "not listed")
SHOWN = ("in_scope", "listed", "undecided", "known", "noticed", "noticed came", "unnoticed", "unnoticed came")


@settings(max_examples=150, deadline=None)
@given(days())
def test_of_a_past_day_no_small_count_is_worked_out_not_even_one_that_has_no_place(truth: dict[str, int]) -> None:
    """As if each told number were exact, beside the exact numbers of a run of that day."""
    answer = day_told(truth)
    exact = {name: truth[name] if name in OF_ITS_RUN or answer[name] is not None else None for name in truth}
    cells = {name: n if name in (*SHOWN, *OF_ITS_RUN) else None for name, n in exact.items()}
    small = {name: n for name, n in truth.items() if n < LEAST}
    assert too_near(cells, OF_A_DAY, small, OF_ITS_RUN) == []


@given(days())
def test_a_past_days_number_stands_for_five(truth: dict[str, int]) -> None:
    told_of = {name: n for name, n in day_told(truth).items() if n is not None}
    assert all(n >= LEAST and n % LEAST == 0 and n <= truth[name] < n + LEAST for name, n in told_of.items())


@given(days(), days())
def test_two_past_days_never_tell_of_single_children_whether_asked_together_or_not(
    one: dict[str, int], other: dict[str, int]
) -> None:
    """Each day is told by itself; whatever two of them show, the true difference may be five numbers or more."""
    for name, n in one.items():
        here, there = day_told(one)[name], day_told(other)[name]
        if here is not None and there is not None:
            least, most = here - (there + LEAST - 1), here + LEAST - 1 - there
            assert most - least >= LEAST
            assert least <= n - other[name] <= most


def test_days_that_differ_by_single_children_are_told_alike() -> None:
    day = {"in_scope": 1444, "listed": 663, "undecided": 107, "decided": 556, "known": 26, "noticed": 637}
    day |= {"not listed": 781, "known not listed": 8, "unnoticed": 773}
    day |= {"noticed came": 6, "noticed did not come": 631, "unnoticed came": 5, "unnoticed did not come": 768}
    before = day | {"in_scope": 1443, "listed": 662, "undecided": 106, "known": 25}
    assert day_told(day) == day_told(before)
    assert day_told(day)["listed"] == 660

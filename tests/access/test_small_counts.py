"""What is told of small counts never lets one of them be worked out, by somebody who knows the rule and the total."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsunagu.evaluation.small_counts import LEAST, Told, told

Rule = Callable[..., Told]
NUMBERS = range(LEAST + 3)


def worked_out(rule: Rule, parts: int) -> list[tuple[Sequence[int], int]]:
    """Hidden small counts that have one value in every table with the same answer; every table is tried."""
    tables: dict[Told, list[tuple[int, ...]]] = defaultdict(list)
    for division in product(NUMBERS, repeat=parts):
        tables[rule(division)].append(division)
    return [
        (alike[0], place)
        for alike in tables.values()
        for place, numbers in enumerate(zip(*alike, strict=True))
        if len(set(numbers)) == 1 and numbers[0] < LEAST
    ]


@pytest.mark.parametrize("parts", [2, 3, 4])
def test_no_small_count_can_be_worked_out(parts: int) -> None:
    assert worked_out(told, parts) == []


@pytest.mark.parametrize(("parts", "others"), [(2, 2), (3, 2), (3, 3)])
def test_two_divisions_of_the_same_children_let_no_small_count_be_worked_out(parts: int, others: int) -> None:
    """The page of numbers divides a month's children by their step and by what lists knew of them."""
    assert worked_out_of_two(told, parts, others) == []


def test_the_search_finds_what_two_divisions_give_away() -> None:
    """Hiding the small ones of each is not enough, with two divisions as with one."""

    def plainly(*divisions: Sequence[int]) -> Told:
        parts = tuple(tuple(n if n >= LEAST else None for n in division) for division in divisions)
        return Told(sum(divisions[0]), parts)

    assert ((5, 5, 0, 5, 5), 2) in worked_out_of_two(plainly, 3, 2)


def worked_out_of_two(rule: Rule, parts: int, others: int) -> list[tuple[Sequence[int], int]]:
    """As `worked_out`, for every pair of tables with one total."""
    by_total: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    for other in product(NUMBERS, repeat=others):
        by_total[sum(other)].append(other)
    tables: dict[Told, list[tuple[int, ...]]] = defaultdict(list)
    for division in product(NUMBERS, repeat=parts):
        for other in by_total[sum(division)]:
            tables[rule(division, other)].append((*division, *other))
    return [
        (alike[0], place)
        for alike in tables.values()
        for place, numbers in enumerate(zip(*alike, strict=True))
        if len(set(numbers)) == 1 and numbers[0] < LEAST
    ]


def test_the_search_finds_what_can_be_worked_out() -> None:
    """Hiding the small ones alone is not enough: beside the total, a single one is their difference."""

    def plainly(division: Sequence[int]) -> Told:
        return Told(sum(division), (tuple(n if n >= LEAST else None for n in division),))

    assert ((0, 5, 5), 0) in worked_out(plainly, 3)


@given(st.lists(st.integers(0, 400), min_size=7, max_size=7), st.randoms())
def test_hidden_counts_could_as_well_be_each_others(division: list[int], random: object) -> None:
    """The reason why, at any size: shuffled among their own places, hidden counts give the same answer."""
    answer = told(division)
    hidden = [place for place, n in enumerate(answer.parts[0]) if n is None]
    shuffled, numbers = list(division), [division[place] for place in hidden]
    random.shuffle(numbers)  # type: ignore[attr-defined]  # of the strategy
    for place, n in zip(hidden, numbers, strict=True):
        shuffled[place] = n
    assert told(shuffled) == answer
    assert answer.total in (None, sum(division))
    assert all(n is None or n >= LEAST for n in (answer.total, *answer.parts[0]))
    if answer.total is not None and hidden:
        assert len(set(numbers)) > 1, "one of them alone, or all alike, would be known"


@given(st.lists(st.integers(0, 12), min_size=3, max_size=3), st.data())
def test_one_division_tells_nothing_that_another_one_hides(division: list[int], data: st.DataObject) -> None:
    total = sum(division)
    first = data.draw(st.integers(0, total))
    answer = told(division, [first, total - first])
    if told(division).total is None or told([first, total - first]).total is None:
        assert answer == Told(None, ((None,) * 3, (None,) * 2))
    else:
        assert answer.parts == (told(division).parts[0], told([first, total - first]).parts[0])


def test_what_is_told() -> None:
    assert told([30, 12, 7]) == Told(49, ((30, 12, 7),))
    assert told([30, 4, 1]) == Told(35, ((30, None, None),)), "two that differ hide each other"
    assert told([30, 2, 1]) == Told(33, ((None, None, None),)), "each of two that come to three is nearly known"
    assert told([30, 12, 0]) == Told(42, ((30, None, None),)), "one alone takes the next larger with it"
    assert told([1, 0, 3]) == Told(None, ((None, None, None),))
    assert told([4, 4, 4]) == Told(None, ((None, None, None),)), "their sum would tell each of them"
    with pytest.raises(ValueError, match="add up"):
        told([1, 2], [4, 0])

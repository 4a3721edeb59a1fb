"""Exact bounds, against the binomial summed term by term."""

from __future__ import annotations

from math import comb

import pytest

from tsunagu.estimates.bounds import interval, least_clean, lower, upper


def _at_most(events: int, of: int, share: float) -> float:
    return sum(comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(events + 1))


@pytest.mark.parametrize(("events", "of"), [(0, 1), (0, 299), (1, 300), (8, 300), (21, 300), (39, 40), (150, 300)])
def test_a_bound_leaves_five_in_a_hundred_on_its_side(events: int, of: int) -> None:
    assert _at_most(events, of, upper(events, of)) == pytest.approx(0.05, abs=1e-7)
    if events:
        assert 1 - _at_most(events - 1, of, lower(events, of)) == pytest.approx(0.05, abs=1e-7)
    least, most = interval(events, of)
    assert least <= events / of <= most
    assert _at_most(events, of, most) == pytest.approx(0.025, abs=1e-7)


def test_the_numbers_of_the_protocol() -> None:
    """Without an event: 29, 59, 149 and 299 cases for less than 10, 5, 2 and 1 %."""
    assert [least_clean(most) for most in (0.10, 0.05, 0.02, 0.01)] == [29, 59, 149, 299]
    assert upper(21, 300) < 0.10 < upper(22, 300)


def test_nothing_seen_bounds_nothing() -> None:
    assert upper(0, 0) == 1.0
    assert lower(0, 0) == lower(0, 10) == 0.0
    assert upper(10, 10) == 1.0
    assert lower(10, 10) == pytest.approx(0.05**0.1)

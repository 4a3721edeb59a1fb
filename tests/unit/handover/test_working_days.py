"""Working days are those on which municipal offices are open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsunagu.handover.working_days import (
    holidays,
    is_working_day,
    japan_day,
    working_day_after,
    working_days_between,
)

# As the Cabinet Office announced them (内閣府, 国民の祝日について).
ANNOUNCED = {
    2023: "1-1 1-2 1-9 2-11 2-23 3-21 4-29 5-3 5-4 5-5 7-17 8-11 9-18 9-23 10-9 11-3 11-23",
    2024: "1-1 1-8 2-11 2-12 2-23 3-20 4-29 5-3 5-4 5-5 5-6 7-15 8-11 8-12 9-16 9-22 9-23 10-14 11-3 11-4 11-23",
    2025: "1-1 1-13 2-11 2-23 2-24 3-20 4-29 5-3 5-4 5-5 5-6 7-21 8-11 9-15 9-23 10-13 11-3 11-23 11-24",
    2026: "1-1 1-12 2-11 2-23 3-20 4-29 5-3 5-4 5-5 5-6 7-20 8-11 9-21 9-22 9-23 10-12 11-3 11-23",
    2027: "1-1 1-11 2-11 2-23 3-21 3-22 4-29 5-3 5-4 5-5 7-19 8-11 9-20 9-23 10-11 11-3 11-23",
}


@pytest.mark.parametrize("year", ANNOUNCED)
def test_holidays_are_the_announced_ones(year: int) -> None:
    announced = {date(year, *map(int, one.split("-"))) for one in ANNOUNCED[year].split()}
    assert holidays(year) == announced


def test_offices_are_closed_from_29_december_to_3_january() -> None:
    assert working_day_after(date(2026, 12, 28), 1) == date(2027, 1, 4)
    assert [day for day in range(24, 32) if is_working_day(date(2026, 12, day))] == [24, 25, 28]


def test_five_working_days_over_a_holiday() -> None:
    assert working_day_after(date(2026, 11, 17), 5) == date(2026, 11, 25)  # without Saturday, Sunday and Monday 23


days = st.dates(date(2022, 1, 1), date(2090, 1, 1))


@given(days, st.integers(1, 60))
def test_counting_forth_and_back_agree(day: date, count: int) -> None:
    then = working_day_after(day, count)
    assert is_working_day(then)
    assert working_days_between(day, then) == count
    assert working_days_between(then, day) == -count


@given(days)
def test_no_offices_are_closed_for_longer_than_ten_days(day: date) -> None:
    assert any(is_working_day(day + timedelta(days=step)) for step in range(11))


def test_the_day_is_that_of_japan() -> None:
    assert japan_day(datetime(2026, 11, 16, 14, 59, tzinfo=UTC)) == date(2026, 11, 16)
    assert japan_day(datetime(2026, 11, 16, 15, 0, tzinfo=UTC)) == date(2026, 11, 17)

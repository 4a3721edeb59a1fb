"""The statute's days of temporary protection: the first day counts, and no clock is later than the law."""

from __future__ import annotations

import datetime as dt

import pytest

from tsunagu.casework.protection import appeal_by, limit_of, next_limit, warrant_by


@pytest.mark.parametrize(
    ("began", "warrant", "limit"),
    [
        ("2026-12-01", "2026-12-07", "2027-01-31"),
        ("2026-04-10", "2026-04-16", "2026-06-09"),
        ("2026-12-31", "2027-01-06", "2027-02-28"),
        ("2027-12-30", "2028-01-05", "2028-02-29"),
        ("2026-06-30", "2026-07-06", "2026-08-29"),
    ],
)
def test_the_first_day_is_counted(began: str, warrant: str, limit: str) -> None:
    day = dt.date.fromisoformat(began)
    assert (str(warrant_by(day)), str(limit_of(day))) == (warrant, limit)


def test_the_next_two_months_begin_on_the_day_after() -> None:
    first = limit_of(dt.date(2026, 4, 10))
    assert (str(first), str(next_limit(first))) == ("2026-06-09", "2026-08-09")


def test_an_appeal_counts_from_the_day_after_the_refusal() -> None:
    assert appeal_by(dt.date(2026, 12, 1)) == dt.date(2026, 12, 4)

"""Laws of the school boards' rules: no unknown day makes a mark certain or takes a certain one away."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tsunagu.casework.boards import Answer, Day, Said, share, streaks

FIRST = dt.date(2026, 6, 1)
said = st.lists(st.sampled_from(list(Said)), max_size=40)
thresholds = st.integers(1, 8)


def days(words: list[Said]) -> list[Day]:
    return [Day(FIRST + dt.timedelta(days=n), word) for n, word in enumerate(words)]


def known_otherwise(words: list[Said], other: Said) -> list[Said]:
    return [other if word is Said.UNKNOWN else word for word in words]


def longest(words: list[Said]) -> int:
    return max((run.days for run in streaks(days(words))), default=0)


@given(said)
def test_every_known_day_is_in_exactly_one_streak(words: list[Said]) -> None:
    found = streaks(days(words))
    assert sum(run.days for run in found) == words.count(Said.YES)
    assert all(a.last < b.first for a, b in pairwise(found))
    assert all(run.first <= run.last for run in found)


@given(said)
def test_days_not_known_are_told_and_never_counted(words: list[Said]) -> None:
    for run in streaks(days(words)):
        inside = [d.said for d in days(words) if run.first <= d.day <= run.last]
        told = (run.days, run.unknown, run.excused)
        assert told == tuple(inside.count(word) for word in (Said.YES, Said.UNKNOWN, Said.EXCUSED))
        assert Said.NO not in inside


@given(said, thresholds)
def test_a_streak_that_may_be_long_enough_is_never_called_certain(words: list[Said], threshold: int) -> None:
    """Where every unknown day turns out YES, whatever is now YES stays so; PERHAPS is below the threshold."""
    for run in streaks(days(words)):
        if run.reaches(threshold) is Answer.YES:
            assert longest(known_otherwise(words, Said.YES)) >= threshold
        if run.reaches(threshold) is Answer.PERHAPS:
            assert run.days < threshold <= longest(known_otherwise(words, Said.YES))


@given(said, thresholds)
def test_excused_days_change_no_count(words: list[Said], threshold: int) -> None:
    without = [word for word in words if word is not Said.EXCUSED]
    assert [r.days for r in streaks(days(words))] == [r.days for r in streaks(days(without))]
    assert [r.reaches(threshold) for r in streaks(days(words))] == [
        r.reaches(threshold) for r in streaks(days(without))
    ]


@given(said, st.integers(1, 100), st.integers(1, 40))
def test_a_share_is_certain_only_whatever_the_unknown_days_were(words: list[Said], per: int, window: int) -> None:
    until = FIRST + dt.timedelta(days=max(len(words) - 1, 0))
    found = share(days(words), until=until, window_days=window)
    at_worst = share(days(known_otherwise(words, Said.NO)), until=until, window_days=window)
    assert (found.reaches(per) is Answer.YES) == (at_worst.reaches(per) is Answer.YES)
    if found.reaches(per) is Answer.PERHAPS:
        all_yes = share(days(known_otherwise(words, Said.YES)), until=until, window_days=window)
        assert all_yes.reaches(per) is Answer.YES

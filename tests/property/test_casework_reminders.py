"""Laws of reminders, on any work of any office: nobody is left out, nobody is told twice, and time takes none away."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from tsunagu.casework.reminders import TABLE, Kind, Matter, Who, is_open, load_choices, told

STANDARD = load_choices(None)
DAY = dt.date(2026, 11, 4)
staff = st.frozensets(st.integers(1, 5), max_size=3)
matters = st.builds(
    Matter,
    kind=st.sampled_from(Kind),
    number=st.integers(1, 3),
    day=st.integers(-40, 40).map(lambda days: DAY + dt.timedelta(days=days)),
    people=st.dictionaries(st.sampled_from(Who), staff),
)


@given(matters)
def test_whoever_is_told_has_a_part_in_it_and_each_is_told_once(matter: Matter) -> None:
    found = [one.staff for one in told([matter], on=DAY, choices=STANDARD)]
    parts = (*TABLE[matter.kind].tells, TABLE[matter.kind].goes_on_to or Who.SUPERVISOR)
    assert set(found) <= set().union(*(matter.people.get(who, ()) for who in parts))
    assert len(found) == len(set(found))


@given(matters)
def test_an_open_matter_reaches_somebody_where_anybody_is_there(matter: Matter) -> None:
    parts = (*TABLE[matter.kind].tells, TABLE[matter.kind].goes_on_to or Who.SUPERVISOR)
    anybody = any(matter.people.get(who) for who in parts)
    assert bool(told([matter], on=DAY, choices=STANDARD)) == (anybody and is_open(matter, on=DAY, choices=STANDARD))


@given(matters, st.integers(0, 60))
def test_while_nobody_acts_nobody_is_told_less(matter: Matter, days: int) -> None:
    if not TABLE[matter.kind].is_news:
        now, later = (told([matter], on=DAY + dt.timedelta(days=n), choices=STANDARD) for n in (0, days))
        assert now <= later


@given(st.lists(matters, max_size=6))
def test_what_is_told_of_one_matter_does_not_hang_on_the_others(some: list[Matter]) -> None:
    together = told(some, on=DAY, choices=STANDARD)
    assert together == frozenset().union(*(told([one], on=DAY, choices=STANDARD) for one in some))

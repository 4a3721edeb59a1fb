"""Laws of the re-assessment clock: a further or a worse fact takes no cause away, and unknown is told as unknown."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsunagu.casework import clock
from tsunagu.casework.clock import Cause, Situation, attempts_since_reached, changes, no_contact, unclear
from tsunagu.casework.rules import load_rules

RULES = load_rules(None)
ON = dt.date(2026, 10, 31)
MONTHS = [dt.date(2026, month, 1) for month in range(4, 11)]
DAYS = [ON - dt.timedelta(days=days) for days in (0, 9, 28, 29, 60, 120, 400)]
counts = st.one_of(st.none(), st.integers(0, 20).map(Decimal))
grams = st.one_of(st.none(), st.integers(30, 40).map(Decimal))
some = st.sampled_from(["a", "b", "c"])


@st.composite
def others(draw: st.DrawFn) -> dict[str, frozenset[str] | None]:
    """Who else lives there: grown people and babies are among them."""
    members = draw(st.one_of(st.none(), st.frozensets(some)))
    among = st.frozensets(st.sampled_from(sorted(members))) if members else st.just(members)
    return {"members": members, "adults": draw(among), "babies": draw(st.one_of(st.none(), st.frozensets(some)))}


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    return Situation(
        absences=draw(st.dictionaries(st.sampled_from(MONTHS), counts)),
        weights=draw(st.dictionaries(st.sampled_from(DAYS), grams)),
        moves=draw(st.frozensets(st.tuples(st.sampled_from(DAYS), st.sampled_from(["within", "in", "birth"])))),
        reports=draw(st.frozensets(st.sampled_from(DAYS))),
        households=draw(st.one_of(st.none(), st.frozensets(some, min_size=1))),
        **draw(others()),
        is_listed=draw(st.booleans()),
        level_rank=draw(st.sampled_from([None, 1, 2, 3, 4])),
    )


@st.composite
def worse(draw: st.DrawFn, now: Situation) -> Situation:
    """The same, with one more fact or a worse one."""
    match draw(st.sampled_from(["absence", "weight", "move", "report", "household", "adult", "baby", "level"])):
        case "absence":
            month, more = draw(st.sampled_from(MONTHS)), draw(st.integers(0, 9))
            return replace(now, absences={**now.absences, month: (now.absences.get(month) or Decimal(0)) + more})
        case "weight":
            day = draw(st.sampled_from([day for day in [ON - dt.timedelta(days=d) for d in range(90)]]))
            return now if day in now.weights else replace(now, weights={**now.weights, day: draw(grams)})
        case "move":
            return replace(now, moves=now.moves | {(draw(st.sampled_from(DAYS)), "out")})
        case "report":
            return replace(now, reports=now.reports | {draw(st.sampled_from(DAYS))})
        case "household" if now.households is not None:
            return replace(now, households=now.households | {"new"})
        case "adult" if now.members is not None and now.adults is not None:
            return replace(now, members=now.members | {"new"}, adults=now.adults | {"new"})
        case "baby":
            return replace(now, babies=(now.babies or frozenset()) | {"new"})
        case _:
            return replace(now, is_listed=True, level_rank=max(1, now.level_rank - 1) if now.level_rank else None)


def causes(before: Situation, now: Situation) -> set[Cause]:
    return {change.cause for change in changes(before, now, on=ON, rules=RULES)}


@settings(deadline=None, max_examples=400)
@given(situations(), situations(), st.data())
def test_a_worse_fact_never_takes_a_cause_away(before: Situation, now: Situation, data: st.DataObject) -> None:
    # A child that is noticed now stays so: that the list lets a child go is no fact about it.
    assert causes(before, now) <= causes(before, data.draw(worse(now)))


@settings(deadline=None, max_examples=200)
@given(situations())
def test_what_did_not_change_starts_nothing(now: Situation) -> None:
    assert causes(now, now) - ({Cause.NEW_BABY} if now.babies else set()) == set()


@settings(deadline=None, max_examples=200)
@given(situations(), situations())
def test_a_fact_that_becomes_unknown_starts_nothing(before: Situation, now: Situation) -> None:
    unknown = replace(now, absences=dict.fromkeys(now.absences), weights=dict.fromkeys(now.weights), households=None)
    assert not causes(before, unknown) & {Cause.ABSENCE, Cause.FLAT_WEIGHT}
    assert Cause.MOVE not in causes(before, replace(unknown, moves=before.moves))
    assert {Cause.ABSENCE, Cause.MOVE} <= set(unclear(unknown, RULES))


@settings(deadline=None, max_examples=200)
@given(situations(), situations())
def test_what_starts_it_is_named_once_and_the_most_urgent_first(before: Situation, now: Situation) -> None:
    found = changes(before, now, on=ON, rules=RULES)
    assert len({change.reference for change in found}) == len(found)
    assert [change.cause for change in found] == sorted((c.cause for c in found), key=clock.URGENCY.index)


def months(*days: int | None) -> dict[dt.date, Decimal | None]:
    """Days absent of the months up to October."""
    return {month: None if n is None else Decimal(n) for month, n in zip(MONTHS[-len(days) :], days, strict=True)}


@pytest.mark.parametrize(
    ("before", "now", "starts"),
    [
        pytest.param((1, 2), (1, 2, 5), True, id="three more than in the worst month before"),
        pytest.param((1, 2), (1, 2, 4), False, id="two more"),
        pytest.param((1, 2), (1, 5), True, id="a month corrected upwards"),
        pytest.param((None, None), (None, None, 7), True, id="a week, and nothing known before"),
        pytest.param((None, None), (None, None, 6), False, id="less, and nothing known before"),
        pytest.param((4, 4), (5, 5), True, id="five days in two months in a row"),
        pytest.param((5, 5), (5, 5, 5), False, id="the row goes on"),
        pytest.param((4, None), (4, None, 5), False, id="unknown is not a row"),
        pytest.param((12, 3), (12, 3, 6), False, id="less than a bad month before"),
        pytest.param((9,), (None,), False, id="became unknown"),
        pytest.param((None,), (9,), True, id="became known, and is many"),
    ],
)
def test_days_absent(before: tuple[int | None, ...], now: tuple[int | None, ...], starts: bool) -> None:
    # Both end with their own latest month: what was known before is that of the months before.
    known = {m: n for m, n in zip(MONTHS[-len(now) :], months(*before).values(), strict=False)}
    found = changes(Situation(absences=known), Situation(absences=months(*now)), on=ON, rules=RULES)
    assert bool(found) == starts


@pytest.mark.parametrize(
    ("reached", "count", "starts"),
    [((), 0, False), ((False,), 1, False), ((False, False), 2, True), ((False, True, False), 1, False)],
)
def test_attempts_since_somebody_was_reached(reached: tuple[bool, ...], count: int, starts: bool) -> None:
    assert attempts_since_reached(reached) == count
    assert no_contact(reached, RULES) == starts


def test_an_adult_is_new_who_was_no_member_before() -> None:
    mother, sister, partner = "mother", "sister", "partner"
    before = Situation(members=frozenset({mother, sister}), adults=frozenset({mother}))
    grown = replace(before, adults=frozenset({mother, sister}))
    joined = replace(before, members=frozenset({mother, sister, partner}), adults=frozenset({mother, partner}))
    assert causes(before, grown) == set()
    assert causes(before, joined) == {Cause.NEW_ADULT}
    # Of a household nobody knew before nobody is new, and of one that nobody knows now nothing is said.
    assert causes(Situation(), joined) == set()
    assert causes(before, Situation()) == set()
    assert Cause.NEW_ADULT in unclear(Situation(), RULES)


def test_no_gain_between_two_measurements_four_weeks_apart() -> None:
    first = {ON - dt.timedelta(days=28): Decimal("4.1")}
    for weight, starts in (("4.1", True), ("3.9", True), ("4.2", False)):
        now = Situation(weights={**first, ON: Decimal(weight)})
        assert bool(changes(Situation(weights=first), now, on=ON, rules=RULES)) == starts
    near = {ON - dt.timedelta(days=27): Decimal("4.1")}
    assert not changes(Situation(weights=near), Situation(weights={**near, ON: Decimal(4)}), on=ON, rules=RULES)


def test_control_a_clock_that_reads_unknown_as_none_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def as_none(known: clock.Months, wanted: tuple[dt.date, ...], rules: object) -> bool:
        return all((known.get(month) or Decimal(9)) >= 5 for month in wanted)

    monkeypatch.setattr(clock, "_all_many", as_none)
    with pytest.raises(AssertionError):
        test_days_absent((4, None), (4, None, 5), starts=False)

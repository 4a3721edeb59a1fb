"""What the example criteria promise, as tables: one child, one story, both engines."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from screening_cases import History, differences, reference, the_criteria
from tsunagu.screening.reference import Outcome

title = "三判定の例 / Three judgments, an example"
ON = dt.date(2026, 9, 30)
THIS_YEAR, LAST_YEAR = dt.date(2026, 4, 1), dt.date(2025, 4, 1)
MONTHS = [dt.date(2026, m, 1) for m in (4, 5, 6, 7, 9)]


def a_quiet_pupil(**person: Any) -> History:
    """A pupil of grade 5 of whom everything is known and nothing holds, living with one taxed adult."""
    history = History()
    born = {"birth_date": dt.date(2015, 6, 1), "household_id": "H", "school": "101"}
    history.person("Aoi", **{**born, **person})
    history.person("Adult", birth_date=dt.date(1985, 1, 1), household_id="H")
    history.fact("Adult", "tax_class", at=THIS_YEAR, text="taxed")
    history.fact("Aoi", "enrolment", at=THIS_YEAR, text="municipal")
    for year in (THIS_YEAR, LAST_YEAR):
        for item in ("test_japanese", "test_math"):
            history.fact("Aoi", item, at=year, number=Decimal(50))
        for item in ("q_self", "q_grit", "q_family", "q_friends", "q_habits"):
            history.fact("Aoi", item, at=year, number=Decimal(4))
    for month in MONTHS:
        history.fact("Aoi", "absent_days", at=month, number=Decimal(0))
        history.fact("Aoi", "school_fee", at=month, text="paid")
    for back in range(12):
        history.fact("Aoi", "mood", at=ON - dt.timedelta(back), label="101", text="sunny")
    return history


def change(history: History, item: str, at: dt.date | None, **columns: Any) -> None:
    """Another value in place of the one the pupil has."""
    history.facts = [f for f in history.facts if not (f["item"] == item and f["at"] == at)]
    if columns:
        history.fact("Aoi", item, at=at, **columns)


def screened(history: History) -> Outcome:
    """The outcome for Aoi, on which both engines agree."""
    assert differences(history, the_criteria(), ON) == {}
    return reference(history, the_criteria(), ON)["Aoi"]


def test_a_quiet_pupil_is_not_listed() -> None:
    outcome = screened(a_quiet_pupil())
    assert (outcome.overall.name, outcome.at_most.name) == ("該当なし", "該当なし")
    assert (outcome.signs, outcome.missing) == (frozenset(), ())


# what happened                        | absences of April, May, June, July, September | signs
ABSENCES = [
    ("ten days in one month", (0, 0, 0, 0, 10), {"N1a"}),
    ("nine days in one month", (0, 0, 0, 0, 9), set()),
    ("ten days, but before the last three school months", (0, 10, 0, 0, 0), set()),
    ("rising to three", (0, 0, 1, 2, 3), {"N1b"}),
    ("rising to two", (0, 0, 0, 1, 2), set()),
    ("as many as the month before", (0, 0, 1, 3, 3), set()),
    ("fifteen days in all", (3, 3, 3, 3, 3), {"N1c"}),
    ("fourteen days in all", (3, 3, 3, 3, 2), set()),
]


@pytest.mark.parametrize(("story", "days", "signs"), ABSENCES, ids=[a[0] for a in ABSENCES])
def test_absences(story: str, days: tuple[int, ...], signs: set[str]) -> None:
    history = a_quiet_pupil()
    for month, number in zip(MONTHS, days, strict=True):
        change(history, "absent_days", month, number=Decimal(number))
    assert screened(history).signs == signs, story


def test_an_unknown_month_keeps_the_child_open_instead_of_saying_no() -> None:
    history = a_quiet_pupil()
    change(history, "absent_days", dt.date(2026, 7, 1), state="unknown")
    outcome = screened(history)
    assert outcome.overall.name == "判定保留"
    assert outcome.at_most.name == "予防的支援"
    assert outcome.judged["noncognitive"].level == "U"
    assert outcome.missing == ("N1",)


def test_a_known_sign_stands_although_another_month_is_unknown() -> None:
    history = a_quiet_pupil()
    change(history, "absent_days", dt.date(2026, 7, 1), state="unknown")
    change(history, "absent_days", dt.date(2026, 9, 1), number=Decimal(12))
    outcome = screened(history)
    assert "N1a" in outcome.signs
    assert outcome.judged["noncognitive"].level == "2"
    assert outcome.missing == ("N1",)


def test_the_later_of_two_rows_for_one_month_counts() -> None:
    history = a_quiet_pupil()
    month = dt.date(2026, 9, 1)
    change(history, "absent_days", month, number=Decimal(12), recorded_at=dt.datetime(2026, 9, 2))  # noqa: DTZ001
    history.fact("Aoi", "absent_days", at=month, number=Decimal(1), recorded_at=dt.datetime(2026, 9, 3))  # noqa: DTZ001
    assert screened(history).signs == set()


def test_two_rows_that_cannot_be_told_apart_leave_the_month_unknown() -> None:
    history = a_quiet_pupil()
    history.fact("Aoi", "absent_days", at=dt.date(2026, 9, 1), number=Decimal(12))
    outcome = screened(history)
    assert outcome.signs == frozenset()
    assert outcome.missing == ("N1",)


def test_months_before_the_child_came_to_live_here_are_unknown_for_visits() -> None:
    history = a_quiet_pupil(resident_from=dt.date(2026, 7, 15))
    assert screened(history).missing == ("N3",)


# scores this year, last year | signs | level
SCORES = [
    ("39.9", "39.9", {"A1"}, "2"),
    ("40", "40", {"A2"}, "1"),
    ("44.99", "44.99", {"A2"}, "1"),
    ("45", "45", set(), "0"),
    ("50", "55", {"A3"}, "1"),
    ("50", "54.99", set(), "0"),
    ("44", "49", {"A2", "A3"}, "2"),
]


@pytest.mark.parametrize(("now", "before", "signs", "level"), SCORES)
def test_survey_scores(now: str, before: str, signs: set[str], level: str) -> None:
    history = a_quiet_pupil()
    for item in ("test_japanese", "test_math"):
        change(history, item, THIS_YEAR, number=Decimal(now))
        change(history, item, LAST_YEAR, number=Decimal(before))
    outcome = screened(history)
    assert (outcome.signs, outcome.judged["academic"].level) == (signs, level)


# tax classes of the adults | sign or missing
TAXES = [
    (("taxed", "undeclared"), set(), ()),
    (("exempt", "undeclared"), set(), ("P4",)),
    (("exempt", None), set(), ("P4",)),
    (("exempt", "exempt"), {"P4a"}, ()),
    (("exempt", "per_capita"), {"P4b"}, ()),
    ((), set(), ("P4",)),
]


@pytest.mark.parametrize(("classes", "signs", "missing"), TAXES)
def test_the_tax_class_of_a_household(
    classes: tuple[str | None, ...], signs: set[str], missing: tuple[str, ...]
) -> None:
    history = a_quiet_pupil()
    history.persons = [p for p in history.persons if p["person_id"] == "Aoi"]
    history.facts = [f for f in history.facts if f["person_id"] == "Aoi"]
    for number, tax in enumerate(classes):
        history.person(f"Adult{number}", birth_date=dt.date(2008, 1, 1), household_id="H")
        if tax:
            history.fact(f"Adult{number}", "tax_class", at=THIS_YEAR, text=tax)
    outcome = screened(history)
    assert (outcome.signs, outcome.missing) == (signs, missing)


def test_receiving_help_alone_never_raises_the_judgment_of_daily_life() -> None:
    history = a_quiet_pupil()
    history.fact("Aoi", "assistance", at=dt.date(2025, 1, 1))
    history.fact("Aoi", "school_aid", at=THIS_YEAR, text="protected")
    history.fact("Aoi", "rearing_allowance", at=THIS_YEAR, text="full")
    outcome = screened(history)
    assert outcome.judged["poverty"].level == "2"
    assert outcome.judged["noncognitive"].level == "0"


# start, end | registered on the day
PERIODS = [
    (ON, None, True),
    (ON + dt.timedelta(1), None, False),
    (dt.date(2026, 1, 1), ON, False),
    (dt.date(2026, 1, 1), ON + dt.timedelta(1), True),
]


@pytest.mark.parametrize(("start", "end", "registered"), PERIODS)
def test_the_councils_register(start: dt.date, end: dt.date | None, registered: bool) -> None:
    history = a_quiet_pupil()
    history.fact("Aoi", "council_register", at=start, until=end, text="protection")
    assert screened(history).overall.name == ("重点支援" if registered else "該当なし")


@pytest.mark.parametrize(
    ("day", "kind", "signs"),
    [
        (dt.date(2025, 9, 30), "notification", set()),
        (dt.date(2025, 10, 1), "notification", {"N4c"}),
        (ON, "notification", {"N4c"}),
        (ON, "consultation", set()),
    ],
)
def test_a_notification_counts_for_a_year(day: dt.date, kind: str, signs: set[str]) -> None:
    history = a_quiet_pupil()
    history.fact("Aoi", "report", at=day, text=kind)
    assert screened(history).signs == signs


def test_a_birthday_on_the_first_of_april_joins_the_earlier_school_year() -> None:
    older = a_quiet_pupil(birth_date=dt.date(2011, 4, 1))
    younger = a_quiet_pupil(birth_date=dt.date(2011, 4, 2))
    assert screened(older).judged["academic"].level == "NA"
    assert screened(younger).judged["academic"].level == "0"

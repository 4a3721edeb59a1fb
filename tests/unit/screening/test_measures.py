"""What each measure says of small histories, worked out by hand on paper; the compiled text says the same.

The day is 2026-09-30; August is no school month. The child is in grade 4.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from screening_cases import History, differences, every_measure, reference

ON = dt.date(2026, 9, 30)
Row = dict[str, Any]


def months(item: str, **values: object) -> list[Row]:
    """sep=3: a row of September 2026; `?` is one that nobody could read, and a month left out has none."""
    numbers = {"mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9}
    rows: list[Row] = []
    for name, value in values.items():
        row: Row = {"item": item, "at": dt.date(2026, numbers[name], 1)}
        if value == "?":
            row["state"] = "unknown"
        elif isinstance(value, str) and item == "school_fee":
            row["text"] = value
        else:
            row["number"] = Decimal(str(value))
        rows.append(row)
    return rows


def events(item: str, *days: dt.date | str, **columns: object) -> list[Row]:
    return [{"item": item, "at": dt.date.fromisoformat(str(day)), **columns} for day in days]


def moods(*texts: str) -> list[Row]:
    """The newest first, one a day; `-` is a day on which the school asked and the child did not answer."""
    rows: list[Row] = []
    for back, text in enumerate(texts):
        at, who = ON - dt.timedelta(back), "C" if text != "-" else "other"
        rows.append({"item": "mood", "at": at, "label": "101", "text": text if text != "-" else "sunny", "who": who})
    return rows


@pytest.mark.parametrize(
    ("indicator", "facts", "state", "value", "worst"),
    [
        # The mean of six calendar months is over the five school months; one unknown leaves it unknown.
        ("mean_all", months("absent_days", apr=1, may=2, jun=3, jul=4, sep=6), "known", "16/5", "16/5"),
        ("mean_all", months("absent_days", apr=1, may=2, jun="?", jul=4, sep=6), "missing", None, "33/5"),
        ("mean_all", [], "missing", None, "20"),
        # Two of four known months are enough, and the mean is of those two.
        ("mean_some", months("absent_days", jul=4, sep=7), "known", "11/2", "11/2"),
        ("mean_some", months("absent_days", sep=7), "missing", None, "67/4"),
        # Of a number that is bad when low, the unknown months count as the low number.
        ("mean_low", [], "missing", None, "0"),
        ("mean_low", months("school_days", sep="16.5"), "known", "33/2", "33/2"),
        # A month without a visit has none; a row that cannot be read leaves its month in doubt.
        ("mean_visits", events("infirmary_visit", "2026-09-01", "2026-09-02", "2026-06-30"), "known", "1", "1"),
        ("mean_visits", events("infirmary_visit", "2026-09-01", state="unknown"), "missing", None, "3"),
        # 3 counts and 10 does not: at least 3 and below 10.
        ("months_where", months("absent_days", mar=3, apr=9, may=10, jun=2, jul=3, sep=0), "known", "3", "3"),
        ("months_where", months("absent_days", mar=3, apr=9, may=10, jun=2, jul="?"), "missing", "2", "4"),
        ("months_where", [], "missing", None, "6"),
        ("months_visits", events("infirmary_visit", *["2026-09-01"] * 3, *["2026-07-01"] * 2), "known", "1", "1"),
        # The longest run, wherever it stands; the holiday month does not break it.
        (
            "run_unpaid",
            months("school_fee", mar="paid", apr="unpaid", may="paid", jun="paid", jul="unpaid", sep="unpaid"),
            "missing",
            "2",
            "2",
        ),
        ("run_absent", months("absent_days", mar=3, apr=3, may=0, jun=5, jul=5, sep=5), "missing", "3", "3"),
        ("run_absent", months("absent_days", mar=3, apr=3, may="?", jun=5, jul=5, sep=2), "missing", "2", "6"),
        (
            "run_visits",
            events("infirmary_visit", "2026-05-08", "2026-06-09", "2026-07-10", "2026-09-30"),
            "known",
            "4",
            "4",
        ),
        ("change", [], "missing", None, "20"),
        ("slope", months("absent_days", may=1, jun=2, jul=3, sep=4), "known", "1", "1"),
        ("slope", months("absent_days", may=4, jun=1, jul=2, sep=0), "known", "-11/10", "-11/10"),
        ("slope", months("absent_days", may=4, jun=1, jul="?", sep=0), "missing", None, "20"),
        (
            "ratio",
            [
                *months("absent_days", apr=1, may=2, jun=3, jul=4, sep=6),
                *months("school_days", apr=15, may="16.5", jun=20, jul=10, sep=18),
            ],
            "known",
            "32/159",
            "32/159",
        ),
        (
            "ratio",
            [
                *months("absent_days", apr=0, may=0, jun=0, jul=0, sep=0),
                *months("school_days", apr=0, may=0, jun=0, jul=0, sep=0),
            ],
            "missing",
            None,
            "1",
        ),
        # The latest notification; a consultation is none. One past `forget_after` is none either.
        ("since_report", events("report", "2026-09-01", "2026-05-01", text="notification"), "known", "29", "29"),
        ("since_report", events("report", "2026-09-01", text="consultation"), "not_applicable", None, None),
        ("since_report", events("report", "2025-09-30", text="notification"), "not_applicable", None, None),
        ("since_report", events("report", "2025-10-01", text="notification"), "known", "364", "364"),
        ("since_report", events("report", "2026-09-01", state="unknown"), "missing", None, "0"),
        ("since_move", [], "missing", None, "0"),
        # From the newest back, until an answer is another; a day without an answer is no answer.
        ("run_mood", moods("rainy", "-", "thunder", "rainy", "cloudy", "rainy"), "known", "3", "3"),
        ("run_mood", moods("sunny", "rainy", "rainy", "rainy", "rainy"), "known", "0", "0"),
        ("run_mood", moods("rainy", "rainy", "rainy", "rainy"), "missing", None, "30"),
    ],
)
def test_a_measure_says_what_was_worked_out_by_hand(
    indicator: str, facts: list[Row], state: str, value: str | None, worst: str | None
) -> None:
    history = History()
    for who in ("C", "other"):
        history.person(who, birth_date=dt.date(2016, 5, 5), household_id=f"H{who}", school="101")
    _add(history, facts)
    reading = reference(history, every_measure(), ON)["C"].readings[indicator]
    assert (reading.state, reading.value, reading.worst) == (state, _exact(value), _exact(worst))
    assert differences(history, every_measure(), ON) == {}


def test_a_change_is_of_the_latest_months_beside_those_before() -> None:
    history = History()
    history.person("C", birth_date=dt.date(2016, 5, 5), household_id="H", school="101")
    # July and September beside February to June: 5 less 2.
    _add(history, months("absent_days", mar=2, apr=1, may=3, jun=2, jul=6, sep=4))
    history.fact("C", "absent_days", at=dt.date(2026, 2, 1), number=Decimal(2))
    assert reference(history, every_measure(), ON)["C"].readings["change"].value == 3
    assert differences(history, every_measure(), ON) == {}


def test_a_first_grader_has_no_slope_and_no_change_before_enough_months() -> None:
    history = History()
    history.person("C", birth_date=dt.date(2019, 5, 5), household_id="H", school="101")
    _add(history, months("absent_days", apr=1, may=2, jun=3, jul=4, sep=5))
    readings = reference(history, every_measure(), ON)["C"].readings
    assert readings["change"].state == "not_applicable", "seven months, and five of school life"
    assert readings["slope"].value == 1
    assert readings["run_absent"].value == 3, "months before school do not count"
    assert readings["months_where"].state == "known"
    assert differences(history, every_measure(), ON) == {}


def test_the_others_of_a_household_are_counted_and_the_child_is_not() -> None:
    history = History()
    people = {
        "C": dt.date(2016, 5, 5),
        "sister": dt.date(2008, 10, 1),  # 18 tomorrow
        "brother": dt.date(2008, 9, 30),  # 18 today
        "mother": dt.date(1985, 3, 3),
        "guest": None,  # whose birth date nobody could read
    }
    for name, birth in people.items():
        history.person(name, birth_date=birth, household_id="H")
    for name in ("C", "sister", "brother", "mother"):
        history.fact(name, "residence", at=dt.date(2020, 1, 1))
    history.person("neighbour", birth_date=dt.date(1980, 1, 1), household_id="N")
    history.fact("neighbour", "residence", at=dt.date(2020, 1, 1))
    readings = reference(history, every_measure(), ON)["C"].readings
    assert (readings["adults"].state, readings["adults"].value) == ("known", 2), "the guest has no row, so has none"
    assert (readings["children"].state, readings["children"].value) == ("known", 1)
    history.fact("guest", "residence", at=dt.date(2026, 9, 1))
    readings = reference(history, every_measure(), ON)["C"].readings
    assert (readings["adults"].state, readings["adults"].value, readings["adults"].worst) == ("missing", 2, 3)
    history.fact("sister", "report", at=dt.date(2025, 10, 1), text="notification")
    history.fact("brother", "council_register", at=dt.date(2026, 9, 1), state="unknown")
    history.fact("C", "council_register", at=dt.date(2026, 9, 1), text="protection")
    readings = reference(history, every_measure(), ON)["C"].readings
    assert readings["children_reported"].value == 1
    assert (readings["others_registered"].state, readings["others_registered"].value) == ("missing", 0)
    assert readings["others_registered"].worst == 1
    assert differences(history, every_measure(), ON) == {}


def _add(history: History, facts: list[Row]) -> None:
    for fact in facts:
        columns = dict(fact)
        history.fact(columns.pop("who", "C"), columns.pop("item"), **columns)


def _exact(value: str | None) -> Fraction | None:
    return None if value is None else Fraction(value)

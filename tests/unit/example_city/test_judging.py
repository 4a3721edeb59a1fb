"""The three judgments at their thresholds, worked out from facts that a reader can check by hand."""

from datetime import date
from types import SimpleNamespace

import pytest

from tsunagu.example_city.calendar import calendar_of
from tsunagu.example_city.judging import Judge, Judgment
from tsunagu.example_city.measures import doses_of
from tsunagu.example_city.people import Child, Household, Month, Name, Person, School, Seat, school_year_of
from tsunagu.example_city.places import Address

T = date(2026, 9, 30)
SIX = [date(2026, month, 1) for month in (4, 5, 6, 7, 9)]


class _Case:
    """A pupil of grade 4 of whom everything is known and nothing is the matter."""

    def __init__(self, birth: date = date(2016, 6, 1), in_date: date | None = None) -> None:
        home = Household("H0", "1", "main", Address("若葉", 1, 1, 1, ""))
        self.parent = Person(date(1985, 1, 1), 2, Name("", "", "", ""), home, "世帯主", False, "P1", "1")
        self.pupil = Person(birth, 1, Name("", "", "", ""), home, "子", True, "P2", "2", in_date=in_date or birth)
        home.members += [self.parent, self.pupil]
        self.child = Child(school_year_of(birth))
        self.pupil.child = self.child
        school = School(0, "東小学校", "001101", False, "s")
        self.child.seats[2026] = Seat(school, 4, 1, 1, "1", "u1", "x")
        for month in SIX:
            self.months(month)
        self.child.tests = {2025: ("50.0", "50.0"), 2026: ("50.0", "50.0")}
        self.child.answers = {year: ("4.0",) * 5 for year in (2025, 2026)}
        self.child.mood = {date(2026, 9, day): "晴れ" for day in range(1, 21)}
        self.tax = "1"
        self.lost: list[tuple[str, str, str, str, str]] = []

    def months(self, month: date, absent: int = 0, visits: int = 0, unpaid: int = 0) -> None:
        self.child.months[month] = Month(20, 0, absent, 0, 0, visits, unpaid)

    def judged(self) -> Judgment:
        city = SimpleNamespace(
            calendar=calendar_of(T, 12),
            taxes={2026: [(self.parent, self.tax)] if self.tax else []},
            children=[self.pupil],
        )
        return Judge(city, self.lost).judge(self.pupil)  # type: ignore[arg-type]


def test_nothing_the_matter() -> None:
    found = _Case().judged()
    assert found[2:13] == ("0", "0", "0", "0", "0", "0", "該当なし", "該当なし", 0, "", "")


@pytest.mark.parametrize(
    ("scores", "codes", "level"),
    [(("39.9", "40.0"), {"A1", "A3"}, "2"), (("40.0", "40.0"), {"A2", "A3"}, "2"), (("45.0", "45.0"), {"A3"}, "1"),
     (("45.1", "45.0"), set(), "0")],
)  # fmt: skip
def test_scores_at_the_thresholds(scores: tuple[str, str], codes: set[str], level: str) -> None:
    case = _Case()
    case.child.tests[2026] = scores
    found = case.judged()
    assert set(filter(None, found.reasons.split(";"))) == codes
    assert found.academic == level


def test_unknown_scores_leave_the_level_open() -> None:
    case = _Case()
    del case.child.tests[2026]
    found = case.judged()
    assert (found.academic, found.academic_upper, found.overall, found.missing) == ("U", "2", "判定保留", "?A1")


def test_ten_days_absent_in_one_of_the_last_three_months() -> None:
    case = _Case()
    case.months(SIX[2], absent=10)
    assert case.judged().noncognitive == "2"
    case.months(SIX[2], absent=9)
    assert case.judged().noncognitive == "0"
    case.months(SIX[1], absent=6)
    assert case.judged().reasons == "N1c"


def test_absence_rising_three_months_in_a_row() -> None:
    case = _Case()
    for month, days in zip(SIX[2:], (0, 1, 3), strict=True):
        case.months(month, absent=days)
    assert case.judged().reasons == "N1b"
    case.months(SIX[4], absent=2)
    assert case.judged().reasons == ""


def test_a_lost_month_is_unknown_and_touches_the_child() -> None:
    case = _Case()
    case.lost = [("P2", "absent", "2026-09", "quarantine", "f")]
    found = case.judged()
    assert (found.noncognitive, found.noncognitive_upper, found.missing) == ("U", "2", "?N1")
    assert found.touched_by_lost_fact == 1


@pytest.mark.parametrize(
    ("tax", "code", "level"), [("3", "P4a", "1"), ("2", "P4b", "1"), ("9", "", "U"), ("", "", "U")]
)
def test_tax_class_of_the_household(tax: str, code: str, level: str) -> None:
    case = _Case()
    case.tax = tax
    found = case.judged()
    assert (found.reasons, found.poverty) == (code, level)


def test_full_allowance_and_exemption_together_are_level_two() -> None:
    case = _Case()
    case.tax = "3"
    case.child.rearing[2026] = "全部支給"
    assert case.judged().poverty == "2"


def test_two_unpaid_months_and_refused_aid() -> None:
    case = _Case()
    case.months(SIX[0], unpaid=1)
    case.child.aid[2026] = "否認定"
    assert case.judged().reasons == "P6"
    case.months(SIX[4], unpaid=1)
    assert case.judged().reasons == "P5;P6"


def test_register_of_the_council_alone_is_the_highest_level() -> None:
    case = _Case()
    case.child.register.append(("要保護児童", date(2026, 1, 1), None, None))
    assert case.judged().overall == "重点支援"
    case.child.register[0] = ("要保護児童", date(2026, 1, 1), T, None)
    assert case.judged().overall == "該当なし"


def test_a_report_counts_for_one_year() -> None:
    case = _Case()
    case.child.reports.append((date(2025, 9, 30), "通告"))
    assert case.judged().reasons == ""
    case.child.reports.append((date(2025, 10, 1), "通告"))
    assert case.judged().reasons == "N4c"


def test_bad_mood_on_twelve_of_twenty_days() -> None:
    case = _Case()
    case.child.mood = {date(2026, 9, day): "雨" if day <= 12 else "晴れ" for day in range(1, 21)}
    assert case.judged().reasons == "N5"
    case.child.mood[date(2026, 9, 1)] = "晴れ"
    assert case.judged().reasons == ""


def test_months_before_moving_in_are_unknown() -> None:
    case = _Case(in_date=date(2026, 6, 15))
    case.child.months = {month: facts for month, facts in case.child.months.items() if month >= date(2026, 6, 1)}
    found = case.judged()
    assert {"?P5", "?N1"} <= set(found.missing.split(";"))
    assert "?N3" not in found.missing


def test_doses_before_moving_in_are_unknown_later_ones_missing() -> None:
    case = _Case(birth=date(2023, 1, 31), in_date=date(2024, 1, 29))
    doses = doses_of(case.pupil, T)
    # The doses of month 12 were planned for 28 January 2024 (day 28 at most): before the family came.
    assert set(doses.missing) == {"水痘2", "日本脳炎1"}
    assert len(doses.unknown) == 10
    assert len(doses.due) == 12


def test_check_ups_not_seen() -> None:
    case = _Case(birth=date(2022, 12, 30))
    case.child.doses = [(word, T) for word in doses_of(case.pupil, T).due]
    case.child.checkups = [("4か月児健診", 2, None), ("1歳6か月児健診", 3, None), ("3歳児健診", 1, T)]
    found = case.judged()
    assert (found.academic, found.reasons, found.noncognitive) == ("NA", "N6a", "1")
    case.child.checkups.pop()
    found = case.judged()
    assert (found.reasons, found.missing, found.noncognitive_upper) == ("N6a", "?N6", "2")

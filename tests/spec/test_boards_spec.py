"""What the school boards call a streak, often, seldom and a change, as tables a school nurse reads."""

from __future__ import annotations

import datetime as dt

import pytest

from tsunagu.casework.boards import (
    Answer,
    Day,
    Kind,
    Said,
    Share,
    Worse,
    newly_seldom,
    newly_worse,
    share,
    standard_thresholds,
    streaks,
)

title = "学級ボードの目印 / Marks of the class board"

FIRST = dt.date(2026, 9, 1)
SIGNS = {"欠": Said.YES, "出": Said.NO, "？": Said.UNKNOWN, "停": Said.EXCUSED}

# 欠 欠席、出 出席、停 出席停止・忌引、？ わからない日 / absent, present, excused, not known.
# Each streak: days known / not known between / not known around / excused, and whether it is three in a row.
STREAKS = """
一日もない / not one day
出 出 出                  |
？ ？ ？                  |
停 停 停                  |
続けて / in a row
欠 出 出                  | 1/0/0/0 no
欠 欠 出                  | 2/0/0/0 no
出 欠 欠 欠               | 3/0/0/0 yes
欠 欠 欠 欠 欠            | 5/0/0/0 yes
欠 欠 出 欠               | 2/0/0/0 no, 1/0/0/0 no
出席停止は続きを切らず、数えもしない / an excused day neither ends it nor counts
欠 停 欠                  | 2/0/0/1 no
欠 停 欠 欠               | 3/0/0/1 yes
停 欠 欠 停               | 2/0/0/0 no
わからない日は切らず、数えず、そばに書く / a day not known neither ends it nor counts; it is told beside
欠 ？ 欠                  | 2/1/0/0 perhaps
欠 ？ 欠 欠               | 3/1/0/0 yes
欠 ？ ？ 欠 欠            | 3/2/0/0 yes
出 欠 欠 ？               | 2/0/1/0 perhaps
？ 欠 欠 出               | 2/0/1/0 perhaps
欠 欠 ？ 出               | 2/0/1/0 perhaps
欠 ？ ？                  | 1/0/2/0 no
わからない日が三日続けば、つながっているとは言わない / three of them: nobody says that it went on
欠 欠 ？ ？ ？ 欠 欠      | 2/0/0/0 no, 2/0/0/0 no
欠 欠 欠 ？ ？ ？ 欠      | 3/0/0/0 yes, 1/0/0/0 no
"""


def _days(signs: str) -> list[Day]:
    return [Day(FIRST + dt.timedelta(days=n), SIGNS[sign]) for n, sign in enumerate(signs.split())]


def _table(text: str) -> list[tuple[str, str]]:
    """(given, then) rows; a line without a bar is a heading."""
    return [(g.strip(), t.strip()) for g, bar, t in (line.partition("|") for line in text.splitlines()) if bar]


@pytest.mark.parametrize(("given", "then"), _table(STREAKS))
def test_streaks(given: str, then: str) -> None:
    found = [f"{run.days}/{run.unknown}/{run.around}/{run.excused} {run.reaches(3)}" for run in streaks(_days(given))]
    assert ", ".join(found) == then


def test_a_streak_says_from_when_to_when() -> None:
    (run,) = streaks(_days("出 欠 停 ？ 欠 欠 出"))
    assert (run.first, run.last) == (dt.date(2026, 9, 2), dt.date(2026, 9, 6))


# その日数 / わかっている日数 / わからない日数、しきい値(百分の)、結果
OFTEN = [
    (0, 20, 0, 10, Answer.NO),
    (2, 20, 0, 10, Answer.YES),
    (1, 20, 0, 10, Answer.NO),
    (2, 15, 10, 10, Answer.PERHAPS),  # so often among the days that are known; the others could undo it
    (1, 2, 18, 10, Answer.NO),  # one day alone is not often
    (0, 0, 20, 10, Answer.NO),
    (20, 20, 0, None, Answer.NO),  # not used
]


@pytest.mark.parametrize(("yes", "known", "unknown", "hundredths", "then"), OFTEN)
def test_often(yes: int, known: int, unknown: int, hundredths: int | None, then: Answer) -> None:
    assert Share(yes, known, unknown).reaches(hundredths) is then


def test_the_window_holds_so_many_days_of_the_calendar_and_no_excused_one() -> None:
    days = [Day(dt.date(2026, 9, day), said) for day, said in ((1, Said.YES), (2, Said.YES), (3, Said.EXCUSED),
        (4, Said.NO), (5, Said.UNKNOWN), (9, Said.YES))]  # fmt: skip
    assert share(days, until=dt.date(2026, 9, 8), window_days=7) == Share(1, 2, 1)


# よくない天気が、その子にとってめずらしい日だけ、変化として示す / bad weather is a change where it is seldom
SELDOM = """
出出出出出出出出出出出出出出出出出出出欠 | 20
出出出出出出出出出出出出出出出出出出欠 | -
欠出出出出出出出出出出出出出出出出出出欠 | -
出出出出出出出出出出出出出出出出出出出欠出 | -
出出出出出出出出出出出出出出出出出出出欠？ | 20
欠 | -
？？？ | -
"""


@pytest.mark.parametrize(("given", "then"), _table(SELDOM))
def test_seldom(given: str, then: str) -> None:
    days = _days(" ".join(given))
    found = newly_seldom(days, until=days[-1].day, thresholds=standard_thresholds())
    assert (str(found.day) if found else "-") == then


WORSE = """
sunny cloudy           | -
sunny rainy            | sunny rainy
cloudy thunder         | cloudy thunder
thunder sunny          | -
rainy thunder          | -
sunny thunder thunder  | -
thunder                | -
"""


@pytest.mark.parametrize(("given", "then"), _table(WORSE))
def test_worse(given: str, then: str) -> None:
    answers = [(FIRST + dt.timedelta(days=n), code) for n, code in enumerate(given.split())]
    found = newly_worse(answers, steps=standard_thresholds().steps)
    assert (f"{found.from_code} {found.to_code}" if found else "-") == then
    assert found is None or (isinstance(found, Worse) and (found.before, found.day) == (answers[-2][0], answers[-1][0]))


def test_what_holds_until_a_school_has_chosen() -> None:
    usual = standard_thresholds()
    assert set(usual.in_row.values()) == {3}
    assert set(usual.often.values()) == {None}
    assert (usual.window_days, usual.seldom, usual.steps) == (30, 5, 2)
    assert set(usual.in_row) == set(usual.often) == set(Kind)

"""Reminders: who is told from which day, to whom it goes when nobody acts, and when a mail may leave."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tsunagu.casework.reminders import (
    AHEAD,
    PASSED_ON,
    TABLE,
    Kind,
    Matter,
    Who,
    kind_by_day,
    load_choices,
    may_mail,
    told,
)
from tsunagu.errors import SourceError
from tsunagu.municipality import check_city

TOKYO = dt.timezone(dt.timedelta(hours=9))
DAY = dt.date(2026, 11, 4)  # a Wednesday
OWNER, BOSS = 1, 2
STANDARD = load_choices(None)


def a_matter(kind: Kind, *, owner: int | None = OWNER, boss: int | None = BOSS) -> Matter:
    first = {who: frozenset({owner} if owner else ()) for who in TABLE[kind].tells}
    return Matter(kind, 7, DAY, {**first, **({Who.SUPERVISOR: frozenset({boss})} if boss else {})})


def staff_told(matter: Matter, days: int) -> dict[int, bool]:
    """Who is told so many days after the day itself, and whether it was passed on to them."""
    found = told([matter], on=DAY + dt.timedelta(days=days), choices=STANDARD)
    return {one.staff: one.is_passed_on for one in found}


@pytest.mark.parametrize(
    ("kind", "days", "whom"),
    [
        (Kind.TASK_DUE, -4, {}),
        (Kind.TASK_DUE, -3, {OWNER: False}),
        (Kind.TASK_OVERDUE, 1, {OWNER: False}),
        (Kind.TASK_OVERDUE, 3, {OWNER: False, BOSS: True}),
        (Kind.REASSESSMENT_OVERDUE, 0, {OWNER: False}),
        (Kind.REASSESSMENT_OVERDUE, 1, {OWNER: False, BOSS: True}),
        (Kind.NOT_SEEN, -1, {}),
        (Kind.NOT_SEEN, 2, {OWNER: False, BOSS: True}),
        (Kind.WATCH_DUE, 4, {OWNER: False}),
        (Kind.WATCH_DUE, 5, {OWNER: False, BOSS: True}),
        (Kind.REFERRAL_WAITS, 400, {OWNER: False}),
        (Kind.REFERRAL_ANSWERED, 14, {OWNER: False}),
        (Kind.REFERRAL_ANSWERED, 15, {}),
    ],
)
def test_who_is_told_on_which_day(kind: Kind, days: int, whom: dict[int, bool]) -> None:
    assert staff_told(a_matter(kind), days) == whom


@pytest.mark.parametrize("kind", [k for k in Kind if Who.SUPERVISOR not in TABLE[k].tells])
def test_where_nobody_is_there_the_supervisors_stand_in_at_once(kind: Kind) -> None:
    assert staff_told(a_matter(kind, owner=None), 0) == {BOSS: True}
    assert staff_told(a_matter(kind, owner=None, boss=None), 0) == {}


def test_a_supervisor_who_has_it_to_do_is_told_once() -> None:
    assert staff_told(a_matter(Kind.TASK_OVERDUE, boss=OWNER), 9) == {OWNER: False}


@pytest.mark.parametrize(
    ("days", "kind"),
    [(-4, Kind.TASK_GIVEN), (-3, Kind.TASK_DUE), (0, Kind.TASK_DUE), (1, Kind.TASK_OVERDUE)],
)
def test_a_task_is_one_kind_of_matter_on_each_day(days: int, kind: Kind) -> None:
    on = DAY + dt.timedelta(days=days)
    kinds = {"before": Kind.TASK_GIVEN, "near": Kind.TASK_DUE, "after": Kind.TASK_OVERDUE}
    assert kind_by_day(DAY, on=on, choices=STANDARD, **kinds) is kind


def test_the_table_and_the_days_of_the_city_speak_of_the_same_kinds() -> None:
    assert set(TABLE) == set(Kind)
    assert (set(STANDARD.ahead), set(STANDARD.pass_on)) == (set(AHEAD), set(PASSED_ON))


@pytest.mark.parametrize(
    ("hour", "is_day_off", "of_the_day", "at_once"),
    [
        (6, False, False, False),
        (7, False, False, True),
        (8, False, True, True),
        (18, False, True, True),
        (19, False, False, False),
        (12, True, False, False),
    ],
)
def test_hours_of_mail(hour: int, is_day_off: bool, of_the_day: bool, at_once: bool) -> None:
    now = dt.datetime(2026, 11, 4, hour, 0, tzinfo=TOKYO)
    found = [may_mail(now, is_day_off=is_day_off, is_at_once=which, choices=STANDARD) for which in (False, True)]
    assert found == [of_the_day, at_once]


def test_a_city_lets_urgent_mail_out_on_days_off(tmp_path: Path) -> None:
    (tmp_path / "casework.toml").write_text('[reminders.mail]\nat_once_on_days_off = "yes"\nquiet_to = 9\n'
                                            "digest_hour = 10\n", encoding="utf-8")  # fmt: skip
    choices = load_choices(tmp_path)
    now = dt.datetime(2026, 11, 3, 9, 0, tzinfo=TOKYO)
    assert [may_mail(now, is_day_off=True, is_at_once=w, choices=choices) for w in (False, True)] == [False, True]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("digest_hour = 24", "digest_hour"),
        ("digest_hour = 20", "quiet hours"),
        ('at_once = ["task_giwen"]', "task_giwen"),
        ('at_once_on_days_off = "never"', "yes or no"),
        ("digest_our = 8", "digest_our"),
    ],
)
def test_a_wrong_choice_is_named(tmp_path: Path, wrong: str, words: str) -> None:
    (tmp_path / "casework.toml").write_text(f"[reminders.mail]\n{wrong}\n", encoding="utf-8")
    with pytest.raises(SourceError, match=words):
        load_choices(tmp_path)
    assert any(words in str(mistake) for mistake in check_city(tmp_path)), "`tsunagu check` says so too"

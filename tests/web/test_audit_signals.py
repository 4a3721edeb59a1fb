"""Unusual access is told as a fact just over its limit, and not told just under it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.test import Client

from builders import a_child, an_id
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit import services
from tsunagu_web.audit.days_off import is_day_off, national_holidays
from tsunagu_web.audit.services import append
from tsunagu_web.audit.signals import LIMITS, Signal, signals_since

AOI = an_id("例川 あおい")
TOKYO = ZoneInfo("Asia/Tokyo")
MONDAY = dt.datetime(2026, 11, 16, 10, 0, tzinfo=TOKYO)
NOW = MONDAY + dt.timedelta(days=2)


class Clock:
    """What the log takes for the time."""

    def __init__(self) -> None:
        self.at = MONDAY

    def now(self) -> dt.datetime:
        self.at += dt.timedelta(seconds=1)
        return self.at


@pytest.fixture
def clock(desk: None, monkeypatch: pytest.MonkeyPatch) -> Clock:
    set_to = Clock()
    monkeypatch.setattr(services, "timezone", set_to)
    return set_to


def look(staff: Staff, *persons: str, action: str = "view") -> None:
    append(action=action, object="decision" if action == "decide" else "child", staff=staff, persons=persons)


def looks(staff: Staff, count: int, *, start: int = 0, action: str = "view") -> None:
    for number in range(start, start + count):
        look(staff, f"P{number}", action=action)


def told(code: str) -> list[Signal]:
    return [signal for signal in signals_since(now=NOW) if signal.code == code]


@pytest.mark.parametrize(
    ("name", "is_told"),
    [
        ("例川 太郎", True),
        ("例川　太郎", True),
        ("例川太郎", True),
        ("例田 太郎", False),
        ("例 川太郎", False),
        ("職員A", False),
    ],
)
def test_a_family_of_the_same_surname(
    name: str, is_told: bool, clock: Clock, intake: Callable[..., object], staff: Callable[..., Staff]
) -> None:
    intake(a_child())
    member = staff()
    member.name = name
    member.save()
    look(member, AOI)
    found = told("same_surname")
    assert bool(found) == is_told
    if is_told:
        assert (found[0].day, found[0].actor, dict(found[0].numbers)) == (MONDAY.date(), member.actor, {"looks": 1})
        assert AOI not in found[0].fact
        assert "例川" not in found[0].fact


def test_variant_characters_do_not_hide_a_surname(
    clock: Clock, intake: Callable[..., object], staff: Callable[..., Staff]
) -> None:
    intake(a_child("髙例 あおい", "タカレイ アオイ"))
    member = staff()
    member.name = "高例 太郎"
    member.save()
    look(member, an_id("髙例 あおい"))
    assert len(told("same_surname")) == 1


def days_of(staff: Staff, clock: Clock, each: int, *, days: int = 6) -> None:
    """So many looks on each of the working days before."""
    for back in range(days, 0, -1):
        clock.at = MONDAY - dt.timedelta(days=back + 7)
        looks(staff, each)
    clock.at = MONDAY


def test_a_spike_against_the_persons_own_and_the_roles_usual_day(clock: Clock, staff: Callable[..., Staff]) -> None:
    member, other = staff(), staff(login="other")
    days_of(member, clock, 10)
    days_of(other, clock, 10)
    looks(member, LIMITS["spike"]["times"] * 10 - 1)
    assert told("spike") == [], "29 of 30"
    looks(member, 1)
    assert dict(told("spike")[0].numbers) == {"looks": 30, "own": 10, "role": 10}


def test_a_busy_role_is_no_spike(clock: Clock, staff: Callable[..., Staff]) -> None:
    member, other = staff(), staff(login="other")
    days_of(member, clock, 2)
    days_of(other, clock, 20)
    looks(member, 40)
    assert told("spike") == []
    looks(member, 20)
    assert len(told("spike")) == 1


@pytest.mark.parametrize(
    ("at", "is_told"),
    [
        (MONDAY.replace(hour=21, minute=50), False),
        (MONDAY.replace(hour=22), True),
        (MONDAY.replace(hour=5, minute=50), True),
        (MONDAY.replace(hour=6), False),
        (MONDAY - dt.timedelta(days=1), True),
        (dt.datetime(2026, 11, 3, 10, 0, tzinfo=TOKYO), True),
    ],
)
def test_looks_at_night_and_on_days_off(
    at: dt.datetime, is_told: bool, clock: Clock, staff: Callable[..., Staff]
) -> None:
    clock.at = at
    looks(staff(), LIMITS["outside_hours"]["least"] - 1)
    then = at + dt.timedelta(days=1)
    assert [s for s in signals_since(now=then) if s.code == "outside_hours"] == []
    looks(staff(), 1)
    assert bool([s for s in signals_since(now=then) if s.code == "outside_hours"]) == is_told


def test_a_walk_through_ids(clock: Clock, staff: Callable[..., Staff]) -> None:
    least = LIMITS["walk"]["refused"]
    looks(staff(), least - 1, action="refused")
    look(staff(), "P0", action="refused")  # the same one again
    assert told("walk") == []
    look(staff(), "P50")  # something was opened: the row ends
    looks(staff(), least - 1, start=10, action="refused")
    assert told("walk") == []
    clock.at += dt.timedelta(minutes=LIMITS["walk"]["minutes"] + 1)
    looks(staff(), 1, start=20, action="refused")
    assert told("walk") == [], "a long pause ends the row too"
    looks(staff(), least - 1, start=30, action="refused")
    assert dict(told("walk")[0].numbers) == {"refused": least}


def test_many_pages_without_a_decision(clock: Clock, staff: Callable[..., Staff]) -> None:
    least, times = LIMITS["no_decision"]["least"], LIMITS["no_decision"]["times"]
    looks(staff(), least - 1)
    looks(staff(), 5)  # the same children again
    assert told("no_decision") == []
    looks(staff(), 1, start=100)
    assert dict(told("no_decision")[0].numbers) == {"without": least, "with": 0}
    for number in range(200, 200 + least // times + 1):
        look(staff(), f"P{number}", action="decide")
        look(staff(), f"P{number}")
    assert told("no_decision") == [], "somebody who decides on one of ten reads with a reason"


def test_a_role_that_decides_nothing_is_not_asked_for_decisions(clock: Clock, staff: Callable[..., Staff]) -> None:
    looks(staff(Role.VICE_PRINCIPAL), LIMITS["no_decision"]["least"] + 5)
    assert told("no_decision") == []


def test_the_page_tells_facts_and_steps_and_blames_nobody(
    clock: Clock, staff: Callable[..., Staff], as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks(staff(), LIMITS["walk"]["refused"], action="refused")
    monkeypatch.setattr("tsunagu_web.audit.views.signals_since", lambda: signals_since(now=NOW))
    page = as_role(Role.AUDITOR).get("/log/signals/").content.decode()
    assert "5人の別のこどもを続けて開こうとして" in page
    assert "登録された担当が正しいか" in page
    for word in ("疑", "不正", "違反"):
        assert word not in page
    assert as_role(Role.LEAD_WORKER).get("/log/signals/").status_code == 403


def test_the_command_prints_them(desk: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("audit_signals")
    assert "0 facts." in capsys.readouterr().out


def test_holidays_are_those_of_the_law() -> None:
    # As the Cabinet Office published them for 2026.
    published = "1-1 1-12 2-11 2-23 3-20 4-29 5-3 5-4 5-5 5-6 7-20 8-11 9-21 9-22 9-23 10-12 11-3 11-23"
    assert {f"{day.month}-{day.day}" for day in national_holidays(2026)} == set(published.split())
    assert dt.date(2025, 2, 24) in national_holidays(2025), "the Monday after a holiday on a Sunday"
    assert is_day_off(dt.date(2026, 12, 30))
    assert not is_day_off(dt.date(2026, 12, 28))

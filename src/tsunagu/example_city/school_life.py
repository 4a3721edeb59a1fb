"""What schools see: attendance, fees, the infirmary, the yearly survey and questionnaire, the daily mood.

Correlated with the needs of needs.py and with chance; clean values, before any damage.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import exp
from random import Random

from tsunagu.example_city.calendar import Calendar
from tsunagu.example_city.needs import active, months_into
from tsunagu.example_city.people import Child, Month, Person, Visit, fiscal_year

WEATHER = ("晴れ", "くもり", "雨", "雷")
_COMPLAINTS = ("気分不良", "発熱", "眠い", "腹痛", "頭痛", "けが")
_TELLING_COMPLAINTS = ("理由なし", "朝食をとっていない", "話をしたい", "吐き気")
_CARE = ("教室へ戻る", "処置", "早退", "話を聞く", "休養")
_REMARKS = ("", "", "", "担任へ連絡")
_TELLING_REMARKS = (
    "教室に入りにくい",
    "爪が伸びている",
    "同じ服が続く",
    "昨夜は妹の世話で寝ていない",
    "「家に帰りたくない」",
)


def live_school_years(pupils: Sequence[Person], calendar: Calendar, rng: Random) -> None:
    """Fill months, visits, tests, answers and mood of every pupil of a municipal school."""
    days = {month: calendar.days(month) for month in calendar.months}
    mood_days = {}
    for person in pupils:
        child = person.child
        if child is None or not child.seats:
            continue
        for month in calendar.school_months:
            if fiscal_year(month) in child.seats and enrolled(person, month):
                child.months[month] = _month(person, child, month, days[month], rng)
        for year in child.seats:
            _tests(person, child, year, rng)
            if date(year, 5, 1) <= calendar.on:
                _answers(person, child, year, rng)
        seat = child.seats.get(fiscal_year(calendar.on))
        if seat is not None:
            if seat.school.index not in mood_days:
                mood_days[seat.school.index] = _mood_days(calendar, days, rng)
            _mood(person, child, mood_days[seat.school.index], rng)


def enrolled(person: Person, month: date) -> bool:
    """The month of coming counts in full, the month of leaving not at all."""
    return person.present.replace(day=1) <= month and (
        person.out_date is None or month < person.out_date.replace(day=1)
    )


def _poisson(mean: float, rng: Random) -> int:
    if mean <= 0:
        return 0
    limit, product, count = exp(-mean), rng.random(), 0
    while product > limit and count < 40:
        product *= rng.random()
        count += 1
    return count


def _month(person: Person, child: Child, month: date, days: list[date], rng: Random) -> Month:
    total = len(days)
    excused = _poisson(0.16, rng) if rng.random() < 0.97 else rng.randint(3, 6)
    mean = child.absent_rate * (1.35 if month.month in (1, 2, 9) else 0.95)
    since = months_into(person, "refusal", month)
    if since >= 0:
        mean += min(13.0, 2.2 + 1.5 * since)
    if active(person, "neglect", month):
        mean += 1.1
    if active(person, "young_carer", month):
        mean += 0.8
    excused = min(excused, total)
    absent = min(_poisson(mean, rng), total - excused)
    late = _poisson(0.28 + 0.9 * active(person, "neglect", month) + 0.7 * active(person, "young_carer", month), rng)
    visits = 0 if not days else _poisson(0.17 + 0.7 * active(person, "neglect", month) + 0.7 * (since >= 0), rng)
    for _ in range(visits):
        child.visits.append(_visit(rng.choice(days), bool(child.needs), rng))
    chance = 0.5 if active(person, "poverty", month) else 0.05 if person.household.income < 0.5 else 0.018
    present = max(0, total - excused - absent)
    return Month(total, excused, absent, min(late, present), min(_poisson(0.13, rng), present), visits,
                 int(rng.random() < chance))  # fmt: skip


def _visit(day: date, troubled: bool, rng: Random) -> Visit:
    telling = troubled and rng.random() < 0.45
    clock = f"{rng.randint(8, 15)}:{rng.randint(0, 59):02}"
    complaint = rng.choice(_TELLING_COMPLAINTS if telling and rng.random() < 0.5 else _COMPLAINTS)
    return Visit(day, clock, complaint, rng.choice(_CARE), rng.choice(_TELLING_REMARKS if telling else _REMARKS))


def _tests(person: Person, child: Child, year: int, rng: Random) -> None:
    """The survey of April: those who were enrolled then; 2.5 % missed one or both papers."""
    spring = date(year, 4, 1)
    if not enrolled(person, spring):
        return
    mean = child.ability - 1.8 * sum(active(person, kind, spring) for kind in child.needs)
    scores = [f"{min(79.0, max(21.0, rng.gauss(mean, 4.4))):.1f}" for _ in range(2)]
    if rng.random() < 0.028:
        lost = rng.randrange(3)
        scores = ["" if lost in (2, position) else score for position, score in enumerate(scores)]
    child.tests[year] = (scores[0], scores[1])


def _answers(person: Person, child: Child, year: int, rng: Random) -> None:
    """The questionnaire of May; one pupil in thirty did not answer."""
    month = date(year, 5, 1)
    if not enrolled(person, month) or rng.random() < 0.03:
        return
    sad = 0.26 * sum(active(person, kind, month) for kind in child.needs)
    mean = child.spirit - sad + rng.gauss(0, 0.22)
    first, second, third, fourth, fifth = (f"{min(5.0, max(1.0, rng.gauss(mean, 0.48))):.1f}" for _ in range(5))
    child.answers[year] = (first, second, third, fourth, fifth)


def _mood_days(calendar: Calendar, days: dict[date, list[date]], rng: Random) -> list[date]:
    """The dates of a school's file: school days of the last four months, a few forgotten by the whole school."""
    found = [day for month in calendar.months[-4:] for day in days[month]]
    return [day for day in found if rng.random() < 0.97]


def _mood(person: Person, child: Child, dates: list[date], rng: Random) -> None:
    keen = 0.1 if rng.random() < 0.02 else rng.betavariate(11, 1.7)
    bad = min(0.85, child.bad_mood + 0.13 * len(child.needs))
    cloudy = 0.3
    for day in dates:
        if person.present > day or (person.out_date is not None and day >= person.out_date) or rng.random() > keen:
            continue
        draw = rng.random()
        if draw < bad:
            child.mood[day] = "雷" if draw < bad * 0.3 else "雨"
        else:
            child.mood[day] = "くもり" if draw < bad + cloudy else "晴れ"

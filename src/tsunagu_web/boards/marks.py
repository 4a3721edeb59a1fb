"""What a board marks of a pupil, in words with dates: days in a row, often, and what has changed.

Each mark compares the pupil with the thresholds of the school and with the pupil's own days, never with another pupil.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tsunagu.casework.boards import (
    Answer,
    Kind,
    Share,
    Streak,
    Thresholds,
    goes_on,
    newly_seldom,
    newly_worse,
    share,
    streaks,
)
from tsunagu_web.boards.days import Records
from tsunagu_web.cases.days import MONTHS

MOODS: Mapping[str, Promise] = {
    "sunny": gettext_lazy("Sunny"),
    "cloudy": gettext_lazy("Cloudy"),
    "rainy": gettext_lazy("Rainy"),
    "thunder": gettext_lazy("Thunder"),
    "unanswered": gettext_lazy("No answer"),
    "unknown": gettext_lazy("Not known"),
    "not_told": gettext_lazy("Not given by the day"),
}
ATTENDANCE: Mapping[str, Promise] = {
    "present": gettext_lazy("Present"),
    "sick": gettext_lazy("Absent, ill"),
    "other": gettext_lazy("Absent, other"),
    "excused": gettext_lazy("Excused"),
    "late": gettext_lazy("Late"),
    "early": gettext_lazy("Left early"),
    "late_early": gettext_lazy("Late and left early"),
    "unknown": gettext_lazy("Not known"),
    "not_told": gettext_lazy("Not given by the day"),
}


@dataclass(frozen=True)
class Mark:
    """One mark.

    kind        of what it speaks, for the lane it stands in
    text        the mark in one sentence, with its days
    aside       what is not known beside it, in further sentences
    is_perhaps  with days that are not known the threshold would be reached
    first, last the days it is about
    """

    kind: Kind
    text: str
    aside: tuple[str, ...]
    is_perhaps: bool
    first: dt.date
    last: dt.date


def marks_of(records: Records, thresholds: Thresholds, *, since: dt.date, until: dt.date) -> list[Mark]:
    """Every mark that reaches into the days from `since` to `until`: streaks, then often, then changes."""
    return [
        *(mark for kind in Kind for mark in _streaks(records, kind, thresholds, since, until)),
        *(mark for kind in Kind for mark in _often(records, kind, thresholds, until)),
        *_changes(records, thresholds, since, until),
    ]


def _streaks(records: Records, kind: Kind, to: Thresholds, since: dt.date, until: dt.date) -> Iterator[Mark]:
    days = [day for day in records.of(kind) if day.day <= until]
    for run in reversed(streaks(days)):
        reached = run.reaches(to.in_row[kind])
        if run.last >= since and reached is not Answer.NO:
            text = _in_row(kind, run) if goes_on(days, run) else _was_in_row(kind, run)
            yield Mark(kind, text, _aside(run), reached is Answer.PERHAPS, run.first, run.last)


def _in_row(kind: Kind, run: Streak) -> str:
    text = {
        Kind.ABSENCE: _("Absent %(length)d days in a row (%(first)s to %(last)s)"),
        Kind.LATENESS: _("Late %(length)d days in a row (%(first)s to %(last)s)"),
        Kind.INFIRMARY: _("In the infirmary %(length)d days in a row (%(first)s to %(last)s)"),
        Kind.MOOD: _("Rain or thunder %(length)d days in a row (%(first)s to %(last)s)"),
    }[kind]
    return text % {"length": run.days, "first": near_day(run.first), "last": near_day(run.last)}


def _was_in_row(kind: Kind, run: Streak) -> str:
    """The same of a streak that is over, with its last day."""
    text = {
        Kind.ABSENCE: _("Was absent %(length)d days in a row, from %(first)s to %(last)s"),
        Kind.LATENESS: _("Was late %(length)d days in a row, from %(first)s to %(last)s"),
        Kind.INFIRMARY: _("Was in the infirmary %(length)d days in a row, from %(first)s to %(last)s"),
        Kind.MOOD: _("Had rain or thunder %(length)d days in a row, from %(first)s to %(last)s"),
    }[kind]
    return text % {"length": run.days, "first": near_day(run.first), "last": near_day(run.last)}


def _aside(run: Streak) -> tuple[str, ...]:
    told = []
    if run.unknown:
        told.append(
            ngettext("%(n)d day between them is not known.", "%(n)d days between them are not known.", run.unknown)
            % {"n": run.unknown}
        )
    if run.around:
        told.append(
            ngettext("%(n)d day before or after is not known.", "%(n)d days before or after are not known.", run.around)
            % {"n": run.around}
        )
    if run.excused:
        told.append(
            ngettext("%(n)d excused day is left out.", "%(n)d excused days are left out.", run.excused)
            % {"n": run.excused}
        )
    return tuple(told)


def _often(records: Records, kind: Kind, to: Thresholds, until: dt.date) -> Iterator[Mark]:
    found = share(records.of(kind), until=until, window_days=to.window_days)
    reached = found.reaches(to.often[kind])
    if reached is not Answer.NO:
        first = until - dt.timedelta(days=to.window_days - 1)
        aside = ()
        if found.unknown:
            told = ngettext("%(n)d day of them is not known.", "%(n)d days of them are not known.", found.unknown)
            aside = (told % {"n": found.unknown},)
        yield Mark(kind, _how_often(kind, found, first), aside, reached is Answer.PERHAPS, first, until)


def _how_often(kind: Kind, found: Share, first: dt.date) -> str:
    text = {
        Kind.ABSENCE: _("Absent on %(n)d of %(of)d school days since %(first)s"),
        Kind.LATENESS: _("Late on %(n)d of %(of)d school days since %(first)s"),
        Kind.INFIRMARY: _("In the infirmary on %(n)d of %(of)d school days since %(first)s"),
        Kind.MOOD: _("Rain or thunder on %(n)d of %(of)d school days since %(first)s"),
    }[kind]
    return text % {"n": found.yes, "of": found.known + found.unknown, "first": near_day(first)}


def _changes(records: Records, to: Thresholds, since: dt.date, until: dt.date) -> Iterator[Mark]:
    worse = newly_worse([a for a in records.answers if a[0] <= until], steps=to.steps)
    if worse is not None and worse.day >= since:
        text = _("Change: from %(was)s (%(before)s) to %(now)s (%(day)s)") % {
            "was": MOODS[worse.from_code],
            "before": near_day(worse.before),
            "now": MOODS[worse.to_code],
            "day": near_day(worse.day),
        }
        yield Mark(Kind.MOOD, text, (), is_perhaps=False, first=worse.before, last=worse.day)
    days = records.of(Kind.MOOD)
    seldom = newly_seldom(days, until=until, thresholds=to)
    if seldom is not None and seldom >= since:
        found = share(days, until=until, window_days=to.window_days)
        text = _("Rain or thunder on %(day)s, seldom for this pupil: %(n)d of %(of)d answers in %(window)d days") % {
            "day": near_day(seldom),
            "n": found.yes,
            "of": found.known,
            "window": to.window_days,
        }
        yield Mark(Kind.MOOD, text, (), is_perhaps=False, first=seldom, last=seldom)


def near_day(day: dt.date) -> str:
    """A day within the year: 9月30日, 30 Sep."""
    return _("%(day)d %(month_name)s") % {"day": day.day, "month": day.month, "month_name": MONTHS[day.month - 1]}

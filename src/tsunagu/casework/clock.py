"""The re-assessment clock: which changed facts call for somebody to look at a child's case again, and by when.

A change starts the clock by what is known of it, and nothing is ever read from what is not: a fact that became unknown
starts nothing and is told as unknown; one that becomes known after it was unknown is not taken for "as before".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tsunagu.casework.rules import Rules

Months = Mapping[dt.date, Decimal | None]


class Cause(StrEnum):
    """What can start the clock, the most urgent first."""

    REPORT = "report"  # a new report or consultation
    INJURY = "injury"  # somebody who saw the child recorded injuries
    FLAT_WEIGHT = "flat_weight"
    NO_CONTACT = "no_contact"  # attempts in a row that reached nobody
    ABSENCE = "absence"
    MOVE = "move"
    NEW_ADULT = "new_adult"
    NEW_BABY = "new_baby"
    NOTICE = "notice"  # noticed again
    LEVEL = "level"  # the level rose
    PERSON = "person"  # a member of staff


URGENCY = tuple(Cause)


@dataclass(frozen=True)
class Situation:
    """What is known of a child at one moment.

    absences    days absent by the first day of the month; None: the month is there and its days are unknown
    weights     by the day of the measurement; None as above
    moves       days and codes of changes in the register
    reports     days of reports and consultations
    households  numbers of the child's households; None: unknown
    members     everybody else in the household; None: unknown
    adults      those of them who are grown, as the rules say; None: unknown
    babies      members of the household younger than the rules say; None: unknown
    level_rank  1 is the highest level
    """

    absences: Months = field(default_factory=dict)
    weights: Months = field(default_factory=dict)
    moves: frozenset[tuple[dt.date, str]] = frozenset()
    reports: frozenset[dt.date] = frozenset()
    households: frozenset[str] | None = None
    members: frozenset[str] | None = None
    adults: frozenset[str] | None = None
    babies: frozenset[str] | None = None
    is_listed: bool = False
    level_rank: int | None = None


@dataclass(frozen=True, order=True)
class Change:
    """One changed fact. reference: names it in codes, so that the same fact starts the clock once; day: of the fact."""

    cause: Cause
    reference: str
    day: dt.date


def changes(before: Situation, now: Situation, *, on: dt.date, rules: Rules) -> tuple[Change, ...]:
    """What starts the clock, in the order of urgency.

    on  the day `now` speaks of. Another fact in `now`, more days absent or a higher level never takes a cause away.
    """
    found = [
        *_absence(before.absences, now.absences, on, rules),
        *_weight(before.weights, now.weights, on, rules),
        *_moved(before, now, on, rules),
        *(
            Change(Cause.REPORT, f"report:{day.isoformat()}", day)
            for day in now.reports - before.reports
            if _is_recent(day, on, rules)
        ),
        *_adult(before, now, on),
        *_baby(before, now, on),
        *_noticed(before, now, on),
    ]
    return tuple(sorted(found, key=lambda change: (URGENCY.index(change.cause), change.day, change.reference)))


def no_contact(reached: Sequence[bool], rules: Rules) -> bool:
    """Whether the latest attempts, oldest first, reached nobody so often that the clock starts."""
    return attempts_since_reached(reached) >= rules.attempts


def attempts_since_reached(reached: Sequence[bool]) -> int:
    """How many attempts, oldest first, were made since somebody was reached last."""
    count = 0
    for was_reached in reversed(reached):
        if was_reached:
            break
        count += 1
    return count


def due_on(cause: Cause, started_on: dt.date, rules: Rules) -> dt.date:
    """The day by which somebody decides."""
    return started_on + dt.timedelta(days=rules.decide_days[cause])


def unclear(now: Situation, rules: Rules) -> tuple[Cause, ...]:
    """The causes of which nothing can be told at present, since the newest fact is unknown or there is none."""
    found = []
    if not now.absences or now.absences[max(now.absences)] is None:
        found.append(Cause.ABSENCE)
    # Weights are measured of small children only: none at all says nothing is missing.
    if now.weights and now.weights[max(now.weights)] is None:
        found.append(Cause.FLAT_WEIGHT)
    if now.households is None:
        found.append(Cause.MOVE)
    if now.members is None or now.adults is None:
        found.append(Cause.NEW_ADULT)
    if now.babies is None:
        found.append(Cause.NEW_BABY)
    return tuple(cause for cause in URGENCY if cause in found)


def _absence(before: Months, now: Months, on: dt.date, rules: Rules) -> Iterable[Change]:
    for month, days in sorted(now.items()):
        known_before = before.get(month)
        is_new = days is not None and (known_before is None or days > known_before)
        if not is_new or days is None or not _is_recent(month, on, rules):
            continue
        if _rises(before, month, days, rules) or _row_begins(before, now, month, rules):
            yield Change(Cause.ABSENCE, f"absence:{month:%Y-%m}:{days.normalize():f}", month)


def _rises(before: Months, month: dt.date, days: Decimal, rules: Rules) -> bool:
    """More than in the worst of the recent months, this one included, as far as they were known before."""
    recent = [before.get(back) for back in _months_back(month, rules.recent_months)]
    known = [number for number in (*recent, before.get(month)) if number is not None]
    if not known:
        return days >= rules.absence_unknown_before_days
    return days - max(known) >= rules.absence_rise_days


def _row_begins(before: Months, now: Months, month: dt.date, rules: Rules) -> bool:
    """Enough months in a row with enough days, ending here or after, where it was not so up to the month before."""
    row = (month, *_months_back(month, rules.absence_row_months - 1))
    earlier = _months_back(month, rules.absence_row_months)
    return _all_many(now, row, rules) and not _all_many(before, earlier, rules)


def _all_many(known: Months, months: Iterable[dt.date], rules: Rules) -> bool:
    return all((days := known.get(month)) is not None and days >= rules.absence_row_days for month in months)


def _weight(before: Months, now: Months, on: dt.date, rules: Rules) -> Iterable[Change]:
    for day, weight in sorted(now.items()):
        if weight is None or before.get(day) == weight or not _is_recent(day, on, rules):
            continue
        earlier = [
            other
            for then, other in now.items()
            if other is not None and dt.timedelta(days=rules.weight_apart_days) <= day - then
        ]
        if any(weight <= other for other in earlier):
            yield Change(Cause.FLAT_WEIGHT, f"weight:{day.isoformat()}", day)


def _moved(before: Situation, now: Situation, on: dt.date, rules: Rules) -> Iterable[Change]:
    for day, value in now.moves - before.moves:
        if value in rules.move_values and _is_recent(day, on, rules):
            yield Change(Cause.MOVE, f"move:{day.isoformat()}:{value}", day)
    if before.households is not None and now.households is not None and now.households - before.households:
        yield Change(Cause.MOVE, f"household:{on.isoformat()}", on)


def _adult(before: Situation, now: Situation, on: dt.date) -> Iterable[Change]:
    # Who lived there before and has grown up since is nobody new; nor is anybody of a household nobody knew before.
    if before.members is not None and (now.adults or frozenset()) - before.members:
        yield Change(Cause.NEW_ADULT, f"adult:{on.isoformat()}", on)


def _baby(before: Situation, now: Situation, on: dt.date) -> Iterable[Change]:
    # Of a household nobody knew before, a baby is news as well.
    if (now.babies or frozenset()) - (before.babies or frozenset()):
        yield Change(Cause.NEW_BABY, f"baby:{on.isoformat()}", on)


def _noticed(before: Situation, now: Situation, on: dt.date) -> Iterable[Change]:
    if now.is_listed and not before.is_listed:
        yield Change(Cause.NOTICE, f"notice:{on.isoformat()}", on)
    ranks = (before.level_rank, now.level_rank)
    if now.is_listed and ranks[0] is not None and ranks[1] is not None and ranks[1] < ranks[0]:
        yield Change(Cause.LEVEL, f"level:{on.isoformat()}", on)


def _is_recent(day: dt.date, on: dt.date, rules: Rules) -> bool:
    return day >= _month_back(on, rules.recent_months)


def _months_back(month: dt.date, count: int) -> tuple[dt.date, ...]:
    return tuple(_month_back(month, back) for back in range(1, count + 1))


def _month_back(day: dt.date, back: int) -> dt.date:
    total = day.year * 12 + day.month - 1 - back
    return dt.date(total // 12, total % 12 + 1, 1)

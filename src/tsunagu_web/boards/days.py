"""A pupil's records as days: what is known of attendance, infirmary and mood on each school day, and what is not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tsunagu.casework.boards import BAD_MOODS, MOODS, Day, Kind, Said
from tsunagu_web.boards.models import SchoolDay

Record = tuple[dt.date | None, str | int | None]
ABSENT = ("sick", "other")
MONTHLY = ("school_days", "absent_days", "late_days", "early_days")
TESTS = ("test_japanese", "test_math")
DAILY = ("mood", "attendance_mark")
DATED = (*DAILY, "infirmary_visit")


@dataclass(frozen=True)
class PupilDay:
    """One school day of one pupil.

    is_known    False: a weekday of which nobody can say whether there was school
    attendance  present, sick, other, excused, late, early, late_early; unknown; not_told where the school gives months
    mood        one of MOODS; unanswered; unknown (two different answers, or one that cannot be read); not_told
    visits      to the infirmary
    """

    day: dt.date
    is_known: bool
    attendance: str
    mood: str
    visits: int

    def said(self, kind: Kind) -> Said:
        """What is known of one kind on this day."""
        if not self.is_known:
            return Said.UNKNOWN
        if kind is Kind.MOOD:
            return (Said.YES if self.mood in BAD_MOODS else Said.NO) if self.mood in MOODS else Said.UNKNOWN
        if kind is Kind.INFIRMARY and self.visits:
            return Said.YES
        if self.attendance == "excused":
            return Said.EXCUSED
        if kind is Kind.INFIRMARY:
            return Said.NO
        if self.attendance in ("unknown", "not_told"):
            return Said.UNKNOWN
        if kind is Kind.ABSENCE:
            return Said.YES if self.attendance in ABSENT else Said.NO
        return Said.YES if self.attendance in ("late", "late_early") else Said.NO


@dataclass(frozen=True)
class Records:
    """All of one pupil that the boards show.

    days     school days, the oldest first
    months   item -> first day of the month -> days; None: the month is there and its number is unknown
    tests    item -> first day of the fiscal year -> score; None: no score
    visits   days of visits to the infirmary, within school days or not
    undated  item -> records whose day cannot be read
    """

    days: Sequence[PupilDay]
    months: Mapping[str, Mapping[dt.date, Decimal | None]] = field(default_factory=dict)
    tests: Mapping[str, Mapping[dt.date, Decimal | None]] = field(default_factory=dict)
    visits: Sequence[dt.date] = ()
    undated: Mapping[str, int] = field(default_factory=dict)

    def of(self, kind: Kind) -> list[Day]:
        """The days as the rules of the boards take them."""
        return [Day(one.day, one.said(kind)) for one in self.days]

    @property
    def answers(self) -> list[tuple[dt.date, str]]:
        return [(one.day, one.mood) for one in self.days if one.mood in MOODS]


def records_of(content: Mapping[str, Sequence[Sequence[str | int | None]]], days: Iterable[SchoolDay]) -> Records:
    """The opened records of a pupil, laid over the days of its school."""
    told = {item: [_record(row) for row in rows] for item, rows in content.items()}
    marks, moods = _by_day(told.get("attendance_mark", ())), _by_day(told.get("mood", ()))
    visits = [day for day, _value in told.get("infirmary_visit", ()) if day]
    return Records(
        days=[
            PupilDay(
                one.day,
                one.is_known,
                _attendance(marks.get(one.day, ())) if one.has_attendance else "not_told",
                _mood(moods.get(one.day, ())) if one.has_mood else "not_told",
                visits.count(one.day),
            )
            for one in days
        ],
        months={item: _numbers(told.get(item, ())) for item in MONTHLY},
        tests={item: _numbers(told.get(item, ())) for item in TESTS},
        visits=sorted(visits),
        undated={item: n for item in DATED if (n := sum(day is None for day, _ in told.get(item, ())))},
    )


def _record(row: Sequence[str | int | None]) -> Record:
    day, value = row
    return (dt.date.fromisoformat(str(day)) if day else None, value)


def _by_day(rows: Iterable[Record]) -> dict[dt.date, list[str | int | None]]:
    found: dict[dt.date, list[str | int | None]] = {}
    for day, value in rows:
        if day is not None:
            found.setdefault(day, []).append(value)
    return found


def _attendance(marks: Sequence[str | int | None]) -> str:
    """No row is present: so the source says it. Two rows that do not go together are not known."""
    said = frozenset(marks)
    if not said:
        return "present"
    if said == {"late", "early"}:
        return "late_early"
    only = next(iter(said))
    return str(only) if len(said) == 1 and only is not None else "unknown"


def _mood(answers: Sequence[str | int | None]) -> str:
    said = frozenset(answers)
    if not said:
        return "unanswered"
    only = next(iter(said))
    return str(only) if len(said) == 1 and only in MOODS else "unknown"


def _numbers(rows: Iterable[Record]) -> dict[dt.date, Decimal | None]:
    """The number of each month or year; two rows that differ are not known."""
    return {
        day: Decimal(str(values[0])) if len(set(values)) == 1 and values[0] is not None else None
        for day, values in sorted(_by_day(rows).items())
    }

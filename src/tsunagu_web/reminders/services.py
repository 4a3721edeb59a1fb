"""Following the work: whoever is to be told has a reminder, and what is settled is told no more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.db import connection, transaction
from django.utils import timezone

from tsunagu.casework.reminders import Told
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import MailChoice
from tsunagu_web.audit.services import SYSTEM, append
from tsunagu_web.cases.models import Child
from tsunagu_web.reminders.models import About, Reminder

# Any number will do as long as nothing else in the database uses it.
_ONE_AT_A_TIME = 7_464_842
_BATCH = 500
Number = TypeVar("Number", int, str)
Key = tuple[int, str, int, dt.date]


@dataclass(frozen=True)
class Followed:
    """How many reminders were made or called up again, settled, and deleted since they were settled long ago."""

    made: int
    settled: int
    forgotten: int


def follow(wanted: Mapping[Told, str], *, on: dt.date, forget_days: int) -> Followed:
    """Makes the reminders that are wanted and settles the others; all of it or nothing, and twice is as once.

    wanted  who is told of what, with the number of the child it is about; empty where it is about none
    """
    now, by_key = timezone.now(), {_key_of_told(told): told for told in wanted}
    with transaction.atomic():
        _wait_for_my_turn()
        known = {_key(row): row for row in Reminder.objects.exclude(state=Reminder.State.SETTLED)}
        over = [row.pk for key, row in known.items() if key not in by_key]
        missing = {key: told for key, told in by_key.items() if key not in known}
        again = _settled_before(missing)
        for some in _in_batches(over):
            Reminder.objects.filter(pk__in=some).update(state=Reminder.State.SETTLED, settled_on=on)
        for some in _in_batches([row.pk for row in again.values()]):
            new = {"state": Reminder.State.NEW, "settled_on": None, "told_at": now, "mail": None}
            Reminder.objects.filter(pk__in=some).update(**new)
        made = Reminder.objects.bulk_create(
            (_row(told, now) for key, told in sorted(missing.items()) if key not in again), batch_size=_BATCH
        )
        _say_whom(made, {row: wanted[by_key[_key(row)]] for row in made})
        _pass_on(known, by_key)
        forgotten = _forget(on - dt.timedelta(days=forget_days))
        done = Followed(len(missing), len(over), forgotten)
        if done.made or done.settled:
            append(
                action="remind", object="reminder", actor=SYSTEM, detail={"made": done.made, "settled": done.settled}
            )
    return done


def mark_read(viewer: Viewer, number: int | None = None) -> None:
    """The viewer has read this reminder, or all of them; what is settled stays settled."""
    rows = Reminder.objects.filter(staff_id=viewer.staff_id, state=Reminder.State.NEW)
    (rows if number is None else rows.filter(pk=number)).update(state=Reminder.State.READ)


def choose_mail(viewer: Viewer, *, address: str, language: str, off: Iterable[str]) -> None:
    """Where the viewer wants mail, and of what not; an empty address: no mail. What still waits goes to the new one."""
    with transaction.atomic():
        if address:
            chosen = {"address": address, "language": language, "off": sorted(off)}
            MailChoice.objects.update_or_create(staff_id=viewer.staff_id, defaults=chosen)
        else:
            MailChoice.objects.filter(staff_id=viewer.staff_id).delete()
        append(action="choose_mail", object="account", staff=viewer)


def _wait_for_my_turn() -> None:
    """Two programs follow one after the other: on SQLite the transaction began with the write lock already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])


def _key(row: Reminder) -> Key:
    return row.staff_id, row.kind, row.number, row.day


def _key_of_told(told: Told) -> Key:
    return told.staff, told.kind.value, told.number, told.day


def _row(told: Told, now: dt.datetime) -> Reminder:
    return Reminder(
        staff_id=told.staff,
        kind=told.kind.value,
        number=told.number,
        day=told.day,
        is_passed_on=told.is_passed_on,
        told_at=now,
    )


def _say_whom(made: list[Reminder], children: Mapping[Reminder, str]) -> None:
    # An emergency is written for any number that is asked for; behind some stands no child.
    known: set[str] = set()
    for some in _in_batches(sorted(set(children.values()))):
        known |= set(Child.objects.filter(pk__in=some).values_list("pk", flat=True))
    about = (About(reminder=row, child_id=children[row]) for row in made if children[row] in known)
    About.objects.bulk_create(about, batch_size=_BATCH)


def _settled_before(missing: Mapping[Key, Told]) -> dict[Key, Reminder]:
    """Of these the ones that were settled and now are not: a task that was done and is to be done again."""
    rows = Reminder.objects.filter(state=Reminder.State.SETTLED)
    numbers = sorted({number for _staff, _kind, number, _day in missing})
    found = (row for some in _in_batches(numbers) for row in rows.filter(number__in=some))
    return {_key(row): row for row in found if _key(row) in missing}


def _pass_on(known: Mapping[Key, Reminder], wanted: Mapping[Key, Told]) -> None:
    """Why somebody is told may change while they are: the lead worker is one of the supervisors by now."""
    for key, row in known.items():
        if key in wanted and wanted[key].is_passed_on != row.is_passed_on:
            Reminder.objects.filter(pk=row.pk).update(is_passed_on=wanted[key].is_passed_on)


def _forget(before: dt.date) -> int:
    rows = Reminder.objects.filter(state=Reminder.State.SETTLED, settled_on__lt=before)
    count = rows.count()
    rows.delete()
    return count


def _in_batches(numbers: list[Number]) -> Iterable[list[Number]]:
    # SQLite takes no more than some thousands of values in one statement.
    return (numbers[start : start + _BATCH] for start in range(0, len(numbers), _BATCH))

"""A field's value beside what it was: rows are made here, and written by intake and by corrections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from tsunagu_web.people.models import Person, Source, Version

# The fields of a person that have a history, in the order of the page.
FIELDS = ("name", "kana", "alias", "birth_date", "sex", "school_name", "grade", "class_name")


@dataclass(frozen=True)
class Told:
    """Who says what is new. valid_from: the first day it is known to hold; null where the old value never held."""

    source: str
    as_of: dt.date | None = None
    run: str = ""
    reason: str = ""
    entered_by_id: int | None = None


def as_text(value: object) -> str:
    """A field's value as a version keeps it."""
    return value.isoformat() if isinstance(value, dt.date) else "" if value is None else str(value)


def from_text(field: str, text: str) -> Any:
    """The value a version kept, as the person's row has it."""
    if field == "birth_date":
        return dt.date.fromisoformat(text) if text else None
    if field == "grade":
        return int(text) if text else None
    return text


def changed(
    person: Person, field: str, new: Any, told: Told, *, present: Version | None, today: dt.date
) -> list[Version]:
    """The rows to insert for a new value; where there is a present row, the caller gives it `known_to=today` first.

    What the register tells anew has changed at some time: the old value was right until the run's day.
    What staff correct was never right: the new value takes the whole time of the old one.
    """
    now = timezone.now()
    old = as_text(getattr(person, field))
    since = present.valid_from if present else None
    rows = []
    if present is None:
        # Until now the person's row alone said it, and its first day is that of the person.
        rows.append(
            _row(person, field, old, source=person.source, valid_from=None, known_from=person.known_from, at=now)
        )
        rows[0].known_to, rows[0].entered_by_id = max(today, person.known_from), person.entered_by_id
    if told.source == Source.REGISTER:
        was = present or rows[0]
        until = _row(person, field, old, source=was.source, valid_from=since, known_from=today, at=now)
        until.valid_to, until.as_of, until.run = told.as_of, was.as_of, was.run
        until.reason, until.entered_by_id = was.reason, was.entered_by_id
        rows.append(until)
        since = told.as_of
    row = _row(person, field, as_text(new), source=told.source, valid_from=since, known_from=today, at=now)
    row.as_of, row.run, row.reason, row.entered_by_id = told.as_of, told.run, told.reason, told.entered_by_id
    return [*rows, row]


def take_over(person: Person, values: Mapping[str, Any]) -> None:
    """Sets the new values on the person's row; the caller saves it with its versions."""
    for field, value in values.items():
        setattr(person, field, value)
    person.changed = sorted({*person.changed, *values})
    person.revision += 1


def _row(
    person: Person,
    field: str,
    value: str,
    *,
    source: str,
    valid_from: dt.date | None,
    known_from: dt.date,
    at: dt.datetime,
) -> Version:
    return Version(
        person=person,
        field=field,
        value=value,
        source=source,
        valid_from=valid_from,
        known_from=known_from,
        entered_at=at,
    )


def as_known(person: Person, versions: Mapping[tuple[str, str], list[Version]], day: dt.date) -> dict[str, Any] | None:
    """The person's fields as known at the end of a day; None: nobody knew of the person yet."""
    if person.known_from > day:
        return None
    known = {}
    for field in FIELDS:
        rows = versions.get((person.pk, field))
        if not rows:
            known[field] = getattr(person, field)
            continue
        row = next(r for r in rows if r.valid_to is None and r.known_from <= day and (r.known_to or dt.date.max) > day)
        known[field] = from_text(field, row.value)
    return known

"""Persons of a run: the new ones are added; where the run tells something new, what was known is kept as a version."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tsunagu_web.cases.models import Run
from tsunagu_web.intake.batches import in_batches
from tsunagu_web.people.models import Person, Source, Version
from tsunagu_web.people.versions import FIELDS, Told, as_text, changed, take_over

# Where the run does not know these, it says nothing; an empty school or alias says that there is none.
_SILENT_WHEN_EMPTY = frozenset({"name", "kana", "birth_date", "sex", "grade"})


def write(found: list[Person], *, run: Run, today: dt.date) -> dict[str, Person]:
    """Adds the new persons and writes what changed; gives everybody of the run as the desk now knows them.

    A value that staff corrected stays until the register tells another one than it told before.
    """
    known = Person.objects.in_bulk()
    new = [person for person in found if person.pk not in known]
    for person in new:
        person.known_from = today
    Person.objects.bulk_create(new, batch_size=1_000)
    told = Told(Source.REGISTER, as_of=run.on, run=run.seal)
    corrected = _last_told()
    changes = {
        person.pk: fields
        for person in found
        if person.pk in known and (fields := _changes(known[person.pk], person, corrected))
    }
    _write_versions(known, changes, told, today)
    for pk, fields in changes.items():
        take_over(known[pk], fields)
    Person.objects.bulk_update([known[pk] for pk in changes], [*FIELDS, "changed", "revision"], batch_size=200)
    return {**{person.pk: person for person in new}, **known}


def _last_told() -> dict[tuple[str, str], str]:
    """Where a correction by staff is in force: what the register told last."""
    by_staff = Version.objects.filter(source=Source.STAFF, known_to__isnull=True, valid_to__isnull=True)
    told: dict[tuple[str, str], str] = {}
    for batch in in_batches(by_staff.values_list("person_id", "field")):
        of_register = Version.objects.filter(
            person_id__in={person for person, _ in batch}, source=Source.REGISTER, valid_to__isnull=True
        )
        asked = set(batch)
        for person, field, value in of_register.order_by("pk").values_list("person_id", "field", "value"):
            if (person, field) in asked:
                told[person, field] = value
    return told


def _changes(known: Person, now: Person, corrected: dict[tuple[str, str], str]) -> dict[str, Any]:
    fields = {}
    for field in FIELDS:
        value = getattr(now, field)
        before = corrected.get((known.pk, field), as_text(getattr(known, field)))
        is_silent = field in _SILENT_WHEN_EMPTY and value in (None, "")
        if not is_silent and as_text(value) != before:
            fields[field] = value
    return fields


def _write_versions(known: dict[str, Person], changes: dict[str, dict[str, Any]], told: Told, today: dt.date) -> None:
    for batch in in_batches(changes):
        present = {
            (version.person_id, version.field): version
            for version in Version.objects.filter(person_id__in=batch, known_to__isnull=True, valid_to__isnull=True)
        }
        over = [present[pk, field].pk for pk in batch for field in changes[pk] if (pk, field) in present]
        rows = [
            row
            for pk in batch
            for field, value in changes[pk].items()
            for row in changed(known[pk], field, value, told, present=present.get((pk, field)), today=today)
        ]
        Version.objects.filter(pk__in=over).update(known_to=today)
        Version.objects.bulk_create(rows, batch_size=1_000)

"""Persons of a run: the new ones are added, the known ones say what the run says."""

from __future__ import annotations

import datetime as dt

from tsunagu_web.people.models import Person

FIELDS = ("name", "kana", "alias", "birth_date", "sex", "school_name", "grade", "class_name")
_BATCH = 500


def write(found: list[Person], today: dt.date) -> None:
    """Adds or renews these persons; when somebody was first known stays."""
    for person in found:
        person.known_from = today
    Person.objects.bulk_create(
        found, batch_size=_BATCH, update_conflicts=True, unique_fields=["person_id"], update_fields=FIELDS
    )

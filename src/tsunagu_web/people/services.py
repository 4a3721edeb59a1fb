"""Corrections of what is known of a person: one transaction, one entry in the log, the old value kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.people.models import Person, Source, Version
from tsunagu_web.people.versions import Told, as_text, changed, take_over


class ChangedMeanwhile(Exception):
    """Somebody else changed this after the page was opened; nothing was written."""


@dataclass(frozen=True)
class Correction:
    """field: one of versions.FIELDS; value: as the person's row has it. seen: the person's revision on the page."""

    field: str
    value: Any
    reason: str
    seen: int


def correct_field(person_id: str, viewer: Viewer, wish: Correction) -> Person:
    """Writes the right value, for the whole time the wrong one was held; gives the person as now known.

    raises  ChangedMeanwhile when somebody else, or a run, changed the person since the page was made
    """
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=person_id)
        if person.revision != wish.seen:
            raise ChangedMeanwhile
        if as_text(getattr(person, wish.field)) == as_text(wish.value):
            return person
        present = person.versions.filter(field=wish.field, known_to__isnull=True, valid_to__isnull=True).first()
        today = max(timezone.localdate(), present.known_from if present else person.known_from)
        told = Told(Source.STAFF, reason=wish.reason, entered_by_id=viewer.staff_id)
        rows = changed(person, wish.field, wish.value, told, present=present, today=today)
        if present is not None:
            person.versions.filter(pk=present.pk).update(known_to=today)
        Version.objects.bulk_create(rows)
        take_over(person, {wish.field: wish.value})
        person.save(update_fields=[wish.field, "changed", "revision"])
        append(
            action="correct",
            object="history",
            staff=viewer,
            purpose=viewer.purpose,
            persons=[person.pk],
            detail={"field": wish.field},
        )
    return person

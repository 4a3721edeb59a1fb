"""Corrections of what is known of a person: one transaction, one entry in the log, the old value kept."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from tsunagu_web.access.reach import the_program
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.people.models import Answer, Kinship, Person, Source, Version, id_by_hand
from tsunagu_web.people.versions import Told, as_text, changed, take_over
from tsunagu_web.steps.once import require_same
from tsunagu_web.steps.services import ChangedMeanwhile


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


class AlreadyKin(Exception):
    """This very kinship is in force already; nothing was written."""


@dataclass(frozen=True)
class NewKin:
    """Kin to enter. relative_id: somebody known; empty for somebody of no register, who then gets an id of the desk.

    form  the form it was entered with; the same form sent twice enters one
    """

    relative_id: str
    name: str
    kana: str
    birth_date: dt.date | None
    kind: str
    has_custody: str
    may_be_contacted: str
    valid_from: dt.date | None
    form: uuid.UUID


@dataclass(frozen=True)
class KinChange:
    """What is now known of kin. valid_to: the first day on which it is no longer so; null while it is."""

    has_custody: str
    may_be_contacted: str
    valid_to: dt.date | None

    @property
    def words(self) -> tuple[str, str]:
        """Both answers as the page writes them."""
        return str(Answer(self.has_custody).label), str(Answer(self.may_be_contacted).label)


def add_kin(person_id: str, viewer: Viewer, new: NewKin) -> Kinship:
    """Enters kin; who is not known gets a person of the desk's own. The same form again gives what it entered.

    raises AlreadyKin
    """
    today = timezone.localdate()
    by_hand = {"source": Source.STAFF, "entered_by_id": viewer.staff_id, "known_from": today}
    with transaction.atomic():
        # Whoever enters the same at the same moment waits here, and then finds it.
        Person.objects.select_for_update().get(pk=person_id)
        relative_id = new.relative_id or id_by_hand(new.form)
        sent_before = (
            None if new.relative_id else Kinship.objects.filter(person=person_id, relative=relative_id).first()
        )
        if sent_before:
            require_same(sent_before, {"kind": new.kind})
            require_same(sent_before.relative, {"name": new.name, "kana": new.kana, "birth_date": new.birth_date})
            return sent_before
        if not new.relative_id:
            who = {"name": new.name, "kana": new.kana, "birth_date": new.birth_date}
            # Nobody's kin yet, the new person is in nobody's reach.
            with the_program():
                Person.objects.bulk_create([Person(person_id=relative_id, **who, **by_hand)])
        present = Kinship.objects.filter(
            person=person_id, relative=relative_id, kind=new.kind, known_to__isnull=True, valid_to__isnull=True
        )
        if present.exists():
            raise AlreadyKin
        made = Kinship.objects.create(
            person_id=person_id,
            relative_id=relative_id,
            kind=new.kind,
            has_custody=new.has_custody,
            may_be_contacted=new.may_be_contacted,
            valid_from=new.valid_from,
            entered_at=timezone.now(),
            **by_hand,
        )
        _log_kin(viewer, made, "add_kin")
    return made


def change_kin(kin: Kinship, viewer: Viewer, change: KinChange) -> Kinship:
    """Writes what is now known beside what was. raises ChangedMeanwhile when the row seen is no longer in force"""
    today = max(timezone.localdate(), kin.known_from)
    with transaction.atomic():
        if not Kinship.objects.filter(pk=kin.pk, known_to__isnull=True).update(known_to=today):
            raise ChangedMeanwhile
        made = Kinship.objects.create(
            person_id=kin.person_id,
            relative_id=kin.relative_id,
            kind=kin.kind,
            has_custody=change.has_custody,
            may_be_contacted=change.may_be_contacted,
            valid_from=kin.valid_from,
            valid_to=change.valid_to,
            known_from=today,
            source=Source.STAFF,
            entered_by_id=viewer.staff_id,
            entered_at=timezone.now(),
        )
        _log_kin(viewer, made, "change_kin")
    return made


def _log_kin(viewer: Viewer, kin: Kinship, action: str) -> None:
    append(
        action=action,
        object="kinship",
        staff=viewer,
        purpose=viewer.purpose,
        persons=[kin.person_id, kin.relative_id],
        detail={"kind": kin.kind},
    )

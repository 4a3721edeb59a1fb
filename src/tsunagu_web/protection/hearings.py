"""The child's own view (意見聴取, Child Welfare Act, article 33-3-3): before a protection begins or ends; where that
cannot wait, promptly afterwards. It is open until somebody recorded it, or the declared reason why there is none.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.cases.models import Child
from tsunagu_web.protection import clock
from tsunagu_web.protection.models import Hearing, Protection
from tsunagu_web.steps.once import require_same

BEGINNING, ENDING = Hearing.About.BEGINNING, Hearing.About.ENDING
#: What a child said longer ago than this was not said of what is decided now.
_HOLDS_FOR = dt.timedelta(days=31)


@dataclass(frozen=True)
class Heard:
    """What somebody writes down."""

    about: str
    outcome: str
    words: str
    heard_on: dt.date
    form: uuid.UUID


def heard_before(child: Child) -> Hearing | None:
    """The child's view of a protection that has not begun; None where there is none, or none that holds."""
    used = Protection.objects.filter(child=child, hearing__isnull=False).values("hearing_id")
    since = timezone.localdate() - _HOLDS_FOR
    rows = Hearing.objects.filter(child=child, protection__isnull=True, about=BEGINNING, heard_on__gte=since)
    return rows.exclude(pk__in=used).first()


def is_heard(protection: Protection, about: str) -> bool:
    """Whether the child's view of its beginning or its end is on record."""
    if about == BEGINNING and protection.hearing_id is not None:
        return True
    return Hearing.objects.filter(protection=protection, about=about).exists()


def end_to_hear(child: Child) -> Protection | None:
    """The child's newest protection, where it has ended and nobody heard the child of its end yet."""
    newest = Protection.objects.filter(child=child).first()
    is_open = newest is not None and newest.state == Protection.State.ENDED and not is_heard(newest, ENDING)
    return newest if is_open else None


def record(child: Child, viewer: Viewer, heard: Heard) -> Hearing:
    """Writes it down; the task to hear the child ends with it. The same form gives the same one. raises UsedMark"""
    said = {name: getattr(heard, name) for name in ("about", "outcome", "words", "heard_on")}
    with transaction.atomic():
        Child.objects.select_for_update(of=("self",)).get(pk=child.pk)
        if again := Hearing.objects.filter(form=heard.form, by_id=viewer.staff_id).first():
            require_same(again, {**said, "child_id": child.pk})
            return again
        running = Protection.objects.filter(child=child, state=Protection.State.UNDER_PROTECTION).first()
        of = running or (end_to_hear(child) if heard.about == ENDING else None)
        made = Hearing.objects.create(
            child=child, protection=of, form=heard.form, by_id=viewer.staff_id, at=timezone.now(), **said
        )
        append(
            action="hear_child",
            object="protection",
            staff=viewer,
            purpose=viewer.purpose,
            persons=[child.pk],
            detail={"kind": heard.about, "outcome": heard.outcome},
            content=made,
        )
        if of is not None:
            clock.end(of, clock.HEARING if heard.about == BEGINNING else clock.HEARING_OF_END, viewer)
    return made

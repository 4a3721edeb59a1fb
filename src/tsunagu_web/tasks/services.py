"""Setting, handing on and finishing tasks: one transaction, one entry in the log, nothing twice."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction

from tsunagu_web.access.terms import CaseState
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.models import Child
from tsunagu_web.steps.models import Step
from tsunagu_web.steps.once import UsedMark, require_same
from tsunagu_web.steps.services import ChangedMeanwhile, begin, begun_today, take, taken_again
from tsunagu_web.tasks.models import Task


@dataclass(frozen=True)
class Asked:
    """What is to be done. conference: its number, where it was agreed there."""

    what: str
    owner_id: int
    due_on: dt.date
    form: uuid.UUID
    conference: int | None = None


def said_already(child: Child, viewer: Viewer, asked: Asked) -> Step | None:
    """How this person began the task they set last for the child, where it was today in these very words."""
    step = begun_today(Task(child=child), viewer)
    same = {"what": asked.what, "owner_id": asked.owner_id, "due_on": asked.due_on, "state": Task.State.OPEN}
    return step if step and Task.objects.filter(pk=step.subject, **same).exists() else None


def set_task(child: Child, viewer: Viewer, asked: Asked) -> Task:
    """A new task; the same form again gives the task it set first.

    raises  ChangedMeanwhile where the case was closed; UsedMark
    """
    with transaction.atomic():
        # The row is in reach of whoever sets a task; a case that is closed at this moment ends the tasks it finds.
        standing = Child.objects.select_for_update(of=("self",)).filter(pk=child.pk).first()
        if standing is None or (standing.case_state == CaseState.CLOSED and child.case_state != CaseState.CLOSED):
            raise ChangedMeanwhile
        origin = Task.Origin.BY_HAND if asked.conference is None else Task.Origin.OF_A_CONFERENCE
        task, is_new = Task.objects.get_or_create(
            form=asked.form,
            defaults={
                "child": child,
                "what": asked.what,
                "owner_id": asked.owner_id,
                "due_on": asked.due_on,
                "origin": origin,
                "number": asked.conference,
            },
        )
        if is_new:
            begin(task, viewer)
        elif (task.child_id, task.what) != (child.pk, asked.what):
            raise UsedMark
    return task


def set_by_the_program(child_id: str, asked: Asked, origin: str, number: int) -> bool:
    """A task that the desk itself sets, once for each mark; False where it stands there already."""
    with transaction.atomic():
        given = {"child_id": child_id, "what": asked.what, "owner_id": asked.owner_id, "due_on": asked.due_on}
        defaults = {**given, "origin": origin, "number": number}
        task, is_new = Task.objects.get_or_create(form=asked.form, defaults=defaults)
        if is_new:
            begin(task, None)
    return is_new


def move(task: Task, viewer: Viewer, step: str, *, seen: int, form: uuid.UUID, reason: str) -> Step:
    """Finishes, drops or takes up again. raises ChangedMeanwhile, NotNow"""
    return take(task, viewer, step, seen=seen, form=form, reason=reason)


def hand_on(
    task: Task, viewer: Viewer, *, owner_id: int, due_on: dt.date, seen: int, form: uuid.UUID, reason: str
) -> Step:
    """Gives an open task to somebody else or another day, and says why. raises ChangedMeanwhile, NotNow, UsedMark"""
    also = {"owner_id": owner_id, "due_on": due_on}
    with transaction.atomic():
        if before := taken_again(form, viewer, task, "hand_on", reason):
            if before.number == Task.objects.values_list("revision", flat=True).get(pk=task.pk):
                require_same(Task.objects.get(pk=task.pk), also)
            return before
        detail = {"to": f"staff:{owner_id}", "until": due_on.isoformat()}
        return take(task, viewer, "hand_on", seen=seen, form=form, reason=reason, also=also, detail=detail)

"""Setting, handing on and finishing tasks: one transaction, one entry in the log, nothing twice."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction

from tsunagu_web.access.terms import CaseState
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.cases.models import Child
from tsunagu_web.steps.models import Step
from tsunagu_web.steps.once import UsedMark, is_of_today
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow, begin, take
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
    began = Step.objects.filter(machine="task", person_id=child.pk, number=1, by_id=viewer.staff_id)
    step = began.order_by("-at", "-pk").first()
    same = {"what": asked.what, "owner_id": asked.owner_id, "due_on": asked.due_on, "state": Task.State.OPEN}
    is_there = step and is_of_today(step.at) and Task.objects.filter(pk=step.subject, **same).exists()
    return step if is_there else None


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


def move(task: Task, viewer: Viewer, step: str, *, seen: int, form: uuid.UUID, reason: str) -> Step:
    """Finishes, drops or takes up again. raises ChangedMeanwhile, NotNow"""
    return take(task, viewer, step, seen=seen, form=form, reason=reason)


def hand_on(task: Task, viewer: Viewer, *, owner_id: int, due_on: dt.date, seen: int) -> None:
    """Gives an open task to somebody else or another day. raises ChangedMeanwhile; NotNow when it is over"""
    with transaction.atomic():
        if task.state != Task.State.OPEN:
            raise NotNow("no_step")
        rows = Task.objects.filter(pk=task.pk, revision=seen, state=Task.State.OPEN)
        if not rows.update(owner_id=owner_id, due_on=due_on, revision=seen + 1):
            raise ChangedMeanwhile
        append(
            action="assign",
            object="task",
            staff=viewer,
            purpose=viewer.purpose,
            persons=[task.child_id],
            detail={"number": task.pk, "to": f"staff:{owner_id}", "until": due_on.isoformat()},
        )

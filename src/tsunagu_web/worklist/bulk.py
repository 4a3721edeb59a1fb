"""One act for several children of the list: a limit, one reason, and each child recorded by itself."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from tsunagu_web.access.policy import may
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import widen
from tsunagu_web.access.terms import Action, CaseState, Label, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.models import Child, Run, State
from tsunagu_web.cases.services import Assignment, DecidedMeanwhile, Wish, assign_case, decide
from tsunagu_web.notes.models import Note
from tsunagu_web.notes.services import Written, write_note
from tsunagu_web.steps.once import require_same
from tsunagu_web.steps.services import ChangedMeanwhile

MOST = 25


@dataclass(frozen=True)
class Outcome:
    """How many were done, and how many somebody else had changed or were out of reach."""

    done: int
    left: int


def watch(viewer: Viewer, run: Run, persons: Sequence[str], *, until: dt.date, why: str, form: uuid.UUID) -> Outcome:
    """Watches these children until a day, each by a decision of its own; only those nobody has decided on yet."""
    children = _open_to(viewer, persons, Thing.DECISION, Action.DECIDE)
    done = 0
    with transaction.atomic():
        for child in children:
            wish = Wish(State.WATCH, until, "", why, 0, uuid.uuid5(form, child.pk))
            try:
                decide(child, viewer, run, wish)
                done += 1
            except DecidedMeanwhile:
                continue
    return Outcome(done, len(set(persons)) - done)


def assign(viewer: Viewer, persons: Sequence[str], *, team: str, lead_id: int, why: str, form: uuid.UUID) -> Outcome:
    """Gives the open cases of these children to a team and a lead worker, with a note of why; who has none is left.

    The same form sent twice assigns once.
    """
    children = _open_to(viewer, persons, Thing.CASE, Action.ASSIGN)
    done = 0
    with transaction.atomic():
        for child in children:
            case = child.case
            if (
                case is None
                or case.state != CaseState.OPEN
                or not may(viewer, Thing.CASE, Action.ASSIGN, child.subject())
            ):
                continue
            of_child = uuid.uuid5(form, child.pk)
            if note := Note.objects.filter(form=of_child, child=child).first():  # a second click
                require_same(note.versions.get(number=1), {"text": why, "by_id": viewer.staff_id})
                done += 1
                continue
            try:
                with transaction.atomic():  # note and case, or neither
                    # The note first, since the child may go out of reach with the case.
                    write_note(child, viewer, Written(why, Label.INTERNAL, None, of_child))
                    assign_case(case, viewer, Assignment(team, lead_id, case.kind, case.revision))
                done += 1
            except ChangedMeanwhile:
                continue
    return Outcome(done, len(set(persons)) - done)


def _open_to(viewer: Viewer, persons: Sequence[str], thing: Thing, action: Action) -> list[Child]:
    widen(viewer, thing, action)
    rows = Child.objects.select_related("person", "case").filter(pk__in=list(dict.fromkeys(persons))[:MOST])
    return list(visible_to(viewer, rows, thing=thing, action=action).order_by("pk"))

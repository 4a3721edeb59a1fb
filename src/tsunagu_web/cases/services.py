"""Decisions: one transaction, one entry in the log, never over somebody else's unseen decision."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.cases.models import Child, Decision, Run, State


class DecidedMeanwhile(Exception):
    """Somebody else decided after this page was opened; nothing was written."""


@dataclass(frozen=True)
class Wish:
    """What a person wants to record.

    seen  number of decisions the page showed; another number in the database means that somebody was faster
    form  the form's own mark: the same form sent again gives the decision it made the first time
    """

    outcome: str
    until: dt.date | None
    reason: str
    note: str
    seen: int
    form: uuid.UUID


def decide(child: Child, viewer: Viewer, run: Run, wish: Wish) -> Decision:
    """Records the decision and moves the child on; DecidedMeanwhile when it was not the latest that was seen."""
    with transaction.atomic():
        made_before = Decision.objects.filter(form=wish.form, child=child, by_id=viewer.staff_id).first()
        if made_before is not None:
            return made_before
        due_on = wish.until if wish.outcome == State.WATCH else None
        moved = Child.objects.filter(pk=child.pk, decisions_made=wish.seen).update(
            state=wish.outcome, due_on=due_on, decisions_made=wish.seen + 1
        )
        if not moved:
            # Two clicks at the same moment: the first may have been written while this one waited.
            again = Decision.objects.filter(form=wish.form, child=child, by_id=viewer.staff_id).first()
            if again is not None:
                return again
            raise DecidedMeanwhile
        append(
            action="decide",
            object="decision",
            staff=viewer,
            purpose=viewer.purpose,
            persons=[child.pk],
            detail={"outcome": wish.outcome, "number": wish.seen + 1},
        )
        return Decision.objects.create(
            child=child,
            number=wish.seen + 1,
            outcome=wish.outcome,
            until=due_on,
            reason=wish.reason if wish.outcome == State.NOT_NOW else "",
            note=wish.note,
            level=child.level,
            run=run,
            form=wish.form,
            by_id=viewer.staff_id,
            at=timezone.now(),
        )

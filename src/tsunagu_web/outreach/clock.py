"""Starting and ending re-assessments: by a changed fact, by attempts that reach nobody, by a person; ended by none but
a person's decision."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from tsunagu.casework.clock import Cause, Change, due_on
from tsunagu.casework.rules import Rules, load_rules
from tsunagu_web.access.terms import Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import NO_PURPOSE, SYSTEM, append
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.cases.voices import Heard, record_voice, require_same_voice
from tsunagu_web.outreach.models import ChangedFact, Reassessment
from tsunagu_web.steps.once import require_same
from tsunagu_web.steps.services import ChangedMeanwhile, begin, begun_again, take, taken_again


def rules() -> Rules:
    """What the city chose; the standard where it chose nothing."""
    return load_rules(settings.ENVIRONMENT.city)


def start(case: Case, cause: Cause, changes: Iterable[Change]) -> Reassessment | None:
    """Starts the clock of an open case, by the desk itself; None where every one of these facts started it before.

    While one of the same cause is due, a further fact joins it, and whoever was about to decide is told.
    """
    with transaction.atomic():
        Child.objects.select_for_update().get(pk=case.child_id)
        known = set(ChangedFact.objects.filter(child=case.child_id).values_list("reference", flat=True))
        fresh = {change.reference: change for change in changes if change.reference not in known}
        if not fresh:
            return None
        row = Reassessment.objects.filter(child=case.child_id, cause=cause, state=Reassessment.State.DUE).first()
        if row is None:
            row = _create(case, cause, None, form=None, reason="")
        else:
            Reassessment.objects.filter(pk=row.pk).update(revision=row.revision + 1)
            row.refresh_from_db()
        for change in fresh.values():
            _add_fact(row, change)
    return row


def start_by_person(child: Child, case: Case, viewer: Viewer, *, reason: str, form: uuid.UUID) -> Reassessment:
    """Starts the clock for a reason of somebody's own; the same form again gives what it started.

    raises  ChangedMeanwhile where one is due already: this reason would not be recorded
    """
    with transaction.atomic():
        Child.objects.select_for_update().get(pk=child.pk)
        cause = Cause.PERSON
        if step := begun_again(form, viewer, Reassessment(child=child)):
            require_same(step, {"reason": reason.strip()})
            return Reassessment.objects.get(pk=step.subject)
        if Reassessment.objects.filter(child=child, cause=cause, state=Reassessment.State.DUE).exists():
            raise ChangedMeanwhile
        return _create(case, cause, viewer, form=form, reason=reason)


def decide(
    row: Reassessment,
    viewer: Viewer,
    *,
    outcome: str,
    reason: str,
    seen: int,
    form: uuid.UUID,
    heard: Heard | None = None,
) -> None:
    """Ends the clock with what was decided and why. raises ChangedMeanwhile, NotNow, UsedMark"""
    with transaction.atomic():
        if before := taken_again(form, viewer, row, "decide", reason):
            require_same(Reassessment.objects.get(pk=row.pk), {"outcome": outcome})
            require_same_voice(Thing.REASSESSMENT, before, heard)
            return
        step = take(row, viewer, "decide", seen=seen, form=form, reason=reason, also={"outcome": outcome})
        append(
            action="record_outcome",
            object="reassessment",
            staff=viewer,
            purpose=viewer.purpose,
            persons=[row.child_id],
            detail={"number": row.pk, "outcome": outcome},
        )
        record_voice(row.child_id, viewer, Thing.REASSESSMENT, step, heard)
        _follow(row.child_id)


def _create(case: Case, cause: Cause, viewer: Viewer | None, *, form: uuid.UUID | None, reason: str) -> Reassessment:
    today: dt.date = timezone.localdate()
    row = Reassessment.objects.create(
        child_id=case.child_id, case=case, cause=cause.value, started_on=today, due_on=due_on(cause, today, rules())
    )
    begin(row, viewer, form=form, reason=reason)
    _review(case)
    _follow(case.child_id)
    return row


def _review(case: Case) -> None:
    """Support that is under way is looked at again; a case that stands elsewhere stays where it is."""
    now = Case.objects.select_for_update().get(pk=case.pk)
    if now.stage == Case.Stage.ACTIVE:
        take(now, None, "begin_review", seen=now.revision)


def _follow(child_id: str) -> None:
    """The child's row says since when and by when something is due, for list and page."""
    due = Reassessment.objects.filter(child=child_id, state=Reassessment.State.DUE)
    first = due.aggregate(since=Min("started_on"), by=Min("due_on"))
    Child.objects.filter(pk=child_id).update(reassess_since=first["since"], reassess_by=first["by"])


def _add_fact(row: Reassessment, change: Change) -> None:
    fact = ChangedFact.objects.create(
        reassessment=row, child_id=row.child_id, reference=change.reference, day=change.day, at=timezone.now()
    )
    append(
        action="change_fact",
        object="reassessment",
        actor=SYSTEM,
        purpose=NO_PURPOSE,
        persons=[row.child_id],
        detail={"number": row.pk},
        content=fact,
    )

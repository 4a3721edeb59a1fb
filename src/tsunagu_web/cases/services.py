"""Decisions and cases: one transaction, one entry in the log, never over what somebody else did unseen."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from tsunagu_web.access.reach import the_program
from tsunagu_web.access.terms import CaseState, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.cases.models import Case, Child, Decision, Run, State
from tsunagu_web.cases.search import searched_of
from tsunagu_web.cases.voices import Heard, is_same_voice, record_voice, require_same_voice
from tsunagu_web.people.services import Correction, correct_field
from tsunagu_web.search.models import Kind
from tsunagu_web.search.services import index_document
from tsunagu_web.steps.once import is_of_today, is_same, require_same
from tsunagu_web.steps.services import ChangedMeanwhile, begin


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
    heard: Heard | None = None

    def columns(self) -> dict[str, object]:
        """What the decision holds of it."""
        return {
            "outcome": self.outcome,
            "until": self.until if self.outcome == State.WATCH else None,
            "reason": self.reason if self.outcome == State.NOT_NOW else "",
            "note": self.note,
        }


def said_already(child: Child, viewer: Viewer, run: Run, wish: Wish) -> Decision | None:
    """What this person decided today in these very words, where it still stands: a page asks before it sends them on.

    A page that had not seen the latest decision is late, whatever it says.
    """
    latest = Decision.objects.filter(child=child).first()
    if latest is None or (latest.by_id, latest.run_id) != (viewer.staff_id, run.pk) or not is_of_today(latest.at):
        return None
    has_seen = wish.form == latest.form or wish.seen == latest.number
    is_said = has_seen and is_same(latest, wish.columns())
    return latest if is_said and is_same_voice(Thing.DECISION, latest, wish.heard) else None


def decide(child: Child, viewer: Viewer, run: Run, wish: Wish) -> Decision:
    """Records the decision and moves the child on; a support candidate gets a case at the same moment.

    raises  DecidedMeanwhile when it was not the latest decision that was seen; UsedMark
    """
    said = wish.columns()
    with transaction.atomic():
        made_before = Decision.objects.filter(form=wish.form, child=child, by_id=viewer.staff_id).first()
        if made_before is not None:
            return _as_sent(made_before, wish)
        moved = Child.objects.filter(pk=child.pk, decisions_made=wish.seen).update(
            state=wish.outcome, due_on=said["until"], decisions_made=wish.seen + 1
        )
        if not moved:
            # Two clicks at the same moment: the first may have been written while this one waited.
            again = Decision.objects.filter(form=wish.form, child=child, by_id=viewer.staff_id).first()
            if again is not None:
                return _as_sent(again, wish)
            raise DecidedMeanwhile
        decision = Decision.objects.create(
            child=child,
            number=wish.seen + 1,
            **said,
            level=child.level,
            run=run,
            form=wish.form,
            by_id=viewer.staff_id,
            at=timezone.now(),
        )
        append(
            action="decide",
            object="decision",
            staff=viewer,
            purpose=viewer.purpose,
            persons=[child.pk],
            detail={"outcome": wish.outcome, "number": wish.seen + 1},
            content=decision,
        )
        record_voice(child.pk, viewer, Thing.DECISION, decision, wish.heard)
        if wish.outcome == State.CANDIDATE:
            open_case(child, viewer)
        return decision


def _as_sent(before: Decision, wish: Wish) -> Decision:
    require_same(before, wish.columns())
    require_same_voice(Thing.DECISION, before, wish.heard)
    return before


@dataclass(frozen=True)
class Assignment:
    """Who is to answer for a case. seen: the case's revision on the page that asked."""

    team: str
    lead_id: int
    kind: str
    seen: int


def open_case(child: Child, viewer: Viewer, kind: str = Case.Kind.OTHER) -> Case:
    """Opens a case of the child's team, led by who opens it; the open one, where there is one already."""
    with transaction.atomic():
        # Whoever comes second waits here and then finds the first one's case.
        Child.objects.select_for_update().get(pk=child.pk)
        cases = Case.objects.filter(child=child)
        found = cases.filter(state=CaseState.OPEN).first()
        if found is not None:
            return found
        opened = Case.objects.create(
            child=child,
            number=cases.count() + 1,
            kind=kind,
            team=child.team,
            lead_id=viewer.staff_id,
            opened_on=timezone.localdate(),
        )
        follow(opened)
        begin(opened, viewer)
    return opened


def assign_case(case: Case, viewer: Viewer, wish: Assignment) -> None:
    """Gives the case to a team and a lead worker; ChangedMeanwhile when it was not the latest state that was seen."""
    with transaction.atomic():
        changed = Case.objects.filter(pk=case.pk, revision=wish.seen, state=CaseState.OPEN).update(
            team=wish.team, lead_id=wish.lead_id, kind=wish.kind, revision=wish.seen + 1
        )
        if not changed:
            raise ChangedMeanwhile
        case.refresh_from_db()
        follow(case)
        append(
            action="assign_case",
            object="case",
            staff=viewer,
            purpose=viewer.purpose,
            persons=[case.child_id],
            detail={"number": case.number, "team": case.team, "lead": case.lead_id},
        )


def follow(case: Case) -> None:
    """The child's scope is that of its newest case: who may see the child follows team and state."""
    # It may leave the reach of whoever hands it on.
    with the_program():
        Child.objects.filter(pk=case.child_id).update(case=case, team=case.team, case_state=case.state)


def correct(child: Child, viewer: Viewer, wish: Correction) -> None:
    """Corrects a field of the person; list and search follow in the same transaction.

    raises  ChangedMeanwhile when somebody was faster
    """
    with transaction.atomic():
        child.person = correct_field(child.pk, viewer, wish)
        child.follow(child.person)
        child.save(update_fields=["kana"])
        index_document(Kind.PERSON, child.pk, searched_of(child.person))

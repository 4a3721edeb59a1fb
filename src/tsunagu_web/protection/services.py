"""Beginning a temporary protection and taking its steps; each sets and ends the clocks that the law ties to it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from tsunagu.casework.protection import appeal_by, limit_of, next_limit
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.cases.models import Child
from tsunagu_web.protection import clock
from tsunagu_web.protection.hearings import ENDING, heard_before, is_heard
from tsunagu_web.protection.models import WITH_CONSENT, Consent, Protection, Warrant
from tsunagu_web.steps.models import Step
from tsunagu_web.steps.once import UsedMark, require_same
from tsunagu_web.steps.services import ChangedMeanwhile, begin, take, taken_again


class NotYet(Exception):
    """Something that the law asks for first is missing; nothing was written. why: not_heard, no_court, too_late"""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Begun:
    """A protection as somebody records it. why_not_heard: where the child's own view is not on record yet."""

    began_at: dt.datetime
    shelter: str
    consent: str
    reason: str
    why_not_heard: str
    form: uuid.UUID


@dataclass(frozen=True)
class Click:
    """One step. on: the day of what it records; why_not_heard: of an end that could not wait for the child's view."""

    step: str
    on: dt.date
    reason: str
    why_not_heard: str
    seen: int
    form: uuid.UUID


def running(child: Child) -> Protection | None:
    """The child's protection that has not ended."""
    return Protection.objects.filter(child=child, state=Protection.State.UNDER_PROTECTION).first()


def protect(child: Child, viewer: Viewer, begun: Begun) -> Protection:
    """Records a protection from its hour on, with its clocks. The same form again gives the same one.

    raises  NotYet where nobody heard the child or said why not; ChangedMeanwhile where one is running; UsedMark
    """
    said: dict[str, Any] = {name: getattr(begun, name) for name in ("began_at", "shelter", "why_not_heard")}
    with transaction.atomic():
        Child.objects.select_for_update(of=("self",)).get(pk=child.pk)
        if again := Protection.objects.filter(form=begun.form).first():
            first = Step.objects.filter(machine="protection", subject=again.pk, number=1).first()
            if again.child_id != child.pk or first is None or first.by_id != viewer.staff_id:
                raise UsedMark
            require_same(again, {"began_at": begun.began_at, "shelter": begun.shelter})
            require_same(first, {"reason": begun.reason})
            return again
        if running(child) is not None:
            raise ChangedMeanwhile
        hearing = heard_before(child)
        if hearing is None and not begun.why_not_heard:
            raise NotYet("not_heard")
        on = timezone.localdate(begun.began_at)
        said["why_not_heard"] = "" if hearing else begun.why_not_heard
        made = Protection.objects.create(
            child=child,
            number=Protection.objects.filter(child=child).count() + 1,
            consent=begun.consent,
            consent_on=None if begun.consent == Consent.NOT_KNOWN else on,
            limit_on=limit_of(on),
            hearing=hearing,
            form=begun.form,
            **said,
        )
        begin(made, viewer, reason=begun.reason)
        append(
            action="record",
            object="protection",
            staff=viewer,
            purpose=viewer.purpose,
            persons=[child.pk],
            detail={"number": made.pk, "kind": begun.consent, "until": made.limit_on.isoformat()},
        )
        for kind, last in clock.due(made):
            clock.start(made, kind, viewer.staff_id, last)
    return made


def move(one: Protection, viewer: Viewer, click: Click) -> Step:
    """Takes a step and carries its clocks on. raises NotYet, ChangedMeanwhile, NotNow, UsedMark"""
    with transaction.atomic():
        now = Protection.objects.select_for_update().get(pk=one.pk)
        if before := taken_again(click.form, viewer, now, click.step, click.reason):
            return before
        if now.revision != click.seen:
            raise ChangedMeanwhile
        also = _columns(now, click)
        # What ends with the step is named by the days that held before it.
        for kind in _ENDS.get(click.step, ()):
            clock.end(now, kind, viewer)
        if click.step == "withdraw_consent":
            # Its clock begins anew, with the day of what the guardian said.
            clock.end(now, clock.WARRANT, viewer)
        if click.step == "end_protection":
            clock.end_all(now, viewer)
        detail = {"until": click.on.isoformat()}
        step = take(
            now, viewer, click.step, seen=click.seen, form=click.form, reason=click.reason, also=also, detail=detail
        )
        _start_clocks(now, viewer, click)
    one.refresh_from_db()
    return step


_ENDS = {
    "record_consent": (clock.WARRANT,),
    "ask_warrant": (clock.WARRANT,),
    "warrant_refused": (clock.WARRANT,),
    "appeal_refusal": (clock.REFUSAL,),
    "prolong": (clock.LIMIT,),
}


def _columns(now: Protection, click: Click) -> dict[str, Any]:
    """The columns that change with a step. raises NotYet"""
    on = click.on
    match click.step:
        case "record_consent":
            return {"consent": Consent.AGREES, "consent_on": on}
        case "withdraw_consent":
            return {"consent": Consent.AGAINST, "consent_on": on}
        case "ask_warrant":
            return {"warrant": Warrant.ASKED, "warrant_on": on}
        case "warrant_issued":
            return {"warrant": Warrant.ISSUED, "warrant_on": on}
        case "warrant_refused":
            return {"warrant": Warrant.REFUSED, "warrant_on": on}
        case "appeal_refusal":
            return {"warrant": Warrant.APPEALED, "warrant_on": on}
        case "ask_court":
            return {"court_asked_on": on}
        case "prolong":
            if now.consent not in WITH_CONSENT and now.court_asked_on is None:
                raise NotYet("no_court")
            # The next two months ask anew.
            return {"limit_on": next_limit(now.limit_on), "court_asked_on": None}
        case "end_protection":
            if not is_heard(now, ENDING) and not click.why_not_heard:
                raise NotYet("not_heard")
            return {"ended_on": on}
    return {}


def _start_clocks(now: Protection, viewer: Viewer, click: Click) -> None:
    if click.step == "prolong":
        clock.start(now, clock.LIMIT, viewer.staff_id, now.limit_on)
    if click.step == "warrant_refused":
        clock.start(now, clock.REFUSAL, viewer.staff_id, appeal_by(click.on))
    if click.step == "withdraw_consent" and now.needs_warrant:
        clock.start(now, clock.WARRANT, viewer.staff_id, max(timezone.localdate(), now.warrant_by))
    if click.step == "end_protection" and not is_heard(now, ENDING):
        clock.start(now, clock.HEARING_OF_END, viewer.staff_id, clock.hearing_by(click.on))

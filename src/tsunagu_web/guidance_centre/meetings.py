"""The intake meeting on a notification: who decided together, on what, and the supervisor who confirms it.

What becomes of a notification is the step of a confirmed meeting, and of no other: `require_decided`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.guidance_centre.choices import Course
from tsunagu_web.guidance_centre.models import Meeting, MeetingMinutes, MeetingSeat, Notification
from tsunagu_web.steps.models import Step
from tsunagu_web.steps.once import UsedMark, require_same
from tsunagu_web.steps.services import ChangedMeanwhile, begin, take

#: The step of the notification that carries out what was decided.
STEPS: Mapping[str, str] = {
    Course.INVESTIGATE: "make_case",
    Course.PROTECT: "make_case",
    Course.SEND: "send_on",
    Course.ADVISE: "end_notification",
    Course.NO_ACTION: "end_notification",
}
_AT_ONCE, _ORDINARY = 2, 3


class NotDecided(Exception):
    """No confirmed intake meeting decided this; nothing was written.

    why  no_meeting, not_confirmed, other_course
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Held:
    """A meeting as somebody writes it down.

    staff  numbers of those who took part; others: people without an account here, one a line
    seen   how many meetings the page showed
    """

    held_at: dt.datetime
    is_emergency: bool
    why_at_once: str
    staff: tuple[int, ...]
    others: str
    known: str
    course: str
    reason: str
    is_heard: bool
    why_not_heard: str
    seen: int
    form: uuid.UUID

    def present(self) -> int:
        """How many took part."""
        return len(set(self.staff)) + len([line for line in self.others.splitlines() if line.strip()])

    def lacks(self) -> int:
        """How many more must have taken part."""
        return max(0, (_AT_ONCE if self.is_emergency else _ORDINARY) - self.present())

    def columns(self) -> dict[str, object]:
        """What the minutes hold of it."""
        names = ("held_at", "is_emergency", "why_at_once", "others", "known", "course", "reason")
        names += ("is_heard", "why_not_heard")
        return {name: getattr(self, name) for name in names} | {"present": self.present()}


def newest(one: Notification) -> Meeting | None:
    """The meeting that holds, with its minutes."""
    return Meeting.objects.filter(notification=one).select_related("minutes__by").first()


def meetings_of(one: Notification) -> list[Meeting]:
    """All of them, the newest first, with minutes and seats."""
    rows = Meeting.objects.filter(notification=one).select_related("minutes__by", "notification")
    return list(rows.prefetch_related("seats__staff"))


def record(one: Notification, viewer: Viewer, held: Held) -> Meeting:
    """Writes a meeting down; it holds from now on, and waits for a supervisor. The same form again gives the same one.

    raises  ChangedMeanwhile where another one was recorded, or the notification has ended; UsedMark
    """
    with transaction.atomic():
        now = Notification.objects.select_for_update(of=("self",)).get(pk=one.pk)
        if again := Meeting.objects.filter(form=held.form).select_related("minutes").first():
            _require_the_same(again, one, viewer, held)
            return again
        number = Meeting.objects.filter(notification=one).count()
        if number != held.seen or now.state in (now.State.CASE_OPENED, now.State.SENT, now.State.CLOSED):
            raise ChangedMeanwhile
        made = Meeting.objects.create(notification=one, child_id=one.child_id, number=number + 1, form=held.form)
        begin(made, viewer)
        MeetingSeat.objects.bulk_create([MeetingSeat(meeting=made, staff_id=pk) for pk in sorted(set(held.staff))])
        minutes = MeetingMinutes.objects.create(
            meeting=made, by_id=viewer.staff_id, at=timezone.now(), **held.columns()
        )
        append(
            action="record",
            object="intake_meeting",
            staff=viewer,
            purpose=viewer.purpose,
            persons=[one.child_id],
            detail={"number": made.pk, "outcome": held.course, "shown": held.present()},
            content=minutes,
        )
    return made


def answer(meeting: Meeting, viewer: Viewer, step: str, *, seen: int, form: uuid.UUID, reason: str) -> Step:
    """A supervisor confirms it or gives it back; only of the newest one. raises ChangedMeanwhile, NotNow, UsedMark"""
    with transaction.atomic():
        Notification.objects.select_for_update(of=("self",)).get(pk=meeting.notification_id)
        if Meeting.objects.filter(notification_id=meeting.notification_id, number__gt=meeting.number).exists():
            raise ChangedMeanwhile
        return take(meeting, viewer, step, seen=seen, form=form, reason=reason)


def require_decided(one: Notification, step: str) -> None:
    """Raises NotDecided where this step ends the notification and is not what a confirmed meeting decided."""
    if step not in STEPS.values():
        return
    meeting = newest(one)
    if meeting is None:
        raise NotDecided("no_meeting")
    if meeting.state != Meeting.State.UPHELD:
        raise NotDecided("not_confirmed")
    if STEPS[meeting.minutes.course] != step:
        raise NotDecided("other_course")


def _require_the_same(again: Meeting, one: Notification, viewer: Viewer, held: Held) -> None:
    seats = set(MeetingSeat.objects.filter(meeting=again).values_list("staff_id", flat=True))
    if (again.notification_id, again.minutes.by_id, seats) != (one.pk, viewer.staff_id, set(held.staff)):
        raise UsedMark
    require_same(again.minutes, held.columns())

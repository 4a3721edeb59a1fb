"""Calling, holding and recording a conference. Access of those who attend opens with it and ends with it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tsunagu_web.access.models import Grant
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.table import PURPOSES, permits_of
from tsunagu_web.access.terms import Action, Purpose, Role, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.services import append
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.voices import Heard, is_same_voice, record_voice, require_same_voice
from tsunagu_web.conferences.models import AgendaItem, Attendee, Conference, Minute
from tsunagu_web.duties.services import NotPossible, end_access, give_access
from tsunagu_web.steps.models import Step
from tsunagu_web.steps.once import is_of_today, is_same, require_same
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow, begin, begun_today, take, taken_again
from tsunagu_web.tasks.models import Task
from tsunagu_web.tasks.services import Asked, set_task


@dataclass(frozen=True)
class Call:
    """Who is asked to come, when and to what."""

    layer: str
    team: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    place: str
    staff: tuple[int, ...]
    form: uuid.UUID

    def columns(self) -> dict[str, object]:
        """What the conference holds of it."""
        return {name: getattr(self, name) for name in ("layer", "team", "starts_at", "ends_at", "place")}


@dataclass(frozen=True)
class Written:
    """Minutes of one child, with what was agreed to be done. seen: how many versions the page showed."""

    said: str
    agreed: str
    roles: str
    next_on: dt.date | None
    tasks: tuple[Asked, ...]
    seen: int
    form: uuid.UUID
    heard: Heard | None = None

    def columns(self) -> dict[str, object]:
        """What the minutes hold of it."""
        return {name: getattr(self, name) for name in ("said", "agreed", "roles", "next_on")}


def call(viewer: Viewer, wish: Call) -> Conference:
    """A new conference; whoever calls it attends. The same form again gives the one it called first."""
    with transaction.atomic(), the_program():
        conference, is_new = Conference.objects.get_or_create(form=wish.form, defaults=wish.columns())
        if is_new:
            begin(conference, viewer)
            staff = sorted({viewer.staff_id, *wish.staff})
            Attendee.objects.bulk_create([Attendee(conference=conference, staff_id=pk) for pk in staff])
        else:
            require_same(conference, wish.columns())
    return conference


def said_already(viewer: Viewer, wish: Call) -> tuple[Conference, dt.datetime] | None:
    """The conference this person called last, and when: today, of the same kind, hours, place and people."""
    with the_program():
        step = begun_today(Conference(), viewer)
        same = step and Conference.objects.filter(pk=step.subject, state="planned", **wish.columns()).first()
        invited = set(Attendee.objects.filter(conference=same).values_list("staff_id", flat=True)) if same else set()
    return (same, step.at) if step and same and invited == {viewer.staff_id, *wish.staff} else None


def put_on(conference: Conference, viewer: Viewer, children: Sequence[Child], why: str) -> int:
    """Puts children on the agenda; gives how many were not on it yet. NotNow once the conference is over."""
    with transaction.atomic():
        if Conference.objects.select_for_update().get(pk=conference.pk).state not in ("planned", "held"):
            raise NotNow("no_step")
        there = set(AgendaItem.objects.filter(conference=conference).values_list("child_id", flat=True))
        new = [child for child in children if child.pk not in there]
        for child in new:
            AgendaItem.objects.create(conference=conference, child=child, why=why)
        if new:
            append(
                action="put_on_agenda",
                object="conference",
                staff=viewer,
                purpose=viewer.purpose,
                persons=[child.pk for child in new],
                detail={"number": conference.pk, "why": why},
            )
        if conference.state == Conference.State.HELD:
            _open(conference, viewer, new)
    return len(new)


def move(conference: Conference, viewer: Viewer, step: str, *, seen: int, form: uuid.UUID, reason: str) -> list[Staff]:
    """Holds, ends or cancels. Gives those who attend but could get no access to a child of the agenda.

    raises  ChangedMeanwhile, NotNow
    """
    with transaction.atomic(), the_program():  # the step belongs to no single child
        if taken_again(form, viewer, conference, step, reason):
            return []
        take(conference, viewer, step, seen=seen, form=form, reason=reason)
        if step == "hold":
            return _open(conference, viewer, [item.child for item in _items(conference)])
        if step == "record":
            _close(conference, viewer)
    return []


def written_already(item: AgendaItem, viewer: Viewer, written: Written) -> Minute | None:
    """The newest minutes of this child, where this person wrote them today in these very words, and where every task
    that goes with them stands. A page that had not seen the newest version is late, whatever it says."""
    newest = Minute.objects.filter(item=item).first()
    if newest is None or newest.by_id != viewer.staff_id or not is_of_today(newest.at):
        return None
    has_seen = written.form == newest.form or written.seen == newest.number
    stands = has_seen and set(written.tasks) <= set(standing_tasks(item, viewer, written))
    is_said = stands and is_same(newest, written.columns())
    return newest if is_said and is_same_voice(Thing.CONFERENCE, newest, written.heard) else None


def standing_tasks(item: AgendaItem, viewer: Viewer, written: Written) -> tuple[Asked, ...]:
    """Of these tasks those that this person set today at this conference in these very words, and that are open: the
    back button puts them into the form of a correction, too."""
    asked = Q()
    for one in written.tasks:
        asked |= Q(what=one.what, owner_id=one.owner_id, due_on=one.due_on)
    agreed = {"child": item.child_id, "origin": Task.Origin.OF_A_CONFERENCE, "number": item.conference_id}
    open_tasks = Task.objects.filter(asked, **agreed, state=Task.State.OPEN) if written.tasks else ()
    rows = {task.pk: (task.what, task.owner_id, task.due_on) for task in open_tasks}
    begun = Step.objects.filter(machine="task", subject__in=list(rows), number=1, by_id=viewer.staff_id)
    mine = {rows[step.subject] for step in begun if is_of_today(step.at)} if rows else set()
    return tuple(one for one in written.tasks if (one.what, one.owner_id, one.due_on) in mine)


def write(item: AgendaItem, viewer: Viewer, written: Written) -> Minute:
    """Minutes of one child, and its tasks, in one transaction; an earlier version stays.

    raises  ChangedMeanwhile when the version seen is not the newest; NotNow before it is held
    """
    if item.conference.state not in ("held", "recorded"):
        raise NotNow("no_step")
    with transaction.atomic():
        before = Minute.objects.filter(form=written.form, item=item, by_id=viewer.staff_id).first()
        if before is not None:
            require_same(before, written.columns())
            require_same_voice(Thing.CONFERENCE, before, written.heard)
            return before
        AgendaItem.objects.select_for_update().get(pk=item.pk)
        if Minute.objects.filter(item=item).count() != written.seen:
            raise ChangedMeanwhile
        minute = Minute.objects.create(
            item=item,
            number=written.seen + 1,
            **written.columns(),
            form=written.form,
            by_id=viewer.staff_id,
            at=timezone.now(),
        )
        append(
            action="write_minutes",
            object="conference",
            staff=viewer,
            purpose=viewer.purpose,
            persons=[item.child_id],
            detail={"number": item.conference_id},
            content=minute,
        )
        record_voice(item.child_id, viewer, Thing.CONFERENCE, minute, written.heard)
        for task in written.tasks:
            set_task(item.child, viewer, task)
    return minute


def purpose_of(staff: Staff) -> Purpose | None:
    """Under which purpose somebody attends: of those with conferences the one nearest to the work with a case; None for
    a role without."""
    purposes = PURPOSES[Role(staff.role)] if staff.role in Role.values else ()
    attends = [one for one in purposes if permits_of(staff.role, one, Thing.CONFERENCE, Action.VIEW)]
    return attends[-1] if attends else None


def _items(conference: Conference) -> list[AgendaItem]:
    return list(AgendaItem.objects.filter(conference=conference).select_related("child"))


def _open(conference: Conference, viewer: Viewer, children: Iterable[Child]) -> list[Staff]:
    """Gives everybody who attends access to these children until the conference ends; whoever is blocked gets none."""
    left_out: dict[int, Staff] = {}
    attending = Attendee.objects.filter(conference=conference).exclude(staff_id=viewer.staff_id)
    children, ends_at = list(children), max(conference.ends_at, timezone.now() + dt.timedelta(minutes=30))
    for attendee in attending.select_related("staff"):
        purpose = purpose_of(attendee.staff)
        for child in children if purpose else ():
            try:
                give_access(
                    viewer, child.pk, attendee.staff, purpose=purpose, basis=Grant.Basis.CONFERENCE, ends_at=ends_at
                )
            except NotPossible:
                left_out[attendee.staff_id] = attendee.staff
    return list(left_out.values())


def _close(conference: Conference, viewer: Viewer) -> None:
    """Ends the access that this conference gave; what somebody has for another reason stays."""
    persons = [item.child_id for item in _items(conference)]
    staff = Attendee.objects.filter(conference=conference).values("staff_id")
    given = Grant.objects.filter(
        basis=Grant.Basis.CONFERENCE, person_id__in=persons, staff__in=staff, ends_at__gt=timezone.now()
    )
    for grant in given:
        end_access(viewer, grant)

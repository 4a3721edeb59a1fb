"""What a draft becomes: a notification of a child of this desk, with the clock of its safety check; then its steps."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict, dataclass
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import the_program, widen
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.search import searched_of
from tsunagu_web.cases.services import open_case
from tsunagu_web.duties.services import NotPossible
from tsunagu_web.guidance_centre import drafts
from tsunagu_web.guidance_centre.drafts import Typed
from tsunagu_web.guidance_centre.meetings import require_decided
from tsunagu_web.guidance_centre.models import SEEN_WITHIN, Draft, Notification, Told
from tsunagu_web.guidance_centre.sealed import Notifier, seal_notifier
from tsunagu_web.outreach.models import SightConfirmation
from tsunagu_web.people.models import Person, Source, id_by_hand
from tsunagu_web.search.models import Kind
from tsunagu_web.search.services import index_document
from tsunagu_web.steps.models import Step
from tsunagu_web.steps.once import require_same
from tsunagu_web.steps.services import begin, take, taken_again
from tsunagu_web.tasks.models import Task
from tsunagu_web.tasks.services import Asked, set_by_the_program

#: Nothing of a run: nobody's criteria noticed a child who came by a notification.
_NO_NOTICE = {"level": "", "level_at_most": "", "level_rank": 99, "strength": 0, "is_known_before": False}


class NotSeen(Exception):
    """Nobody has seen the child since the notification, so it cannot be ended; nothing was written."""


@dataclass(frozen=True)
class Said:
    """What was told, as `Told` keeps it."""

    route: str
    complaint: str
    child_name: str
    child_kana: str
    child_born: dt.date | None
    child_age: str
    child_sex: str
    place: str
    account: str
    third_parties: str
    naming: str


@dataclass(frozen=True)
class Taken:
    """A notification as somebody records it. child: who the child is here, "" for nobody of this desk yet; team: of a
    child who is new."""

    received_at: dt.datetime
    said: Said
    notifier: Notifier
    child: str
    team: str


@dataclass(frozen=True)
class Click:
    """One step with its reason. urgency: the class, where the step decides it; seen: the revision the page showed."""

    step: str
    reason: str
    urgency: str
    seen: int
    form: uuid.UUID


def record(draft: Draft, viewer: Viewer, typed: Typed, taken: Taken) -> Notification:
    """Makes a notification of the draft, seals who notified, and sets the task to see the child.

    raises  ChangedMeanwhile when another window saved since; NotPossible where the child is out of this person's reach
            or the team is not theirs
    """
    widen(viewer, Thing.NOTIFICATION, Action.EDIT)
    with transaction.atomic():
        now = drafts.keep(draft, viewer, typed)
        _require_possible(viewer, taken)
        # A new child is in nobody's reach before its row stands.
        with the_program():
            made = _write(now, viewer, taken)
        now.delete()
    return made


def recorded_before(viewer: Viewer, key: uuid.UUID, taken: Taken | None) -> Notification | None:
    """What this very draft became. raises UsedMark where it is sent again with other words"""
    widen(viewer, Thing.NOTIFICATION, Action.VIEW)
    made = Notification.objects.filter(form=key, told__by=viewer.staff_id).select_related("told").first()
    if made is not None and taken is not None:
        require_same(made.told, asdict(taken.said))
    return made


def move(one: Notification, viewer: Viewer, click: Click) -> Step:
    """Takes a step; a case is opened with it where it says so. The task to see the child ends with the check where
    somebody saw the child; otherwise it stays open, whatever becomes of the notification.

    raises  ChangedMeanwhile, NotNow, UsedMark; NotSeen; NotDecided where no intake meeting decided it
    """
    with transaction.atomic():
        also = {"urgency": click.urgency} if click.step == "decide_urgency" else {}
        # Sent again it gives its step; what holds now is asked of a new one.
        if not taken_again(click.form, viewer, one, click.step, click.reason):
            require_decided(one, click.step)
            if click.step == "end_notification" and not was_seen(one):
                raise NotSeen
        step = take(one, viewer, click.step, seen=click.seen, form=click.form, reason=click.reason, also=also)
        if step.source == Notification.State.CHECKING and was_seen(one):
            _end_the_task(one, viewer)
        if click.step == "make_case":
            open_case(Child.objects.get(pk=one.child_id), viewer)
    return step


def was_seen(one: Notification) -> bool:
    """Whether somebody of an office saw the child on the day of the notification or since."""
    since = timezone.localdate(one.received_at)
    return SightConfirmation.objects.filter(child_id=one.child_id, seen_on__gte=since, taken_back__isnull=True).exists()


def _require_possible(viewer: Viewer, taken: Taken) -> None:
    if not taken.child:
        if taken.team not in viewer.teams:
            raise NotPossible("no_team")
        return
    mine = visible_to(viewer, Child.objects.all(), thing=Thing.NOTIFICATION, action=Action.EDIT)
    if not mine.filter(pk=taken.child).exists():
        raise NotPossible("no_child")


def _write(draft: Draft, viewer: Viewer, taken: Taken) -> Notification:
    child = Child.objects.select_for_update(of=("self",)).get(pk=taken.child) if taken.child else None
    child = child or _new_child(draft, viewer, taken)
    made = Notification.objects.create(
        child=child,
        number=Notification.objects.filter(child=child).count() + 1,
        received_at=taken.received_at,
        see_by=taken.received_at + SEEN_WITHIN,
        form=draft.key,
    )
    begin(made, viewer)
    told = Told.objects.create(notification=made, by_id=viewer.staff_id, at=timezone.now(), **asdict(taken.said))
    seal_notifier(made, taken.notifier).save(force_insert=True)
    append(
        action="record",
        object="notification",
        staff=viewer,
        purpose=viewer.purpose,
        persons=[child.pk],
        detail={"number": made.pk},
        content=told,
    )
    _set_the_task(made, viewer)
    return made


def _new_child(draft: Draft, viewer: Viewer, taken: Taken) -> Child:
    today, said = timezone.localdate(), taken.said
    person = Person.objects.create(
        person_id=id_by_hand(draft.key),
        source=Source.STAFF,
        name=said.child_name,
        kana=said.child_kana,
        birth_date=said.child_born,
        sex=said.child_sex,
        known_from=today,
        entered_by_id=viewer.staff_id,
    )
    child = Child.objects.create(
        person=person,
        is_listed=False,
        kana=person.kana,
        team=taken.team,
        first_noticed_on=today,
        known_from=today,
        **_NO_NOTICE,
    )
    index_document(Kind.PERSON, person.pk, searched_of(person))
    return child


def _set_the_task(made: Notification, viewer: Viewer) -> None:
    by = timezone.localtime(made.see_by)
    with translation.override(settings.LANGUAGE_CODE):
        words = _("After a notification: see the child with your own eyes by %(day)s %(time)s")
        what = words % {"day": f"{by:%Y-%m-%d}", "time": f"{by:%H:%M}"}
    asked = Asked(what, viewer.staff_id, by.date(), _mark(made))
    set_by_the_program(made.child_id, asked, Task.Origin.OF_NOTIFICATION, made.pk)


def _end_the_task(one: Notification, viewer: Viewer) -> None:
    for task in Task.objects.filter(form__in=[_mark(one), above_mark(one)], state=Task.State.OPEN):
        take(task, viewer, "finish", seen=task.revision)


def above_mark(one: Notification) -> uuid.UUID:
    """The mark of the supervisor's task for the same check (clock.py)."""
    return uuid.UUID(bytes=sha256(f"{one.form} sight above".encode()).digest()[:16])


def _mark(one: Notification) -> uuid.UUID:
    """The mark of the task that belongs to a notification, so that it is set once."""
    return uuid.UUID(bytes=sha256(f"{one.form} sight".encode()).digest()[:16])

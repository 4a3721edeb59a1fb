"""Who asks: duties, grants and conflicts in force at this moment, read once per request."""

from __future__ import annotations

import datetime as dt

from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from tsunagu_web.access.models import Conflict, Duty, Grant
from tsunagu_web.access.policy import pickable
from tsunagu_web.access.reach import read_for_the_program
from tsunagu_web.access.table import permits_of
from tsunagu_web.access.terms import Action, Purpose, Scope, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.access.written import ask
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Decision, Run
from tsunagu_web.people.queries import memberships_beside
from tsunagu_web.reminders.models import Reminder


def purposes_of(staff: Staff) -> tuple[Purpose, ...]:
    """The purposes this person may pick; empty for an unknown role."""
    return pickable(staff.role)


def viewer_of(staff: Staff, purpose: str, now: dt.datetime | None = None) -> Viewer:
    """The person with what holds at this moment; a purpose the role does not have counts as none picked."""
    moment = now or timezone.now()
    picked = purpose if purpose in purposes_of(staff) else ""
    held: dict[str, set[str]] = {}
    reviews = bool(permits_of(staff.role, picked, Thing.EMERGENCY, Action.REVIEW))
    today = timezone.localdate(moment)
    for kind, key in ask(_held, (reviews,), staff=staff.pk, purpose=picked, now=moment, today=today):
        held.setdefault(kind, set()).add(key)
    return Viewer(
        staff_id=staff.pk,
        actor=staff.actor,
        role=staff.role,
        purpose=picked,
        teams=frozenset(held.get(Scope.TEAM, ())),
        schools=frozenset(held.get(Scope.SCHOOL, ())),
        classrooms=frozenset(held.get(Scope.CLASSROOM, ())),
        granted=frozenset(held.get("grant", ())),
        blocked=frozenset(held.get("conflict", ())),
        supports=_supported_by(staff, moment) if picked == Purpose.ANALYSIS else frozenset(),
        reviews_waiting=len(held.get("review", ())),
        reminders_new=int(next(iter(held.get("reminder", ())), 0)),
        emergencies=frozenset(held.get("emergency", ())),
        run=next(iter(held.get("run", ())), ""),
    )


def _supported_by(staff: Staff, now: dt.datetime) -> frozenset[str]:
    """Children this person works with, whatever the role is now: by a grant in force, or a decision ever made."""
    grants = Grant.objects.filter(staff=staff, starts_at__lte=now, ends_at__gt=now).exclude(purpose=Purpose.ANALYSIS)
    decided = Decision.objects.filter(by=staff).order_by()
    return frozenset(grants.values_list("person_id", flat=True)) | frozenset(
        # Whoever no longer reaches these children has supported them all the same.
        read_for_the_program(decided.values_list("child_id", flat=True))
    )


def _held(
    reviews: bool, *, staff: int, purpose: str, now: dt.datetime, today: dt.date
) -> QuerySet[Duty, tuple[str, str]]:
    """Duties, grants, conflicts with their households, and the run, as (kind, key), in one journey to the database.

    reviews  emergencies that wait for a colleague's review as well
    """
    duties = Duty.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), staff=staff, starts_on__lte=today)
    grants = Grant.objects.filter(staff=staff, purpose=purpose, starts_at__lte=now, ends_at__gt=now)
    conflicts = Conflict.objects.filter(staff=staff, ended_at__isnull=True)
    beside = memberships_beside(conflicts.values("person_id"))
    waiting = Grant.objects.filter(basis=Grant.Basis.EMERGENCY, review=Grant.Review.OPEN).exclude(staff=staff)
    unread = Reminder.objects.filter(staff=staff, state=Reminder.State.NEW).order_by().values("staff")
    counted = unread.annotate(held=Value("reminder"), count=Cast(Count("pk"), CharField()))
    parts = [
        grants.annotate(kind=Value("grant"), key=F("person_id")).values_list("kind", "key"),
        grants.filter(basis=Grant.Basis.EMERGENCY)
        .annotate(kind=Value("emergency"), key=F("person_id"))
        .values_list("kind", "key"),
        # `kind` of a conflict is a column of its own, so the word gets another name and the same place.
        conflicts.annotate(held=Value("conflict")).values_list("held", "person_id"),
        beside.annotate(held=Value("conflict")).values_list("held", "person_id"),
        Run.objects.filter(is_current=True).annotate(held=Value("run")).values_list("held", "seal"),
        counted.values_list("held", "count"),
    ]
    if reviews:
        number = Cast("pk", CharField())
        parts.append(waiting.annotate(held=Value("review"), number=number).values_list("held", "number"))
    return duties.values_list("kind", "key").union(*parts, all=True)

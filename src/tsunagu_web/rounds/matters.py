"""What waits at the desk on a day, and for whom: read from the work itself, room by room, by the program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import F, Max, Model, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from tsunagu.casework.reminders import Choices, Kind, Matter, Who, kind_by_day
from tsunagu_web.access.models import Grant
from tsunagu_web.access.terms import Role
from tsunagu_web.cases.models import Case, Child, Decision, State
from tsunagu_web.conferences.models import Conference
from tsunagu_web.outreach.clock import rules
from tsunagu_web.outreach.models import Reassessment
from tsunagu_web.outreach.queries import not_seen_in_time
from tsunagu_web.plans.models import SupportPlan
from tsunagu_web.referrals.models import Referral
from tsunagu_web.referrals.queries import ended_for_its_recipient
from tsunagu_web.reminders.queries import failing_since
from tsunagu_web.rounds.people import Office
from tsunagu_web.steps.guards import guard_of
from tsunagu_web.steps.models import Step
from tsunagu_web.tasks.models import Task
from tsunagu_web.transfers import clock as transfers

ONE_DAY = dt.timedelta(days=1)
People = dict[Who, Iterable[int | None]]


@dataclass(frozen=True)
class Waiting:
    """A matter, and the number of the child it is about; empty where it is about none."""

    matter: Matter
    child_id: str = ""


def waiting(on: dt.date, choices: Choices) -> Iterator[Waiting]:
    """Everything somebody may have to be told of on this day. The caller opens the second lock."""
    office = Office(on)
    for read in (_tasks, _referrals, _reassessments):
        yield from read(office, on, choices)
    for read_all in (_cases, _transfers, _plans, _watched, _unseen, _conferences, _grants, _mail):
        yield from read_all(office, on)


def _of(
    office: Office, kind: Kind | None, number: int, day: dt.date, people: People, child_id: str = ""
) -> Iterator[Waiting]:
    if kind is not None:
        told = {who: office.who_may_be_told(staff, child_id) for who, staff in people.items()}
        yield Waiting(Matter(kind, number, day, told), child_id)


def _with_last_step(rows: QuerySet[Model], model: type[Model], *moves: str) -> QuerySet[Model]:
    """The rows with who took their last step (of these moves), which it was, and when."""
    steps = Step.objects.filter(machine=guard_of(model()).machine.name, subject=OuterRef("pk")).order_by("-number")
    steps = steps.filter(move__in=moves) if moves else steps
    return rows.annotate(
        step_by=Subquery(steps.values("by_id")[:1]),
        step_move=Subquery(steps.values("move")[:1]),
        step_at=Subquery(steps.values("at")[:1]),
    )


def _day(moment: dt.datetime) -> dt.date:
    return timezone.localdate(moment)


def _tasks(office: Office, on: dt.date, choices: Choices) -> Iterator[Waiting]:
    rows = Task.objects.filter(state=Task.State.OPEN).annotate(team=F("child__team"))
    for task in _with_last_step(rows, Task):
        given = Kind.TASK_GIVEN if task.step_by != task.owner_id else None
        kind = kind_by_day(
            task.due_on, on=on, choices=choices, before=given, near=Kind.TASK_DUE, after=Kind.TASK_OVERDUE
        )
        day = _day(task.step_at) if kind is Kind.TASK_GIVEN else task.due_on
        people: People = {Who.OWNER: [task.owner_id], Who.SUPERVISOR: office.supervisors(task.team)}
        yield from _of(office, kind, task.pk, day, people, task.child_id)


def _referrals(office: Office, on: dt.date, choices: Choices) -> Iterator[Waiting]:
    sent = Referral.objects.filter(state=Referral.State.SENT).annotate(team=F("child__team"))
    for one in sent:
        kind = kind_by_day(
            one.reply_until,
            on=on,
            choices=choices,
            before=Kind.REFERRAL_WAITS,
            near=Kind.ANSWER_DUE,
            after=Kind.ANSWER_DUE,
        )
        day = _day(one.sent_at) if kind is Kind.REFERRAL_WAITS else one.reply_until
        yield from _of(office, kind, one.pk, day, {Who.RECIPIENT: [one.to_id]}, one.child_id)
        people: People = {Who.SENDER: [one.sent_by_id], Who.SUPERVISOR: office.supervisors(one.team)}
        yield from _of(office, Kind.REFERRAL_EXPIRES, one.pk, one.reply_until, people, one.child_id)
    since = timezone.now() - dt.timedelta(days=choices.news_days + 1)
    ended = Referral.objects.exclude(state__in=["draft", "sent", "revoked"]).annotate(team=F("child__team"))
    for one in _with_last_step(ended, Referral).filter(step_at__gte=since):
        if one.step_by == one.sent_by_id:
            continue  # closed by the sender's own step
        people = {Who.SENDER: [one.sent_by_id], Who.SUPERVISOR: office.supervisors(one.team)}
        yield from _of(office, Kind.REFERRAL_ANSWERED, one.pk, _day(one.step_at), people, one.child_id)

    # Whoever had taken it on finds the child closed from one day to the next, and is told why.
    for one in _with_last_step(ended_for_its_recipient(), Referral).filter(step_at__gte=since):
        if one.step_by != one.to_id:
            people = {Who.RECIPIENT: [one.to_id]}
            yield from _of(office, Kind.REFERRAL_ENDED, one.pk, _day(one.step_at), people, one.child_id)


def _reassessments(office: Office, on: dt.date, choices: Choices) -> Iterator[Waiting]:
    rows = Reassessment.objects.filter(state=Reassessment.State.DUE).select_related("case")
    for row in rows:
        kind = kind_by_day(
            row.due_on,
            on=on,
            choices=choices,
            before=Kind.REASSESSMENT_BEGAN,
            near=None,
            after=Kind.REASSESSMENT_OVERDUE,
        )
        day = row.started_on if kind is Kind.REASSESSMENT_BEGAN else row.due_on
        people: People = {Who.LEAD: [row.case.lead_id], Who.SUPERVISOR: office.supervisors(row.case.team)}
        yield from _of(office, kind, row.pk, day, people, row.child_id)


def _cases(office: Office, on: dt.date) -> Iterator[Waiting]:
    for case in _with_last_step(Case.objects.filter(stage=Case.Stage.CLOSURE_PROPOSED), Case):
        people: People = {Who.SUPERVISOR: office.supervisors(case.team, but=case.step_by)}
        yield from _of(office, Kind.SECOND_PERSON, case.pk, _day(case.step_at), people, case.child_id)


def _transfers(office: Office, on: dt.date) -> Iterator[Waiting]:
    """Cases that go to other municipalities, and come from them. What is late there brings a task, and no matter."""
    for transfer, writer, day in transfers.to_send():
        people: People = {Who.SUPERVISOR: office.supervisors(transfer.case.team, but=writer)}
        yield from _of(office, Kind.TRANSFER_TO_SEND, transfer.pk, day, people, transfer.child_id)
    for transfer, day in transfers.answered(on):
        people = {Who.LEAD: [transfer.case.lead_id], Who.SENDER: [transfers.sender_of(transfer)]}
        yield from _of(office, Kind.TRANSFER_ANSWERED, transfer.pk, day, people, transfer.child_id)
    for one in transfers.waiting_here(on):
        people = {Who.RECIPIENT: one.recipients, Who.SUPERVISOR: office.in_roles(Role.SUPERVISOR)}
        kind, day = (Kind.TRANSFER_LATE, one.respond_by) if one.is_late else (Kind.TRANSFER_WAITS, one.came_on)
        yield from _of(office, kind, one.number, day, people)


def _plans(office: Office, on: dt.date) -> Iterator[Waiting]:
    handed_in = SupportPlan.objects.filter(state=SupportPlan.State.SUBMITTED).select_related("case")
    for plan in _with_last_step(handed_in, SupportPlan):
        people: People = {Who.SUPERVISOR: office.supervisors(plan.case.team, but=plan.step_by)}
        yield from _of(office, Kind.PLAN_TO_APPROVE, plan.pk, _day(plan.step_at), people, plan.child_id)
    writer = Step.objects.filter(machine="plan", subject=OuterRef("pk"), move="submit").order_by("-number")
    answered = SupportPlan.objects.filter(state__in=["draft", "approved"]).select_related("case")
    answered = answered.annotate(writer=Subquery(writer.values("by_id")[:1]))
    for plan in _with_last_step(answered, SupportPlan).filter(step_move__in=["approve", "return"]):
        people = {Who.WRITER: [plan.writer], Who.LEAD: [plan.case.lead_id]}
        yield from _of(office, Kind.PLAN_ANSWERED, plan.pk, _day(plan.step_at), people, plan.child_id)


def _watched(office: Office, on: dt.date) -> Iterator[Waiting]:
    latest = Decision.objects.filter(child=OuterRef("pk")).order_by("-number")
    rows = Child.objects.filter(state=State.WATCH, due_on__lte=on)
    rows = rows.annotate(decision=Subquery(latest.values("pk")[:1]), by=Subquery(latest.values("by_id")[:1]))
    for pk, due_on, team, decision, by in rows.values_list("pk", "due_on", "team", "decision", "by"):
        people: People = {Who.WRITER: [by], Who.SUPERVISOR: office.supervisors(team)}
        yield from _of(office, Kind.WATCH_DUE, decision, due_on, people, pk)


def _unseen(office: Office, on: dt.date) -> Iterator[Waiting]:
    """From the day after the interval: since the child was seen, or, of one nobody saw, since the case was opened."""
    last = Max("sights__seen_on", filter=Q(sights__taken_back__isnull=True))
    rows = not_seen_in_time(Child.objects.all()).annotate(seen_on=last)
    names = ("pk", "case_id", "case__kind", "case__lead_id", "case__team", "case__opened_on", "seen_on")
    for child, case, kind, lead, team, opened_on, seen_on in rows.values_list(*names):
        begins = max(day for day in (opened_on, seen_on) if day is not None)
        day = begins + dt.timedelta(days=rules().sight_days[kind]) + ONE_DAY
        people: People = {Who.LEAD: [lead], Who.SUPERVISOR: office.supervisors(team)}
        yield from _of(office, Kind.NOT_SEEN, case, day, people, child)


def _conferences(office: Office, on: dt.date) -> Iterator[Waiting]:
    rows = Conference.objects.filter(state=Conference.State.PLANNED, ends_at__gte=timezone.now())
    for one in rows.prefetch_related("attendees"):
        attend = [seat.staff_id for seat in one.attendees.all()]
        yield from _of(office, Kind.CONFERENCE, one.pk, _day(one.starts_at), {Who.ATTENDEE: attend})


def _grants(office: Office, on: dt.date) -> Iterator[Waiting]:
    """Access that ends, and emergencies to review. A conference's ends with it, an emergency's of itself in a day."""
    now = timezone.now()
    in_force = Grant.objects.filter(starts_at__lte=now, ends_at__gt=now)
    for grant in in_force.filter(basis__in=[Grant.Basis.REFERRAL, Grant.Basis.SHARED_CASE]):
        people: People = {Who.HOLDER: [grant.staff_id]}
        yield from _of(office, Kind.GRANT_ENDS, grant.pk, _day(grant.ends_at), people, grant.person_id)
    for grant in Grant.objects.filter(basis=Grant.Basis.EMERGENCY, review=Grant.Review.OPEN):
        reviewers = office.in_roles(Role.SUPERVISOR, Role.PRIVACY_OFFICER, but=grant.staff_id)
        people = {Who.REVIEWER: reviewers}
        yield from _of(office, Kind.EMERGENCY_TO_REVIEW, grant.pk, _day(grant.starts_at), people, grant.person_id)


def _mail(office: Office, on: dt.date) -> Iterator[Waiting]:
    if since := failing_since():
        people: People = {Who.ADMINISTRATOR: office.in_roles(Role.SYSTEM_ADMINISTRATOR)}
        yield from _of(office, Kind.MAIL_NOT_SENT, 0, since, people)

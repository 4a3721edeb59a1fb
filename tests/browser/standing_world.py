"""A program of the tests, run in a desk's environment: the work of a few months with the children of a run, so that the
page of numbers has something to count and to leave out."""

# ruff: noqa: E402 (Django first)
from __future__ import annotations

import datetime as dt
import uuid
from itertools import count, cycle

import django

django.setup()

from django.utils import timezone

from tsunagu_web.access.models import INTAKE_TEAM
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.terms import Purpose, Role, Scope
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Child, Run, State
from tsunagu_web.cases.services import Wish, decide
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.steps.models import Step
from tsunagu_web.tasks.services import Asked, set_task

# Of each month's children: so many connected and followed up, connected, planned, only decided, supported before.
MONTHS = {8: (6, 8, 7, 9, 5), 9: (0, 5, 6, 12, 2)}
_subjects = count(9000)


def steps(child: Child, machine: str, *taken: tuple[str, str, str, Staff], days_ago: int) -> None:
    """Steps of one plan, referral or case of the child, one after the other: move, from, to, by whom."""
    subject = next(_subjects)
    for number, (move, source, target, by) in enumerate(taken, start=1):
        Step.objects.create(
            machine=machine, subject=subject, person_id=child.pk, number=number, move=move, source=source,
            target=target, by=by, at=timezone.now() - dt.timedelta(days=days_ago), reason="x", form=uuid.uuid4(),
        )  # fmt: skip


def decided(child: Child, outcome: str, by: Staff, until: dt.date | None = None) -> None:
    wish = Wish(outcome, until, "", "学級担任から話を聞いた。", child.decisions_made, uuid.uuid4())
    decide(child, viewer_of(by, Purpose.EARLY_SUPPORT), Run.objects.get(is_current=True), wish)


def helped(child: Child, furthest: int, by: Staff, another: Staff) -> None:
    """0: followed up, 1: connected, 2: planned, 3: decided."""
    if furthest <= 2:
        handed_in, approved = ("submit", "draft", "submitted", by), ("approve", "submitted", "approved", another)
        steps(child, "plan", handed_in, approved, days_ago=20)
    if furthest <= 1:
        sent, accepted = ("send", "draft", "sent", by), ("accept", "sent", "accepted", another)
        steps(child, "referral", sent, accepted, days_ago=14)
    if furthest == 0:
        steps(child, "case", ("go_on", "review", "active", by), days_ago=3)


def colleague(name: str, login: str) -> Staff:
    made = Staff.objects.create(login=login, password="x", name=name, role=Role.LEAD_WORKER, department="支援課")
    made.duties.create(kind=Scope.TEAM, key=INTAKE_TEAM, starts_on=timezone.localdate())
    return made


def work() -> None:
    today = timezone.localdate()
    lead = Staff.objects.get(role=Role.LEAD_WORKER)
    supervisor = Staff.objects.get(role=Role.SUPERVISOR)
    leads = [lead, *(colleague(name, f"lead{n}") for n, name in enumerate(("例山 みどり", "例川 さちこ"), start=2))]
    by = cycle([leads[0], leads[1], leads[0], leads[2]])
    for month, numbers in MONTHS.items():
        waiting = list(Child.objects.filter(first_noticed_on__month=month).order_by("pk"))
        for furthest, n in enumerate(numbers[:4]):
            for _ in range(n):
                child = waiting.pop()
                decided(child, State.CANDIDATE, next(by))
                helped(child, furthest, lead, supervisor)
        for _ in range(numbers[4]):
            decided(waiting.pop(), State.SUPPORTED, lead)
    watched = Child.objects.filter(state=State.NEW).order_by("pk")[:7]
    for n, child in enumerate(watched):
        decided(child, State.WATCH, leads[n % 2], until=today + dt.timedelta(days=10 + n))
    Child.objects.filter(pk__in=[child.pk for child in watched[:2]], state=State.WATCH).update(
        due_on=today - dt.timedelta(days=4)
    )
    for n, child in enumerate(Child.objects.filter(state=State.CANDIDATE).select_related("case").order_by("pk")[:16]):
        who = viewer_of(leads[n % 2], Purpose.CASE_SUPPORT)
        due_on = today + dt.timedelta(days=9 - n)
        set_task(child, who, Asked(what="家庭に連絡する", owner_id=who.staff_id, due_on=due_on, form=uuid.uuid4()))


with the_program():
    work()

"""Tasks a viewer may see: their own, their teams', a child's; what is overdue first."""

from __future__ import annotations

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import widen
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Child
from tsunagu_web.tasks.models import Task

PAGE_SIZE = 25


def tasks_for(viewer: Viewer) -> QuerySet[Task]:
    """Every task this person may see; the one source of lists and pages."""
    widen(viewer, Thing.TASK, Action.VIEW)
    rows = Task.objects.select_related("child__person", "owner")
    return visible_to(viewer, rows, thing=Thing.TASK, child="child__")


def open_tasks(viewer: Viewer, *, whose: str, page: str) -> Page[Task]:
    """Open tasks, the longest overdue first. whose: `mine`, `team` for all in reach, `overdue` for those of them."""
    tasks = tasks_for(viewer).filter(state=Task.State.OPEN)
    if whose == "mine":
        tasks = tasks.filter(owner_id=viewer.staff_id)
    elif whose == "overdue":
        tasks = tasks.filter(due_on__lt=timezone.localdate())
    return Paginator(tasks.order_by("due_on", "pk"), PAGE_SIZE).get_page(page)


def tasks_of(viewer: Viewer, child: Child) -> list[Task]:
    """The child's tasks: open ones by their day, then what is over."""
    tasks = tasks_for(viewer).filter(child_id=child.pk).order_by("due_on", "pk")
    return sorted(tasks, key=lambda task: task.state != Task.State.OPEN)


def require_task(viewer: Viewer, child: Child, number: int) -> Task:
    """The child's task of that number; 404 where the viewer may not see it, or nobody set it."""
    task = tasks_for(viewer).filter(child_id=child.pk, pk=number).first()
    if task is None:
        raise Http404
    return task


def possible_owners(child: Child) -> list[Staff]:
    """Who can do something for this child: staff with a duty for the team, the school or the classroom today."""
    today = timezone.localdate()
    held = Q(duties__kind="team", duties__key=child.team)
    if child.school:
        held |= Q(duties__kind="school", duties__key=child.school)
    if child.classroom:
        held |= Q(duties__kind="classroom", duties__key=child.classroom)
    in_force = Q(duties__starts_on__lte=today) & (Q(duties__ends_on__isnull=True) | Q(duties__ends_on__gte=today))
    return list(Staff.objects.filter(held & in_force, is_active=True).distinct().order_by("name", "pk"))

"""The progress ledger (進行管理台帳): one row for each open case, made from what is recorded, never typed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, DateField, DateTimeField, Min, OuterRef, Q, Subquery
from django.utils import timezone

from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import widen
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.models import Case
from tsunagu_web.cases.who import Who, who
from tsunagu_web.conferences.models import AgendaItem, Minute
from tsunagu_web.tasks.models import Task

PAGE_SIZE = 50


@dataclass(frozen=True)
class Line:
    """One open case. spoken_on: when a conference last dealt with the child; next_on: when it is to again.

    tasks, due_on  open tasks, and the first day by which one is to be done
    """

    case: Case
    who: Who
    spoken_on: dt.datetime | None
    next_on: dt.date | None
    is_overdue: bool
    tasks: int
    due_on: dt.date | None


def ledger(viewer: Viewer, page: str) -> tuple[Page[Case], list[Line]]:
    """Open cases within the duty: first those whose next conference is overdue, then the longest open."""
    widen(viewer, Thing.LEDGER, Action.VIEW)
    items = AgendaItem.objects.filter(child=OuterRef("child"), conference__state__in=("held", "recorded"))
    minutes = Minute.objects.filter(item__child=OuterRef("child"))
    tasks = Task.objects.filter(child=OuterRef("child"), state=Task.State.OPEN).order_by().values("child")
    rows = Case.objects.filter(state="open").select_related("child__person", "lead")
    rows = rows.annotate(
        spoken_on=Subquery(
            items.order_by("-conference__starts_at").values("conference__starts_at")[:1],
            output_field=DateTimeField(),
        ),
        next_on=Subquery(minutes.order_by("-at").values("next_on")[:1], output_field=DateField()),
        open_tasks=Subquery(tasks.annotate(n=Count("pk")).values("n")),
        first_due=Subquery(tasks.annotate(first=Min("due_on")).values("first"), output_field=DateField()),
    )
    today = timezone.localdate()
    mine = visible_to(viewer, rows, thing=Thing.LEDGER, child="child__")
    overdue = Q(next_on__lt=today)
    ordered = mine.annotate(waits=overdue).order_by("-waits", "opened_on", "pk")
    shown = Paginator(ordered, PAGE_SIZE).get_page(page)
    return shown, [_line(viewer, case, today) for case in shown]


def _line(viewer: Viewer, case: Case, today: dt.date) -> Line:
    next_on = case.next_on  # type: ignore[attr-defined]  # annotated above, as the three below
    return Line(
        case=case,
        who=who(viewer, case.child),
        spoken_on=case.spoken_on,  # type: ignore[attr-defined]
        next_on=next_on,
        is_overdue=bool(next_on and next_on < today),
        tasks=case.open_tasks or 0,  # type: ignore[attr-defined]
        due_on=case.first_due,  # type: ignore[attr-defined]
    )

"""What waits, as the lists of the desk count it: each number leads to its list, where each child may be opened.

These are lengths of lists of the viewer's own children, so they are told as they are (decision 0020).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tsunagu_web.access.policy import may
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.terms import Action, CaseState, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.models import Case
from tsunagu_web.outreach import queries as outreach
from tsunagu_web.outreach.models import Reassessment
from tsunagu_web.tasks import queries as tasks
from tsunagu_web.tasks.models import Task


@dataclass(frozen=True)
class WaitingList:
    words: str
    count: int
    url: str


@dataclass(frozen=True)
class Load:
    """Open cases of one lead worker, and how many re-assessments of them wait for a decision."""

    name: str
    cases: int
    reassessments: int


def lists(viewer: Viewer) -> list[WaitingList]:
    """The lists that this person may open, with how many stand in each."""
    if not may(viewer, Thing.REPORT):
        return []
    found = []
    if may(viewer, Thing.TASK):
        late = tasks.tasks_for(viewer).filter(state=Task.State.OPEN, due_on__lt=timezone.localdate()).count()
        found.append(WaitingList(_("Tasks overdue"), late, reverse("tasks:mine") + "?whose=overdue"))
    if may(viewer, Thing.SIGHT):
        unseen = outreach.unseen(viewer, mine=False, page="1").paginator.count
        found.append(WaitingList(_("Children not seen in time"), unseen, reverse("outreach:unseen") + "?whose=team"))
    if may(viewer, Thing.REASSESSMENT):
        due = outreach.due(viewer, "1").paginator.count
        found.append(WaitingList(_("Re-assessments that wait"), due, reverse("outreach:due")))
    return found


def names_leads(viewer: Viewer) -> bool:
    """Whoever assigns cases must see who has how many; nobody else compares colleagues."""
    return may(viewer, Thing.REPORT) and may(viewer, Thing.CASE, Action.ASSIGN)


def leads(viewer: Viewer) -> list[Load]:
    """Lead workers of the viewer's teams who have an open case, those with the most cases first."""
    if not names_leads(viewer):
        return []
    due = Count("reassessments", filter=Q(reassessments__state=Reassessment.State.DUE), distinct=True)
    cases = visible_to(viewer, Case.objects.filter(state=CaseState.OPEN), thing=Thing.REPORT, child="child__")
    rows = cases.order_by().values_list("lead_id", "lead__name").annotate(n=Count("pk", distinct=True), due=due)
    return [Load(name, n, waits) for _lead, name, n, waits in rows.order_by("-n", "lead__name", "lead_id")]

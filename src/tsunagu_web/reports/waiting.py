"""What waits, each leading to its list; and who has how much of it in hand.

Both count the children whom the viewer may count (report), under whichever purpose they may be opened, since a team's
numbers do not change with the purpose picked. A list shows those of the purpose: how many it leaves out is said.

These are lengths of lists of the viewer's own children, so they are told as they are (decision 0020).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, OuterRef, Q, QuerySet, Subquery, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tsunagu_web.access.policy import may
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import widen
from tsunagu_web.access.table import permits_of
from tsunagu_web.access.terms import Action, CaseState, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.models import Case, Child, Decision, State
from tsunagu_web.outreach import queries as outreach
from tsunagu_web.outreach.models import Reassessment
from tsunagu_web.tasks import queries as tasks
from tsunagu_web.tasks.models import Task


@dataclass(frozen=True)
class WaitingList:
    """What waits of one kind.

    in_time, over  so many whose day is today or ahead, and so many whose day has passed
    url, shown     the list it leads to, and how many of them stand there
    elsewhere      so many of those counted that a list of theirs shows under another purpose only
    """

    words: str
    in_time: int
    over: int
    url: str
    shown: int
    elsewhere: int = 0


@dataclass
class Load:
    """What one person has in hand: open cases as their lead, open tasks, children watched until a day that this
    person chose, and re-assessments of the cases that wait for a decision. `over`: of these the day has passed."""

    name: str
    cases: int = 0
    tasks: int = 0
    tasks_over: int = 0
    watches: int = 0
    watches_over: int = 0
    reassessments: int = 0


def lists(viewer: Viewer) -> list[WaitingList]:
    """The lists that this person may open, with how many stand in each."""
    if not may(viewer, Thing.REPORT):
        return []
    found = []
    if may(viewer, Thing.TASK):
        open_tasks = Task.objects.filter(state=Task.State.OPEN)
        counted = _both(viewer, open_tasks, tasks.tasks_for(viewer), child="child__")
        all_of, shown = reverse("tasks:mine") + "?whose=team", sum(counted.shown)
        found.append(WaitingList(_("Open tasks"), *counted.all, all_of, shown, sum(counted.all) - shown))
    if may(viewer, Thing.SIGHT):
        in_time, over = outreach.seen_in_time(viewer)
        of_the_team = reverse("outreach:unseen") + "?whose=team"
        found.append(WaitingList(_("Children of open cases to be seen in time"), in_time, over, of_the_team, over))
    if may(viewer, Thing.REASSESSMENT):
        in_time, over = _by_day(outreach.due_rows(viewer))
        found.append(WaitingList(_("Re-assessments that wait"), in_time, over, reverse("outreach:due"), in_time + over))
    if may(viewer, Thing.WORKLIST):
        watched = Child.objects.filter(is_listed=True, state=State.WATCH)
        counted = _both(viewer, watched, visible_to(viewer, watched, thing=Thing.WORKLIST))
        overdue, elsewhere = reverse("worklist:list") + "?which=overdue", sum(counted.all) - sum(counted.shown)
        words = _("Children watched until a day")
        found.append(WaitingList(words, *counted.all, overdue, counted.shown[1], elsewhere))
    return found


@dataclass(frozen=True)
class _Both:
    """In time and over: of all that the viewer may count, and of those that a list shows under the picked purpose."""

    all: tuple[int, int]
    shown: tuple[int, int]


def _both(viewer: Viewer, rows: QuerySet[Any], listed: QuerySet[Any], *, child: str = "") -> _Both:
    """One statement for the two: the page has little room for more (twelve)."""
    widen(viewer, Thing.REPORT, Action.VIEW)
    is_over, is_listed = Q(due_on__lt=timezone.localdate()), Q(pk__in=listed.order_by().values("pk"))
    mine = visible_to(viewer, rows, thing=Thing.REPORT, child=child).order_by()
    parts = {"in_time": ~is_over, "over": is_over, "listed_in_time": ~is_over & is_listed}
    parts["listed_over"] = is_over & is_listed
    n = mine.aggregate(**{name: Count("pk", filter=part) for name, part in parts.items()})
    return _Both((n["in_time"], n["over"]), (n["listed_in_time"], n["listed_over"]))


def _by_day(rows: QuerySet[Any]) -> tuple[int, int]:
    """How many are due today or later, and how many were due before."""
    is_over = Q(due_on__lt=timezone.localdate())
    found = rows.order_by().aggregate(in_time=Count("pk", filter=~is_over), over=Count("pk", filter=is_over))
    return found["in_time"], found["over"]


def leaves_out_transferred(viewer: Viewer) -> bool:
    """Whether children whose case went elsewhere are not among those counted: who may not open them counts them not."""
    permits = permits_of(viewer.role, viewer.purpose, Thing.REPORT, Action.VIEW)
    return bool(permits) and not any(CaseState.TRANSFERRED in permit.states for permit in permits)


def names_leads(viewer: Viewer) -> bool:
    """Whoever assigns cases must see who has how many; nobody else compares colleagues."""
    return may(viewer, Thing.REPORT) and may(viewer, Thing.CASE, Action.ASSIGN)


def leads(viewer: Viewer) -> list[Load]:
    """Everybody who has something in hand for a child of the viewer's teams, those with the most cases first."""
    if not names_leads(viewer):
        return []
    found: dict[int, Load] = {}
    # One journey to the database for the three: the page has little room for more (twelve).
    cases, tasks_open, watches = _cases(viewer), _tasks(viewer), _watches(viewer)
    for kind, who, name, n, of_them in cases.union(tasks_open, watches, all=True):
        load = found.setdefault(who, Load(name))
        match kind:
            case "cases":
                load.cases, load.reassessments = n, of_them
            case "tasks":
                load.tasks, load.tasks_over = n, of_them
            case "watches":
                load.watches, load.watches_over = n, of_them
    return [load for _who, load in sorted(found.items(), key=lambda one: (-one[1].cases, one[1].name, one[0]))]


def _cases(viewer: Viewer) -> QuerySet[Any, Any]:
    """Open cases by their lead, and how many re-assessments of them wait."""
    cases = visible_to(viewer, Case.objects.filter(state=CaseState.OPEN), thing=Thing.REPORT, child="child__")
    due = Count("reassessments", filter=Q(reassessments__state=Reassessment.State.DUE), distinct=True)
    return _counted("cases", cases, "lead_id", "lead__name", due)


def _tasks(viewer: Viewer) -> QuerySet[Any, Any]:
    """Open tasks by whose they are, and how many of them are overdue."""
    mine = visible_to(viewer, Task.objects.filter(state=Task.State.OPEN), thing=Thing.REPORT, child="child__")
    return _counted("tasks", mine, "owner_id", "owner__name", _over())


def _watches(viewer: Viewer) -> QuerySet[Any, Any]:
    """Whoever decided to watch is told when the day comes, so the watch counts as theirs."""
    latest = Decision.objects.filter(child=OuterRef("pk")).order_by("-number")
    mine = visible_to(viewer, Child.objects.filter(is_listed=True, state=State.WATCH), thing=Thing.REPORT)
    by = mine.annotate(by=Subquery(latest.values("by_id")[:1]), by_name=Subquery(latest.values("by__name")[:1]))
    return _counted("watches", by, "by", "by_name", _over())


def _counted(kind: str, rows: QuerySet[Any], who: str, name: str, of_them: Count) -> QuerySet[Any, Any]:
    what = Value(kind, output_field=CharField())
    groups = rows.order_by().values_list(who, name).annotate(n=Count("pk", distinct=True), of_them=of_them)
    return groups.values_list(what, who, name, "n", "of_them")


def _over() -> Count:
    return Count("pk", filter=Q(due_on__lt=timezone.localdate()), distinct=True)

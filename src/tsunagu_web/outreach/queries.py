"""Reads of contacts, sight confirmations and re-assessments, limited to what the viewer may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Case as Choose
from django.db.models import (
    Count,
    DateField,
    Exists,
    IntegerField,
    Max,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.http import Http404
from django.utils import timezone

from tsunagu_web.access.policy import may
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import widen
from tsunagu_web.access.terms import Action, CaseState, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.outreach import clock
from tsunagu_web.outreach.models import Contact, Reassessment, SightConfirmation

PAGE_SIZE = 25
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Unseen:
    """A child of an open case, and how long nobody of an office was recorded to have seen it.

    seen_on    by the desk's own confirmations; None: never recorded
    days       since then; interval: within how many days the child is to be seen
    """

    child: Child
    kind: str
    seen_on: dt.date | None
    days: int | None
    interval: int

    @property
    def due_in_days(self) -> int | None:
        """Days left of the interval, below 0 once it is over."""
        return None if self.days is None else self.interval - self.days


def contacts_of(child: Child) -> list[Contact]:
    """Everything recorded, newest first, also what was taken back."""
    rows = Contact.objects.filter(child=child).select_related("by", "taken_back__by")
    return list(rows.order_by("-at", "-pk"))


def sights_of(child: Child, *, by: int | None = None) -> list[SightConfirmation]:
    """Everything recorded, newest first; `by`: of this person alone."""
    rows = SightConfirmation.objects.filter(child=child).select_related("by", "taken_back__by")
    return list((rows.filter(by_id=by) if by else rows).order_by("-seen_on", "-pk"))


def last_sight(sights: list[SightConfirmation]) -> SightConfirmation | None:
    """The latest of these that nobody took back."""
    return next((sight for sight in sights if not hasattr(sight, "taken_back")), None)


def reassessments_of(child: Child) -> list[Reassessment]:
    """What is due first, then what was decided, newest first."""
    rows = Reassessment.objects.filter(child=child)
    return sorted(rows, key=lambda row: (row.state != Reassessment.State.DUE, -row.started_on.toordinal(), -row.pk))


def require_of(child: Child, model: type[Row], number: int) -> Row:
    """The child's row of that number; one of another child is answered as none."""
    row = model._default_manager.filter(child=child, pk=number).first()
    if row is None:
        raise Http404
    return row


def require_sight(viewer: Viewer, child: Child, number: int) -> SightConfirmation:
    """The confirmation, for whoever recorded it and for those who may read them all."""
    sight = require_of(child, SightConfirmation, number)
    if sight.by_id != viewer.staff_id and not may(viewer, Thing.SIGHT, about=child.subject()):
        raise Http404
    return sight


def unseen(viewer: Viewer, *, mine: bool, page: str) -> Page[Child]:
    """Children of open cases whom nobody has seen within the interval of the case's kind: those never recorded first,
    then those not seen for the longest."""
    keys = Paginator(_in_order(_unseen(viewer, mine=mine)).values_list("pk", flat=True), PAGE_SIZE).get_page(page)
    return Page(list(_shown(list(keys))), keys.number, keys.paginator)


def first_unseen(viewer: Viewer, most: int) -> tuple[list[Child], int]:
    """The first of that list within the viewer's duty, and how many stand in it: one statement."""
    rows = _unseen(viewer, mine=False)
    of_all = rows.order_by().annotate(each=Value(1)).values("each").annotate(n=Count("pk")).values("n")
    first = list(_shown(_in_order(rows).values("pk")[:most]).annotate(total=Subquery(of_all)))
    return first, first[0].total if first else 0  # type: ignore[attr-defined]  # annotated


def _shown(keys: object) -> QuerySet[Child]:
    """The children of one page. Who stands on it is found out first: the second lock asks about each person by itself,
    and so about these alone."""
    return _in_order(Child.objects.select_related("person", "case__lead").filter(pk__in=keys))


def _in_order(rows: QuerySet[Child]) -> QuerySet[Child]:
    last = Max("sights__seen_on", filter=Q(sights__taken_back__isnull=True))
    never_first = Choose(When(seen_on__isnull=True, then=0), default=1, output_field=IntegerField())
    return rows.annotate(seen_on=last).order_by(never_first, "seen_on", "pk")


def _unseen(viewer: Viewer, *, mine: bool) -> QuerySet[Child]:
    widen(viewer, Thing.SIGHT, Action.VIEW)
    rows = not_seen_in_time(Child.objects.all())
    if mine:
        rows = rows.filter(case__lead_id=viewer.staff_id)
    return visible_to(viewer, rows, thing=Thing.SIGHT)


def seen_in_time(viewer: Viewer) -> tuple[int, int]:
    """Of the children of open cases how many were seen within the interval, and how many stand in `unseen`."""
    widen(viewer, Thing.SIGHT, Action.VIEW)
    rows = Child.objects.filter(case__state=CaseState.OPEN).annotate(
        latest=_by_kind(clock.rules().sight_days, timezone.localdate())
    )
    seen = SightConfirmation.objects.filter(
        child=OuterRef("pk"), taken_back__isnull=True, seen_on__gte=OuterRef("latest")
    )
    mine = visible_to(viewer, rows, thing=Thing.SIGHT).annotate(is_seen=Exists(seen))
    counted = dict(mine.order_by().values_list("is_seen").annotate(n=Count("pk")))
    return counted.get(True, 0), counted.get(False, 0)


def not_seen_in_time(rows: QuerySet[Child]) -> QuerySet[Child]:
    """Of these children those with an open case whom nobody has seen within the interval of its kind."""
    latest = _by_kind(clock.rules().sight_days, timezone.localdate())
    seen = SightConfirmation.objects.filter(child=OuterRef("pk"), taken_back__isnull=True)
    rows = rows.filter(case__state=CaseState.OPEN).alias(latest=latest)
    return rows.exclude(Exists(seen.filter(seen_on__gte=OuterRef("latest"))))


def as_unseen(child: Child) -> Unseen:
    """A row of the list in plain values."""
    assert child.case is not None
    seen_on: dt.date | None = child.seen_on  # type: ignore[attr-defined]  # annotated
    days = (timezone.localdate() - seen_on).days if seen_on else None
    return Unseen(child, child.case.get_kind_display(), seen_on, days, clock.rules().sight_days[child.case.kind])


def due(viewer: Viewer, page: str) -> Page[Reassessment]:
    """Re-assessments that wait for a decision: those to be decided earliest first, the most urgent cause first."""
    mine = due_rows(viewer)
    order = [When(cause=cause, then=Value(place)) for place, cause in enumerate(Reassessment.Cause.values)]
    urgency = Choose(*order, default=Value(len(order)), output_field=IntegerField())
    rows_shown = mine.select_related("child__person", "case__lead").order_by("due_on", urgency, "pk")
    return Paginator(rows_shown, PAGE_SIZE).get_page(page)


def due_rows(viewer: Viewer) -> QuerySet[Reassessment]:
    """Every re-assessment that waits for a decision and that this person may see."""
    widen(viewer, Thing.REASSESSMENT, Action.VIEW)
    rows = Reassessment.objects.filter(state=Reassessment.State.DUE)
    return visible_to(viewer, rows, thing=Thing.REASSESSMENT, child="child__")


def _by_kind(days: Mapping[str, int], today: dt.date) -> Choose:
    """The first day on which a child counts as seen in time, by the kind of its case."""
    of_kind = [When(case__kind=kind, then=Value(today - dt.timedelta(days=n))) for kind, n in days.items()]
    return Choose(*of_kind, default=Value(today), output_field=DateField())


def open_case(child: Child) -> Case | None:
    """The child's case where it is open."""
    return child.case if child.case and child.case.state == CaseState.OPEN else None

"""Reads, already limited to what the viewer may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest

from tsunagu_web.access.policy import Viewer
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.table import Action, Thing
from tsunagu_web.audit.looks import record_refusal
from tsunagu_web.cases.models import Child, Decision, Fact, HouseholdMember, Run, State

PAGE_SIZE = 25


def current_run(request: HttpRequest) -> Run | None:
    """The run the desk shows, read once per request; None before the first intake."""
    if not hasattr(request, "desk_run"):
        request.desk_run = Run.objects.filter(is_current=True).first()  # type: ignore[attr-defined]  # the cache
    return request.desk_run  # type: ignore[attr-defined,no-any-return]  # set above


def require_run(request: HttpRequest) -> Run:
    """The run the desk shows; without one there is nothing to be found."""
    run = current_run(request)
    if run is None:
        raise Http404
    return run


def children_of(viewer: Viewer) -> QuerySet[Child]:
    """The children this person may open; the one source of lists, counts, search and pages."""
    return visible_to(viewer, Child.objects.all())


def require_child(request: HttpRequest, person_id: str) -> Child:
    """The child, or a refusal that is shown and recorded; 404 only where there is no such child for anybody."""
    child = children_of(request.user).filter(pk=person_id).first()
    if child is not None:
        return child
    if Child.objects.filter(pk=person_id).exists():
        record_refusal(request, Thing.CHILD, Action.VIEW, [person_id])
        raise PermissionDenied
    raise Http404


def facts_about(child: Child, household: Sequence[HouseholdMember]) -> list[Fact]:
    """The child's facts; of members not noticed the tax class only, on which the household's judgment rests."""
    others = [member.pk for member in household if member.child_id is None]
    return list(Fact.objects.filter(Q(person_id=child.pk) | Q(person_id__in=others, item="tax_class")))


def household_of(child: Child) -> list[HouseholdMember]:
    """The other members of the child's household, each with the page of those who were noticed."""
    if not child.household:
        return []
    members = HouseholdMember.objects.filter(household=child.household).exclude(pk=child.pk)
    return list(members.select_related("child").order_by("birth_date", "pk"))


def history_of(child: Child) -> list[Decision]:
    return list(child.decisions.select_related("by")) if child.decisions_made else []


@dataclass(frozen=True)
class DecisionOverview:
    """Decisions of the city, newest first, and how many children stand where."""

    page: Page[Decision]
    states: tuple[tuple[str, int], ...]

    @property
    def persons(self) -> list[str]:
        return [decision.child_id for decision in self.page]


def decision_overview(viewer: Viewer, *, page: str) -> DecisionOverview:
    mine = visible_to(viewer, Decision.objects.select_related("child", "by"), school="child__school")
    counts = dict(children_of(viewer).filter(is_listed=True).values_list("state").annotate(n=Count("pk")).order_by())
    states = tuple((label, counts.get(state, 0)) for state, label in State.choices)
    return DecisionOverview(Paginator(mine.order_by("-at", "-pk"), PAGE_SIZE).get_page(page), states)

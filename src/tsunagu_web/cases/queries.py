"""Reads, already limited to what the viewer may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest

from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.table import Action, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.looks import record_refusal
from tsunagu_web.cases.models import Child, Decision, Fact, HouseholdMember, Run, State

PAGE_SIZE = 25


class OutOfReach(Http404):
    """There is no such child, or none for this viewer; the page says both in one sentence."""


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


def require_child(
    request: HttpRequest, person_id: str, thing: Thing = Thing.CHILD, action: Action = Action.VIEW
) -> Child:
    """The child with whom the viewer may do this, or a refusal that is shown and recorded.

    A child that does not exist and one that is not for this viewer are asked, recorded and answered alike: otherwise
    the answer would tell who is on the list.
    """
    child = visible_to(request.viewer, Child.objects.all(), thing=thing, action=action).filter(pk=person_id).first()
    if child is not None:
        return child
    record_refusal(request, thing, action, [person_id])
    raise OutOfReach


def with_households(person_ids: Iterable[str]) -> frozenset[str]:
    """These persons and everybody of their households."""
    asked = sorted(person_ids)
    households = HouseholdMember.objects.filter(pk__in=asked).exclude(household="").values("household")
    members = HouseholdMember.objects.filter(household__in=households).values_list("pk", flat=True)
    return frozenset(asked) | frozenset(members)


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
    mine = visible_to(viewer, Decision.objects.select_related("child", "by"), child="child__")
    counts = dict(children_of(viewer).filter(is_listed=True).values_list("state").annotate(n=Count("pk")).order_by())
    states = tuple((label, counts.get(state, 0)) for state, label in State.choices)
    return DecisionOverview(Paginator(mine.order_by("-at", "-pk"), PAGE_SIZE).get_page(page), states)

"""Reads of plans, limited to what the viewer may see."""

from __future__ import annotations

from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest

from tsunagu_web.access.policy import may
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.terms import Action, CaseState, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.plans.models import PlanContent, SupportPlan
from tsunagu_web.plans.services import BEFORE_ASSESSMENT, MAY_BE_WRITTEN


def plans_of(viewer: Viewer, child: Child) -> list[PlanContent]:
    """The newest version of each plan of the child, the newest plan first."""
    plans = visible_to(viewer, SupportPlan.objects.filter(child=child), thing=Thing.PLAN, child="child__")
    newest = PlanContent.objects.filter(plan__in=plans, number=F("plan__version")).select_related("plan__case", "by")
    return list(newest.order_by("-plan__case__number", "-plan__number"))


def require_plan(request: HttpRequest, child: Child, number: int, action: Action = Action.VIEW) -> SupportPlan:
    rows = SupportPlan.objects.filter(child=child).select_related("case__lead", "child__person")
    found = visible_to(request.viewer, rows, thing=Thing.PLAN, action=action, child="child__")
    plan = found.filter(pk=number).first()
    if plan is None:
        record_look(request, Thing.PLAN, [child.pk], action=action, found=0)
        raise Http404
    return plan


def content_of(plan: SupportPlan) -> PlanContent:
    """The newest version of the plan with its goals and services; once approved, the one that was approved."""
    return _with_rows(plan).get(number=plan.version)


def versions_of(plan: SupportPlan) -> list[PlanContent]:
    """Everything the plan ever said, newest first."""
    return list(_with_rows(plan).order_by("-number"))


def case_to_plan_for(child: Child) -> Case | None:
    """The child's open case, for which a plan can be written."""
    return child.case if child.case and child.case.state == CaseState.OPEN else None


def may_begin(viewer: Viewer, child: Child) -> bool:
    """Whether this person could begin a plan now: the case stands where one is written, and none is being written."""
    case = case_to_plan_for(child)
    if case is None or case.stage not in MAY_BE_WRITTEN or not may(viewer, Thing.PLAN, Action.EDIT, child.subject()):
        return False
    return not SupportPlan.objects.filter(case=case, state__in=["draft", "submitted"]).exists()


def waits_for_assessment(plan: SupportPlan) -> bool:
    return plan.state == SupportPlan.State.DRAFT and plan.case.stage in BEFORE_ASSESSMENT


def _with_rows(plan: SupportPlan) -> QuerySet[PlanContent]:
    rows = PlanContent.objects.filter(plan=plan).select_related("by")
    return rows.prefetch_related("goals", "services")

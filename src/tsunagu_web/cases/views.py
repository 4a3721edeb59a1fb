"""Pages of a child's page and the decisions: read or write through queries and services, then answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tsunagu_web.access.policy import needs
from tsunagu_web.access.table import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases import queries, services
from tsunagu_web.cases.forms import AssignForm, DecisionForm
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.page import child_page
from tsunagu_web.cases.who import who


@needs(Thing.CHILD, Action.VIEW, shows_people=True)
@require_safe
def child(request: HttpRequest, person_id: str) -> HttpResponse:
    return _show(request, queries.require_child(request, person_id))


@needs(Thing.DECISION, Action.DECIDE, shows_people=True)
@require_POST
def decide(request: HttpRequest, person_id: str) -> HttpResponse:
    noticed = queries.require_child(request, person_id, Thing.DECISION, Action.DECIDE)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _show(request, noticed, form)
    try:
        services.decide(noticed, request.viewer, queries.require_run(request), form.wish())
    except services.DecidedMeanwhile:
        return _show(request, noticed, form.on_top_of_the_latest(noticed), is_late=True)
    messages.success(request, _("Your decision is recorded."))
    return redirect("cases:child", person_id=noticed.pk)


@needs(Thing.CASE, Action.ASSIGN, shows_people=True)
@require_POST
def assign(request: HttpRequest, person_id: str) -> HttpResponse:
    noticed = queries.require_child(request, person_id, Thing.CASE, Action.ASSIGN)
    case = queries.require_open_case(noticed)
    form = AssignForm(request.POST)
    if not form.is_valid():
        return _show(request, noticed, assigning=form)
    try:
        services.assign_case(case, request.viewer, form.wish())
    except services.ChangedMeanwhile:
        latest = queries.require_open_case(noticed)
        return _show(request, noticed, assigning=form.on_top_of(latest), is_late=True)
    messages.success(request, _("The case is assigned."))
    return redirect("worklist:list")


@needs(Thing.DECISION_OVERVIEW, Action.VIEW, shows_people=True)
@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    overview = queries.decision_overview(request.viewer, page=request.GET.get("page", "1"))
    record_look(request, Thing.DECISION_OVERVIEW, overview.persons, shown=len(overview.persons))
    lines = [(decision, who(request.viewer, decision.child)) for decision in overview.page]
    return render(request, "cases/decisions.html", {"overview": overview, "lines": lines})


def _show(
    request: HttpRequest,
    noticed: Child,
    form: DecisionForm | None = None,
    *,
    assigning: AssignForm | None = None,
    is_late: bool = False,
) -> HttpResponse:
    """Records the look at the child and at everybody of the household who is shown with it, then makes the page."""
    page = child_page(request.viewer, noticed, queries.require_run(request), form, assigning)
    record_look(request, Thing.CHILD, [noticed.pk, *(member.person_id for member in page.household)])
    context = {"page": page, "is_late": is_late and form, "is_case_late": is_late and assigning}
    return render(request, "cases/child.html", context, status=409 if is_late else 422 if form or assigning else 200)

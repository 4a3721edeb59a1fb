"""Pages of a child's page and the decisions: read or write through queries and services, then answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, CaseState, Form, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases import queries, services, stages
from tsunagu_web.cases.closing import NOTHING_OPEN, Stopped, open_work
from tsunagu_web.cases.correction import CorrectionForm, KnownOnForm
from tsunagu_web.cases.forms import AssignForm, DecisionForm
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.page import child_page
from tsunagu_web.cases.past import past_page
from tsunagu_web.cases.tabs import tabs_of
from tsunagu_web.cases.voices import voices_of
from tsunagu_web.cases.who import who
from tsunagu_web.steps.once import UsedMark, told_again
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow, steps_of


@needs(Thing.CHILD, Action.VIEW, shows_people=True)
@require_safe
def child(request: HttpRequest, person_id: str) -> HttpResponse:
    return _show(request, queries.require_child(request, person_id))


@needs(Thing.DECISION, Action.DECIDE, shows_people=True)
@require_POST
def decide(request: HttpRequest, person_id: str) -> HttpResponse:
    noticed = queries.require_child(request, person_id, Thing.DECISION, Action.DECIDE)
    form, run = DecisionForm(request.POST), queries.require_run(request)
    if not form.is_valid():
        return _show(request, noticed, form)
    if again := services.said_already(noticed, request.viewer, run, form.wish()):
        messages.success(request, told_again(again.at))
        return redirect("cases:child", person_id=noticed.pk)
    try:
        services.decide(noticed, request.viewer, run, form.wish())
    except services.DecidedMeanwhile:
        return _show(request, noticed, form.on_top_of_the_latest(noticed), is_late=True)
    except UsedMark:
        return _show(request, noticed, form.on_top_of_the_latest(noticed), is_late=True, is_used=True)
    messages.success(request, _("Your decision is recorded."))
    return redirect("cases:child", person_id=noticed.pk)


@needs(Thing.CASE, Action.VIEW, shows_people=True)
@require_safe
def case(request: HttpRequest, person_id: str) -> HttpResponse:
    return _show_case(request, queries.require_child(request, person_id, Thing.CASE))


@needs(Thing.CASE, Action.ASSIGN, shows_people=True)
@require_POST
def assign(request: HttpRequest, person_id: str) -> HttpResponse:
    noticed = queries.require_child(request, person_id, Thing.CASE, Action.ASSIGN)
    opened = queries.require_open_case(noticed)
    form = AssignForm(request.viewer, request.POST)
    if not form.is_valid():
        return _show_case(request, noticed, form)
    try:
        services.assign_case(opened, request.viewer, form.wish())
    except services.ChangedMeanwhile:
        opened.refresh_from_db()
        return _show_case(request, noticed, form.on_top_of(opened), is_late=True)
    messages.success(request, _("The case is assigned."))
    return redirect("worklist:list")


@needs(Thing.CASE, Action.VIEW, shows_people=True)
@require_POST
def move(request: HttpRequest, person_id: str) -> HttpResponse:
    noticed = queries.require_child(request, person_id, Thing.CASE)
    moved = queries.require_case(noticed)
    form = stages.StageForm(request.POST)
    if not form.is_valid():
        return _show_case(request, noticed, step=form)
    try:
        stages.move(noticed, moved, request.viewer, form.wish())
    except Stopped as error:
        form.add_error("step", str(error.words))
        return _show_case(request, noticed, step=form)
    except (ChangedMeanwhile, NotNow):
        moved.refresh_from_db()
        return _show_case(request, noticed, step=form.on_top_of(moved), is_late=True)
    messages.success(request, _("The step is recorded."))
    return redirect("cases:case", person_id=noticed.pk)


@needs(Thing.HISTORY, Action.VIEW, shows_people=True)
@require_safe
def history(request: HttpRequest, person_id: str) -> HttpResponse:
    return _show_history(request, queries.require_child(request, person_id, Thing.HISTORY))


@needs(Thing.HISTORY, Action.EDIT, shows_people=True)
@require_POST
def correct(request: HttpRequest, person_id: str) -> HttpResponse:
    noticed = queries.require_child(request, person_id, Thing.HISTORY, Action.EDIT)
    form = CorrectionForm(request.POST).within(request.viewer, noticed)
    if not form.is_valid():
        return _show_history(request, noticed, form)
    try:
        services.correct(noticed, request.viewer, form.wish())
    except services.ChangedMeanwhile:
        return _show_history(request, noticed, form.on_top_of_the_latest(request.viewer, noticed), is_late=True)
    messages.success(request, _("The correction is recorded, and the old value is kept."))
    return redirect("cases:history", person_id=noticed.pk)


@needs(Thing.DECISION_OVERVIEW, Action.VIEW, shows_people=True, forms=(Form.FULL, Form.COUNT))
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
    is_late: bool = False,
    is_used: bool = False,
) -> HttpResponse:
    """Records the look at the child and at everybody of the household who is shown with it, then makes the page."""
    page = child_page(request.viewer, noticed, queries.require_run(request), form)
    record_look(request, Thing.CHILD, [noticed.pk, *(member.person_id for member in page.household)])
    context = {"page": page, "is_late": is_late, "is_used": is_used}
    return render(request, "cases/child.html", context, status=409 if is_late else 422 if form else 200)


def _show_case(
    request: HttpRequest,
    noticed: Child,
    form: AssignForm | None = None,
    *,
    step: stages.StageForm | None = None,
    is_late: bool = False,
) -> HttpResponse:
    record_look(request, Thing.CASE, [noticed.pk])
    shown, viewer = noticed.case, request.viewer
    opened = shown if shown and shown.state == CaseState.OPEN else None
    may_assign = opened and may(viewer, Thing.CASE, Action.ASSIGN, noticed.subject())
    offered = stages.offered_to(viewer, noticed, shown) if shown else ()
    context = {"child": noticed, "case": shown, "who": who(viewer, noticed), "tabs": tabs_of(viewer, noticed)}
    context |= {"form": (form or AssignForm.of(opened, viewer)) if opened and may_assign else None, "is_late": is_late}
    work = open_work(shown) if shown and "close" in offered else NOTHING_OPEN
    form_of = step or (stages.StageForm.of(shown) if shown else None)
    context |= {"step": form_of.offering(offered, work.print) if form_of and offered else None, "ends": work.counts}
    taken = steps_of(shown) if shown else []
    context |= {
        "steps": taken,
        "voices": voices_of(viewer, Thing.CASE, noticed, stages.decisions_of(taken)),
        "is_rejected": bool(form or step) and not is_late,
    }
    context["is_held"] = bool(noticed.reassess_since) and may(viewer, Thing.REASSESSMENT, about=noticed.subject())
    context["likely"] = stages.likely_next(viewer, noticed, shown) if shown else None
    context["waits"] = bool(shown) and stages.is_waiting_for_another(viewer, noticed, shown)
    return render(request, "cases/case.html", context, status=409 if is_late else 422 if form or step else 200)


def _show_history(
    request: HttpRequest, noticed: Child, form: CorrectionForm | None = None, *, is_late: bool = False
) -> HttpResponse:
    asked = KnownOnForm(request.GET if request.method == "GET" and request.GET else None)
    day = asked.cleaned_data["as_known_on"] if asked.is_bound and asked.is_valid() else None
    page = past_page(request.viewer, noticed, as_known_on=day)
    record_look(request, Thing.HISTORY, page.persons)
    may_correct = may(request.viewer, Thing.HISTORY, Action.EDIT, noticed.subject())
    shown = (form or CorrectionForm.new(request.viewer, noticed)) if may_correct else None
    context = {"page": page, "asked": asked, "form": shown, "is_late": is_late, "who": who(request.viewer, noticed)}
    context["tabs"] = tabs_of(request.viewer, noticed)
    is_wrong = form is not None or (asked.is_bound and not asked.is_valid())
    return render(request, "cases/history.html", context, status=409 if is_late else 422 if is_wrong else 200)

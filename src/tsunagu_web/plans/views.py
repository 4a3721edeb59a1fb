"""Pages of support plans: read or write through queries and services, then answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.cases.queries import require_child
from tsunagu_web.cases.tabs import tabs_of
from tsunagu_web.cases.who import who
from tsunagu_web.plans import queries, services
from tsunagu_web.plans.changes import changes_between
from tsunagu_web.plans.copies import READERS, copy_for
from tsunagu_web.plans.forms import Sheet, StepForm
from tsunagu_web.plans.models import SupportPlan
from tsunagu_web.plans.pdf import CannotPrint, printed
from tsunagu_web.plans.words import WHY_NOT, in_words, why_elsewhere
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow, may_take, steps_of

_NOT_POSSIBLE_HERE = 503
_OF_A_WRITER = {"submit", "withdraw", "end"}
_OF_A_SECOND = {"return", "approve"}


@needs(Thing.PLAN, Action.VIEW, shows_people=True)
@require_safe
def listed(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.PLAN)
    return _show_list(request, child)


@needs(Thing.PLAN, Action.EDIT, shows_people=True)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.PLAN, Action.EDIT)
    case = queries.case_to_plan_for(child)
    if case is None:
        return _show_list(request, child, problem=WHY_NOT["no_case"], status=409)
    anew = case.stage == Case.Stage.REVIEW
    if request.method != "POST":
        return _show_form(request, child, _beginning(request, child, anew))
    sheet = Sheet.sent(request.POST, needs_reason=anew)
    if "more" in request.POST or not sheet.is_valid():
        return _again(request, child, sheet)
    try:
        plan = services.draft(case, request.viewer, sheet.written(), reason=sheet.reason)
    except services.CaseElsewhere as error:
        return _show_form(request, child, sheet.with_more_rows(), problem=why_elsewhere(error.stage), status=409)
    except ChangedMeanwhile:
        return _show_form(request, child, sheet.with_more_rows(), problem=WHY_NOT["another_plan"], status=409)
    messages.success(request, _("The plan is recorded as a draft."))
    return redirect("plans:plan", person_id=child.pk, number=plan.pk)


@needs(Thing.PLAN, Action.VIEW, shows_people=True)
@require_safe
def plan(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.PLAN)
    return _show_plan(request, child, queries.require_plan(request, child, number))


@needs(Thing.PLAN, Action.VIEW, shows_people=True)
@require_safe
def version(request: HttpRequest, person_id: str, number: int, version: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.PLAN)
    return _show_plan(request, child, queries.require_plan(request, child, number), version=version)


@needs(Thing.PLAN, Action.EDIT, shows_people=True)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.PLAN, Action.EDIT)
    shown = queries.require_plan(request, child, number, Action.EDIT)
    if request.method != "POST":
        if shown.state != SupportPlan.State.DRAFT:
            return _show_plan(request, child, shown, problem=WHY_NOT["no_draft"], status=409)
        return _show_form(request, child, Sheet.of(queries.content_of(shown), seen=shown.revision), shown)
    sheet = Sheet.sent(request.POST)
    if "more" in request.POST or not sheet.is_valid():
        return _again(request, child, sheet, shown)
    try:
        services.write(shown, request.viewer, sheet.written(), seen=sheet.seen)
    except ChangedMeanwhile:
        return _show_late(request, child, shown, sheet)
    except NotNow:
        return _show_plan(request, child, shown, problem=WHY_NOT["no_draft"], status=409)
    messages.success(request, _("The plan is changed, and what it said before is kept."))
    return redirect("plans:plan", person_id=child.pk, number=number)


@needs(Thing.PLAN, Action.EDIT, shows_people=True)
@require_POST
def submit(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    return _move(request, person_id, number, "submit", Action.EDIT, _("The plan is handed in for approval."))


@needs(Thing.PLAN, Action.APPROVE, shows_people=True)
@require_POST
def give_back(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    return _move(request, person_id, number, "return", Action.APPROVE, _("The plan is given back."))


@needs(Thing.PLAN, Action.APPROVE, shows_people=True)
@require_POST
def approve(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    return _move(request, person_id, number, "approve", Action.APPROVE, _("The plan is approved."))


@needs(Thing.PLAN, Action.EDIT, shows_people=True)
@require_POST
def withdraw(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    return _move(request, person_id, number, "withdraw", Action.EDIT, _("The draft is withdrawn."))


@needs(Thing.PLAN, Action.EDIT, shows_people=True)
@require_POST
def end(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    return _move(request, person_id, number, "end", Action.EDIT, _("The plan is ended."))


@needs(Thing.PLAN, Action.EXPORT, shows_people=True)
@require_safe
def pdf(request: HttpRequest, person_id: str, number: int, reader: str) -> HttpResponse:
    """A copy on paper for child, guardian or the file. It leaves only after it was recorded as an export."""
    child = require_child(request, person_id, Thing.PLAN, Action.EXPORT)
    shown = queries.require_plan(request, child, number, Action.EXPORT)
    if reader not in READERS:
        raise Http404
    try:
        content = printed(copy_for(reader, request.viewer, child, shown, queries.content_of(shown)))
    except CannotPrint as error:
        return _show_plan(request, child, shown, problem=WHY_NOT[error.why], status=_NOT_POSSIBLE_HERE)
    record_look(request, Thing.PLAN, [child.pk], action=Action.EXPORT, number=shown.pk, copy=reader)
    answer = HttpResponse(content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="support-plan-{shown.pk}-{reader}.pdf"'
    return answer


def _show_list(request: HttpRequest, child: Child, *, problem: object = "", status: int = 200) -> HttpResponse:
    record_look(request, Thing.PLAN, [child.pk])
    context = {"contents": queries.plans_of(request.viewer, child), "case": queries.case_to_plan_for(child)}
    context |= {"may_begin": queries.may_begin(request.viewer, child), "problem": problem}
    return _page(request, "plans/list.html", child, status=status, **context)


def _move(request: HttpRequest, person_id: str, number: int, name: str, action: Action, done: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.PLAN, action)
    shown = queries.require_plan(request, child, number, action)
    form = StepForm(request.POST)
    if not form.is_valid():
        return _show_plan(request, child, shown, problem=WHY_NOT["no_step"], status=422, refused=(name, form))
    given = form.cleaned_data
    try:
        services.move(shown, request.viewer, name, **given)
    except services.CaseElsewhere as error:
        return _show_plan(request, child, _fresh(shown), problem=why_elsewhere(error.stage), status=409)
    except ChangedMeanwhile:
        return _show_plan(request, child, _fresh(shown), problem=WHY_NOT["changed"], status=409)
    except NotNow as error:
        status = 422 if error.why == "no_reason" else 409
        return _show_plan(request, child, _fresh(shown), problem=WHY_NOT[error.why], status=status)
    messages.success(request, done)
    return redirect("plans:plan", person_id=child.pk, number=number)


def _fresh(plan: SupportPlan) -> SupportPlan:
    plan.refresh_from_db()
    return plan


def _beginning(request: HttpRequest, child: Child, anew: bool) -> Sheet:
    """An empty form; for a plan made anew, filled with the plan before it."""
    former = queries.plans_of(request.viewer, child) if anew else []
    return Sheet.of(former[0], seen=0, needs_reason=True) if former else Sheet.empty(needs_reason=anew)


def _again(request: HttpRequest, child: Child, sheet: Sheet, plan: SupportPlan | None = None) -> HttpResponse:
    """The form as it was sent: with more rows where they were asked for, else with what is missing."""
    if "more" in request.POST:
        return _show_form(request, child, sheet.with_more_rows(), plan)
    return _show_form(request, child, sheet, plan, problem=WHY_NOT["incomplete"], status=422)


def _show_late(request: HttpRequest, child: Child, plan: SupportPlan, sheet: Sheet) -> HttpResponse:
    """What the faster colleague wrote beside what this one typed, in a form that has now seen it."""
    typed = sheet.with_more_rows(seen=_fresh(plan).revision)
    return _show_form(request, child, typed, plan, problem=WHY_NOT["late"], status=409, theirs=True)


def _show_form(
    request: HttpRequest,
    child: Child,
    sheet: Sheet,
    plan: SupportPlan | None = None,
    *,
    problem: object = "",
    status: int = 200,
    theirs: bool = False,
) -> HttpResponse:
    record_look(request, Thing.PLAN, [child.pk], number=plan.pk if plan else 0)
    content = queries.content_of(plan) if plan and theirs else None
    more = {"sheet": sheet, "plan": plan, "problem": problem, "content": content}
    return _page(request, "plans/edit.html", child, status=status, **more)


def _show_plan(
    request: HttpRequest,
    child: Child,
    plan: SupportPlan,
    *,
    version: int | None = None,
    problem: object = "",
    status: int = 200,
    refused: tuple[str, StepForm] | None = None,
) -> HttpResponse:
    is_compared = "changes" in request.GET and version is not None
    record_look(request, Thing.PLAN, [child.pk], number=plan.pk, **({"version": version} if is_compared else {}))
    viewer, about = request.viewer, child.subject()
    edits, approves = (may(viewer, Thing.PLAN, action, about) for action in (Action.EDIT, Action.APPROVE))
    versions, taken = queries.versions_of(plan), steps_of(plan)
    content = next((one for one in versions if one.number == (version or plan.version)), None)
    if content is None:
        raise Http404
    before = next((one for one in versions if one.number == content.number - 1), None)
    steps = set(may_take(plan, viewer, taken)) if content.number == plan.version else set()
    context = {
        "plan": plan,
        "content": content,
        "versions": versions,
        "changes": changes_between(before, content) if before and is_compared else None,
        "steps": in_words(taken),
        "problem": problem,
        "step": StepForm.fields_of(plan),
        "refused": refused,
        "may_edit": edits and plan.state == SupportPlan.State.DRAFT,
        "waits": queries.waits_for_assessment(plan),
        "takes": steps & ((_OF_A_WRITER if edits else set()) | (_OF_A_SECOND if approves else set())),
        "is_own": approves and plan.state == SupportPlan.State.SUBMITTED and "approve" not in steps,
        "may_export": may(viewer, Thing.PLAN, Action.EXPORT, about),
    }
    return _page(request, "plans/plan.html", child, status=status, **context)


def _page(request: HttpRequest, template: str, child: Child, *, status: int = 200, **more: object) -> HttpResponse:
    context = {"child": child, "who": who(request.viewer, child), "tabs": tabs_of(request.viewer, child), **more}
    return render(request, template, context, status=status)

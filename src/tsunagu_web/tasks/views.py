"""Pages of tasks: mine and my teams', and those of one child."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.queries import require_child
from tsunagu_web.cases.tabs import tabs_of
from tsunagu_web.cases.who import who
from tsunagu_web.steps.once import told_again
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow
from tsunagu_web.tasks import queries, services
from tsunagu_web.tasks.forms import HandOnForm, StepForm, TaskForm
from tsunagu_web.tasks.models import Task

WHOSE = ("mine", "team", "overdue")


@needs(Thing.TASK, Action.VIEW, shows_people=True)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("whose", "mine")
    whose = asked if asked in WHOSE else "mine"
    page = queries.open_tasks(request.viewer, whose=whose, page=request.GET.get("page", "1"))
    record_look(request, Thing.TASK, sorted({task.child_id for task in page}), shown=len(page))
    lines = [(task, who(request.viewer, task.child)) for task in page]
    context = {"page": page, "lines": lines, "whose": whose, "today": timezone.localdate()}
    return render(request, "tasks/mine.html", context)


@needs(Thing.TASK, Action.VIEW, shows_people=True)
@require_safe
def listed(request: HttpRequest, person_id: str) -> HttpResponse:
    return _show(request, require_child(request, person_id, Thing.TASK))


@needs(Thing.TASK, Action.EDIT, shows_people=True)
@require_POST
def add(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.TASK, Action.EDIT)
    form = TaskForm(request.POST).offering(queries.possible_owners(child))
    if not form.is_valid():
        return _show(request, child, form=form)
    if again := services.said_already(child, request.viewer, form.asked()):
        messages.success(request, told_again(again.at))
        return redirect("tasks:list", person_id=child.pk)
    try:
        services.set_task(child, request.viewer, form.asked())
    except ChangedMeanwhile:
        return _show(request, child, form=form, is_late=True)
    messages.success(request, _("The task is set."))
    return redirect("tasks:list", person_id=child.pk)


@needs(Thing.TASK, Action.EDIT, shows_people=True)
@require_POST
def move(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.TASK, Action.EDIT)
    task = queries.require_task(request.viewer, child, number)
    form = StepForm(request.POST)
    if not form.is_valid():
        return _show(request, child, moved=task, given=form)
    given = form.cleaned_data
    try:
        services.move(
            task, request.viewer, given["step"], seen=given["seen"], form=given["form"], reason=given["reason"]
        )
    except NotNow as refused:
        return _show(request, child, moved=task, given=form, is_late=refused.why != "no_reason")
    except ChangedMeanwhile:
        return _show(request, child, moved=task, given=form, is_late=True)
    messages.success(request, _("The task is changed."))
    return redirect("tasks:list", person_id=child.pk)


@needs(Thing.TASK, Action.EDIT, shows_people=True)
@require_POST
def hand_on(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.TASK, Action.EDIT)
    task, owners = queries.require_task(request.viewer, child, number), queries.possible_owners(child)
    form = HandOnForm(request.POST, auto_id=f"hand-on-{task.pk}-%s").offering(owners)
    if not form.is_valid():
        return _show(request, child, moved=task, handing=form)
    given = form.cleaned_data
    try:
        services.hand_on(
            task,
            request.viewer,
            owner_id=given["owner"],
            due_on=given["due_on"],
            seen=given["seen"],
            form=given["form"],
            reason=given["reason"],
        )
    except (ChangedMeanwhile, NotNow):
        task.refresh_from_db()
        return _show(request, child, moved=task, handing=form.on_top_of(task, owners), is_late=True)
    messages.success(request, _("The task is handed on."))
    return redirect("tasks:list", person_id=child.pk)


def _show(
    request: HttpRequest,
    child: Child,
    *,
    form: TaskForm | None = None,
    moved: Task | None = None,
    given: StepForm | None = None,
    handing: HandOnForm | None = None,
    is_late: bool = False,
) -> HttpResponse:
    record_look(request, Thing.TASK, [child.pk])
    viewer = request.viewer
    may_edit = may(viewer, Thing.TASK, Action.EDIT, child.subject())
    tasks = queries.tasks_of(viewer, child)
    owners = queries.possible_owners(child) if may_edit else []

    def hand_on_form(task: Task) -> HandOnForm | None:
        if not may_edit or task.state != Task.State.OPEN:
            return None
        return handing if handing and moved and moved.pk == task.pk else HandOnForm.of(task, owners)

    def step_form(task: Task) -> StepForm:
        is_this = given is not None and moved is not None and moved.pk == task.pk and not is_late
        return StepForm.of(task, given.data if given is not None and is_this else None)

    lines = [
        (task, step_form(task) if may_edit and task.state != Task.State.DROPPED else None, hand_on_form(task))
        for task in tasks
    ]
    context = {
        "child": child,
        "who": who(viewer, child),
        "tabs": tabs_of(viewer, child),
        "lines": lines,
        "today": timezone.localdate(),
        "form": (form or TaskForm.new(viewer.staff_id).offering(owners)) if may_edit else None,
        "is_late": is_late,
        "needs_reason": moved.pk if moved and not is_late and not handing else None,
        "handing": moved.pk if moved and handing else None,
        "reason": given.data.get("reason", "") if given else "",
        "reason_errors": given.errors.get("reason", []) if given else [],
    }
    return render(request, "tasks/list.html", context, status=409 if is_late else 422 if form or moved else 200)

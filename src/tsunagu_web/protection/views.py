"""The page of a child's temporary protection: what is open, the child's own view, beginning it and its steps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look, record_refusal
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.queries import require_child
from tsunagu_web.cases.tabs import tabs_of
from tsunagu_web.cases.who import who
from tsunagu_web.protection import clock, hearings, services
from tsunagu_web.protection.forms import BeginForm, HearingForm, StepForm
from tsunagu_web.protection.models import Hearing, Protection
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow, steps_of

WHY_NOT: dict[str, str | Promise] = {
    "not_heard": gettext_lazy("The child's own view is not on record. Record it first, or say why it cannot wait."),
    "no_court": gettext_lazy("Against the guardian's will the family court is asked first. Record that step first."),
}
CLOCKS: dict[str, str | Promise] = {
    clock.WARRANT: gettext_lazy("Ask for the court's warrant"),
    clock.LIMIT: gettext_lazy("Last day of the two months"),
    clock.HEARING: gettext_lazy("Hear the child's own view"),
    clock.REFUSAL: gettext_lazy("End it, or appeal the refusal"),
}


@needs(Thing.PROTECTION, Action.VIEW, shows_people=True)
@require_safe
def page(request: HttpRequest, person_id: str) -> HttpResponse:
    return _show(request, require_child(request, person_id, Thing.PROTECTION))


@needs(Thing.PROTECTION, Action.EDIT, shows_people=True)
@require_POST
def hear(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.PROTECTION, Action.EDIT)
    form = HearingForm(request.POST).offering(may_end=_may_end(child))
    if not form.is_valid():
        return _show(request, child, hearing=form, status=422)
    hearings.record(child, request.viewer, form.heard())
    messages.success(request, _("The child's own view is recorded."))
    return redirect("protection:page", person_id=child.pk)


@needs(Thing.PROTECTION, Action.DECIDE, shows_people=True)
@require_POST
def begin(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.PROTECTION, Action.DECIDE)
    form = BeginForm(request.POST)
    if not form.is_valid():
        return _show(request, child, begins=form, status=422)
    try:
        services.protect(child, request.viewer, form.begun())
    except services.NotYet as error:
        form.add_error("why_not_heard", str(WHY_NOT[error.why]))
        return _show(request, child, begins=form, status=422)
    except ChangedMeanwhile:
        return _show(request, child, begins=form, status=409)
    messages.success(request, _("The protection is recorded, and its clocks run."))
    return redirect("protection:page", person_id=child.pk)


@needs(Thing.PROTECTION, Action.DECIDE, shows_people=True)
@require_POST
def move(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.PROTECTION, Action.DECIDE)
    mine = visible_to(
        request.viewer, Protection.objects.all(), thing=Thing.PROTECTION, action=Action.DECIDE, child="child__"
    )
    one = mine.filter(child=child, number=number).first()
    if one is None:
        record_refusal(request, Thing.PROTECTION, Action.DECIDE, [child.pk])
        raise Http404
    form = StepForm(request.POST)
    if not form.is_valid():
        return _show(request, child, step=form, status=422)
    try:
        services.move(one, request.viewer, form.click())
    except services.NotYet as error:
        form.add_error("why_not_heard" if error.why == "not_heard" else "step", str(WHY_NOT[error.why]))
        return _show(request, child, step=form, status=422)
    except (ChangedMeanwhile, NotNow):
        return _show(request, child, step=form, status=409)
    messages.success(request, _("The step is recorded."))
    return redirect("protection:page", person_id=child.pk)


def _show(
    request: HttpRequest,
    child: Child,
    *,
    hearing: HearingForm | None = None,
    begins: BeginForm | None = None,
    step: StepForm | None = None,
    status: int = 200,
) -> HttpResponse:
    record_look(request, Thing.PROTECTION, [child.pk])
    viewer, about = request.viewer, child.subject()
    running = services.running(child)
    rows = list(Protection.objects.filter(child=child).select_related("hearing"))
    writes, decides = (may(viewer, Thing.PROTECTION, action, about) for action in (Action.EDIT, Action.DECIDE))
    is_kept = status == 422
    context: dict[str, Any] = {
        "child": child,
        "who": who(viewer, child),
        "tabs": tabs_of(viewer, child),
        "rows": [(row, steps_of(row)) for row in rows],
        "running": running,
        "due": [(CLOCKS[kind], day) for kind, day in clock.due(running)] if running else [],
        "is_heard": hearings.is_heard(running, hearings.BEGINNING) if running else hearings.heard_before(child),
        "is_end_open": hearings.end_to_hear(child) is not None,
        "heard": list(Hearing.objects.filter(child=child).select_related("by")),
        "hearing": ((hearing if is_kept else None) or HearingForm.new()).offering(may_end=_may_end(child))
        if writes
        else None,
        "begins": ((begins if is_kept else None) or BeginForm.new()) if decides and not running else None,
        "step": ((step if is_kept else None) or StepForm.of(running)) if decides and running else None,
        "may_print": may(viewer, Thing.PROTECTION, Action.EXPORT, about),
        "is_late": status == 409,
        "typed": _typed(begins or step),
    }
    return render(request, "protection/page.html", context, status=status)


def _may_end(child: Child) -> bool:
    return services.running(child) is not None or hearings.end_to_hear(child) is not None


def _typed(form: forms.Form | None) -> str:
    return str(form["reason"].value() or "") if form else ""

"""The page of the intake meeting: what was decided, writing one down, and a supervisor's answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.queries import require_child
from tsunagu_web.cases.tabs import tabs_of
from tsunagu_web.cases.who import who
from tsunagu_web.guidance_centre import meetings, queries
from tsunagu_web.guidance_centre.meeting_forms import ConfirmForm, MeetingForm
from tsunagu_web.guidance_centre.models import Meeting, Notification
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow, may_take, steps_of
from tsunagu_web.tasks.queries import possible_owners

WHY_NOT: dict[str, str | Promise] = {
    "no_meeting": gettext_lazy("An intake meeting decides this. Record the meeting first."),
    "not_confirmed": gettext_lazy("The intake meeting waits for a supervisor. It must be confirmed first."),
    "other_course": gettext_lazy("The intake meeting decided otherwise. Take its step, or hold another meeting."),
}


@needs(Thing.INTAKE_MEETING, Action.VIEW, shows_people=True)
@require_safe
def page(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child, one = _require(request, person_id, number, Action.VIEW)
    return _show(request, child, one)


@needs(Thing.INTAKE_MEETING, Action.EDIT, shows_people=True)
@require_POST
def record(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child, one = _require(request, person_id, number, Action.EDIT)
    form = MeetingForm(request.POST).offering(possible_owners(child)).of(child)
    if not form.is_valid():
        return _show(request, child, one, form=form, status=422)
    try:
        meetings.record(one, request.viewer, form.held())
    except ChangedMeanwhile:
        one.refresh_from_db()
        return _show(request, child, one, form=form, status=409)
    messages.success(request, _("The intake meeting is recorded, and waits for a supervisor."))
    return redirect("guidance_centre:meeting", person_id=child.pk, number=number)


@needs(Thing.INTAKE_MEETING, Action.APPROVE, shows_people=True)
@require_POST
def answer(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child, one = _require(request, person_id, number, Action.APPROVE)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return _show(request, child, one, confirm=form, status=422)
    given = form.cleaned_data
    meeting = Meeting.objects.filter(notification=one, number=given.pop("number")).first()
    if meeting is None:
        raise Http404
    try:
        meetings.answer(meeting, request.viewer, **given)
    except (ChangedMeanwhile, NotNow):
        return _show(request, child, one, confirm=form, status=409)
    messages.success(request, _("Your answer is recorded."))
    return redirect("guidance_centre:meeting", person_id=child.pk, number=number)


def _require(request: HttpRequest, person_id: str, number: int, action: Action) -> tuple[Child, Notification]:
    child = require_child(request, person_id, Thing.INTAKE_MEETING, action)
    return child, queries.require_one(request, child, number, action, Thing.INTAKE_MEETING)


def _show(
    request: HttpRequest,
    child: Child,
    one: Notification,
    *,
    form: MeetingForm | None = None,
    confirm: ConfirmForm | None = None,
    status: int = 200,
) -> HttpResponse:
    record_look(request, Thing.INTAKE_MEETING, [child.pk], number=one.number)
    viewer, about = request.viewer, child.subject()
    found = meetings.meetings_of(one)
    writes = may(viewer, Thing.INTAKE_MEETING, Action.EDIT, about) and one.state in queries.UNDER_WAY
    answers = bool(found) and may(viewer, Thing.INTAKE_MEETING, Action.APPROVE, about)
    last = found[0] if found else None
    context = {
        "child": child,
        "who": who(viewer, child),
        "tabs": tabs_of(viewer, child),
        "row": one,
        "found": [(meeting, steps_of(meeting)) for meeting in found],
        "is_late": status == 409,
        "typed": form or confirm,
        "confirm": (confirm if confirm and status == 422 else ConfirmForm.of(last))
        if answers and last and may_take(last, viewer)
        else None,
        "form": None,
    }
    if writes:
        fresh = MeetingForm.new(len(found), viewer.staff_id)
        if form is not None and status == 409:
            # What was typed goes on, in a form that has seen the other meeting.
            fresh = MeetingForm(initial={**form.cleaned_data, "seen": len(found), "form": fresh.initial["form"]})
        context["is_heard"] = fresh.of(child).is_heard
        context["form"] = (form if form is not None and status == 422 else fresh).offering(possible_owners(child))
    return render(request, "guidance_centre/meeting.html", context, status=status)

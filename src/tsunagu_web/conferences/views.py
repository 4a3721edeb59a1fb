"""Pages of conferences: the list, one conference, the minutes of one child, a child's conferences, the ledger."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.queries import require_child
from tsunagu_web.cases.tabs import tabs_of
from tsunagu_web.cases.voices import Told, voices_of
from tsunagu_web.cases.who import who
from tsunagu_web.conferences import queries, services
from tsunagu_web.conferences.forms import AgendaForm, CallForm, MinuteForm, StepForm
from tsunagu_web.conferences.ledger import ledger as ledger_of
from tsunagu_web.conferences.models import AgendaItem, Conference
from tsunagu_web.steps.once import told_again
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow


@needs(Thing.CONFERENCE, Action.VIEW)
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    return _show_list(request)


@needs(Thing.CONFERENCE, Action.EDIT)
@require_POST
def call(request: HttpRequest) -> HttpResponse:
    form = _offering(request, CallForm(request.POST))
    if not form.is_valid():
        return _show_list(request, form)
    if again := services.said_already(request.viewer, form.call()):
        conference, at = again
        messages.success(request, told_again(at))
    else:
        conference = services.call(request.viewer, form.call())
        messages.success(request, _("The conference is called."))
    return redirect("conferences:conference", number=conference.pk)


@needs(Thing.CONFERENCE, Action.VIEW, shows_people=True)
@require_safe
def conference(request: HttpRequest, number: int) -> HttpResponse:
    return _show(request, queries.require_conference(request.viewer, number))


@needs(Thing.CONFERENCE, Action.EDIT, shows_people=True)
@require_POST
def put_on(request: HttpRequest, number: int) -> HttpResponse:
    meeting = queries.require_conference(request.viewer, number)
    form = AgendaForm(request.POST)
    children = queries.open_to_children(request.viewer, request.POST.getlist("person")[: queries.MOST_SUGGESTED])
    if not form.is_valid() or not children:
        return _show(request, meeting, problem=_("Choose at least one child."), status=422)
    try:
        services.put_on(meeting, request.viewer, children, form.cleaned_data["why"])
    except NotNow:
        return _show(request, meeting, problem=_("The agenda of this conference is closed."), status=409)
    messages.success(request, _("The agenda is changed."))
    return redirect("conferences:conference", number=meeting.pk)


@needs(Thing.CONFERENCE, Action.EDIT, shows_people=True)
@require_POST
def move(request: HttpRequest, number: int) -> HttpResponse:
    meeting = queries.require_conference(request.viewer, number)
    form = StepForm(request.POST)
    if not form.is_valid():
        problem = "" if "reason" in form.errors else _("Choose what happens next.")
        return _show(request, meeting, step=form, problem=problem, status=422)
    try:
        left_out = services.move(meeting, request.viewer, **_step(form))
    except (ChangedMeanwhile, NotNow) as refused:
        meeting.refresh_from_db()
        sent = form if isinstance(refused, NotNow) and refused.why == "no_reason" else None
        return _show(request, meeting, step=sent, problem=_refusal(refused), status=409)
    messages.success(request, _("The step is recorded."))
    for staff in left_out:
        messages.warning(request, _("%(name)s can get no access to a child of this agenda.") % {"name": staff.name})
    return redirect("conferences:conference", number=meeting.pk)


@needs(Thing.CONFERENCE, Action.VIEW, shows_people=True)
@require_safe
def item(request: HttpRequest, number: int, item: int) -> HttpResponse:
    meeting = queries.require_conference(request.viewer, number)
    return _show_item(request, meeting, queries.require_item(request.viewer, meeting, item))


@needs(Thing.CONFERENCE, Action.EDIT, shows_people=True)
@require_POST
def write(request: HttpRequest, number: int, item: int) -> HttpResponse:
    meeting = queries.require_conference(request.viewer, number)
    found = queries.require_item(request.viewer, meeting, item, Action.EDIT)
    form = MinuteForm(request.POST, staff=queries.attendees_of(meeting))
    if not form.is_valid():
        return _show_item(request, meeting, found, form, status=422)
    written = form.written(meeting.pk)
    if again := services.written_already(found, request.viewer, written):
        messages.success(request, told_again(again.at))
        return redirect("conferences:conference", number=meeting.pk)
    stand = services.standing_tasks(found, request.viewer, written)
    new = replace(written, tasks=tuple(one for one in written.tasks if one not in stand))
    try:
        services.write(found, request.viewer, new)
    except (ChangedMeanwhile, NotNow) as refused:
        found = queries.require_item(request.viewer, meeting, item, Action.EDIT)
        again = form.on_top_of(found, queries.attendees_of(meeting))
        return _show_item(request, meeting, found, again, problem=_refusal(refused), status=409)
    messages.success(request, _("The minutes are recorded."))
    if stand:
        messages.info(request, _("A task that you set today already stands as it was. It was not set twice."))
    return redirect("conferences:conference", number=meeting.pk)


@needs(Thing.CONFERENCE, Action.VIEW, shows_people=True)
@require_safe
def of_child(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.CONFERENCE)
    record_look(request, Thing.CONFERENCE, [child.pk])
    may_edit = may(request.viewer, Thing.CONFERENCE, Action.EDIT, child.subject())
    context = {"child": child, "who": who(request.viewer, child), "tabs": tabs_of(request.viewer, child)}
    items = list(queries.items_about(request.viewer, child))
    minutes = [minute for item in items for minute in item.minutes.all()]
    context |= {"items": items, "voices": voices_of(request.viewer, Thing.CONFERENCE, child, minutes)}
    context |= {"planned": queries.planned_for(request.viewer) if may_edit else []}
    return render(request, "conferences/of_child.html", context)


@needs(Thing.LEDGER, Action.VIEW, shows_people=True)
@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    page, lines = ledger_of(request.viewer, request.GET.get("page", "1"))
    record_look(request, Thing.LEDGER, [line.case.child_id for line in lines], shown=len(lines))
    return render(request, "conferences/ledger.html", {"page": page, "lines": lines})


def _offering(request: HttpRequest, form: CallForm) -> CallForm:
    return form.offering(queries.team_names(request.viewer), queries.possible_attendees())


def _show_list(request: HttpRequest, form: CallForm | None = None) -> HttpResponse:
    record_look(request, Thing.CONFERENCE)
    context = {"page": queries.listed(request.viewer, request.GET.get("page", "1"))}
    may_call = may(request.viewer, Thing.CONFERENCE, Action.EDIT)
    context["form"] = (form or _offering(request, CallForm.new())) if may_call else None
    return render(request, "conferences/list.html", context, status=422 if form else 200)


def _show(
    request: HttpRequest, meeting: Conference, *, step: StepForm | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    viewer = request.viewer
    items = queries.items_of(viewer, meeting)
    may_edit = may(viewer, Thing.CONFERENCE, Action.EDIT)
    is_open = meeting.state in (Conference.State.PLANNED, Conference.State.HELD)
    suggested = queries.suggested(viewer, meeting) if is_open else []
    persons = [one.child_id for one in items] + [one.child.pk for one in suggested]
    record_look(request, Thing.CONFERENCE, persons, number=meeting.pk)
    context = {
        "meeting": meeting,
        "lines": [
            (one, who(viewer, one.child), queries.beside(viewer, one.child), next(iter(one.minutes.all()), None))
            for one in items
        ],
        "attendees": queries.attendees_of(meeting),
        "suggested": [
            (one, AgendaItem.Why(one.why).label, who(viewer, one.child), queries.beside(viewer, one.child))
            for one in suggested
        ],
        "step": StepForm.of(meeting, step.data if step else None) if may_edit else None,
        "may_edit": may_edit,
        "problem": problem,
    }
    return render(request, "conferences/conference.html", context, status=status)


def _show_item(
    request: HttpRequest,
    meeting: Conference,
    item: AgendaItem,
    form: MinuteForm | None = None,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    record_look(request, Thing.CONFERENCE, [item.child_id], number=meeting.pk)
    may_edit = may(request.viewer, Thing.CONFERENCE, Action.EDIT, item.child.subject())
    can_write = may_edit and meeting.state in (Conference.State.HELD, Conference.State.RECORDED)
    minutes = list(item.minutes.all())
    voices = voices_of(request.viewer, Thing.CONFERENCE, item.child, minutes)
    stands = voices[minutes[0].pk] if minutes else Told()
    shown = (form or MinuteForm.of(item, queries.attendees_of(meeting), stands)) if can_write else None
    context = {
        "meeting": meeting,
        "voices": voices,
        "item": item,
        "who": who(request.viewer, item.child),
        "form": shown,
    }
    context |= {"minutes": minutes, "problem": problem}
    return render(request, "conferences/item.html", context, status=status)


def _step(form: StepForm) -> dict[str, object]:
    return {name: form.cleaned_data[name] for name in ("step", "seen", "form", "reason")}


def _refusal(refused: Exception) -> str:
    if isinstance(refused, NotNow) and refused.why == "no_reason":
        return _("Say why, in a sentence.")
    return _("Somebody else has changed this in the meantime. Look at it, then record yours again if it still holds.")

"""Pages of notifications: taking one, reading it, and the steps that follow; read or write, then answer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tsunagu.errors import TsunaguError
from tsunagu.evaluation.small_counts import LEAST
from tsunagu.guidance.sheet import Sheet
from tsunagu.text.search import asked
from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Label, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.queries import require_child
from tsunagu_web.cases.tabs import tabs_of
from tsunagu_web.cases.who import who
from tsunagu_web.duties.services import NotPossible
from tsunagu_web.guidance_centre import drafts, meetings, queries, recording, urgency
from tsunagu_web.guidance_centre.forms import NEW, STEPS, DraftMarks, NotificationForm, StepForm, begun, typed_in
from tsunagu_web.guidance_centre.marking import marked
from tsunagu_web.guidance_centre.meeting_views import WHY_NOT
from tsunagu_web.guidance_centre.models import Draft, Notification
from tsunagu_web.guidance_centre.sealed import open_draft
from tsunagu_web.guidance_centre.sheets import kept_sheet, said, sheet_now, worded
from tsunagu_web.search.terms import record_search
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow, may_take, steps_of

PAPERS: dict[str, Promise] = {
    "receipt": gettext_lazy("Receipt sheet"),
    "investigation": gettext_lazy("What is to be found out"),
    "handover": gettext_lazy("Hand-over to another office"),
}
#: A page asked with this word in its body gets no page back: it stays as it is, and only wants to know that it is kept.
QUIETLY = "quietly"


@needs(Thing.NOTIFICATION, Action.VIEW, shows_people=True)
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    lines = queries.under_way(viewer, request.GET.get("page", ""))
    record_look(request, Thing.NOTIFICATION, [line.row.child_id for line in lines], shown=len(lines))
    may_take_one = may(viewer, Thing.NOTIFICATION, Action.EDIT)
    context = {
        "page": lines,
        "below": queries.below_the_floor(viewer),
        "least": LEAST,
        "drafts": drafts.drafts_of(viewer) if may_take_one else [],
        "mark": uuid.uuid4(),
    }
    return render(request, "guidance_centre/list.html", {**context, "may_take_one": may_take_one})


@needs(Thing.NOTIFICATION, Action.EDIT)
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    try:
        mark = uuid.UUID(request.POST.get("form", ""))
    except ValueError as error:
        raise BadRequest from error
    if recording.recorded_before(request.viewer, mark, None) is not None:
        return redirect("guidance_centre:list")
    made = drafts.begin(request.viewer, mark, begun())
    return redirect("guidance_centre:draft", number=made.number)


@needs(Thing.NOTIFICATION, Action.EDIT, shows_people=True)
@require_safe
def draft(request: HttpRequest, number: int) -> HttpResponse:
    mine = _require_draft(request, number)
    return _show_draft(request, mine, DraftMarks.of(mine), open_draft(mine))


@needs(Thing.NOTIFICATION, Action.EDIT, shows_people=True)
@require_POST
def save(request: HttpRequest, number: int) -> HttpResponse:
    mine, marks = _require_draft(request, number), _marks(request)
    try:
        revision = drafts.save(mine, request.viewer, marks.typed(request.POST.dict()))
    except ChangedMeanwhile:
        return _show_late(request, mine, marks)
    if QUIETLY in request.POST:
        return HttpResponse(status=204, headers={"Tsunagu-Revision": str(revision)})
    messages.success(request, _("What you have so far is saved. Only you can read it."))
    return redirect("guidance_centre:draft", number=number)


@needs(Thing.NOTIFICATION, Action.EDIT, shows_people=True)
@require_POST
def find(request: HttpRequest, number: int) -> HttpResponse:
    """The page again with whom the typed reading finds; what was typed stands in it, and is saved as ever."""
    mine, marks = _require_draft(request, number), _marks(request)
    return _show_draft(request, mine, DraftMarks(initial=marks.cleaned_data), typed_in(request.POST.dict()))


@needs(Thing.NOTIFICATION, Action.EDIT, shows_people=True)
@require_POST
def record(request: HttpRequest, number: int) -> HttpResponse:
    marks, typed = _marks(request), typed_in(request.POST.dict())
    mine = drafts.drafts_of(request.viewer).filter(number=number, key=marks.cleaned_data["form"]).first()
    form = _form(request, typed, bound=True)
    if mine is None:
        taken = form.taken() if form.is_valid() else None
        made = recording.recorded_before(request.viewer, marks.cleaned_data["form"], taken)
        if made is None:
            return _show_late(request, _require_draft(request, number), marks)
        return redirect("guidance_centre:one", person_id=made.child_id, number=made.number)
    if not form.is_valid():
        _keep_quietly(request, mine, marks)
        return _show_draft(request, mine, DraftMarks(initial=marks.cleaned_data), typed, form=form, status=422)
    try:
        made = recording.record(mine, request.viewer, marks.typed(typed), form.taken())
    except ChangedMeanwhile:
        return _show_late(request, mine, marks)
    except NotPossible:
        form.add_error("child", _("This child is not, or no longer, within your reach. Choose anew."))
        return _show_draft(request, mine, DraftMarks(initial=marks.cleaned_data), typed, form=form, status=422)
    messages.success(request, _("The notification is recorded. The child is to be seen within 48 hours."))
    return redirect("guidance_centre:one", person_id=made.child_id, number=made.number)


@needs(Thing.NOTIFICATION, Action.EDIT, shows_people=True)
@require_POST
def discard(request: HttpRequest, number: int) -> HttpResponse:
    mine, marks = _require_draft(request, number), _marks(request)
    if request.POST.get("sure") != "yes":
        _keep_quietly(request, mine, marks)
        record_look(request, Thing.NOTIFICATION, action=Action.EDIT)
        context = {"draft": mine, "marks": marks, "typed": typed_in(request.POST.dict())}
        return render(request, "guidance_centre/discard.html", context)
    try:
        drafts.discard(mine, request.viewer, marks.typed(request.POST.dict()))
    except ChangedMeanwhile:
        return _show_late(request, mine, marks)
    messages.success(request, _("The draft is gone. Nothing was recorded."))
    return redirect("guidance_centre:list")


@needs(Thing.NOTIFICATION, Action.VIEW, shows_people=True)
@require_safe
def of_child(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.NOTIFICATION)
    record_look(request, Thing.NOTIFICATION, [child.pk])
    context = {**_about(request, child), "rows": queries.of_child(request.viewer, child)}
    return render(request, "guidance_centre/of_child.html", context)


@needs(Thing.NOTIFICATION, Action.VIEW, shows_people=True)
@require_safe
def one(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.NOTIFICATION)
    return _show(request, child, queries.require_one(request, child, number, Action.VIEW))


@needs(Thing.NOTIFICATION, Action.DECIDE, shows_people=True)
@require_POST
def move(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.NOTIFICATION, Action.DECIDE)
    row = queries.require_one(request, child, number, Action.DECIDE)
    # Every step is taken by its name; which of them the work allows now, its table says.
    form = StepForm(request.POST).offering(STEPS, _classes(request, row))
    if not form.is_valid():
        return _show(request, child, row, step=form, status=422)
    try:
        recording.move(row, request.viewer, form.click())
    except recording.NotSeen:
        form.add_error("step", _("Nobody of an office has seen the child since. Record who saw the child first."))
        return _show(request, child, row, step=form, status=422)
    except meetings.NotDecided as error:
        form.add_error("step", str(WHY_NOT[error.why]))
        return _show(request, child, row, step=form, status=422)
    except (ChangedMeanwhile, NotNow):
        row.refresh_from_db()
        return _show(request, child, row, step=form, status=409)
    messages.success(request, _("The step is recorded."))
    return redirect("guidance_centre:one", person_id=child.pk, number=number)


def _require_draft(request: HttpRequest, number: int) -> Draft:
    """One's own draft of that number; another's and none are answered alike."""
    mine = drafts.drafts_of(request.viewer).filter(number=number).first()
    if mine is None:
        raise Http404
    return mine


def _marks(request: HttpRequest) -> DraftMarks:
    marks = DraftMarks(request.POST)
    if not marks.is_valid():
        raise BadRequest
    return marks


def _keep_quietly(request: HttpRequest, mine: Draft, marks: DraftMarks) -> None:
    """What was typed is kept whatever becomes of it; where another window saved since, the page itself still has it."""
    try:
        drafts.save(mine, request.viewer, marks.typed(request.POST.dict()))
    except ChangedMeanwhile:
        return


def _form(request: HttpRequest, typed: Mapping[str, str], *, bound: bool) -> NotificationForm:
    found = _found(request, typed)
    form = NotificationForm(dict(typed)) if bound else NotificationForm(initial=dict(typed))
    form.found = found  # type: ignore[attr-defined]  # what the page shows beside its choices
    return form.among(found, queries.own_teams(request.viewer))


def _words(typed: Mapping[str, str]) -> str:
    """What is searched for: the reading where there is one, the name otherwise."""
    return (typed.get("child_kana", "").strip() or typed.get("child_name", "").strip())[:60]


def _found(request: HttpRequest, typed: Mapping[str, str]) -> list[queries.Found]:
    question = asked(_words(typed))
    return queries.children_like(request.viewer, question) if question.is_enough else []


def _show_draft(
    request: HttpRequest,
    mine: Draft,
    marks: DraftMarks,
    typed: Mapping[str, str],
    *,
    form: NotificationForm | None = None,
    elsewhere: Draft | None = None,
    status: int = 200,
) -> HttpResponse:
    form = form or _form(request, typed, bound=False)
    found: list[queries.Found] = form.found  # type: ignore[attr-defined]  # see _form
    persons = [one.child.pk for one in found]
    if words := _words(typed):
        record_search(request, Thing.NOTIFICATION, persons, words=words, found=len(persons))
    else:
        record_look(request, Thing.NOTIFICATION, action=Action.EDIT)
    chosen = typed.get("child", "")
    context = {
        "draft": mine,
        "marks": marks,
        "form": form,
        "found": found,
        "chosen": chosen if chosen == NEW or chosen in persons else "",
        "new": NEW,
        "is_late": status == 409,
        "elsewhere": open_draft(elsewhere) if elsewhere else None,
        "has_teams": bool(request.viewer.teams),
    }
    response = render(request, "guidance_centre/draft.html", context, status=status)
    response.desk_script = response.desk_asks = True  # type: ignore[attr-defined]  # read by SafeHeaders
    return response


def _show_late(request: HttpRequest, mine: Draft, marks: DraftMarks) -> HttpResponse:
    """Another window saved since, or this page is an old one: both texts stand there, and nothing was overwritten."""
    mine.refresh_from_db()
    fresh = DraftMarks.of(mine)
    return _show_draft(request, mine, fresh, typed_in(request.POST.dict()), elsewhere=mine, status=409)


def _sheet_of(row: Notification) -> Sheet | None:
    """The sheet that was answered last for this notification; the one in force where none was. None where a file of
    the city cannot be read: what was told is read all the same."""
    answered = urgency.newest(row)
    try:
        return kept_sheet(answered.sheet_version) if answered else sheet_now()
    except TsunaguError:
        return None


def _classes(request: HttpRequest, row: Notification) -> list[tuple[str, str]]:
    used = _sheet_of(row)
    if used is None:
        return []
    return [(id, worded(used.by_class[id])) for id in urgency.choices_for(request.viewer, row, used)]


def _about(request: HttpRequest, child: Child) -> dict[str, Any]:
    return {"child": child, "who": who(request.viewer, child), "tabs": tabs_of(request.viewer, child)}


def _show(
    request: HttpRequest, child: Child, row: Notification, *, step: StepForm | None = None, status: int = 200
) -> HttpResponse:
    record_look(request, Thing.NOTIFICATION, [child.pk], number=row.number)
    viewer, about = request.viewer, child.subject()
    steps = steps_of(row)
    offered = may_take(row, viewer, steps) if may(viewer, Thing.NOTIFICATION, Action.DECIDE, about) else ()
    used = _sheet_of(row)
    chosen = used.by_class.get(row.urgency) if used else None
    is_over = row.state not in queries.UNDER_WAY
    # Decided by a colleague: class and reason wait for the own view, as everything else on the sheet's page does.
    is_kept = bool(row.urgency) and not is_over and not urgency.may_read_decided(viewer, row)
    context = {
        **_about(request, child),
        "row": row,
        "told": row.told,
        "account": marked(row.told.account, row.told.third_parties),
        "steps": steps,
        "urgency": "" if is_kept else said(chosen.name) if chosen else row.urgency,
        "to_do": said(chosen.to_do) if chosen and not is_kept else "",
        "is_kept": is_kept,
        "is_over": is_over,
        "is_seen": recording.was_seen(row),
        "may_see_sight": may(viewer, Thing.SIGHT, about=about) or may(viewer, Thing.SIGHT, Action.EDIT, about),
        "may_ask": may(viewer, Thing.NOTIFIER, Action.REQUEST, child.subject(Label.SEALED)),
        "step": (step or StepForm.of(row)).offering(offered, _classes(request, row)) if offered or step else None,
        "is_unreadable": used is None,
        "meeting": meetings.newest(row),
        "papers": PAPERS.items(),
        "may_print": may(viewer, Thing.NOTIFICATION, Action.EXPORT, about),
        "may_see_meeting": may(viewer, Thing.INTAKE_MEETING, about=about),
        "may_protect": may(viewer, Thing.PROTECTION, about=about),
        "may_see_urgency": may(viewer, Thing.URGENCY, about=about),
        "typed": step if status == 409 else None,
        "is_late": status == 409,
    }
    return render(request, "guidance_centre/one.html", context, status=status)

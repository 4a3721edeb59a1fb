"""Pages of the sheet of urgency: answering it, one's own view, and then what its rules come to."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tsunagu.errors import TsunaguError
from tsunagu.guidance.answers import Answers, Problem, check_answers, of_text
from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.queries import require_child
from tsunagu_web.cases.tabs import tabs_of
from tsunagu_web.cases.who import who
from tsunagu_web.guidance_centre import queries, urgency
from tsunagu_web.guidance_centre.beside_floor import beside
from tsunagu_web.guidance_centre.models import AnsweredSheet, Notification, SheetDraft
from tsunagu_web.guidance_centre.sheets import asked_of, kept_sheet, read_answers, said, sheet_now, worded
from tsunagu_web.guidance_centre.urgency_forms import AfterForm, OwnForm, SheetMarks
from tsunagu_web.guidance_centre.views import QUIETLY
from tsunagu_web.steps.services import ChangedMeanwhile


@needs(Thing.URGENCY, Action.VIEW, shows_people=True)
@require_safe
def page(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child, one = _require(request, person_id, number, Action.VIEW)
    return _show(request, child, one)


@needs(Thing.URGENCY, Action.EDIT, shows_people=True)
@require_POST
def begin(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child, one = _require(request, person_id, number)
    try:
        urgency.draft_of(one, request.viewer, sheet_now())
    except TsunaguError:
        return _show(request, child, one, status=422)
    return redirect("guidance_centre:sheet", person_id=child.pk, number=number)


@needs(Thing.URGENCY, Action.EDIT, shows_people=True)
@require_safe
def sheet(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child, one = _require(request, person_id, number)
    draft = _draft(request, one)
    if draft is None:
        record_look(request, Thing.URGENCY, [child.pk], action=Action.EDIT, found=0)
        return redirect("guidance_centre:urgency", person_id=child.pk, number=number)
    return _show_sheet(request, child, draft, SheetMarks.of(draft), of_text(draft.answers))


@needs(Thing.URGENCY, Action.EDIT, shows_people=True)
@require_POST
def save(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child, one = _require(request, person_id, number)
    draft, marks = _draft(request, one), _marks(request)
    if draft is None:
        return _show(request, child, one, status=409)
    answers = read_answers(kept_sheet(draft.sheet_version), request.POST)
    try:
        revision = urgency.save(draft, answers, marks.marks())
    except ChangedMeanwhile:
        return _show_late(request, child, draft, answers)
    if QUIETLY in request.POST:
        return HttpResponse(status=204, headers={"Tsunagu-Revision": str(revision)})
    messages.success(request, _("What you have so far is saved. Only you can read it."))
    return redirect("guidance_centre:sheet", person_id=child.pk, number=number)


@needs(Thing.URGENCY, Action.EDIT, shows_people=True)
@require_POST
def branches(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    """The page again with the questions that these answers open; nothing is written."""
    child, one = _require(request, person_id, number)
    draft, marks = _draft(request, one), _marks(request)
    if draft is None:
        return _show(request, child, one, status=409)
    answers = read_answers(kept_sheet(draft.sheet_version), request.POST)
    return _show_sheet(request, child, draft, SheetMarks(initial=marks.cleaned_data), answers)


@needs(Thing.URGENCY, Action.EDIT, shows_people=True)
@require_POST
def record(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child, one = _require(request, person_id, number)
    draft, marks = _draft(request, one), _marks(request)
    if draft is None:
        last = urgency.newest(one)
        answers = read_answers(kept_sheet(last.sheet_version), request.POST) if last else {}
        if urgency.recorded_before(one, request.viewer, answers, marks.cleaned_data["form"]) is None:
            return _show(request, child, one, status=409)
        return redirect("guidance_centre:urgency", person_id=child.pk, number=number)
    answers = read_answers(kept_sheet(draft.sheet_version), request.POST)
    lacking = check_answers(kept_sheet(draft.sheet_version), answers)
    try:
        if lacking:
            urgency.save(draft, answers, marks.marks())
            again = SheetMarks(initial=marks.cleaned_data)
            return _show_sheet(request, child, draft, again, answers, lacking=lacking, status=422)
        urgency.record(draft, request.viewer, answers, marks.marks(), marks.cleaned_data["form"])
    except ChangedMeanwhile:
        return _show_late(request, child, draft, answers)
    messages.success(request, _("The sheet is recorded. Your own view comes first."))
    return redirect("guidance_centre:urgency", person_id=child.pk, number=number)


@needs(Thing.URGENCY, Action.EDIT, shows_people=True)
@require_POST
def own(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child, one = _require(request, person_id, number)
    answered = _answered(one)
    form = OwnForm(request.POST).of(kept_sheet(answered.sheet_version))
    if not form.is_valid():
        return _show(request, child, one, own=form, status=422)
    try:
        urgency.record_own(answered, request.viewer, form.view())
    except ChangedMeanwhile:
        return _show(request, child, one, own=form, status=409)
    messages.success(request, _("Your own view is recorded. What the sheet comes to stands beside it."))
    return redirect("guidance_centre:urgency", person_id=child.pk, number=number)


@needs(Thing.URGENCY, Action.EDIT, shows_people=True)
@require_POST
def after(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child, one = _require(request, person_id, number)
    answered = _answered(one)
    shown = urgency.shown_to(request.viewer, answered)
    if shown is None:
        return _show(request, child, one, status=409)
    form = AfterForm(request.POST).offering(shown.sheet, urgency.open_questions(shown.standing))
    if not form.is_valid():
        return _show(request, child, one, after=form, status=422)
    try:
        urgency.record_after(answered, request.viewer, form.view())
    except urgency.Incomplete:
        words = _("Say why it differs. Below the floor, name what was settled, or write why.")
        form.add_error("difference", words)
        return _show(request, child, one, after=form, status=422)
    except ChangedMeanwhile:
        return _show(request, child, one, after=form, status=409)
    messages.success(request, _("Your view afterwards is recorded. The urgency can be decided now."))
    return redirect("guidance_centre:one", person_id=child.pk, number=number)


def _require(
    request: HttpRequest, person_id: str, number: int, action: Action = Action.EDIT
) -> tuple[Child, Notification]:
    child = require_child(request, person_id, Thing.URGENCY, action)
    return child, queries.require_one(request, child, number, action, Thing.URGENCY)


def _draft(request: HttpRequest, one: Notification) -> SheetDraft | None:
    rows = SheetDraft.objects.filter(notification=one, by_id=request.viewer.staff_id)
    return rows.select_related("sheet_version", "notification").first()


def _answered(one: Notification) -> AnsweredSheet:
    answered = urgency.newest(one)
    if answered is None:
        raise Http404
    return answered


def _marks(request: HttpRequest) -> SheetMarks:
    marks = SheetMarks(request.POST)
    if not marks.is_valid():
        raise BadRequest
    return marks


def _about(request: HttpRequest, child: Child, one: Notification) -> dict[str, Any]:
    return {"child": child, "row": one, "who": who(request.viewer, child), "tabs": tabs_of(request.viewer, child)}


def _show_sheet(
    request: HttpRequest,
    child: Child,
    draft: SheetDraft,
    marks: SheetMarks,
    answers: Answers,
    *,
    lacking: tuple[Problem, ...] = (),
    status: int = 200,
) -> HttpResponse:
    record_look(request, Thing.URGENCY, [child.pk], action=Action.EDIT, number=draft.notification.number)
    used = kept_sheet(draft.sheet_version)
    context = _about(request, child, draft.notification) | {
        "title": said(used.title),
        "source": said(used.source),
        "version": used.version,
        "parts": asked_of(used, answers, lacking),
        "marks": marks,
        "lacks": len(lacking),
        "is_late": status == 409,
    }
    response = render(request, "guidance_centre/sheet.html", context, status=status)
    response.desk_script = response.desk_asks = True  # type: ignore[attr-defined]  # read by SafeHeaders
    return response


def _show_late(request: HttpRequest, child: Child, draft: SheetDraft, answers: Answers) -> HttpResponse:
    draft.refresh_from_db()
    return _show_sheet(request, child, draft, SheetMarks.of(draft), answers, status=409)


def _show(
    request: HttpRequest,
    child: Child,
    one: Notification,
    *,
    own: OwnForm | None = None,
    after: AfterForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The answers; then the form of the own view; and only once that is recorded, what the rules come to."""
    viewer, answered = request.viewer, urgency.newest(one)
    before, shown = urgency.view_of(viewer, answered, urgency.BEFORE), None
    if answered is not None and before is not None:
        shown = urgency.shown_to(viewer, answered)
    aside = beside(viewer, one, shown) if shown else None
    record_look(request, Thing.URGENCY, [child.pk], number=one.number, **(aside.as_logged if aside else {}))
    context = _about(request, child, one) | {"answered": answered, "is_late": status == 409, "typed": own or after}
    context["is_unreadable"] = status == 422 and not (own or after)
    context["writes"] = may(viewer, Thing.URGENCY, Action.EDIT, child.subject())
    context["draft"] = _draft(request, one)
    if answered is None:
        return render(request, "guidance_centre/urgency.html", context, status=status)
    used, answers = kept_sheet(answered.sheet_version), of_text(answered.answers)
    parts = [(title, [q for q in asked if q.answer]) for title, asked in asked_of(used, answers)]
    context["parts"] = [(title, asked) for title, asked in parts if asked]
    if before is None or shown is None:
        context["own"] = (own or OwnForm.new()).of(used) if context["writes"] else None
        return render(request, "guidance_centre/urgency.html", context, status=status)
    standing, is_done = shown.standing, urgency.view_of(viewer, answered, urgency.AFTER) is not None
    context |= {
        "demanded": worded(standing.demanded),
        "floor": worded(standing.floor),
        "is_firm": standing.is_firm,
        "asks_protection": standing.asks_protection,
        "because": [(said(rule.sentence), rule.source) for rule in standing.because],
        "open": [
            (said(rule.sentence), [said(used.by_id[id].words) for id in waiting]) for rule, waiting in standing.open
        ],
        "next": [(said(each.question.words), said(each.question.help)) for each in shown.next],
        "aside": aside,
        "views": [(view, _class_of(used, view.urgency)) for view in urgency.views_of(answered)],
        "after": None if is_done else (after or AfterForm.of(before)).offering(used, urgency.open_questions(standing)),
    }
    return render(request, "guidance_centre/urgency.html", context, status=status)


def _class_of(used: Any, id: str) -> str:
    return said(used.by_class[id].name) if id in used.by_class else id

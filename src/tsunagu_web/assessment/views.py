"""Pages of assessments: read or write through queries and services, then answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tsunagu.casework.answers import Answers, Problem, check_answers, of_text
from tsunagu.errors import TsunaguError
from tsunagu.evaluation.small_counts import LEAST
from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.assessment import queries, services
from tsunagu_web.assessment.forms import ConclusionForm, OwnForm
from tsunagu_web.assessment.machine import level_of, machine_of
from tsunagu_web.assessment.models import Assessment, FormVersion, OverrideReason
from tsunagu_web.assessment.sheet import (
    changed_parts,
    city_choices,
    form_of,
    forms_now,
    gravest,
    longest,
    not_known,
    parts_of,
    read_answers,
    said,
)
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.queries import require_child, require_run
from tsunagu_web.cases.tabs import tabs_of
from tsunagu_web.cases.who import who
from tsunagu_web.steps.services import ChangedMeanwhile


@needs(Thing.ASSESSMENT, Action.VIEW, shows_people=True)
@require_safe
def listed(request: HttpRequest, person_id: str) -> HttpResponse:
    return _show_list(request, require_child(request, person_id, Thing.ASSESSMENT))


@needs(Thing.ASSESSMENT, Action.EDIT, shows_people=True)
@require_POST
def begin(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.ASSESSMENT, Action.EDIT)
    try:
        chosen = next((form for form in forms_now() if form.id == request.POST.get("form")), None)
    except TsunaguError:
        chosen = None
    if chosen is None:
        return _show_list(request, child, status=422)
    services.begin(child, request.viewer, chosen)
    return redirect("assessment:draft", person_id=child.pk)


@needs(Thing.ASSESSMENT, Action.EDIT, shows_people=True)
@require_safe
def draft(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.ASSESSMENT, Action.EDIT)
    mine = queries.draft_of(request.viewer, child)
    if mine is None:
        record_look(request, Thing.ASSESSMENT, [child.pk], action=Action.EDIT, found=0)
        return redirect("assessment:list", person_id=child.pk)
    own = OwnForm.of(mine, seen=queries.count_of(child))
    return _show_draft(request, child, mine.form_version, own, of_text(mine.answers))


@needs(Thing.ASSESSMENT, Action.EDIT, shows_people=True)
@require_POST
def save(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.ASSESSMENT, Action.EDIT)
    own, version, answers = _sent(request, child)
    try:
        services.save_draft(child, request.viewer, version, own.given(answers))
    except ChangedMeanwhile:
        return _show_late(request, child, version, own, answers)
    messages.success(request, _("What you have so far is saved. Only you can read it."))
    return redirect("assessment:draft", person_id=child.pk)


@needs(Thing.ASSESSMENT, Action.EDIT, shows_people=True)
@require_POST
def record(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.ASSESSMENT, Action.EDIT)
    own, version, answers = _sent(request, child)
    lacking = check_answers(form_of(version), answers)
    if not own.complete() or lacking:
        return _show_draft(request, child, version, own, answers, lacking=lacking, status=422)
    try:
        made = services.record(child, request.viewer, version, own.given(answers))
    except ChangedMeanwhile:
        return _show_late(request, child, version, own, answers)
    messages.success(request, _("The assessment and your own judgment are recorded."))
    return redirect("assessment:conclusion", person_id=child.pk, number=made.number)


@needs(Thing.ASSESSMENT, Action.EDIT, shows_people=True)
@require_POST
def discard(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.ASSESSMENT, Action.EDIT)
    own, version, answers = _sent(request, child)
    if request.POST.get("sure") != "yes":
        return _ask_to_discard(request, child)
    try:
        services.discard_draft(child, request.viewer, seen=own.cleaned_data["draft"])
    except ChangedMeanwhile:
        return _show_late(request, child, version, own, answers)
    messages.success(request, _("The draft is gone. Nothing was recorded."))
    return redirect("assessment:list", person_id=child.pk)


@needs(Thing.ASSESSMENT, Action.VIEW, shows_people=True)
@require_safe
def one(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.ASSESSMENT)
    return _show_one(request, child, queries.require_assessment(request, child, number))


@needs(Thing.ASSESSMENT, Action.EDIT, shows_people=True)
@require_safe
def conclusion(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.ASSESSMENT, Action.EDIT)
    shown = queries.require_assessment(request, child, number, Action.EDIT)
    return _show_conclusion(request, child, shown)


@needs(Thing.ASSESSMENT, Action.EDIT, shows_people=True)
@require_POST
def conclude(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.ASSESSMENT, Action.EDIT)
    shown = queries.require_assessment(request, child, number, Action.EDIT)
    run, form = require_run(request), ConclusionForm(request.POST)
    if queries.judges_first(request.viewer, child):
        typed = form.on_top_of(run=run.seal) if form.is_valid() else None
        return _show_conclusion(request, child, shown, form=typed, status=409)
    if not form.is_valid() or not form.has_its_reason(shown, run.words, level_of(child)):
        return _show_conclusion(request, child, shown, form=form, status=422)
    try:
        services.conclude(shown, request.viewer, run, form.wish())
    except ChangedMeanwhile:
        shown = queries.require_assessment(request, child, number, Action.EDIT)
        return _show_conclusion(request, child, shown, form=form.on_top_of(run=run.seal), status=409)
    messages.success(request, _("The conclusion is recorded."))
    return redirect("assessment:one", person_id=child.pk, number=shown.number)


@needs(Thing.ASSESSMENT_OVERVIEW, Action.VIEW)
@require_safe
def overrides(request: HttpRequest) -> HttpResponse:
    rows = [
        (OverrideReason(reason).label if reason else _("Went along with the machine's level and the own judgment"), n)
        for reason, n in queries.overrides(request.viewer)
    ]
    record_look(request, Thing.ASSESSMENT_OVERVIEW)
    return render(request, "assessment/overrides.html", {"rows": rows, "least": LEAST})


def _sent(request: HttpRequest, child: Child) -> tuple[OwnForm, FormVersion, Answers]:
    """What the page of a draft sent. Where a mark of ours is missing, no page of the desk made the request."""
    own = OwnForm(request.POST)
    version = FormVersion.objects.filter(pk=own.cleaned_data.get("version")).first() if own.is_valid() else None
    if version is None:
        raise BadRequest
    return own, version, read_answers(form_of(version), request.POST)


def _about(request: HttpRequest, child: Child) -> dict[str, Any]:
    return {"child": child, "who": who(request.viewer, child), "tabs": tabs_of(request.viewer, child)}


def _show_list(request: HttpRequest, child: Child, *, status: int = 200) -> HttpResponse:
    record_look(request, Thing.ASSESSMENT, [child.pk])
    viewer, run = request.viewer, require_run(request)
    writes = may(viewer, Thing.ASSESSMENT, Action.EDIT, child.subject())
    judging = queries.judges_first(viewer, child)
    try:
        offered = [(form.id, said(form.title), form.version) for form in forms_now()] if writes else []
    except TsunaguError:
        offered, status = [], 422
    rows = [
        (one, queries.concluded(viewer, child, one, run, is_judging=judging))
        for one in queries.assessments_of(viewer, child)
    ]
    context = {
        **_about(request, child),
        "rows": rows,
        "writes": writes,
        "draft": queries.draft_of(viewer, child) if writes else None,
        "offered": offered,
        "is_judging": judging,
        "is_first": writes and city_choices().own_judgment_first,
        "is_refused": status == 422,
    }
    return render(request, "assessment/list.html", context, status=status)


def _show_one(request: HttpRequest, child: Child, shown: Assessment) -> HttpResponse:
    record_look(request, Thing.ASSESSMENT, [child.pk], number=shown.number)
    viewer, form = request.viewer, form_of(shown.form_version)
    judging = queries.judges_first(viewer, child)
    context = {
        **_about(request, child),
        "shown": shown,
        "title": said(form.title),
        "source": said(form.source),
        "parts": parts_of(form, of_text(shown.answers)),
        "concluded": queries.concluded(viewer, child, shown, require_run(request), is_judging=judging),
        "may_conclude": may(viewer, Thing.ASSESSMENT, Action.EDIT, child.subject()),
        "is_judging": judging,
    }
    return render(request, "assessment/one.html", context)


def _show_draft(
    request: HttpRequest,
    child: Child,
    version: FormVersion,
    own: OwnForm,
    answers: Answers,
    *,
    lacking: Sequence[Problem] = (),
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    record_look(request, Thing.ASSESSMENT, [child.pk], action=Action.EDIT)
    form = form_of(version)
    # The one page on which the machine must not speak, unless the city has chosen otherwise.
    is_first = city_choices().own_judgment_first
    context = {
        **_about(request, child),
        "title": said(form.title),
        "source": said(form.source),
        "version": version.version,
        "parts": parts_of(form, answers, lacking),
        "own": own,
        "longest": longest(),
        "is_incomplete": status == 422,
        "lacks": len(lacking),
        "is_first": is_first,
        "machine": None if is_first else machine_of(request.viewer, child, require_run(request)),
        **more,
    }
    return render(request, "assessment/draft.html", context, status=status)


def _ask_to_discard(request: HttpRequest, child: Child) -> HttpResponse:
    """What is discarded cannot be had again, so a page of its own asks; it carries what was typed and not yet saved."""
    record_look(request, Thing.ASSESSMENT, [child.pk], action=Action.EDIT)
    not_typed = ("csrfmiddlewaretoken", "sure")
    typed = [(name, value) for name, values in request.POST.lists() for value in values if name not in not_typed]
    return render(request, "assessment/discard.html", {**_about(request, child), "typed": typed})


def _show_late(
    request: HttpRequest, child: Child, version: FormVersion, own: OwnForm, answers: Answers
) -> HttpResponse:
    """Both texts: what was typed stands in the form, and what came meanwhile stands above it."""
    viewer, seen = request.viewer, queries.count_of(child)
    mine = queries.draft_of(viewer, child)
    newest = queries.assessments_of(viewer, child)[:1] if seen != own.cleaned_data["seen"] else []
    elsewhere = mine if mine and mine.revision != own.cleaned_data["draft"] else None
    late = {
        "newest": newest[0] if newest else None,
        "elsewhere": elsewhere,
        "kept": changed_parts(form_of(version), of_text(elsewhere.answers), answers) if elsewhere else (),
    }
    return _show_draft(
        request, child, version, own.on_top_of(mine, seen=seen), answers, status=409, is_late=True, **late
    )


def _show_conclusion(
    request: HttpRequest,
    child: Child,
    shown: Assessment,
    *,
    form: ConclusionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    record_look(request, Thing.ASSESSMENT, [child.pk], number=shown.number)
    viewer, run = request.viewer, require_run(request)
    judging = queries.judges_first(viewer, child)
    machine = None if judging else machine_of(viewer, child, run)
    concluded = queries.concluded(viewer, child, shown, run, is_judging=judging)
    parts = parts_of(form_of(shown.form_version), of_text(shown.answers))
    context = {
        **_about(request, child),
        "shown": shown,
        "concluded": concluded,
        "machine": machine,
        "gravest": gravest(parts),
        "not_known": not_known(parts),
        "is_judging": judging,
        "is_late": status == 409,
        "form": None if machine is None or concluded else form or ConclusionForm.of(shown, run=run.seal),
        "typed": form if concluded or judging else None,
    }
    return render(request, "assessment/conclusion.html", context, status=status)

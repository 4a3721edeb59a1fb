"""Pages of the editor: the sentences with their limits, a draft before and after it is saved, and its bundle."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tsunagu.errors import CriterionError
from tsunagu.evaluation.small_counts import LEAST
from tsunagu.runs.approval import APPROVALS
from tsunagu.screening.rewrite import next_version
from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.models import Run
from tsunagu_web.criteria import page, services
from tsunagu_web.criteria.bundle import bundle_of
from tsunagu_web.criteria.forms import DraftForm, SayForm
from tsunagu_web.criteria.models import Draft
from tsunagu_web.criteria.queries import Opened, Standing, may_say, opened_trial, standing_of, standings
from tsunagu_web.criteria.report import groups
from tsunagu_web.people.services import ChangedMeanwhile

_LONGEST_CODE = 80


@needs(Thing.CRITERIA, Action.VIEW)
@require_safe
def editor(request: HttpRequest) -> HttpResponse:
    return _show(request, {})


@needs(Thing.CRITERIA, Action.EDIT)
@require_safe
def trial(request: HttpRequest) -> HttpResponse:
    return _show(request, request.GET.dict())


@needs(Thing.CRITERIA, Action.EDIT)
@require_safe
def new_draft(request: HttpRequest) -> HttpResponse:
    _run, opened = _require(request)
    version = next_version(opened.criteria.version)
    return _prepare(request, request.GET.dict(), DraftForm.offering(version), version, status=200)


@needs(Thing.CRITERIA, Action.EDIT)
@require_POST
def save_draft(request: HttpRequest) -> HttpResponse:
    run, opened = _require(request)
    given, form = request.POST.dict(), DraftForm(request.POST)
    asked = page.asked_of(opened.criteria, given)
    if not form.is_valid() or asked.wrong or not asked.moved:
        return _prepare(request, given, form, next_version(opened.criteria.version), status=422)
    wish = services.Wish(asked.moved, **form.cleaned_data)
    try:
        made = services.save_draft(request.viewer, opened, run, wish)
    except CriterionError as error:
        form.add_error(None, error.message())
        return _prepare(request, given, form, next_version(opened.criteria.version), status=422)
    messages.success(request, _("The draft is kept. Two people of two duties, other than you, decide on it."))
    return redirect("criteria:draft", made.pk)


@needs(Thing.CRITERIA, Action.VIEW)
@require_safe
def draft(request: HttpRequest, number: int) -> HttpResponse:
    return _draft(request, _standing(request, number))


@needs(Thing.CRITERIA, Action.APPROVE)
@require_POST
def say(request: HttpRequest, number: int) -> HttpResponse:
    standing, form = _standing(request, number), SayForm(request.POST)
    if not form.is_valid():
        return _draft(request, standing, form=form, status=422)
    given = form.cleaned_data
    agrees = given.pop("says") == "approve"
    try:
        services.say(request.viewer, standing, agrees=agrees, **given)
    except ChangedMeanwhile:
        return _draft(request, _standing(request, number), status=409)
    messages.success(request, _("You approved the draft.") if agrees else _("You refused the draft."))
    return redirect("criteria:draft", number)


@needs(Thing.CRITERIA, Action.EXPORT)
@require_POST
def bundle(request: HttpRequest, number: int) -> HttpResponse:
    """What a city adopts: the file, its report and the record of who approved it, in one archive."""
    standing = _standing(request, number)
    if standing.state != "approved":
        raise Http404
    content = bundle_of(standing)
    record_look(request, Thing.CRITERIA, action=Action.EXPORT, number=number, content=standing.draft.sha256)
    answer = HttpResponse(content, content_type="application/zip")
    name = f"{standing.draft.name}-{standing.draft.version}.zip"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _show(request: HttpRequest, given: Mapping[str, str]) -> HttpResponse:
    found = opened_trial(request)
    if found is None:
        record_look(request, Thing.CRITERIA, shown=0)
        return render(request, "criteria/nothing.html", {"drafts": standings()})
    run, opened = found
    asked = page.asked_of(opened.criteria, given)
    near = frozenset({given.get("near", "")}) | {page.field_name(*key) for key in asked.moved}
    record_look(request, Thing.CRITERIA, **_tried(asked))
    now, would = opened.trial.counts(), opened.trial.counts(asked.moved)
    context = {
        "opened": opened,
        "on": run.on,
        "least": LEAST,
        "may_try": may(request.viewer, Thing.CRITERIA, Action.EDIT),
        "judgments": page.judgments(opened, run.words, now, would, asked),
        "levels": page.levels(opened, run.words, now, would),
        "near": page.near(opened, run.words, asked, near) if given else [],
        "is_moved": bool(asked.moved),
        "wrong": asked.wrong,
        "drafts": standings(opened.criteria),
    }
    response = render(request, "criteria/editor.html", context)
    response.desk_script = response.desk_asks = True  # type: ignore[attr-defined]  # read by SafeHeaders
    return response


def _tried(asked: page.Asked) -> dict[str, str]:
    """The limits that were tried, for the log: codes and numbers, as many as an entry takes."""
    tried = "+".join(f"{page.field_name(*key)}:{value}" for key, value in asked.moved.items())
    return {"limits": tried[:_LONGEST_CODE]} if tried else {}


def _prepare(
    request: HttpRequest, given: Mapping[str, str], form: DraftForm, version: str, *, status: int
) -> HttpResponse:
    run, opened = _require(request)
    asked = page.asked_of(opened.criteria, given)
    record_look(request, Thing.CRITERIA, **_tried(asked))
    context: dict[str, Any] = {"form": form, "limits": [], "wrong": asked.wrong, "opened": opened}
    if asked.moved and not asked.wrong:
        try:
            made = services.prepared(opened, run, asked.moved, version=version, effective=dt.date.max)
        except CriterionError as error:
            context["problem"] = error.message()
        else:
            context |= _report(run, json.loads(made.report))
    context["typed"] = [(page.field_name(*key), value) for key, value in asked.moved.items()]
    return render(request, "criteria/prepare.html", {**context, "least": LEAST}, status=status)


def _draft(request: HttpRequest, standing: Standing, *, form: SayForm | None = None, status: int = 200) -> HttpResponse:
    found = opened_trial(request)
    record_look(request, Thing.CRITERIA, number=standing.draft.pk)
    offered = (form or SayForm.about(standing.draft.report_sha256)) if may_say(request.viewer, standing) else None
    run = Run.objects.filter(pk__in=[found[0].pk]).first() if found else Run.objects.filter(is_current=True).first()
    context = _report(run, json.loads(standing.draft.report))
    context |= {"standing": standing, "draft": standing.draft, "form": offered, "is_late": status == 409}
    context |= {"needed": APPROVALS, "least": LEAST, "is_own": standing.draft.by_id == request.viewer.staff_id}
    context["may_take"] = standing.state == "approved" and may(request.viewer, Thing.CRITERIA, Action.EXPORT)
    return render(request, "criteria/draft.html", context, status=status)


def _report(run: Run | None, report: Mapping[str, Any]) -> dict[str, Any]:
    words = run.words if run else {}
    return {
        "report": report,
        "limits": page.limits_in_words(report["limits"], words),
        "groups": groups(report, words),
        "on": dt.date.fromisoformat(report["on"]),
    }


def _standing(request: HttpRequest, number: int) -> Standing:
    found = opened_trial(request)
    row = get_object_or_404(Draft.objects.select_related("by").prefetch_related("verdicts__by"), pk=number)
    return standing_of(row, found[1].criteria if found else None)


def _require(request: HttpRequest) -> tuple[Run, Opened]:
    found = opened_trial(request)
    if found is None:
        raise Http404
    return found

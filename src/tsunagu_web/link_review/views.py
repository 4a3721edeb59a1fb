"""Pages of link review: read or write through queries and services, then answer.

Names are shown to an analyst alone, under the purpose of analysis, and only on the page of one doubtful pair: the list
and the decisions name nobody. Each look is recorded with both persons of each pair.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Form, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.queries import current_run, require_run
from tsunagu_web.link_review import queries, services
from tsunagu_web.link_review.forms import DecideForm, TakeBackForm
from tsunagu_web.link_review.page import WORDS, listed_rows, rows_of, standing, unlike_the_table
from tsunagu_web.people.services import ChangedMeanwhile


@needs(Thing.LINK_REVIEW, Action.VIEW, shows_people=True, forms=queries.FORMS)
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Pairs in doubt, without names. Who counts only gets the count."""
    viewer, run = request.viewer, current_run(request)
    if queries.form_of(viewer) is Form.COUNT:
        return _counted(request)
    page, found = queries.page_of(viewer, request.GET.get("page", "1"))
    record_look(request, Thing.LINK_REVIEW, _persons(o.pair for o in found), shown=len(found))
    rows = listed_rows(found, run.words if run else {}, queries.own_children(viewer, found))
    context = {"page": page, "rows": rows, "waiting": page.paginator.count}
    return render(request, "link_review/list.html", {**context, **_may(request)})


@needs(Thing.LINK_REVIEW, Action.VIEW, shows_people=True)
@require_safe
def pair(request: HttpRequest, pair: str) -> HttpResponse:
    return _show_pair(request, queries.require_pair(request.viewer, pair))


@needs(Thing.LINK_REVIEW, Action.DECIDE, shows_people=True)
@require_POST
def decide(request: HttpRequest, pair: str) -> HttpResponse:
    opened, form = queries.require_pair(request.viewer, pair), DecideForm(request.POST)
    if not form.is_valid():
        return _show_pair(request, opened, form=form, status=422)
    try:
        services.decide(opened.pair, request.viewer, form.wish())
    except ChangedMeanwhile:
        return _show_pair(request, queries.require_pair(request.viewer, pair), status=409)
    messages.success(request, _("Your decision is recorded. The next run follows it."))
    return redirect("link_review:list")


@needs(Thing.LINK_REVIEW, Action.VIEW, shows_people=True, forms=(Form.FULL, Form.WORDS, Form.PSEUDONYM))
@require_safe
def decided(request: HttpRequest) -> HttpResponse:
    return _decided(request)


@needs(Thing.LINK_REVIEW, Action.DECIDE, shows_people=True)
@require_POST
def take_back(request: HttpRequest, number: int) -> HttpResponse:
    decision, form = queries.decision(request.viewer, number), TakeBackForm(request.POST)
    if not form.is_valid():
        return _decided(request, status=422)
    try:
        services.take_back(decision, request.viewer, form=form.cleaned_data["form"])
    except ChangedMeanwhile:
        return _decided(request, status=409)
    messages.success(request, _("The decision is taken back. The pair is asked again."))
    return redirect("link_review:decided")


@needs(Thing.LINK_REVIEW, Action.EXPORT, shows_people=True)
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """The decisions in force as a file of marks, for the next run; its hash stands in the log."""
    run = require_run(request)
    file = queries.decisions_file(run)
    digest = hashlib.sha256(file.content).hexdigest()
    record_look(request, Thing.LINK_REVIEW, action=Action.EXPORT, rows=file.decisions, content=digest)
    answer = HttpResponse(file.content, content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="link-decisions-{run.on}.json"'
    return answer


def _counted(request: HttpRequest) -> HttpResponse:
    waiting = queries.open_pairs(request.viewer).count()
    record_look(request, Thing.LINK_REVIEW, shown=0)
    return render(request, "link_review/counted.html", {"waiting": waiting})


def _show_pair(
    request: HttpRequest, opened: queries.Opened, *, form: DecideForm | None = None, status: int = 200
) -> HttpResponse:
    record_look(request, Thing.LINK_REVIEW, opened.pair.persons)
    history, words = queries.history_of(opened.pair), require_run(request).words
    offered = form or DecideForm.of(opened.pair, decisions=len(history))
    rows = rows_of(opened)
    context = {"form": offered, "rows": rows, "is_late": status == 409, "history": history}
    context["unlike"] = unlike_the_table(opened, rows)
    context["address"] = WORDS[opened.content["address"]]
    context |= {"shown": listed_rows([opened], words, {})[0], "standing": standing(opened.pair, history)}
    return render(request, "link_review/pair.html", {**context, **_may(request)}, status=status)


def _decided(request: HttpRequest, *, status: int = 200) -> HttpResponse:
    page = queries.decisions(request.viewer, request.GET.get("page", "1"))
    record_look(request, Thing.LINK_REVIEW, _persons(page), shown=len(page))
    context = {"page": page, "rows": queries.with_forms(page), "is_late": status == 409}
    return render(request, "link_review/decided.html", {**context, **_may(request)}, status=status)


def _persons(rows: Iterable[queries.LinkPair | queries.LinkDecision]) -> list[str]:
    return sorted({person for row in rows for person in row.persons})


def _may(request: HttpRequest) -> dict[str, bool]:
    viewer = request.viewer
    return {
        "shows_names": may(viewer, Thing.LINK_REVIEW),
        "may_decide": may(viewer, Thing.LINK_REVIEW, Action.DECIDE),
        "may_export_links": may(viewer, Thing.LINK_REVIEW, Action.EXPORT),
    }

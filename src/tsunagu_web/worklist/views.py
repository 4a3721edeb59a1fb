"""Pages of the list and the search: read or write through queries and services, then answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.table import Action, Form, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.models import State
from tsunagu_web.cases.queries import current_run, require_run
from tsunagu_web.search.forms import SearchForm
from tsunagu_web.search.terms import record_search
from tsunagu_web.worklist import queries
from tsunagu_web.worklist.rows import level_choices, rows_for, school_choices
from tsunagu_web.worklist.sheet import sheet


@needs(Thing.ACCOUNT, Action.USE)
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Where each role begins; a role without a page of its own, and everybody before a purpose, at the purposes."""
    viewer = request.viewer
    if may(viewer, Thing.WORKLIST):
        return redirect("worklist:list")
    if may(viewer, Thing.ACCESS_LOG):
        return redirect("audit:log")
    counts = may(viewer, Thing.DECISION_OVERVIEW, form=Form.COUNT)
    return redirect("cases:decisions" if counts else "duties:purpose")


@needs(Thing.WORKLIST, Action.VIEW, shows_people=True)
@require_safe
def children(request: HttpRequest) -> HttpResponse:
    filters = queries.filters_from(request.viewer, request.GET)
    listed = queries.listed(request.viewer, filters, request.GET.get("page", "1"))
    record_look(request, Thing.WORKLIST, listed.persons, shown=len(listed.persons))
    run = current_run(request)
    choices = {"levels": level_choices(run, listed.levels), "schools": school_choices(run, listed.schools)}
    return _page(request, "worklist/list.html", listed, filters=filters, **choices)


@needs(Thing.WORKLIST, Action.SEARCH, shows_people=True)
@require_POST
def search(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.POST)
    question = form.question()
    found = queries.found(request.viewer, question, request.POST.get("page", "1"))
    record_search(request, Thing.WORKLIST, found.persons, words=request.POST.get("words", ""), found=found.total)
    return _page(request, "worklist/found.html", found, search=form, question=question)


@needs(Thing.WORKLIST, Action.EXPORT, shows_people=True)
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is narrowed, as a file. What a page of the list hides is hidden in it too."""
    viewer, filters = request.viewer, queries.filters_from(request.viewer, request.POST)
    run, mine = require_run(request), queries.exported(viewer, filters)
    if len(mine) > queries.MOST_ROWS:
        messages.error(
            request, _("At most %(most)d children fit into a file. Narrow the list.") % {"most": queries.MOST_ROWS}
        )
        return redirect("worklist:list")
    record_look(request, Thing.WORKLIST, [c.pk for c in mine], action=Action.EXPORT, shown=len(mine))
    answer = HttpResponse(sheet(viewer, rows_for(viewer, run, mine)), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="children-{run.on}.csv"'
    return answer


def _page(request: HttpRequest, template: str, listed: queries.Listed, **more: object) -> HttpResponse:
    run = current_run(request)
    rows = rows_for(request.viewer, run, listed.page) if run else []
    may_see_decisions = may(request.viewer, Thing.DECISION)
    context = {"listed": listed, "rows": rows, "states": State.choices, "may_see_decisions": may_see_decisions, **more}
    return render(request, template, context)

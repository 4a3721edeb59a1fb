"""Pages of the list and the search: read or write through queries and services, then answer."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Form, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.models import Child, State
from tsunagu_web.cases.queries import current_run, leads_by_team, require_run
from tsunagu_web.cases.who import who
from tsunagu_web.outreach.queries import as_unseen, first_unseen
from tsunagu_web.search.forms import SearchForm
from tsunagu_web.search.terms import record_search
from tsunagu_web.worklist import bulk, queries, saved
from tsunagu_web.worklist.filters import Filters, filters_from, lists_of, may_filter_by
from tsunagu_web.worklist.forms import AssignManyForm, KeepForm, WatchManyForm
from tsunagu_web.worklist.rows import level_choices, rows_for, school_choices, sign_choices
from tsunagu_web.worklist.sheet import sheet

#: So many of those whom nobody has seen in time stand above the list; the rest is one step away.
UNSEEN_FIRST = 5


@needs(Thing.ACCOUNT, Action.USE)
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Where each role begins; a role without a page of its own, and everybody before a purpose, at the purposes."""
    viewer = request.viewer
    if may(viewer, Thing.WORKLIST):
        return redirect("worklist:list")
    if may(viewer, Thing.OFFER):
        return redirect("offers:list")
    if may(viewer, Thing.ACCESS_LOG):
        return redirect("audit:log")
    counts = may(viewer, Thing.DECISION_OVERVIEW, form=Form.COUNT)
    return redirect("cases:decisions" if counts else "duties:purpose")


@needs(Thing.WORKLIST, Action.VIEW, shows_people=True)
@require_safe
def children(request: HttpRequest) -> HttpResponse:
    return _list(request, request.GET)


@needs(Thing.DECISION, Action.DECIDE, shows_people=True)
@require_POST
def watch_many(request: HttpRequest) -> HttpResponse:
    """The same for several children at once: look again on a day, each by a decision of its own."""
    form = WatchManyForm(request.POST)
    record_look(request, Thing.DECISION, action=Action.DECIDE)
    if form.is_valid():
        outcome = bulk.watch(request.viewer, require_run(request), **form.wish())
        _tell(request, outcome)
        return redirect(back_to(request))
    return _list(request, request.POST, watching=form, wrong=form)


@needs(Thing.CASE, Action.ASSIGN, shows_people=True)
@require_POST
def assign_many(request: HttpRequest) -> HttpResponse:
    """The open cases of several children at once to a team and a lead worker."""
    form = AssignManyForm(request.POST).offering(leads_by_team(request.viewer))
    record_look(request, Thing.CASE, action=Action.ASSIGN)
    if form.is_valid():
        _tell(request, bulk.assign(request.viewer, **form.wish()))
        return redirect(back_to(request))
    return _list(request, request.POST, assigning=form, wrong=form)


@needs(Thing.WORKLIST, Action.VIEW)
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keeps the narrowed list under a name."""
    record_look(request, Thing.WORKLIST)
    form = KeepForm(request.POST).offering(request.viewer, queries.teams())
    asked = filters_from(request.viewer, request.POST)
    if asked.is_narrow and not form.is_valid():
        return _list(request, request.POST, keeping=form)
    if asked.is_narrow:
        try:
            saved.keep(request.viewer, form.cleaned_data["name"], asked.plain, team=form.cleaned_data["team"])
            messages.success(request, _("The list is kept."))
        except saved.TooMany:
            messages.error(request, _("There is room for %(most)d lists. Remove one first.") % {"most": saved.MOST})
    else:
        messages.error(request, _("Narrow the list, then give it a name."))
    return redirect(back_to(request))


@needs(Thing.WORKLIST, Action.VIEW)
@require_POST
def forget(request: HttpRequest, number: int) -> HttpResponse:
    record_look(request, Thing.WORKLIST)
    saved.forget(request.viewer, number)
    messages.success(request, _("The list is removed."))
    return redirect("worklist:list")


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
    viewer, filters = request.viewer, filters_from(request.viewer, request.POST)
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


def back_to(request: HttpRequest) -> str:
    """The list as it was narrowed when the form on it was sent."""
    return f"{reverse('worklist:list')}?{filters_from(request.viewer, request.POST).plain}"


def _list(request: HttpRequest, asked: QueryDict, **forms_sent: forms.Form) -> HttpResponse:
    """The list as it is narrowed; forms_sent: what could not be recorded, with everything typed and every mark."""
    filters = filters_from(request.viewer, asked)
    listed = queries.listed(request.viewer, filters, asked.get("page", "1"))
    unseen, of_all = _unseen(request, filters, listed)
    # One entry for the page: whoever stands in the list or above it was shown.
    persons = dict.fromkeys((*listed.persons, *(child.pk for child in unseen)))
    record_look(
        request, Thing.WORKLIST, persons, shown=len(listed.persons), **({"unseen": len(unseen)} if unseen else {})
    )
    run = current_run(request)
    choices = {"levels": level_choices(run, listed.levels), "schools": school_choices(run, listed.schools)}
    choices |= {
        "signs": sign_choices(run),
        "lists": lists_of(request.viewer),
        "filter_by": may_filter_by(request.viewer),
    }
    more = {**choices, **_together(request, filters), "every_level": filters.without("level"), **forms_sent}
    more["unseen"] = [(as_unseen(child), who(request.viewer, child)) for child in unseen]
    more["unseen_in_all"] = of_all
    more["marked"] = set(asked.getlist("person")) if forms_sent else ()
    status = 422 if forms_sent else 200
    return _page(request, "worklist/list.html", listed, status=status, filters=filters, **more)


def _unseen(request: HttpRequest, filters: Filters, listed: queries.Listed) -> tuple[list[Child], int]:
    """Whom nobody has seen in time, those never recorded first, and how many: above the whole list's first page."""
    is_first = not filters.is_narrow and listed.page.number == 1
    return first_unseen(request.viewer, UNSEEN_FIRST) if is_first and may(request.viewer, Thing.SIGHT) else ([], 0)


def _together(request: HttpRequest, filters: Filters) -> dict[str, object]:
    """What can be done with the whole list: keeping it, and one act for several children."""
    viewer = request.viewer
    # Who may assign has the teams' names from there already.
    leads = leads_by_team(viewer) if may(viewer, Thing.CASE, Action.ASSIGN) else None
    keeping = None
    if filters.is_narrow:
        names = queries.teams() if leads is None else [(key, name) for key, name, _leads in leads]
        keeping = KeepForm().offering(viewer, names)
    return {
        "saved": saved.saved_for(viewer),
        "keeping": keeping,
        "watching": WatchManyForm.new() if may(viewer, Thing.DECISION, Action.DECIDE) else None,
        "assigning": AssignManyForm.new().offering(leads) if leads is not None else None,
        "most": bulk.MOST,
    }


def _tell(request: HttpRequest, outcome: bulk.Outcome) -> None:
    said = ngettext("Recorded for %(n)d child.", "Recorded for %(n)d children.", outcome.done) % {"n": outcome.done}
    messages.success(request, said)
    if outcome.left:
        left = ngettext(
            "%(n)d child was left as it is: somebody else has decided, or there is no open case.",
            "%(n)d children were left as they are: somebody else has decided, or there is no open case.",
            outcome.left,
        )
        messages.warning(request, left % {"n": outcome.left})


def _page(
    request: HttpRequest, template: str, listed: queries.Listed, *, status: int = 200, **more: object
) -> HttpResponse:
    run = current_run(request)
    rows = rows_for(request.viewer, run, listed.page) if run else []
    may_see_decisions = may(request.viewer, Thing.DECISION)
    context = {"listed": listed, "rows": rows, "states": State.choices, "may_see_decisions": may_see_decisions, **more}
    return render(request, template, context, status=status)

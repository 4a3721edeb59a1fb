"""The operations: each asks the same queries as its page, and records the look before it answers."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from tsunagu_web.access.policy import needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.api import answers
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.page import child_page
from tsunagu_web.cases.queries import current_run, require_child, require_run
from tsunagu_web.search.forms import SearchForm
from tsunagu_web.search.terms import record_search
from tsunagu_web.worklist import queries
from tsunagu_web.worklist.filters import filters_from
from tsunagu_web.worklist.rows import rows_for


@needs(Thing.WORKLIST, Action.VIEW, shows_people=True)
@require_safe
def children(request: HttpRequest) -> JsonResponse:
    """The list, with the filters of the page."""
    filters = filters_from(request.viewer, request.GET)
    listed = queries.listed(request.viewer, filters, request.GET.get("page", "1"))
    record_look(request, Thing.WORKLIST, listed.persons, shown=len(listed.persons), form="json")
    return _list(request, listed)


@needs(Thing.WORKLIST, Action.SEARCH, shows_people=True)
@require_POST
def search(request: HttpRequest) -> JsonResponse:
    """Children by name or reading, sent in the body."""
    words = request.POST.get("words", "")
    found = queries.found(request.viewer, SearchForm(request.POST).question(), request.POST.get("page", "1"))
    record_search(request, Thing.WORKLIST, found.persons, words=words, found=found.total, form="json")
    return _list(request, found)


@needs(Thing.CHILD, Action.VIEW, shows_people=True)
@require_safe
def child(request: HttpRequest, person_id: str) -> JsonResponse:
    """One child, as far as the viewer may see it."""
    page = child_page(request.viewer, require_child(request, person_id), require_run(request))
    record_look(request, Thing.CHILD, [page.who.person_id, *(m.person_id for m in page.household)], form="json")
    return JsonResponse(answers.of_child(page))


def _list(request: HttpRequest, listed: queries.Listed) -> JsonResponse:
    run = current_run(request)
    return JsonResponse(answers.of_list(listed, rows_for(request.viewer, run, listed.page) if run else []))

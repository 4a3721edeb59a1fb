"""The list, the search, and one child."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from tsunagu_web.access.policy import needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.api.answers import children as answers
from tsunagu_web.api.reached import about_a_child_and_kin, reached_child
from tsunagu_web.api.shapes.children import ChildPage, Children, ListQuery, SearchQuestion
from tsunagu_web.api.shapes.parts import PersonId
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.page import child_page
from tsunagu_web.cases.queries import current_run, require_run
from tsunagu_web.search.forms import SearchForm
from tsunagu_web.search.terms import record_search
from tsunagu_web.worklist import queries
from tsunagu_web.worklist.filters import filters_from
from tsunagu_web.worklist.rows import rows_for

router = Router(tags=["children"])


@router.get("/children/", response=Children, exclude_unset=True, summary="Children of the list")
@needs(Thing.WORKLIST, Action.VIEW, shows_people=True)
def children(request: HttpRequest, given: Query[ListQuery]) -> dict[str, Any]:
    """In the order of the page and with its filters; one that the viewer may not know narrows nothing."""
    filters = filters_from(request.viewer, request.GET)
    listed = queries.listed(request.viewer, filters, str(given.page))
    record_look(request, Thing.WORKLIST, listed.persons, shown=len(listed.persons), form="json")
    return _list(request, listed)


@router.post("/children/search/", response=Children, exclude_unset=True, summary="Children by name or reading")
@needs(Thing.WORKLIST, Action.SEARCH, shows_people=True)
def search(request: HttpRequest, given: SearchQuestion) -> dict[str, Any]:
    """The words are sent in the body, so that no name stands in an address; the log keeps a digest of them."""
    form = SearchForm({"words": given.words, "page": given.page})
    found = queries.found(request.viewer, form.question(), str(given.page))
    record_search(request, Thing.WORKLIST, found.persons, words=given.words, found=found.total, form="json")
    return _list(request, found)


@router.get("/children/{person:person_id}/", response=ChildPage, exclude_unset=True, summary="One child")
@about_a_child_and_kin
@needs(Thing.CHILD, Action.VIEW, shows_people=True)
def child(request: HttpRequest, person_id: PersonId) -> dict[str, Any]:
    """As far as the viewer may see it: what is kept from them is missing, and named in `hidden`."""
    page = child_page(request.viewer, reached_child(request), require_run(request))
    record_look(request, Thing.CHILD, [page.who.person_id, *(m.person_id for m in page.household)], form="json")
    return answers.of_child(request.viewer, page)


def _list(request: HttpRequest, listed: queries.Listed) -> dict[str, Any]:
    run = current_run(request)
    return answers.of_list(request.viewer, listed, rows_for(request.viewer, run, listed.page) if run else [])

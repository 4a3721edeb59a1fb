"""The auditor's page with the words of one search: recorded first, opened then."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from tsunagu_web.access.policy import needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.search.terms import opened, require_search


@needs(Thing.SEARCH_WORDS, Action.VIEW, shows_people=True)
@require_POST
def words(request: HttpRequest, number: int) -> HttpResponse:
    event = require_search(number)
    record_look(request, Thing.SEARCH_WORDS, event=number)
    return render(request, "search/words.html", {"opened": opened(event)})

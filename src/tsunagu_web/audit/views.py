"""Pages of the auditor: read or write through queries and services, then answer."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from tsunagu.audit.proof import head_text
from tsunagu.errors import SourceError
from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit import queries
from tsunagu_web.audit.checking import Proof, check_log
from tsunagu_web.audit.forms import LogFilter
from tsunagu_web.audit.heads import heads_state
from tsunagu_web.audit.looks import record_look
from tsunagu_web.audit.names import fault_words
from tsunagu_web.audit.signals import signals_since

# About half a minute; a longer log is verified by the command, which nobody waits for in a browser.
MOST_ROWS_ON_A_PAGE = 500_000


@needs(Thing.ACCESS_LOG, Action.VIEW, shows_people=True)
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    return _page(request)


@needs(Thing.ACCESS_LOG, Action.VERIFY, shows_people=True)
@require_POST
def verify_log(request: HttpRequest) -> HttpResponse:
    if queries.rows_written() > MOST_ROWS_ON_A_PAGE:
        return _page(request, is_too_long=True)
    try:
        checked = check_log(Proof())
    except SourceError:
        record_look(request, Thing.ACCESS_LOG, action=Action.VERIFY, outcome="heads_unreadable")
        return _page(request, are_heads_unreadable=True)
    outcome = checked.verdict.fault.kind if checked.verdict.fault else "whole"
    record_look(request, Thing.ACCESS_LOG, action=Action.VERIFY, rows=checked.verdict.rows, outcome=outcome)
    return _page(request, checked=checked, faults=[fault_words(fault) for fault in checked.verdict.faults])


@needs(Thing.ACCESS_LOG, Action.VERIFY)
@require_safe
def head(request: HttpRequest) -> HttpResponse:
    rows = request.GET.get("rows", "")
    found = queries.head_at(int(rows) if rows.isascii() and rows.isdigit() else queries.rows_written())
    if found is None:
        raise Http404
    record_look(request, Thing.ACCESS_LOG, action=Action.VERIFY, head=found.rows)
    answer = HttpResponse(head_text(found), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="head-{found.rows}.json"'
    return answer


@needs(Thing.ACCESS_LOG, Action.VIEW, shows_people=True)
@require_safe
def signals(request: HttpRequest) -> HttpResponse:
    found = signals_since()
    record_look(request, Thing.ACCESS_LOG, signals=len(found))
    return render(request, "audit/signals.html", {"signals": found})


def _page(request: HttpRequest, **more: object) -> HttpResponse:
    form = LogFilter(request.GET).narrow(queries.staff_choices())
    asked = form.asked()
    record_look(request, Thing.ACCESS_LOG)
    context = {"form": form, "shown": queries.log_page(**asked), "query": _query(request), "heads": heads_state()}
    context["may_see_words"] = may(request.viewer, Thing.SEARCH_WORDS)
    return render(request, "audit/log.html", {**context, "rows_written": queries.rows_written(), **more})


def _query(request: HttpRequest) -> str:
    """The filters as the beginning of an address's query, without the place."""
    asked = request.GET.copy()
    for place in ("below", "above"):
        asked.pop(place, None)
    return f"{asked.urlencode()}&" if asked else ""

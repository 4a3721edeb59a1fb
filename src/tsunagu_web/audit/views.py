"""Pages of the auditor: read or write through queries and services, then answer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from tsunagu.audit.verify import verify
from tsunagu_web.access.policy import needs
from tsunagu_web.access.table import Action, Thing
from tsunagu_web.audit import queries
from tsunagu_web.audit.forms import LogFilter
from tsunagu_web.audit.looks import record_look


@needs(Thing.ACCESS_LOG, Action.VIEW, shows_people=True)
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    return _page(request)


@needs(Thing.ACCESS_LOG, Action.VERIFY, shows_people=True)
@require_POST
def verify_log(request: HttpRequest) -> HttpResponse:
    verdict = verify(queries.sealed_rows())
    outcome = verdict.fault.kind if verdict.fault else "whole"
    record_look(request, Thing.ACCESS_LOG, action=Action.VERIFY, rows=verdict.rows, outcome=outcome)
    return _page(request, verdict=verdict)


def _page(request: HttpRequest, **more: object) -> HttpResponse:
    form = LogFilter(request.GET).narrow(queries.staff_choices())
    asked = form.cleaned_data if form.is_valid() else {"action": "", "actor": "", "day": None, "person": ""}
    record_look(request, Thing.ACCESS_LOG)
    shown, lines = queries.log_page(**asked, page=request.GET.get("page", "1"))
    context = {"form": form, "shown": shown, "lines": lines, "query": _query(request), **more}
    return render(request, "audit/log.html", context)


def _query(request: HttpRequest) -> str:
    """The filters as the beginning of an address's query, without the page."""
    asked = request.GET.copy()
    asked.pop("page", None)
    return f"{asked.urlencode()}&" if asked else ""

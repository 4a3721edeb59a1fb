"""The page of numbers: how far the help has come, and what waits."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tsunagu.evaluation.small_counts import LEAST
from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Form, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.queries import current_run
from tsunagu_web.outreach.clock import rules
from tsunagu_web.reports import freshness, funnel, no_mark, waiting
from tsunagu_web.reports.keys import KEYS


@needs(Thing.REPORT, Action.VIEW, forms=(Form.FULL, Form.COUNT))
@require_safe
def standing(request: HttpRequest) -> HttpResponse:
    viewer, today, run = request.viewer, timezone.localdate(), current_run(request)
    until = funnel.last_day_told(viewer, today)
    lists = no_mark.lists_of(run, rules().no_mark_lists)
    months = funnel.months(viewer, until, run, lists)
    record_look(request, Thing.REPORT)
    context = {
        "months": months,
        "steps": funnel.Furthest.labels,
        "until": until,
        "least": LEAST,
        "is_of_the_city": not may(viewer, Thing.REPORT),
        "keys": KEYS,
        "no_mark": lists,
        "parts": no_mark.LABELS.values(),
        "leaves_out_transferred": waiting.leaves_out_transferred(viewer),
        "lists": waiting.lists(viewer),
        "leads": waiting.leads(viewer),
        "names_leads": waiting.names_leads(viewer),
        "delivered": freshness.delivered(run, today) if run else [],
    }
    response = render(request, "reports/standing.html", context)
    response.desk_script = True  # type: ignore[attr-defined]  # read by SafeHeaders; the charts
    return response

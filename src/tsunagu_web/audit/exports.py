"""No view hands data out in bulk while the access log has been unproved for seven days, whichever room it is in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from tsunagu_web.access.policy import Policy
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.heads import exports_may_run


class NoExportWithoutHeads:
    """Stops every view whose policy says export; the log itself may leave, since it is what others prove it by."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_asked: Any) -> HttpResponseBase | None:
        policy = getattr(view, "policy", None)
        is_export = isinstance(policy, Policy) and policy.action is Action.EXPORT
        if not is_export or policy.thing is Thing.ACCESS_LOG or exports_may_run():
            return None
        return render(request, "errors/exports_stopped.html", status=503)

"""Sets `request.viewer`, and lets nobody on to a page before a purpose was picked."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from tsunagu_web.access.policy import Policy
from tsunagu_web.access.table import Thing
from tsunagu_web.duties.viewers import viewer_of

SESSION_KEY = "desk_purpose"


_TOUCH_S = 60  # the idle limit counts whole minutes, so a page need not write the session more often


class KnowsTheViewer:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if not request.user.is_authenticated:
            return None
        _count_minutes_from_now(request)
        viewer = viewer_of(request.user, request.session.get(SESSION_KEY, ""))
        request.viewer = viewer  # type: ignore[attr-defined]  # what every access function asks about
        policy = getattr(view, "policy", None)
        if viewer.purpose or not isinstance(policy, Policy) or policy.thing is Thing.ACCOUNT:
            return None
        wanted = request.get_full_path() if request.method == "GET" else "/"
        return redirect(f"{reverse('duties:purpose')}?{urlencode({'next': wanted})}")


def _count_minutes_from_now(request: HttpRequest) -> None:
    now = int(time.time())
    if now - request.session.get("touched", 0) >= _TOUCH_S:
        request.session["touched"] = now

"""Sets `request.viewer` and opens the second lock for it, and lets nobody on to a page before a purpose was picked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from tsunagu_web.access.policy import Policy
from tsunagu_web.access.reach import open_for
from tsunagu_web.access.terms import Thing
from tsunagu_web.accounts import sessions
from tsunagu_web.duties.other_party import block_other_party, stamp
from tsunagu_web.duties.viewers import viewer_of

SESSION_KEY = "desk_purpose"
LIST_SEEN = "desk_list"


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
        _block_other_party(request)
        viewer = viewer_of(request.user, request.session.get(SESSION_KEY, ""))
        if not sessions.keeps_its_duties(request, request.user, viewer.duties):
            return redirect("accounts:login")
        request.viewer = viewer  # type: ignore[attr-defined]  # what every access function asks about
        open_for(viewer)
        policy = getattr(view, "policy", None)
        if viewer.purpose or not isinstance(policy, Policy) or policy.thing is Thing.ACCOUNT:
            return None
        wanted = request.get_full_path() if request.method == "GET" else "/"
        return redirect(f"{reverse('duties:purpose')}?{urlencode({'next': wanted})}")


def _block_other_party(request: HttpRequest) -> None:
    """At sign-in, and again whenever the register department's list was written: it may name this very person."""
    now = stamp()
    if request.session.get(LIST_SEEN) != now:
        block_other_party(request.user)
        request.session[LIST_SEEN] = now

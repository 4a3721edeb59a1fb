"""The gate: no view without a policy, no page with a person before the look is recorded, no refusal unrecorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url

from tsunagu_web.access.policy import PUBLIC, Policy, may
from tsunagu_web.audit.looks import record_refusal, was_recorded

_SHOWS_THE_PAGE = (200, 409, 422)  # the page itself, or the page again with a form that was not taken


class NoLookWithoutRecord:
    """Checks the policy before the view runs, and after it that the look was recorded."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        policy = getattr(request, "desk_policy", None)
        if (
            isinstance(policy, Policy)
            and policy.shows_people
            and response.status_code in _SHOWS_THE_PAGE
            and not was_recorded(request)
        ):
            raise ImproperlyConfigured("a page that shows people was made without recording the look")
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        policy = getattr(view, "policy", None)
        request.desk_policy = policy  # type: ignore[attr-defined]  # read again once the answer is there
        if policy == PUBLIC:
            return None
        if not isinstance(policy, Policy):
            raise ImproperlyConfigured(f"the view {view.__module__}.{view.__name__} has no access policy")
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
        if not any(may(request.viewer, policy.thing, policy.action, form=form) for form in policy.forms):
            record_refusal(request, policy.thing, policy.action)
            raise PermissionDenied
        return None

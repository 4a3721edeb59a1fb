"""Addresses of the API: the page's, after `/api/v1`. One address, one method, one policy.

Django Ninja checks no protection mark and knows no policy; here each of its views gets the policy of its operation, and
stands behind the same gates as a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from ninja import Router

from tsunagu_web.access import paths  # noqa: F401  # makes <person:…> known
from tsunagu_web.access.policy import Policy
from tsunagu_web.api.desk_api import api
from tsunagu_web.api.operations import cases, child_referrals, children, own, referrals, tasks

ROOT = "api/v1/"
ROUTERS: tuple[Router, ...] = tuple(room.router for room in (children, cases, tasks, referrals, child_referrals, own))


def _policies() -> dict[str, Policy]:
    """By name of the operation's function: what it needs."""
    found: dict[str, Policy] = {}
    for router in ROUTERS:
        for address, view in router.path_operations.items():
            [operation] = view.operations  # two methods on one address would share a policy
            name = operation.view_func.__name__
            assert name not in found, f"two operations are called {name}"
            assert isinstance(operation.view_func.policy, Policy), address  # type: ignore[attr-defined]  # by @needs
            found[name] = operation.view_func.policy  # type: ignore[attr-defined]  # by @needs
    return found


def _behind_the_gates(view: Callable[..., Any], policy: Policy) -> Callable[..., HttpResponseBase]:
    """The view without Ninja's exemption from the protection mark, and with its policy."""

    def gated(request: HttpRequest, **parts: Any) -> HttpResponseBase:
        answer: HttpResponseBase = view(request, **parts)
        return answer

    gated.policy = policy  # type: ignore[attr-defined]  # read by the middleware
    return gated


def _patterns() -> Iterator[URLPattern]:
    for router in ROUTERS:
        api.add_router("", router)
    policies = _policies()
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern) and pattern.name in policies:
            gated = _behind_the_gates(pattern.callback, policies[pattern.name])
            yield path(f"{ROOT}{pattern.pattern}", gated, name=pattern.name)


app_name = "api"
urlpatterns = list(_patterns())
assert len(urlpatterns) == sum(len(router.path_operations) for router in ROUTERS)

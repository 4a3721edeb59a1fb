"""Before an operation reads what was asked: the child is one of the viewer's, and the look is recorded.

Whoever may not is told so before the body is read, so that no mistake in a body tells who is on the list.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponseBase
from ninja.decorators import decorate_view

from tsunagu_web.access.policy import Policy
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.queries import require_child
from tsunagu_web.referrals.models import Referral
from tsunagu_web.referrals.queries import Ended, ended, require_received

Operation = TypeVar("Operation", bound=Callable[..., Any])
Run = Callable[..., HttpResponseBase]


def about_a_child(operation: Operation) -> Operation:
    """For an operation with a policy, below its route: finds the child and records the look at the policy's thing."""
    policy = _policy_of(operation)

    def finds(request: HttpRequest, person_id: str) -> None:
        _find_child(request, policy, person_id)
        record_look(request, policy.thing, [person_id], form="json")

    return _before(operation, "person_id", finds)


def about_a_child_and_kin(operation: Operation) -> Operation:
    """The same for one that shows others beside the child: it records the look itself, at all of them."""
    policy = _policy_of(operation)

    def finds(request: HttpRequest, person_id: str) -> None:
        _find_child(request, policy, person_id)

    return _before(operation, "person_id", finds)


def about_what_was_sent(operation: Operation) -> Operation:
    """For an operation on a referral that was sent to the viewer."""
    policy = _policy_of(operation)

    def finds(request: HttpRequest, number: int) -> None:
        request.desk_referral = require_received(request, number)  # type: ignore[attr-defined]  # read below
        record_look(request, policy.thing, [received(request).child_id], number=number, form="json")

    return _before(operation, "number", finds)


def about_what_was_sent_or_ended(operation: Operation) -> Operation:
    """The same for one that also tells what is over, as the page does."""
    policy = _policy_of(operation)

    def finds(request: HttpRequest, number: int) -> None:
        over = ended(request.viewer, number)
        request.desk_ended = over  # type: ignore[attr-defined]  # read below
        found = over.referral if over else require_received(request, number)
        request.desk_referral = found  # type: ignore[attr-defined]  # read below
        record_look(request, policy.thing, [found.child_id], number=number, form="json")

    return _before(operation, "number", finds)


def reached_child(request: HttpRequest) -> Child:
    """The child that was found before the operation."""
    child: Child = request.desk_child  # type: ignore[attr-defined]  # set by about_a_child
    return child


def received(request: HttpRequest) -> Referral:
    """The referral that was found before the operation."""
    referral: Referral = request.desk_referral  # type: ignore[attr-defined]  # set by about_what_was_sent
    return referral


def is_over(request: HttpRequest) -> Ended | None:
    """What was found before the operation, where it has ended."""
    over: Ended | None = request.desk_ended  # type: ignore[attr-defined]  # set by about_what_was_sent_or_ended
    return over


def _policy_of(operation: Callable[..., Any]) -> Policy:
    policy = operation.policy  # type: ignore[attr-defined]  # set by @needs, which stands below
    assert isinstance(policy, Policy)
    return policy


def _find_child(request: HttpRequest, policy: Policy, person_id: str) -> None:
    child = require_child(request, person_id, policy.thing, policy.action, forms=policy.forms)
    request.desk_child = child  # type: ignore[attr-defined]  # read by reached_child


def _before(operation: Operation, part: str, finds: Callable[[HttpRequest, Any], None]) -> Operation:
    """Runs `finds` with that part of the address before anything else of the request is read."""

    def first(run: Run) -> Run:
        def run_on_what_was_found(request: HttpRequest, **parts: Any) -> HttpResponseBase:
            finds(request, parts[part])
            return run(request, **parts)

        return run_on_what_was_found

    return decorate_view(first)(operation)

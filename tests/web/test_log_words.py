"""The auditor reads words: every code that the desk can write into the log has a name on the page."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from django.test import Client
from routes import routes_with_a_policy

from fixed import ROOT
from tsunagu_web.access.models import Grant
from tsunagu_web.access.policy import Policy
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.names import ACTIONS, DETAILS, OBJECTS
from tsunagu_web.audit.services import append

# What these take by name and is no detail.
_LOOKS, _NO_DETAIL = ("record_look", "record_search"), {"action", "beside", "words"}


def _calls() -> Iterator[ast.Call]:
    for file in sorted((ROOT / "src" / "tsunagu_web").rglob("*.py")):
        yield from (n for n in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(n, ast.Call))


def _codes(name: str) -> set[str]:
    """What is written for `action=` or `object=` of a row of the log."""
    writing = [c for c in _calls() if ast.unparse(c.func).rsplit(".")[-1] in ("append", "record_step", "_append")]
    values = [k.value for call in writing for k in call.keywords if k.arg == name]
    return {value.value for value in values if isinstance(value, ast.Constant)}


def _details() -> set[str]:
    found = set()
    for call in _calls():
        for keyword in call.keywords:
            if keyword.arg == "detail" and isinstance(keyword.value, ast.Dict):
                found |= {key.value for key in keyword.value.keys if isinstance(key, ast.Constant)}
            elif ast.unparse(call.func) in _LOOKS and keyword.arg and keyword.arg not in _NO_DETAIL:
                found.add(keyword.arg)
    return found


def test_what_is_done_to_what_has_a_name() -> None:
    policies = [route.policy for route in routes_with_a_policy() if isinstance(route.policy, Policy)]
    assert {p.thing.value for p in policies} | _codes("object") <= set(OBJECTS)
    assert {p.action.value for p in policies} | _codes("action") <= set(ACTIONS)
    assert len(_codes("action")) > 10, "the test has codes to look up"


def test_every_detail_has_a_name() -> None:
    assert len(_details()) > 15, "the test has details to look up"
    assert _details() - set(DETAILS) == set()


def test_what_is_said_of_a_grant_a_block_and_staff_is_in_words(
    as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> None:
    worker = staff()
    append(action="review", object="emergency", persons=["P1"],
           detail={"outcome": "not_justified", "grant": 7, "of": worker.actor})  # fmt: skip
    append(action="give_access", object="grant", persons=["P1"],
           detail={"to": worker.actor, "for": "protection", "basis": "referral", "until": "2026-10-01"})  # fmt: skip
    append(action="enter_conflict", object="conflict", persons=["P1"],
           detail={"of": worker.actor, "kind": "own_family"})  # fmt: skip
    append(action="staff_added", object="account", detail={"who": worker.actor, "role": "lead_worker"})
    assert as_role().get("/log/").status_code == 403
    page = as_role(Role.AUDITOR).get("/log/")
    said = [{str(value) for value in line.detail.values()} for line in page.context["shown"].lines]
    codes = {"not_justified", "protection", "referral", "own_family", "lead_worker", worker.actor}
    assert [s & codes for s in said if s & codes] == []
    assert {"7", "2026-10-01", f"{worker.name} ({worker.login})", str(Grant.Review.NOT_JUSTIFIED.label)} <= set().union(
        *said
    ), "numbers and days stay"

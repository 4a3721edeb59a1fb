"""The auditor reads words: every code that the desk can write into the log has a name on the page."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from routes import routes_with_a_policy

from fixed import ROOT
from tsunagu_web.access.policy import Policy
from tsunagu_web.audit.names import ACTIONS, DETAILS, OBJECTS

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

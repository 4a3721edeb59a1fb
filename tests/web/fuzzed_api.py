"""Requests that schemathesis makes of the API's description, asked by every kind of caller, and what must hold.

Cases are drawn once, by a fixed seed, and asked by each caller with children in and out of reach: what differs is then
the caller alone. The desk answers in this process, through its whole stack of gates.
"""

from __future__ import annotations

import json
import random
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.urls import Resolver404, resolve
from schemathesis import Case
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from drawn_cases import drawn as drawn_of
from tsunagu_web.access.decision import decide
from tsunagu_web.access.policy import Policy
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.table import permits_of
from tsunagu_web.access.terms import Action, Form, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.api.description import described
from tsunagu_web.api.urls import ROOT, urlpatterns
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Child

APP = WSGIHandler()
CONFORMS = [status_code_conformance, content_type_conformance, response_schema_conformance]
# As the description names the addresses, by the operation's policy.
POLICIES: dict[str, Policy] = {
    "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern)): pattern.callback.policy for pattern in urlpatterns
}
_AN_ID = re.compile(r"P[0-9a-f]{16}")
_STEPS = ("finish", "drop", "take_up_again", "propose_closing", "keep_open", "close", "accept", "decline", "complete")


@dataclass(frozen=True)
class Secret:
    """A text that stands in the record of one child, and the thing of which it is a part."""

    person_id: str
    text: str
    thing: Thing
    is_protected: bool = False


@dataclass
class Caller:
    """Somebody who asks. viewer: None for who is nobody or has picked no purpose; code: how that one is refused."""

    name: str
    client: Client
    viewer: Viewer | None
    code: str = ""

    def __post_init__(self) -> None:
        answer = self.client.get(f"/{ROOT}me/")
        told = answer.json().get("csrf_token", "x" * 32) if answer.status_code == 200 else "x" * 32
        self.headers = {"X-CSRFToken": told}
        self.cookies = {name: morsel.value for name, morsel in self.client.cookies.items()}

    def has_cell(self, policy: Policy) -> bool:
        if policy.thing is Thing.ACCOUNT:
            return self.code != "not_signed_in"
        viewer = self.viewer
        return viewer is not None and any(
            permits_of(viewer.role, viewer.purpose, policy.thing, policy.action, form) for form in policy.forms
        )

    def may(self, child: Child, thing: Thing, action: Action = Action.VIEW) -> bool:
        viewer = self.viewer
        return viewer is not None and decide(viewer, thing, action, child.subject(), Form.FULL).allowed


def _children() -> dict[str, Child]:
    """Every child of the desk. A request before may have taken the program's reach away."""
    with the_program():
        return {child.pk: child for child in Child.objects.all()}


@dataclass
class Fuzz:
    """What was asked and answered; `found` is what must not have been."""

    callers: list[Caller]
    secrets: list[Secret]
    numbers: list[int]
    staff: list[int]
    asked: Counter[int] = field(default_factory=Counter)
    shown: int = 0
    refused: int = 0
    found: list[str] = field(default_factory=list)

    def run(self, cases: list[Case], seed_of_places: int = 1) -> Fuzz:
        children = _children()
        for caller in self.callers:
            draw = random.Random(f"{seed_of_places} {caller.name}")
            for case in cases:
                for placed in self._placed(case, children, draw):
                    self._ask(caller, placed, children)
        return self

    def ask(self, cases: list[Case]) -> Fuzz:
        """Each caller asks exactly this: what chance alone need not bring."""
        children = _children()
        for caller in self.callers:
            for case in cases:
                self._ask(caller, case, children)
        return self

    def _placed(self, case: Case, children: dict[str, Child], draw: random.Random) -> Iterator[Case]:
        """As it was drawn where it is wrong by intention; else with each child, and numbers and steps there are."""
        if case.meta is not None and case.meta.generation.mode.is_negative:
            # Without what it drew for session and mark: who asks is the caller.
            made = {"query": case.query, "body": case.body, "media_type": case.media_type}
            yield case.operation.Case(method=case.method, path_parameters=case.path_parameters, **made)
            if isinstance(case.body, dict) and case.path_parameters:
                at = {"person_id": next(iter(children)), "number": draw.choice(self.numbers)}
                parts = {name: at[name] for name in case.path_parameters}
                yield case.operation.Case(method=case.method, path_parameters=parts, **made)
            return
        if "person_id" not in (case.path_parameters or {}):
            yield self._likely(case, draw, "")
            return
        for person_id in [*children, "P" + "0" * 16]:
            yield self._likely(case, draw, person_id)

    def _likely(self, case: Case, draw: random.Random, person_id: str) -> Case:
        parts = dict(case.path_parameters or {})
        parts |= {"person_id": person_id} if person_id else {}
        parts |= {"number": draw.choice(self.numbers)} if "number" in parts else {}
        body = dict(case.body) if isinstance(case.body, dict) else None
        if body is not None:
            likely = {
                "step": draw.choice(_STEPS),
                "seen": draw.choice((1, 1, 2, 3)),
                "form": str(uuid.UUID(int=draw.randrange(40), version=4)),
                "owner": draw.choice(self.staff),
                "to": draw.choice(self.staff),
                "words": draw.choice(("例", "レイ", *(secret.text[:4] for secret in self.secrets))),
                "due_on": "2100-01-01",
                "page": 1,
            }
            body |= {name: value for name, value in likely.items() if name in body and draw.random() < 0.8}
        made = {"path_parameters": parts} | (
            {"body": body, "media_type": "application/json"} if body is not None else {}
        )
        return case.operation.Case(method=case.method, query=case.query, **made)

    def _ask(self, caller: Caller, case: Case, children: dict[str, Child]) -> None:
        before = Event.objects.order_by("-number").values_list("number", flat=True).first() or 0
        policy, where = POLICIES[case.operation.path], f"{caller.name}: {case.method} {case.operation.path}"
        with _one_connection():
            answer = case.call(app=APP, headers=caller.headers, cookies=caller.cookies)
        self.asked[answer.status_code] += 1
        try:
            self._check(caller, policy, answer, before, children)
            case.validate_response(answer, checks=CONFORMS)
        except (AssertionError, FailureGroup) as error:
            said = "; ".join(str(one) for one in getattr(error, "exceptions", [error]))
            self.found.append(f"{where}: {answer.status_code} {said[:400]}")

    def _check(self, caller: Caller, policy: Policy, answer: Response, before: int, children: dict[str, Child]) -> None:
        # Parsed, so that a secret is found however its letters were written.
        text = json.dumps(json.loads(answer.content), ensure_ascii=False)
        assert answer.status_code < 500, "an error of the program"
        if not caller.has_cell(policy) and _is_an_address(str(answer.request.url)):
            said = json.loads(answer.content)
            assert answer.status_code in (401, 403), "without the permit it is refused"
            # Of nobody the mark against forged requests is asked first.
            first = "" if caller.viewer else "no_protection_mark"
            assert said["code"] in (caller.code or "not_within_your_duty", first), said["code"]
            assert set(said) == {"status", "code", "title"}, "a refusal says nothing else"
            self.refused += 1
        for secret in self.secrets:
            may = caller.may(children[secret.person_id], secret.thing) and not secret.is_protected
            assert may or secret.text not in text, f"{secret.thing} of {secret.person_id} is beyond the role"
        if answer.status_code == 200 and policy.shows_people:
            written = list(Event.objects.filter(number__gt=before))
            persons = {person for event in written for person in json.loads(event.body)["persons"]}
            assert written, "no look was recorded"
            assert set(_AN_ID.findall(text)) & set(children) <= persons, "somebody is shown whose look is not recorded"
            self.shown += 1


@contextmanager
def _one_connection() -> Iterator[None]:
    """As Django's own client does it: the test's transaction outlives the request, and so does its connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def _is_an_address(url: str) -> bool:
    """Whether the desk knows such an address at all: a number that could be none is nobody's."""
    try:
        resolve(unquote(urlsplit(url).path))
    except Resolver404:
        return False
    return True


def steps_that_fail(person_id: str, task: int) -> list[Case]:
    """A step of this task three times, for who may take it: of another shape 400, without its reason 422, late 409."""
    operation = schemathesis.openapi.from_dict(described())[f"/{ROOT}children/{{person_id}}/tasks/{{number}}/step/"]
    parts, mark = {"person_id": person_id, "number": task}, str(uuid.UUID(int=4000, version=4))
    drop = {"step": "drop", "seen": 1, "form": mark, "reason": "不要になった"}
    bodies: list[dict[str, object]] = [{**drop, "seen": "latest"}, {**drop, "reason": ""}, {**drop, "seen": 1000}]
    made = operation["POST"].Case
    return [made(path_parameters=parts, body=body, media_type="application/json") for body in bodies]


def drawn(
    how_many: int, *, by: int = 1, raw: dict[str, Any] | None = None, only: Callable[[str], bool] = lambda _path: True
) -> list[Case]:
    """So many cases of each operation of the desk that fit the description, and as many that do not."""
    return drawn_of(raw or described(), how_many, by=by, only=only)

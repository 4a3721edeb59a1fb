"""A hidden address is on no page for nobody: every address of the desk, every role, in two worlds that differ in it.

The pages are byte-equal in both worlds, and none of them holds it in any encoding; with the guard out both fail.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from planned import AOI as PLANNED
from planned import PLANS, SUPPORT, a_case, drafted
from routes import ask, routes_with_a_policy
from signed_in import goes_on

from builders import a_child, a_household, a_run
from canary import hits
from tsunagu.runs.crypt import create_key, read_key
from tsunagu.runs.folder import open_run
from tsunagu_web.access.policy import Policy
from tsunagu_web.access.table import PURPOSES
from tsunagu_web.access.terms import Role, Thing
from tsunagu_web.addresses import in_force_now
from tsunagu_web.intake.services import take_in
from tsunagu_web.plans.copies import READERS
from two_worlds import HIDDEN, a_list, comparable, two_worlds, undone

AOI, MOTHER = a_household(a_child())
OTHER = a_child("例本 みお", "レイモト ミオ", household="7", address="瑞野市若葉五丁目12番地の4")
ROUTES = routes_with_a_policy()
# Their bytes are drawn anew at each answer (factors, hashes, moments), and they know no child but by number.
DRAWN_ANEW = {Thing.ACCOUNT, Thing.ACCESS_LOG, Thing.LOOKS}
# Moments, and numbers that PostgreSQL's sequences do not take back.
_MOMENT = re.compile(rb"kin/?\d+|\d{1,2}:\d{2}(:\d{2})?|staff:\d+|\"staff_id\": ?\d+|(name|value)=\"[^\"]{30,}\"")

SEE_THE_CHILD = (Role.LEAD_WORKER, Role.SUPERVISOR)
Asked = dict[tuple[str, str], bytes]


@pytest.fixture
def pages(desk: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_role: Callable[..., Client]) -> object:
    """Every page for a role, in a world with this hidden address."""
    create_key(tmp_path / "address.key")
    told = replace(settings.ENVIRONMENT, address_key=tmp_path / "address.key", suppression_list=tmp_path / "list.csv")
    monkeypatch.setattr(settings, "ENVIRONMENT", told)
    key, numbers = read_key(tmp_path / "address.key"), count()

    def of(address: str, role: Role) -> Asked:
        with undone():
            people = (replace(AOI, address=address), replace(MOTHER, address=address), OTHER)
            run = a_run(tmp_path / f"run{next(numbers)}", *people, key=tmp_path / "run.key", address_key=key)
            take_in(open_run(run), read_key(tmp_path / "run.key"), address_key=key)
            a_list(tmp_path / "list.csv", (MOTHER.resident_no, ""))
            return _asked_by(role, as_role)

    return of


def _asked_by(role: Role, as_role: Callable[..., Client]) -> Asked:
    client, found = as_role(role), {}
    for route in ROUTES:
        for method in ("get", "post"):
            answer = ask(client, method, route.url(AOI.person_id), {"words": "レイ"})
            status, headers, body = comparable(answer)
            found[method, route.path] = f"{status} {headers}".encode() + body
            if not goes_on(client, answer, PURPOSES[role][0]):
                client = as_role(role)
    return found


def _steady(asked: Asked) -> Asked:
    things = {route.path: route.policy.thing for route in ROUTES if isinstance(route.policy, Policy)}
    return {where: _MOMENT.sub(b"", page) for where, page in asked.items() if things[where[1]] not in DRAWN_ANEW}


@pytest.mark.parametrize("role", SEE_THE_CHILD)
def test_a_plan_and_its_copies_are_the_same_in_both(
    role: Role,
    pages: Callable[..., Asked],
    monkeypatch: pytest.MonkeyPatch,
    as_role: Callable[..., Client],
    staff: object,
) -> None:
    """A route's number is 0 above; here the plan is there, and each PDF is unpacked before it is searched."""

    def asked_by(role: Role, as_role: Callable[..., Client]) -> Asked:
        assert AOI.person_id == PLANNED
        a_case(staff())
        client = as_role(role, **SUPPORT)
        page = drafted(client)
        paths = ("", "edit/", "versions/1/", *(f"pdf/{reader}/" for reader in READERS))
        answers = {path: client.get(f"{page}{path}") for path in paths} | {"list": client.get(PLANS)}
        assert {answer.status_code for answer in answers.values()} == {200}
        return {("get", path): comparable(answer)[2].replace(page.encode(), b"") for path, answer in answers.items()}

    monkeypatch.setattr("test_every_page_of_two_worlds._asked_by", asked_by)
    first, second = two_worlds(lambda address: pages(address, role))
    for address, asked in zip(HIDDEN, (first, second), strict=True):
        for words in (address, address[3:6]):
            assert hits(words, list(asked.values())) == []
        assert len({name.partition("!")[0] for name in hits("朝、起きられるようになる", list(asked.values()))}) >= 6
    differ = [where for where, page in first.items() if _MOMENT.sub(b"", second[where]) != _MOMENT.sub(b"", page)]
    assert differ == []


@pytest.mark.parametrize("role", Role)
def test_every_page_is_the_same_in_both_and_holds_it_in_none(role: Role, pages: Callable[..., Asked]) -> None:
    first, second = two_worlds(lambda address: pages(address, role))
    assert len(first) == len(ROUTES) * 2
    for address, asked in zip(HIDDEN, (first, second), strict=True):
        everything = b"\n".join(set(asked.values()))  # a refusal says the same at each address
        for words in (address, address[3:6]):
            assert hits(words, everything) == []
    if role in SEE_THE_CHILD:
        assert sum("例川".encode() in page for page in first.values()) > 10, "the pages do show the child"
    here, there = _steady(first), _steady(second)
    assert [where for where, page in here.items() if there[where] != page] == []


def test_control_without_the_guard_both_are_seen(pages: Callable[..., Asked], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_force_now.InForceNow, "hides", lambda self, person: False)
    first, second = two_worlds(lambda address: pages(address, Role.LEAD_WORKER))
    assert hits(HIDDEN[0], b"\n".join(first.values()))
    assert _steady(first) != _steady(second)

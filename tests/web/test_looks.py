"""Who looked at this child: for those entitled, with the names of staff and of nobody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from builders import a_child, an_id
from tsunagu_web.access.table import TABLE
from tsunagu_web.access.terms import Form, Role, Thing

Browser = Callable[..., Client]
AOI, SORA = an_id("例川 あおい"), an_id("例田 ソラ")
ENTITLED = {
    role
    for role, permits in TABLE.items()
    for p in permits
    if p.thing is Thing.LOOKS and p.form in (Form.FULL, Form.PSEUDONYM)
}


@pytest.fixture
def city(intake: Callable[..., object]) -> None:
    intake(a_child(), a_child("例田 ソラ", "レイタ ソラ", household="6"))


@pytest.mark.parametrize("role", [r for r in Role if r not in ENTITLED])
def test_who_may_not(role: str, city: None, as_role: Browser) -> None:
    assert as_role(role).get(f"/children/{AOI}/looks/").status_code == 403


@pytest.mark.parametrize("role", [Role.LEAD_WORKER, Role.SUPERVISOR, Role.PRIVACY_OFFICER])
def test_it_names_who_looked_and_what_they_did(role: str, city: None, as_role: Browser) -> None:
    as_role(Role.VICE_PRINCIPAL).get(f"/children/{AOI}/")
    as_role(Role.VICE_PRINCIPAL).get("/children/")
    page = as_role(role).get(f"/children/{AOI}/looks/")
    text = page.content.decode()
    assert page.status_code == 200
    assert [(line.role_name, line.action_name) for line in page.context["looks"].lines][-2:] == [("教頭", "閲覧")] * 2
    assert "例川" not in text.split("<main")[1], "names of staff, and of nobody else"
    assert SORA not in text, "the list showed somebody else too, who is not told here"


def test_looking_at_it_is_a_look(city: None, as_role: Browser) -> None:
    worker = as_role()
    before = len(worker.get(f"/children/{AOI}/looks/").context["looks"].lines)
    assert len(worker.get(f"/children/{AOI}/looks/").context["looks"].lines) == before + 1


def test_a_child_out_of_reach_is_out_of_reach_here_too(city: None, as_role: Browser) -> None:
    worker = as_role()
    nobody = worker.get(f"/children/{an_id('nobody')}/looks/")
    assert nobody.status_code == 404

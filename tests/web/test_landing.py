"""Where each role begins: at a list of its own with the search above it, and nobody at a list of everybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tsunagu_web.access.table import TABLE
from tsunagu_web.access.terms import Action, Role, Scope, Thing

FIRST_PAGES = {
    Role.LEAD_WORKER: "/children/",
    Role.SUPERVISOR: "/children/",
    Role.SCHOOL_SOCIAL_WORKER: "/children/",
    Role.PUBLIC_HEALTH_NURSE: "/children/",
    Role.VICE_PRINCIPAL: "/children/",
    Role.CLASS_TEACHER: "/children/",
    Role.SCHOOL_NURSE: "/children/",
    Role.COUNSELLOR: "/children/",
    Role.PARTNER: "/children/",
    Role.AUDITOR: "/log/",
    Role.PRIVACY_OFFICER: "/log/",
    Role.OVERALL_MANAGER: "/decisions/",
    Role.ANALYST: "/decisions/",
    Role.GUIDANCE_CENTRE_SUPERVISOR: "/children/",
    Role.DATA_HOLDER: "/purpose/",
    Role.SYSTEM_ADMINISTRATOR: "/purpose/",
    Role.FAMILY: "/purpose/",
    Role.PUPIL: "/purpose/",
}


def test_every_role_has_a_first_page(as_role: Callable[..., Client]) -> None:
    assert set(FIRST_PAGES) == set(TABLE)
    found = {role: as_role(role).get("/").headers["Location"] for role in FIRST_PAGES}
    assert found == FIRST_PAGES


@pytest.mark.parametrize("role", list(TABLE))
def test_who_may_search_has_a_list_of_their_own_and_no_list_is_of_everybody(role: Role) -> None:
    """So there is nobody whom a search in place of a list would serve; a list by name is never the whole city's."""
    of_list = [permit for permit in TABLE[role] if permit.thing is Thing.WORKLIST]
    named = [permit for permit in of_list if permit.form.value == "full"]
    searches = {permit.scope for permit in named if permit.action is Action.SEARCH}
    assert searches <= {permit.scope for permit in named if permit.action is Action.VIEW}
    assert Scope.CITY not in {permit.scope for permit in named}

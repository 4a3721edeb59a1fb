"""Support plans: written in versions, approved by a second person, never over what others wrote unseen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from planned import SUPPORT, a_case, a_step, drafted

from builders import a_child
from tsunagu_web.access.table import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Case
from tsunagu_web.plans.models import SupportPlan


@pytest.fixture
def case(intake: Callable[..., object], staff: Callable[..., Staff]) -> Case:
    intake(a_child())
    return a_case(staff())


@pytest.fixture
def lead(as_role: Callable[..., Client]) -> Client:
    return as_role(**SUPPORT)


@pytest.fixture
def supervisor(as_role: Callable[..., Client]) -> Client:
    return as_role(Role.SUPERVISOR, **SUPPORT)


def test_a_plan_goes_from_its_draft_to_approval_with_its_case(case: Case, lead: Client, supervisor: Client) -> None:
    page = drafted(lead)
    plan = SupportPlan.objects.get()
    assert (plan.number, plan.state, plan.version, plan.revision) == (1, "draft", 1, 1)
    assert lead.get(page).status_code == 200
    assert lead.post(f"{page}submit/", a_step(1)).status_code == 302
    case.refresh_from_db()
    assert case.stage == "approval"
    assert supervisor.post(f"{page}approve/", a_step(2)).status_code == 302
    plan.refresh_from_db()
    case.refresh_from_db()
    assert (plan.state, plan.approved, case.stage) == ("approved", 1, "active")
    text = supervisor.get(page).content.decode()
    assert "朝、起きられるようになる" in text

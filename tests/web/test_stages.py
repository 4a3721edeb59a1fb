"""A case ends by two people and can be opened again; whoever comes second, late or twice changes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from builders import a_child, an_id
from tsunagu_web.access.terms import Purpose, Role
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.steps.models import Step

AOI = an_id("例川 あおい")
PAGE = f"/children/{AOI}/case/"


@pytest.fixture
def case(intake: Callable[..., object], as_role: Callable[..., Client]) -> Case:
    intake(a_child())
    form = {"outcome": "candidate", "seen": 0, "form": str(uuid.uuid4())}
    assert as_role().post(f"/children/{AOI}/decide/", form).status_code == 302
    return Case.objects.get()


def a_wish(step: str, seen: int, reason: str = "落ち着いて登校している", **more: object) -> dict[str, object]:
    return {"step": step, "seen": seen, "reason": reason, "form": str(uuid.uuid4()), **more}


@pytest.fixture
def lead(as_role: Callable[..., Client]) -> Client:
    return as_role(Role.LEAD_WORKER, purpose=Purpose.CASE_SUPPORT)


@pytest.fixture
def supervisor(as_role: Callable[..., Client]) -> Client:
    return as_role(Role.SUPERVISOR, purpose=Purpose.CASE_SUPPORT)


@pytest.mark.parametrize("role", [Role.SCHOOL_SOCIAL_WORKER, Role.VICE_PRINCIPAL, Role.AUDITOR, Role.PARTNER])
def test_who_may_not(role: str, case: Case, lead: Client, as_role: Callable[..., Client]) -> None:
    lead.post(f"{PAGE}step/", a_wish("propose_closing", 1))
    answer = as_role(role).post(f"{PAGE}step/", a_wish("close", 2))
    assert answer.status_code == 403
    assert Step.objects.filter(move="close").count() == 0


def test_closing_is_proposed_by_one_and_decided_by_another(case: Case, lead: Client, supervisor: Client) -> None:
    assert lead.post(f"{PAGE}step/", a_wish("propose_closing", 1)).status_code == 302
    page = lead.get(PAGE)
    assert page.context["waits"]
    assert "close" not in dict(page.context["step"].fields["step"].choices)
    assert lead.post(f"{PAGE}step/", a_wish("close", 2)).status_code == 409
    assert supervisor.post(f"{PAGE}step/", a_wish("close", 2)).status_code == 302
    case.refresh_from_db()
    child = Child.objects.get(pk=AOI)
    assert (case.stage, case.state, child.case_state) == ("closed", "closed", "closed")
    assert case.closed_on is not None


def test_a_supervisor_who_proposed_does_not_close_alone(case: Case, supervisor: Client) -> None:
    assert supervisor.post(f"{PAGE}step/", a_wish("propose_closing", 1)).status_code == 302
    assert supervisor.post(f"{PAGE}step/", a_wish("close", 2)).status_code == 409
    case.refresh_from_db()
    assert case.stage == "closure_proposed"


def test_a_closed_case_is_opened_again_with_its_history(case: Case, lead: Client, supervisor: Client) -> None:
    lead.post(f"{PAGE}step/", a_wish("propose_closing", 1))
    supervisor.post(f"{PAGE}step/", a_wish("close", 2, "会議で確かめた"))
    assert lead.post(f"{PAGE}step/", a_wish("reopen", 3)).status_code == 409, "not by the lead worker"
    assert supervisor.post(f"{PAGE}step/", a_wish("reopen", 3, "また欠席が続く")).status_code == 302
    text = supervisor.get(PAGE).content.decode()
    assert Child.objects.get(pk=AOI).case_state == "open"
    assert all(word in text for word in ("再開した", "終結した", "終結を提案した", "また欠席が続く", "会議で確かめた"))


def test_a_reason_is_asked_for(case: Case, lead: Client) -> None:
    answer = lead.post(f"{PAGE}step/", a_wish("propose_closing", 1, "  "))
    assert answer.status_code == 422
    assert "なぜかを一文で書いてください" in answer.content.decode()


def test_a_stale_page_is_told_and_keeps_the_words(case: Case, lead: Client, supervisor: Client) -> None:
    supervisor.post(f"{PAGE}step/", a_wish("propose_closing", 1, "転居した"))
    late = lead.post(f"{PAGE}step/", a_wish("propose_closing", 1, "学校から連絡"))
    assert late.status_code == 409
    text = late.content.decode()
    assert "転居した" in text
    assert "学校から連絡" in text


def test_a_second_click_takes_one_step(case: Case, lead: Client) -> None:
    wish = a_wish("propose_closing", 1)
    answers = [lead.post(f"{PAGE}step/", wish).status_code for _ in range(2)]
    assert answers == [302, 302]
    assert Step.objects.filter(move="propose_closing").count() == 1

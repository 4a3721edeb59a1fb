"""A case ends by two people and can be opened again; whoever comes second, late or twice changes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from builders import a_child, an_id
from tsunagu_web.access.policy import other_purpose
from tsunagu_web.access.terms import Purpose, Role, Thing
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.outreach.clock import start_by_person
from tsunagu_web.steps.models import Step
from tsunagu_web.steps.services import take

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


@pytest.mark.parametrize(
    ("stage", "words", "view"),
    [
        ("opened", "見立てをする", "assessments"),
        ("assessing", "見立ての結論を出す", "assessments"),
        ("planning", "プランを書く", "plans"),
    ],
)
def test_the_likely_next_step_stands_first(stage: str, words: str, view: str, case: Case, lead: Client) -> None:
    viewer = viewer_of(case.lead, Purpose.CASE_SUPPORT)
    for step in {"opened": (), "assessing": ("assess",), "planning": ("assess", "plan")}[stage]:
        take(case, viewer, step, seen=case.revision)
    text = lead.get(PAGE).content.decode()
    assert f'href="/children/{AOI}/{view}/">{words}</a>' in text
    assert text.index(f">{words}</a>") < text.index("終結を提案する")


def test_the_plan_that_waits_is_the_supervisors_next_step(case: Case, lead: Client, supervisor: Client) -> None:
    viewer = viewer_of(case.lead, Purpose.CASE_SUPPORT)
    for step in ("assess", "plan", "submit_plan"):
        take(case, viewer, step, seen=case.revision)
    assert "プランを確かめて承認する" in supervisor.get(PAGE).content.decode()
    assert lead.get(PAGE).context["likely"] is None, "who writes a plan does not approve it"


def test_who_may_not_assess_is_sent_to_no_assessment(case: Case, as_role: Callable[..., Client]) -> None:
    worker = as_role(Role.SCHOOL_SOCIAL_WORKER, purpose=Purpose.CASE_SUPPORT)
    assert worker.get(PAGE).context["likely"] is None


def test_a_re_assessment_that_waits_is_said_on_both_sides(case: Case, lead: Client, supervisor: Client) -> None:
    viewer = viewer_of(case.lead, Purpose.CASE_SUPPORT)
    said, there = "再アセスメントの判断を待っています", f'href="/children/{AOI}/outreach/#clocks"'
    assert said not in lead.get(PAGE).content.decode()
    start_by_person(Child.objects.get(pk=AOI), case, viewer, reason="欠席が続く", form=uuid.uuid4())
    for client in (lead, supervisor):
        text = client.get(PAGE).content.decode()
        assert said in text
        assert there in text
    assert lead.post(f"{PAGE}step/", a_wish("propose_closing", 1)).status_code == 302
    for client in (lead, supervisor):
        assert said in client.get(PAGE).content.decode()
    assert lead.get(f"/children/{AOI}/outreach/").status_code == 200


def test_a_case_that_the_purpose_alone_hides_says_under_which_it_is_seen(
    case: Case, as_role: Callable[..., Client]
) -> None:
    told = "利用目的「ケースの支援」で見られます"
    early = as_role(Role.LEAD_WORKER, purpose=Purpose.EARLY_SUPPORT).get(f"/children/{AOI}/").content.decode()
    assert told in early
    assert "権限により非表示" in early
    assert told not in as_role(Role.LEAD_WORKER, purpose=Purpose.CASE_SUPPORT).get(f"/children/{AOI}/").content.decode()
    for role in (Role.VICE_PRINCIPAL, Role.SCHOOL_NURSE):
        assert told not in as_role(role).get(f"/children/{AOI}/").content.decode(), "no purpose of theirs shows it"


def test_an_access_given_for_one_purpose_names_no_other(case: Case) -> None:
    about = Child.objects.get(pk=AOI).subject()
    worker = viewer_of(case.lead, Purpose.EARLY_SUPPORT)
    assert other_purpose(worker, Thing.CASE, about) == Purpose.CASE_SUPPORT
    given = replace(worker, teams=frozenset(), granted=frozenset({AOI}))
    assert other_purpose(given, Thing.CASE, about) is None
    assert other_purpose(replace(worker, blocked=frozenset({AOI})), Thing.CASE, about) is None

"""What ends with a case: nothing is left standing, by steps of the tables, and nothing that the page did not show."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from planned import AOI, SUPPORT, a_case, a_step, drafted
from test_protection import begun, heard, stepped
from test_referrals import asking, prepared, sent

from builders import a_child
from tsunagu_web.access.models import Grant
from tsunagu_web.access.terms import Purpose, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases import closing
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.outreach.clock import decide, start_by_person
from tsunagu_web.plans.models import SupportPlan
from tsunagu_web.referrals.models import Referral
from tsunagu_web.steps.models import Step
from tsunagu_web.steps.services import ChangedMeanwhile
from tsunagu_web.tasks.models import Task
from tsunagu_web.tasks.services import Asked, set_task

PAGE = f"/children/{AOI}/case/"
Person, Browser = Callable[..., Staff], Callable[..., Client]


def a_wish(step: str, case: Case, reason: str = "落ち着いて登校している", **more: object) -> dict[str, object]:
    case.refresh_from_db()
    return {"step": step, "seen": case.revision, "reason": reason, "form": str(uuid.uuid4()), **more}


def a_task(by: Staff) -> Task:
    asked = Asked("電話する", by.pk, timezone.localdate() + dt.timedelta(days=7), uuid.uuid4())
    return set_task(Child.objects.get(pk=AOI), viewer_of(by, Purpose.CASE_SUPPORT), asked)


@pytest.fixture
def boss(as_role: Browser) -> Client:
    return as_role(Role.SUPERVISOR, **SUPPORT)


@pytest.fixture
def case(intake: Browser, staff: Person, as_role: Browser, boss: Client) -> Case:
    """A case in which a plan is in force, one referral is taken on, one waits, one is a draft, and two tasks are open;
    its closing is proposed."""
    intake(a_child())
    case, lead, partner = a_case(staff()), as_role(**SUPPORT), staff(Role.PARTNER)
    page = drafted(lead, agreement="agreed", agreed_by="mother", agreed_on=timezone.localdate().isoformat())
    assert lead.post(f"{page}submit/", a_step(1)).status_code == 302
    assert boss.post(f"{page}approve/", a_step(2)).status_code == 302
    taken_on = sent(lead, partner)
    answer = {"step": "accept", "reason": "", "seen": 2, "form": str(uuid.uuid4())}
    assert as_role(Role.PARTNER).post(f"/referrals/{taken_on.pk}/step/", answer).status_code == 302
    sent(lead, partner)
    prepared(lead, partner, asked="送迎の相談")
    for _ in range(2):
        a_task(staff())
    assert lead.post(f"{PAGE}step/", a_wish("propose_closing", case)).status_code == 302
    return case


def ends_of(client: Client) -> str:
    found = re.search(r'name="ends" value="([0-9a-f]+)"', client.get(PAGE).content.decode())
    assert found
    return found[1]


def standing() -> dict[str, list[str]]:
    return {
        "case": list(Case.objects.values_list("stage", flat=True)),
        "plan": list(SupportPlan.objects.values_list("state", flat=True)),
        "referral": list(Referral.objects.order_by("number").values_list("state", flat=True)),
        "task": list(Task.objects.values_list("state", flat=True)),
    }


OPEN = {
    "case": ["closure_proposed"],
    "plan": ["approved"],
    "referral": ["accepted", "sent", "draft"],
    "task": ["open", "open"],
}
ENDED = {"case": ["closed"], "plan": ["ended"], "referral": ["revoked"] * 3, "task": ["dropped"] * 2}


def test_whoever_may_not_close_ends_nothing(case: Case, as_role: Browser, boss: Client) -> None:
    lead, wish = as_role(**SUPPORT), a_wish("close", case, ends=ends_of(boss))
    assert lead.post(f"{PAGE}step/", wish).status_code == 409, "the first of the two"
    assert as_role(Role.PARTNER).post(f"{PAGE}step/", wish).status_code == 403
    assert standing() == OPEN
    assert 'name="ends" value="' not in lead.get(PAGE).content.decode(), "who cannot close is shown no list"


def test_the_page_says_what_ends_with_the_case(case: Case, boss: Client) -> None:
    counts = {str(words): n for words, n in boss.get(PAGE).context["ends"]}
    assert sorted(counts.values()) == [1, 2, 3]
    text = boss.get(PAGE).content.decode()
    assert "一緒に終わります" in text
    assert all(words in text for words in counts)


def test_a_running_protection_keeps_the_case_open_and_the_page_says_so_once(
    case: Case, boss: Client, as_role: Browser
) -> None:
    worker = as_role(purpose="protection")
    heard(worker)
    assert begun(worker).status_code == 302
    wish = a_wish("close", case, ends=ends_of(boss))
    answer = boss.post(f"{PAGE}step/", wish)
    assert answer.status_code == 422
    assert answer.content.decode().count("一時保護中のため、ケースを終結できません") == 1
    assert standing()["case"] == ["closure_proposed"]
    assert stepped(worker, "end_protection", why_not_heard="すぐに終えた").status_code == 302
    assert boss.post(f"{PAGE}step/", a_wish("close", case, ends=ends_of(boss))).status_code == 302
    assert standing()["case"] == ["closed"]


def test_everything_ends_by_its_own_step_with_the_reason_and_the_name(case: Case, staff: Person, boss: Client) -> None:
    wish = a_wish("close", case, "会議で確かめた", ends=ends_of(boss))
    assert [boss.post(f"{PAGE}step/", wish).status_code for _ in range(2)] == [302, 302], "a second click"
    assert standing() == ENDED
    last = {(s.machine, s.move) for s in Step.objects.filter(reason="会議で確かめた", by=staff(Role.SUPERVISOR))}
    assert last == {
        ("case", "close"),
        ("plan", "end"),
        ("referral", "break_off"),
        ("referral", "revoke"),
        ("referral", "discard"),
        ("task", "drop"),
    }
    assert Step.objects.filter(reason="会議で確かめた").count() == 7
    entry = json.loads(Event.objects.get(action="break_off").body)
    assert (entry["persons"], entry["detail"]["case"]) == ([AOI], 1)


def test_the_recipients_access_ends_at_that_moment(case: Case, as_role: Browser, boss: Client) -> None:
    partner = as_role(Role.PARTNER)
    assert partner.get(f"/children/{AOI}/").status_code == 200
    boss.post(f"{PAGE}step/", a_wish("close", case, ends=ends_of(boss)))
    grant = Grant.objects.get()
    assert not grant.is_in_force
    assert partner.get(f"/children/{AOI}/").status_code == 404


def test_what_came_after_the_page_does_not_end_unseen(case: Case, staff: Person, boss: Client) -> None:
    seen = ends_of(boss)
    a_task(staff())
    late = boss.post(f"{PAGE}step/", a_wish("close", case, ends=seen))
    assert late.status_code == 409
    assert standing() == OPEN | {"task": ["open"] * 3}
    assert ends_of(boss) in late.content.decode(), "the form below has seen it"
    assert boss.post(f"{PAGE}step/", a_wish("close", case)).status_code == 409, "nor without having looked"
    assert boss.post(f"{PAGE}step/", a_wish("close", case, ends=ends_of(boss))).status_code == 302


def test_all_of_it_or_nothing(case: Case, boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    take, calls = closing.take, []

    def ends(*args: object, **more: object) -> object:
        calls.append(args)
        if len(calls) == 4:
            raise DatabaseError
        return take(*args, **more)  # type: ignore[arg-type]  # as given

    wish = a_wish("close", case, ends=ends_of(boss))
    with monkeypatch.context() as broken:
        broken.setattr(closing, "take", ends)
        boss.raise_request_exception = False
        assert boss.post(f"{PAGE}step/", wish).status_code in (500, 503)
    assert len(calls) == 4
    assert standing() == OPEN
    assert boss.post(f"{PAGE}step/", wish).status_code == 302
    assert standing() == ENDED


def test_a_re_assessment_is_asked_about_first(case: Case, staff: Person, boss: Client) -> None:
    viewer, child = viewer_of(staff(), Purpose.CASE_SUPPORT), Child.objects.get(pk=AOI)
    row = start_by_person(child, case, viewer, reason="欠席が続く", form=uuid.uuid4())
    assert boss.post(f"{PAGE}step/", a_wish("close", case)).status_code == 409
    assert standing() == OPEN
    decide(row, viewer, outcome="no_change", reason="訪問した", seen=1, form=uuid.uuid4())
    assert boss.post(f"{PAGE}step/", a_wish("close", case, ends=ends_of(boss))).status_code == 302


def test_a_case_with_nothing_open_is_closed_as_before(case: Case, boss: Client) -> None:
    boss.post(f"{PAGE}step/", a_wish("close", case, ends=ends_of(boss)))
    assert boss.post(f"{PAGE}step/", a_wish("reopen", case, "また欠席が続く")).status_code == 302
    assert standing() == ENDED | {"case": ["opened"]}, "what ended is begun anew by people"
    assert boss.post(f"{PAGE}step/", a_wish("propose_closing", case)).status_code == 302
    page = boss.get(PAGE)
    assert page.context["ends"] == ()


def test_no_task_is_set_behind_a_case_that_was_closed_meanwhile(
    case: Case, staff: Person, as_role: Browser, boss: Client
) -> None:
    before = Child.objects.get(pk=AOI)
    boss.post(f"{PAGE}step/", a_wish("close", case, ends=ends_of(boss)))
    asked = Asked("電話する", staff().pk, timezone.localdate(), uuid.uuid4())
    with pytest.raises(ChangedMeanwhile):
        set_task(before, viewer_of(staff(), Purpose.CASE_SUPPORT), asked)
    assert as_role(**SUPPORT).post(f"/children/{AOI}/referrals/new/", asking(staff(Role.PARTNER))).status_code == 404

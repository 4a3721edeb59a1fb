"""What stays with the sender's side of a referral, and what its recipient learns once the case has closed."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from planned import SUPPORT, a_case
from test_closing import PAGE as CASE
from test_closing import a_wish, ends_of
from test_referrals import PAGE, asking, prepared, sent

from builders import a_child
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Case
from tsunagu_web.referrals.models import Referral

NOTE, API = "母からの電話で児童相談所に聞いた", f"/api/v1{PAGE}"
GROUND = {"basis": "consent_69_2_1", "basis_note": NOTE}
Person, Browser = Callable[..., Staff], Callable[..., Client]


@pytest.fixture
def case(intake: Browser, staff: Person) -> Case:
    intake(a_child())
    return a_case(staff(), stage="opened")


@pytest.fixture
def lead(case: Case, as_role: Browser) -> Client:
    return as_role(**SUPPORT)


@pytest.fixture
def nurse(as_role: Browser) -> Client:
    """Of a role that refers and is referred to: she reaches the child's own pages as well."""
    return as_role(Role.PUBLIC_HEALTH_NURSE, **SUPPORT)


@pytest.fixture
def boss(as_role: Browser) -> Client:
    return as_role(Role.SUPERVISOR, **SUPPORT)


def accepted_by(client: Client, referral: Referral) -> None:
    step = {"step": "accept", "reason": "", "seen": referral.revision, "form": str(uuid.uuid4())}
    assert client.post(f"/referrals/{referral.pk}/step/", step).status_code == 302


def closed(case: Case, lead: Client, boss: Client, reason: str = "落ち着いて登校している") -> None:
    assert lead.post(f"{CASE}step/", a_wish("propose_closing", case)).status_code == 302
    assert boss.post(f"{CASE}step/", a_wish("close", case, reason, ends=ends_of(boss))).status_code == 302


# The note on the ground


def test_the_recipient_reads_the_note_on_no_page(case: Case, lead: Client, nurse: Client, staff: Person) -> None:
    referral = sent(lead, staff(Role.PUBLIC_HEALTH_NURSE), **GROUND)
    for path in (f"{PAGE}1/", f"{API}1/", f"/referrals/{referral.pk}/", f"/api/v1/referrals/{referral.pk}/"):
        answer = nurse.get(path)
        assert answer.status_code == 200, path
        assert NOTE not in answer.content.decode(), path
    assert "権限により非表示" in nurse.get(f"{PAGE}1/").content.decode(), "it is said that something is not shown"
    told = nurse.get(f"{API}1/").json()
    assert "basis_note" not in told, "null would say that there is none"
    assert [one["field"] for one in told["hidden"]] == ["basis_note"]


def test_the_senders_side_reads_it(case: Case, lead: Client, boss: Client, staff: Person) -> None:
    sent(lead, staff(Role.PUBLIC_HEALTH_NURSE), **GROUND)
    for client in (lead, boss):
        assert NOTE in client.get(f"{PAGE}1/").content.decode()
        told = client.get(f"{API}1/").json()
        assert (told["basis_note"], told["hidden"]) == (NOTE, [])


def test_so_it_stays_once_the_case_is_closed(
    case: Case, lead: Client, nurse: Client, boss: Client, staff: Person
) -> None:
    referral = sent(lead, staff(Role.PUBLIC_HEALTH_NURSE), **GROUND)
    accepted_by(nurse, referral)
    closed(case, lead, boss)
    for path in (f"{PAGE}1/", f"{API}1/", f"/referrals/{referral.pk}/", f"/api/v1/referrals/{referral.pk}/"):
        assert NOTE not in nurse.get(path).content.decode(), path
    assert NOTE in lead.get(f"{PAGE}1/").content.decode()
    assert lead.get(f"{API}1/").json()["basis_note"] == NOTE


def test_who_will_be_asked_does_not_write_the_draft_anew(
    case: Case, lead: Client, nurse: Client, staff: Person
) -> None:
    """The form of a draft shows the note as well."""
    to = staff(Role.PUBLIC_HEALTH_NURSE)
    prepared(lead, to, **GROUND)
    for answer in (nurse.get(f"{PAGE}1/edit/"), nurse.post(f"{PAGE}1/edit/", asking(to, seen=1))):
        assert answer.status_code == 404
        assert NOTE not in answer.content.decode()
    shown = nurse.get(f"{PAGE}1/")
    assert not shown.context["may_change"]
    assert not nurse.get(f"{API}1/").json()["may_change"]
    assert NOTE in lead.get(f"{PAGE}1/edit/").content.decode()
    assert Referral.objects.get().revision == 1

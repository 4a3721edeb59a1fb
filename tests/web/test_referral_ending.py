"""What stays with the sender's side of a referral, and what its recipient learns once the case has closed."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from planned import AOI, SUPPORT, a_case
from test_closing import PAGE as CASE
from test_closing import a_wish, ends_of
from test_referrals import PAGE, asking, prepared, sent
from test_reminders import kinds, make_round

from builders import a_child
from tsunagu_web.access.models import Conflict
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Case
from tsunagu_web.referrals.models import Referral
from tsunagu_web.reminders.models import Reminder

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


# Once the case is closed


@pytest.mark.parametrize("role", [Role.PARTNER, Role.SCHOOL_NURSE])
def test_who_had_taken_it_on_is_told_that_it_has_ended_and_whom_to_ask(
    role: str, case: Case, lead: Client, boss: Client, staff: Person, as_role: Browser
) -> None:
    to = staff(role)
    referral, other = sent(lead, to, **GROUND), sent(lead, to, asked="送迎の相談")
    client, page = as_role(role), f"/referrals/{referral.pk}/"
    accepted_by(client, referral)
    make_round()
    assert "referral_ended" not in kinds(to)
    closed(case, lead, boss, reason="会議で確かめた")
    shown = client.get(page)
    text = shown.content.decode()
    assert shown.status_code == 200
    assert "終わりました" in text
    assert "にお尋ねください" in text
    for word in ("例川", AOI, "放課後に過ごせる場所", NOTE, "会議で確かめた"):
        assert word not in text, "nothing of the child, of what was sent, and of why the case was closed"
    told = client.get(f"/api/v1{page}")
    assert told.status_code == 200
    assert set(told.json()) == {"number", "sent_by", "department", "sent_at", "state", "ended_at"}
    assert told.json()["state"] == "revoked"
    make_round()
    assert kinds(to) == ["referral_ended"]
    number = Reminder.objects.get(staff=to, kind="referral_ended").pk
    assert client.post(f"/reminders/{number}/open/")["Location"] == page
    assert client.get(f"/children/{AOI}/").status_code in (403, 404) or role == Role.SCHOOL_NURSE
    for root in ("", "/api/v1"):
        assert client.get(f"{root}/referrals/{other.pk}/").status_code == 404, "nobody had taken that one on"
        for act in ("step", "reply"):
            assert client.post(f"{root}{page}{act}/", {}).status_code == 404, act


def test_nobody_else_is_told_of_it(case: Case, lead: Client, boss: Client, staff: Person, as_role: Browser) -> None:
    to = staff(Role.PARTNER)
    referral = sent(lead, to)
    accepted_by(as_role(Role.PARTNER), referral)
    closed(case, lead, boss)
    staff(Role.PARTNER, login="colleague")
    page = f"/referrals/{referral.pk}/"
    assert as_role(Role.PARTNER, login="colleague").get(page).status_code == 404
    assert lead.get(page).status_code == 404, "the sender reads it on the child's own pages"
    Conflict.objects.create(staff=to, person_id=AOI, kind="other_party", entered_at=timezone.now())
    assert as_role(Role.PARTNER).get(page).status_code == 404, "a block takes this away as well"
    make_round()
    assert kinds(to) == []


def test_what_the_recipient_ended_is_no_news_to_them(case: Case, lead: Client, staff: Person, as_role: Browser) -> None:
    to = staff(Role.PARTNER)
    referral, client = sent(lead, to), as_role(Role.PARTNER)
    accepted_by(client, referral)
    done = {"step": "complete", "reason": "面接をした", "seen": 3, "form": str(uuid.uuid4())}
    assert client.post(f"/referrals/{referral.pk}/step/", done).status_code == 302
    assert client.get(f"/referrals/{referral.pk}/").status_code == 404
    make_round()
    assert kinds(to) == []

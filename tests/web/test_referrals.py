"""Referrals: what leaves was looked at, and is read so by one person; accepting gives what the table gives."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from counted import counted
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from builders import ATestFact, a_child, absences, an_id, many_absences, public_assistance
from tsunagu_web.access.models import Conflict, Grant, Team
from tsunagu_web.access.terms import Purpose, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Fact
from tsunagu_web.duties.services import NotPossible
from tsunagu_web.duties.words import refusal
from tsunagu_web.people.models import Person as Known
from tsunagu_web.referrals import leaving, services
from tsunagu_web.referrals.models import Referral, ReferralContent, Reply
from tsunagu_web.steps.models import Step

AOI, SORA = an_id("例川 あおい"), an_id("例田 ソラ")
PAGE = f"/children/{AOI}/referrals/"
LEVEL = "重点支援"
Browser = Callable[..., Client]
Person = Callable[..., Staff]


@pytest.fixture
def child(intake: Callable[..., object], as_role: Browser) -> None:
    """Aoi, with an open case of the intake team; Sora, of another team."""
    Team.objects.create(key="east", name="東", schools=["201"])
    fees = ATestFact("assistance", dt.date(2025, 6, 1), value="yes", holder="seiho")
    intake(
        a_child(level=LEVEL, reasons=(many_absences(), public_assistance()), facts=(*absences(2, 4, 11), fees)),
        a_child("例田 ソラ", "レイタ ソラ", school="201", household="6"),
    )
    form = {"outcome": "candidate", "seen": 0, "form": str(uuid.uuid4())}
    assert as_role().post(f"/children/{AOI}/decide/", form).status_code == 302


@pytest.fixture
def lead(child: None, as_role: Browser) -> Client:
    return as_role(Role.LEAD_WORKER, purpose=Purpose.CASE_SUPPORT)


def asking(to: Staff, **more: object) -> dict[str, Any]:
    today = timezone.localdate()
    given = {
        "to": to.pk,
        "asked": "放課後に過ごせる場所を探してほしい",
        "wish": "友だちと過ごしたい",
        "fields_chosen": ["name", "age", "school"],
        "purpose": "放課後の居場所の支援のため",
        "basis": "within_purpose",
        "reply_until": today + dt.timedelta(days=14),
        "open_until": today + dt.timedelta(days=60),
        "seen": 0,
        "form": str(uuid.uuid4()),
    }
    return given | more


def prepared(client: Client, to: Staff, **more: object) -> HttpResponse:
    """The page on which a referral just prepared is looked at."""
    answer = client.post(f"{PAGE}new/", asking(to, **more))
    assert answer.status_code == 302, answer.context["form"].errors
    return client.get(answer["Location"])  # type: ignore[return-value]


def send_form(page: HttpResponse) -> dict[str, Any]:
    return {**page.context["sending"].initial, "form": str(uuid.uuid4())}  # type: ignore[attr-defined]


def sent(client: Client, to: Staff, **more: object) -> Referral:
    page = prepared(client, to, **more)
    number = page.context["referral"].number  # type: ignore[attr-defined]
    assert client.post(f"{PAGE}{number}/send/", send_form(page)).status_code == 302
    return Referral.objects.get(child=AOI, number=number)


def a_step(name: str, seen: int, reason: str = "引き受ける人がいない", **more: object) -> dict[str, object]:
    return {"step": name, "reason": reason, "seen": seen, "form": str(uuid.uuid4()), **more}


def table_of(page: HttpResponse) -> str:
    """The part of a page that shows what leaves, byte for byte."""
    text = page.content.decode()
    [found] = re.findall(r'<table class="list plain leaving">.*?</table>', text, re.DOTALL)
    return str(found)


def entries(action: str) -> list[dict[str, Any]]:
    found = Event.objects.filter(action=action, object="referral").order_by("number")
    return [json.loads(event.body) for event in found]


# Who may not


@pytest.mark.parametrize("role", [Role.VICE_PRINCIPAL, Role.PARTNER, Role.AUDITOR, Role.ANALYST, Role.COUNSELLOR])
def test_who_may_not_refer(role: str, lead: Client, as_role: Browser, staff: Person) -> None:
    sent(lead, staff(Role.PUBLIC_HEALTH_NURSE))
    client = as_role(role)
    for path in (PAGE, f"{PAGE}new/", f"{PAGE}1/"):
        assert client.get(path).status_code == 403, path
    for path in (f"{PAGE}new/", f"{PAGE}1/edit/", f"{PAGE}1/send/", f"{PAGE}1/step/"):
        assert client.post(path, {}).status_code == 403, path


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ANALYST, Role.OVERALL_MANAGER, Role.SYSTEM_ADMINISTRATOR])
def test_who_is_asked_nothing(role: str, child: None, as_role: Browser) -> None:
    assert as_role(role).get("/referrals/").status_code == 403


def test_a_school_social_worker_prepares_and_the_centre_sends(lead: Client, as_role: Browser, staff: Person) -> None:
    worker = as_role(Role.SCHOOL_SOCIAL_WORKER, purpose=Purpose.CASE_SUPPORT)
    page = prepared(worker, staff(Role.PARTNER))
    assert page.context["sending"] is None  # type: ignore[attr-defined]
    content = ReferralContent.objects.get()
    form = {"print": content.print, "seen": 1, "form": str(uuid.uuid4())}
    assert worker.post(f"{PAGE}1/send/", form).status_code == 403
    looked = lead.get(f"{PAGE}1/")
    assert lead.post(f"{PAGE}1/send/", send_form(looked)).status_code == 302
    assert Referral.objects.get().state == "sent"


def test_another_team_finds_neither_child_nor_referral(lead: Client, as_role: Browser, staff: Person) -> None:
    sent(lead, staff(Role.PARTNER))
    other = staff(login="east-lead")
    other.duties.update(key="east")
    client = as_role(login="east-lead", purpose=Purpose.CASE_SUPPORT)
    for path in (PAGE, f"{PAGE}1/", f"{PAGE}new/"):
        assert client.get(path).status_code == 404, path
    assert client.get(f"/referrals/{Referral.objects.get().pk}/").status_code == 404, "sent to somebody else"
    assert entries("refused")[-1]["persons"] == [AOI]


# What leaves


def test_what_was_looked_at_is_what_the_recipient_reads_byte_for_byte(
    lead: Client, as_role: Browser, staff: Person
) -> None:
    fields = ["name", "age", "school", "reason:N1a", "fact:education"]
    page = prepared(lead, staff(Role.SCHOOL_SOCIAL_WORKER, login="ssw-west", school="201"), fields_chosen=fields)
    looked_at = table_of(page)
    for shown in ("例川 あおい", "レイカワ アオイ", "小5", "瑞野市立第二小学校", "友だちと過ごしたい", "11日"):
        assert shown in looked_at
    assert lead.post(f"{PAGE}1/send/", send_form(page)).status_code == 302
    # Nothing live: what is corrected afterwards stays here as it left.
    Fact.objects.filter(person_id=AOI).update(number=3)
    reader = as_role(Role.SCHOOL_SOCIAL_WORKER, login="ssw-west", school="201", purpose=Purpose.CASE_SUPPORT)
    read = reader.get(f"/referrals/{Referral.objects.get().pk}/")
    assert table_of(read) == looked_at
    assert table_of(lead.get(f"{PAGE}1/")) == looked_at
    assert AOI not in read.content.decode().replace(f"/children/{AOI}/", ""), "not even the number of the child"


def test_nothing_leaves_that_no_person_chose(lead: Client, staff: Person) -> None:
    form = lead.get(f"{PAGE}new/").context["form"]
    assert len(form.fields["fields_chosen"].choices) > 3
    assert "checked" not in str(form["fields_chosen"])
    assert not form["basis"].value()
    to = staff(Role.PUBLIC_HEALTH_NURSE)
    refused = lead.post(f"{PAGE}new/", asking(to, fields_chosen=[], basis=""))
    assert list(refused.context["form"].errors) == ["basis"]
    looked_at = table_of(prepared(lead, to, fields_chosen=[]))
    for kept in ("例川", "レイカワ", "小5", "第二小学校"):
        assert kept not in looked_at
    assert "放課後に過ごせる場所を探してほしい" in looked_at


def test_records_that_change_after_the_look_stop_the_sending(lead: Client, staff: Person) -> None:
    page = prepared(lead, staff(Role.PUBLIC_HEALTH_NURSE), fields_chosen=["name", "school"])
    Known.objects.filter(pk=AOI).update(name="例川 葵")
    late = lead.post(f"{PAGE}1/send/", send_form(page))
    assert late.status_code == 409
    assert "例川 葵" in table_of(late)
    assert Referral.objects.get().state == "draft"
    assert ReferralContent.objects.count() == 2, "what was looked at first is kept as well"
    assert lead.post(f"{PAGE}1/send/", send_form(page)).status_code == 409, "the old print is not accepted any more"
    assert lead.post(f"{PAGE}1/send/", send_form(late)).status_code == 302
    assert "例川 葵" in Referral.objects.get().contents.latest("number").body


def test_control_without_the_comparison_something_nobody_looked_at_would_leave(
    lead: Client, staff: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = prepared(lead, staff(Role.PUBLIC_HEALTH_NURSE), fields_chosen=["name"])
    Known.objects.filter(pk=AOI).update(name="例川 葵")
    newest = ReferralContent.objects.get().body
    monkeypatch.setattr(services, "body_of", lambda *_: newest)
    assert lead.post(f"{PAGE}1/send/", send_form(page)).status_code == 302


@pytest.mark.parametrize(
    ("role", "code", "goes"),
    [
        (Role.SCHOOL_SOCIAL_WORKER, "fact:education", True),
        (Role.SCHOOL_SOCIAL_WORKER, "fact:welfare", False),
        (Role.SCHOOL_SOCIAL_WORKER, "reason:P1", True),
        (Role.VICE_PRINCIPAL, "fact:education", True),
        (Role.VICE_PRINCIPAL, "fact:welfare", False),
        (Role.VICE_PRINCIPAL, "reason:N1a", False),
        (Role.PARTNER, "fact:education", False),
        (Role.PARTNER, "reason:P1", False),
        (Role.PARTNER, "name", True),
        (Role.GUIDANCE_CENTRE_SUPERVISOR, "fact:welfare", True),
        (Role.GUIDANCE_CENTRE_SUPERVISOR, "reason:N1a", False),
    ],
)
def test_nothing_goes_to_a_role_that_the_table_keeps_from_it(
    role: str, code: str, goes: bool, lead: Client, staff: Person
) -> None:
    answer = lead.post(f"{PAGE}new/", asking(staff(role, school="102"), fields_chosen=[code]))
    assert answer.status_code == (302 if goes else 422)
    if not goes:
        assert "には渡せません" in answer.content.decode()
        assert not Referral.objects.exists()


def test_nobody_hands_on_what_they_may_not_see(child: None, as_role: Browser, staff: Person) -> None:
    worker = as_role(Role.SCHOOL_SOCIAL_WORKER, purpose=Purpose.CASE_SUPPORT)
    offered = dict(worker.get(f"{PAGE}new/").context["form"].fields["fields_chosen"].choices)
    assert "fact:education" in offered
    assert "fact:welfare" not in offered
    form = asking(staff(Role.SUPERVISOR), fields_chosen=["fact:welfare"])
    assert worker.post(f"{PAGE}new/", form).status_code == 422


def test_a_colleague_of_the_sender_sees_no_domain_through_a_referral(
    lead: Client, as_role: Browser, staff: Person
) -> None:
    to = staff(Role.GUIDANCE_CENTRE_SUPERVISOR)
    sent(lead, to, fields_chosen=["fact:welfare", "fact:education"], basis="law_69_1", basis_note="児童福祉法")
    assert "生活保護" in table_of(lead.get(f"{PAGE}1/"))
    text = table_of(as_role(Role.SCHOOL_SOCIAL_WORKER, purpose=Purpose.CASE_SUPPORT).get(f"{PAGE}1/"))
    assert "生活保護" not in text
    assert "権限により非表示" in text
    assert "11日" in text


def test_neither_level_nor_address_is_in_what_leaves(
    intake: Callable[..., object], as_role: Browser, staff: Person
) -> None:
    """Everything that can be chosen is chosen, with an address planted in a fact, a label and the person's row."""
    place = "瑞野市星影台三丁目77番地の5"
    planted = (
        ATestFact("nursery_place", dt.date(2026, 4, 1), value=place, holder="hoiku"),
        ATestFact("infirmary_visit", dt.date(2026, 9, 1), label=place, value=place, holder="shukketsu"),
        *absences(2, 11),
    )
    intake(a_child(address=place, level=LEVEL, facts=planted, school_name=place))
    client = as_role()
    offered = [code for code, _ in client.get(f"{PAGE}new/").context["form"].fields["fields_chosen"].choices]
    assert {"name", "school", "reason:N1a", "fact:education"} <= set(offered)
    prepared(client, staff(Role.SUPERVISOR), fields_chosen=offered)
    body = ReferralContent.objects.get().body
    assert "例川 あおい" in body
    for word in ("星影台", "丁目", "番地", LEVEL, "重点"):
        assert word not in body


def test_control_the_planted_address_would_be_found(
    intake: Callable[..., object], as_role: Browser, staff: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "looks_like_a_place", lambda text: False)
    with pytest.raises(AssertionError, match="星影台"):
        test_neither_level_nor_address_is_in_what_leaves(intake, as_role, staff)


def test_an_address_in_staffs_own_words_is_warned_of(lead: Client, staff: Person) -> None:
    told = "住所のようなもの"
    page = prepared(lead, staff(Role.PARTNER), asked="若葉5丁目12-4を訪ねてほしい")
    assert told in page.content.decode()
    assert told not in prepared(lead, staff(Role.PARTNER)).content.decode()


@pytest.mark.parametrize(
    ("role", "basis", "fits"),
    [
        (Role.PUBLIC_HEALTH_NURSE, "internal_69_2_2", True),
        (Role.PUBLIC_HEALTH_NURSE, "other_organ_69_2_3", False),
        (Role.VICE_PRINCIPAL, "internal_69_2_2", False),
        (Role.VICE_PRINCIPAL, "other_organ_69_2_3", True),
        (Role.PARTNER, "other_organ_69_2_3", False),
        (Role.PARTNER, "consent_69_2_1", True),
    ],
)
def test_the_legal_ground_goes_with_the_recipients_organ(
    role: str, basis: str, fits: bool, lead: Client, staff: Person
) -> None:
    form = asking(staff(role), basis=basis, basis_note="保護者の同意書がある")
    assert lead.post(f"{PAGE}new/", form).status_code == (302 if fits else 422)
    assert lead.post(f"{PAGE}new/", {**form, "basis_note": " "}).status_code == 422


# Sending


def test_sending_is_in_the_log_with_its_legal_ground_and_no_word_of_it(
    lead: Client, as_role: Browser, staff: Person
) -> None:
    to = staff(Role.PARTNER)
    referral = sent(lead, to, basis="consent_69_2_1", basis_note="保護者の同意書がある")
    [entry] = entries("send")
    assert entry["persons"] == [AOI]
    assert (entry["detail"]["basis"], entry["detail"]["to"]) == ("consent_69_2_1", to.actor)
    [looked] = entries("preview")
    assert looked["detail"]["row"] == f"referrals.referralcontent:{referral.contents.get().pk}"
    assert looked["detail"]["version"] == entry["detail"]["version"]
    # The auditor reads the ground in words.
    shown = as_role(Role.AUDITOR).get("/log/").context["shown"].lines
    said = {str(value) for line in shown for value in line.detail.values()}
    assert "本人の同意など（法69条2項1号）" in said
    assert "居場所" not in "".join(event.body for event in Event.objects.all())


def test_the_note_on_the_ground_is_for_the_senders_side_and_not_for_the_recipients_colleagues(
    lead: Client, as_role: Browser, staff: Person
) -> None:
    words = "別の法令による。くわしくは担当まで。"
    prepared(lead, staff(Role.PUBLIC_HEALTH_NURSE), basis="law_69_1", basis_note=words)

    def reads(role: Role, **who: str) -> bool:
        client = as_role(role, **who)
        page, answer = client.get(f"{PAGE}1/"), client.get(f"/api/v1/children/{AOI}/referrals/1/").json()
        told = {words in page.content.decode(), words in str(answer)}
        assert len(told) == 1, "the page and the API say the same"
        return told.pop()

    assert reads(Role.LEAD_WORKER)
    assert reads(Role.SUPERVISOR)
    assert reads(Role.SCHOOL_SOCIAL_WORKER), "of the side that refers"
    assert not reads(Role.PUBLIC_HEALTH_NURSE), "who is asked"
    assert not reads(Role.PUBLIC_HEALTH_NURSE, login="fellow-nurse"), "a colleague of whoever is asked"


def test_whoever_prepared_a_referral_to_a_colleague_reads_the_own_note(
    lead: Client, as_role: Browser, staff: Person
) -> None:
    words, fellow = "別の法令による。くわしくは担当まで。", staff(Role.PUBLIC_HEALTH_NURSE, login="fellow-nurse")
    nurse = as_role(Role.PUBLIC_HEALTH_NURSE)
    prepared(nurse, fellow, basis="law_69_1", basis_note=words)
    assert words in nurse.get(f"{PAGE}1/").content.decode()
    assert nurse.get(f"{PAGE}1/edit/").status_code == 200


@pytest.mark.parametrize("kind", ["own_family", "other_party"])
def test_a_blocked_recipient_is_refused_without_saying_why(
    kind: str, lead: Client, as_role: Browser, staff: Person
) -> None:
    to = staff(Role.PARTNER)
    prepared(lead, to)
    Conflict.objects.create(staff=to, person_id=AOI, kind=kind, entered_at=timezone.now())
    answer = lead.post(f"{PAGE}1/send/", send_form(lead.get(f"{PAGE}1/")))
    assert answer.status_code == 409
    # The words of the page that gives access; the same for own family, a colleague's and the other party.
    assert answer.context["problem"] == refusal(NotPossible("blocked"))
    assert Referral.objects.get().state == "draft"
    assert [e["detail"]["to"] for e in entries("refused")] == [to.actor]
    assert as_role(Role.PARTNER).get("/referrals/").context["referrals"] == []


def test_control_without_the_question_a_blocked_recipient_would_be_sent_it(
    lead: Client, staff: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(lead, staff(Role.PARTNER))
    Conflict.objects.create(staff=staff(Role.PARTNER), person_id=AOI, kind="own_family", entered_at=timezone.now())
    monkeypatch.setattr(services, "_require_receiver", lambda *_: None)
    assert lead.post(f"{PAGE}1/send/", send_form(lead.get(f"{PAGE}1/"))).status_code == 302


def test_a_login_closed_since_is_sent_nothing(lead: Client, staff: Person) -> None:
    prepared(lead, staff(Role.PARTNER))
    Staff.objects.filter(role=Role.PARTNER).update(is_active=False)
    answer = lead.post(f"{PAGE}1/send/", send_form(lead.get(f"{PAGE}1/")))
    assert (answer.status_code, Referral.objects.get().state) == (409, "draft")
    assert "ほかの職員を選んでください" in answer.content.decode()


def test_a_block_that_comes_later_takes_it_away(lead: Client, as_role: Browser, staff: Person) -> None:
    referral = sent(lead, staff(Role.PARTNER))
    client = as_role(Role.PARTNER)
    assert client.get(f"/referrals/{referral.pk}/").status_code == 200
    Conflict.objects.create(staff=staff(Role.PARTNER), person_id=AOI, kind="other_party", entered_at=timezone.now())
    assert client.get("/referrals/").context["referrals"] == []
    assert client.get(f"/referrals/{referral.pk}/").status_code == 404
    form = a_step("accept", referral.revision)
    assert client.post(f"/referrals/{referral.pk}/step/", form).status_code == 404
    assert not Grant.objects.exists()


def test_a_second_click_sends_once_and_a_slower_colleague_is_told(
    lead: Client, as_role: Browser, staff: Person
) -> None:
    to = staff(Role.PARTNER)
    form = asking(to)
    assert [lead.post(f"{PAGE}new/", form).status_code for _ in range(2)] == [302, 302]
    assert Referral.objects.count() == 1
    page = lead.get(f"{PAGE}1/")
    click, slower = send_form(page), send_form(page)
    assert [lead.post(f"{PAGE}1/send/", click).status_code for _ in range(2)] == [302, 302]
    assert Step.objects.filter(move="send").count() == 1
    other = as_role(Role.SUPERVISOR, purpose=Purpose.CASE_SUPPORT)
    assert other.post(f"{PAGE}1/send/", slower).status_code == 409
    before = Event.objects.filter(action="discard").count()
    assert other.post(f"{PAGE}1/step/", a_step("discard", 1)).status_code == 409
    assert Event.objects.filter(action="discard").count() == before


def test_a_draft_is_written_anew_and_what_was_prepared_is_kept(lead: Client, staff: Person) -> None:
    prepared(lead, staff(Role.PARTNER))
    nurse = staff(Role.PUBLIC_HEALTH_NURSE)
    change = asking(nurse, asked="訪問をお願いしたい", seen=1)
    assert lead.post(f"{PAGE}1/edit/", change).status_code == 302
    referral = Referral.objects.get()
    assert (referral.to, referral.revision, referral.contents.count()) == (nurse, 2, 2)
    assert lead.post(f"{PAGE}1/edit/", asking(nurse, asked="x", seen=1)).status_code == 409
    assert "訪問をお願いしたい" in table_of(lead.get(f"{PAGE}1/"))
    assert lead.get(f"{PAGE}1/edit/").context["form"].initial["to"] == nurse.pk


# Answering


def test_before_accepting_only_what_was_sent_is_open_and_afterwards_what_the_table_says(
    lead: Client, as_role: Browser, staff: Person
) -> None:
    supervisor = staff(Role.GUIDANCE_CENTRE_SUPERVISOR)
    referral = sent(lead, supervisor)
    client = as_role(Role.GUIDANCE_CENTRE_SUPERVISOR)
    url, child = f"/referrals/{referral.pk}/", f"/children/{AOI}/"
    assert [one.pk for one in client.get("/referrals/").context["referrals"]] == [referral.pk]
    assert client.get(child).status_code == 404, "the referral opens nothing else"
    assert client.get("/children/").context["rows"] == []
    click = a_step("accept", referral.revision, reason="")
    assert [client.post(f"{url}step/", click).status_code for _ in range(2)] == [302, 302]
    [grant] = Grant.objects.all()
    assert (grant.basis, grant.purpose, grant.staff, grant.granted_by) == (
        "referral",
        Purpose.PROTECTION,
        supervisor,
        staff(),
    )
    assert timezone.localdate(grant.ends_at) == referral.open_until
    page = client.get(child)
    assert page.status_code == 200
    assert page.context["page"].level == "", "the criteria's level is not for this role"
    assert client.get(f"/children/{SORA}/").status_code == 404
    assert Event.objects.filter(action="give_access").count() == 1
    done = a_step("complete", 3, reason="面接をした")
    assert client.post(f"{url}step/", done)["Location"] == "/referrals/"
    assert client.get(child).status_code == 404
    assert client.get(url).status_code == 404, "what has ended is no longer theirs"
    assert Referral.objects.get().state == "done"
    assert lead.get(f"{PAGE}1/").status_code == 200


def test_a_partner_who_accepts_sees_list_page_and_name_and_nothing_of_the_criteria(
    lead: Client, as_role: Browser, staff: Person
) -> None:
    referral = sent(lead, staff(Role.PARTNER))
    client = as_role(Role.PARTNER)
    client.post(f"/referrals/{referral.pk}/step/", a_step("accept", referral.revision))
    text = client.get(f"/children/{AOI}/").content.decode()
    assert "例川 あおい" in text
    assert LEVEL not in text
    assert client.get(PAGE).status_code == 403
    assert lead.post(f"{PAGE}1/step/", a_step("break_off", 3)).status_code == 302
    assert client.get(f"/children/{AOI}/").status_code == 404


def test_declining_needs_a_reason_and_the_sender_reads_it(lead: Client, as_role: Browser, staff: Person) -> None:
    referral = sent(lead, staff(Role.VICE_PRINCIPAL))
    client, url = as_role(Role.VICE_PRINCIPAL), f"/referrals/{referral.pk}/"
    assert client.post(f"{url}step/", a_step("decline", referral.revision, reason=" ")).status_code == 422
    assert client.post(f"{url}step/", a_step("revoke", referral.revision)).status_code == 409, "the sender's step"
    assert client.post(f"{url}step/", a_step("decline", referral.revision)).status_code == 302
    assert client.get(url).status_code == 404
    assert "引き受ける人がいない" in lead.get(f"{PAGE}1/").content.decode()
    assert not Grant.objects.exists()


def test_what_was_taken_back_is_read_by_nobody_and_accepted_by_nobody(
    lead: Client, as_role: Browser, staff: Person
) -> None:
    referral = sent(lead, staff(Role.PARTNER))
    client, url = as_role(Role.PARTNER), f"/referrals/{referral.pk}/"
    accept = a_step("accept", referral.revision)
    assert lead.post(f"{PAGE}1/step/", a_step("revoke", referral.revision)).status_code == 302
    assert client.get(url).status_code == 404
    assert client.post(f"{url}step/", accept).status_code == 404
    assert not Grant.objects.exists()


def test_a_reply_is_kept_once_and_read_by_the_sender(lead: Client, as_role: Browser, staff: Person) -> None:
    referral = sent(lead, staff(Role.PARTNER))
    client, url = as_role(Role.PARTNER), f"/referrals/{referral.pk}/"
    form = {"text": "来週、見学に来られます", "form": str(uuid.uuid4())}
    assert client.post(f"{url}reply/", {**form, "text": " "}).status_code == 422
    assert [client.post(f"{url}reply/", form).status_code for _ in range(2)] == [302, 302]
    reply = Reply.objects.get()
    assert entries("reply")[0]["detail"]["row"] == f"referrals.reply:{reply.pk}"
    for page in (lead.get(f"{PAGE}1/"), client.get(url)):
        assert "来週、見学に来られます" in page.content.decode()


def test_what_nobody_answered_runs_out_by_the_desk_itself(lead: Client, as_role: Browser, staff: Person) -> None:
    first, second = (sent(lead, staff(Role.PARTNER), asked=asked) for asked in ("見学の案内", "送迎の相談"))
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    Referral.objects.filter(pk=first.pk).update(reply_until=yesterday)
    assert "返答の期限を過ぎています" in lead.get(PAGE).content.decode()
    client = as_role(Role.PARTNER)
    late = client.post(f"/referrals/{first.pk}/step/", a_step("accept", first.revision))
    assert late.status_code == 409
    assert "返答の期限を過ぎたため" in late.content.decode()
    for expected in ("1 referrals", "0 referrals"):
        said = StringIO()
        call_command("expire_referrals", stdout=said)
        assert expected in said.getvalue()
    states = dict(Referral.objects.values_list("pk", "state"))
    assert states == {first.pk: "expired", second.pk: "sent"}
    assert Step.objects.get(move="expire").by is None
    assert [one.pk for one in client.get("/referrals/").context["referrals"]] == [second.pk]


# The database


def test_the_database_changes_and_deletes_nothing_that_left(lead: Client, as_role: Browser, staff: Person) -> None:
    referral = sent(lead, staff(Role.PARTNER))
    form = {"text": "見学に来られます", "form": str(uuid.uuid4())}
    as_role(Role.PARTNER).post(f"/referrals/{referral.pk}/reply/", form)
    for rows in (ReferralContent.objects.all(), Reply.objects.all()):
        assert rows.exists()
        for act in (lambda rows=rows: rows.update(number=9), lambda rows=rows: rows.delete()):
            with pytest.raises(DatabaseError), transaction.atomic():
                act()
    with pytest.raises(DatabaseError), transaction.atomic():
        Referral.objects.update(state="done", revision=9)


def test_the_pages_need_no_more_than_twelve_queries(lead: Client, as_role: Browser, staff: Person) -> None:
    for number in range(5):
        referral = sent(lead, staff(Role.PARTNER), asked=f"見学の案内 {number}")
    asked = [(lead, PAGE), (lead, f"{PAGE}1/"), (lead, f"{PAGE}new/")]
    client = as_role(Role.PARTNER)
    asked += [(client, "/referrals/"), (client, f"/referrals/{referral.pk}/")]
    for browser, path in asked:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(path).status_code == 200
        found = counted(queries)
        assert len(found) <= 12, (path, len(found))

"""Purpose, emergency access, grants, blocks and the check of access: each an act with its entry, each with its end."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pytest
from counted import counted
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from signed_in import signed_in

from builders import ATestPerson, a_child, a_household, an_id
from tsunagu_web.access import decision
from tsunagu_web.access.models import Conflict, Grant, Team
from tsunagu_web.access.table import PURPOSES
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit import services as audit_services
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.templatetags.desk import moment
from tsunagu_web.duties import services
from tsunagu_web.duties.viewers import viewer_of

AOI, SORA = an_id("例川 あおい"), an_id("例田 ソラ")
REASON = {"reason": "けがをしていると、電話で知らされたため"}
Browser = Callable[..., Client]


@pytest.fixture
def two_teams(intake: Callable[..., object]) -> None:
    """Aoi belongs to the intake team, Sora to the east team."""
    Team.objects.create(key="east", name="東", schools=["201"])
    intake(*a_household(a_child()), a_child("例田 ソラ", "レイタ ソラ", school="201", household="6"))
    assert dict(Child.objects.values_list("pk", "team")) == {AOI: "intake", SORA: "east"}


def entries(action: str) -> list[dict[str, object]]:
    return [json.loads(e.body) for e in Event.objects.filter(action=action).order_by("number")]


def test_nothing_of_anybody_is_shown_before_a_purpose_is_picked(
    intake: Callable[..., object], staff: Callable[..., Staff]
) -> None:
    intake(a_child())
    client = signed_in(staff())
    for path in ("/children/", f"/children/{AOI}/", "/decisions/"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/purpose/?next=")
    assert "例川" not in client.get("/purpose/").content.decode()
    assert client.post("/purpose/", {}).status_code == 422
    assert client.post("/purpose/", {"purpose": "audit"}).status_code == 422, "a purpose of another role"
    assert client.post("/purpose/", {"purpose": "case_support", "next": "/children/"})["Location"] == "/children/"
    assert entries("pick_purpose")[-1]["purpose"] == "case_support"


def test_the_purpose_stands_in_every_entry_and_decides_who_is_in_reach(
    intake: Callable[..., object], as_role: Browser
) -> None:
    intake(a_child())
    assert as_role().get(f"/children/{AOI}/").status_code == 200
    assert entries("view")[-1]["purpose"] == "early_support"
    # Under case support only children with a case: nobody has decided about this one.
    client = as_role(purpose="case_support")
    assert client.get(f"/children/{AOI}/").status_code == 404
    assert client.get("/children/").context["rows"] == []


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.LEAD_WORKER, Role.SUPERVISOR)])
def test_who_may_not_take_emergency_access(role: str, two_teams: None, as_role: Browser) -> None:
    may = role in (
        Role.OVERALL_MANAGER,
        Role.SCHOOL_SOCIAL_WORKER,
        Role.PUBLIC_HEALTH_NURSE,
        Role.GUIDANCE_CENTRE_SUPERVISOR,
    )
    answer = as_role(role).post(f"/children/{SORA}/emergency/", REASON)
    assert (answer.status_code == 302) == may
    assert Grant.objects.exists() == may


def test_emergency_access_opens_for_a_day_with_a_reason_and_tells_others(
    two_teams: None, as_role: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = as_role()
    page = worker.get(f"/children/{SORA}/")
    assert page.status_code == 404
    assert f"/children/{SORA}/emergency/" in page.content.decode()
    assert worker.post(f"/children/{SORA}/emergency/", {"reason": "急"}).status_code == 422
    assert not Grant.objects.exists()
    assert worker.post(f"/children/{SORA}/emergency/", REASON)["Location"] == f"/children/{SORA}/"
    assert worker.get(f"/children/{SORA}/").status_code == 200
    assert SORA in {row.child.pk for row in worker.get("/children/").context["rows"]}
    worker.post(f"/children/{SORA}/emergency/", REASON)
    assert Grant.objects.count() == 1, "a second click gives the same access"
    entry = entries("take_emergency_access")
    assert [e["persons"] for e in entry] == [[SORA]]
    assert REASON["reason"] not in json.dumps(entry, ensure_ascii=False)
    told = as_role(Role.SUPERVISOR).get("/emergencies/").content.decode()
    assert REASON["reason"] in told
    assert "確認前 1件" in told
    assert "確認前 1件" not in worker.get("/children/").content.decode()
    assert SORA in told
    later = timezone.now() + dt.timedelta(hours=services.EMERGENCY_HOURS, seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert as_role().get(f"/children/{SORA}/").status_code == 404


def test_a_child_open_by_an_emergency_says_so_and_until_when(
    two_teams: None, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    worker, sign = as_role(), "緊急の閲覧として開いています"
    assert sign not in worker.get(f"/children/{AOI}/").content.decode(), "the own team opens it"
    worker.post(f"/children/{AOI}/emergency/", REASON)
    assert sign not in worker.get(f"/children/{AOI}/").content.decode(), "taken without need: the team opens it still"
    worker.post(f"/children/{SORA}/emergency/", REASON)
    with CaptureQueriesContext(connection) as asked:
        page = worker.get(f"/children/{SORA}/").content.decode()
    assert sign in page
    assert moment(Grant.objects.get(person_id=SORA).ends_at) in page
    found = counted(asked)
    assert len(found) <= 12, found
    given = {"basis": "shared_case", "granted_by": staff(Role.SUPERVISOR), "purpose": "early_support"}
    now = timezone.now()
    Grant.objects.create(staff=staff(), person_id=SORA, starts_at=now, ends_at=now + dt.timedelta(days=9), **given)
    assert sign not in worker.get(f"/children/{SORA}/").content.decode(), "a colleague gave access in the meantime"


def test_taking_it_does_not_tell_who_is_on_the_list(two_teams: None, as_role: Browser) -> None:
    nobody = an_id("nobody")
    pages = [as_role().get(f"/children/{who}/emergency/").content.decode() for who in (SORA, nobody)]
    assert _plain(pages[0], SORA) == _plain(pages[1], nobody)
    answers = [as_role().post(f"/children/{who}/emergency/", REASON) for who in (SORA, nobody)]
    assert [a.status_code for a in answers] == [302, 302]
    assert [e["persons"] for e in entries("take_emergency_access")] == [[SORA], [nobody]]


def _plain(page: str, person_id: str) -> str:
    main = page[page.index("<main") : page.index("</main>")]
    marks = main.index('name="csrfmiddlewaretoken"')
    return (main[:marks] + main[main.index(">", marks) :]).replace(person_id, "ID")


def test_emergency_access_is_reviewed_by_somebody_else_once(two_teams: None, as_role: Browser) -> None:
    as_role(Role.SUPERVISOR, purpose="early_support").post(f"/children/{SORA}/emergency/", REASON)
    grant = Grant.objects.get()
    url = f"/emergencies/{grant.pk}/"
    own = as_role(Role.SUPERVISOR).post(url, {"review": "justified"})
    assert own.status_code == 409
    assert "自分ではできません" in own.content.decode()
    assert as_role(Role.AUDITOR).post(url, {"review": "justified"}).status_code == 403
    officer = as_role(Role.PRIVACY_OFFICER)
    assert officer.post(url, {}).status_code == 422
    assert officer.post(url, {"review": "not_justified", "note": " "}).status_code == 422
    assert officer.post(url, {"review": "not_justified", "note": "急ぎではなかった"}).status_code == 302
    grant.refresh_from_db()
    assert grant.review == "not_justified"
    assert not grant.is_in_force, "access that was not needed ends at once"
    again = officer.post(url, {"review": "justified"})
    assert again.status_code == 409
    grant.refresh_from_db()
    assert grant.review == "not_justified"


def test_a_block_is_stronger_than_duty_grant_and_emergency(
    two_teams: None, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    mother = an_id("例川 さくら")
    worker = as_role()
    assert worker.get(f"/children/{AOI}/").status_code == 200
    officer = as_role(Role.PRIVACY_OFFICER)
    given = {"staff": staff().login, "person": mother, "kind": "own_family"}
    assert officer.post("/conflicts/enter/", given).status_code == 302
    assert officer.post("/conflicts/enter/", given).status_code == 409, "twice changes nothing"
    assert worker.get(f"/children/{AOI}/").status_code == 404, "the household is blocked with the person"
    assert worker.get("/children/").context["rows"] == []
    worker.post(f"/children/{AOI}/emergency/", REASON)
    assert worker.get(f"/children/{AOI}/").status_code == 404
    assert officer.post(f"/conflicts/{Conflict.objects.get().pk}/end/").status_code == 302
    assert worker.get(f"/children/{AOI}/").status_code == 200


def test_nobody_is_told_of_a_block_against_oneself(
    two_teams: None, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    officer = as_role(Role.PRIVACY_OFFICER)
    me = staff(Role.PRIVACY_OFFICER)
    mine = Conflict.objects.create(staff=me, person_id=AOI, kind="other_party", entered_at=timezone.now())
    page = officer.get("/conflicts/").content.decode()
    assert AOI not in page
    assert officer.post(f"/conflicts/{mine.pk}/end/").status_code == 404
    checked = officer.post("/access-check/", {"staff": me.login, "person": AOI}).content.decode()
    assert "家族や近い同僚" not in checked


def test_a_block_on_a_number_that_nobody_has_is_kept_and_said(
    two_teams: None, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    def told(officer: Client, person: str) -> str:
        given = {"staff": staff().login, "person": person, "kind": "own_family"}
        return officer.post("/conflicts/enter/", given, follow=True).content.decode()

    nobodys = "この番号の人はいません"
    assert as_role(Role.SUPERVISOR).post("/conflicts/enter/", {}).status_code == 403
    officer = as_role(Role.PRIVACY_OFFICER)
    assert nobodys in told(officer, an_id("nobody"))
    assert Conflict.objects.get().person_id == an_id("nobody"), "it holds as soon as somebody has the number"
    assert nobodys not in told(officer, SORA)
    assert nobodys not in told(officer, an_id("例川 さくら")), "an adult of a child's household is known"
    me = staff(Role.PRIVACY_OFFICER)
    Conflict.objects.create(staff=me, person_id=AOI, kind="other_party", entered_at=timezone.now())
    assert nobodys in told(officer, AOI), "a number kept from the officer is answered like nobody's"


def test_a_grant_over_a_block_is_refused_without_its_reason(
    two_teams: None, as_role: Browser, staff: Callable[..., Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    partner, mother = staff(Role.GUIDANCE_CENTRE_SUPERVISOR), an_id("例川 さくら")
    Conflict.objects.create(staff=partner, person_id=mother, kind="other_party", entered_at=timezone.now())
    until = timezone.localdate() + dt.timedelta(days=7)
    form = {"staff": partner.login, "purpose": "protection", "basis": "referral", "until": until.isoformat()}
    answer = as_role(Role.SUPERVISOR).post(f"/children/{AOI}/access/give/", form)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "閲覧の制限があり" in page
    assert str(Conflict.Kind.OTHER_PARTY.label) not in page
    assert mother not in page
    assert not Grant.objects.exists()
    assert [e["object"] for e in entries("refused")] == ["grant"]
    Conflict.objects.update(ended_at=timezone.now())
    assert as_role(Role.SUPERVISOR).post(f"/children/{AOI}/access/give/", form).status_code == 302


def test_a_grant_is_given_by_another_for_a_purpose_until_a_day(
    two_teams: None, as_role: Browser, staff: Callable[..., Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = staff(Role.GUIDANCE_CENTRE_SUPERVISOR)
    client = as_role(Role.GUIDANCE_CENTRE_SUPERVISOR)
    assert client.get(f"/children/{AOI}/").status_code == 404
    supervisor = as_role(Role.SUPERVISOR)
    until = timezone.localdate() + dt.timedelta(days=7)
    form = {"staff": partner.login, "purpose": "protection", "basis": "referral", "until": until.isoformat()}
    url = f"/children/{AOI}/access/give/"
    assert as_role().post(url, form).status_code == 403, "a lead worker does not give access"
    assert supervisor.post(url, {**form, "purpose": "early_support"}).status_code == 409
    assert supervisor.post(url, {**form, "staff": staff(Role.SUPERVISOR).login}).status_code == 409
    assert supervisor.post(url, {**form, "until": "2099-01-01"}).status_code == 422
    assert supervisor.post(url, {**form, "staff": "nobody"}).status_code == 422
    assert supervisor.post(f"/children/{SORA}/access/give/", form).status_code == 404, "a child of another team"
    assert not Grant.objects.exists()
    assert supervisor.post(url, form).status_code == 302
    assert client.get(f"/children/{AOI}/").status_code == 200
    number = Grant.objects.get().pk
    assert supervisor.post(f"/children/{SORA}/access/{number}/end/").status_code == 404
    assert supervisor.post(f"/children/{AOI}/access/{number}/end/").status_code == 302
    assert client.get(f"/children/{AOI}/").status_code == 404
    assert [e["action"] for e in entries("give_access") + entries("end_access")] == ["give_access", "end_access"]


def test_the_database_keeps_the_promises_of_a_grant(desk: None, staff: Callable[..., Staff]) -> None:
    now = timezone.now()
    one, other = staff(), staff(Role.SUPERVISOR)
    whole = {"person_id": AOI, "purpose": "early_support", "starts_at": now, "ends_at": now + dt.timedelta(hours=1)}
    wrong = [
        {"staff": one, "granted_by": one, "basis": "referral"},
        {"staff": one, "granted_by": other, "basis": "emergency", "reason": "x"},
        {"staff": one, "granted_by": one, "basis": "emergency", "reason": ""},
        {"staff": one, "granted_by": other, "basis": "friendship"},
        {"staff": one, "granted_by": other, "basis": "referral", "ends_at": now - dt.timedelta(hours=1)},
        {"staff": one, "granted_by": one, "basis": "emergency", "reason": "x", "review": "justified",
         "reviewed_by": one, "reviewed_at": now},
        {"staff": one, "granted_by": one, "basis": "emergency", "reason": "x", "review": "justified"},
    ]  # fmt: skip
    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Grant.objects.create(**{**whole, **fields})


def test_an_act_and_its_entry_stand_or_fall_together(
    two_teams: None, staff: Callable[..., Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = viewer_of(staff(), "early_support")

    def broken(*_args: object, **_fields: object) -> None:
        raise IntegrityError("the log does not take it")

    monkeypatch.setattr(services, "append", broken)
    with pytest.raises(IntegrityError), transaction.atomic():
        services.take_emergency_access(viewer, SORA, REASON["reason"])
    assert not Grant.objects.exists()
    monkeypatch.setattr(services, "append", audit_services.append)
    services.take_emergency_access(viewer, SORA, REASON["reason"])
    assert Grant.objects.exists()


def test_the_check_of_access_says_what_somebody_can_see_and_why(
    two_teams: None, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    client = as_role(Role.SUPERVISOR)
    assert as_role().get("/access-check/").status_code == 403
    page = client.post("/access-check/", {"staff": staff().login, "person": SORA}).content.decode()
    assert "見られない:担当の範囲外" in page
    assert "見られるこども 1人" in page
    page = client.post("/access-check/", {"staff": staff().login, "person": AOI}).content.decode()
    assert "見られる:自分の班" in page
    assert "例川 あおい" not in page
    assert entries("view")[-1]["persons"] == [AOI]
    assert client.post("/access-check/", {"staff": "nobody"}).status_code == 422


def test_the_check_agrees_with_what_pages_do(two_teams: None, as_role: Browser, staff: Callable[..., Staff]) -> None:
    for role in (Role.LEAD_WORKER, Role.VICE_PRINCIPAL, Role.GUIDANCE_CENTRE_SUPERVISOR, Role.PARTNER):
        client, purpose = as_role(role), PURPOSES[role][0]
        checked = as_role(Role.SUPERVISOR).post("/access-check/", {"staff": staff(role).login}).context["found"]
        reached = next(u.children for u in checked.purposes if u.purpose == purpose)
        answer = client.get("/children/")
        assert reached == answer.context["listed"].total


def test_duties_end(two_teams: None, as_role: Browser, staff: Callable[..., Staff]) -> None:
    worker = as_role()
    assert worker.get(f"/children/{AOI}/").status_code == 200
    staff().duties.update(ends_on=timezone.localdate() - dt.timedelta(days=1), starts_on=dt.date(2026, 1, 1))
    assert worker.get(f"/children/{AOI}/")["Location"] == "/login/", "the session ends with the duty"
    assert as_role().get(f"/children/{AOI}/").status_code == 404, "and a new one does not reach the child"


def test_a_forbid_that_is_taken_out_is_noticed_here(
    two_teams: None, as_role: Browser, staff: Callable[..., Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the block: with the forbid out, one function opens what the other keeps closed."""
    Conflict.objects.create(staff=staff(), person_id=AOI, kind="own_family", entered_at=timezone.now())
    viewer = viewer_of(staff(), "early_support")
    subject = Child.objects.get(pk=AOI).subject()
    assert not decision.decide(viewer, decision.Thing.CHILD, decision.Action.VIEW, subject).allowed
    monkeypatch.setattr(decision, "FORBIDS", {})
    assert decision.decide(viewer, decision.Thing.CHILD, decision.Action.VIEW, subject).allowed


def test_a_child_moves_with_the_school_until_there_is_a_case(intake: Callable[..., object]) -> None:
    def of(school: str) -> ATestPerson:
        return a_child("例田 ソラ", "レイタ ソラ", school=school, household="6")

    Team.objects.create(key="east", name="東", schools=["201"])
    intake(of("102"), name="one")
    assert Child.objects.get().team == "intake"
    intake(of("201"), name="two", on=dt.date(2026, 10, 31))
    assert Child.objects.get().team == "east"
    Child.objects.update(case_state="open")
    intake(of("102"), name="three", on=dt.date(2026, 11, 30))
    assert Child.objects.get().team == "east", "a case stays with its team until people hand it on"

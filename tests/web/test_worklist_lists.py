"""Lists people work from: mine, undecided, due, over; compound filters; kept lists; one act for several children."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from builders import ATestFact, a_child, an_id, many_absences, public_assistance
from tsunagu_web.access.models import INTAKE_TEAM, Team
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Case, Child, Decision
from tsunagu_web.notes.models import NoteVersion
from tsunagu_web.outreach.models import SightConfirmation
from tsunagu_web.steps.services import ChangedMeanwhile
from tsunagu_web.worklist.models import SavedFilter

AOI, SORA, MIO = an_id("例川 あおい"), an_id("例田 ソラ"), an_id("例本 みお")
Browser = Callable[..., Client]


@pytest.fixture
def three(intake: Browser) -> None:
    registered = (ATestFact("council_register", dt.date(2026, 4, 1), "要支援"),)
    intake(
        a_child("例川 あおい", "レイカワ アオイ", reasons=(many_absences(),), facts=registered),
        a_child("例田 ソラ", "レイタ ソラ", household="6", reasons=(public_assistance(),)),
        a_child("例本 みお", "レイモト ミオ", household="7", reasons=(many_absences(),)),
    )


def decide(client: Client, person: str, outcome: str, **more: object) -> None:
    form = {"outcome": outcome, "seen": 0, "form": str(uuid.uuid4()), **more}
    assert client.post(f"/children/{person}/decide/", form).status_code == 302


def shown(client: Client, query: str) -> set[str]:
    return {row.child.pk for row in client.get(f"/children/?{query}").context["rows"]}


def together(*persons: str, **more: object) -> dict[str, object]:
    return {"person": list(persons), "why": "同じ学年の様子を学校と確かめる", "form": str(uuid.uuid4()), **more}


def test_each_list_asks_its_own_question(three: None, as_role: Browser) -> None:
    client, today = as_role(), timezone.localdate()
    decide(client, AOI, "candidate")
    decide(client, SORA, "watch", until=(today + dt.timedelta(days=3)).isoformat())
    assert shown(client, "which=mine") == {AOI}
    assert shown(client, "which=unassigned") == {MIO}
    assert shown(client, "which=watch_due") == {SORA}
    assert shown(client, "which=overdue") == set()
    Child.objects.filter(pk=SORA).update(due_on=today - dt.timedelta(days=1))
    assert shown(client, "which=overdue") == {SORA}
    assert shown(as_role(Role.SUPERVISOR), "which=mine") == set(), "another one's cases are not mine"


def test_what_is_to_be_assessed_again_and_who_was_not_seen(three: None, as_role: Browser) -> None:
    client, today = as_role(), timezone.localdate()
    for person in (AOI, MIO):
        decide(client, person, "candidate")
    Child.objects.filter(pk=MIO).update(reassess_since=today, reassess_by=today + dt.timedelta(days=2))
    assert shown(client, "which=reassess") == {MIO}
    assert shown(client, "which=not_seen") == {AOI, MIO}
    by, now = Staff.objects.first(), timezone.now()
    saw = {"seen_by": "own", "place": "home", "condition": "元気", "injuries": "none", "by": by, "at": now}
    SightConfirmation.objects.create(child_id=AOI, seen_on=today, form=uuid.uuid4(), **saw)
    assert shown(client, "which=not_seen") == {MIO}
    assert client.get("/children/?which=not_seen").context["listed"].page.paginator.count == 1


def test_filters_are_put_together(three: None, as_role: Browser) -> None:
    client = as_role()
    for person in (AOI, MIO):
        decide(client, person, "candidate")
    sign = many_absences().code
    assert shown(client, f"sign={sign}") == {AOI, MIO}
    assert shown(client, f"sign={sign}&council=no") == {MIO}
    assert shown(client, f"sign={sign}&council=no&meeting=none") == {MIO}
    assert shown(client, "meeting=none&state=new") == set()


@pytest.mark.parametrize("role", [Role.VICE_PRINCIPAL, Role.CLASS_TEACHER, Role.COUNSELLOR])
def test_a_school_cannot_narrow_by_what_it_may_not_know(role: str, three: None, as_role: Browser) -> None:
    client = as_role(role)
    everybody = shown(client, "")
    for query in (f"sign={many_absences().code}", "council=no", "meeting=none", "which=unassigned", "state=new"):
        assert shown(client, query) == everybody, query


def test_a_public_health_nurse_does_not_filter_by_the_register(three: None, as_role: Browser) -> None:
    client = as_role(Role.PUBLIC_HEALTH_NURSE)
    assert shown(client, "council=no") == shown(client, "")


def test_a_list_is_kept_for_oneself_or_a_team(three: None, as_role: Browser) -> None:
    client, query = as_role(), {"sign": many_absences().code, "council": "no"}
    assert client.post("/children/lists/", {**query, "name": "欠席で未登録", "team": INTAKE_TEAM}).status_code == 302
    assert client.post("/children/lists/", {"which": "mine", "name": "自分", "team": ""}).status_code == 302
    names = {kept.name for kept in client.get("/children/").context["saved"]}
    assert names == {"欠席で未登録", "自分"}
    others = as_role(Role.SUPERVISOR)
    kept = others.get("/children/").context["saved"]
    assert [one.name for one in kept] == ["欠席で未登録"]
    assert shown(others, kept[0].query) == {MIO}
    others.post(f"/children/lists/{kept[0].pk}/forget/")
    assert SavedFilter.objects.count() == 2, "only the owner removes a list"
    client.post(f"/children/lists/{kept[0].pk}/forget/")
    assert SavedFilter.objects.count() == 1


def test_a_list_of_everybody_or_without_a_name_is_not_kept(three: None, as_role: Browser) -> None:
    client = as_role()
    for wrong in ({"name": "全員"}, {"which": "mine", "name": ""}):
        answer = client.post("/children/lists/", wrong, follow=True)
        assert "名前を付けてください" in answer.content.decode()
    assert SavedFilter.objects.count() == 0


def test_several_are_watched_each_by_a_decision_of_its_own(three: None, as_role: Browser) -> None:
    client = as_role()
    decide(client, AOI, "candidate")
    until = (timezone.localdate() + dt.timedelta(days=30)).isoformat()
    wish = together(AOI, SORA, MIO, until=until)
    answers = [client.post("/children/watch/", wish, follow=True).content.decode() for _ in range(2)]
    assert "2人について記録しました" in answers[0]
    assert "1人はそのまま" in answers[0]
    assert Decision.objects.filter(outcome="watch").count() == 2
    assert Child.objects.get(pk=AOI).state == "candidate"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"why": " "}, "なぜかを一文で"),
        ({"until": "2020-01-01"}, "1年以内"),
        ({"person": []}, "一人以上選んで"),
        ({"person": [f"P{n:016x}" for n in range(26)]}, "25人まで"),
    ],
)
def test_what_is_missing_is_said_and_nothing_done(
    wrong: dict[str, object], words: str, three: None, as_role: Browser
) -> None:
    until = (timezone.localdate() + dt.timedelta(days=30)).isoformat()
    answer = as_role().post("/children/watch/", {**together(SORA, until=until), **wrong}, follow=True)
    assert words in answer.content.decode()
    assert Decision.objects.count() == 0


def test_several_open_cases_are_assigned_with_a_note_of_why(
    three: None, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    for person in (AOI, MIO):
        decide(as_role(), person, "candidate")
    supervisor = as_role(Role.SUPERVISOR)
    lead = staff(Role.SUPERVISOR)
    assert f"{lead.name}（担当0件）" in supervisor.get("/children/").content.decode()
    wish = together(AOI, MIO, SORA, lead=f"{INTAKE_TEAM}:{lead.pk}")
    assert "2人について記録しました" in supervisor.post("/children/assign/", wish, follow=True).content.decode()
    assert set(Case.objects.values_list("lead", flat=True)) == {lead.pk}
    assert NoteVersion.objects.filter(text="同じ学年の様子を学校と確かめる").count() == 2
    assert f"{lead.name}（担当2件）" in supervisor.get("/children/").content.decode()


def test_a_case_somebody_else_changed_is_left_without_a_note(
    three: None, as_role: Browser, staff: Callable[..., Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(as_role(), AOI, "candidate")

    def changed(*_all: object) -> None:
        raise ChangedMeanwhile

    monkeypatch.setattr("tsunagu_web.worklist.bulk.assign_case", changed)
    wish = together(AOI, lead=f"{INTAKE_TEAM}:{staff(Role.SUPERVISOR).pk}")
    assert "1人はそのまま" in as_role(Role.SUPERVISOR).post("/children/assign/", wish, follow=True).content.decode()
    assert NoteVersion.objects.count() == 0


def test_who_may_not_take_several_together(three: None, as_role: Browser) -> None:
    assert as_role().post("/children/assign/", together(AOI)).status_code == 403
    for role in (Role.VICE_PRINCIPAL, Role.SCHOOL_SOCIAL_WORKER, Role.PUBLIC_HEALTH_NURSE):
        assert as_role(role).post("/children/watch/", together(AOI)).status_code == 403, role


def test_a_child_out_of_reach_is_left(three: None, as_role: Browser) -> None:
    Team.objects.create(key="east", name="東")
    Child.objects.filter(pk=SORA).update(team="east")
    until = (timezone.localdate() + dt.timedelta(days=30)).isoformat()
    as_role().post("/children/watch/", together(SORA, MIO, until=until))
    assert list(Decision.objects.values_list("child", flat=True)) == [MIO]

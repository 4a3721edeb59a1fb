"""Conferences: access opens with the meeting and ends with it; minutes stay; what was agreed becomes tasks."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable

import pytest
from counted import counted
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from signed_in import signed_in

from builders import a_child, an_id
from tsunagu_web.access.models import INTAKE_TEAM, Conflict, Grant, Team
from tsunagu_web.access.terms import Purpose, Role, Thing
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.conferences import queries
from tsunagu_web.conferences.models import AgendaItem, Attendee, Conference, Minute
from tsunagu_web.tasks.models import Task

AOI, SORA = an_id("例川 あおい"), an_id("例田 ソラ")
Browser = Callable[..., Client]
People = Callable[..., Staff]


def a_call(*staff: Staff, **more: object) -> dict[str, object]:
    day = timezone.localdate() + dt.timedelta(days=1)
    wish = {"layer": "individual", "team": INTAKE_TEAM, "day": day.isoformat(), "begins": "14:00", "ends": "16:00"}
    return {**wish, "place": "", "staff": [one.pk for one in staff], "form": str(uuid.uuid4()), **more}


def a_step(step: str, seen: int, reason: str = "") -> dict[str, object]:
    return {"step": step, "seen": seen, "reason": reason, "form": str(uuid.uuid4())}


def minutes(seen: int = 0, **more: object) -> dict[str, object]:
    return {"agreed": "学校が毎日の様子を見る", "seen": seen, "form": str(uuid.uuid4()), **more}


@pytest.fixture
def teacher(staff: People) -> Staff:
    """Of another school than the children: without the conference these are out of reach."""
    return staff(Role.VICE_PRINCIPAL, school="201")


@pytest.fixture
def meeting(intake: Browser, as_role: Browser, teacher: Staff) -> Conference:
    intake(a_child(), a_child("例田 ソラ", "レイタ ソラ", household="6"))
    as_role().post(f"/children/{AOI}/decide/", {"outcome": "candidate", "seen": 0, "form": str(uuid.uuid4())})
    assert as_role().post("/conferences/call/", a_call(teacher)).status_code == 302
    return Conference.objects.get()


def page(meeting: Conference) -> str:
    return f"/conferences/{meeting.pk}/"


def hold(meeting: Conference, client: Client) -> AgendaItem:
    assert client.post(f"{page(meeting)}agenda/", {"person": AOI, "why": "new_case"}).status_code == 302
    assert client.post(f"{page(meeting)}step/", a_step("hold", 1)).status_code == 302
    return AgendaItem.objects.get()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ANALYST, Role.DATA_HOLDER, Role.PRIVACY_OFFICER])
def test_who_may_not(role: str, meeting: Conference, as_role: Browser) -> None:
    client = as_role(role)
    assert [client.get(path).status_code for path in ("/conferences/", page(meeting), "/ledger/")] == [403] * 3
    assert client.post("/conferences/call/", a_call()).status_code == 403


@pytest.mark.parametrize("role", [Role.VICE_PRINCIPAL, Role.SCHOOL_SOCIAL_WORKER, Role.PARTNER])
def test_who_attends_does_not_lead(role: str, meeting: Conference, as_role: Browser) -> None:
    client = as_role(role)
    for path in ("call/", f"{meeting.pk}/agenda/", f"{meeting.pk}/step/"):
        assert client.post(f"/conferences/{path}", a_call()).status_code == 403, path


def test_a_conference_of_others_is_not_there(meeting: Conference, as_role: Browser) -> None:
    assert as_role(Role.CLASS_TEACHER).get(page(meeting)).status_code == 404
    Team.objects.create(key="east", name="東")
    Conference.objects.filter(pk=meeting.pk).update(team="east")
    assert as_role(Role.SUPERVISOR).get(page(meeting)).status_code == 404


def test_it_is_called_once(meeting: Conference, as_role: Browser, staff: People, teacher: Staff) -> None:
    wish, client = a_call(teacher, place="会議室"), as_role()
    assert [client.post("/conferences/call/", wish).status_code for _ in range(2)] == [302, 302]
    assert Conference.objects.count() == 2
    assert {one.staff for one in meeting.attendees.all()} == {staff(), teacher}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"day": "2020-01-01"}, "今日以後の日"),
        ({"ends": "13:00"}, "終わりは始まりより後"),
        ({"team": "elsewhere"}, "選択してください"),
    ],
)
def test_what_cannot_be_is_said(wrong: dict[str, str], words: str, meeting: Conference, as_role: Browser) -> None:
    answer = as_role().post("/conferences/call/", a_call(**wrong))
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_who_can_be_asked_stands_by_office_and_stays_chosen(
    meeting: Conference, as_role: Browser, teacher: Staff
) -> None:
    Staff.objects.filter(pk=teacher.pk).update(department="第一中学校")
    client, lead = as_role(), Staff.objects.get(role=Role.LEAD_WORKER)
    fresh = client.get("/conferences/").context["form"].offices()
    assert [(office, len(boxes), chosen) for office, boxes, chosen in fresh] == [
        ("こども家庭センター", 1, 0),
        ("第一中学校", 1, 0),
    ]
    answer = client.post("/conferences/call/", a_call(teacher, day=""))
    assert [chosen for _office, _boxes, chosen in answer.context["form"].offices()] == [0, 1]
    page = answer.content.decode()
    assert "multiple" not in page
    ticked = re.findall(r'<input type="checkbox" name="staff" value="(\d+)"[^>]* checked>', page)
    assert ticked == [str(teacher.pk)]
    assert client.post("/conferences/call/", a_call(teacher, lead)).status_code == 302


def test_access_opens_with_the_conference_and_ends_with_it(
    meeting: Conference, as_role: Browser, teacher: Staff
) -> None:
    lead = as_role()
    attending = as_role(Role.VICE_PRINCIPAL, school="201")
    assert attending.get(f"/children/{AOI}/").status_code == 404
    item = hold(meeting, lead)
    grant = Grant.objects.get()
    meeting.refresh_from_db()
    assert (grant.staff, grant.person_id, grant.basis, grant.purpose) == (teacher, AOI, "conference", "school_watch")
    assert grant.ends_at == meeting.ends_at
    assert attending.get(f"/children/{AOI}/").status_code == 200
    shown = attending.get(page(meeting)).content.decode()
    assert "例川" in shown
    assert attending.get(f"{page(meeting)}items/{item.pk}/").status_code == 200
    assert attending.get(f"/children/{SORA}/").status_code == 404, "who is not on the agenda stays closed"
    assert lead.post(f"{page(meeting)}step/", a_step("record", 2)).status_code == 302
    assert attending.get(f"/children/{AOI}/").status_code == 404
    after = attending.get(page(meeting)).content.decode()
    assert "例川" not in after
    assert "権限により非表示" in after
    assert attending.get(f"{page(meeting)}items/{item.pk}/").status_code == 404


def test_a_lead_worker_of_another_team_sees_whom_it_is_about(
    meeting: Conference, as_role: Browser, staff: People
) -> None:
    Team.objects.create(key="east", name="東部")
    colleague = staff(login="worker-east")
    colleague.duties.all().delete()
    colleague.duties.create(kind="team", key="east", starts_on=timezone.localdate())
    Attendee.objects.create(conference=meeting, staff=colleague)
    hold(meeting, as_role())
    grant = Grant.objects.get(staff=colleague)
    assert (grant.person_id, grant.purpose) == (AOI, Purpose.CASE_SUPPORT)
    attending = signed_in(colleague, Purpose.CASE_SUPPORT)
    assert attending.get(page(meeting)).status_code == 200
    assert attending.get(f"/children/{AOI}/").status_code == 200


def test_access_ends_at_its_hour_if_nobody_ends_the_conference(meeting: Conference, as_role: Browser) -> None:
    hold(meeting, as_role())
    Grant.objects.update(ends_at=timezone.now(), starts_at=timezone.now() - dt.timedelta(hours=1))
    assert as_role(Role.VICE_PRINCIPAL, school="201").get(f"/children/{AOI}/").status_code == 404


def test_somebody_blocked_gets_no_access_and_it_is_said_without_a_why(
    meeting: Conference, as_role: Browser, teacher: Staff
) -> None:
    Conflict.objects.create(staff=teacher, person_id=AOI, kind="other_party", entered_at=timezone.now())
    lead = as_role()
    lead.post(f"{page(meeting)}agenda/", {"person": AOI, "why": "new_case"})
    answer = lead.post(f"{page(meeting)}step/", a_step("hold", 1), follow=True)
    assert "許可を出せません" in answer.content.decode()
    assert Grant.objects.count() == 0


def test_a_child_put_on_during_the_conference_is_opened_then(meeting: Conference, as_role: Browser) -> None:
    lead = as_role()
    hold(meeting, lead)
    assert lead.post(f"{page(meeting)}agenda/", {"person": SORA, "why": "put_on_by_hand"}).status_code == 302
    assert as_role(Role.VICE_PRINCIPAL, school="201").get(f"/children/{SORA}/").status_code == 200


def test_a_child_out_of_reach_is_not_put_on(meeting: Conference, as_role: Browser) -> None:
    Team.objects.create(key="east", name="東")
    Child.objects.filter(pk=SORA).update(team="east")
    assert as_role().post(f"{page(meeting)}agenda/", {"person": SORA, "why": "new_case"}).status_code == 422
    assert AgendaItem.objects.count() == 0


def test_the_agenda_is_suggested_with_its_reason(meeting: Conference, as_role: Browser) -> None:
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    watch = {"outcome": "watch", "until": tomorrow.isoformat(), "seen": 0, "form": str(uuid.uuid4())}
    assert as_role().post(f"/children/{SORA}/decide/", watch).status_code == 302
    found = as_role().get(page(meeting)).context["suggested"]
    assert [(one.child.pk, one.why) for one, *_beside in found] == [(SORA, "watch_due"), (AOI, "new_case")]
    hold(meeting, as_role())
    assert [one.child.pk for one, *_beside in as_role().get(page(meeting)).context["suggested"]] == [SORA]


def test_two_children_of_one_name_are_told_apart(
    meeting: Conference, intake: Browser, as_role: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the agenda as among those it might take, in as many statements as before: at most twelve."""
    namesakes = [
        a_child(person_id=an_id(n), grade=grade, school_name=school)
        for n, grade, school in ((1, 2, "東小学校"), (2, 8, "西中学校"))
    ]
    intake(*namesakes, name="later")
    for one in Child.objects.exclude(pk__in=(AOI, SORA)):
        as_role().post(f"/children/{one.pk}/decide/", {"outcome": "candidate", "seen": 0, "form": str(uuid.uuid4())})
    lead = as_role()
    with CaptureQueriesContext(connection) as asked:
        before = lead.get(page(meeting)).content.decode()
    assert len(counted(asked)) <= 12
    one = Child.objects.get(person__school_name="東小学校")
    lead.post(f"{page(meeting)}agenda/", {"person": one.pk, "why": "new_case"})
    for text in (before, lead.get(page(meeting)).content.decode()):
        assert re.search(r"小2</span><span>東小学校", text)
        assert re.search(r"中2</span><span>西中学校", text)
    # Each part is shown to whom the list of children shows it.
    monkeypatch.setattr(queries, "may", lambda viewer, thing, *rest, **more: thing is not Thing.CHILD)
    hidden = lead.get(page(meeting)).content.decode()
    assert "東小学校" not in hidden
    assert "権限により非表示" in hidden


def test_minutes_make_tasks_once_and_the_former_version_stays(
    meeting: Conference, as_role: Browser, teacher: Staff
) -> None:
    lead = as_role()
    item = hold(meeting, lead)
    due = (timezone.localdate() + dt.timedelta(days=7)).isoformat()
    write = f"{page(meeting)}items/{item.pk}/write/"
    form = minutes(what_0="担任と話す", owner_0=teacher.pk, due_on_0=due, next_on=due)
    assert [lead.post(write, form).status_code for _ in range(2)] == [302, 302]
    task = Task.objects.get()
    assert (task.owner, task.origin, task.number) == (teacher, "of_a_conference", meeting.pk)
    assert lead.post(write, minutes(1, agreed="センターが訪問する")).status_code == 302
    assert list(Minute.objects.order_by("number").values_list("agreed", flat=True)) == [
        "学校が毎日の様子を見る",
        "センターが訪問する",
    ]
    body = Event.objects.filter(action="write_minutes").first()
    assert body is not None
    assert "学校" not in body.body
    assert json.loads(body.body)["persons"] == [AOI]
    with pytest.raises(DatabaseError), transaction.atomic():
        Minute.objects.update(agreed="x")


def test_a_task_without_who_or_when_is_not_taken(meeting: Conference, as_role: Browser) -> None:
    lead = as_role()
    item = hold(meeting, lead)
    answer = lead.post(f"{page(meeting)}items/{item.pk}/write/", minutes(what_0="担任と話す"))
    assert answer.status_code == 422
    assert "三つが要ります" in answer.content.decode()
    assert (Minute.objects.count(), Task.objects.count()) == (0, 0)


def test_who_was_slower_keeps_the_words(meeting: Conference, as_role: Browser) -> None:
    lead = as_role()
    item = hold(meeting, lead)
    write = f"{page(meeting)}items/{item.pk}/write/"
    assert as_role(Role.SUPERVISOR).post(write, minutes(agreed="先の記録")).status_code == 302
    late = lead.post(write, minutes(agreed="後の記録"))
    text = late.content.decode()
    assert late.status_code == 409
    assert "先の記録" in text
    assert "後の記録" in text


def test_no_minutes_before_it_is_held(meeting: Conference, as_role: Browser) -> None:
    lead = as_role()
    lead.post(f"{page(meeting)}agenda/", {"person": AOI, "why": "new_case"})
    item = AgendaItem.objects.get()
    assert lead.get(f"{page(meeting)}items/{item.pk}/").context["form"] is None
    assert lead.post(f"{page(meeting)}items/{item.pk}/write/", minutes()).status_code == 409


def test_cancelling_needs_a_reason(meeting: Conference, as_role: Browser) -> None:
    lead = as_role()
    assert lead.post(f"{page(meeting)}step/", a_step("cancel", 1)).status_code == 409
    assert lead.post(f"{page(meeting)}step/", a_step("cancel", 1, "台風のため")).status_code == 302
    assert lead.post(f"{page(meeting)}agenda/", {"person": AOI, "why": "new_case"}).status_code == 409


def test_the_ledger_is_made_from_what_is_recorded(meeting: Conference, as_role: Browser, teacher: Staff) -> None:
    lead = as_role(Role.LEAD_WORKER, purpose=Purpose.CASE_SUPPORT)
    assert [line.case.child_id for line in lead.get("/ledger/").context["lines"]] == [AOI]
    item = hold(meeting, lead)
    due = timezone.localdate() + dt.timedelta(days=7)
    form = minutes(what_0="担任と話す", owner_0=teacher.pk, due_on_0=due.isoformat(), next_on=due.isoformat())
    assert lead.post(f"{page(meeting)}items/{item.pk}/write/", form).status_code == 302
    line = lead.get("/ledger/").context["lines"][0]
    meeting.refresh_from_db()
    assert (line.spoken_on, line.next_on, line.tasks, line.due_on) == (meeting.starts_at, due, 1, due)
    Case.objects.update(team="east")
    Child.objects.filter(pk=AOI).update(team="east")
    assert lead.get("/ledger/").context["lines"] == []


def test_a_child_shows_its_conferences(meeting: Conference, as_role: Browser) -> None:
    lead = as_role()
    listed = lead.get(f"/children/{AOI}/conferences/")
    assert [one.pk for one in listed.context["planned"]] == [meeting.pk]
    hold(meeting, lead)
    assert [one.conference for one in lead.get(f"/children/{AOI}/conferences/").context["items"]] == [meeting]

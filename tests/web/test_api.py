"""The API does what the pages do: the same steps, the same rules, the same refusals, said as a program reads them."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from builders import a_child, an_id
from tsunagu_web.access.models import Team
from tsunagu_web.access.terms import Purpose, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Case
from tsunagu_web.people.models import Person as Known
from tsunagu_web.referrals.models import Referral, ReferralContent
from tsunagu_web.steps.models import Step
from tsunagu_web.tasks.models import Task
from two_worlds import undone

AOI, SORA = an_id("例川 あおい"), an_id("例田 ソラ")
API = f"/api/v1/children/{AOI}/"
Browser = Callable[..., Client]
Person = Callable[..., Staff]


@pytest.fixture
def lead(intake: Callable[..., object], as_role: Browser) -> Client:
    """A lead worker of the intake team; Aoi has an open case of it, Sora is of another team."""
    Team.objects.create(key="east", name="東", schools=["201"])
    intake(a_child(), a_child("例田 ソラ", "レイタ ソラ", school="201", household="6"))
    decision = {"outcome": "candidate", "seen": 0, "form": a_mark()}
    assert as_role().post(f"/children/{AOI}/decide/", decision).status_code == 302
    return as_role(Role.LEAD_WORKER, purpose=Purpose.CASE_SUPPORT)


def a_mark() -> str:
    return str(uuid.uuid4())


def sent(client: Client, path: str, **given: object) -> HttpResponse:
    return client.post(path, given, "application/json")  # type: ignore[return-value]  # the client's own kind of answer


def a_task(owner: Staff, **more: object) -> dict[str, object]:
    due = timezone.localdate() + dt.timedelta(days=7)
    return {"what": "学校に電話する", "owner": owner.pk, "due_on": due.isoformat(), "form": a_mark()} | more


def a_referral(to: Staff, **more: object) -> dict[str, Any]:
    today = timezone.localdate()
    days = {n: (today + dt.timedelta(days=d)).isoformat() for n, d in (("reply_until", 14), ("open_until", 60))}
    said = {"asked": "放課後に過ごせる場所を探してほしい", "purpose": "居場所の支援", "basis": "within_purpose"}
    return {"to": to.pk, "fields": ["name", "age"], "form": a_mark(), **said, **days, **more}


def steps() -> list[tuple[object, ...]]:
    """Every step so far, but for whom and when."""
    kept = ("machine", "number", "move", "source", "target", "reason", "by_id")
    return list(Step.objects.order_by("machine", "subject", "number").values_list(*kept))


# Who may not


def test_a_child_out_of_reach_and_none_are_answered_alike_whatever_is_sent(lead: Client, staff: Person) -> None:
    answers = [
        sent(lead, f"/api/v1/children/{person}/tasks/add/", **given)
        for person in (SORA, "P0000000000000000")
        for given in (a_task(staff()), {"nonsense": 1})
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert Task.objects.count() == 0


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ANALYST, Role.CLASS_TEACHER])
def test_who_may_not_set_a_task_is_refused_and_it_is_written_down(
    role: str, lead: Client, as_role: Browser, staff: Person
) -> None:
    answer = sent(as_role(role), f"{API}tasks/add/", **a_task(staff()))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_within_your_duty")
    assert Event.objects.filter(action="refused").count() == 1
    assert Task.objects.count() == 0


def test_nothing_is_written_without_the_protection_mark(lead: Client, staff: Person) -> None:
    lead.handler.enforce_csrf_checks = True
    answer = sent(lead, f"{API}tasks/add/", **a_task(staff()))
    assert (answer.status_code, answer.json()["code"]) == (403, "no_protection_mark")
    mark = lead.get("/api/v1/me/").json()["csrf_token"]
    taken = lead.post(f"{API}tasks/add/", a_task(staff()), "application/json", headers={"X-CSRFToken": mark})
    assert taken.status_code == 200
    assert Task.objects.count() == 1


@pytest.mark.parametrize("path", ["me/", "openapi.json", "tasks/", "cases/"])
def test_the_description_and_everything_else_is_for_who_is_signed_in(path: str, desk: None) -> None:
    answer = Client().get(f"/api/v1/{path}")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


# The same steps as the page


def test_page_and_program_leave_the_same_steps_of_a_task(lead: Client, staff: Person) -> None:
    for add, step in (
        (lambda wish: lead.post(f"/children/{AOI}/tasks/add/", wish), f"/children/{AOI}/tasks/%d/step/"),
        (lambda wish: sent(lead, f"{API}tasks/add/", **wish), f"{API}tasks/%d/step/"),
    ):
        is_program = step.startswith("/api/")
        assert add(a_task(staff())).status_code in (200, 302)
        task = Task.objects.latest("pk")
        for seen, name, reason in ((1, "finish", ""), (2, "take_up_again", "電話がつながらなかった")):
            given = {"step": name, "seen": seen, "reason": reason, "form": a_mark()}
            answer = sent(lead, step % task.pk, **given) if is_program else lead.post(step % task.pk, given)
            assert answer.status_code == (200 if is_program else 302)
    of_tasks = [one for one in steps() if one[0] == "task"]
    assert len(of_tasks) == 6
    assert of_tasks[:3] == of_tasks[3:]
    by_page, by_program = Task.objects.order_by("pk")
    same = ("child_id", "what", "owner_id", "due_on", "origin", "state", "revision")
    assert [getattr(by_page, name) for name in same] == [getattr(by_program, name) for name in same]


def test_page_and_program_leave_the_same_steps_of_a_case(lead: Client) -> None:
    before, taken = Case.objects.get(), []
    assert "propose_closing" in [one["step"] for one in lead.get(f"{API}case/").json()["next"]]
    for is_program in (False, True):
        given = {"step": "propose_closing", "reason": "転居した", "seen": before.revision, "form": a_mark()}
        with undone():
            path = f"{API}case/step/" if is_program else f"/children/{AOI}/case/step/"
            answer = sent(lead, path, **given) if is_program else lead.post(path, given)
            assert answer.status_code == (200 if is_program else 302)
            taken.append([one for one in steps() if one[0] == "case"])
    assert taken[0] == taken[1]
    assert taken[0][-1][2] == "propose_closing"


def test_a_repeated_request_gives_the_first_result_and_a_late_one_what_stands(lead: Client, staff: Person) -> None:
    assert sent(lead, f"{API}tasks/add/", **(wish := a_task(staff()))).json() == (
        sent(lead, f"{API}tasks/add/", **wish).json()
    )
    path = f"{API}tasks/{Task.objects.get().pk}/step/"
    done = {"step": "finish", "seen": 1, "form": a_mark()}
    first = sent(lead, path, **done)
    assert first.json() == {"number": Task.objects.get().pk, "state": "done", "revision": 2}
    sent(lead, path, step="take_up_again", reason="電話がつながらなかった", seen=2, form=a_mark())
    assert sent(lead, path, **done).json() == first.json(), "the work has gone on; the act is the same"
    late = sent(lead, path, step="drop", reason="不要", seen=1, form=a_mark())
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
    assert late.json()["now"] == {"state": "open", "revision": 3}
    assert Step.objects.filter(machine="task").count() == 3


def test_a_step_that_is_not_there_is_refused_with_where_the_work_stands(lead: Client, staff: Person) -> None:
    number = sent(lead, f"{API}tasks/add/", **a_task(staff())).json()["number"]
    answer = sent(lead, f"{API}tasks/{number}/step/", step="take_up_again", reason="もう一度", seen=1, form=a_mark())
    assert (answer.status_code, answer.json()["code"]) == (409, "not_now")
    assert answer.json()["now"] == {"state": "open", "revision": 1}
    silent = sent(lead, f"{API}tasks/{number}/step/", step="drop", seen=1, form=a_mark())
    assert silent.status_code == 422
    assert [one["field"] for one in silent.json()["errors"]] == ["reason"]


def test_a_mark_acts_once_whatever_it_is_sent_with(lead: Client, as_role: Browser, staff: Person) -> None:
    mark = a_mark()
    one, other = (sent(lead, f"{API}tasks/add/", **a_task(staff())).json()["number"] for _ in range(2))
    assert sent(lead, f"{API}tasks/{one}/step/", step="finish", seen=1, form=mark).status_code == 200
    again = sent(lead, f"{API}tasks/{other}/step/", step="finish", seen=1, form=mark)
    assert (again.status_code, again.json()["code"]) == (422, "form_used")
    east = staff(login="east-lead")
    east.duties.update(key="east")
    by_another = as_role(login="east-lead")
    task = a_task(east, form=str(Task.objects.get(pk=one).form))
    foreign = sent(by_another, f"/api/v1/children/{SORA}/tasks/add/", **task)
    assert (foreign.status_code, foreign.json()["code"]) == (422, "form_used")


# What is wrong is said without what was given


def test_no_problem_repeats_what_was_given(lead: Client, staff: Person) -> None:
    secret = "例川 ひみつ"
    for given in (
        a_task(staff(), due_on=secret),
        a_task(staff(), form=secret),
        {**a_task(staff()), secret: secret},
        a_task(staff(), what=f"{secret}\u0000"),
        {"step": secret},
    ):
        answer = sent(lead, f"{API}tasks/add/", **given)
        assert answer.status_code in (400, 422)
        assert answer["Content-Type"] == "application/problem+json"
        assert secret not in json.dumps(answer.json(), ensure_ascii=False)
    chosen = sent(lead, f"{API}case/step/", step=secret[:20], reason="理由", seen=1, form=a_mark())
    assert chosen.status_code == 422
    assert "ひみつ" not in json.dumps(chosen.json(), ensure_ascii=False)


def test_problems_are_said_in_the_language_of_the_desk(lead: Client, staff: Person) -> None:
    yesterday = (timezone.localdate() - dt.timedelta(days=1)).isoformat()
    said = {}
    for language in ("ja", "en"):
        lead.cookies["django_language"] = language
        answer = sent(lead, f"{API}tasks/add/", **a_task(staff(), due_on=yesterday))
        said[language] = answer.json()["errors"][0]["sentence"]
        assert answer.json()["errors"][0]["field"] == "due_on"
    assert said["en"] == "The day must be today or later, and within a year."
    assert said["ja"] != said["en"]


# Cases


def test_a_case_shows_its_steps_and_what_can_be_done_next(lead: Client, as_role: Browser) -> None:
    found = lead.get(f"{API}case/").json()
    assert (found["person"]["name"], found["case"]["stage"]) == ("例川 あおい", "opened")
    assert [step["step"] for step in found["steps"]] == ["open_case"]
    assert found["teams"] == [], "a lead worker does not assign"
    supervisor = as_role(Role.SUPERVISOR, purpose=Purpose.CASE_SUPPORT)
    assert {team["key"] for team in supervisor.get(f"{API}case/").json()["teams"]} >= {"east"}
    listed = lead.get("/api/v1/cases/?whose=mine").json()
    assert [one["person"]["person_id"] for one in listed["cases"]] == [AOI]


def test_a_case_is_given_to_another_lead_and_repeated_it_is_late(lead: Client, as_role: Browser, staff: Person) -> None:
    supervisor, other = as_role(Role.SUPERVISOR, purpose=Purpose.CASE_SUPPORT), staff(login="second-lead")
    case = Case.objects.get()
    wish = {"team": case.team, "lead": other.pk, "kind": "support", "seen": case.revision}
    assert sent(lead, f"{API}case/assign/", **wish).status_code == 403
    assert sent(supervisor, f"{API}case/assign/", **wish).status_code == 200
    assert Case.objects.get().lead == other
    late = sent(supervisor, f"{API}case/assign/", **wish)
    assert (late.status_code, late.json()["now"]["revision"]) == (409, case.revision + 1)


# Referrals


def test_nothing_leaves_that_was_not_read_before(lead: Client, as_role: Browser, staff: Person) -> None:
    to = staff(Role.PUBLIC_HEALTH_NURSE)
    made = sent(lead, f"{API}referrals/new/", **a_referral(to)).json()
    assert made == {"number": 1, "state": "draft", "revision": 1}, "a receipt has no print"
    path = f"{API}referrals/1/"
    unseen = sent(lead, f"{path}send/", print="0" * 64, seen=1, form=a_mark())
    assert (unseen.status_code, unseen.json()["code"]) == (409, "other_content")
    looked = lead.get(path).json()
    assert "例川 あおい" in " ".join(line["value"] for line in looked["lines"])
    Known.objects.filter(pk=AOI).update(name="例川 葵")
    changed = sent(lead, f"{path}send/", print=looked["print"], seen=1, form=a_mark())
    assert (changed.status_code, changed.json()["code"]) == (409, "other_content")
    assert Referral.objects.get().state == "draft"
    again = lead.get(path).json()
    taken = sent(lead, f"{path}send/", print=again["print"], seen=1, form=(mark := a_mark()))
    assert taken.json() == {"number": 1, "state": "sent", "revision": 2}
    assert sent(lead, f"{path}send/", print=again["print"], seen=1, form=mark).json() == taken.json()
    read = as_role(Role.PUBLIC_HEALTH_NURSE).get(f"/api/v1/referrals/{Referral.objects.get().pk}/").json()
    kept = [line | {"field": ""} for line in ReferralContent.objects.latest("number").lines]
    assert [line | {"field": ""} for line in read["lines"]] == [
        {name: line[name] for name in ("label", "value", "source", "as_of", "field")} for line in kept
    ]


def test_who_is_asked_accepts_writes_back_and_has_the_child_opened(
    lead: Client, as_role: Browser, staff: Person
) -> None:
    sent(lead, f"{API}referrals/new/", **a_referral(staff(Role.PUBLIC_HEALTH_NURSE)))
    mark = lead.get(f"{API}referrals/1/").json()["print"]
    sent(lead, f"{API}referrals/1/send/", print=mark, seen=1, form=a_mark())
    nurse, path = as_role(Role.PUBLIC_HEALTH_NURSE), f"/api/v1/referrals/{Referral.objects.get().pk}/"
    listed = nurse.get("/api/v1/referrals/")
    assert [one["state"] for one in listed.json()["referrals"]] == ["sent"]
    assert "例川" not in listed.content.decode()
    assert AOI not in listed.content.decode()
    assert nurse.get(path).json()["person_id"] is None
    assert sent(nurse, f"{path}reply/", text="面談します", form=a_mark()).json()["number"] == 1
    accepted = sent(nurse, f"{path}step/", step="accept", seen=2, form=a_mark())
    assert accepted.json() == {"number": Referral.objects.get().pk, "state": "accepted", "revision": 3}
    assert nurse.get(path).json()["person_id"] == AOI
    told = lead.get(f"{API}referrals/1/").json()
    assert [one["text"] for one in told["replies"]] == ["面談します"]
    assert as_role(Role.SCHOOL_SOCIAL_WORKER).get(path).status_code == 404, "sent to somebody else"


def test_what_does_not_go_to_the_recipients_role_is_not_accepted(lead: Client, staff: Person) -> None:
    answer = sent(
        lead,
        f"{API}referrals/new/",
        **a_referral(staff(Role.SCHOOL_SOCIAL_WORKER), basis="internal", basis_note="庁内"),
    )
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == ["basis"]
    assert Referral.objects.count() == 0


# Every address


def test_no_answer_asks_the_database_more_often_for_more_rows(
    lead: Client, staff: Person, as_in_production: None
) -> None:
    """As in production nothing is open before a request: what the tests hold open, a request would first shut."""
    paths = (
        "/api/v1/children/",
        "/api/v1/cases/",
        "/api/v1/tasks/",
        API,
        f"{API}case/",
        f"{API}tasks/",
        f"{API}referrals/1/",
        f"/children/{AOI}/referrals/1/",
    )
    made = sent(lead, f"{API}referrals/new/", **a_referral(staff(Role.PUBLIC_HEALTH_NURSE)))
    assert made.status_code == 200
    for path in paths:
        counts = []
        for _ in range(2):
            sent(lead, f"{API}tasks/add/", **a_task(staff()))
            with CaptureQueriesContext(connection) as asked:
                assert lead.get(path).status_code == 200
            counts.append(len([q for q in asked.captured_queries if "SAVEPOINT" not in q["sql"]]))
        assert counts[0] == counts[1], path
        assert counts[0] <= 12, (path, counts)


def test_what_cannot_be_recorded_is_said_as_a_problem(lead: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_: object) -> None:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr("tsunagu_web.audit.looks.append_now", fails)
    answer = lead.get("/api/v1/tasks/")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_recorded")
    assert "disk" not in answer.content.decode()


def test_every_operation_has_one_method_and_is_described() -> None:
    from tsunagu_web.api.description import described
    from tsunagu_web.api.urls import urlpatterns

    paths = described()["paths"]
    assert len(paths) == len(urlpatterns) - 1, "all but the description itself"
    assert {len(methods) for methods in paths.values()} == {1}
    ids = [operation["operationId"] for methods in paths.values() for operation in methods.values()]
    assert len(set(ids)) == len(ids)


def test_a_hidden_part_is_missing_and_named(lead: Client, as_role: Browser) -> None:
    found = as_role(Role.VICE_PRINCIPAL).get("/api/v1/children/").json()["children"]
    assert found
    for row in found:
        hidden = {part["field"]: part for part in row["hidden"]}
        assert "state" not in row
        assert hidden["decision"] == {"field": "decision", "code": "not_shown", "sentence": "権限により非表示"}

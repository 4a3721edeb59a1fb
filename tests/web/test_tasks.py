"""Tasks: set once, seen by whom they concern, finished by a step, overdue ones first."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from builders import a_child, an_id
from tsunagu_web.access.models import Team
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Child
from tsunagu_web.steps.models import Step
from tsunagu_web.tasks.models import Task

AOI, SORA = an_id("例川 あおい"), an_id("例田 ソラ")
PAGE = f"/children/{AOI}/tasks/"
Browser = Callable[..., Client]


def a_wish(owner: Staff, what: str = "学校に電話する", days: int = 7) -> dict[str, object]:
    due = timezone.localdate() + dt.timedelta(days=days)
    return {"what": what, "owner": owner.pk, "due_on": due.isoformat(), "form": str(uuid.uuid4())}


def a_step(step: str, seen: int, reason: str = "") -> dict[str, object]:
    return {"step": step, "seen": seen, "reason": reason, "form": str(uuid.uuid4())}


@pytest.mark.parametrize("role", [Role.VICE_PRINCIPAL, Role.AUDITOR, Role.PARTNER, Role.ANALYST])
def test_who_may_not(role: str, intake: Browser, as_role: Browser, staff: Callable[..., Staff]) -> None:
    intake(a_child())
    client = as_role(role)
    assert [client.get(path).status_code for path in (PAGE, "/tasks/")] == [403, 403]
    assert client.post(f"{PAGE}add/", a_wish(staff())).status_code == 403
    assert Task.objects.count() == 0


def test_a_task_is_set_once_and_is_in_the_log(intake: Browser, as_role: Browser, staff: Callable[..., Staff]) -> None:
    intake(a_child())
    wish, client = a_wish(staff()), as_role()
    assert [client.post(f"{PAGE}add/", wish).status_code for _ in range(2)] == [302, 302]
    task = Task.objects.get()
    assert (task.state, task.origin, task.owner) == ("open", "by_hand", staff())
    assert Step.objects.filter(machine="task").count() == 1
    assert "電話" not in Event.objects.get(action="set").body
    assert [t.pk for t, _who in client.get("/tasks/").context["lines"]] == [task.pk]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"what": " "}, "何をするのかを書いてください"),
        ({"due_on": "2020-01-01"}, "今日から1年以内の日"),
        ({"owner": 0}, "選択してください"),
    ],
)
def test_what_is_missing_is_said(
    wrong: dict[str, object], words: str, intake: Browser, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    intake(a_child())
    answer = as_role().post(f"{PAGE}add/", {**a_wish(staff()), **wrong})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Task.objects.count() == 0


def test_finished_taken_up_again_and_dropped_with_a_reason(
    intake: Browser, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    intake(a_child())
    client = as_role()
    client.post(f"{PAGE}add/", a_wish(staff()))
    step = f"{PAGE}{Task.objects.get().pk}/step/"
    assert client.post(step, a_step("finish", 1)).status_code == 302
    assert client.post(step, a_step("take_up_again", 2, "返事がまだ来ない")).status_code == 302
    without = client.post(step, a_step("drop", 3))
    assert without.status_code == 422
    assert "なぜかを一文で書いてください" in without.content.decode()
    assert client.post(step, a_step("drop", 3, "転居した")).status_code == 302
    assert Task.objects.get().state == "dropped"


def test_a_slower_colleague_is_told(intake: Browser, as_role: Browser, staff: Callable[..., Staff]) -> None:
    intake(a_child())
    as_role().post(f"{PAGE}add/", a_wish(staff()))
    step = f"{PAGE}{Task.objects.get().pk}/step/"
    as_role(Role.SUPERVISOR).post(step, a_step("finish", 1))
    late = as_role().post(step, a_step("drop", 1, "もう要らない"))
    assert late.status_code == 409
    assert "もう要らない" in late.content.decode()
    assert Task.objects.get().state == "done"


def test_lists_hold_mine_those_in_reach_and_the_overdue_ones(
    intake: Browser, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    intake(a_child(), a_child("例田 ソラ", "レイタ ソラ", household="6"))
    lead, other = staff(), staff(Role.SUPERVISOR)
    as_role().post(f"{PAGE}add/", a_wish(lead, "電話"))
    as_role().post(f"/children/{SORA}/tasks/add/", a_wish(other, "訪問", days=3))
    Task.objects.filter(what="訪問").update(due_on=timezone.localdate() - dt.timedelta(days=2))

    def shown(whose: str, client: Client) -> list[str]:
        return [task.what for task, _who in client.get(f"/tasks/?whose={whose}").context["lines"]]

    client = as_role()
    assert (shown("mine", client), shown("team", client), shown("overdue", client)) == (
        ["電話"],
        ["訪問", "電話"],
        ["訪問"],
    )
    Team.objects.create(key="east", name="東")
    Child.objects.filter(pk=SORA).update(team="east")
    assert shown("team", client) == ["電話"], "what left the reach is not shown"
    elsewhere = f"/children/{SORA}/tasks/{Task.objects.get(what='訪問').pk}/step/"
    assert client.post(elsewhere, a_step("finish", 1)).status_code == 404


def handing(to: Staff, seen: int, reason: str = "異動のため") -> dict[str, object]:
    due = timezone.localdate() + dt.timedelta(days=30)
    return {"owner": to.pk, "due_on": due.isoformat(), "reason": reason, "seen": seen, "form": str(uuid.uuid4())}


def test_a_task_is_handed_on_with_a_reason_and_a_name(
    intake: Browser, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    intake(a_child())
    client, boss = as_role(), staff(Role.SUPERVISOR)
    client.post(f"{PAGE}add/", a_wish(staff()))
    task = Task.objects.get()
    path = f"{PAGE}{task.pk}/hand-on/"
    assert as_role(Role.AUDITOR).post(path, handing(boss, 1)).status_code == 403
    for wrong in ({"reason": " "}, {"owner": 10**6}, {"due_on": "2020-01-01"}):
        assert client.post(path, {**handing(boss, 1), **wrong}).status_code == 422, wrong
    wish = handing(boss, 1)
    assert [client.post(path, wish).status_code for _ in range(2)] == [302, 302]
    task.refresh_from_db()
    assert (task.owner, task.due_on.isoformat(), task.state, task.revision) == (boss, wish["due_on"], "open", 2)
    step = Step.objects.get(move="hand_on")
    assert (step.by, step.reason, step.source, step.target, step.number) == (staff(), "異動のため", "open", "open", 2)
    entry = Event.objects.get(action="hand_on")
    assert f'"to":"staff:{boss.pk}"' in entry.body
    assert "異動" not in entry.body
    late = client.post(path, handing(staff(), 1, "休暇のため"))
    assert (late.status_code, "休暇のため" in late.content.decode()) == (409, True)
    assert client.post(f"{PAGE}{task.pk}/step/", a_step("finish", 2)).status_code == 302
    assert client.post(path, handing(staff(), 3)).status_code == 409, "it is over"


def test_no_other_step_stays_where_it_is(intake: Browser, as_role: Browser, staff: Callable[..., Staff]) -> None:
    """The database knows: handing on alone leaves a task open, and never without a reason."""
    intake(a_child())
    as_role().post(f"{PAGE}add/", a_wish(staff()))
    row = {"machine": "task", "subject": Task.objects.get().pk, "person_id": AOI, "number": 2, "source": "open"}
    row |= {"target": "open", "by": staff(), "at": timezone.now()}
    for move, reason in (("finish", "済んだ"), ("hand_on", "")):
        with pytest.raises(DatabaseError), transaction.atomic():
            Step.objects.create(**row, move=move, reason=reason)
    Step.objects.create(**row, move="hand_on", reason="異動のため")


def test_the_database_refuses_a_task_that_is_done_without_its_step(
    intake: Browser, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    intake(a_child())
    as_role().post(f"{PAGE}add/", a_wish(staff()))
    with pytest.raises(DatabaseError), transaction.atomic():
        Task.objects.update(state="done", revision=2)

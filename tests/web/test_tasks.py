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
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.steps.models import Step
from tsunagu_web.tasks import services
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


def test_a_task_is_handed_on_while_it_is_open(intake: Browser, as_role: Browser, staff: Callable[..., Staff]) -> None:
    intake(a_child())
    as_role().post(f"{PAGE}add/", a_wish(staff()))
    task, viewer = Task.objects.get(), viewer_of(staff(), "early_support")
    day = timezone.localdate() + dt.timedelta(days=30)
    services.hand_on(task, viewer, owner_id=staff(Role.SUPERVISOR).pk, due_on=day, seen=1)
    with pytest.raises(services.ChangedMeanwhile):
        services.hand_on(task, viewer, owner_id=staff().pk, due_on=day, seen=1)
    task.refresh_from_db()
    assert (task.owner, task.due_on, task.revision) == (staff(Role.SUPERVISOR), day, 2)


def test_the_database_refuses_a_task_that_is_done_without_its_step(
    intake: Browser, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    intake(a_child())
    as_role().post(f"{PAGE}add/", a_wish(staff()))
    with pytest.raises(DatabaseError), transaction.atomic():
        Task.objects.update(state="done", revision=2)

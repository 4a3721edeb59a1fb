"""Where nobody answers a hand-over in time: at the sending desk a task for the manager, at the other one reminders."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from builders import a_child, an_id
from handed_over import OtherCity, a_step, asking, here, sending, set_up, text_of
from handing import HINODE, MIZUNO, SUPERVISOR
from tsunagu.handover.working_days import japan_day, working_day_after
from tsunagu_web.access.terms import Purpose, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.reminders.models import Reminder
from tsunagu_web.rounds.services import make_round
from tsunagu_web.tasks.models import Task
from tsunagu_web.transfers.models import Transfer

AOI = an_id("例川 あおい")
ONE = f"/children/{AOI}/transfers/1/"
SUPPORT = Purpose.CASE_SUPPORT
Browser = Callable[..., Client]
People = Callable[..., Staff]


@pytest.fixture
def other(desk: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OtherCity:
    set_up(tmp_path, monkeypatch, HINODE)
    return OtherCity(tmp_path, MIZUNO)


@pytest.fixture
def lead(other: OtherCity, intake: Callable[..., object], as_role: Browser) -> Client:
    intake(a_child())
    form = {"outcome": "candidate", "seen": 0, "form": str(uuid.uuid4())}
    assert as_role().post(f"/children/{AOI}/decide/", form).status_code == 302
    return as_role(Role.LEAD_WORKER, purpose=SUPPORT)


@pytest.fixture
def boss(lead: Client, as_role: Browser) -> Client:
    return as_role(Role.SUPERVISOR, purpose=SUPPORT)


def kinds(staff: Staff) -> set[str]:
    return {one.kind for one in Reminder.objects.filter(staff=staff).exclude(state="settled")}


def after(working_days: int) -> dt.datetime:
    """At noon of the day that is so many working days from now."""
    day = working_day_after(timezone.localdate(), working_days)
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


def sent(lead: Client, boss: Client) -> Transfer:
    assert lead.post(f"/children/{AOI}/transfers/new/", asking()).status_code == 302
    assert sending(boss, ONE).status_code == 302
    return Transfer.objects.get()


def test_a_draft_waits_for_a_supervisor_who_did_not_write_it(lead: Client, boss: Client, staff: People) -> None:
    assert boss.post(f"/children/{AOI}/transfers/new/", asking()).status_code == 302
    second = staff(Role.SUPERVISOR, login="second")
    make_round()
    assert "transfer_to_send" in kinds(second)
    assert "transfer_to_send" not in kinds(staff(Role.SUPERVISOR))
    assert a_step(lead, ONE, "discard").status_code == 302
    make_round()
    assert "transfer_to_send" not in kinds(second)


def test_whoever_sent_it_gets_a_task_once_when_nobody_answers_in_time(
    lead: Client, boss: Client, staff: People
) -> None:
    sent(lead, boss)
    assert make_round(after(5)).late == 0, "the last day is in time"
    assert make_round(after(6)).late == 1
    assert make_round(after(7)).late == 0, "each hand-over brings one"
    task = Task.objects.get()
    assert (task.child_id, task.owner, task.origin) == (AOI, staff(Role.SUPERVISOR), "of_a_transfer")
    assert task.what == "青葉市への移管に返事がありません。電話で確かめ、これからのことを決める"
    assert "移管の返事がない" in text_of(boss.get("/tasks/"))


def test_the_page_says_by_how_much_it_is_late(lead: Client, boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(lead, boss)
    late = japan_day(after(7))
    monkeypatch.setattr("tsunagu_web.transfers.services.japan_day", lambda _at: late)
    page = text_of(lead.get(ONE))
    assert "期限を2開庁日過ぎています" in page
    assert "当センター" in page, "this office is responsible all the same"


def test_where_the_sender_has_left_another_supervisor_gets_the_task(lead: Client, boss: Client, staff: People) -> None:
    sent(lead, boss)
    second = staff(Role.SUPERVISOR, login="second")
    Staff.objects.filter(role=Role.SUPERVISOR).exclude(pk=second.pk).update(is_active=False)
    make_round(after(6))
    assert Task.objects.get().owner == second


def test_the_answer_is_told_to_worker_and_sender_until_somebody_acts(
    lead: Client, boss: Client, other: OtherCity, staff: People
) -> None:
    transfer = sent(lead, boss)
    other.carry(transfer.handover)
    make_round()
    assert "transfer_answered" not in kinds(staff())
    other.store.decline(transfer.handover, SUPERVISOR, timezone.now(), "not_agreed")
    other.tell(transfer.handover)
    make_round()
    assert {"transfer_answered"} <= kinds(staff()) & kinds(staff(Role.SUPERVISOR))
    assert a_step(lead, ONE, "take_back").status_code == 302
    make_round()
    assert "transfer_answered" not in kinds(staff())


@pytest.fixture
def came(intake: Callable[..., object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    intake(a_child())
    set_up(tmp_path, monkeypatch, MIZUNO)
    return OtherCity(tmp_path, HINODE).hand_over()


def test_what_came_is_told_to_whom_it_names_and_names_no_child(came: str, as_role: Browser, staff: People) -> None:
    boss, worker = staff(Role.SUPERVISOR), staff()
    make_round()
    assert (kinds(boss), kinds(worker)) == ({"transfer_waits"}, set())
    page = as_role(Role.SUPERVISOR, purpose=SUPPORT).get("/reminders/")
    assert "ほかの市町村から届いたケースが、返事を待っています" in text_of(page)
    assert "/transfers/" in page.content.decode()
    assert "大空" not in page.content.decode()


def test_what_is_late_here_is_told_to_every_supervisor(
    intake: Callable[..., object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, staff: People
) -> None:
    intake(a_child())
    set_up(tmp_path, monkeypatch, MIZUNO)
    recipients = ("account:boss-1", "account:worker-1")
    OtherCity(tmp_path, HINODE).hand_over(kind="restricted", recipients=recipients)
    named, not_named = staff(Role.SUPERVISOR, login="boss-1"), staff(Role.SUPERVISOR, login="boss-2")
    make_round()
    assert (kinds(named), kinds(not_named)) == ({"transfer_waits"}, set())
    make_round(after(6))
    assert kinds(named) == kinds(not_named) == {"transfer_late"}


def test_an_offer_ends_by_itself_and_is_destroyed(came: str) -> None:
    make_round(after(20))
    assert here().get(came, japan_day(after(20))).state == "stored"
    make_round(after(21))
    found = here().get(came, japan_day(after(21)))
    assert (found.state, found.has_contents) == ("expired", False)


def test_a_mistake_in_the_list_stops_no_other_work(
    lead: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text("id = 1", encoding="utf-8")
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, handover=path))
    assert make_round().late == 0
    assert "hand-overs are not looked at" in caplog.text

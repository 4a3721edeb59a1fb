"""Reminders: each person's own, following the work by themselves, and opening nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from planned import AOI, SUPPORT, a_case, a_step, drafted
from test_referrals import sent

from builders import a_child, an_id
from tsunagu_web.access.models import Conflict, Grant, Team
from tsunagu_web.access.terms import Purpose, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Case, Child, State
from tsunagu_web.conferences.services import Call, call
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.outreach.clock import start_by_person
from tsunagu_web.reminders import services
from tsunagu_web.reminders.models import About, Reminder
from tsunagu_web.rounds.services import make_round
from tsunagu_web.steps.services import take
from tsunagu_web.tasks.models import Task
from tsunagu_web.tasks.services import Asked, move, set_task

Browser, Person = Callable[..., Client], Callable[..., Staff]
SORA = an_id("例田 ソラ")


def in_days(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def a_task(owner: Staff, by: Staff, *, days: int = 7) -> Task:
    asked = Asked("学校に電話する", owner.pk, in_days(days), uuid.uuid4())
    return set_task(Child.objects.get(pk=AOI), viewer_of(by, Purpose.EARLY_SUPPORT), asked)


def told(who: Staff) -> list[tuple[str, str]]:
    rows = Reminder.objects.filter(staff=who).exclude(state="settled").order_by("kind")
    return [(row.kind, row.state) for row in rows]


def kinds(who: Staff) -> list[str]:
    return [kind for kind, _state in told(who)]


@pytest.fixture
def child(intake: Browser) -> Child:
    intake(a_child())
    return Child.objects.get(pk=AOI)


# Who may not


def test_nobody_who_is_not_signed_in(child: Child) -> None:
    client = Client()
    assert [client.get(path).status_code for path in ("/reminders/", "/reminders/mail/")] == [302, 302]
    assert [client.post(path).status_code for path in ("/reminders/read/", "/reminders/1/open/")] == [302, 302]


def test_nobody_opens_or_reads_anothers(child: Child, staff: Person, as_role: Browser) -> None:
    a_task(staff(), staff(Role.SUPERVISOR))
    make_round()
    reminder = Reminder.objects.get()
    other = as_role(Role.SUPERVISOR)
    assert other.post(f"/reminders/{reminder.pk}/open/").status_code == 404
    assert other.post("/reminders/read/").status_code == 302
    assert other.get("/reminders/").context["page"].rows == []
    assert told(staff()) == [("task_given", "new")]


def test_a_reminder_opens_nothing_that_is_out_of_reach_by_now(child: Child, staff: Person, as_role: Browser) -> None:
    a_task(staff(), staff(Role.SUPERVISOR))
    make_round()
    Team.objects.create(key="east", name="東")
    Child.objects.filter(pk=AOI).update(team="east")
    client = as_role()
    page = client.get("/reminders/").content.decode()
    assert "例川" not in page
    assert AOI not in page
    assert "権限により非表示" in page
    answer = client.post(f"/reminders/{Reminder.objects.get().pk}/open/", follow=True)
    assert answer.redirect_chain == [("/reminders/", 302)]
    assert "いまの利用目的" in answer.content.decode()
    assert Event.objects.filter(action="refused", object="child").count() == 1


def test_of_ones_own_family_nobody_is_told(child: Child, staff: Person) -> None:
    owner, boss = staff(), staff(Role.SUPERVISOR)
    Conflict.objects.create(staff=owner, person_id=AOI, kind="own_family", entered_at=timezone.now())
    a_task(owner, boss)
    make_round()
    assert (kinds(owner), kinds(boss)) == ([], ["task_given"]), "the supervisor stands in"


# The page


def test_the_page_names_the_child_links_to_the_task_and_is_in_the_log(
    child: Child, staff: Person, as_role: Browser
) -> None:
    a_task(staff(), staff(Role.SUPERVISOR))
    make_round()
    client = as_role()
    assert "未読1件" in client.get("/tasks/").content.decode()
    page = client.get("/reminders/").content.decode()
    assert "例川" in page
    assert "タスクが割り当てられました" in page
    look = Event.objects.filter(action="view", object="name").last()
    assert look is not None
    assert AOI in look.body
    assert client.post(f"/reminders/{Reminder.objects.get().pk}/open/")["Location"] == f"/children/{AOI}/tasks/"
    assert told(staff()) == [("task_given", "read")]
    assert "未読1件" not in client.get("/tasks/").content.decode()


def test_all_are_marked_read_at_once(child: Child, staff: Person, as_role: Browser) -> None:
    for _ in range(2):
        a_task(staff(), staff(Role.SUPERVISOR))
    make_round()
    as_role().post("/reminders/read/")
    assert told(staff()) == [("task_given", "read")] * 2


def test_a_full_page_asks_no_more_than_twelve_times(child: Child, staff: Person, as_role: Browser) -> None:
    for _ in range(26):
        a_task(staff(), staff(Role.SUPERVISOR))
    make_round()
    client = as_role()
    client.get("/reminders/")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get("/reminders/").context["page"].after == 2
    assert len(asked) <= 12


# Following the work


def test_a_second_round_changes_nothing_and_writes_nothing(child: Child, staff: Person) -> None:
    a_task(staff(), staff(Role.SUPERVISOR))
    first, second = make_round().followed, make_round().followed
    assert (first.made, second.made, second.settled) == (1, 0, 0)
    assert Event.objects.filter(action="remind").count() == 1


def test_what_one_set_for_oneself_is_told_when_it_is_due(child: Child, staff: Person) -> None:
    task = a_task(staff(), staff())
    make_round()
    assert told(staff()) == []
    Task.objects.filter(pk=task.pk).update(due_on=in_days(2))
    make_round()
    assert told(staff()) == [("task_due", "new")]


def test_overdue_goes_on_to_the_supervisor_and_is_settled_by_itself(child: Child, staff: Person) -> None:
    owner, boss = staff(), staff(Role.SUPERVISOR)
    task = a_task(owner, owner)
    Task.objects.filter(pk=task.pk).update(due_on=in_days(-1))
    make_round()
    assert (told(owner), told(boss)) == ([("task_overdue", "new")], [])
    Task.objects.filter(pk=task.pk).update(due_on=in_days(-3))
    make_round()
    assert (told(owner), told(boss)) == ([("task_overdue", "new")], [("task_overdue", "new")])
    assert Reminder.objects.get(staff=boss).is_passed_on
    viewer = viewer_of(owner, Purpose.EARLY_SUPPORT)
    move(task, viewer, "finish", seen=1, form=uuid.uuid4(), reason="")
    make_round()
    assert (told(owner), told(boss)) == ([], [])
    move(task, viewer, "take_up_again", seen=2, form=uuid.uuid4(), reason="まだだった")
    make_round()
    assert (told(owner), told(boss)) == ([("task_overdue", "new")], [("task_overdue", "new")])


def test_whoever_left_the_office_is_told_no_more(child: Child, staff: Person) -> None:
    a_task(staff(), staff(Role.SUPERVISOR))
    make_round()
    Staff.objects.filter(pk=staff().pk).update(is_active=False)
    make_round()
    assert (told(staff()), told(staff(Role.SUPERVISOR))) == ([], [("task_given", "new")])


def test_a_matter_of_which_nobody_can_be_told_is_counted(child: Child, staff: Person) -> None:
    a_task(staff(), staff(Role.SUPERVISOR))
    Staff.objects.update(is_active=False)
    assert make_round().untold == 1


def test_settled_reminders_are_deleted_after_their_time(child: Child, staff: Person) -> None:
    task = a_task(staff(), staff(Role.SUPERVISOR))
    make_round()
    move(task, viewer_of(staff(), Purpose.EARLY_SUPPORT), "finish", seen=1, form=uuid.uuid4(), reason="")
    make_round()
    Reminder.objects.update(settled_on=in_days(-91))
    assert make_round().followed.forgotten == 1
    assert (Reminder.objects.count(), About.objects.count()) == (0, 0)


def test_all_of_a_round_or_nothing(child: Child, staff: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    a_task(staff(), staff(Role.SUPERVISOR))

    def ended(**_fields: object) -> None:
        raise DatabaseError

    with monkeypatch.context() as broken:
        broken.setattr(services, "append", ended)
        with pytest.raises(DatabaseError):
            make_round()
    assert (Reminder.objects.count(), About.objects.count()) == (0, 0)
    assert make_round().followed.made == 1


# What is told


def test_a_plan_waits_for_approval_and_its_writer_hears_of_it(child: Child, staff: Person, as_role: Browser) -> None:
    a_case(staff())
    client, boss = as_role(**SUPPORT), as_role(Role.SUPERVISOR, **SUPPORT)
    page = drafted(client, agreement="agreed", agreed_by="mother", agreed_on=in_days(0).isoformat())
    assert client.post(f"{page}submit/", a_step(1)).status_code == 302
    make_round()
    assert (kinds(staff()), kinds(staff(Role.SUPERVISOR))) == ([], ["plan_to_approve"])
    assert boss.post(f"{page}approve/", a_step(2)).status_code == 302
    make_round()
    assert (kinds(staff()), kinds(staff(Role.SUPERVISOR))) == (["plan_answered"], [])
    assert client.post(f"/reminders/{Reminder.objects.get(kind='plan_answered').pk}/open/").status_code == 302


def test_closing_waits_for_a_second_person(child: Child, staff: Person) -> None:
    case = a_case(staff())
    proposer = staff(Role.SUPERVISOR)
    take(case, viewer_of(proposer, Purpose.CASE_SUPPORT), "propose_closing", seen=case.revision, reason="落ち着いた")
    assert make_round().untold == 1, "the only supervisor proposed it"
    second = staff(Role.SUPERVISOR, login="second")
    make_round()
    assert (kinds(proposer), kinds(second)) == ([], ["second_person"])


def test_a_referral_waits_for_its_recipient_and_the_answer_comes_back(
    child: Child, staff: Person, as_role: Browser
) -> None:
    to = staff(Role.PARTNER)
    a_case(staff())
    referral = sent(as_role(**SUPPORT), to)
    make_round()
    assert (kinds(to), kinds(staff())) == (["referral_waits"], [])
    partner = as_role(Role.PARTNER)
    page = partner.get("/reminders/").content.decode()
    assert "例川" not in page, "the message opens nothing"
    number = Reminder.objects.get(staff=to).pk
    assert partner.post(f"/reminders/{number}/open/")["Location"] == f"/referrals/{referral.pk}/"
    answer = {"step": "accept", "reason": "", "seen": 2, "form": str(uuid.uuid4())}
    assert partner.post(f"/referrals/{referral.pk}/step/", answer).status_code == 302
    make_round()
    assert (kinds(to), kinds(staff())) == ([], ["referral_answered"])


def test_a_referral_that_soon_runs_out_is_told_on_both_sides(child: Child, staff: Person, as_role: Browser) -> None:
    a_case(staff())
    sent(as_role(**SUPPORT), staff(Role.PARTNER), reply_until=in_days(2))
    make_round()
    assert (kinds(staff(Role.PARTNER)), kinds(staff())) == (["answer_due"], ["referral_expires"])


def test_a_reassessment_and_an_unseen_child_reach_the_lead_worker(child: Child, staff: Person) -> None:
    case = a_case(staff())
    viewer = viewer_of(staff(), Purpose.CASE_SUPPORT)
    row = start_by_person(child, case, viewer, reason="電話がつながらない", form=uuid.uuid4())
    Case.objects.filter(pk=case.pk).update(opened_on=in_days(-63))
    make_round()
    assert kinds(staff()) == ["not_seen", "reassessment_began"]
    assert kinds(staff(Role.SUPERVISOR)) == []
    type(row).objects.filter(pk=row.pk).update(started_on=in_days(-9), due_on=in_days(-1))
    Case.objects.filter(pk=case.pk).update(opened_on=in_days(-64))
    make_round()
    assert kinds(staff()) == ["not_seen", "reassessment_overdue"]
    supervisor = staff(Role.SUPERVISOR)
    make_round()
    assert kinds(supervisor) == ["not_seen", "reassessment_overdue"]


def test_a_watch_date_reaches_who_set_it(child: Child, staff: Person, as_role: Browser) -> None:
    wish = {"outcome": "watch", "until": in_days(30).isoformat(), "seen": 0, "form": str(uuid.uuid4())}
    assert as_role().post(f"/children/{AOI}/decide/", wish).status_code == 302
    make_round()
    assert kinds(staff()) == []
    Child.objects.filter(pk=AOI, state=State.WATCH).update(due_on=in_days(0))
    make_round()
    assert kinds(staff()) == ["watch_due"]


def test_an_emergency_reaches_who_may_review_it_and_an_access_that_ends_its_holder(child: Child, staff: Person) -> None:
    nurse, now = staff(Role.PUBLIC_HEALTH_NURSE), timezone.now()
    boss, officer = staff(Role.SUPERVISOR), staff(Role.PRIVACY_OFFICER)
    held = {"person_id": AOI, "starts_at": now, "purpose": Purpose.CASE_SUPPORT}
    ends = {"ends_at": now + dt.timedelta(hours=24)}
    Grant.objects.create(staff=nurse, granted_by=nurse, basis="emergency", reason="夜に連絡", **held, **ends)
    Grant.objects.create(staff=nurse, granted_by=boss, basis="shared_case", **held, **ends)
    make_round()
    assert [kinds(who) for who in (nurse, boss, officer)] == [
        ["grant_ends"],
        ["emergency_to_review"],
        ["emergency_to_review"],
    ]


def test_those_who_attend_a_conference_are_told_a_week_before(child: Child, staff: Person) -> None:
    start = timezone.now() + dt.timedelta(days=5)
    nurse = staff(Role.PUBLIC_HEALTH_NURSE)
    told_of = Call("individual", "intake", start, start + dt.timedelta(hours=1), "会議室", (nurse.pk,), uuid.uuid4())
    call(viewer_of(staff(), Purpose.CASE_SUPPORT), told_of)
    make_round()
    assert "conference" in kinds(nurse)

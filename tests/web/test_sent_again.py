"""What is sent again: told when it stands there already, refused in words when its mark recorded something else."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from test_conferences import a_call, hold, minutes
from test_notes import a_note
from test_outreach import a_contact, a_sight
from test_referrals import asking
from test_tasks import a_step, a_wish

from builders import an_id
from three_children import three_children
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Case, Decision
from tsunagu_web.conferences.models import AgendaItem, Conference, Minute
from tsunagu_web.notes.models import Note
from tsunagu_web.outreach.models import Contact, SightConfirmation
from tsunagu_web.referrals.models import Referral
from tsunagu_web.steps import once
from tsunagu_web.steps.models import Step
from tsunagu_web.tasks.models import Task

AOI, SORA = an_id("例川 あおい"), an_id("例田 ソラ")
CHILD, OTHER = f"/children/{AOI}/", f"/children/{SORA}/"
Browser, People = Callable[..., Client], Callable[..., Staff]
ALREADY, USED = "すでにご自身で記録しています", "このフォームは、前に使われています"


@pytest.fixture(autouse=True)
def city(intake: Browser) -> None:
    intake(*three_children())


def a_mark() -> str:
    return str(uuid.uuid4())


def decided(seen: int, note: str = "母と話した", **more: object) -> dict[str, object]:
    return {"outcome": "supported", "note": note, "seen": seen, "form": a_mark(), **more}


def working(as_role: Browser, *children: str) -> Client:
    """Somebody who works on the case of these children."""
    for path in children:
        as_role().post(f"{path}decide/", {"outcome": "candidate", "seen": 0, "form": a_mark()})
    return as_role(purpose="case_support")


def test_who_may_not(as_role: Browser) -> None:
    assert as_role(Role.AUDITOR).post(f"{CHILD}decide/", decided(0)).status_code == 403


def test_a_decision_that_the_back_button_brought_back_is_told(as_role: Browser) -> None:
    client = as_role()
    client.post(f"{CHILD}decide/", decided(0), follow=True)
    told = client.post(f"{CHILD}decide/", decided(1), follow=True).content.decode()
    assert ALREADY in told
    assert "判断を記録しました" not in told
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "changes", "days"),
    [
        ("worker", {"note": "母と学校で話した"}, 0),
        ("worker", {"outcome": "candidate"}, 0),
        ("colleague", {}, 0),
        ("worker", {}, 1),
    ],
    ids=["other words", "another outcome", "another person", "another day"],
)
def test_another_decision_is_another_decision(
    who: str, changes: dict[str, object], days: int, as_role: Browser, staff: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above: what is not the same is written."""
    staff(login="colleague")
    as_role().post(f"{CHILD}decide/", decided(0))
    client = as_role() if who == "worker" else as_role(login=who)
    monkeypatch.setattr(once, "is_of_today", lambda at: timezone.localdate(at) == day)
    monkeypatch.setattr("tsunagu_web.cases.services.is_of_today", once.is_of_today)
    day = timezone.localdate() + dt.timedelta(days=days)
    client.post(f"{CHILD}decide/", {**decided(1), **changes})
    assert Decision.objects.count() == 2


def test_other_words_with_a_used_mark_stay_in_the_form(as_role: Browser) -> None:
    client, first = as_role(), decided(0)
    client.post(f"{CHILD}decide/", first)
    late = client.post(f"{CHILD}decide/", {**first, "note": "父とも話した"})
    assert late.status_code == 409
    assert "父とも話した" in late.content.decode()
    form = late.context["page"].form
    assert (form.initial["note"], form.initial["seen"]) == ("父とも話した", 1)
    assert form.initial["form"] != uuid.UUID(str(first["form"]))
    client.post(f"{CHILD}decide/", {**form.initial, "until": "", "reason": ""})
    assert list(Decision.objects.values_list("note", flat=True)) == ["父とも話した", "母と話した"]


def test_entries_brought_back_are_told(as_role: Browser, staff: People) -> None:
    client = working(as_role, CHILD)
    for path, entry, model in (
        (f"{CHILD}notes/write/", a_note(), Note),
        (f"{CHILD}outreach/contact/", a_contact(), Contact),
        (f"{CHILD}sight/confirm/", a_sight(), SightConfirmation),
        (f"{CHILD}tasks/add/", a_wish(staff()), Task),
    ):
        said = [client.post(path, {**entry, "form": a_mark()}, follow=True).content.decode() for _ in range(2)]
        assert [ALREADY in page for page in said] == [False, True], path
        assert model.objects.count() == 1, path


def test_a_referral_brought_back_is_told(as_role: Browser, staff: People) -> None:
    client, nurse = working(as_role, CHILD), staff(Role.PUBLIC_HEALTH_NURSE)
    new = f"{CHILD}referrals/new/"
    first = asking(nurse)
    said = [client.post(new, {**first, "form": a_mark()}, follow=True).content.decode() for _ in range(2)]
    assert [ALREADY in page for page in said] == [False, True]
    assert Referral.objects.count() == 1
    for other in ({"asked": "週に一度、訪問してほしい"}, {"fields_chosen": ["name"]}, {"to": staff(Role.PARTNER).pk}):
        assert ALREADY not in client.post(new, {**first, **other, "form": a_mark()}, follow=True).content.decode()
    assert Referral.objects.count() == 4, "what is not the same is prepared"


def test_a_referral_thrown_away_may_be_prepared_anew(as_role: Browser, staff: People) -> None:
    client, wish = working(as_role, CHILD), asking(staff(Role.PUBLIC_HEALTH_NURSE))
    client.post(f"{CHILD}referrals/new/", wish)
    thrown = {"step": "discard", "seen": 1, "reason": "相手が違う", "form": a_mark()}
    assert client.post(f"{CHILD}referrals/1/step/", thrown).status_code == 302
    client.post(f"{CHILD}referrals/new/", {**wish, "form": a_mark()})
    assert Referral.objects.count() == 2


def test_a_conference_brought_back_is_told(as_role: Browser, staff: People) -> None:
    client, teacher = as_role(), staff(Role.VICE_PRINCIPAL)
    wish = a_call(teacher)
    said = [client.post("/conferences/call/", {**wish, "form": a_mark()}, follow=True) for _ in range(2)]
    assert [ALREADY in page.content.decode() for page in said] == [False, True]
    assert Conference.objects.count() == 1
    for other in ({"ends": "16:30"}, {"staff": []}):
        client.post("/conferences/call/", {**wish, **other, "form": a_mark()})
    assert Conference.objects.count() == 3, "other hours, or other people, are another conference"


@pytest.fixture
def item(as_role: Browser, staff: People) -> AgendaItem:
    """A child whom a conference speaks of at this moment."""
    as_role().post("/conferences/call/", a_call(staff(Role.VICE_PRINCIPAL)))
    return hold(Conference.objects.get(), as_role())


def minutes_with(to: Staff, seen: int, **more: object) -> dict[str, object]:
    due = (timezone.localdate() + dt.timedelta(days=7)).isoformat()
    return minutes(seen, what_0="担任と話す", owner_0=to.pk, due_on_0=due, **more)


def test_minutes_brought_back_are_told_and_set_no_task_twice(as_role: Browser, staff: People, item: AgendaItem) -> None:
    client, write = as_role(), f"/conferences/{item.conference_id}/items/{item.pk}/write/"
    said = [client.post(write, minutes_with(staff(), seen), follow=True).content.decode() for seen in (0, 1)]
    assert [ALREADY in page for page in said] == [False, True]
    assert "議事録を記録しました" not in said[1]
    assert (Minute.objects.count(), Task.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "days", "tasks"),
    [
        ({"agreed": "学校とセンターで様子を見る"}, 0, 1),
        ({"what_0": "養護教諭と話す"}, 0, 2),
        ({}, 1, 2),
    ],
    ids=["other words", "another task", "another day"],
)
def test_other_minutes_are_written(
    changes: dict[str, object],
    days: int,
    tasks: int,
    as_role: Browser,
    staff: People,
    item: AgendaItem,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control of the test above; a task that the back button left in a correction is still not set twice."""
    client, write = as_role(), f"/conferences/{item.conference_id}/items/{item.pk}/write/"
    client.post(write, minutes_with(staff(), 0))
    day = timezone.localdate() + dt.timedelta(days=days)
    monkeypatch.setattr("tsunagu_web.conferences.services.is_of_today", lambda at: timezone.localdate(at) == day)
    said = client.post(write, {**minutes_with(staff(), 1), **changes}, follow=True).content.decode()
    assert ALREADY not in said
    assert (Minute.objects.count(), Task.objects.count()) == (2, tasks)
    assert ("重ねて" in said) is (tasks == 1)


def test_the_same_minutes_of_a_colleague_are_written(as_role: Browser, staff: People, item: AgendaItem) -> None:
    write = f"/conferences/{item.conference_id}/items/{item.pk}/write/"
    for n, client in enumerate((as_role(), as_role(Role.SUPERVISOR))):
        client.post(write, minutes_with(staff(), n))
    assert (Minute.objects.count(), Task.objects.count()) == (2, 2)


def test_a_mark_of_another_row_is_refused_in_words(as_role: Browser, staff: People) -> None:
    client, mark = working(as_role, CHILD), a_mark()
    for what in ("学校に電話する", "園に電話する"):
        client.post(f"{CHILD}tasks/add/", a_wish(staff(), what))
    one, other = Task.objects.order_by("pk")
    client.post(f"{CHILD}tasks/{one.pk}/step/", {**a_step("finish", 1), "form": mark})
    refused = client.post(f"{CHILD}tasks/{other.pk}/step/", {**a_step("finish", 1), "form": mark})
    assert refused.status_code == 410
    assert USED in refused.content.decode()
    other.refresh_from_db()
    assert (other.state, Step.objects.filter(move="finish").count()) == ("open", 1)


def test_a_mark_of_another_child_is_refused_in_words(as_role: Browser) -> None:
    """Until it was, the page said `recorded`, and the note of the second child was nowhere."""
    client, note = working(as_role, CHILD, OTHER), a_note("祖母が迎えに来る")
    assert client.post(f"{CHILD}notes/write/", note).status_code == 302
    refused = client.post(f"{OTHER}notes/write/", note)
    assert refused.status_code == 410
    assert "祖母が迎えに来る" in refused.content.decode()
    assert Note.objects.count() == 1


def test_a_mark_of_another_child_s_decision_is_no_error_of_the_program(as_role: Browser) -> None:
    client, wish = as_role(), decided(0)
    client.post(f"{CHILD}decide/", wish)
    refused = client.post(f"{OTHER}decide/", wish)
    assert (refused.status_code, USED in refused.content.decode()) == (410, True)
    assert Decision.objects.count() == 1


def test_the_same_step_with_another_reason_is_refused_in_words(as_role: Browser) -> None:
    client, step = working(as_role, CHILD), a_step("propose_closing", 1, "落ち着いた")
    assert client.post(f"{CHILD}case/step/", step).status_code == 302
    refused = client.post(f"{CHILD}case/step/", {**step, "reason": "転居する予定と聞いた"})
    assert refused.status_code == 410
    assert "転居する予定と聞いた" in refused.content.decode()
    assert Case.objects.get().revision == 2

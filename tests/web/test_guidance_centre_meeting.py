"""The intake meeting: who decided together, on what; confirmed by a second person, and nothing ends without it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from test_guidance_centre_notification import (  # noqa: F401  # fixtures
    AOI,
    a_meeting,
    a_step,
    centre,
    met,
    recorded,
    seen_today,
    stepped,
    supervisor,
    worker,
)

from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.guidance_centre.models import Meeting, MeetingMinutes, MeetingSeat, Notification

ONE = f"/children/{AOI}/notifications/1/"
PAGE = f"{ONE}meeting/"
Browser = Callable[..., Client]


@pytest.fixture
def told(worker: Client) -> Client:  # noqa: F811  # the fixture
    """A desk with a notification that is being checked, and the browser of who took it."""
    stepped(worker, recorded(worker), "decide_urgency", "begin_check")
    return worker


def written(client: Client, course: str = "investigate", **changes: object) -> HttpResponse:
    return client.post(f"{PAGE}record/", a_meeting(Meeting.objects.count(), course, **changes))


def answered(client: Client, step: str = "confirm_meeting", **changes: object) -> HttpResponse:
    last = Meeting.objects.latest("number")
    sent = {"number": last.number, "seen": last.revision, "form": uuid.uuid4(), "step": step, "reason": "聞き直す"}
    return client.post(f"{PAGE}answer/", {**sent, **changes})


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.LEAD_WORKER, Role.SUPERVISOR)])
def test_who_may_not(role: str, told: Client, as_role: Browser) -> None:
    client = as_role(role)
    written(told)
    assert [client.get(PAGE).status_code, written(client).status_code, answered(client).status_code] == [403] * 3


def test_a_worker_writes_it_down_and_does_not_confirm_it(told: Client) -> None:
    assert written(told).status_code == 302
    assert answered(told).status_code == 403
    assert Meeting.objects.get().state == "written_down"


def test_a_supervisor_who_wrote_it_down_does_not_confirm_it(told: Client, as_role: Browser) -> None:
    boss = as_role(Role.SUPERVISOR, purpose="protection")
    written(boss)
    assert boss.get(PAGE).context["confirm"] is None
    assert answered(boss).status_code == 409
    other = as_role(Role.SUPERVISOR, purpose="protection", login="second")
    assert answered(other).status_code == 302
    assert Meeting.objects.get().state == "upheld"


def test_everything_that_was_decided_is_kept_and_never_changed(told: Client, staff: Callable[..., Staff]) -> None:
    form = a_meeting(staff=staff().pk)
    assert [told.post(f"{PAGE}record/", form).status_code for _ in range(2)] == [302, 302]
    meeting = Meeting.objects.get()
    kept = meeting.minutes
    assert (kept.course, kept.known, kept.present, kept.by) == ("investigate", form["known"], 4, staff())
    assert [seat.staff for seat in MeetingSeat.objects.all()] == [staff()]
    page = told.get(PAGE).content.decode()
    assert [word for word in ("例沢 係長", str(form["known"]), staff().name) if word not in page] == []
    for rows in (MeetingMinutes, MeetingSeat):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.objects.all().delete()


def test_the_same_form_with_other_words_is_told(told: Client) -> None:
    form = a_meeting()
    told.post(f"{PAGE}record/", form)
    answer = told.post(f"{PAGE}record/", {**form, "known": "別の話"})
    assert answer.status_code == 410
    assert "別の話" in answer.content.decode()


def test_three_hold_it_or_two_at_once_who_say_why(told: Client) -> None:
    two = {"others": "例所長\n例沢 係長"}
    assert written(told, **two).status_code == 422
    assert written(told, **two, is_emergency="on").status_code == 422, "nobody said why it could not wait"
    one = {"others": "例所長", "is_emergency": "on", "why_at_once": "今夜も続くおそれ"}
    assert written(told, **one).status_code == 422
    assert Meeting.objects.count() == 0
    assert written(told, **{**one, **two}).status_code == 302
    assert MeetingMinutes.objects.get().present == 2


def test_the_database_refuses_two_who_do_not_say_why(told: Client) -> None:
    meeting = Meeting.objects.create(
        notification=Notification.objects.get(), child_id=AOI, number=1, form=uuid.uuid4()
    )  # fmt: skip
    said = {"held_at": timezone.now(), "known": "声", "course": "advise", "reason": "確かめた", "is_heard": False}
    with pytest.raises(IntegrityError), transaction.atomic():
        MeetingMinutes.objects.create(
            meeting=meeting, is_emergency=True, present=2, by_id=Staff.objects.first().pk, at=timezone.now(), **said
        )  # fmt: skip


def test_what_lacks_keeps_what_was_typed(told: Client) -> None:
    answer = written(told, known="長い話をした", reason="")
    assert answer.status_code == 422
    assert "長い話をした" in answer.content.decode()


def test_whoever_was_slower_sees_the_other_meeting_and_keeps_the_own_words(told: Client, supervisor: Client) -> None:  # noqa: F811
    late = a_meeting(known="あとから書いた話")
    written(told)
    answer = supervisor.post(f"{PAGE}record/", late)
    assert answer.status_code == 409
    assert "あとから書いた話" in answer.content.decode()
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize(
    ("course", "step", "others"),
    [
        ("investigate", "make_case", ("send_on", "end_notification")),
        ("send", "send_on", ("make_case", "end_notification")),
        ("no_action", "end_notification", ("make_case", "send_on")),
    ],
)
def test_nothing_ends_but_as_a_confirmed_meeting_decided(
    course: str, step: str, others: tuple[str, str], told: Client, supervisor: Client, staff: Callable[..., Staff]  # noqa: F811
) -> None:  # fmt: skip
    one = Notification.objects.get()
    seen_today(AOI, staff())

    def tried(name: str) -> int:
        return supervisor.post(f"{ONE}step/", a_step(one, name)).status_code

    assert tried(step) == 422, "nobody met"
    written(told, course)
    assert tried(step) == 422, "nobody confirmed"
    answered(supervisor)
    assert [tried(name) for name in others] == [422, 422]
    assert tried(step) == 302
    assert written(told, course).status_code == 409, "it has ended"


def test_a_meeting_given_back_decides_nothing_and_the_next_one_holds(told: Client, supervisor: Client) -> None:  # noqa: F811
    one = Notification.objects.get()
    written(told)
    assert answered(supervisor, "return_meeting", reason="").status_code == 422
    assert answered(supervisor, "return_meeting").status_code == 302
    assert supervisor.post(f"{ONE}step/", a_step(one, "make_case")).status_code == 422
    written(told, "send")
    assert answered(supervisor, number=1, seen=2).status_code == 409, "the older one is over"
    answered(supervisor)
    assert supervisor.post(f"{ONE}step/", a_step(one, "send_on")).status_code == 302


def test_protection_is_not_decided_past_the_child(told: Client) -> None:
    assert written(told, "protect").status_code == 422
    assert written(told, "protect", why_not_heard="今夜のうちに離す必要がある").status_code == 302
    assert (MeetingMinutes.objects.get().is_heard, MeetingMinutes.objects.get().why_not_heard[:2]) == (False, "今夜")


def test_nothing_of_it_stands_in_the_log(told: Client, supervisor: Client) -> None:  # noqa: F811
    met(told, supervisor, Notification.objects.get())
    events = [json.loads(body) for body in Event.objects.filter(object="intake_meeting").values_list("body", flat=True)]
    assert {event["action"] for event in events} >= {"record_meeting", "record", "confirm_meeting"}
    written_down = json.dumps(events, ensure_ascii=False)
    assert [word for word in ("泣き声", "例沢", "例所長", "家庭の様子") if word in written_down] == []

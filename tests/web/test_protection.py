"""Temporary protection: the child is heard or it says why not, the law's clocks are tasks, and nothing is skipped."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from test_guidance_centre_notification import AOI, SORA, a_meeting, centre, recorded, supervisor, worker  # noqa: F401

from tsunagu_web.access.models import INTAKE_TEAM, Duty
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.guidance_centre.models import MeetingMinutes
from tsunagu_web.protection.clock import keep_time
from tsunagu_web.protection.models import Hearing, Protection
from tsunagu_web.tasks.models import Task

PAGE = f"/children/{AOI}/protection/"
WORDS, WHY = "家に帰りたくないと話した", "夜のうちに離す必要がある"
Browser = Callable[..., Client]


def heard(client: Client, about: str = "beginning", **changes: object) -> HttpResponse:
    said = {"about": about, "outcome": "heard", "words": WORDS, "heard_on": timezone.localdate().isoformat()}
    return client.post(f"{PAGE}hearing/", {**said, "form": uuid.uuid4(), **changes})


def begun(client: Client, **changes: object) -> HttpResponse:
    said = {"began_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}", "shelter": "centre", "consent": "against"}
    return client.post(f"{PAGE}begin/", {**said, "reason": "けががある", "form": uuid.uuid4(), **changes})


def stepped(client: Client, step: str, **changes: object) -> HttpResponse:
    one = Protection.objects.get(state="under_protection")
    said = {"step": step, "on": timezone.localdate().isoformat(), "reason": "電話で確かめた", "seen": one.revision}
    return client.post(f"{PAGE}{one.number}/step/", {**said, "form": uuid.uuid4(), **changes})


def clocks(state: str = "open") -> dict[str, dt.date]:
    """The tasks of clocks in this state: what the words begin to ask, by their day."""
    names = {"一時保護状": "warrant", "延長": "limit", "却下": "refusal", "終わり": "hearing_of_end", "意見": "hearing"}
    tasks = Task.objects.filter(origin="of_protection", state=state)
    return {next(kind for word, kind in names.items() if word in task.what): task.due_on for task in tasks}


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.LEAD_WORKER, Role.SUPERVISOR)])
def test_who_may_not(role: str, centre: None, as_role: Browser) -> None:  # noqa: F811
    client = as_role(role)
    assert [client.get(PAGE).status_code, heard(client).status_code, begun(client).status_code] == [403] * 3


def test_another_teams_child_is_answered_as_one_who_is_not_there(worker: Client) -> None:  # noqa: F811
    answers = [worker.get(f"/children/{child}/protection/").status_code for child in (SORA, "P0000000000000000")]
    assert answers == [404, 404]


# The child's own view.


def test_nothing_begins_past_the_child_unsaid(worker: Client) -> None:  # noqa: F811
    assert begun(worker).status_code == 422
    assert Protection.objects.count() == 0
    heard(worker)
    assert begun(worker).status_code == 302
    assert Protection.objects.get().hearing == Hearing.objects.get()
    assert "hearing" not in clocks()


def test_where_it_was_urgent_it_stays_open_until_it_is_recorded(worker: Client) -> None:  # noqa: F811
    assert begun(worker, why_not_heard=WHY).status_code == 302
    assert "hearing" in clocks()
    assert "こどもの意見をまだ聞いていません" in worker.get(PAGE).content.decode()
    assert heard(worker, outcome="infant", words="泣き止んで抱きついた").status_code == 302
    assert "hearing" in clocks("done")
    assert "こどもの意見をまだ聞いていません" not in worker.get(PAGE).content.decode()


def test_a_declared_reason_needs_its_words_too(worker: Client) -> None:  # noqa: F811
    assert heard(worker, outcome="refused", words="").status_code == 422
    assert Hearing.objects.count() == 0


def test_a_view_of_an_earlier_protection_is_none_of_the_next(worker: Client) -> None:  # noqa: F811
    heard(worker)
    begun(worker)
    stepped(worker, "end_protection", why_not_heard="裁判所が却下した")
    assert begun(worker).status_code == 422


def test_it_ends_with_the_childs_view_or_the_task_to_hear_it(worker: Client) -> None:  # noqa: F811
    heard(worker)
    begun(worker)
    assert stepped(worker, "end_protection").status_code == 422
    assert stepped(worker, "end_protection", why_not_heard="却下されてすぐに終えた").status_code == 302
    assert set(clocks()) == {"hearing_of_end"}
    heard(worker, "ending", words="うれしいと話した")
    assert clocks() == {}
    assert Hearing.objects.filter(about="ending").get().protection == Protection.objects.get()


def test_the_meeting_knows_that_the_child_was_heard(worker: Client) -> None:  # noqa: F811
    recorded(worker)
    heard(worker)
    url = f"/children/{AOI}/notifications/1/meeting/record/"
    assert worker.post(url, a_meeting(course="protect")).status_code == 302
    assert MeetingMinutes.objects.get().is_heard


def test_the_database_refuses_a_protection_past_the_child_and_a_changed_view(worker: Client) -> None:  # noqa: F811
    heard(worker)
    with pytest.raises(DatabaseError), transaction.atomic():
        Hearing.objects.update(words="別の話")
    said = {"shelter": "centre", "consent": "agrees", "began_at": timezone.now(), "limit_on": timezone.localdate()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Protection.objects.create(child_id=AOI, number=1, form=uuid.uuid4(), **said)


# The clocks.


def test_against_the_guardians_will_both_clocks_run(worker: Client, staff: Callable[..., Staff]) -> None:  # noqa: F811
    heard(worker)
    form = {"form": uuid.uuid4()}
    assert [begun(worker, **form).status_code for _ in range(2)] == [302, 302]
    one, today = Protection.objects.get(), timezone.localdate()
    assert clocks() == {"warrant": today + dt.timedelta(days=6), "limit": one.limit_on}
    assert {task.owner for task in Task.objects.filter(origin="of_protection")} == {staff()}
    assert worker.get(f"/children/{AOI}/tasks/").content.decode().count("一時保護") >= 2
    assert begun(worker).status_code == 409, "one at a time"


@pytest.mark.parametrize("consent", ["agrees", "nobody"])
def test_with_consent_no_warrant_is_asked_for(consent: str, worker: Client) -> None:  # noqa: F811
    heard(worker)
    begun(worker, consent=consent)
    assert set(clocks()) == {"limit"}
    stepped(worker, "withdraw_consent")
    assert set(clocks()) == {"limit", "warrant"}, "what is withdrawn starts the clock"


def test_the_warrants_clock_ends_when_it_is_asked_for_and_a_refusal_starts_another(worker: Client) -> None:  # noqa: F811
    heard(worker)
    begun(worker)
    stepped(worker, "ask_warrant")
    assert (set(clocks()), set(clocks("done"))) == ({"limit"}, {"warrant"})
    stepped(worker, "warrant_refused")
    assert clocks()["refusal"] == timezone.localdate() + dt.timedelta(days=3)
    stepped(worker, "appeal_refusal")
    assert set(clocks()) == {"limit"}


def test_beyond_two_months_the_family_court_is_asked_first(worker: Client) -> None:  # noqa: F811
    heard(worker)
    begun(worker)
    limit = Protection.objects.get().limit_on
    assert stepped(worker, "prolong").status_code == 422
    stepped(worker, "ask_court")
    assert stepped(worker, "prolong").status_code == 302
    one = Protection.objects.get()
    assert one.limit_on > limit + dt.timedelta(days=55)
    assert clocks()["limit"] == one.limit_on
    assert stepped(worker, "prolong").status_code == 422, "the next two months ask anew"


def test_with_the_guardians_consent_it_is_prolonged_without_the_court(worker: Client) -> None:  # noqa: F811
    heard(worker)
    begun(worker, consent="agrees")
    assert stepped(worker, "prolong").status_code == 302


def test_a_supervisor_is_given_the_task_before_the_last_day(
    worker: Client, staff: Callable[..., Staff]  # noqa: F811
) -> None:  # fmt: skip
    heard(worker)
    begun(worker)
    boss, now = staff(Role.SUPERVISOR), timezone.now()
    Duty.objects.get_or_create(staff=boss, kind="team", key=INTAKE_TEAM, defaults={"starts_on": timezone.localdate()})

    def told(days: int) -> int:
        with the_program():
            return keep_time(now + dt.timedelta(days=days), lambda team: [boss.pk] if team == INTAKE_TEAM else [])

    assert [told(3), told(4), told(5)] == [0, 1, 0], "two days before the last, and once"
    above = Task.objects.get(owner=boss)
    assert above.due_on == timezone.localdate() + dt.timedelta(days=6)
    stepped(worker, "ask_warrant")
    above.refresh_from_db()
    assert (above.state, told(6)) == ("done", 0)


def test_an_end_ends_every_clock(worker: Client) -> None:  # noqa: F811
    heard(worker)
    begun(worker)
    heard(worker, "ending")
    assert stepped(worker, "end_protection").status_code == 302
    assert clocks() == {}
    assert worker.get(PAGE).context["running"] is None


def test_whoever_was_slower_is_told(worker: Client) -> None:  # noqa: F811
    heard(worker)
    begun(worker)
    stepped(worker, "ask_warrant")
    answer = stepped(worker, "warrant_issued", seen=1, reason="裁判所から届いた")
    assert answer.status_code == 409
    assert "裁判所から届いた" in answer.content.decode()


def test_nothing_of_it_stands_in_the_log(worker: Client) -> None:  # noqa: F811
    begun(worker, why_not_heard=WHY)
    heard(worker)
    events = [json.loads(body) for body in Event.objects.filter(object="protection").values_list("body", flat=True)]
    assert {event["action"] for event in events} >= {"hear_child", "begin_protection", "record"}
    assert [w for w in (WORDS, WHY, "けががある") if w in json.dumps(events, ensure_ascii=False)] == []

"""Deciding: the worker's own view, kept with actor and time; nobody is overwritten; a second click does nothing."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from builders import a_child, an_id
from tsunagu_web.access.terms import Role
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Child, Decision

AOI = an_id("例川 あおい")
URL = f"/children/{AOI}/decide/"
LATER = (timezone.localdate() + dt.timedelta(days=20)).isoformat()


def a_form(outcome: str, *, seen: int = 0, **more: object) -> dict[str, object]:
    return {"outcome": outcome, "seen": seen, "form": str(uuid.uuid4()), **more}


@pytest.mark.parametrize("role", [Role.VICE_PRINCIPAL, Role.AUDITOR])
def test_who_may_not(role: str, intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(a_child())
    assert as_role(role).post(URL, a_form("candidate")).status_code == 403
    assert Decision.objects.count() == 0


@pytest.mark.parametrize(
    ("form", "until", "reason"),
    [
        (a_form("candidate", note="家庭訪問をする"), None, ""),
        (a_form("watch", until=LATER), LATER, ""),
        (a_form("not_now", reason="resolved"), None, "resolved"),
        (a_form("supported"), None, ""),
        (a_form("candidate", until=LATER, reason="resolved"), None, ""),
    ],
)
def test_it_records_the_decision_with_actor_and_time(
    form: dict[str, object],
    until: str | None,
    reason: str,
    intake: Callable[..., object],
    as_role: Callable[..., Client],
    staff: Callable[..., object],
) -> None:
    intake(a_child())
    assert as_role().post(URL, form).status_code == 302
    decision = Decision.objects.get()
    assert decision.outcome == form["outcome"]
    assert (decision.until.isoformat() if decision.until else None) == until
    assert decision.reason == reason
    assert decision.by == staff()
    assert abs(timezone.now() - decision.at) < dt.timedelta(minutes=1)
    assert decision.level == "予防的支援"
    child = Child.objects.get(pk=AOI)
    assert (child.state, child.decisions_made) == (form["outcome"], 1)
    entry = json.loads(Event.objects.get(action="decide").body)
    assert entry["persons"] == [AOI]
    told = entry["detail"]
    assert (told["outcome"], told["number"], told["row"]) == (form["outcome"], 1, f"cases.decision:{decision.pk}")
    assert set(told) == {"outcome", "number", "row", "content"}


@pytest.mark.parametrize(
    ("form", "told"),
    [
        (a_form(""), "4つのうち1つを選んでください"),
        (a_form("watch"), "いつまで経過を見るか"),
        (a_form("watch", until="2020-01-01"), "明日から1年以内"),
        (a_form("watch", until="2126-01-01"), "明日から1年以内"),
        (a_form("not_now"), "理由を選んでください"),
        (a_form("new"), "まだ記録していません"),
        (a_form("watch", until="soon"), "まだ記録していません"),
    ],
)
def test_an_incomplete_form_is_shown_again(
    form: dict[str, object], told: str, intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    answer = as_role().post(URL, {**form, "note": "覚え書き"})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert "覚え書き" in answer.content.decode(), "what was typed is kept"
    assert Decision.objects.count() == 0


def test_a_second_click_is_harmless(intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(a_child())
    client, form = as_role(), a_form("candidate")
    assert client.post(URL, form).status_code == 302
    assert client.post(URL, form).status_code == 302
    assert Decision.objects.count() == 1


def test_somebody_who_was_slower_is_told_and_nothing_is_lost(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    assert as_role().post(URL, a_form("watch", until=LATER)).status_code == 302
    slower = as_role(Role.SUPERVISOR)
    answer = slower.post(URL, a_form("candidate", note="わたしの見立て"))
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "ほかの職員が判断を記録しました" in text
    assert "わたしの見立て" in text
    assert Decision.objects.count() == 1
    again = a_form("candidate", seen=answer.context["page"].form.initial["seen"])
    assert slower.post(URL, again).status_code == 302
    assert [d.outcome for d in Decision.objects.order_by("number")] == ["watch", "candidate"]


def test_the_history_is_kept_newest_first(intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(a_child())
    client = as_role()
    client.post(URL, a_form("watch", until=LATER))
    client.post(URL, a_form("not_now", seen=1, reason="explained"))
    history = client.get(f"/children/{AOI}/").context["page"].history
    assert [d.outcome for d in history] == ["not_now", "watch"]
    assert Child.objects.get(pk=AOI).due_on is None


def test_the_database_keeps_the_states_apart(intake: Callable[..., object]) -> None:
    intake(a_child())
    child = Child.objects.filter(pk=AOI)
    for wrong in (
        {"state": "dismissed", "decisions_made": 1},
        {"state": "watch", "decisions_made": 1},
        {"state": "candidate", "decisions_made": 1, "due_on": dt.date(2026, 12, 1)},
        {"state": "candidate"},
        {"state": "new", "decisions_made": 1},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            child.update(**wrong)


def test_the_supervisor_sees_the_overview_and_the_worker_does_not(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    as_role().post(URL, a_form("candidate", note="家庭訪問"))
    assert as_role().get("/decisions/").status_code == 403
    text = as_role(Role.SUPERVISOR).get("/decisions/").content.decode()
    assert "支援候補" in text
    assert "家庭訪問" in text

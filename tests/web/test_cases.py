"""Cases: opened by the decision, one open at a time, assigned by who may, and the child's scope follows."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from builders import a_child, an_id
from tsunagu_web.access.models import INTAKE_TEAM, Team
from tsunagu_web.access.terms import CaseState, Purpose, Role, Scope
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases import services
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.cases.queries import leads_by_team
from tsunagu_web.duties.viewers import viewer_of

AOI = an_id("例川 あおい")
PAGE = f"/children/{AOI}/"


def decide(client: Client, outcome: str = "candidate", seen: int = 0) -> int:
    return client.post(f"{PAGE}decide/", {"outcome": outcome, "seen": seen, "form": str(uuid.uuid4())}).status_code


@pytest.fixture
def east(staff: Callable[..., Staff]) -> Staff:
    """A lead worker of another team."""
    Team.objects.create(key="east", name="東")
    other = staff(Role.LEAD_WORKER, login="east")
    other.duties.all().delete()
    other.duties.create(kind=Scope.TEAM, key="east", starts_on=timezone.localdate())
    return other


@pytest.mark.parametrize("role", [Role.LEAD_WORKER, Role.VICE_PRINCIPAL, Role.AUDITOR])
def test_who_may_not_assign(
    role: str, intake: Callable[..., object], as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> None:
    intake(a_child())
    decide(as_role())
    form = {"team": INTAKE_TEAM, "lead": staff().pk, "kind": "support", "seen": 1}
    assert as_role(role).post(f"{PAGE}case/assign/", form).status_code == 403
    assert Case.objects.get().kind == "other"


@pytest.mark.parametrize("role", [Role.SCHOOL_SOCIAL_WORKER, Role.LEAD_WORKER])
def test_the_case_is_shown_for_the_purpose_of_a_case_only(
    role: str, intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    decide(as_role())
    client = as_role(role, purpose=Purpose.CASE_SUPPORT)
    assert client.get(PAGE).context["page"].case.number == 1
    assert client.get(f"{PAGE}case/").context["case"].number == 1
    hidden = as_role(role, purpose=Purpose.EARLY_SUPPORT).get(PAGE)
    assert hidden.context["page"].case is None
    assert "主担当者" not in hidden.content.decode()
    assert as_role(role, purpose=Purpose.EARLY_SUPPORT).get(f"{PAGE}case/").status_code == 403


def test_a_support_candidate_gets_a_case_at_the_same_moment(
    intake: Callable[..., object], as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> None:
    intake(a_child())
    assert decide(as_role()) == 302
    case = Case.objects.get()
    assert (case.child_id, case.number, case.team, case.lead, case.state) == (AOI, 1, INTAKE_TEAM, staff(), "open")
    assert Child.objects.get(pk=AOI).case_state == CaseState.OPEN
    assert [e.action for e in Event.objects.order_by("number")][-2:] == ["decide", "open_case"]
    assert decide(as_role(), seen=1) == 302
    assert Case.objects.count() == 1, "an open case is not opened twice"


@pytest.mark.parametrize("outcome", ["supported"])
def test_another_decision_opens_none(
    outcome: str, intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    assert decide(as_role(), outcome) == 302
    assert Case.objects.count() == 0
    assert Child.objects.get(pk=AOI).case_state == CaseState.NOTICED


def test_decision_and_case_stand_or_fall_together(
    intake: Callable[..., object], as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake(a_child())

    def broken(*_all: object, **_how: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(services, "follow", broken)
    client = as_role()
    client.raise_request_exception = False
    assert decide(client) == 500
    assert Case.objects.count() == 0
    child = Child.objects.get(pk=AOI)
    assert (child.state, child.case_state, child.decisions_made) == ("new", "noticed", 0)


def test_assigning_gives_case_and_child_to_the_other_team(
    intake: Callable[..., object], as_role: Callable[..., Client], east: Staff
) -> None:
    intake(a_child())
    decide(as_role())
    supervisor = as_role(Role.SUPERVISOR)
    form = {"team": "east", "lead": east.pk, "kind": "protection", "seen": 1}
    assert supervisor.post(f"{PAGE}case/assign/", form).status_code == 302
    case = Case.objects.get()
    assert (case.team, case.lead, case.kind, case.revision) == ("east", east, "protection", 2)
    entry = json.loads(Event.objects.filter(action="assign_case").get().body)
    assert entry["detail"] == {"number": 1, "team": "east", "lead": east.pk}
    assert as_role().get(PAGE).status_code == 404, "who has no duty for the new team no longer opens the child"
    assert as_role(login="east").get(PAGE).status_code == 200


def test_who_assigns_sees_how_many_open_cases_of_those_in_reach_each_has(
    intake: Callable[..., object], as_role: Callable[..., Client], staff: Callable[..., Staff], east: Staff
) -> None:
    """Everything is open to a test itself, so the filter alone keeps another team's case from being counted."""
    intake(a_child(), a_child("例田 ソラ", "レイタ ソラ", household="6"))
    for person in (AOI, an_id("例田 ソラ")):
        form = {"outcome": "candidate", "seen": 0, "form": str(uuid.uuid4())}
        assert as_role().post(f"/children/{person}/decide/", form).status_code == 302
    Child.objects.filter(pk=AOI).update(team="east")
    viewer = viewer_of(staff(Role.SUPERVISOR), Purpose.EARLY_SUPPORT)
    told = {pk: name for _key, _team, leads in leads_by_team(viewer) for pk, name in leads}
    assert (told[staff().pk][-4:], told[east.pk][-4:]) == ("当1件）", "当0件）")


def test_the_lead_needs_a_duty_for_the_team(
    intake: Callable[..., object], as_role: Callable[..., Client], staff: Callable[..., Staff], east: Staff
) -> None:
    intake(a_child())
    decide(as_role())
    form = {"team": "east", "lead": staff().pk, "kind": "support", "seen": 1}
    answer = as_role(Role.SUPERVISOR, purpose=Purpose.CASE_SUPPORT).post(f"{PAGE}case/assign/", form)
    assert answer.status_code == 422
    assert "このチームの担当ではありません" in answer.content.decode()
    assert Case.objects.get().team == INTAKE_TEAM


def test_somebody_who_was_slower_is_told_and_nothing_is_lost(
    intake: Callable[..., object], as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> None:
    intake(a_child())
    decide(as_role())
    client = as_role(Role.SUPERVISOR, purpose=Purpose.CASE_SUPPORT)
    form = {"team": INTAKE_TEAM, "lead": staff().pk, "kind": "support", "seen": 1}
    assert client.post(f"{PAGE}case/assign/", form).status_code == 302
    late = client.post(f"{PAGE}case/assign/", {**form, "kind": "protection"})
    assert late.status_code == 409
    text = late.content.decode()
    assert "ほかの職員がこのケースを変更しました" in text
    assert Case.objects.get().kind == "support"
    shown = late.context["form"]
    assert (shown.initial["kind"], shown.initial["seen"]) == ("protection", 2)


def test_nothing_is_assigned_without_an_open_case(
    intake: Callable[..., object], as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> None:
    intake(a_child())
    form = {"team": INTAKE_TEAM, "lead": staff().pk, "kind": "support", "seen": 1}
    assert as_role(Role.SUPERVISOR).post(f"{PAGE}case/assign/", form).status_code == 404


def test_the_next_run_leaves_team_and_standing_to_the_case(
    intake: Callable[..., object], as_role: Callable[..., Client], east: Staff
) -> None:
    import datetime as dt

    intake(a_child())
    decide(as_role())
    form = {"team": "east", "lead": east.pk, "kind": "support", "seen": 1}
    as_role(Role.SUPERVISOR).post(f"{PAGE}case/assign/", form)
    intake(a_child(), name="next", on=dt.date(2026, 10, 31))
    child = Child.objects.get(pk=AOI)
    assert (child.team, child.case_state) == ("east", "open")


def test_the_database_keeps_one_open_case_of_a_child(
    intake: Callable[..., object], as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> None:
    intake(a_child())
    decide(as_role())
    today = timezone.localdate()
    how = {"child_id": AOI, "team": INTAKE_TEAM, "lead": staff(), "opened_on": today}
    for wrong in (
        {"number": 2},
        {"number": 1, "state": "closed", "closed_on": today},
        {"number": 2, "state": "closed"},
        {"number": 2, "state": "noticed"},
        {"number": 2, "state": "closed", "stage": "closed", "closed_on": today},  # begins at its end
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Case.objects.create(**how, **wrong)

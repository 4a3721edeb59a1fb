"""A model of the work beside the desk: any order of steps, by anybody, seen late, sent twice or forced, ends alike.

The model reads the tables by itself; the desk and its database must answer as it does, and keep a whole path of steps.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, models, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from builders import a_child, an_id
from tsunagu.casework.machines import MACHINES, Machine
from tsunagu_web.access.terms import Role
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.conferences.models import Conference
from tsunagu_web.conferences.services import Call, call
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.guidance_centre.models import SEEN_WITHIN, Meeting, Notification
from tsunagu_web.offers.models import Offer
from tsunagu_web.outreach.models import Reassessment
from tsunagu_web.plans.models import SupportPlan
from tsunagu_web.protection.models import Protection
from tsunagu_web.referrals.models import Referral
from tsunagu_web.steps import services
from tsunagu_web.steps.guards import guard_of
from tsunagu_web.steps.models import Step
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow, take
from tsunagu_web.tasks.models import Task
from tsunagu_web.tasks.services import Asked, set_task
from tsunagu_web.transfers.models import Transfer

AOI = an_id("例川 あおい")
NAMES = sorted({move.name for machine in MACHINES.values() for move in machine.moves} | {"fly"})


def beside(row: models.Model, name: str, viewer: Viewer | None) -> dict[str, Any]:
    """What stands beside a state in its row, as the rooms' services write it with the step."""
    today, now = timezone.localdate(), timezone.now()
    columns: dict[tuple[str, str], dict[str, Any]] = {
        ("case", "close"): {"state": "closed", "closed_on": today},
        ("case", "reopen"): {"state": "open", "closed_on": None},
        ("case", "close_handed_over"): {"state": "transferred", "closed_on": today},
        ("plan", "approve"): {"approved": 1},
        ("transfer", "send"): {"handover": f"h-{row.pk}"},
        ("referral", "send"): {"sent_by_id": viewer.staff_id if viewer else None, "sent_at": now},
        ("reassessment", "decide"): {"outcome": "no_change"},
        ("notification", "decide_urgency"): {"urgency": "B"},
        ("protection", "end_protection"): {"ended_on": today},
        ("offer", "plan_way"): {"way": "visit", "planned_on": today},
    }
    return columns.get((guard_of(row).machine.name, name), {})


def a_case(_viewer: Viewer) -> models.Model:
    return Case.objects.get()


def a_task(viewer: Viewer) -> models.Model:
    child = Child.objects.get(pk=AOI)
    return set_task(child, viewer, Asked("電話", viewer.staff_id, timezone.localdate(), uuid.uuid4()))


def a_conference(viewer: Viewer) -> models.Model:
    now = timezone.now()
    wish = Call("individual", "intake", now, now + timezone.timedelta(hours=2), "", (), uuid.uuid4())
    return call(viewer, wish)


def a_plan(viewer: Viewer) -> models.Model:
    plan = SupportPlan.objects.create(child_id=AOI, case=Case.objects.get(), number=1)
    services.begin(plan, viewer)
    return plan


def a_referral(viewer: Viewer) -> models.Model:
    """To somebody who sends nothing here: nobody refers to oneself."""
    other = Staff.objects.create(login="asked", name="職員B", role=Role.PARTNER, department="団体")
    today = timezone.localdate()
    referral = Referral.objects.create(
        child_id=AOI, number=1, to=other, purpose="x", basis="within_purpose", reply_until=today, open_until=today
    )
    services.begin(referral, viewer)
    return referral


def a_transfer(viewer: Viewer) -> models.Model:
    to = {"to": "aoba-city", "to_name": "青葉市", "kind": "ordinary", "recipients": "role:supervisor"}
    row = Transfer.objects.create(child_id=AOI, case=Case.objects.get(), number=1, **to)
    services.begin(row, viewer)
    return row


def a_reassessment(viewer: Viewer) -> models.Model:
    today = timezone.localdate()
    fields = {"cause": "person", "started_on": today, "due_on": today}
    row = Reassessment.objects.create(child_id=AOI, case=Case.objects.get(), **fields)
    services.begin(row, viewer)
    return row


def an_offer(viewer: Viewer) -> models.Model:
    row = Offer.objects.create(person_id=AOI, programme="school_aid", must_ask=False)
    services.begin(row, viewer)
    return row


def a_notification(viewer: Viewer) -> models.Model:
    now, form = timezone.now(), uuid.uuid4()
    row = Notification.objects.create(child_id=AOI, number=1, received_at=now, see_by=now + SEEN_WITHIN, form=form)
    services.begin(row, viewer)
    return row


def a_meeting(viewer: Viewer) -> models.Model:
    one = Notification.objects.filter(child_id=AOI).first() or a_notification(viewer)
    row = Meeting.objects.create(notification=one, child_id=AOI, number=one.meetings.count() + 1, form=uuid.uuid4())
    services.begin(row, viewer)
    return row


def a_protection(viewer: Viewer) -> models.Model:
    # One child is under one protection at a time.
    found = Protection.objects.filter(child_id=AOI, state="under_protection").first()
    if found is not None:
        return found
    now, said = timezone.now(), {"shelter": "centre", "consent": "not_known", "why_not_heard": "今夜のうちに"}
    number = Protection.objects.filter(child_id=AOI).count() + 1
    row = Protection.objects.create(
        child_id=AOI, number=number, began_at=now, limit_on=now.date(), form=uuid.uuid4(), **said
    )
    services.begin(row, viewer, reason="続けて危ない")
    return row


# Every table that moves by steps has its first row here; `test_every_machine_of_a_table_is_modelled` holds that.
STARTS: dict[type[models.Model], Callable[[Viewer], models.Model]] = {
    Case: a_case,
    Task: a_task,
    Conference: a_conference,
    SupportPlan: a_plan,
    Referral: a_referral,
    Reassessment: a_reassessment,
    Offer: an_offer,
    Transfer: a_transfer,
    Notification: a_notification,
    Meeting: a_meeting,
    Protection: a_protection,
}


def test_every_machine_of_a_table_is_modelled(desk: None) -> None:
    from tsunagu_web.steps.guards import all_guarded

    assert {one.model for one in all_guarded()} == set(STARTS)


class Work(RuleBasedStateMachine):
    """One row, three people and the desk itself."""

    people: tuple[Viewer, ...]
    start: Callable[[Viewer], models.Model]

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.row = type(self).start(self.people[0])
        guard = guard_of(self.row)
        self.machine: Machine = guard.machine
        self.column = guard.column
        self.state, self.revision, self.last = self.machine.initial, self.row.revision, self.people[0].staff_id  # type: ignore[attr-defined]
        self.sent: dict[uuid.UUID, int] = {}
        self.taken = Step.objects.filter(machine=self.machine.name, subject=self.row.pk).count()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    @rule(
        name=st.sampled_from(NAMES),
        who=st.sampled_from([0, 1, 2, None]),
        reason=st.sampled_from(["", "  ", "なぜなら"]),
        late=st.booleans(),
    )
    def step(self, name: str, who: int | None, reason: str, late: bool) -> None:
        self._send(name, None if who is None else self.people[who], reason, self.revision - late, uuid.uuid4())

    @rule(data=st.data(), who=st.sampled_from([0, 1]))
    @precondition(lambda self: self.machine.moves_from(self.state))
    def likely_step(self, data: Any, who: int) -> None:
        move = data.draw(st.sampled_from(self.machine.moves_from(self.state)))
        self._send(move.name, self.people[who], "なぜなら", self.revision, uuid.uuid4())

    @rule(data=st.data())
    @precondition(lambda self: self.sent)
    def second_click(self, data: Any) -> None:
        # In the order sent: a form's own mark is another in every run, and would draw another one each time.
        form = list(self.sent)[data.draw(st.integers(0, len(self.sent) - 1))]
        viewer = self.people[self.sent[form]]
        before = Step.objects.get(form=form)
        assert take(self.row, viewer, before.move, seen=before.number - 1, form=form, reason=before.reason) == before

    @rule(data=st.data())
    def forced(self, data: Any) -> None:
        """Somebody writes past the desk."""
        target = data.draw(st.sampled_from([s for s in self.machine.states if s != self.state]))
        change = {self.column: target, "revision": self.revision + 1}
        with pytest.raises(DatabaseError), transaction.atomic():
            type(self.row)._default_manager.filter(pk=self.row.pk).update(**change)

    def _send(self, name: str, viewer: Viewer | None, reason: str, seen: int, form: uuid.UUID) -> None:
        move = next((m for m in self.machine.moves if m.name == name and m.source == self.state), None)
        is_late = seen != self.revision
        is_wrong = (
            move is None
            or (viewer is None and not move.by_program)
            or (move.needs_reason and not reason.strip())
            or (move.by_another and viewer is not None and viewer.staff_id == self.last)
        )
        try:
            also = beside(self.row, name, viewer)
            take(self.row, viewer, name, seen=seen, form=form if viewer else None, reason=reason, also=also)
        except ChangedMeanwhile:
            assert is_late
        except NotNow:
            assert is_wrong
            assert not is_late
        else:
            assert move is not None
            assert not is_late
            assert not is_wrong
            self.state, self.revision, self.taken = move.target, self.revision + 1, self.taken + 1
            self.last = viewer.staff_id if viewer else None  # type: ignore[assignment]
            if viewer:
                self.sent[form] = self.people.index(viewer)

    @invariant()
    def the_row_stands_where_the_model_does(self) -> None:
        now = type(self.row)._default_manager.values(self.column, "revision").get(pk=self.row.pk)
        assert (now[self.column], now["revision"]) == (self.state, self.revision)

    @invariant()
    def its_steps_are_one_path_by_somebody(self) -> None:
        steps = list(Step.objects.filter(machine=self.machine.name, subject=self.row.pk).order_by("number"))
        assert len(steps) == self.taken
        assert [s.source for s in steps] == ["", *(s.target for s in steps[:-1])]
        assert steps[-1].target == self.state
        allowed = {(m.name, m.source, m.target): m for m in self.machine.moves}
        for one in steps:
            move = allowed[one.move, one.source, one.target]
            assert one.by_id is not None or move.by_program
            assert one.reason or not move.needs_reason


@pytest.fixture
def people(
    intake: Callable[..., object], as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> tuple[Viewer, ...]:
    intake(a_child())
    form = {"outcome": "candidate", "seen": 0, "form": str(uuid.uuid4())}
    assert as_role().post(f"/children/{AOI}/decide/", form).status_code == 302
    others = [staff(Role.SUPERVISOR), staff(Role.SUPERVISOR, login="second")]
    return tuple(viewer_of(one, "case_support") for one in (staff(), *others))


def run(people: tuple[Viewer, ...], start: Callable[[Viewer], models.Model], examples: int) -> None:
    machine = type("Run", (Work,), {"people": people, "start": staticmethod(start)})
    checks = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
    quiet = settings(
        max_examples=examples,
        stateful_step_count=10,
        deadline=None,
        suppress_health_check=checks,
        phases=[Phase.generate] if examples < 400 else list(Phase),
        derandomize=examples < 400,
    )
    run_state_machine_as_test(machine, settings=quiet)


@pytest.mark.parametrize("table", STARTS, ids=lambda t: t.__name__)
def test_the_desk_answers_as_the_model(table: type[models.Model], people: tuple[Viewer, ...]) -> None:
    run(people, STARTS[table], 10)


@pytest.mark.deep
@pytest.mark.parametrize("table", STARTS, ids=lambda t: t.__name__)
def test_the_desk_answers_as_the_model_at_length(table: type[models.Model], people: tuple[Viewer, ...]) -> None:
    run(people, STARTS[table], 400)


def test_control_the_model_sees_a_second_person_left_out(
    people: tuple[Viewer, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the desk's own check of two people out, the database refuses, and the model sees the difference."""
    monkeypatch.setattr(services, "_last_by", lambda *_all: None)
    with pytest.raises((AssertionError, DatabaseError, BaseExceptionGroup)):
        run(people, STARTS[Case], 200)

"""Steps: the tables are the database's own, two people are two, a second click changes nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from builders import a_child, an_id
from tsunagu.casework.machines import CASE, MACHINES
from tsunagu_web.access.terms import Role
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.audit.names import ACTIONS, OBJECTS
from tsunagu_web.cases.models import Case
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.steps import guards
from tsunagu_web.steps.models import AllowedStep, Step
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow, may_take, steps_of, take

AOI = an_id("例川 あおい")


@pytest.fixture
def case(intake: Callable[..., object], as_role: Callable[..., Client]) -> Case:
    intake(a_child())
    form = {"outcome": "candidate", "seen": 0, "form": str(uuid.uuid4())}
    assert as_role().post(f"/children/{AOI}/decide/", form).status_code == 302
    return Case.objects.get()


@pytest.fixture
def lead(staff: Callable[..., Staff]) -> Viewer:
    return viewer_of(staff(), "case_support")


@pytest.fixture
def supervisor(staff: Callable[..., Staff]) -> Viewer:
    return viewer_of(staff(Role.SUPERVISOR), "case_support")


def a_step(case: Case, name: str, source: str, target: str, **more: object) -> Step:
    how = {"machine": "case", "subject": case.pk, "person_id": AOI, "number": case.revision + 1, "move": name}
    how |= {"source": source, "target": target, "at": case.opened_on.isoformat() + "T00:00Z", "by_id": case.lead_id}
    return Step.objects.create(**how | more)


def test_a_decision_opens_the_case_by_a_step(case: Case, staff: Callable[..., Staff]) -> None:
    step = Step.objects.get()
    assert (step.machine, step.move, step.source, step.target) == ("case", "open_case", "", "opened")
    assert (step.by, step.person_id, step.number) == (staff(), AOI, 1)
    entry = json.loads(Event.objects.get(action="open_case").body)
    assert entry["detail"]["row"] == f"steps.step:{step.pk}"


def test_a_step_moves_the_work_and_is_in_the_log_without_its_words(case: Case, lead: Viewer) -> None:
    step = take(case, lead, "propose_closing", seen=1, form=uuid.uuid4(), reason="転居した")
    case.refresh_from_db()
    assert (case.stage, case.revision, step.reason) == ("closure_proposed", 2, "転居した")
    body = Event.objects.get(action="propose_closing").body
    assert json.loads(body)["persons"] == [AOI]
    assert "転居" not in body
    assert [s.move for s in steps_of(case)] == ["propose_closing", "open_case"]


def test_closing_takes_two_people(case: Case, lead: Viewer, supervisor: Viewer) -> None:
    take(case, lead, "propose_closing", seen=1, reason="落ち着いた")
    over = {"state": "closed", "closed_on": case.opened_on}
    assert "close" not in may_take(case, lead)
    with pytest.raises(NotNow, match="same_person"):
        take(case, lead, "close", seen=2, reason="落ち着いた", also=over)
    take(case, supervisor, "close", seen=2, reason="会議で確認した", also=over)
    case.refresh_from_db()
    assert (case.stage, case.state) == ("closed", "closed")
    take(case, lead, "reopen", seen=3, reason="また欠席が続く", also={"state": "open", "closed_on": None})
    assert [s.move for s in steps_of(case)] == ["reopen", "close", "propose_closing", "open_case"]


def test_the_same_form_takes_one_step(case: Case, lead: Viewer) -> None:
    form = uuid.uuid4()
    made = [take(case, lead, "assess", seen=1, form=form).pk for _ in range(2)]
    assert made[0] == made[1]
    assert Step.objects.filter(move="assess").count() == 1


def test_a_slower_colleague_is_told_and_nothing_is_written(case: Case, lead: Viewer, supervisor: Viewer) -> None:
    take(case, supervisor, "assess", seen=1)
    before = Event.objects.count()
    with pytest.raises(ChangedMeanwhile):
        take(case, lead, "propose_closing", seen=1, reason="転居した")
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    ("name", "reason", "why"),
    [("approve_plan", "", "no_step"), ("fly", "", "no_step"), ("propose_closing", "  ", "no_reason")],
)
def test_what_the_table_does_not_have_is_refused(name: str, reason: str, why: str, case: Case, lead: Viewer) -> None:
    with pytest.raises(NotNow, match=why):
        take(case, lead, name, seen=1, reason=reason)
    assert Step.objects.count() == 1


def test_the_desk_itself_takes_only_what_the_table_gives_it(case: Case) -> None:
    with pytest.raises(NotNow, match="no_step"):
        take(case, None, "assess", seen=1)


def test_the_database_refuses_a_state_without_its_step(case: Case) -> None:
    for stage in set(CASE.states) - {"opened", "closed", "transferred"}:
        with pytest.raises(DatabaseError), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(stage=stage, revision=2)
    Case.objects.filter(pk=case.pk).update(team="east")  # what is no state may change


def test_the_database_refuses_steps_of_no_table(case: Case, staff: Callable[..., Staff]) -> None:
    other = staff(Role.SUPERVISOR).pk
    a_step(case, "propose_closing", "opened", "closure_proposed", reason="転居した")
    for wrong in (
        ("close", "opened", "closed", {"reason": "x", "by_id": other}),  # no such step
        ("close", "closure_proposed", "active", {"reason": "x", "by_id": other}),  # another target
        ("close", "closure_proposed", "closed", {"reason": " ", "by_id": other}),  # no reason
        ("close", "closure_proposed", "closed", {"reason": "x"}),  # the same person
        ("close", "closure_proposed", "closed", {"reason": "x", "by_id": None}),  # nobody
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            a_step(case, *wrong[:3], number=3, **wrong[3])
    a_step(case, "close", "closure_proposed", "closed", number=3, reason="x", by_id=other)


def test_a_step_is_never_changed(case: Case) -> None:
    for change in (lambda: Step.objects.update(reason="x"), lambda: Step.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_row_begins_where_its_machine_begins(case: Case) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Case.objects.create(
            child_id=AOI, number=2, team="intake", lead_id=case.lead_id, opened_on=case.opened_on,
            closed_on=case.opened_on, state="closed", stage="closed",
        )  # fmt: skip


def test_control_without_the_triggers_a_state_changes_by_itself(case: Case) -> None:
    guards.lift()
    assert Case.objects.filter(pk=case.pk).update(stage="active", revision=2) == 1
    a_step(case, "fly", "opened", "active")
    Case.objects.filter(pk=case.pk).update(stage="opened", revision=1)
    guards.lay()
    with pytest.raises(DatabaseError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(stage="active", revision=3)


def test_the_database_holds_the_tables_of_today(desk: None) -> None:
    wanted = {(m.name, move.name, move.source, move.target) for m in MACHINES.values() for move in m.moves}
    assert set(AllowedStep.objects.values_list("machine", "move", "source", "target")) == wanted
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM steps_allowedstep")
    guards.lay()
    assert AllowedStep.objects.count() == len(wanted)


def test_every_table_with_a_machine_is_known(desk: None) -> None:
    for one in guards.all_guarded():
        assert one.machine is MACHINES[one.machine.name]
        states = {value for value, _label in one.model._meta.get_field(one.column).choices or ()}
        assert states == set(one.machine.states), one.model


def test_every_step_has_a_name_in_the_log() -> None:
    assert {move.name for m in MACHINES.values() for move in m.moves} <= set(ACTIONS)
    assert set(MACHINES) <= set(OBJECTS)

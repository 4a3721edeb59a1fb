"""The re-assessment clock: started by a changed fact at intake, once, and ended by nothing but a decision."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from test_outreach import AOI, PAGE, a_sight, opened

from builders import ATestFact, a_child, a_household, absences
from tsunagu_web.access.terms import Purpose, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.outreach import situations
from tsunagu_web.outreach.models import ChangedFact, Reassessment
from tsunagu_web.steps.models import Step
from tsunagu_web.steps.services import take

NEXT, LATER = dt.date(2026, 10, 31), dt.date(2026, 11, 30)
OCTOBER = dt.date(2026, 10, 1)
Intake, Browser = Callable[..., object], Callable[..., Client]


def a_decision(row: Reassessment, outcome: str = "no_change", **more: object) -> dict[str, Any]:
    return {"outcome": outcome, "reason": "訪問して確かめた", "seen": row.revision, "form": str(uuid.uuid4()), **more}


def due() -> list[str]:
    return sorted(Reassessment.objects.filter(state="due").values_list("cause", flat=True))


@pytest.fixture
def started(intake: Intake, as_role: Browser) -> Reassessment:
    """A case whose child was absent for eight days in October, after one and two in the months before."""
    intake(a_child(facts=absences(1, 2)))
    opened(as_role)
    intake(a_child(facts=absences(1, 2, 8, until=OCTOBER)), name="next", on=NEXT)
    return Reassessment.objects.get()


def test_more_days_absent_start_the_clock_at_intake(started: Reassessment, as_role: Browser) -> None:
    assert (started.cause, started.state, started.case) == ("absence", "due", Case.objects.get())
    assert [f.reference for f in started.facts.all()] == ["absence:2026-10:8"]
    child = Child.objects.get(pk=AOI)
    assert (child.reassess_since, child.reassess_by) == (started.started_on, started.due_on)
    step = Step.objects.get(machine="reassessment")
    assert (step.by, step.person_id) == (None, AOI)
    entry = json.loads(Event.objects.get(action="start").body)
    assert (entry["actor"], entry["persons"]) == ("system", [AOI])
    for path in (f"/children/{AOI}/", "/children/", PAGE, f"/children/{AOI}/reassessments/{started.pk}/"):
        text = as_role().get(path).content.decode()
        assert "再アセスメント" in text, path
    assert "令和8年10月の欠席日数: 8" in text
    assert AOI in as_role().get("/reassessments/").content.decode()


@pytest.mark.parametrize(
    "october",
    [
        pytest.param(2, id="as before"),
        pytest.param(4, id="a little more"),
        pytest.param(None, id="unknown"),
    ],
)
def test_what_is_no_change_and_what_is_unknown_start_nothing(
    october: int | None, intake: Intake, as_role: Browser
) -> None:
    intake(a_child(facts=absences(1, 2)))
    opened(as_role)
    intake(a_child(facts=absences(1, 2, october, until=OCTOBER)), name="next", on=NEXT)
    assert due() == []
    assert ("いま、わからないこと" in as_role().get(PAGE).content.decode()) == (october is None)


def test_a_fact_that_became_unknown_starts_nothing_and_is_told(intake: Intake, as_role: Browser) -> None:
    intake(a_child(facts=absences(1, 9)))
    opened(as_role)
    assert "欠席日数" not in as_role().get(PAGE).content.decode()
    intake(a_child(facts=absences(1, None)), name="next", on=NEXT)
    assert due() == []
    text = as_role().get(PAGE).content.decode()
    assert "いま、わからないこと" in text
    assert "欠席日数" in text


def test_the_same_fact_starts_the_clock_once(started: Reassessment, intake: Intake, as_role: Browser) -> None:
    facts = absences(1, 2, 8, until=OCTOBER)
    intake(a_child(facts=facts, class_name="2"), name="later", on=LATER)
    assert Reassessment.objects.count() == 1
    as_role().post(f"/children/{AOI}/reassessments/{started.pk}/decide/", a_decision(started))
    intake(a_child(facts=absences(1, 2, None, until=OCTOBER)), name="silent", on=LATER)
    intake(a_child(facts=facts), name="again", on=LATER)
    assert due() == []
    assert ChangedFact.objects.count() == 1


def test_a_further_fact_joins_what_is_due_and_who_decides_is_told(
    started: Reassessment, intake: Intake, as_role: Browser
) -> None:
    stale = a_decision(started)
    intake(a_child(facts=absences(1, 2, 15, until=OCTOBER)), name="later", on=LATER)
    started.refresh_from_db()
    assert [f.reference for f in started.facts.all()] == ["absence:2026-10:8", "absence:2026-10:15"]
    answer = as_role().post(f"/children/{AOI}/reassessments/{started.pk}/decide/", stale)
    assert answer.status_code == 409
    assert "15" in answer.content.decode()
    assert due() == ["absence"]


def test_a_move_a_baby_and_a_higher_level_start_it(intake: Intake, as_role: Browser) -> None:
    intake(*a_household(a_child(level="見守り")))
    opened(as_role)
    moved = ATestFact("move", dt.date(2026, 10, 12), value="within", holder="jumin")
    baby = a_child("例川 ひなた", "レイカワ ヒナタ", level=None, birth_date=dt.date(2026, 10, 2), grade=None)
    report = ATestFact("report", dt.date(2026, 10, 20), value="notification", holder="kosoudan")
    aoi = a_child(level="重点支援", facts=(moved, report))
    intake(*a_household(aoi, baby), name="next", on=NEXT)
    assert due() == ["level", "move", "new_baby", "report"]


def test_a_household_number_that_changed_is_a_move_and_is_not_written_down(intake: Intake, as_role: Browser) -> None:
    intake(*a_household(a_child()))
    opened(as_role)
    intake(a_child(household="90001"), name="next", on=NEXT)
    assert due() == ["move"]
    assert ChangedFact.objects.get().reference == "household:2026-10-31"


def test_an_adult_who_joins_the_household_starts_it(intake: Intake, as_role: Browser) -> None:
    sister = a_child("例川 ひかり", "レイカワ ヒカリ", level=None, birth_date=dt.date(2008, 10, 20), grade=None)
    intake(*a_household(a_child(), sister))
    opened(as_role)
    *_children, partner = a_household(adult="例島 蓮")
    # The sister has come of age meanwhile: she lived there before, and is nobody new.
    intake(*a_household(a_child(), sister), partner, name="next", on=NEXT)
    assert due() == ["new_adult"]
    assert ChangedFact.objects.get().reference == "adult:2026-10-31", "who it is stays in the register"
    assert "世帯に新しいおとな" in as_role().get("/reassessments/").content.decode()


def test_a_sister_who_comes_of_age_is_nobody_new(intake: Intake, as_role: Browser) -> None:
    sister = a_child("例川 ひかり", "レイカワ ヒカリ", level=None, birth_date=dt.date(2008, 10, 20), grade=None)
    intake(*a_household(a_child(), sister))
    opened(as_role)
    intake(*a_household(a_child(), sister), name="next", on=NEXT)
    assert due() == []


@pytest.mark.parametrize(("injuries", "starts"), [("seen", ["injury"]), ("none", []), ("unseen", [])])
def test_injuries_that_somebody_saw_start_it(
    injuries: str, starts: list[str], intake: Intake, as_role: Browser
) -> None:
    intake(a_child())
    opened(as_role)
    form = a_sight(injuries=injuries, injury_words="左の頬に小さなあざ" if injuries == "seen" else "")
    assert [as_role().post(f"/children/{AOI}/sight/confirm/", form).status_code for _ in range(2)] == [302, 302]
    assert due() == starts
    if starts:
        row = Reassessment.objects.get()
        assert row.due_on == row.started_on + dt.timedelta(days=2)
        text = as_role().get(f"/children/{AOI}/reassessments/{row.pk}/").content.decode()
        assert "にけがを見た" in text
        assert "頬" not in text, "where it was stands with the sight confirmation"


def test_injuries_without_a_case_start_nothing(intake: Intake, as_role: Browser) -> None:
    intake(a_child())
    form = a_sight(injuries="seen", injury_words="左の頬に小さなあざ")
    assert as_role().post(f"/children/{AOI}/sight/confirm/", form).status_code == 302
    assert due() == []


def test_nothing_is_started_without_an_open_case(intake: Intake) -> None:
    intake(a_child(facts=absences(1, 2)))
    intake(a_child(facts=absences(1, 2, 20, until=OCTOBER)), name="next", on=NEXT)
    assert due() == []


def test_support_under_way_goes_to_review(intake: Intake, as_role: Browser, staff: Callable[..., Staff]) -> None:
    intake(a_child(facts=absences(1, 2)))
    case = opened(as_role)
    lead, supervisor = viewer_of(staff(), "case_support"), viewer_of(staff(Role.SUPERVISOR), "case_support")
    for who, name in ((lead, "assess"), (lead, "plan"), (lead, "submit_plan"), (supervisor, "approve_plan")):
        take(case, who, name, seen=case.revision)
    intake(a_child(facts=absences(1, 2, 8, until=OCTOBER)), name="next", on=NEXT)
    case.refresh_from_db()
    assert case.stage == "review"
    assert Step.objects.get(move="begin_review").by is None


# It ends with a decision, and in no other way


def test_a_decision_ends_it_with_outcome_and_reason(started: Reassessment, as_role: Browser) -> None:
    path = f"/children/{AOI}/reassessments/{started.pk}/decide/"
    form = a_decision(started, "plan_anew")
    assert [as_role().post(path, form).status_code for _ in range(2)] == [302, 302]
    started.refresh_from_db()
    assert (started.state, started.outcome) == ("decided", "plan_anew")
    assert Step.objects.get(machine="reassessment", move="decide").reason == "訪問して確かめた"
    assert Child.objects.get(pk=AOI).reassess_since is None
    assert json.loads(Event.objects.get(action="record_outcome").body)["detail"]["outcome"] == "plan_anew"
    body = Event.objects.get(action="decide", object="reassessment").body
    assert "訪問" not in body


@pytest.mark.parametrize("missing", ["outcome", "reason"])
def test_without_outcome_or_reason_it_stays(missing: str, started: Reassessment, as_role: Browser) -> None:
    form = a_decision(started) | {missing: ""}
    assert as_role().post(f"/children/{AOI}/reassessments/{started.pk}/decide/", form).status_code == 422
    assert due() == ["absence"]


def test_the_database_refuses_every_other_end(started: Reassessment, as_role: Browser) -> None:
    row = Reassessment.objects.filter(pk=started.pk)
    for end in (
        row.delete,
        lambda: row.update(state="decided"),
        lambda: row.update(state="decided", outcome="no_change", revision=2),
        lambda: row.update(outcome="no_change"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            end()
    as_role().post(f"/children/{AOI}/reassessments/{started.pk}/decide/", a_decision(started))
    for change in (lambda: row.update(outcome="consult"), lambda: ChangedFact.objects.update(reference="x")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert row.get().outcome == "no_change"


def test_a_case_is_not_closed_while_one_is_due(started: Reassessment, as_role: Browser) -> None:
    case = Case.objects.get()

    def step(role: str, name: str) -> int:
        case.refresh_from_db()
        form = {"step": name, "reason": "落ち着いた", "seen": case.revision, "form": str(uuid.uuid4())}
        client = as_role(role, purpose=Purpose.CASE_SUPPORT)
        return int(client.post(f"/children/{AOI}/case/step/", form).status_code)

    assert step(Role.LEAD_WORKER, "propose_closing") == 302
    assert step(Role.SUPERVISOR, "close") == 409
    text = as_role(Role.SUPERVISOR, purpose=Purpose.CASE_SUPPORT).get(f"/children/{AOI}/case/").content.decode()
    assert "再アセスメントの判断を待っています" in text
    with pytest.raises(IntegrityError), transaction.atomic():
        Child.objects.filter(pk=AOI).update(case_state="closed")
    as_role().post(f"/children/{AOI}/reassessments/{started.pk}/decide/", a_decision(started))
    assert step(Role.SUPERVISOR, "close") == 302


@pytest.mark.parametrize("role", [Role.SCHOOL_SOCIAL_WORKER, Role.PUBLIC_HEALTH_NURSE, Role.VICE_PRINCIPAL])
def test_who_may_not_decide(role: str, started: Reassessment, as_role: Browser) -> None:
    path = f"/children/{AOI}/reassessments/{started.pk}/"
    client = as_role(role)
    assert client.get(path).status_code == 403
    assert client.post(f"{path}decide/", a_decision(started)).status_code == 403
    assert client.post(f"/children/{AOI}/reassessments/start/", {"reason": "x"}).status_code == 403
    assert due() == ["absence"]
    if role != Role.VICE_PRINCIPAL:
        assert "欠席が増えた" not in client.get(PAGE).content.decode()


def test_a_person_starts_it_once(intake: Intake, as_role: Browser) -> None:
    intake(a_child())
    opened(as_role)
    forms = [{"reason": reason, "form": str(uuid.uuid4())} for reason in ("母の様子が変わった", "祖父が入院した")]
    for form in (forms[0], forms[0]):
        assert as_role().post(f"/children/{AOI}/reassessments/start/", form).status_code == 302
    late = as_role().post(f"/children/{AOI}/reassessments/start/", forms[1])
    assert (late.status_code, "祖父が入院した" in late.content.decode()) == (409, True), "a second reason is not lost"
    assert due() == ["person"]
    # Also after it was decided, the first form starts nothing anew.
    row = Reassessment.objects.get()
    as_role().post(f"/children/{AOI}/reassessments/{row.pk}/decide/", a_decision(row))
    as_role().post(f"/children/{AOI}/reassessments/start/", forms[0])
    assert due() == []


def test_control_without_the_comparison_nothing_starts(
    intake: Intake, as_role: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(situations, "changes", lambda *_what, **_how: ())
    intake(a_child(facts=absences(1, 2)))
    opened(as_role)
    intake(a_child(facts=absences(1, 2, 8, until=OCTOBER)), name="next", on=NEXT)
    assert due() == []

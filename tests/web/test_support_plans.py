"""Support plans: written in versions, approved by a second person, never over what others wrote unseen."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from counted import counted
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from planned import AOI, PLANS, SUPPORT, a_case, a_sheet, a_step, drafted

from builders import a_child, an_id
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit import content as contents
from tsunagu_web.audit.append_only import allow_changes
from tsunagu_web.audit.models import ContentSalt, Event
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.plans.models import Goal, PlanContent, Service, SupportPlan
from tsunagu_web.steps import guards
from tsunagu_web.steps.models import Step
from tsunagu_web.steps.services import take

SORA = an_id("例田 ソラ")
STEPS = ("submit", "return", "approve", "withdraw", "end")


@pytest.fixture
def case(intake: Callable[..., object], staff: Callable[..., Staff]) -> Case:
    intake(a_child(), a_child("例田 ソラ", "レイタ ソラ", household="6"))
    return a_case(staff())


@pytest.fixture
def lead(as_role: Callable[..., Client]) -> Client:
    return as_role(**SUPPORT)


@pytest.fixture
def supervisor(as_role: Callable[..., Client]) -> Client:
    return as_role(Role.SUPERVISOR, **SUPPORT)


@pytest.fixture
def approved(case: Case, lead: Client, supervisor: Client) -> str:
    """The address of a plan that was approved."""
    page = drafted(lead)
    assert lead.post(f"{page}submit/", a_step(1)).status_code == 302
    assert supervisor.post(f"{page}approve/", a_step(2)).status_code == 302
    return page


def standing(case: Case) -> tuple[str, str, int]:
    """The plan's state, the case's stage, the plan's revision."""
    case.refresh_from_db()
    plan = SupportPlan.objects.get()
    return plan.state, case.stage, plan.revision


@pytest.mark.parametrize("role", [Role.VICE_PRINCIPAL, Role.AUDITOR, Role.PARTNER, Role.ANALYST, Role.PRIVACY_OFFICER])
def test_who_may_not_see_one(role: str, case: Case, lead: Client, as_role: Callable[..., Client]) -> None:
    page = drafted(lead)
    client = as_role(role)
    for path in (PLANS, page, f"{page}versions/1/", f"{page}edit/", f"{PLANS}new/", f"{page}pdf/file/"):
        assert client.get(path).status_code == 403, path
    for path in (f"{PLANS}new/", f"{page}edit/", *(f"{page}{step}/" for step in STEPS)):
        assert client.post(path, a_sheet(seen=1)).status_code == 403, path
    assert PlanContent.objects.count() == 1


@pytest.mark.parametrize("role", [Role.SCHOOL_SOCIAL_WORKER, Role.PUBLIC_HEALTH_NURSE])
def test_partners_of_the_centre_read_and_do_not_write(
    role: str, case: Case, lead: Client, as_role: Callable[..., Client]
) -> None:
    page = drafted(lead)
    client = as_role(role, **SUPPORT)
    shown = client.get(page)
    assert shown.status_code == 200
    assert "朝、起きられるようになる" in shown.content.decode()
    assert f"{page}edit/" not in shown.content.decode()
    assert client.get(f"{page}edit/").status_code == 403
    assert client.post(f"{page}submit/", a_step(1)).status_code == 403


def test_a_lead_worker_does_not_approve(case: Case, lead: Client) -> None:
    page = drafted(lead)
    lead.post(f"{page}submit/", a_step(1))
    assert lead.post(f"{page}approve/", a_step(2)).status_code == 403
    assert lead.post(f"{page}return/", a_step(2, "x")).status_code == 403
    assert standing(case) == ("submitted", "approval", 2)


def test_a_plan_of_a_child_out_of_reach_is_answered_like_none(
    case: Case, lead: Client, staff: Callable[..., Staff], as_role: Callable[..., Client]
) -> None:
    page = drafted(lead)
    assert as_role(Role.PUBLIC_HEALTH_NURSE, **SUPPORT).get(page).status_code == 200, "the control: with the duty"
    staff(Role.PUBLIC_HEALTH_NURSE, login="elsewhere").duties.all().delete()
    nurse = as_role(Role.PUBLIC_HEALTH_NURSE, login="elsewhere", **SUPPORT)
    there, none = nurse.get(page), nurse.get(f"/children/{an_id('いない 人')}/plans/1/")
    assert (there.status_code, none.status_code) == (404, 404)


def test_it_goes_from_draft_to_approval_with_its_case(case: Case, lead: Client, supervisor: Client) -> None:
    page = drafted(lead)
    assert standing(case) == ("draft", "planning", 1)
    assert lead.post(f"{page}submit/", a_step(1)).status_code == 302
    assert standing(case) == ("submitted", "approval", 2)
    assert supervisor.post(f"{page}approve/", a_step(2)).status_code == 302
    assert standing(case) == ("approved", "active", 3)
    assert SupportPlan.objects.get().approved == 1
    moves = Step.objects.order_by("pk").values_list("machine", "move", "number")
    assert list(moves)[-4:] == [
        ("plan", "submit", 2),
        ("case", "submit_plan", 4),
        ("plan", "approve", 3),
        ("case", "approve_plan", 5),
    ]
    assert PlanContent.objects.get().revision < 3, "the version the step speaks of is the last one before it"


def test_whoever_handed_it_in_does_not_approve_it(case: Case, supervisor: Client) -> None:
    page = drafted(supervisor)
    assert supervisor.post(f"{page}submit/", a_step(1)).status_code == 302
    shown = supervisor.get(page)
    assert f"{page}approve/" not in shown.content.decode()
    assert "提出した人とは別の人" in shown.content.decode()
    for step in ("approve", "return"):
        refused = supervisor.post(f"{page}{step}/", a_step(2, "理由"))
        assert refused.status_code == 409
        assert "提出した人とは別の人" in refused.content.decode()
    assert standing(case) == ("submitted", "approval", 2)


def test_a_plan_given_back_says_why_and_can_be_written_again(case: Case, lead: Client, supervisor: Client) -> None:
    page = drafted(lead)
    lead.post(f"{page}submit/", a_step(1))
    assert supervisor.post(f"{page}return/", a_step(2, "  ")).status_code == 422
    assert supervisor.post(f"{page}return/", a_step(2, "期間が長い")).status_code == 302
    assert standing(case) == ("draft", "planning", 3)
    assert "期間が長い" in lead.get(page).content.decode()
    assert lead.post(f"{page}edit/", a_sheet(seen=3)).status_code == 302
    assert lead.post(f"{page}submit/", a_step(4)).status_code == 302
    assert supervisor.post(f"{page}approve/", a_step(5)).status_code == 302
    assert SupportPlan.objects.get().approved == 2


@pytest.mark.parametrize("stage", ["opened", "assessing"])
def test_an_assessment_comes_first(
    stage: str, intake: Callable[..., object], staff: Callable[..., Staff], lead: Client
) -> None:
    intake(a_child())
    case = a_case(staff(), stage="opened")
    if stage == "assessing":
        take(case, viewer_of(staff(), "case_support"), "assess", seen=1)
    page = drafted(lead)
    shown = lead.get(page).content.decode()
    assert "先にアセスメントが必要です" in shown
    assert f"{page}submit/" not in shown
    refused = lead.post(f"{page}submit/", a_step(1))
    assert refused.status_code == 409
    assert "先にアセスメントが必要です" in refused.content.decode()
    assert standing(case)[:2] == ("draft", stage), "neither of both moved"


def test_no_plan_without_a_case(intake: Callable[..., object], lead: Client, as_role: Callable[..., Client]) -> None:
    intake(a_child())
    assert lead.get(PLANS).status_code == 404, "who supports cases sees no child without one"
    assert as_role().get(PLANS).status_code == 403, "who checks notices sees no plans"


def test_a_case_that_is_over_gets_no_plan(case: Case, lead: Client) -> None:
    Child.objects.filter(pk=AOI).update(case=None)
    assert lead.get(PLANS).status_code == 200
    for answer in (lead.get(f"{PLANS}new/"), lead.post(f"{PLANS}new/", a_sheet())):
        assert answer.status_code == 409
        assert "開いているケースについて書きます" in answer.content.decode()
    assert SupportPlan.objects.count() == 0


def test_a_change_adds_a_version_and_the_former_stays(case: Case, lead: Client) -> None:
    page = drafted(lead)
    changed = a_sheet(seen=1, goals=[{"text": "週に三日、登校する", "words_of": "child"}], services=[])
    assert lead.post(f"{page}edit/", changed).status_code == 302
    assert "週に三日" in lead.get(page).content.decode()
    before = lead.get(f"{page}versions/1/").content.decode()
    assert "朝、起きられるようになる" in before
    assert "週に三日" not in before
    assert f"{page}submit/" not in before, "an earlier version is not handed in"
    assert lead.get(f"{page}versions/3/").status_code == 404
    assert [c.number for c in PlanContent.objects.order_by("number")] == [1, 2]


def test_somebody_who_was_slower_is_told_with_both_texts(case: Case, lead: Client, supervisor: Client) -> None:
    page = drafted(lead)
    assert supervisor.post(f"{page}edit/", a_sheet(seen=1, child_words="先の言葉")).status_code == 302
    late = lead.post(f"{page}edit/", a_sheet(seen=1, child_words="後の言葉"))
    text = late.content.decode()
    assert late.status_code == 409
    assert "先の言葉" in text
    assert "後の言葉" in text
    assert PlanContent.objects.count() == 2
    again = late.context["sheet"].plan.initial["seen"]
    assert lead.post(f"{page}edit/", a_sheet(seen=again, child_words="両方")).status_code == 302


def test_a_step_over_an_unseen_change_is_refused(case: Case, lead: Client, supervisor: Client) -> None:
    page = drafted(lead)
    lead.post(f"{page}submit/", a_step(1))
    supervisor.post(f"{page}return/", a_step(2, "期間が長い"))
    events = Event.objects.filter(object__in=["plan", "case"]).exclude(action="view").count()
    late = lead.post(f"{page}withdraw/", a_step(2, "やめる"))
    assert late.status_code == 409
    assert standing(case) == ("draft", "planning", 3)
    assert Event.objects.filter(object__in=["plan", "case"]).exclude(action="view").count() == events


def test_the_version_that_was_read_is_the_one_that_is_approved(case: Case, lead: Client, supervisor: Client) -> None:
    """A page left open from before the plan was given back and changed approves nothing."""
    page = drafted(lead)
    lead.post(f"{page}submit/", a_step(1))
    old = a_step(2)
    supervisor.post(f"{page}return/", a_step(2, "期間が長い"))
    lead.post(f"{page}edit/", a_sheet(seen=3))
    lead.post(f"{page}submit/", a_step(4))
    assert supervisor.post(f"{page}approve/", old).status_code == 409
    assert standing(case)[:2] == ("submitted", "approval")


def test_a_second_click_changes_nothing(case: Case, lead: Client, supervisor: Client) -> None:
    sheet = a_sheet()
    places = [lead.post(f"{PLANS}new/", sheet).headers["Location"] for _ in range(2)]
    page = places[0]
    assert places == [page, page]
    change, step = a_sheet(seen=1), a_step(2)
    assert [lead.post(f"{page}edit/", change).status_code for _ in range(2)] == [302, 302]
    assert [lead.post(f"{page}submit/", step).status_code for _ in range(2)] == [302, 302]
    yes = a_step(3)
    assert [supervisor.post(f"{page}approve/", yes).status_code for _ in range(2)] == [302, 302]
    assert (SupportPlan.objects.count(), PlanContent.objects.count()) == (1, 2)
    assert Step.objects.filter(machine="plan").count() == 3
    assert standing(case) == ("approved", "active", 4)


def test_one_plan_is_written_at_a_time(case: Case, lead: Client, supervisor: Client) -> None:
    drafted(lead)
    assert f"{PLANS}new/" not in lead.get(PLANS).content.decode()
    refused = supervisor.post(f"{PLANS}new/", a_sheet(child_words="もう一つ"))
    assert refused.status_code == 409
    assert "もう一つ" in refused.content.decode()
    assert SupportPlan.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        SupportPlan.objects.create(child_id=AOI, case=case, number=2)


def test_what_is_handed_in_is_not_changed(case: Case, lead: Client) -> None:
    page = drafted(lead)
    lead.post(f"{page}submit/", a_step(1))
    assert lead.get(f"{page}edit/").status_code == 409
    assert lead.post(f"{page}edit/", a_sheet(seen=2)).status_code == 409
    assert PlanContent.objects.count() == 1


def test_a_draft_is_withdrawn_with_a_reason(case: Case, lead: Client) -> None:
    page = drafted(lead)
    assert lead.post(f"{page}withdraw/", a_step(1)).status_code == 422
    assert lead.post(f"{page}withdraw/", a_step(1, "書き直す")).status_code == 302
    assert standing(case)[:2] == ("ended", "planning")
    drafted(lead)
    assert sorted(SupportPlan.objects.values_list("number", "state")) == [(1, "ended"), (2, "draft")]


def test_without_a_plan_the_case_is_looked_at_again(approved: str, case: Case, lead: Client) -> None:
    assert lead.post(f"{approved}end/", a_step(3, "転居した")).status_code == 302
    assert standing(case) == ("ended", "review", 4)
    assert SupportPlan.objects.get().approved == 1, "what was approved stays known"


def test_support_under_way_is_planned_anew_only_from_a_review(
    approved: str, case: Case, lead: Client, supervisor: Client, staff: Callable[..., Staff]
) -> None:
    assert "先にケースの見直し" in lead.get(PLANS).content.decode()
    assert lead.post(f"{PLANS}new/", a_sheet()).status_code == 409
    case.refresh_from_db()
    take(case, viewer_of(staff(), "case_support"), "begin_review", seen=case.revision)
    first = lead.get(f"{PLANS}new/")
    assert "朝、起きられるようになる" in first.content.decode(), "it begins with the plan before it"
    assert lead.post(f"{PLANS}new/", a_sheet()).status_code == 422, "the reason is asked for"
    page = drafted(lead, reason="欠席が減った")
    case.refresh_from_db()
    assert case.stage == "planning"
    assert Step.objects.get(move="plan_anew").reason == "欠席が減った"
    lead.post(f"{page}submit/", a_step(1))
    assert supervisor.post(f"{page}approve/", a_step(2)).status_code == 302
    plans = SupportPlan.objects.order_by("number").values_list("number", "state", "approved")
    assert list(plans) == [(1, "ended", 1), (2, "approved", 1)], "the next plan takes its place"
    case.refresh_from_db()
    assert case.stage == "active"


def test_more_rows_keep_what_was_typed_and_record_nothing(case: Case, lead: Client) -> None:
    rows = lead.get(f"{PLANS}new/").context["sheet"]
    assert (len(rows.goals.forms), len(rows.services.forms)) == (3, 3)
    typed = a_sheet(goals=[{"text": f"目標{n}", "words_of": "child"} for n in range(3)], more="1", ends_on="いつか")
    answer = lead.post(f"{PLANS}new/", typed)
    sheet = answer.context["sheet"]
    assert answer.status_code == 200
    assert (len(sheet.goals.forms), len(sheet.services.forms)) == (6, 4)
    for words in ("目標0", "目標2", "週に一度、家のことを手伝う", "学校に行きたいけど、朝がつらい", "いつか"):
        assert words in answer.content.decode()
    assert SupportPlan.objects.count() == 0


def test_rows_left_empty_or_emptied_are_none(case: Case, lead: Client) -> None:
    """As the page sends them: empty rows with what stands in them from the start."""
    empty = {"kind": "other_service", "what": "", "responsible": " ", "starts_on": "", "ends_on": "", "how_often": ""}
    said = {**empty, "what": "相談", "responsible": "保健師", "starts_on": "2026-11-01"}
    nothing = {"text": " ", "words_of": "together"}
    page = drafted(
        lead, goals=[nothing, {"text": "朝、起きられる", "words_of": "child"}], services=[empty, said, empty]
    )
    assert [(g.place, g.text) for g in Goal.objects.all()] == [(1, "朝、起きられる")]
    assert [(s.place, s.what) for s in Service.objects.all()] == [(1, "相談")]
    assert lead.post(f"{page}edit/", a_sheet(seen=1, goals=[nothing], services=[empty])).status_code == 302
    newest = PlanContent.objects.get(number=2)
    assert (newest.goals.count(), newest.services.count()) == (0, 0)


def test_rows_are_at_most_nine(case: Case, lead: Client) -> None:
    nine = [{"text": f"目標{n}", "words_of": "staff"} for n in range(9)]
    help_ = {"kind": "other_service", "what": "x", "responsible": "y", "starts_on": "2026-11-01", "how_often": "z"}
    full = a_sheet(goals=nine, services=[{**help_, "ends_on": "2026-12-01"}] * 9)
    assert len(full) < 100, "one request brings at most a hundred fields"
    assert lead.post(f"{PLANS}new/", full).status_code == 302
    assert (Goal.objects.count(), Service.objects.count()) == (9, 9)
    page = f"{PLANS}{SupportPlan.objects.get().pk}/"
    over = a_sheet(seen=1, goals=[*nine, nine[0], nine[0]])
    assert lead.post(f"{page}edit/", over).status_code == 422


def test_a_review_lies_within_the_plan(case: Case, lead: Client) -> None:
    late = lead.post(f"{PLANS}new/", a_sheet(review_on="2027-05-01"))
    assert late.status_code == 422
    assert "見直しの日が、プランの終了日より後です" in late.content.decode()
    assert lead.post(f"{PLANS}new/", a_sheet(review_on="2027-04-30")).status_code == 302, "its last day is in it"


WRONG = [
    {"ends_on": "2026-10-01"},
    {"review_on": "2026-10-01"},
    {"review_on": "2027-05-01"},
    {"starts_on": ""},
    {"ends_on": "9999-12-31"},
    {"agreement": "agreed"},
    {"agreement": "agreed", "agreed_by": "mother", "agreed_on": "2099-01-01"},
    {"agreement": "not_asked", "agreed_by": "mother"},
    {"agreement": "perhaps"},
    {"services": [{"kind": "home_visit", "what": "", "responsible": "保健師", "starts_on": "2026-11-01"}]},
    {"services": [{"kind": "home_visit", "what": "訪問", "responsible": "", "starts_on": "2026-11-01"}]},
    {"services": [{"kind": "home_visit", "what": "訪問", "responsible": "保健師", "starts_on": ""}]},
    {
        "services": [
            {"kind": "x", "what": "訪問", "responsible": "保健師", "starts_on": "2026-11-02", "ends_on": "2026-11-01"}
        ]
    },
    {"goals": [{"text": "x" * 301, "words_of": "child"}]},
]


@pytest.mark.parametrize("wrong", WRONG, ids="-".join)
def test_an_incomplete_plan_is_shown_again_with_what_was_typed(
    wrong: dict[str, object], case: Case, lead: Client
) -> None:
    answer = lead.post(f"{PLANS}new/", a_sheet(**wrong))  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert "学校に行きたいけど、朝がつらい" in answer.content.decode()
    assert SupportPlan.objects.count() == 0


def test_a_step_without_its_marks_is_refused(case: Case, lead: Client) -> None:
    page = drafted(lead)
    assert lead.post(f"{page}submit/", {"seen": "x"}).status_code == 422
    assert standing(case) == ("draft", "planning", 1)


def test_the_log_commits_to_the_words_and_holds_none(case: Case, lead: Client) -> None:
    drafted(lead)
    content = PlanContent.objects.get()
    event = Event.objects.get(action="write_plan")
    entry = json.loads(event.body)
    assert entry["persons"] == [AOI]
    assert entry["detail"]["row"] == f"plans.plancontent:{content.pk}"
    everything = "".join(Event.objects.values_list("body", flat=True))
    for words in ("朝", "学校に行きたい", "子育て支援課", "夜の仕事"):
        assert words not in everything
        assert json.dumps(words)[1:-1] not in everything


@pytest.mark.parametrize("edited", [None, "goal", "service", "content", "removed"])
def test_the_log_finds_an_edited_goal_and_an_edited_service(edited: str | None, case: Case, lead: Client) -> None:
    drafted(lead)
    event = Event.objects.get(action="write_plan")
    spoken = contents.spoken_in(event.number, json.loads(event.body)["detail"])
    assert spoken is not None
    salt = {event.number: ContentSalt.objects.get(number=event.number).salt}
    with _changes_allowed():
        match edited:
            case "goal":
                Goal.objects.update(text="書き換え")
            case "service":
                Service.objects.update(responsible="書き換え")
            case "content":
                PlanContent.objects.update(may_be_shown_to_guardian=True)
            case "removed":
                Goal.objects.all().delete()
        assert bool(contents.differing([spoken], salt)) is (edited is not None)


def test_the_database_changes_and_deletes_nothing_that_was_said(case: Case, lead: Client) -> None:
    drafted(lead)
    for table, field in ((PlanContent, "child_words"), (Goal, "text"), (Service, "what")):
        for act in (lambda rows, f=field: rows.update(**{f: "x"}), lambda rows: rows._raw_delete(rows.db)):
            with pytest.raises(DatabaseError), transaction.atomic():
                act(table.objects.all())


def test_the_database_moves_no_plan_without_its_step(case: Case, lead: Client) -> None:
    drafted(lead)
    plans = SupportPlan.objects.all()
    for state, approved in (("submitted", None), ("approved", 1), ("ended", None)):
        with pytest.raises(DatabaseError), transaction.atomic():
            plans.update(state=state, approved=approved, revision=2)
    with pytest.raises(DatabaseError), transaction.atomic():
        SupportPlan.objects.create(child_id=AOI, case=case, number=2, state="approved", approved=1)
    guards.lift()
    assert plans.update(state="approved", approved=1, revision=2) == 1, "the control: the triggers held it"
    plans.update(state="draft", approved=None, revision=1)
    guards.lay()


def test_the_database_holds_what_was_approved(approved: str, case: Case) -> None:
    for change in ({"approved": None}, {"version": 2}, {"approved": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SupportPlan.objects.update(**change)
    plan = SupportPlan.objects.get()
    wrong = {"starts_on": "2026-11-02", "ends_on": "2026-11-01", "review_on": "2026-11-02"}
    right = {"starts_on": "2026-11-02", "ends_on": "2026-11-02", "review_on": "2026-11-02"}
    unsaid = {"agreement": "agreed", "agreed_by": "", "agreed_on": None}
    for number, more in enumerate((wrong, {**right, **unsaid}), start=5):
        with pytest.raises(IntegrityError), transaction.atomic():
            PlanContent.objects.create(
                plan=plan,
                number=number,
                revision=number,
                may_be_shown_to_guardian=False,
                form=uuid.uuid4(),
                by=case.lead,
                at=timezone.now(),
                **more,
            )


def test_plan_and_case_move_together_or_not_at_all(case: Case, lead: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    page = drafted(lead)

    def fails(*_how: object) -> None:
        raise DatabaseError("full")

    monkeypatch.setattr("tsunagu_web.plans.services._move_case", fails)
    lead.raise_request_exception = False
    assert lead.post(f"{page}submit/", a_step(1)).status_code >= 500
    assert standing(case) == ("draft", "planning", 1)
    assert not Step.objects.filter(move="submit").exists()


def test_a_plan_of_another_child_is_not_reached_through_this_one(case: Case, lead: Client) -> None:
    page = drafted(lead)
    number = SupportPlan.objects.get().pk
    other = f"/children/{SORA}/plans/{number}/"
    assert lead.get(page).status_code == 200
    for path in (other, f"{other}edit/", f"{other}pdf/child/", f"{other}versions/1/"):
        assert lead.get(path).status_code == 404, path
    assert lead.post(f"{other}submit/", a_step(1)).status_code == 404


def test_each_look_is_recorded_with_its_child(case: Case, lead: Client) -> None:
    page = drafted(lead)
    for path in (PLANS, page, f"{page}edit/", f"{PLANS}new/"):
        lead.get(path)
        entry = json.loads(Event.objects.order_by("number").last().body)  # type: ignore[union-attr]
        assert (entry["action"], entry["object"], entry["persons"]) == ("view", "plan", [AOI]), path


@pytest.mark.parametrize("below", ["../", "", "versions/1/", "pdf/child/"])
def test_a_page_needs_no_more_than_twelve_queries(below: str, approved: str, lead: Client) -> None:
    path = PLANS if below == "../" else f"{approved}{below}"
    with CaptureQueriesContext(connection) as queries:
        assert lead.get(path).status_code == 200
    assert len(counted(queries)) <= 12


@contextmanager
def _changes_allowed() -> Iterator[None]:
    """The triggers that keep what was said taken away, as somebody with the database in hand would."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        editor: Any = SimpleNamespace(connection=connection, execute=cursor.execute)
        for table in ("plans_plancontent", "plans_goal", "plans_service"):
            allow_changes(editor, table)
        yield

"""A plan from its draft to its end: plan and case move together, in one transaction, with the log."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.cases.models import Case
from tsunagu_web.plans.models import Goal, PlanContent, Service, SupportPlan
from tsunagu_web.steps.once import UsedMark, require_same
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow, begin, steps_of, take, taken_again

# The step of the case that goes with a step of its plan.
WITH_THE_CASE = {"submit": "submit_plan", "return": "return_plan", "approve": "approve_plan"}
# Where a case may stand while its plan is written: before an assessment too, but then it cannot be handed in.
MAY_BE_WRITTEN = (Case.Stage.OPENED, Case.Stage.ASSESSING, Case.Stage.PLANNING, Case.Stage.REVIEW)
_OF_CONTENT = (
    *("starts_on", "ends_on", "review_on", "child_words", "may_be_shown_to_guardian", "guardian_words"),
    *("agreement", "agreed_by", "agreed_on"),
)
BEFORE_ASSESSMENT = (Case.Stage.OPENED, Case.Stage.ASSESSING)


class CaseElsewhere(Exception):
    """The case does not stand where the plan could take this step; nothing was written. stage: where it stands."""

    def __init__(self, stage: str) -> None:
        super().__init__(stage)
        self.stage = stage


@dataclass(frozen=True)
class WrittenGoal:
    text: str
    words_of: str


@dataclass(frozen=True)
class WrittenService:
    kind: str
    what: str
    responsible: str
    starts_on: dt.date
    ends_on: dt.date | None
    how_often: str


@dataclass(frozen=True)
class Written:
    """What somebody wrote. form: the form's own mark; the same form sent again gives what it made first."""

    starts_on: dt.date
    ends_on: dt.date
    review_on: dt.date
    child_words: str
    may_be_shown_to_guardian: bool
    guardian_words: str
    agreement: str
    agreed_by: str
    agreed_on: dt.date | None
    goals: tuple[WrittenGoal, ...]
    services: tuple[WrittenService, ...]
    form: uuid.UUID


def draft(case: Case, viewer: Viewer, written: Written, *, reason: str = "") -> SupportPlan:
    """A new plan for a case; a case under review is planned anew by it, for which the reason is needed.

    raises  CaseElsewhere where no plan can be begun; ChangedMeanwhile when another one is already being written
    """
    with transaction.atomic():
        standing = Case.objects.select_for_update().get(pk=case.pk)
        before = PlanContent.objects.filter(form=written.form, by_id=viewer.staff_id).first()
        if before is not None:
            _require_as_sent(before, case.pk, written)
            _require_reason_as_sent(standing, reason)
            return before.plan
        if standing.stage not in MAY_BE_WRITTEN:
            raise CaseElsewhere(standing.stage)
        plans = SupportPlan.objects.filter(case=case)
        if plans.filter(state__in=["draft", "submitted"]).exists():
            raise ChangedMeanwhile
        plan = SupportPlan.objects.create(child_id=case.child_id, case=case, number=plans.count() + 1)
        begin(plan, viewer)
        if standing.stage == Case.Stage.REVIEW:
            take(standing, viewer, "plan_anew", seen=standing.revision, reason=reason)
        _add_content(plan, viewer, written)
    return plan


def write(plan: SupportPlan, viewer: Viewer, written: Written, *, seen: int) -> None:
    """Adds a version to a draft; the ones before stay.

    raises  ChangedMeanwhile when somebody was faster; NotNow when the plan is no draft any more
    """
    with transaction.atomic():
        now = SupportPlan.objects.select_for_update().get(pk=plan.pk)
        if before := PlanContent.objects.filter(form=written.form, by_id=viewer.staff_id, plan=plan).first():
            _require_as_sent(before, plan.case_id, written)
            return
        if now.revision != seen:
            raise ChangedMeanwhile
        if now.state != SupportPlan.State.DRAFT:
            raise NotNow("no_step")
        now.version, now.revision = now.version + 1, seen + 1
        now.save(update_fields=["version", "revision"])
        _add_content(now, viewer, written)


def move(plan: SupportPlan, viewer: Viewer, name: str, *, seen: int, form: uuid.UUID, reason: str = "") -> None:
    """A step of a plan, and the step of its case that goes with it; both or neither.

    raises  CaseElsewhere, ChangedMeanwhile, NotNow
    """
    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=plan.case_id)
        if taken_again(form, viewer, plan, name, reason):
            return
        also: dict[str, object] = {}
        if name == "approve":
            also = {"approved": SupportPlan.objects.values_list("version", flat=True).get(pk=plan.pk)}
            _end_the_one_before(plan, viewer)
        take(plan, viewer, name, seen=seen, form=form, reason=reason, also=also)
        _move_case(case, viewer, name, reason)


def _move_case(case: Case, viewer: Viewer, name: str, reason: str) -> None:
    beside = WITH_THE_CASE.get(name)
    if name == "end" and case.stage == Case.Stage.ACTIVE:
        # Support under way needs a plan: without one, people look at the case again.
        beside = "begin_review"
    if beside is None:
        return
    try:
        take(case, viewer, beside, seen=case.revision, reason=reason)
    except NotNow as error:
        if error.why != "no_step":
            raise
        raise CaseElsewhere(case.stage) from error


def _end_the_one_before(plan: SupportPlan, viewer: Viewer) -> None:
    former = SupportPlan.objects.filter(case=plan.case_id, state=SupportPlan.State.APPROVED).exclude(pk=plan.pk)
    for one in former:
        take(one, viewer, "end", seen=one.revision, reason=_("The next plan takes its place."))


def _require_as_sent(before: PlanContent, case_id: int, written: Written) -> None:
    """Raises UsedMark where the form wrote of another case, or says something else by now."""
    goals = tuple(WrittenGoal(goal.text, goal.words_of) for goal in before.goals.order_by("place"))
    services = tuple(
        WrittenService(*(getattr(one, name) for name in WrittenService.__dataclass_fields__))
        for one in before.services.order_by("place")
    )
    if (before.plan.case_id, goals, services) != (case_id, written.goals, written.services):
        raise UsedMark
    require_same(before, {name: getattr(written, name) for name in _OF_CONTENT})


def _require_reason_as_sent(case: Case, reason: str) -> None:
    anew = {step.reason for step in steps_of(case) if step.move == "plan_anew"}
    if reason.strip() and reason.strip() not in anew:
        raise UsedMark


def _add_content(plan: SupportPlan, viewer: Viewer, written: Written) -> None:
    content = PlanContent.objects.create(
        plan=plan,
        number=plan.version,
        revision=plan.revision,
        **{name: getattr(written, name) for name in _OF_CONTENT},
        form=written.form,
        by_id=viewer.staff_id,
        at=timezone.now(),
    )
    Goal.objects.bulk_create(
        Goal(content=content, place=place, text=goal.text, words_of=goal.words_of)
        for place, goal in enumerate(written.goals, start=1)
    )
    Service.objects.bulk_create(
        Service(content=content, place=place, **vars(service))
        for place, service in enumerate(written.services, start=1)
    )
    append(
        action="write_plan",
        object="plan",
        staff=viewer,
        purpose=viewer.purpose,
        persons=[plan.child_id],
        detail={"number": plan.pk},
        content=content,
    )

"""The child's page as plain values: everything the template shows, and nothing it may not."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.utils import timezone

from tsunagu_web.access.policy import may
from tsunagu_web.access.table import Action, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases import queries
from tsunagu_web.cases import words as w
from tsunagu_web.cases.days import age_on, grade_words
from tsunagu_web.cases.forms import DecisionForm
from tsunagu_web.cases.models import Child, Decision, HouseholdMember, Judgment, Run
from tsunagu_web.cases.reasons import Reasons, reasons_for
from tsunagu_web.cases.timeline import Timeline, timeline


@dataclass(frozen=True)
class Member:
    """Somebody of the household; only a noticed child has a page to open."""

    person_id: str
    has_page: bool
    name: str
    kana: str
    relation: str
    age: int | None
    school: str
    level: str
    tone: str


@dataclass(frozen=True)
class ChildPage:
    child: Child
    level: str
    tone: str
    level_at_most: str
    is_provisional: bool
    may_become: str
    age: int | None
    grade: str
    reasons: Reasons
    judgments: tuple[tuple[str, Judgment], ...]
    timeline: Timeline
    household: tuple[Member, ...]
    history: tuple[Decision, ...]
    form: DecisionForm | None
    may_see_household: bool
    may_see_decisions: bool


def child_page(viewer: Viewer, child: Child, run: Run, form: DecisionForm | None = None) -> ChildPage:
    """Reads and arranges what this viewer may see of the child; `form` is a rejected one to show again."""
    words = run.words
    household = queries.household_of(child) if may(viewer, Thing.HOUSEHOLD) else []
    may_decide = may(viewer, Thing.DECISION, Action.DECIDE)
    may_see_decisions = may(viewer, Thing.DECISION)
    return ChildPage(
        child=child,
        level=w.level_name(words, child.level),
        tone=w.level_tone(words, child.level),
        level_at_most=w.level_name(words, child.level_at_most),
        is_provisional=child.level != child.level_at_most and may(viewer, Thing.JUDGMENT),
        may_become=w.may_become(words, child.level, child.level_at_most) if may(viewer, Thing.JUDGMENT) else "",
        age=age_on(child.birth_date, run.on),
        grade=grade_words(child.grade),
        reasons=reasons_for(viewer, words, list(child.reasons.all())),
        judgments=_judgments(words, child) if may(viewer, Thing.JUDGMENT) else (),
        timeline=timeline(viewer, words, queries.facts_about(child, household), run.on),
        household=tuple(_member(words, member, run.on) for member in household),
        history=tuple(queries.history_of(child)) if may_see_decisions else (),
        form=(form or new_form(child)) if may_decide else None,
        may_see_household=may(viewer, Thing.HOUSEHOLD),
        may_see_decisions=may_see_decisions,
    )


def new_form(child: Child) -> DecisionForm:
    until = timezone.localdate() + dt.timedelta(days=30)
    return DecisionForm(initial={"seen": child.decisions_made, "form": uuid.uuid4(), "until": until})


def _judgments(words: w.Words, child: Child) -> tuple[tuple[str, Judgment], ...]:
    order = w.in_order(words, "judgments")
    rows = {j.judgment: j for j in child.judgments.all()}
    return tuple((w.judgment_name(words, name), rows[name]) for name in order if name in rows and name != "overall")


def _member(words: w.Words, member: HouseholdMember, on: dt.date) -> Member:
    listed = member.child if member.child and member.child.is_listed else None
    school = f"{member.school_name} {grade_words(member.grade)}" if member.school_name else ""
    return Member(
        person_id=member.pk,
        has_page=member.child is not None,
        name=member.name,
        kana=member.kana,
        relation=member.relation,
        age=age_on(member.birth_date, on),
        school=school,
        level=w.level_name(words, listed.level) if listed else "",
        tone=w.level_tone(words, listed.level) if listed else "",
    )

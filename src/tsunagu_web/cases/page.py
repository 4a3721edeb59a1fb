"""The child's page as plain values: everything the template shows, and nothing it may not."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from tsunagu_web.access.policy import may, other_purpose
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.addresses.queries import Hidden, Shown, address_of
from tsunagu_web.cases import queries
from tsunagu_web.cases import words as w
from tsunagu_web.cases.days import age_on, grade_words
from tsunagu_web.cases.forms import DecisionForm
from tsunagu_web.cases.models import Case, Child, Decision, Run
from tsunagu_web.cases.reasons import Reasons, reasons_for
from tsunagu_web.cases.tabs import Tab, tabs_of
from tsunagu_web.cases.timeline import Timeline, timeline
from tsunagu_web.cases.voices import Told, voices_beside
from tsunagu_web.cases.who import Who, who
from tsunagu_web.people.models import Membership


@dataclass(frozen=True)
class Member:
    """Somebody of the household; page and level only of a noticed child whom the viewer may open."""

    person_id: str
    has_page: bool
    who: Who
    relation: str
    age: int | None
    school: str
    level: str
    tone: str


@dataclass(frozen=True)
class ChildPage:
    child: Child
    who: Who
    level: str
    tone: str
    level_at_most: str
    is_provisional: bool
    may_become: str
    age: int | None
    grade: str
    reasons: Reasons
    judgments: tuple[tuple[str, str], ...]
    timeline: Timeline
    household: tuple[Member, ...]
    history: tuple[Decision, ...]
    voices: Mapping[int, Told]
    form: DecisionForm | None
    case: Case | None
    changed: frozenset[str]
    tabs: tuple[Tab, ...]
    may_see_household: bool
    may_see_decisions: bool
    may_see_case: bool
    case_seen_for: str  # the purpose, in words, under which this person may see it; empty where they may not, or see it
    may_see_reassessment: bool
    address: Shown | Hidden
    may_ask_for_address: bool
    emergency_until: dt.datetime | None  # nothing but access taken in an emergency opens the child to the viewer


def child_page(
    viewer: Viewer,
    child: Child,
    run: Run,
    form: DecisionForm | None = None,
) -> ChildPage:
    """Reads and arranges what this viewer may see of the child; `form` is a rejected one to show again."""
    words, about = run.words, child.subject()

    def sees(thing: Thing, action: Action = Action.VIEW) -> bool:
        return may(viewer, thing, action, about)

    household = queries.household_of(child, run.on) if sees(Thing.HOUSEHOLD) else []
    sees_judgment, sees_decisions = sees(Thing.JUDGMENT), sees(Thing.DECISION)
    history = tuple(queries.history_of(child)) if sees_decisions else ()
    reasons = queries.reasons_of(child)
    facts = queries.facts_about(child, household)
    return ChildPage(
        child=child,
        who=who(viewer, child),
        level=w.level_name(words, child.level) if sees(Thing.LEVEL) else "",
        tone=w.level_tone(words, child.level) if sees(Thing.LEVEL) else "",
        level_at_most=w.level_name(words, child.level_at_most) if sees(Thing.LEVEL) else "",
        is_provisional=child.level != child.level_at_most and sees_judgment,
        may_become=w.may_become(words, child.level, child.level_at_most) if sees_judgment else "",
        age=age_on(child.person.birth_date, run.on),
        grade=grade_words(child.person.grade),
        reasons=reasons_for(viewer, words, reasons, about),
        judgments=_judgments(words, child) if sees_judgment else (),
        timeline=timeline(viewer, run, facts, about, today=timezone.localdate(), reasons=reasons),
        household=tuple(_member(viewer, words, child, member, run.on) for member in household),
        history=history,
        voices=voices_beside(viewer, child, history),
        form=(form or new_form(child)) if sees(Thing.DECISION, Action.DECIDE) else None,
        case=child.case if sees(Thing.CASE) else None,
        changed=frozenset(child.person.changed) if sees(Thing.HISTORY) and sees(Thing.NAME) else frozenset(),
        tabs=tabs_of(viewer, child),
        may_see_household=sees(Thing.HOUSEHOLD),
        may_see_decisions=sees_decisions,
        may_see_case=sees(Thing.CASE),
        case_seen_for=str(elsewhere.label) if (elsewhere := other_purpose(viewer, Thing.CASE, about)) else "",
        may_see_reassessment=sees(Thing.REASSESSMENT),
        address=address_of(viewer, about),
        may_ask_for_address=sees(Thing.SUPPRESSED_ADDRESS, Action.REQUEST),
        emergency_until=queries.emergency_until(viewer, child),
    )


def new_form(child: Child) -> DecisionForm:
    until = timezone.localdate() + dt.timedelta(days=30)
    return DecisionForm(initial={"seen": child.decisions_made, "form": uuid.uuid4(), "until": until})


def _judgments(words: w.Words, child: Child) -> tuple[tuple[str, str], ...]:
    """The single judgments by name, each with its level."""
    levels = queries.judgments_of(child)
    order = [name for name in w.in_order(words, "judgments") if name in levels and name != "overall"]
    return tuple((w.judgment_name(words, name), levels[name]) for name in order)


def _member(viewer: Viewer, words: w.Words, child: Child, member: Membership, on: dt.date) -> Member:
    noticed, person = queries.noticed(member), member.person
    opened = noticed if noticed and may(viewer, Thing.CHILD, about=noticed.subject()) else None
    listed = opened if opened and opened.is_listed else None
    leveled = listed if listed and may(viewer, Thing.LEVEL, about=listed.subject()) else None
    # The household is shown as part of the child's record, so the child's row decides over its names.
    is_named = may(viewer, Thing.NAME, about=child.subject())
    named = Who(person.pk, person.name, person.kana, person.birth_date, False)
    return Member(
        person_id=person.pk,
        has_page=opened is not None,
        who=named if is_named else Who(person.pk, "", "", None, True),
        relation=member.relation,
        age=age_on(person.birth_date, on),
        school=f"{person.school_name} {grade_words(person.grade)}" if person.school_name else "",
        level=w.level_name(words, leveled.level) if leveled else "",
        tone=w.level_tone(words, leveled.level) if leveled else "",
    )

"""Conferences a viewer may see, and of their agendas only the children whom the viewer may open at this moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import DateField, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone

from tsunagu_web.access.models import Team
from tsunagu_web.access.policy import may
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import widen
from tsunagu_web.access.terms import Action, CaseState, Role, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.days import age_on, grade_words
from tsunagu_web.cases.models import Case, Child, State
from tsunagu_web.conferences.models import AgendaItem, Attendee, Conference, Minute

PAGE_SIZE = 25
MOST_SUGGESTED = 50


def conferences_for(viewer: Viewer) -> QuerySet[Conference]:
    """Those of the viewer's teams, and those the viewer attends."""
    attends = Exists(Attendee.objects.filter(conference=OuterRef("pk"), staff_id=viewer.staff_id))
    return Conference.objects.filter(Q(team__in=sorted(viewer.teams)) | attends)


def listed(viewer: Viewer, page: str) -> Page[Conference]:
    """The next one first, then those that are over."""
    return Paginator(conferences_for(viewer).order_by("-starts_at", "-pk"), PAGE_SIZE).get_page(page)


def require_conference(viewer: Viewer, number: int) -> Conference:
    """The conference of that number; 404 where there is none, or none for this viewer."""
    found = conferences_for(viewer).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def items_for(viewer: Viewer, action: Action = Action.VIEW) -> QuerySet[AgendaItem]:
    """Agenda items about children with whom the viewer may do this; the one source of every list of them."""
    widen(viewer, Thing.CONFERENCE, action)
    rows = AgendaItem.objects.select_related("child__person", "conference").prefetch_related(
        Prefetch("minutes", queryset=Minute.objects.select_related("by").order_by("-number"))
    )
    return visible_to(viewer, rows, thing=Thing.CONFERENCE, action=action, child="child__")


def items_of(viewer: Viewer, conference: Conference) -> list[AgendaItem]:
    return list(items_for(viewer).filter(conference=conference).order_by("pk"))


def require_item(viewer: Viewer, conference: Conference, number: int, action: Action = Action.VIEW) -> AgendaItem:
    """The item of that number on this agenda; 404 where the viewer may not see its child."""
    found = items_for(viewer, action).filter(conference=conference, pk=number).first()
    if found is None:
        raise Http404
    return found


def items_about(viewer: Viewer, child: Child) -> list[AgendaItem]:
    """Every time this child was on an agenda, newest first."""
    return list(items_for(viewer).filter(child_id=child.pk).order_by("-conference__starts_at"))


def attendees_of(conference: Conference) -> list[Staff]:
    seats = Attendee.objects.filter(conference=conference).select_related("staff").order_by("staff__name", "pk")
    return [seat.staff for seat in seats]


def open_to_children(viewer: Viewer, persons: list[str]) -> list[Child]:
    """Of these children those whom the viewer may put on an agenda."""
    widen(viewer, Thing.CONFERENCE, Action.EDIT)
    rows = Child.objects.select_related("person").filter(pk__in=persons)
    return list(visible_to(viewer, rows, thing=Thing.CONFERENCE, action=Action.EDIT))


def planned_for(viewer: Viewer) -> list[Conference]:
    """Conferences whose agenda is still open, the next one first."""
    still = conferences_for(viewer).filter(state__in=("planned", "held"), team__in=sorted(viewer.teams))
    return list(still.order_by("starts_at", "pk")[:PAGE_SIZE])


@dataclass(frozen=True)
class Suggested:
    """A child the agenda might take, and why."""

    child: Child
    why: str


@dataclass(frozen=True)
class Beside:
    """What tells children of one name apart: read with the child's row. is_hidden: nothing of it may be seen."""

    age: int | None = None
    grade: str = ""
    school: str = ""
    is_hidden: bool = False


def beside(viewer: Viewer, child: Child) -> Beside:
    """As the list of children shows it beside the name, and to whom."""
    if not may(viewer, Thing.CHILD, about=child.subject()):
        return Beside(is_hidden=True)
    person = child.person
    return Beside(age_on(person.birth_date, timezone.localdate()), grade_words(person.grade), person.school_name)


def suggested(viewer: Viewer, conference: Conference) -> list[Suggested]:
    """Children of the team who ought to be spoken of by that day and are not on the agenda: proposals first."""
    if not may(viewer, Thing.CONFERENCE, Action.EDIT):
        return []
    widen(viewer, Thing.CONFERENCE, Action.EDIT)
    day = timezone.localdate(conference.starts_at)
    newest = Minute.objects.filter(item__child=OuterRef("pk")).order_by("-at").values("next_on")[:1]
    rows = Child.objects.filter(team=conference.team, is_listed=True).select_related("person", "case")
    rows = rows.exclude(Exists(AgendaItem.objects.filter(conference=conference, child=OuterRef("pk"))))
    rows = rows.annotate(
        next_on=Subquery(newest, output_field=DateField()),
        was_on=Exists(AgendaItem.objects.filter(child=OuterRef("pk"))),
    ).filter(
        Q(case__stage=Case.Stage.CLOSURE_PROPOSED)
        | Q(next_on__lte=day)
        | Q(state=State.WATCH, due_on__lte=day)
        | Q(case_state=CaseState.OPEN, was_on=False)
    )
    mine = visible_to(viewer, rows, thing=Thing.CONFERENCE, action=Action.EDIT)
    found = [Suggested(child, _why(child, day)) for child in mine.order_by("level_rank", "-strength", "kana", "pk")]
    return sorted(found, key=lambda one: _ORDER.index(one.why))[:MOST_SUGGESTED]


_ORDER = ("closing", "follow_up", "watch_due", "new_case")


def _why(child: Child, day: dt.date) -> str:
    if child.case and child.case.stage == Case.Stage.CLOSURE_PROPOSED:
        return "closing"
    next_on = child.next_on  # type: ignore[attr-defined]  # annotated above
    if next_on and next_on <= day:
        return "follow_up"
    return "watch_due" if child.due_on and child.due_on <= day else "new_case"


def team_names(viewer: Viewer) -> list[tuple[str, str]]:
    """The viewer's teams, by key and name."""
    return list(Team.objects.filter(key__in=sorted(viewer.teams)).order_by("name").values_list("key", "name"))


def possible_attendees() -> list[Staff]:
    """Everybody of a role that can attend, by name."""
    roles = [
        Role.LEAD_WORKER, Role.SUPERVISOR, Role.SCHOOL_SOCIAL_WORKER, Role.PUBLIC_HEALTH_NURSE, Role.VICE_PRINCIPAL,
        Role.GUIDANCE_CENTRE_SUPERVISOR, Role.PARTNER, Role.CLASS_TEACHER, Role.SCHOOL_NURSE, Role.COUNSELLOR,
    ]  # fmt: skip
    return list(Staff.objects.filter(role__in=roles, is_active=True).order_by("name", "pk"))

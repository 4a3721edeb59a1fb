"""Reads, already limited to what the viewer may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Func, IntegerField, JSONField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from tsunagu.evaluation.small_counts import told
from tsunagu_web.access.decision import decide
from tsunagu_web.access.models import Duty, Grant, Team
from tsunagu_web.access.policy import may
from tsunagu_web.access.querysets import OutOfReach, visible_to
from tsunagu_web.access.reach import the_program, widen
from tsunagu_web.access.terms import Action, CaseState, Form, Role, Scope, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.access.written import ask
from tsunagu_web.audit.looks import record_refusal
from tsunagu_web.cases.models import Case, Child, Decision, Fact, FactRow, Judgment, Reason, Run, State, Taking, Voice
from tsunagu_web.people import queries as people
from tsunagu_web.people.models import Membership, Version

PAGE_SIZE = 25
with_households = people.with_households


def current_run(request: HttpRequest) -> Run | None:
    """The run that the desk showed when the viewer came; None before the first intake."""
    if not hasattr(request, "desk_run"):
        seal = request.viewer.run
        request.desk_run = _run(seal) if seal else None  # type: ignore[attr-defined]  # the cache
    return request.desk_run  # type: ignore[attr-defined,no-any-return]  # set above


@lru_cache(maxsize=2)
def _run(seal: str) -> Run:
    """The run of that seal. Its words are up to a hundred kilobytes, read and parsed once in a process: the seal is a
    digest of the whole folder, so another content has another seal."""
    return Run.objects.get(seal=seal)


def school_names(viewer: Viewer) -> list[str]:
    """The schools that the run names."""
    return sorted(set(_run(viewer.run).words.get("schools", {}).values())) if viewer.run else []


def require_run(request: HttpRequest) -> Run:
    """The run the desk shows; without one there is nothing to be found."""
    run = current_run(request)
    if run is None:
        raise Http404
    return run


def children_of(viewer: Viewer) -> QuerySet[Child]:
    """The children this person may open; the one source of lists, counts, search and pages."""
    return visible_to(viewer, Child.objects.select_related("person"))


def require_child(
    request: HttpRequest,
    person_id: str,
    thing: Thing = Thing.CHILD,
    action: Action = Action.VIEW,
    *,
    forms: tuple[Form, ...] = (Form.FULL,),
) -> Child:
    """The child with whom the viewer may do this, or a refusal that is shown and recorded.

    A child that does not exist and one that is not for this viewer are asked, recorded and answered alike: otherwise
    the answer would tell who is on the list.
    """
    viewer = request.viewer
    for form in forms:
        widen(viewer, thing, action, form)
        shape = (viewer.role, viewer.purpose, thing, action, form)
        found = ask(_one_child, shape, person_id=person_id, **{name: sorted(getattr(viewer, name)) for name in _HELD})
        if found:
            return found[0]
    record_refusal(request, thing, action, [person_id])
    raise OutOfReach


# What of a viewer decides over a child's row; each is a set of keys.
_HELD = ("teams", "schools", "classrooms", "granted", "blocked", "own", "supports")


def _one_child(
    role: str, purpose: str, thing: Thing, action: Action, form: Form, person_id: str, **held: Sequence[str]
) -> QuerySet[Child]:
    viewer = Viewer(0, "", role, purpose, **{name: frozenset(keys) for name, keys in held.items()})
    rows = Child.objects.select_related("person", "case__lead").filter(pk=person_id)
    rows = rows.annotate(judged=_JUDGED, team_named=_TEAM_NAMED)
    return visible_to(viewer, rows, thing=thing, action=action, form=form)[:1]


class _Rows(Func):
    """Rows of a sub-query as one JSON list: a few rows beside another one, without a journey of their own."""

    function = "JSON_GROUP_ARRAY"
    output_field = JSONField()

    def as_postgresql(self, *how: Any, **more: Any) -> Any:
        return self.as_sql(*how, **more, function="JSONB_AGG")


_LEVELS = (
    Judgment.objects.filter(child=OuterRef("pk"))
    .order_by()
    .annotate(level_of=_Rows(JSONObject(judgment=F("judgment"), level=F("level"))))
)
_JUDGED = Subquery(_LEVELS.values("level_of"))
# The name of the case's team; null without a case, or where the team is on the list no longer.
_TEAM_NAMED = Subquery(Team.objects.filter(key=OuterRef("case__team")).values("name")[:1])


def judgments_of(child: Child) -> dict[str, str]:
    """The single judgments with their levels; they came with the child (`require_child`)."""
    return {row["judgment"]: row["level"] for row in child.judged or ()}  # type: ignore[attr-defined]  # annotated


def emergency_until(viewer: Viewer, child: Child) -> dt.datetime | None:
    """When the access taken in an emergency ends; None where a duty or a grant by somebody else opens the child."""
    if child.pk not in viewer.emergencies:
        return None
    if decide(viewer, Thing.CHILD, Action.VIEW, child.subject()).why != Scope.GRANTED:
        return None
    now = timezone.now()
    mine = Grant.objects.filter(staff_id=viewer.staff_id, person_id=child.pk, purpose=viewer.purpose)
    in_force = list(mine.filter(starts_at__lte=now, ends_at__gt=now).values_list("basis", "ends_at"))
    if any(basis != Grant.Basis.EMERGENCY for basis, _end in in_force):
        return None
    return max((end for _basis, end in in_force), default=None)


def facts_about(child: Child, household: Sequence[Membership]) -> list[FactRow]:
    """The child's facts; of members not noticed the tax class only, on which the household's judgment rests."""
    others = [member.person_id for member in household if noticed(member) is None]
    return list(map(FactRow._make, ask(_facts_about, child=child.pk, others=others)))


def _facts_about(child: str, others: Sequence[str]) -> QuerySet[Fact, tuple[Any, ...]]:
    about = Q(person_id=child) | Q(person_id__in=others, item="tax_class")
    return Fact.objects.filter(about, people.known_on(None)).values_list(*FactRow._fields)


def facts_then(child: Child, household: Sequence[Membership], day: dt.date) -> list[FactRow]:
    """The facts as `facts_about` gave them at the end of a day."""
    others = [m.person_id for m in household if (c := noticed(m)) is None or c.known_from > day]
    about = Q(person_id=child.pk) | Q(person_id__in=others, item="tax_class")
    rows = Fact.objects.filter(about, people.known_on(day)).values_list(*FactRow._fields)
    return list(map(FactRow._make, rows))


def run_on(day: dt.date) -> Run | None:
    """The run that was shown at the end of a day."""
    taking = Taking.objects.filter(day__lte=day).select_related("run").order_by("-day", "-pk").first()
    return taking.run if taking else None


def versions_of(person_ids: Sequence[str]) -> dict[tuple[str, str], list[Version]]:
    """Everything these persons' fields ever held, by person and field."""
    found: dict[tuple[str, str], list[Version]] = {}
    for row in Version.objects.filter(person__in=person_ids).select_related("entered_by").order_by("pk"):
        found.setdefault((row.person_id, row.field), []).append(row)
    return found


def household_then(child: Child, on: dt.date, day: dt.date) -> list[Membership]:
    """The household of `on` as it was known at the end of a day."""
    return people.household_of(child.pk, on, as_known_on=day)


def household_of(child: Child, on: dt.date) -> list[Membership]:
    """The other members of the child's households on the day the run speaks of."""
    return people.household_of(child.pk, on)


def noticed(member: Membership) -> Child | None:
    """The member as a noticed child; None for everybody else. Asks nothing of the database."""
    return getattr(member.person, "child", None)


def require_open_case(child: Child) -> Case:
    """The child's open case; without one there is nothing to assign."""
    case = child.case
    if case is None or case.state != CaseState.OPEN:
        raise Http404
    return case


def require_case(child: Child) -> Case:
    """The child's newest case, open or over; without one there is nothing to be found."""
    if child.case is None:
        raise Http404
    return child.case


def open_cases(viewer: Viewer, *, whose: str, page: str) -> Page[Case]:
    """Open cases, the longest open first. whose: `mine` for those the viewer leads, `team` for all in reach."""
    widen(viewer, Thing.CASE, Action.VIEW)
    rows = Case.objects.filter(state=CaseState.OPEN).select_related("child__person", "lead")
    cases = visible_to(viewer, rows, thing=Thing.CASE, child="child__")
    if whose == "mine":
        cases = cases.filter(lead_id=viewer.staff_id)
    return Paginator(cases.order_by("opened_on", "pk"), PAGE_SIZE).get_page(page)


# Key and name of a team, and who may lead its cases, by number and name.
TeamWithLeads = tuple[str, str, list[tuple[int, str]]]
_NOTHING = Value(None, IntegerField())


def leads_by_team(viewer: Viewer) -> list[TeamWithLeads]:
    """Teams with key and name, and who may lead their cases: lead workers and supervisors with a duty for it today,
    each by name and how many open cases they have, of those in the viewer's reach."""
    today = timezone.localdate()
    duties = Duty.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today),
        kind=Scope.TEAM,
        starts_on__lte=today,
        staff__is_active=True,
        staff__role__in=(Role.LEAD_WORKER, Role.SUPERVISOR),
    )
    # From the children in reach to their cases: the other way round the second lock asks for every case of the city.
    mine = visible_to(viewer, Child.objects.filter(case_state=CaseState.OPEN))
    cases = Case.objects.filter(state=CaseState.OPEN, child__in=mine)
    counted = cases.order_by().values("lead").annotate(key=Value(""), name=Value(""), load=Count("pk"))
    # In one journey: a team has nobody's number beside its name, and a count no team. The counts come first, since
    # they say of what kind the columns are.
    rows = counted.values_list("key", "lead", "name", "load").union(
        Team.objects.annotate(lead=_NOTHING, load=_NOTHING).values_list("key", "lead", "name", "load"),
        duties.annotate(load=_NOTHING).values_list("key", "staff_id", "staff__name", "load"),
        all=True,
    )
    found = list(rows)
    loads = {pk: load for _key, pk, _name, load in found if load is not None}
    leads: dict[str, dict[int, str]] = {}
    names: dict[str, str] = {}
    for key, pk, name, load in sorted(found, key=lambda row: row[2]):
        if pk is None:
            names[key] = name
        elif load is None:
            leads.setdefault(key, {})[pk] = _("%(name)s (%(n)d open)") % {"name": name, "n": loads.get(pk, 0)}
    return [(key, name, list(leads.get(key, {}).items())) for key, name in names.items()]


def reasons_of(child: Child) -> list[Reason]:
    return ask(_reasons_for, child=child.pk)


def _reasons_for(child: str) -> QuerySet[Reason]:
    return Reason.objects.filter(child=child)


def history_of(child: Child) -> list[Decision]:
    return ask(_decisions_about, child=child.pk) if child.decisions_made else []


def _decisions_about(child: str) -> QuerySet[Decision]:
    beside = Voice.objects.filter(child=OuterRef("child"), of=Thing.DECISION.value, row=OuterRef("pk"))
    rows = Decision.objects.filter(child=child).select_related("by")
    return rows.annotate(
        voice_said=Subquery(beside.values("said")[:1]), voice_words=Subquery(beside.values("words")[:1])
    )


@dataclass(frozen=True)
class DecisionOverview:
    """Decisions of the city, newest first, and how many children stand where; None: too few to be told."""

    page: Page[Decision]
    states: tuple[tuple[str, int | None], ...]

    @property
    def persons(self) -> list[str]:
        return [decision.child_id for decision in self.page]


def decision_overview(viewer: Viewer, *, page: str) -> DecisionOverview:
    # The decisions themselves are for those who may open the child; a count may be for more.
    mine = visible_to(viewer, Decision.objects.select_related("child__person", "by"), child="child__")
    if not may(viewer, Thing.DECISION_OVERVIEW):
        mine = mine.none()
    with the_program():  # a count of children who are not in reach one by one
        counts = _states(viewer)
    numbers = [counts.get(state, 0) for state in State.values]
    # Whoever may open each of these children counts them as well; the others are told no small number (decision 0020).
    shown = numbers if may(viewer, Thing.DECISION_OVERVIEW) else told(numbers).parts[0]
    states = tuple(zip(State.labels, shown, strict=True))
    return DecisionOverview(Paginator(mine.order_by("-at", "-pk"), PAGE_SIZE).get_page(page), states)


def _states(viewer: Viewer) -> dict[str, int]:
    """How many children of the list stand where, of all whom the overview counts for this role."""
    listed = Child.objects.filter(is_listed=True)
    form = Form.FULL if may(viewer, Thing.DECISION_OVERVIEW) else Form.COUNT
    counted = visible_to(viewer, listed, thing=Thing.DECISION_OVERVIEW, form=form)
    return dict(counted.values_list("state").annotate(n=Count("pk")).order_by())

"""Rows a viewer may see: one function for list, detail, counts, search, export and API alike."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import Http404

from tsunagu_web.access.table import Permit, permits_of
from tsunagu_web.access.terms import Action, Form, Purpose, Scope, Thing
from tsunagu_web.access.viewer import Viewer

Row = TypeVar("Row", bound=Model)


class OutOfReach(Http404):
    """There is no such child, or none for this viewer; the page says both in one sentence."""


def visible_to(
    viewer: Viewer,
    rows: QuerySet[Row],
    *,
    thing: Thing = Thing.CHILD,
    action: Action = Action.VIEW,
    child: str = "",
    label: str = "",
    addressee: str = "",
    form: Form = Form.FULL,
) -> QuerySet[Row]:
    """The rows of the query about children with whom the viewer may do this.

    child  how the query reaches the child (`child__` from a row about a child); empty for children themselves
    label  the column with the row's own label; empty where the thing has none
    addressee  the column with the person to whom the row was sent; empty where rows are sent to nobody
    """
    permits = permits_of(viewer.role, viewer.purpose, thing, action, form)
    if not permits:
        return rows.none()
    allowed = Q()
    for permit in permits:
        allowed |= _rows_of(viewer, permit, child, label, addressee)
    # Ids in place of a sub-query: the lists are short, and the planner then joins two indexes (decision 0006).
    mine = rows.filter(allowed).exclude(**{f"{child}pk__in": sorted(viewer.blocked)})
    if viewer.purpose == Purpose.ANALYSIS:
        mine = mine.exclude(_supported(viewer, child))
    return mine


def pupils_visible_to(viewer: Viewer, rows: QuerySet[Row]) -> QuerySet[Row]:
    """The rows of pupils (school, classroom, own number) whose board the viewer may see; the lock says the same."""
    allowed = Q(pk__in=[])
    for permit in permits_of(viewer.role, viewer.purpose, Thing.BOARD, Action.VIEW):
        if permit.scope is Scope.SCHOOL:
            allowed |= Q(school__in=sorted(viewer.schools)) | Q(pk__in=sorted(viewer.granted))
        elif permit.scope is Scope.CLASSROOM:
            allowed |= Q(classroom__in=sorted(viewer.classrooms)) | Q(pk__in=sorted(viewer.granted))
    return rows.filter(allowed).exclude(pk__in=sorted(viewer.blocked))


def offered_visible_to(viewer: Viewer, rows: QuerySet[Row], action: Action) -> QuerySet[Row]:
    """The rows of children whose families may be offered support (team, own number); the lock says the same."""
    allowed = Q(pk__in=[])
    for permit in permits_of(viewer.role, viewer.purpose, Thing.OFFER, action):
        if permit.scope is Scope.TEAM:
            allowed |= Q(team__in=sorted(viewer.teams)) | Q(pk__in=sorted(viewer.granted))
    return rows.filter(allowed).exclude(pk__in=sorted(viewer.blocked))


def _supported(viewer: Viewer, child: str) -> Q:
    """The children this person supports; an analyst does not analyse them."""
    return (
        Q(**{f"{child}pk__in": sorted(viewer.supports)})
        | Q(**{f"{child}team__in": sorted(viewer.teams)})
        | Q(**{f"{child}school__in": sorted(viewer.schools)})
        | Q(**{f"{child}classroom__in": sorted(viewer.classrooms)})
    )


def _rows_of(viewer: Viewer, permit: Permit, child: str, label: str, addressee: str) -> Q:
    if permit.scope is Scope.ADDRESSED:
        # Whoever something was sent to need not reach the child, so its row is not asked for (decision 0016).
        rows = Q(**{addressee: viewer.staff_id}) if addressee else Q(pk__in=[])
    else:
        rows = _scope(viewer, permit.scope, child) & Q(**{f"{child}case_state__in": sorted(permit.states)})
    return rows & Q(**{f"{label}__lte": int(permit.label)}) if label else rows


def _scope(viewer: Viewer, scope: Scope, child: str) -> Q:
    granted = Q(**{f"{child}pk__in": sorted(viewer.granted)})
    match scope:
        case Scope.CITY:
            return Q()
        case Scope.OWN:
            return Q(**{f"{child}pk__in": sorted(viewer.own)})
        case Scope.TEAM:
            return granted | Q(**{f"{child}team__in": sorted(viewer.teams)})
        case Scope.SCHOOL:
            return granted | Q(**{f"{child}school__in": sorted(viewer.schools)})
        case Scope.CLASSROOM:
            return granted | Q(**{f"{child}classroom__in": sorted(viewer.classrooms)})
        case Scope.GRANTED:
            return granted
        case _:
            return Q(pk__in=[])

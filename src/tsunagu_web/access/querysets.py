"""Rows a member of staff may see: one function for list, detail, counts and search alike."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from tsunagu_web.access.policy import Viewer
from tsunagu_web.access.table import Action, Scope, Thing, scope_of

Row = TypeVar("Row", bound=Model)


def visible_to(viewer: Viewer, children: QuerySet[Row], *, school: str = "school") -> QuerySet[Row]:
    """The children of the query that this person may open.

    school  how the query reaches the child's school code (`child__school` from a row about a child)
    """
    scope = scope_of(viewer.role, Thing.CHILD, Action.VIEW)
    if scope is Scope.CITY:
        return children
    if scope is Scope.OWN_SCHOOL and viewer.school:
        return children.filter(**{school: viewer.school})
    return children.none()

"""Notifications a viewer may see, children who may be the one that was told of, and requests to learn who notified."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone

from tsunagu.evaluation.small_counts import LEAST
from tsunagu.text.search import Asked
from tsunagu_web.access.models import Team
from tsunagu_web.access.policy import may
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import widen
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.addresses.queries import WAITS_FOR
from tsunagu_web.audit.looks import record_refusal
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.queries import household_of
from tsunagu_web.cases.who import Who, who
from tsunagu_web.guidance_centre.models import Notification, NotifierRequest, RequestState, UrgencyView
from tsunagu_web.search.models import Kind
from tsunagu_web.search.queries import found

UNDER_WAY = (Notification.State.TAKEN_IN, Notification.State.URGENCY_DECIDED, Notification.State.CHECKING)
PAGE_SIZE = 25
_SHOWN_AT_ONCE = 100
_MOST_FOUND = 8


@dataclass(frozen=True)
class Line:
    """A notification under way, as the list shows it."""

    row: Notification
    who: Who
    is_late: bool


@dataclass(frozen=True)
class Found:
    """A child who may be the one that was told of. household: names; earlier: notifications so far, newest first."""

    child: Child
    who: Who
    household: tuple[str, ...]
    earlier: tuple[Notification, ...]


@dataclass(frozen=True)
class Standing:
    """A request as its pages show it. name: the child's, or the id where the viewer may not see names."""

    request: NotifierRequest
    name: str


def under_way(viewer: Viewer, page: str) -> Page[Line]:
    """Notifications that nobody has ended yet, those whose child must be seen soonest first."""
    rows = _readable(viewer, Action.VIEW).filter(state__in=UNDER_WAY).order_by("see_by", "pk")
    found = Paginator(rows, PAGE_SIZE).get_page(page)
    lines = [Line(row, who(viewer, row.child), row.see_by <= timezone.now()) for row in found]
    return Page(lines, found.number, found.paginator)


def of_child(viewer: Viewer, child: Child) -> list[Notification]:
    """The child's notifications, newest first."""
    return list(_readable(viewer, Action.VIEW).filter(child=child).order_by("-number"))


def require_one(
    request: HttpRequest, child: Child, number: int, action: Action, thing: Thing = Thing.NOTIFICATION
) -> Notification:
    """The notification of that number; one that does not exist is recorded and answered as one out of reach."""
    one = _readable(request.viewer, action, thing).filter(child=child, number=number).first()
    if one is None:
        record_refusal(request, thing, action, [child.pk])
        raise Http404
    return one


def children_like(viewer: Viewer, question: Asked) -> list[Found]:
    """Children within the viewer's reach whose name or reading holds what was asked, with household and earlier
    notifications as far as this person may know them."""
    widen(viewer, Thing.NOTIFICATION, Action.EDIT)
    mine = visible_to(viewer, Child.objects.select_related("person"), thing=Thing.NOTIFICATION, action=Action.EDIT)
    # Who may not be told a name may not find a child by it either.
    mine = visible_to(viewer, mine, thing=Thing.NAME)
    hits = list(found(mine, question, Kind.PERSON).order_by("kana", "pk")[:_MOST_FOUND])
    earlier: dict[str, list[Notification]] = {}
    for row in _readable(viewer, Action.VIEW).filter(child__in=hits).order_by("child", "-number"):
        earlier.setdefault(row.child_id, []).append(row)
    return [
        Found(child, who(viewer, child), _household(viewer, child), tuple(earlier.get(child.pk, ()))) for child in hits
    ]


def below_the_floor(viewer: Viewer) -> int | None:
    """How often somebody held a child of this reach to be less urgent than the floor; None: under LEAST."""
    if not may(viewer, Thing.URGENCY):
        return None
    widen(viewer, Thing.URGENCY, Action.VIEW)
    rows = UrgencyView.objects.filter(is_below_floor=True)
    n = visible_to(viewer, rows, thing=Thing.URGENCY, child="answered__notification__child__").count()
    return n if n >= LEAST else None


def own_teams(viewer: Viewer) -> list[tuple[str, str]]:
    """(key, name) of the teams that may answer for a child who is new here: the viewer's own."""
    named = dict(Team.objects.filter(pk__in=sorted(viewer.teams)).values_list("key", "name"))
    return [(key, named.get(key, key)) for key in sorted(viewer.teams)]


def requests_of(viewer: Viewer) -> list[Standing]:
    """One's own requests, newest first."""
    rows = _requests(viewer, Action.REQUEST).filter(requested_by=viewer.staff_id)
    return _standing(viewer, rows.order_by("-requested_at", "pk"))


def waiting_for(viewer: Viewer) -> list[Standing]:
    """Requests that this person may decide, and emergencies that this person may review: of others, of another duty."""
    asked = Q(state=RequestState.WAITING, requested_at__gt=timezone.now() - WAITS_FOR)
    taken = Q(is_emergency=True, review=NotifierRequest.Review.OPEN)
    rows = _requests(viewer, Action.APPROVE).filter(asked | taken)
    rows = rows.exclude(Q(requested_by=viewer.staff_id) | Q(requested_as=viewer.role))
    return _standing(viewer, rows.order_by("requested_at", "pk"))


def own_request(viewer: Viewer, key: uuid.UUID) -> NotifierRequest | None:
    return _requests(viewer, Action.REQUEST).filter(pk=key, requested_by=viewer.staff_id).first()


def request_for(viewer: Viewer, key: uuid.UUID, action: Action) -> NotifierRequest | None:
    """A request about a child for whom this person may do this."""
    return _requests(viewer, action).filter(pk=key).first()


def _household(viewer: Viewer, child: Child) -> tuple[str, ...]:
    if not may(viewer, Thing.HOUSEHOLD, about=child.subject()):
        return ()
    members = household_of(child, timezone.localdate())
    return tuple(dict.fromkeys(member.person.name for member in members if member.person_id not in viewer.blocked))


def _readable(viewer: Viewer, action: Action, thing: Thing = Thing.NOTIFICATION) -> QuerySet[Notification]:
    widen(viewer, thing, action)
    rows = Notification.objects.select_related("child__person", "told__by")
    return visible_to(viewer, rows, thing=thing, action=action, child="child__")


def _requests(viewer: Viewer, action: Action) -> QuerySet[NotifierRequest]:
    widen(viewer, Thing.NOTIFIER, action)
    rows = NotifierRequest.objects.select_related("notification__child__person", "requested_by", "decided_by")
    return visible_to(viewer, rows, thing=Thing.NOTIFIER, action=action, child="notification__child__")


def _standing(viewer: Viewer, rows: Iterable[NotifierRequest]) -> list[Standing]:
    found = []
    for row in list(rows)[:_SHOWN_AT_ONCE]:
        child = row.notification.child
        is_named = may(viewer, Thing.NAME, about=child.subject())
        found.append(Standing(row, str(child.person.name) if is_named else str(child.pk)))
    return found

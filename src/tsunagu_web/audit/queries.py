"""Reads of the log for those entitled. Pages begin at a row's number: nothing ever counts the whole log."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils import timezone

from tsunagu.audit.chain import Head
from tsunagu_web.access.terms import Role
from tsunagu_web.audit.models import Event
from tsunagu_web.audit.names import ACTIONS, ACTORS, DETAILS, OBJECTS, VALUES

PAGE_SIZE = 50
# What "who looked at this child" speaks of: not what the auditor or the program did with the log itself.
_LOOKS = Q(action__in=("view", "search", "export", "decide", "edit", "refused")) & ~Q(object="access_log")


@dataclass(frozen=True)
class LogLine:
    """One entry, readable: `who` is the member of staff's name and login, never a person of the records."""

    event: Event
    who: str
    role_name: str
    purpose: str
    action_name: str
    object_name: str
    persons: tuple[str, ...]
    detail: dict[str, Any]


@dataclass(frozen=True)
class LogPage:
    """Entries, newest first, and where to go on.

    older  the page after this one begins below this number; None at the end
    newer  the page before this one ends above this number; None on the first page
    """

    lines: list[LogLine]
    older: int | None
    newer: int | None


def log_page(
    *,
    action: str,
    actor: str,
    day: dt.date | None,
    person: str,
    below: int | None = None,
    above: int | None = None,
) -> LogPage:
    """Newest entries first, narrowed to what was asked for."""
    events = Event.objects.all()
    if action:
        events = events.filter(action=action)
    if actor:
        events = events.filter(actor=actor)
    if day:
        start = timezone.make_aware(dt.datetime.combine(day, dt.time()))
        events = events.filter(at__gte=start, at__lt=start + dt.timedelta(days=1))
    if person:
        events = events.filter(persons__person_id=person)
    return _page(events, below, above)


def looks_at(person_id: str, *, below: int | None = None, above: int | None = None) -> LogPage:
    """Who looked at this person, newest first, refusals among them. For those who may know (Thing.LOOKS): ask first."""
    return _page(Event.objects.filter(_LOOKS, persons__person_id=person_id), below, above)


def rows_written() -> int:
    """How many rows the log has, by the last one's number: they are counted without gaps."""
    return Event.objects.order_by("-number").values_list("number", flat=True).first() or 0


def head_at(rows: int) -> Head | None:
    """The head of the log as it was with that many rows."""
    found = Event.objects.filter(number=rows).values_list("hash", flat=True).first()
    return Head(rows, found) if found else None


def staff_choices() -> list[tuple[str, str]]:
    """Every member of staff as (name in the log, name for people)."""
    return [(s.actor, f"{s.name} ({s.login})") for s in get_user_model().objects.order_by("login")]


def _page(events: QuerySet[Event], below: int | None, above: int | None) -> LogPage:
    if above is not None:
        found = list(events.filter(number__gt=above).order_by("number")[: PAGE_SIZE + 1])
        has_newer = len(found) > PAGE_SIZE
        shown = found[:PAGE_SIZE][::-1]
        return LogPage(_lines(shown), above + 1, shown[0].number if has_newer else None)
    if below is not None:
        events = events.filter(number__lt=below)
    found = list(events.order_by("-number")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    older = shown[-1].number if len(found) > PAGE_SIZE else None
    return LogPage(_lines(shown), older, below - 1 if below is not None else None)


def _lines(events: Iterable[Event]) -> list[LogLine]:
    names = dict(staff_choices())
    return [_line(event, names) for event in events]


def _line(event: Event, names: dict[str, str]) -> LogLine:
    try:
        body = json.loads(event.body)
    except ValueError:
        body = {}
    return LogLine(
        event=event,
        who=str(names.get(event.actor) or ACTORS.get(event.actor, event.actor)),
        role_name=str(_ROLES.get(str(body.get("role", "")), "")),
        purpose=str(body.get("purpose", "")),
        action_name=str(ACTIONS.get(event.action, event.action)),
        object_name=str(OBJECTS.get(event.object, event.object)),
        persons=tuple(body.get("persons", [])),
        detail={str(DETAILS.get(key, key)): _value(key, value, names) for key, value in body.get("detail", {}).items()},
    )


def _value(key: str, value: object, names: dict[str, str]) -> object:
    """A code in the words of the desk, a member of staff by name; numbers and digests as they are."""
    code = str(value)
    return names.get(code) or VALUES.get(key, {}).get(code) or value


_ROLES = dict(Role.choices)

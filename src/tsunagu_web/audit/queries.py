"""Reads of the log for the auditor."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.core.paginator import Page, Paginator
from django.utils import timezone

from tsunagu.audit.chain import SealedRow
from tsunagu_web.access.table import Role
from tsunagu_web.audit.models import Event
from tsunagu_web.audit.names import ACTIONS, ACTORS, DETAILS, OBJECTS

PAGE_SIZE = 50
ROLES = dict(Role.choices)


@dataclass(frozen=True)
class LogLine:
    """One entry, readable: `who` is the member of staff's name and login, never a person of the records."""

    event: Event
    who: str
    role_name: str
    action_name: str
    object_name: str
    persons: tuple[str, ...]
    detail: dict[str, Any]


def log_page(
    *, action: str, actor: str, day: dt.date | None, person: str, page: str
) -> tuple[Page[Event], list[LogLine]]:
    """Newest entries first, narrowed to what was asked for."""
    events = Event.objects.order_by("-number")
    if action:
        events = events.filter(action=action)
    if actor:
        events = events.filter(actor=actor)
    if day:
        start = timezone.make_aware(dt.datetime.combine(day, dt.time()))
        events = events.filter(at__gte=start, at__lt=start + dt.timedelta(days=1))
    if person:
        events = events.filter(body__contains=json.dumps(person))
    shown = Paginator(events, PAGE_SIZE).get_page(page)
    return shown, _lines(shown)


def staff_choices() -> list[tuple[str, str]]:
    """Every member of staff as (name in the log, name for people)."""
    return [(s.actor, f"{s.name} ({s.login})") for s in get_user_model().objects.order_by("login")]


def sealed_rows() -> Iterator[SealedRow]:
    """The stored chain in order; a row whose columns differ from its body comes with a hash that cannot fit."""
    for event in Event.objects.order_by("number").iterator(chunk_size=2_000):
        is_copy = _columns_agree(event)
        yield SealedRow(event.number, event.body, event.hash if is_copy else f"{event.hash}-columns")


def _columns_agree(event: Event) -> bool:
    try:
        body = json.loads(event.body)
        return (
            body["actor"] == event.actor
            and body["action"] == event.action
            and body["object"] == event.object
            and dt.datetime.fromisoformat(body["at"]) == event.at
        )
    except (ValueError, KeyError, TypeError):
        return True  # an unreadable body is found by its hash


def _lines(events: Page[Event]) -> list[LogLine]:
    names = dict(staff_choices())
    lines = []
    for event in events:
        try:
            body = json.loads(event.body)
        except ValueError:
            body = {}
        lines.append(
            LogLine(
                event=event,
                who=str(names.get(event.actor) or ACTORS.get(event.actor, event.actor)),
                role_name=str(ROLES.get(str(body.get("role", "")), "")),
                action_name=str(ACTIONS.get(event.action, event.action)),
                object_name=str(OBJECTS.get(event.object, event.object)),
                persons=tuple(body.get("persons", [])),
                detail={str(DETAILS.get(key, key)): value for key, value in body.get("detail", {}).items()},
            )
        )
    return lines

"""A notification while somebody types it: kept at every key stroke, the writer's alone, never over what another window
of theirs saved.

That a draft was begun or discarded stands in the log; its single savings do not: they are one act.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.guidance_centre.models import Draft
from tsunagu_web.guidance_centre.sealed import open_draft, seal_draft
from tsunagu_web.steps.services import ChangedMeanwhile


@dataclass(frozen=True)
class Typed:
    """What a page of a draft sent.

    said    every field as it was typed, whatever its length
    key     the draft's own mark: a page left open never writes into a later draft of the same number
    window  the page's own mark; turn: counts what it sent; seen: the revision it was opened with
    """

    said: Mapping[str, str]
    key: uuid.UUID
    window: uuid.UUID
    turn: int
    seen: int


def drafts_of(viewer: Viewer) -> QuerySet[Draft]:
    """This person's drafts, the newest first; nobody else reads them."""
    return Draft.objects.filter(by_id=viewer.staff_id).order_by("-number")


def begin(viewer: Viewer, key: uuid.UUID, said: Mapping[str, str]) -> Draft:
    """A new draft; the same mark again gives the draft it began."""
    with transaction.atomic():
        mine = Draft.objects.select_for_update().filter(by_id=viewer.staff_id)
        found = mine.filter(key=key).first()
        if found is not None:
            return found
        now = timezone.now()
        number = (mine.aggregate(last=Max("number"))["last"] or 0) + 1
        made = Draft.objects.create(
            by_id=viewer.staff_id, number=number, key=key, sealed=seal_draft(key, said), begun_at=now, at=now
        )
        _log(viewer, made, "begin_notification")
    return made


def save(draft: Draft, viewer: Viewer, typed: Typed) -> int:
    """Keeps what was typed, and gives the revision. What comes late or twice from the same window changes nothing.

    raises  ChangedMeanwhile when another window saved since, or the page was one of an earlier draft
    """
    with transaction.atomic():
        return keep(draft, viewer, typed).revision


def keep(draft: Draft, viewer: Viewer, typed: Typed) -> Draft:
    """The same in the caller's transaction; gives the row as it stands then, locked."""
    now = Draft.objects.select_for_update().filter(pk=draft.pk, by_id=viewer.staff_id).first()
    if now is None or now.key != typed.key:
        raise ChangedMeanwhile
    is_its_own = now.window == typed.window
    if is_its_own and typed.turn < now.turn:
        return now
    if is_its_own and typed.turn == now.turn and open_draft(now) == dict(typed.said):
        return now
    if not (is_its_own and typed.turn > now.turn) and typed.seen != now.revision:
        raise ChangedMeanwhile
    now.sealed, now.window, now.turn = seal_draft(now.key, typed.said), typed.window, typed.turn
    now.revision, now.at = now.revision + 1, timezone.now()
    now.save(update_fields=["sealed", "window", "turn", "revision", "at"])
    return now


def discard(draft: Draft, viewer: Viewer, typed: Typed) -> None:
    """Takes the draft away without a notification. raises ChangedMeanwhile when another window saved since"""
    with transaction.atomic():
        now = Draft.objects.select_for_update().filter(pk=draft.pk, by_id=viewer.staff_id).first()
        is_newest = now is not None and (now.window == typed.window or now.revision == typed.seen)
        if now is None or now.key != typed.key or not is_newest:
            raise ChangedMeanwhile
        now.delete()
        _log(viewer, draft, "discard_notification")


def _log(viewer: Viewer, draft: Draft, action: str) -> None:
    append(
        action=action,
        object="notification",
        staff=viewer,
        purpose=viewer.purpose,
        detail={"number": draft.number},
    )

"""Opening who notified: two persons of two duties, once, within minutes; or one in an emergency, which another reviews.

The log has it before it leaves. It is asked, shown and refused alike where nobody said who they were.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from tsunagu_web.access.viewer import Viewer
from tsunagu_web.addresses.queries import OPEN_FOR, WAITS_FOR
from tsunagu_web.audit.services import append
from tsunagu_web.guidance_centre.models import Notification, NotifierRequest, RequestState
from tsunagu_web.guidance_centre.sealed import Notifier, open_notifier
from tsunagu_web.steps.once import require_same

_OPEN = {RequestState.APPROVED, RequestState.TAKEN}


class NotOpen(Exception):
    """The request is not there for this person to act on: decided, used, over, one's own, or never made."""


@dataclass(frozen=True)
class Wish:
    """What somebody asks for. form: the form's own mark, so that the same form makes one request."""

    need: str
    is_emergency: bool
    form: uuid.UUID


def request(viewer: Viewer, notification: Notification, wish: Wish) -> NotifierRequest:
    """Asks a second person who notified, or takes it in an emergency. raises UsedMark"""
    with transaction.atomic():
        again = NotifierRequest.objects.filter(form=wish.form, requested_by=viewer.staff_id).first()
        if again is not None:
            said = {"notification_id": notification.pk, "need": wish.need, "is_emergency": wish.is_emergency}
            require_same(again, said)
            return again
        made = NotifierRequest.objects.create(
            form=wish.form,
            notification=notification,
            need=wish.need,
            is_emergency=wish.is_emergency,
            state=RequestState.TAKEN if wish.is_emergency else RequestState.WAITING,
            requested_by_id=viewer.staff_id,
            requested_as=viewer.role,
            requested_at=timezone.now(),
        )
        _record("take_in_emergency" if wish.is_emergency else "request", viewer, made)
    return made


def decide(viewer: Viewer, asked: NotifierRequest | None, *, agrees: bool) -> None:
    """The second person's answer. raises NotOpen; nothing is written then."""
    with transaction.atomic():
        row = _locked(asked, {RequestState.WAITING})
        if row is None or row.requested_at + WAITS_FOR <= timezone.now() or _is_same(viewer, row):
            raise NotOpen
        row.state = RequestState.APPROVED if agrees else RequestState.DECLINED
        _decided(row, viewer)
        row.save()
        _record("approve" if agrees else "decline", viewer, row, requested_by=row.requested_by.actor)


def review(viewer: Viewer, asked: NotifierRequest | None, found: str) -> None:
    """What a second person finds of an emergency, once. raises NotOpen"""
    with transaction.atomic():
        row = _locked(asked, {RequestState.TAKEN, RequestState.SHOWN})
        if row is None or not row.is_emergency or row.review or _is_same(viewer, row):
            raise NotOpen
        row.review = found
        _decided(row, viewer)
        row.save()
        _record("review", viewer, row, requested_by=row.requested_by.actor, outcome=found)


def show(viewer: Viewer, asked: NotifierRequest | None) -> tuple[NotifierRequest, Notifier]:
    """Who notified, once, to who asked for it; the log has it before it leaves this function.

    raises  NotOpen when it was shown before, was not agreed on, or the minutes are over
    """
    with transaction.atomic(durable=True):
        row = _locked(asked, _OPEN)
        if row is None or row.requested_by_id != viewer.staff_id or not is_open(row):
            raise NotOpen
        # Opened before it is used up: a key that is missing costs nobody the agreement.
        notifier = open_notifier(row.notification)
        row.state, row.shown_at = RequestState.SHOWN, timezone.now()
        row.save()
        decided = {"decided_by": row.decided_by.actor} if row.decided_by and not row.is_emergency else {}
        _record("release", viewer, row, requested_by=row.requested_by.actor, **decided)
    return row, notifier


def is_open(row: NotifierRequest) -> bool:
    """Whether it can be shown now."""
    until = open_until(row)
    return row.state in _OPEN and until is not None and timezone.now() < until


def open_until(row: NotifierRequest) -> dt.datetime | None:
    """Until when it can be shown; None where nobody agreed yet."""
    since = row.requested_at if row.is_emergency else row.decided_at
    return since + OPEN_FOR if since is not None and row.state in _OPEN else None


def is_over(row: NotifierRequest) -> bool:
    """Whether its time is over before anybody answered it, or before it was used."""
    if row.state == RequestState.WAITING:
        return row.requested_at + WAITS_FOR <= timezone.now()
    return row.state in _OPEN and not is_open(row)


def _locked(asked: NotifierRequest | None, states: set[RequestState]) -> NotifierRequest | None:
    """The request if it still stands there; a second click waits here for the first, and then finds it gone on."""
    if asked is None:
        return None
    rows = NotifierRequest.objects.select_for_update(of=("self",)).select_related("notification", "requested_by")
    return rows.filter(pk=asked.pk, state__in=states).first()


def _is_same(viewer: Viewer, row: NotifierRequest) -> bool:
    return row.requested_by_id == viewer.staff_id or row.requested_as == viewer.role


def _decided(row: NotifierRequest, viewer: Viewer) -> None:
    row.decided_by_id, row.decided_as, row.decided_at = viewer.staff_id, viewer.role, timezone.now()


def _record(action: str, viewer: Viewer, row: NotifierRequest, **detail: str) -> None:
    append(
        action=action,
        object="notifier",
        staff=viewer,
        purpose=viewer.purpose,
        persons=[row.notification.child_id],
        detail={"request": str(row.key), **detail},
    )

"""Writes of duties: each in one transaction with its entry in the log, so that neither stands without the other."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from tsunagu_web.access.models import Conflict, Grant
from tsunagu_web.access.table import PURPOSES
from tsunagu_web.access.terms import Role
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.services import append, append_now
from tsunagu_web.duties.middleware import SESSION_KEY
from tsunagu_web.duties.viewers import viewer_of

EMERGENCY_HOURS = 24


class NotPossible(Exception):
    """What was asked cannot be done now; the page says why by this code. Nothing was written."""


def pick_purpose(request: HttpRequest, purpose: str) -> None:
    """Recorded before the first page is opened for it."""
    append_now(action="pick_purpose", object="account", staff=request.user, purpose=purpose)
    request.session[SESSION_KEY] = purpose


def take_emergency_access(viewer: Viewer, person_id: str, reason: str) -> Grant:
    """Opens a child out of reach for a day, by oneself and with a reason; a second click gives the same grant.

    It is written for any number that is asked for, so that taking it does not tell who is on the list. Own family and
    close colleagues stay closed: a conflict is stronger than every grant.
    """
    now = timezone.now()
    with transaction.atomic():
        known = Grant.objects.filter(
            staff_id=viewer.staff_id,
            person_id=person_id,
            purpose=viewer.purpose,
            basis=Grant.Basis.EMERGENCY,
            ends_at__gt=now,
        ).first()
        if known is not None:
            return known
        append(
            action="take_emergency_access",
            object="emergency",
            staff=viewer,
            purpose=viewer.purpose,
            persons=[person_id],
            detail={"hours": EMERGENCY_HOURS},
        )
        return Grant.objects.create(
            staff_id=viewer.staff_id,
            person_id=person_id,
            purpose=viewer.purpose,
            basis=Grant.Basis.EMERGENCY,
            reason=reason,
            starts_at=now,
            ends_at=now + dt.timedelta(hours=EMERGENCY_HOURS),
            granted_by_id=viewer.staff_id,
        )


def review_emergency(viewer: Viewer, grant: Grant, review: str, note: str) -> None:
    """What a second person found; access that was not needed ends at once. NotPossible for oneself and twice."""
    if grant.staff_id == viewer.staff_id:
        raise NotPossible("own")
    now = timezone.now()
    with transaction.atomic():
        found = {"reviewed_by_id": viewer.staff_id, "reviewed_at": now, "review": review, "review_note": note}
        if review == Grant.Review.NOT_JUSTIFIED and grant.ends_at > now:
            found["ends_at"] = now
        if not Grant.objects.filter(pk=grant.pk, review=Grant.Review.OPEN).update(**found):
            raise NotPossible("reviewed")
        append(
            action="review",
            object="emergency",
            staff=viewer,
            purpose=viewer.purpose,
            persons=[grant.person_id],
            detail={"outcome": review, "grant": grant.pk, "of": f"staff:{grant.staff_id}"},
        )


def give_once(viewer: Viewer, person_id: str, staff: Staff, *, purpose: str, basis: str, ends_at: dt.datetime) -> Grant:
    """As `give_access`; what the viewer has given already, to the same day, stands and is not given beside itself."""
    with transaction.atomic():
        # Whoever gives the same at the same moment waits here, and then finds it.
        Staff.objects.select_for_update().get(pk=staff.pk)
        same = {"staff": staff, "person_id": person_id, "purpose": purpose, "basis": basis, "ends_at": ends_at}
        given = Grant.objects.filter(**same, granted_by_id=viewer.staff_id).first()
        return given or give_access(viewer, person_id, staff, purpose=purpose, basis=basis, ends_at=ends_at)


def give_access(
    viewer: Viewer,
    person_id: str,
    staff: Staff,
    *,
    purpose: str,
    basis: str,
    ends_at: dt.datetime,
    given_by: int = 0,
) -> Grant:
    """Gives one person access to one child until a moment.

    given_by  who decided it, where the viewer takes up what somebody else has offered
    raises NotPossible  to oneself, for a purpose the role has not, over a block
    """
    given_by = given_by or viewer.staff_id
    if staff.pk == given_by:
        raise NotPossible("own")
    if purpose not in PURPOSES[Role(staff.role)]:
        raise NotPossible("purpose")
    # A grant that opens nothing would let the giver believe the child is cared for.
    if person_id in viewer_of(staff, purpose).blocked:
        raise NotPossible("blocked")
    with transaction.atomic():
        append(
            action="give_access",
            object="grant",
            staff=viewer,
            purpose=viewer.purpose,
            persons=[person_id],
            detail={
                "to": staff.actor,
                "for": purpose,
                "basis": basis,
                "until": timezone.localdate(ends_at).isoformat(),
            },
        )
        return Grant.objects.create(
            staff=staff,
            person_id=person_id,
            purpose=purpose,
            basis=basis,
            starts_at=timezone.now(),
            ends_at=ends_at,
            granted_by_id=given_by,
        )


def end_access(viewer: Viewer, grant: Grant) -> None:
    """Ends a grant now; ending it twice changes nothing."""
    now = timezone.now()
    with transaction.atomic():
        if Grant.objects.filter(pk=grant.pk, ends_at__gt=now).update(ends_at=now):
            append(
                action="end_access",
                object="grant",
                staff=viewer,
                purpose=viewer.purpose,
                persons=[grant.person_id],
                detail={"grant": grant.pk, "of": f"staff:{grant.staff_id}"},
            )


def enter_conflict(viewer: Viewer, staff: Staff, person_id: str, kind: str) -> None:
    """From now on this member of staff sees neither the person nor the household; NotPossible when it is in force."""
    try:
        with transaction.atomic():
            append(
                action="enter_conflict",
                object="conflict",
                staff=viewer,
                purpose=viewer.purpose,
                persons=[person_id],
                detail={"of": staff.actor, "kind": kind},
            )
            Conflict.objects.create(
                staff=staff,
                person_id=person_id,
                kind=kind,
                entered_by_id=viewer.staff_id,
                entered_at=timezone.now(),
            )
    except IntegrityError as error:
        raise NotPossible("in_force") from error


def end_conflict(viewer: Viewer, conflict: Conflict) -> None:
    """Ends the block; nobody ends one of their own."""
    if conflict.staff_id == viewer.staff_id:
        raise NotPossible("own")
    with transaction.atomic():
        if Conflict.objects.filter(pk=conflict.pk, ended_at__isnull=True).update(ended_at=timezone.now()):
            append(
                action="end_conflict",
                object="conflict",
                staff=viewer,
                purpose=viewer.purpose,
                persons=[conflict.person_id],
                detail={"of": f"staff:{conflict.staff_id}"},
            )

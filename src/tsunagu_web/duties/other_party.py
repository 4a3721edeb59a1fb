"""An employee may be the one from whom an address is protected (相手方): blocked without being told."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tsunagu_web.access.models import Conflict
from tsunagu_web.accounts.models import Staff
from tsunagu_web.addresses.queries import conflicts_for_staff
from tsunagu_web.audit.services import SYSTEM, append


def stamp() -> str:
    """Changes whenever the list of protections was written, put there or taken away."""
    path = settings.ENVIRONMENT.suppression_list
    try:
        told = path.stat() if path else None
    except OSError:
        return "unreadable"
    return f"{told.st_mtime_ns}-{told.st_size}" if told else "none"


def block_other_party(staff: Staff) -> None:
    """Brings this person's blocks into line with the list: new ones begin, and those it no longer names end.

    A list that cannot be trusted ends nothing. Doubtful names are blocked as well until the privacy officer has looked.
    """
    found = conflicts_for_staff(staff.name)
    mine = Conflict.objects.filter(staff=staff, ended_at__isnull=True)
    known = {conflict.person_id: conflict for conflict in mine}
    new = sorted(found.persons - set(known))
    over = [c for c in known.values() if c.entered_by_id is None and c.person_id not in found.persons]
    if not new and not (over and found.is_whole):
        return
    now = timezone.now()
    with transaction.atomic():
        if new:
            append(action="enter_conflict", object="conflict", actor=SYSTEM, persons=new, detail={"of": staff.actor})
            Conflict.objects.bulk_create(
                Conflict(staff=staff, person_id=person, kind=Conflict.Kind.OTHER_PARTY, entered_at=now)
                for person in new
            )
        if over and found.is_whole:
            ended = [c.person_id for c in over]
            append(action="end_conflict", object="conflict", actor=SYSTEM, persons=ended, detail={"of": staff.actor})
            mine.filter(pk__in=[c.pk for c in over]).update(ended_at=now)

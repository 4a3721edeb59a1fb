"""The 48 hours of the safety check: before they run out a supervisor is given the task as well, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tsunagu_web.guidance_centre.models import Notification
from tsunagu_web.guidance_centre.queries import UNDER_WAY
from tsunagu_web.guidance_centre.recording import above_mark, was_seen
from tsunagu_web.tasks.models import Task
from tsunagu_web.tasks.services import Asked, set_by_the_program

#: So long before the 48 hours are over; half of them, so that a night between leaves a morning to act in.
TOLD_AHEAD = dt.timedelta(hours=24)


def keep_time(now: dt.datetime, supervisors: Callable[[str], Iterable[int]]) -> int:
    """Gives a supervisor of the child's team each safety check that runs out soon or has, where nobody saw the child.
    Whatever became of the notification meanwhile, its task stands open until somebody did.

    supervisors  of a team, by its key
    gives        how many tasks were set
    """
    made = 0
    standing = Task.objects.filter(origin=Task.Origin.OF_NOTIFICATION, state=Task.State.OPEN).values("number")
    open_ones = Notification.objects.filter(Q(state__in=UNDER_WAY) | Q(pk__in=standing), see_by__lte=now + TOLD_AHEAD)
    for one in open_ones.select_related("child"):
        owner = next(iter(sorted(supervisors(one.child.team))), None)
        if owner is not None and not was_seen(one):
            made += set_by_the_program(one.child_id, _asked(one, owner), Task.Origin.OF_NOTIFICATION, one.pk)
    return made


def _asked(one: Notification, owner: int) -> Asked:
    by = timezone.localtime(one.see_by)
    with translation.override(settings.LANGUAGE_CODE):
        words = _("After a notification: nobody recorded to have seen the child yet; to be seen by %(day)s %(time)s")
        what = words % {"day": f"{by:%Y-%m-%d}", "time": f"{by:%H:%M}"}
    return Asked(what, owner, by.date(), above_mark(one))

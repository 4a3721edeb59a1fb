"""One round of the desk, by the desk itself: safe to repeat, to run twice at once, and to be ended at any moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from tsunagu.casework.reminders import is_open, load_choices, told
from tsunagu_web.access.reach import the_program
from tsunagu_web.guidance_centre.clock import keep_time as keep_checks
from tsunagu_web.protection.clock import keep_time as keep_clocks
from tsunagu_web.referrals.services import expire_due
from tsunagu_web.reminders.mail import Posted, post
from tsunagu_web.reminders.queries import unsent
from tsunagu_web.reminders.services import Followed, follow
from tsunagu_web.rounds.matters import waiting
from tsunagu_web.rounds.people import Office
from tsunagu_web.transfers.clock import keep_time


@dataclass(frozen=True)
class Round:
    """What a round did.

    expired  referrals that ran out; late: tasks for hand-overs that nobody answered in time, and for clocks of a
             protection or a safety check that run out soon
    untold   matters of which nobody could be told
    """

    expired: int
    late: int
    followed: Followed
    untold: int
    posted: Posted
    unsent: int


def make_round(now: dt.datetime | None = None) -> Round:
    """Lets run out, reminds, posts; each part whole or not at all, and the next round does what this one did not."""
    moment = now or timezone.now()
    on, choices = timezone.localdate(moment), load_choices(settings.ENVIRONMENT.city)
    with the_program():
        expired = expire_due(on)
        supervisors = Office(on).supervisors
        late = keep_time(moment, supervisors) + keep_clocks(moment, supervisors)
        late += keep_checks(moment, supervisors)
        wanted, untold = {}, 0
        for one in waiting(on, choices):
            people = told([one.matter], on=on, choices=choices)
            wanted |= dict.fromkeys(people, one.child_id)
            untold += not people and is_open(one.matter, on=on, choices=choices)
        followed = follow(wanted, on=on, forget_days=choices.forget_days)
        return Round(expired, late, followed, untold, post(moment, choices), unsent())

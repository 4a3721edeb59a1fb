"""What the days bring: offers end, and where nobody answers in time, somebody above is given a task or told.

The days are those of the manifest, which both ends count alike; this desk looks at its own end.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tsunagu.errors import TsunaguError
from tsunagu.handover.store import Handover
from tsunagu.handover.working_days import japan_day
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.steps.models import Step
from tsunagu_web.tasks.models import Task
from tsunagu_web.tasks.services import Asked, set_by_the_program
from tsunagu_web.transfers import arriving
from tsunagu_web.transfers.models import Transfer
from tsunagu_web.transfers.offices import Office, office, store_of
from tsunagu_web.transfers.services import ACCEPTED, NOT_ACCEPTED, UNDER_WAY, there_of

log = logging.getLogger("tsunagu.desk")


@dataclass(frozen=True)
class Arrived:
    """A hand-over that waits here. recipients: numbers of the staff who may decide or were chosen."""

    number: int
    came_on: dt.date
    respond_by: dt.date
    is_late: bool
    recipients: frozenset[int]


def keep_time(now: dt.datetime, supervisors: Callable[[str], Iterable[int]]) -> int:
    """Lets offers end that nobody answered here, and gives a supervisor a task for each of ours that is late there.

    supervisors  of a team, by its key
    gives        how many tasks were set; each hand-over brings one
    """
    found = _office()
    if found is None:
        return 0
    store_of(found).expire(now)
    store_of(found).newly_overdue(now)  # for its entry in their log; what is late is read anew below
    return sum(_task_for(found, one, now, supervisors) for one in _under_way())


def answered(on: dt.date) -> Iterator[tuple[Transfer, dt.date]]:
    """Our hand-overs to which the other side has answered, and since when; a person has not acted on it yet."""
    found = _office()
    for one in _under_way() if found else ():
        there = there_of(found, one, on)
        if there is not None and there.state in (*ACCEPTED, *NOT_ACCEPTED):
            yield one, timezone.localdate(there.changed_at)


def to_send() -> Iterator[tuple[Transfer, int, dt.date]]:
    """Drafts, who wrote the newest version of each, and on which day."""
    rows = Transfer.objects.filter(state=Transfer.State.DRAFT).select_related("case")
    for one in rows:
        newest = one.contents.latest("number")
        yield one, newest.by_id, timezone.localdate(newest.at)


def waiting_here(on: dt.date) -> Iterator[Arrived]:
    """What came from others and is not decided on."""
    found = _office()
    for one in store_of(found).incoming(on) if found else ():
        if one.clock is None or one.state != "stored":
            continue
        came = timezone.localdate(one.came_at)
        yield Arrived(_number(one), came, one.clock.respond_by, one.clock.is_overdue, _recipients(one))


def sender_of(one: Transfer) -> int | None:
    """Who sent it."""
    sent = Step.objects.filter(machine="transfer", subject=one.pk, move="send")
    return sent.values_list("by_id", flat=True).first()


def _office() -> Office | None:
    """The list of municipalities; a mistake in it is told to whoever runs the desk, and keeps no other work waiting."""
    try:
        return office()
    except TsunaguError as error:
        log.warning("hand-overs are not looked at: %s (%s). %s", error.what, error.where, error.to_do)
        return None


def _under_way() -> Iterable[Transfer]:
    return Transfer.objects.filter(state__in=UNDER_WAY).select_related("case")


def _task_for(found: Office, one: Transfer, now: dt.datetime, supervisors: Callable[[str], Iterable[int]]) -> int:
    there = there_of(found, one, japan_day(now))
    if there is None or there.clock is None or not there.clock.is_overdue:
        return 0
    possible, sender = sorted(supervisors(one.case.team)), sender_of(one)
    owner = sender if sender in possible else next(iter(possible), None)
    if owner is None:
        return 0
    with translation.override(settings.LANGUAGE_CODE):
        words = _("No answer yet to the hand-over to %(name)s: ask there by telephone, and decide how to go on")
        what = words % {"name": one.to_name}
    mark = uuid.UUID(bytes=sha256(f"{one.handover} late".encode()).digest()[:16])
    asked = Asked(what, owner, timezone.localdate(now), mark)
    return set_by_the_program(one.child_id, asked, Task.Origin.OF_A_TRANSFER, one.pk)


def _recipients(one: Handover) -> frozenset[int]:
    roles = (Role.SUPERVISOR, Role.LEAD_WORKER)
    staff = Staff.objects.filter(is_active=True, role__in=roles)
    return frozenset(each.pk for each in staff if arriving.may_decide(one, each))


def _number(one: Handover) -> int:
    """A number for the hand-over's id, which no row of the desk has; the same each time."""
    return int(one.id.removeprefix("h-")[:15], 16)

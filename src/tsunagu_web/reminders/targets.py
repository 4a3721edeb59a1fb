"""Where a reminder leads: to the page of its matter, which asks anew whether this person may see it."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse

from tsunagu.casework.reminders import Kind
from tsunagu_web.access.policy import may
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.reminders.models import About, Reminder

# Pages of a child, found by its number, and pages found by the number of the thing itself.
_OF_THE_CHILD: Mapping[Kind, str] = {
    Kind.REASSESSMENT_OVERDUE: "outreach:reassessment",
    Kind.REASSESSMENT_BEGAN: "outreach:reassessment",
    Kind.NOT_SEEN: "outreach:sight",
    Kind.TASK_OVERDUE: "tasks:list",
    Kind.TASK_DUE: "tasks:list",
    Kind.TASK_GIVEN: "tasks:list",
    Kind.WATCH_DUE: "cases:child",
    Kind.SECOND_PERSON: "cases:child",
    Kind.PLAN_TO_APPROVE: "plans:list",
    Kind.PLAN_ANSWERED: "plans:list",
    Kind.GRANT_ENDS: "cases:child",
    Kind.REFERRAL_EXPIRES: "referrals:list",
    Kind.REFERRAL_ANSWERED: "referrals:list",
    Kind.TRANSFER_ANSWERED: "transfers:list",
    Kind.TRANSFER_TO_SEND: "transfers:list",
}
_WITH_ITS_NUMBER = (Kind.REASSESSMENT_OVERDUE, Kind.REASSESSMENT_BEGAN)
_ARRIVED = (Kind.TRANSFER_WAITS, Kind.TRANSFER_LATE)
_RECEIVED = (Kind.ANSWER_DUE, Kind.REFERRAL_WAITS, Kind.REFERRAL_ENDED)


def target_of(viewer: Viewer, reminder: Reminder) -> str:
    """The address of the page; empty where it is a child's who is not within the viewer's reach under this purpose, and
    where there is none."""
    kind = Kind(reminder.kind)
    if kind is Kind.EMERGENCY_TO_REVIEW:
        return reverse("duties:emergencies")
    if kind is Kind.CONFERENCE:
        return reverse("conferences:conference", args=[reminder.number])
    if kind in _ARRIVED:
        return reverse("transfers:mine") if may(viewer, Thing.TRANSFER, Action.REPLY) else ""
    if kind in _RECEIVED:
        return (
            reverse("referrals:received", args=[reminder.number]) if may(viewer, Thing.REFERRAL, Action.REPLY) else ""
        )
    child = _child_in_reach(viewer, reminder)
    if not child or kind not in _OF_THE_CHILD:
        return ""
    args = [child, reminder.number] if kind in _WITH_ITS_NUMBER else [child]
    return reverse(_OF_THE_CHILD[kind], args=args)


def _child_in_reach(viewer: Viewer, reminder: Reminder) -> str:
    rows = About.objects.filter(reminder_id=reminder.pk)
    return visible_to(viewer, rows, child="child__").values_list("child_id", flat=True).first() or ""

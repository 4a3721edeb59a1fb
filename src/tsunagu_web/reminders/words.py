"""What reminders are called, on the page and in a mail."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tsunagu.casework.reminders import Kind

# That mail fails is told in the desk alone.
BY_MAIL = tuple(kind for kind in Kind if kind is not Kind.MAIL_NOT_SENT)
WORDS: Mapping[Kind, Promise] = {
    Kind.EMERGENCY_TO_REVIEW: _("An access taken in an emergency waits for review"),
    Kind.REASSESSMENT_OVERDUE: _("A re-assessment is past its day"),
    Kind.REASSESSMENT_BEGAN: _("A re-assessment waits for your decision"),
    Kind.NOT_SEEN: _("A child has not been seen in time"),
    Kind.TASK_OVERDUE: _("A task is past its day"),
    Kind.WATCH_DUE: _("The day to look again at a child has come"),
    Kind.SECOND_PERSON: _("The closing of a case waits for a second person"),
    Kind.TRANSFER_LATE: _("A case from another municipality is past its day, and nobody has answered"),
    Kind.TRANSFER_WAITS: _("A case from another municipality waits for an answer"),
    Kind.TRANSFER_ANSWERED: _("Another municipality has answered on a case of yours"),
    Kind.TRANSFER_TO_SEND: _("A hand-over waits to be looked at and sent"),
    Kind.PLAN_TO_APPROVE: _("A support plan waits for approval"),
    Kind.ANSWER_DUE: _("A referral to you soon runs out"),
    Kind.REFERRAL_EXPIRES: _("A referral of yours soon runs out without an answer"),
    Kind.REFERRAL_WAITS: _("A referral to you waits for an answer"),
    Kind.TASK_DUE: _("A task is due soon"),
    Kind.TASK_GIVEN: _("A task was given to you"),
    Kind.CONFERENCE: _("A conference that you attend comes up"),
    Kind.GRANT_ENDS: _("An access given to you ends soon"),
    Kind.REFERRAL_ANSWERED: _("A referral was answered"),
    Kind.REFERRAL_ENDED: _("A referral that you had taken on has ended"),
    Kind.PLAN_ANSWERED: _("A support plan was approved or given back"),
    Kind.MAIL_NOT_SENT: _("Mail to staff cannot be sent at present"),
}

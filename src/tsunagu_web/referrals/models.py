"""Referrals, exactly what left with each, and what was answered."""

from __future__ import annotations

import hashlib
import json

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tsunagu.casework.machines import REFERRAL
from tsunagu_web.access.models import Grant
from tsunagu_web.access.terms import LegalBasis
from tsunagu_web.audit.content import digested
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.steps.guards import guarded


class Referral(models.Model):
    """Help asked of one person elsewhere for one child. It moves as casework/machines.py says.

    number       1, 2, 3 … for each child
    to           who is asked; case: the open case at that time
    purpose      what the use is for, in words; basis, basis_note: on what legal ground, and why it holds
    reply_until  the day by which an answer is asked; afterwards it runs out by itself
    open_until   where it is accepted, the recipient's access ends with this day at the latest
    grant        the access that accepting gave; revision: counts the changes
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENT = "sent", _("Sent, answer awaited")
        ACCEPTED = "accepted", _("Taken on")
        DONE = "done", _("Completed as asked")
        DECLINED = "declined", _("Not taken on")
        REVOKED = "revoked", _("Taken back by the sender")
        EXPIRED = "expired", _("Ran out without an answer")

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="referrals")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="referrals")
    number = models.PositiveIntegerField()
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=400)
    basis = models.CharField(max_length=20, choices=LegalBasis.choices)
    basis_note = models.CharField(max_length=400, blank=True)
    reply_until = models.DateField()
    open_until = models.DateField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    revision = models.PositiveIntegerField(default=1)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True)
    grant = models.OneToOneField(Grant, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["child", "-number"]
        indexes = [
            models.Index(fields=["to", "state"], name="referral_to"),
            models.Index(fields=["state", "reply_until"], name="referral_until"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["child", "number"], name="referrals_are_counted"),
            models.CheckConstraint(condition=Q(basis__in=LegalBasis.values), name="referral_basis_is_known"),
            models.CheckConstraint(
                condition=Q(basis="within_purpose") | ~Q(basis_note=""), name="other_basis_says_why"
            ),
            models.CheckConstraint(condition=Q(open_until__gte=F("reply_until")), name="referral_opens_after_answer"),
            models.CheckConstraint(
                condition=Q(sent_by__isnull=True, sent_at__isnull=True, state__in=["draft", "revoked"])
                | Q(sent_by__isnull=False, sent_at__isnull=False) & ~Q(state="draft"),
                name="referral_sent_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(to=F("sent_by")), name="nobody_refers_to_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} {self.number}"

    @property
    def is_overdue(self) -> bool:
        """Sent, and the day for the answer has passed; the desk lets it run out at its next daily round."""
        return self.state == self.State.SENT and self.reply_until < timezone.localdate()


guarded(Referral, REFERRAL)


class ReferralContent(models.Model):
    """What is to leave, or left, word for word; the newest version at sending is what the recipient reads.

    fields  codes of what was chosen, with blanks between
    body    the lines as JSON text: label, value, source and as-of date of each, in the desk's own language
    asked, wish  what is asked for, and what the child wishes, as written by staff; they stand in the lines as well
    """

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="contents")
    number = models.PositiveIntegerField()
    fields = models.TextField(blank=True)
    asked = models.TextField(max_length=2_000)
    wish = models.TextField(max_length=1_000, blank=True)
    body = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["referral", "-number"]
        constraints = [models.UniqueConstraint(fields=["referral", "number"], name="referral_contents_are_counted")]

    def __str__(self) -> str:
        return f"{self.referral_id} {self.number}"

    @property
    def print(self) -> str:
        """SHA-256 of the bytes; sending names it, so that nothing leaves that nobody looked at."""
        return hashlib.sha256(self.body.encode()).hexdigest()

    @property
    def lines(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.loads(self.body)
        return found


digested(ReferralContent, "referral_id", "number", "fields", "asked", "wish", "body", "by_id", "at")


class Reply(models.Model):
    """What the recipient wrote back. form: the same form sent twice makes one reply."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="replies")
    number = models.PositiveIntegerField()
    text = models.TextField(max_length=4_000)
    form = models.UUIDField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["referral", "-number"]
        constraints = [models.UniqueConstraint(fields=["referral", "number"], name="replies_are_counted")]

    def __str__(self) -> str:
        return f"{self.referral_id} {self.number}"


digested(Reply, "referral_id", "number", "text", "by_id", "at")

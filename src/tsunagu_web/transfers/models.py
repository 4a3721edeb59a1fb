"""Hand-overs of cases as this desk decides on them, what was prepared for each, and what came from elsewhere."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tsunagu.casework.machines import TRANSFER
from tsunagu.handover.document import CaseDocument
from tsunagu.handover.reading import read_document
from tsunagu_web.audit.content import digested
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.steps.guards import guarded


class Transfer(models.Model):
    """One case on its way to another municipality. How it stands there is asked of the hand-overs' own file.

    number      1, 2, 3 … for each child
    to, to_name organisation of the list of municipalities, and what it was called there on that day
    recipients  as the manifest has them, with blanks between; a restricted one names two accounts
    handover    id under which it travels; empty until it is sent
    revision    counts the changes
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENT = "sent", _("Sent to the other municipality")
        WITHDRAWING = "withdrawing", _("Being withdrawn")
        RETURNED = "returned", _("Taken back")
        CONCLUDED = "concluded", _("Handed over")
        DISCARDED = "discarded", _("Discarded")

    class Kind(models.TextChoices):
        ORDINARY = "ordinary", _("Ordinary hand-over")
        RESTRICTED = "restricted", _("Restricted hand-over, for two named people")

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="transfers")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="transfers")
    number = models.PositiveIntegerField()
    to = models.CharField(max_length=80)
    to_name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    recipients = models.CharField(max_length=1_000)
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    handover = models.CharField(max_length=40, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["child", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["child", "number"], name="transfers_are_counted"),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=["draft", "sent", "withdrawing"]),
                name="one_transfer_of_a_case_at_a_time",
            ),
            models.UniqueConstraint(fields=["handover"], condition=~Q(handover=""), name="one_transfer_of_a_handover"),
            models.CheckConstraint(condition=Q(kind__in=["ordinary", "restricted"]), name="transfer_kind_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "discarded"], handover="")
                | ~Q(state__in=["draft", "discarded"]) & ~Q(handover=""),
                name="transfer_that_was_sent_has_its_id",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} {self.number}"


guarded(Transfer, TRANSFER)


class TransferContent(models.Model):
    """What is to travel, or travelled, word for word; sending names the newest version by its print.

    parts, files  what was chosen: codes of leaving.PARTS and numbers of attachments, with blanks between
    why, now, urgent, council_since  as written by staff; they stand in the document as well
    body          the document as it travels (handover.reading), as text
    left_out      entries that were chosen and left out, since they look like a place somebody lives at
    by            who chose and wrote it; records that changed afterwards make a version of theirs, too
    """

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="contents")
    number = models.PositiveIntegerField()
    parts = models.CharField(max_length=200, blank=True)
    files = models.CharField(max_length=1_000, blank=True)
    why = models.TextField(max_length=8_000)
    now = models.TextField(max_length=8_000)
    urgent = models.TextField(max_length=8_000, blank=True)
    council_since = models.DateField(null=True)
    body = models.TextField()
    left_out = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["transfer", "-number"]
        constraints = [models.UniqueConstraint(fields=["transfer", "number"], name="transfer_contents_are_counted")]

    def __str__(self) -> str:
        return f"{self.transfer_id} {self.number}"

    @property
    def print(self) -> str:
        """SHA-256 of the document's bytes; sending names it, so that nothing leaves that nobody looked at."""
        return hashlib.sha256(self.body.encode()).hexdigest()

    @property
    def document(self) -> CaseDocument:
        """The document in the body; every page shows this and makes no second one."""
        return read_document(self.body.encode(), str(self))


digested(
    TransferContent, "transfer_id", "number", "parts", "files", "why", "now", "urgent", "council_since", "body",
    "left_out", "by_id", "at",
)  # fmt: skip


class Received(models.Model):
    """What another municipality handed over with a child's case, as it came: read here, and changed by nobody.

    case         the case of this desk that began with it
    sender, sender_name  organisation of the list of municipalities, and what it was called there on that day
    body         the document as it travelled, as text
    """

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="received_cases")
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="received")
    handover = models.CharField(max_length=40, unique=True)
    sender = models.CharField(max_length=80)
    sender_name = models.CharField(max_length=80)
    body = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["child", "-at"]

    def __str__(self) -> str:
        return f"{self.child_id} {self.handover}"

    @property
    def document(self) -> CaseDocument:
        """What travelled."""
        return read_document(self.body.encode(), str(self))


digested(Received, "child_id", "case_id", "handover", "sender", "sender_name", "body", "by_id", "at")

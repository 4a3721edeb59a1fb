"""The nameless table of the current run, sealed; drafts of the next version; and what people said of them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from tsunagu_web.audit.content import digested


class NamelessTable(models.Model):
    """The indicators of the run's children without anything to find a child by, sealed as a whole; one row.

    run      the seal of the run it was made from
    carried  the criteria file with its catalogue, as the run carries them (JSON)
    """

    run = models.CharField(max_length=64, primary_key=True)
    carried = models.TextField()
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return self.run[:12]


class Draft(models.Model):
    """A next version of the criteria, whole, with the report of what it would change; never changed (migration 0002).

    name     id of the criteria; version replaces base; file: the name of its file
    text     the file; sha256: of its bytes
    report   what it changes, as JSON, told in counts; report_sha256: of its bytes
    run      the run on which the report was counted, of the day on
    form     the form it was saved with; the same form sent twice makes one draft
    """

    name = models.CharField(max_length=80)
    base = models.CharField(max_length=40)
    version = models.CharField(max_length=40)
    effective = models.DateField()
    file = models.CharField(max_length=120)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    reason = models.CharField(max_length=1000)
    report = models.TextField()
    report_sha256 = models.CharField(max_length=64)
    run = models.CharField(max_length=64)
    on = models.DateField()
    form = models.UUIDField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_as = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="criteria_draft_says_why")]

    def __str__(self) -> str:
        return f"{self.name}@{self.version} {self.pk}"


class Verdict(models.Model):
    """What one person said of a draft, having read this very report; never changed (migration 0002).

    by_as  the role in which it was said: two people who agree are of two duties
    """

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="verdicts")
    agrees = models.BooleanField()
    reason = models.CharField(max_length=1000, blank=True)
    report_sha256 = models.CharField(max_length=64)
    form = models.UUIDField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_as = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "by"], name="criteria_verdict_is_said_once"),
            models.UniqueConstraint(
                fields=["draft", "by_as"], condition=Q(agrees=True), name="criteria_agreed_by_two_duties"
            ),
            models.CheckConstraint(condition=Q(agrees=True) | ~Q(reason=""), name="criteria_refusal_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.by_as}"


digested(
    Draft, "name", "base", "version", "effective", "sha256", "report_sha256", "reason", "run", "by_id", "by_as", "at"
)
digested(Verdict, "draft_id", "agrees", "reason", "report_sha256", "by_id", "by_as", "at")

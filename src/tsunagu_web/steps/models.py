"""The steps taken, never changed, and the tables of the steps that exist, as the database knows them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from tsunagu_web.audit.content import digested


class Step(models.Model):
    """One step of one piece of work: the database lets a state change only where its step lies beside it.

    machine    the table of casework/machines.py; subject: key of the row that moves
    person_id  the child the work is for; empty where it is for several
    number     the row's revision after the step
    source     empty for the step that brought the row into being
    by         who took it; null where the desk itself did, which only some steps allow
    form       the form it was taken with; the same form sent twice takes one step. Null for the desk's own
    """

    machine = models.CharField(max_length=20)
    subject = models.BigIntegerField()
    person_id = models.CharField(max_length=40, blank=True)
    number = models.PositiveIntegerField()
    move = models.CharField(max_length=20)
    source = models.CharField(max_length=20, blank=True)
    target = models.CharField(max_length=20)
    reason = models.CharField(max_length=400, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    form = models.UUIDField(unique=True, null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["machine", "subject", "number"]
        indexes = [models.Index(fields=["person_id", "at"], name="step_person")]
        constraints = [
            models.UniqueConstraint(fields=["machine", "subject", "number"], name="steps_are_counted"),
            models.CheckConstraint(
                condition=~Q(source=models.F("target")) | Q(move="hand_on") | Q(machine="protection"),
                name="a_step_goes_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.machine} {self.subject} {self.number}"


digested(Step, "machine", "subject", "person_id", "number", "move", "source", "target", "reason", "by_id", "at")


class AllowedStep(models.Model):
    """A step that exists, copied from casework/machines.py at each `migrate`; the database asks here."""

    pk = models.CompositePrimaryKey("machine", "move", "source")
    machine = models.CharField(max_length=20)
    move = models.CharField(max_length=20)
    source = models.CharField(max_length=20, blank=True)
    target = models.CharField(max_length=20)
    needs_reason = models.BooleanField()
    by_another = models.BooleanField()
    by_program = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.machine} {self.move} {self.source}"

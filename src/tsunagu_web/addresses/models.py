"""Sealed rows, and the requests to release one address: who asked, who agreed, and that it was shown once."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class AddressRow(models.Model):
    """One row for each person at the desk, hidden or not, all of one size.

    place  keyed hash of the person's id
    """

    place = models.CharField(max_length=64, primary_key=True)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return self.place


class RegisterRow(models.Model):
    """One row for each number of the residents' register: to whom the list's numbers belong, and where they lived.

    place  keyed hash of the number
    """

    place = models.CharField(max_length=64, primary_key=True)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return self.place


class SealedTable(models.Model):
    """A small table sealed as a whole, so that not even its rows can be counted."""

    place = models.CharField(max_length=64, primary_key=True)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return self.place


class ReleaseReason(models.TextChoices):
    """What an address is needed for."""

    SAFETY = "safety", _("To make sure that the child is safe")
    VISIT = "visit", _("To visit the family")
    LETTER = "letter", _("To send something to the family")
    HANDOVER = "handover", _("To hand over to another office")


class ReleaseState(models.TextChoices):
    """Where a request stands. A request or an agreement that was not used in time counts as expired."""

    WAITING = "waiting", _("Waiting for a second person")
    APPROVED = "approved", _("Agreed")
    DECLINED = "declined", _("Declined")
    SHOWN = "shown", _("Shown")


class ReleaseRequest(models.Model):
    """One person asks for one address, another person of another duty decides, and it is shown once.

    Anybody's address can be asked for: that a request exists tells nothing of the address.
    form  the form's own mark: the same form sent twice makes one request
    """

    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    form = models.UUIDField(unique=True)
    person_id = models.CharField(max_length=40)
    reason = models.CharField(max_length=12, choices=ReleaseReason.choices)
    need = models.CharField(max_length=400)
    state = models.CharField(max_length=12, choices=ReleaseState.choices, default=ReleaseState.WAITING)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_as = models.CharField(max_length=40)
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_as = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True)
    shown_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["requested_by", "-requested_at"], name="release_requested_by"),
            models.Index(fields=["state", "requested_at"], name="release_state"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ReleaseState.values), name="release_state_is_known"),
            models.CheckConstraint(condition=Q(reason__in=ReleaseReason.values), name="release_reason_is_known"),
            models.CheckConstraint(condition=~Q(need=""), name="release_says_what_for"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by__isnull=True, decided_at__isnull=True, decided_as="")
                | ~Q(state="waiting") & Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decided_as=""),
                name="release_decision_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="nobody_releases_to_oneself",
            ),
            models.CheckConstraint(
                condition=Q(decided_as="") | ~Q(decided_as=F("requested_as")), name="release_needs_another_duty"
            ),
            models.CheckConstraint(
                condition=Q(state="shown", shown_at__isnull=False) | ~Q(state="shown") & Q(shown_at__isnull=True),
                name="release_shown_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}"

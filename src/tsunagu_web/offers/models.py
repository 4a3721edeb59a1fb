"""Children whose families may be offered support, as the run found them, and the work of telling a family of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tsunagu.casework.machines import OFFER
from tsunagu_web.steps.guards import guarded


class OfferedChild(models.Model):
    """One child, noticed or not; replaced by each run. Names and reasons are sealed with a key not in the database.

    family  the household's number, or the child's own where none is known; children of a household are told together
    team    the team that tells the family
    """

    person_id = models.CharField(max_length=40, primary_key=True)
    family = models.CharField(max_length=40)
    team = models.CharField(max_length=40)
    sealed = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["team", "family"], name="offered_team"),
            models.Index(fields=["family"], name="offered_family"),
        ]

    def __str__(self) -> str:
        return self.person_id


class Finding(models.Model):
    """What the run found of a child and a programme; why stands in the child's seal. Replaced by each run."""

    class Found(models.TextChoices):
        MAY_BE_ELIGIBLE = "may_be_eligible", _("May be eligible")
        CANNOT_TELL = "cannot_tell", _("May be eligible; whether it is received must be asked first")

    child = models.ForeignKey(OfferedChild, on_delete=models.CASCADE, related_name="findings")
    programme = models.CharField(max_length=40)
    found = models.CharField(max_length=16, choices=Found.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child", "programme"], name="one_finding_of_a_programme"),
            models.CheckConstraint(
                condition=Q(found__in=["may_be_eligible", "cannot_tell"]), name="finding_never_says_eligible"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} {self.programme}"


class Way(models.TextChoices):
    """How a family is told. What closes one is asked anew each time (ways.py)."""

    LETTER = "letter", _("Letter")
    VISIT = "visit", _("Visit")
    PHONE = "phone", _("Telephone")
    IN_PERSON = "in_person", _("By hand, when they come to an office")
    LEAD = "lead", _("Through the lead worker of the case")


class Offer(models.Model):
    """The work of telling a family of one programme for one child; it outlives the run that found it.

    way, planned_on  how and when the family is to be told; empty and null where nothing is planned
    must_ask         no record says whether it is received, so somebody confirms that it is not before it is planned
    is_confirmed     somebody has
    revision         counts the steps
    """

    class State(models.TextChoices):
        TAKEN_UP = "taken_up", _("To be told")
        CONFIRMED = "confirmed", _("Not received, confirmed")
        PLANNED = "planned", _("Planned")
        TOLD = "told", _("Told")
        APPLIED = "applied", _("Applied for")
        RECEIVED = "received", _("Received already")
        NOT_WANTED = "not_wanted", _("Not wanted")

    person_id = models.CharField(max_length=40)
    programme = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.TAKEN_UP)
    way = models.CharField(max_length=10, choices=Way.choices, blank=True)
    planned_on = models.DateField(null=True)
    must_ask = models.BooleanField()
    is_confirmed = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person_id", "programme"], name="one_offer_of_a_programme"),
            models.CheckConstraint(
                condition=Q(state__in=[
                    "taken_up", "confirmed", "planned", "told", "applied", "received", "not_wanted",
                ]), name="offer_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(way__in=["", "letter", "visit", "phone", "in_person", "lead"]), name="offer_way_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="planned") | ~Q(way="") & Q(planned_on__isnull=False),
                name="planned_offer_says_how_and_when",
            ),
            models.CheckConstraint(
                condition=Q(must_ask=False) | Q(is_confirmed=True) | ~Q(state__in=["planned", "told", "applied"]),
                name="nobody_is_told_unasked",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.person_id} {self.programme}"


guarded(Offer, OFFER, person="person_id")

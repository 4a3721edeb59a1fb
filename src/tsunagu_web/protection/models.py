"""The child's own view, never changed, and a temporary protection with where its clocks stand."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tsunagu.casework.machines import PROTECTION
from tsunagu.casework.protection import warrant_by
from tsunagu_web.audit.content import digested
from tsunagu_web.cases.models import Child
from tsunagu_web.steps.guards import guarded


class Consent(models.TextChoices):
    """What whoever holds parental authority says of the protection."""

    AGREES = "agrees", _("The guardian agrees")
    AGAINST = "against", _("It is against the guardian's will")
    NOT_KNOWN = "not_known", _("The guardian has not said yet")
    NOBODY = "nobody", _("Nobody holds parental authority")


class Warrant(models.TextChoices):
    """Where the judge's warrant stands."""

    NOT_ASKED = "not_asked", _("Not asked for")
    ASKED = "asked", _("Asked for")
    ISSUED = "issued", _("Issued")
    REFUSED = "refused", _("Refused")
    APPEALED = "appealed", _("Refused, and appealed")


class Shelter(models.TextChoices):
    """Where the child is; never an address."""

    CENTRE = "centre", _("The centre's own shelter")
    INSTITUTION = "institution", _("An institution")
    FOSTER = "foster", _("A foster family")
    HOSPITAL = "hospital", _("A hospital")
    ELSEWHERE = "elsewhere", _("Elsewhere")


#: What whoever holds parental authority said where the law asks for no warrant and no court.
WITH_CONSENT = (Consent.AGREES, Consent.NOBODY)


class Protection(models.Model):
    """One temporary protection. It moves by steps; what changes with a step stands in its columns.

    number          1, 2, 3 … for each child
    consent_on      the day of what the guardian said last; null before
    warrant_on      the day of what became of the warrant last; null where none was asked for
    limit_on        the last day that it may go on; court_asked_on: when the family court was asked for longer
    hearing         the child's own view that was on record when it began; null: why_not_heard says why not
    """

    class State(models.TextChoices):
        UNDER_PROTECTION = "under_protection", _("Under protection")
        ENDED = "ended", _("Ended")

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="protections")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.UNDER_PROTECTION)
    began_at = models.DateTimeField()
    shelter = models.CharField(max_length=12, choices=Shelter.choices)
    consent = models.CharField(max_length=12, choices=Consent.choices)
    consent_on = models.DateField(null=True)
    warrant = models.CharField(max_length=12, choices=Warrant.choices, default=Warrant.NOT_ASKED)
    warrant_on = models.DateField(null=True)
    limit_on = models.DateField()
    court_asked_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    hearing = models.ForeignKey("Hearing", null=True, on_delete=models.PROTECT, related_name="+")
    why_not_heard = models.CharField(max_length=400, blank=True)
    form = models.UUIDField(unique=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["child", "-number"]
        indexes = [models.Index(fields=["state", "limit_on"], name="protection_due")]
        constraints = [
            models.UniqueConstraint(fields=["child", "number"], name="protections_are_counted"),
            models.UniqueConstraint(
                fields=["child"], condition=Q(state="under_protection"), name="one_protection_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="under_protection", ended_on__isnull=True) | Q(state="ended", ended_on__isnull=False),
                name="protection_ends_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(warrant="not_asked", warrant_on__isnull=True)
                | Q(warrant__in=["asked", "issued", "refused", "appealed"], warrant_on__isnull=False),
                name="protection_warrant_has_its_day",
            ),
            models.CheckConstraint(condition=Q(consent__in=Consent.values), name="protection_consent_is_known"),
            # Nobody begins one past the child unsaid (Child Welfare Act, article 33-3-3).
            models.CheckConstraint(
                condition=Q(hearing__isnull=False) | ~Q(why_not_heard=""), name="protection_begins_with_the_childs_view"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} {self.number}"

    @property
    def warrant_by(self) -> dt.date:
        return warrant_by(timezone.localdate(self.began_at))

    @property
    def needs_warrant(self) -> bool:
        """Whether a warrant is still to be asked for."""
        is_open = self.state == self.State.UNDER_PROTECTION
        return is_open and self.warrant == Warrant.NOT_ASKED and self.consent not in WITH_CONSENT


guarded(Protection, PROTECTION)


class Hearing(models.Model):
    """The child's own view of a protection (意見聴取), or the declared reason why there is none. Never changed.

    protection  of which it is; null where it was heard before one began
    words       what the child said; otherwise what was tried, and what the child showed
    """

    class About(models.TextChoices):
        BEGINNING = "beginning", _("Beginning the protection")
        ENDING = "ending", _("Ending the protection")

    class Outcome(models.TextChoices):
        HEARD = "heard", _("The child was heard")
        INFANT = "infant", _("Too young to say; what the child showed is written down")
        REFUSED = "refused", _("The child did not want to speak")
        COULD_NOT = "could_not", _("The child could not be asked")

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="hearings")
    protection = models.ForeignKey(Protection, null=True, on_delete=models.PROTECT, related_name="hearings")
    about = models.CharField(max_length=12, choices=About.choices)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    words = models.TextField(max_length=4_000)
    heard_on = models.DateField()
    form = models.UUIDField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["child", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="hearing_says_what"),
            models.CheckConstraint(condition=Q(about__in=["beginning", "ending"]), name="hearing_is_about_something"),
            models.CheckConstraint(
                condition=Q(outcome__in=["heard", "infant", "refused", "could_not"]), name="hearing_outcome_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} {self.about}"


digested(Hearing, "child_id", "protection_id", "about", "outcome", "words", "heard_on", "by_id", "at")

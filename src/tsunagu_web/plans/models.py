"""Support plans: the plan moves by steps, and what it says is versions with their goals and services, never changed."""

from __future__ import annotations

import json

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tsunagu.casework.machines import PLAN
from tsunagu_web.audit.content import digested
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.steps.guards import guarded


class SupportPlan(models.Model):
    """A plan for one child, numbered within its case; at most one of a case is being written, and one is in force.

    version   the number of the newest version of what it says
    approved  the version that was approved; null until then
    revision  counts steps and versions together, so that nobody changes what somebody else changed unseen
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Plan handed in")
        APPROVED = "approved", _("Plan approved")
        ENDED = "ended", _("Plan ended")

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="plans")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="plans")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    approved = models.PositiveIntegerField(null=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-case__number", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="plans_are_counted"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=["draft", "submitted"]), name="one_plan_is_written_at_a_time"
            ),
            models.UniqueConstraint(fields=["case"], condition=Q(state="approved"), name="one_plan_is_in_force"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted"], approved__isnull=True)
                | Q(state="approved", approved__isnull=False)
                | Q(state="ended"),
                name="an_approved_plan_names_its_version",
            ),
            models.CheckConstraint(
                condition=Q(approved__isnull=True) | Q(approved=models.F("version")),
                name="nothing_is_written_after_approval",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} {self.number}"


guarded(SupportPlan, PLAN)


class PlanContent(models.Model):
    """What a plan says from one moment on, with its goals and services; the database refuses to change it.

    revision                  the plan's revision that it made: the version a step speaks of is the last one before it
    may_be_shown_to_guardian  the child agrees that its words, and the goals in its words, stand in the guardian's copy
    agreed_by                 who said so
    form                      the form it was written with; the same form sent twice makes one version
    """

    class Agreement(models.TextChoices):
        NOT_ASKED = "not_asked", _("Not yet asked")
        AGREED = "agreed", _("Agrees")
        PARTLY = "partly", _("Agrees in part")
        DISAGREES = "disagrees", _("Does not agree")

    class Who(models.TextChoices):
        CHILD = "the_child", _("The child")
        MOTHER = "mother", _("Mother")
        FATHER = "father", _("Father")
        OTHER_GUARDIAN = "other_guardian", _("Another guardian")
        FAMILY = "child_and_guardian", _("Child and guardian together")

    plan = models.ForeignKey(SupportPlan, on_delete=models.PROTECT, related_name="contents")
    number = models.PositiveIntegerField()
    revision = models.PositiveIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    review_on = models.DateField()
    child_words = models.TextField(max_length=2_000, blank=True)
    may_be_shown_to_guardian = models.BooleanField()
    guardian_words = models.TextField(max_length=2_000, blank=True)
    agreement = models.CharField(max_length=12, choices=Agreement.choices, default=Agreement.NOT_ASKED)
    agreed_by = models.CharField(max_length=20, choices=Who.choices, blank=True)
    agreed_on = models.DateField(null=True)
    form = models.UUIDField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["plan", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_contents_are_counted"),
            models.CheckConstraint(
                condition=Q(starts_on__lte=models.F("ends_on"), review_on__gte=models.F("starts_on")),
                name="plan_days_are_in_order",
            ),
            models.CheckConstraint(
                condition=Q(agreement="not_asked", agreed_by="", agreed_on__isnull=True)
                | Q(
                    agreement__in=["agreed", "partly", "disagrees"],
                    agreed_by__in=["the_child", "mother", "father", "other_guardian", "child_and_guardian"],
                    agreed_on__isnull=False,
                ),
                name="plan_agreement_says_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.number}"

    @property
    def rows(self) -> str:
        """Goals and services as one text, so that the log's digest of the version holds for them too."""
        goals = [[g.place, g.text, g.words_of] for g in self.goals.all()]
        services = [
            [s.place, s.kind, s.what, s.responsible, s.starts_on.isoformat(), _iso(s.ends_on), s.how_often]
            for s in self.services.all()
        ]
        return json.dumps([goals, services], ensure_ascii=False)


def _iso(day: object) -> str:
    return str(day or "")


digested(
    PlanContent,
    "plan_id",
    "number",
    "revision",
    "starts_on",
    "ends_on",
    "review_on",
    "child_words",
    "may_be_shown_to_guardian",
    "guardian_words",
    "agreement",
    "agreed_by",
    "agreed_on",
    "rows",
    "by_id",
    "at",
)


class Goal(models.Model):
    """A goal of one version of a plan, and in whose words it stands."""

    class Words(models.TextChoices):
        TOGETHER = "together", _("Found together")
        CHILD = "child", _("The child's")
        GUARDIAN = "guardian", _("The guardian's")
        STAFF = "staff", _("Staff's")

    content = models.ForeignKey(PlanContent, on_delete=models.PROTECT, related_name="goals")
    place = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    words_of = models.CharField(max_length=12, choices=Words.choices)

    class Meta:
        ordering = ["content", "place"]
        constraints = [
            models.UniqueConstraint(fields=["content", "place"], name="goals_have_places"),
            models.CheckConstraint(
                condition=Q(words_of__in=["together", "child", "guardian", "staff"]), name="goal_words_are_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.content_id} {self.place}"


class Service(models.Model):
    """Help that one version of a plan names. ends_on: null where no end is set.

    kind  one of the six services for families of the Child Welfare Act, or another one
    """

    class Kind(models.TextChoices):
        SHORT_STAY = "short_stay", _("Short stay")
        HOME_VISIT = "home_visit", _("Visits that support care")
        TEMPORARY_CARE = "temporary_care", _("Temporary care")
        HOUSEHOLD_HELP = "household_help", _("Help in the household")
        PLACE_FOR_CHILDREN = "place_for_children", _("Place for children")
        PARENT_AND_CHILD = "parent_and_child", _("Support of parent and child together")
        OTHER = "other_service", _("Other help")

    content = models.ForeignKey(PlanContent, on_delete=models.PROTECT, related_name="services")
    place = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    what = models.CharField(max_length=300)
    responsible = models.CharField(max_length=120)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    how_often = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["content", "place"]
        constraints = [
            models.UniqueConstraint(fields=["content", "place"], name="services_have_places"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="service_days_are_in_order",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "short_stay",
                        "home_visit",
                        "temporary_care",
                        "household_help",
                        "place_for_children",
                        "parent_and_child",
                        "other_service",
                    ]
                ),
                name="service_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.content_id} {self.place}"

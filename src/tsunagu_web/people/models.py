"""Persons, the households they belong to, and their kin; each row with the days it is true and the days it was known.

Two times: `valid_from`, `valid_to` say when something was so, `known_from`, `known_to` when the desk held it to be so.
A `from` day is the first one, a `to` day the first one after; null is open, and for `valid_from` since always.
Nothing known is ever deleted: it gets a `known_to`, and what is known instead stands beside it.
"""

from __future__ import annotations

import hashlib
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Source(models.TextChoices):
    """Who says so: the residents' register through a run, or a member of staff."""

    REGISTER = "register", _("Residents' register")
    STAFF = "staff", _("Entered by staff")


def id_by_hand(form: uuid.UUID) -> str:
    """An id for somebody of no register, the same for a form sent twice; the ids of a run begin with P."""
    return f"H{hashlib.sha256(form.bytes).hexdigest()[:16]}"


class Person(models.Model):
    """A noticed child, a member of such a child's household, or kin entered by hand. No address is kept.

    grade     1-9 pupils, 0 or less pre-school, 10-12 of high-school age
    changed   the fields that once held something else, whose versions are kept
    revision  counts the changes, so that nobody corrects what somebody else corrected unseen
    """

    person_id = models.CharField(max_length=40, primary_key=True)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.REGISTER)
    name = models.CharField(max_length=120, blank=True)
    kana = models.CharField(max_length=120, blank=True)
    alias = models.CharField(max_length=120, blank=True)
    birth_date = models.DateField(null=True)
    sex = models.CharField(max_length=1, blank=True)
    school_name = models.CharField(max_length=80, blank=True)
    grade = models.SmallIntegerField(null=True)
    class_name = models.CharField(max_length=20, blank=True)
    known_from = models.DateField()
    changed = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=1)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(source__in=Source.values), name="person_source_is_known"),
            models.CheckConstraint(
                condition=Q(source="staff", entered_by__isnull=False) | Q(source="register", entered_by__isnull=True),
                name="person_by_hand_names_who",
            ),
        ]

    def __str__(self) -> str:
        return self.person_id


def _in_order(start: str, end: str) -> Q:
    """The condition that a period does not end before it starts; an open end is in order."""
    return Q(**{f"{start}__isnull": True}) | Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": F(start)})


class Version(models.Model):
    """What one field of a person held, from when to when, and from when to when the desk held it to be so.

    Rows are written from a field's first change on; a field without rows has always been what the person's row says.
    value   as text: days as 2016-05-12; empty where there is none
    as_of   the day the register's run speaks of; null for what staff entered
    run     the seal of the run that brought it; empty for what staff entered
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="versions")
    field = models.CharField(max_length=20)
    value = models.CharField(max_length=120, blank=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    known_from = models.DateField()
    known_to = models.DateField(null=True)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.REGISTER)
    as_of = models.DateField(null=True)
    run = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=400, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "field", "known_from"], name="version_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "field"],
                condition=Q(known_to__isnull=True, valid_to__isnull=True),
                name="one_present_version",
            ),
            models.CheckConstraint(condition=_in_order("valid_from", "valid_to"), name="version_is_true_in_order"),
            models.CheckConstraint(condition=_in_order("known_from", "known_to"), name="version_is_known_in_order"),
            models.CheckConstraint(
                condition=Q(source="staff", entered_by__isnull=False)
                | Q(source="register", entered_by__isnull=True, reason=""),
                name="version_by_hand_names_who",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.field}"


class Membership(models.Model):
    """Somebody belongs to a household for a while; to several at once, or one after another.

    household   the register's number, or one of the desk's own for a household entered by hand
    relation    続柄 as the register has it
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    household = models.CharField(max_length=40)
    relation = models.CharField(max_length=40, blank=True)
    is_head = models.BooleanField(default=False)
    lives_there = models.BooleanField(default=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    known_from = models.DateField()
    known_to = models.DateField(null=True)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.REGISTER)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["household", "known_to"], name="membership_household")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "household"],
                condition=Q(known_to__isnull=True, valid_to__isnull=True),
                name="one_present_membership",
            ),
            models.CheckConstraint(condition=~Q(household=""), name="membership_is_of_a_household"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="membership_source_is_known"),
            models.CheckConstraint(condition=_in_order("valid_from", "valid_to"), name="membership_is_true_in_order"),
            models.CheckConstraint(condition=_in_order("known_from", "known_to"), name="membership_is_known_in_order"),
            models.CheckConstraint(
                condition=Q(source="staff", entered_by__isnull=False) | Q(source="register", entered_by__isnull=True),
                name="membership_by_hand_names_who",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.household}"


class Kind(models.TextChoices):
    """What the relative is to the person."""

    PARENT = "parent", _("Parent")
    STEP_PARENT = "step_parent", _("Step-parent")
    FOSTER_PARENT = "foster_parent", _("Foster parent")
    GRANDPARENT = "grandparent", _("Grandparent")
    SIBLING = "sibling", _("Sibling")
    GUARDIAN = "guardian", _("Guardian with parental authority")
    CHILD = "child", _("Child of this person")
    OTHER_KIN = "other_kin", _("Other kin")


class Answer(models.TextChoices):
    """Yes, no, or not known; unknown is not no."""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNKNOWN = "unknown", _("Not known")


class Kinship(models.Model):
    """The relative is this to the person; the relative may live elsewhere, or be on no register.

    has_custody        whether the relative holds parental authority (親権) over the person
    may_be_contacted   whether staff may speak with the relative about the person
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="kinships")
    relative = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="kinships_to")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    has_custody = models.CharField(max_length=8, choices=Answer.choices, default=Answer.UNKNOWN)
    may_be_contacted = models.CharField(max_length=8, choices=Answer.choices, default=Answer.UNKNOWN)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    known_from = models.DateField()
    known_to = models.DateField(null=True)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.REGISTER)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "relative", "kind"],
                condition=Q(known_to__isnull=True, valid_to__isnull=True),
                name="one_present_kinship",
            ),
            models.CheckConstraint(condition=~Q(person=F("relative")), name="nobody_is_their_own_kin"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="kinship_kind_is_known"),
            models.CheckConstraint(
                condition=Q(has_custody__in=Answer.values, may_be_contacted__in=Answer.values),
                name="kinship_answers_are_known",
            ),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="kinship_source_is_known"),
            models.CheckConstraint(condition=_in_order("valid_from", "valid_to"), name="kinship_is_true_in_order"),
            models.CheckConstraint(condition=_in_order("known_from", "known_to"), name="kinship_is_known_in_order"),
            models.CheckConstraint(
                condition=Q(source="staff", entered_by__isnull=False) | Q(source="register", entered_by__isnull=True),
                name="kinship_by_hand_names_who",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.relative_id} {self.kind}"

"""What ties staff to children: teams, duties, grants with an end, and who must not see whom."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tsunagu_web.access.terms import Purpose, Scope

INTAKE_TEAM = "intake"  # children for whom no other team answers; made by the migration


class Team(models.Model):
    """A group of the child and family centre. schools: codes of the schools whose children it answers for."""

    key = models.SlugField(max_length=40, primary_key=True)
    name = models.CharField(max_length=60)
    schools = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return self.key


def teams_by_school() -> dict[str, str]:
    """School code to the key of the team that answers for its children; a school of no team is not in it."""
    return {school: team.key for team in Team.objects.order_by("-key") for school in team.schools}


def classroom_key(school: str | None, grade: int | None, class_name: str | None) -> str:
    """How a duty names a classroom: `school:grade:class`; empty where one of the three is not known."""
    return f"{school}:{grade}:{class_name}" if school and grade is not None and class_name else ""


class Duty(models.Model):
    """A member of staff answers for the children of a team, a school or a classroom, from a day to a day.

    key  the team's key, the school's code, or `school:grade:class`
    """

    KINDS = [
        (Scope.TEAM.value, _("Team")),
        (Scope.SCHOOL.value, _("School")),
        (Scope.CLASSROOM.value, _("Classroom")),
    ]

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="duties")
    kind = models.CharField(max_length=12, choices=KINDS)
    key = models.CharField(max_length=60)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "kind", "key", "starts_on"], name="one_duty_from_a_day"),
            models.CheckConstraint(condition=Q(kind__in=["team", "school", "classroom"]), name="duty_kind_is_known"),
            models.CheckConstraint(condition=~Q(key=""), name="duty_is_for_something"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="duty_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.kind} {self.key}"


class Grant(models.Model):
    """One person may see one child for one purpose, until an end. Ends are written, rows are never removed.

    basis      why, as a code: referral, conference, shared_case, emergency
    reason     in an emergency: the reason in the person's own words
    reviewed_* in an emergency: who looked at it afterwards and what they found
    """

    class Basis(models.TextChoices):
        SHARED_CASE = "shared_case", _("Works on the case together")
        REFERRAL = "referral", _("Referral")
        CONFERENCE = "conference", _("Conference")
        EMERGENCY = "emergency", _("Emergency")

    class Review(models.TextChoices):
        OPEN = "", _("Not yet reviewed")
        JUSTIFIED = "justified", _("It was needed")
        NOT_JUSTIFIED = "not_justified", _("It was not needed")

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="grants")
    person_id = models.CharField(max_length=40)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    basis = models.CharField(max_length=12, choices=Basis.choices)
    reason = models.CharField(max_length=400, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    review = models.CharField(max_length=16, choices=Review.choices, blank=True)
    review_note = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["staff", "ends_at"], name="grant_staff_until"),
            models.Index(fields=["person_id", "ends_at"], name="grant_person_until"),
            models.Index(fields=["basis", "review", "starts_at"], name="grant_review"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(basis__in=["shared_case", "referral", "conference", "emergency"]),
                name="grant_basis_is_known",
            ),
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="grant_ends_after_it_starts"),
            # An emergency is taken by oneself and says why; every other grant is given by somebody else.
            models.CheckConstraint(
                condition=Q(basis="emergency", staff=F("granted_by")) & ~Q(reason="")
                | ~Q(basis="emergency") & ~Q(staff=F("granted_by")),
                name="grant_is_given_by_another_or_taken_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(review="", reviewed_by__isnull=True, reviewed_at__isnull=True)
                | Q(
                    review__in=["justified", "not_justified"],
                    basis="emergency",
                    reviewed_by__isnull=False,
                    reviewed_at__isnull=False,
                ),
                name="grant_review_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("staff")), name="nobody_reviews_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.basis} {self.person_id}"

    @property
    def is_in_force(self) -> bool:
        return self.starts_at <= timezone.now() < self.ends_at


class Conflict(models.Model):
    """A member of staff must not see this person and the household: own family, a close colleague's, the other party.

    Staff do not see their own entries: whose address is protected from them must not be told by a list of blocks.
    """

    class Kind(models.TextChoices):
        OWN_FAMILY = "own_family", _("Own family")
        CLOSE_COLLEAGUE = "close_colleague", _("Close colleague")
        OTHER_PARTY = "other_party", _("Other party of a protected address")

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conflicts")
    person_id = models.CharField(max_length=40)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "person_id"], condition=Q(ended_at__isnull=True), name="one_conflict_in_force"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["own_family", "close_colleague", "other_party"]), name="conflict_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.kind}"

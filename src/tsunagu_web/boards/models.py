"""Pupils as the run brought them, sealed; the days of their schools; and what each school wants to be shown."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from tsunagu.casework import boards
from tsunagu_web.audit.content import digested


class Pupil(models.Model):
    """One pupil of a municipal school, noticed or not. Name and records are sealed with a key not in the database.

    school, classroom  the keys by which a duty reaches the pupil; classroom is empty where the roster does not say
    """

    person_id = models.CharField(max_length=40, primary_key=True)
    school = models.CharField(max_length=20)
    classroom = models.CharField(max_length=60, blank=True)
    sealed = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["school", "classroom"], name="pupil_school"),
            models.Index(fields=["classroom"], name="pupil_classroom"),
        ]
        constraints = [models.CheckConstraint(condition=~Q(school=""), name="pupil_has_a_school")]

    def __str__(self) -> str:
        return self.person_id


class SchoolDay(models.Model):
    """A day on which there was school, or a weekday of which nobody can say; of no child. See SCHOOL_DAYS."""

    school = models.CharField(max_length=20)
    day = models.DateField()
    is_known = models.BooleanField()
    has_attendance = models.BooleanField()
    has_mood = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "day"], name="one_school_day")]

    def __str__(self) -> str:
        return f"{self.school} {self.day}"


_NUMBER = {"null": True, "blank": True}


class SchoolThresholds(models.Model):
    """What a school wants to be shown, as one whole; the last number holds, and no row is changed (migration 0002).

    *_in_row  school days in a row; *_often  hundredths of the school days of the window; null: not used
    form      the form it was set with; the same form sent twice sets it once
    """

    school = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    absence_in_row = models.PositiveSmallIntegerField(**_NUMBER)
    lateness_in_row = models.PositiveSmallIntegerField(**_NUMBER)
    infirmary_in_row = models.PositiveSmallIntegerField(**_NUMBER)
    mood_in_row = models.PositiveSmallIntegerField(**_NUMBER)
    absence_often = models.PositiveSmallIntegerField(**_NUMBER)
    lateness_often = models.PositiveSmallIntegerField(**_NUMBER)
    infirmary_often = models.PositiveSmallIntegerField(**_NUMBER)
    mood_often = models.PositiveSmallIntegerField(**_NUMBER)
    window_days = models.PositiveSmallIntegerField()
    seldom = models.PositiveSmallIntegerField(**_NUMBER)
    steps = models.PositiveSmallIntegerField(**_NUMBER)
    form = models.UUIDField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "number"], name="school_thresholds_are_counted"),
            models.CheckConstraint(condition=~Q(school=""), name="school_thresholds_are_of_a_school"),
        ]

    def __str__(self) -> str:
        return f"{self.school} {self.number}"

    @property
    def rules(self) -> boards.Thresholds:
        """The same for the rules of casework."""
        return boards.Thresholds(
            in_row={kind: getattr(self, f"{kind}_in_row") for kind in boards.Kind},
            often={kind: getattr(self, f"{kind}_often") for kind in boards.Kind},
            window_days=self.window_days,
            seldom=self.seldom,
            steps=self.steps,
        )


CHOSEN = tuple(
    [f"{kind}_{what}" for what in ("in_row", "often") for kind in boards.Kind] + ["window_days", "seldom", "steps"]
)
digested(SchoolThresholds, "school", "number", *CHOSEN, "by_id", "at")

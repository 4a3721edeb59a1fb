"""Assessments and conclusions, which nobody changes, with the form as it was; and drafts, which only their writer sees.

Answers and forms are kept as text, not as JSON columns: PostgreSQL puts the keys of those in another order, and the
log commits to what was written.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tsunagu_web.audit.content import digested
from tsunagu_web.cases.models import Case, Child, Run


class Need(models.TextChoices):
    """What the child needs in the eyes of people. The machine's levels are the city's own words, and stand apart."""

    NONE = "none", _("No support needed now")
    WATCH = "watch", _("Watching over is needed")
    SUPPORT = "support", _("Support is needed")
    PROTECTION = "protection", _("Protection must be talked about now")
    UNCLEAR = "unclear", _("Cannot be judged yet")


class OverrideReason(models.TextChoices):
    """Why a conclusion differs from the machine's level or from the own judgment; counted, to judge the criteria."""

    KNOWN_MORE = "known_more", _("We know what the data do not hold")
    DATA_WRONG = "data_wrong", _("The data are wrong or out of date")
    CHANGED_SINCE = "changed_since", _("Things have changed since the data were taken")
    SUPPORT_HOLDS = "support_holds", _("The support in place is enough")
    GRAVER = "graver", _("It is graver than the data can tell")
    RECONSIDERED = "reconsidered", _("The reasons shown led to another view")
    TOGETHER = "together", _("Decided together with colleagues or other offices")


class VoiceUse(models.TextChoices):
    """What became of the child's own voice in a conclusion."""

    FOLLOWED = "followed", _("The conclusion goes along with it")
    WEIGHED = "weighed", _("It was weighed, and the conclusion differs")
    NOT_HEARD = "not_heard", _("It has not been heard yet")


class FormVersion(models.Model):
    """A form as it was when it was first answered; old answers stay readable when its file has changed or is gone.

    content  tsunagu.casework.forms.as_json, as text
    """

    form = models.CharField(max_length=40)
    version = models.CharField(max_length=12)
    sha256 = models.CharField(max_length=64, unique=True)
    content = models.TextField()
    first_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.form} {self.version}"


digested(FormVersion, "form", "version", "sha256", "content", "first_used_at")


class Assessment(models.Model):
    """What a worker found and judged before the machine's level was shown. Never changed; a new one follows it.

    case     the child's open case at that moment; null where there was none
    number   1, 2, 3 … for each child
    answers  tsunagu.casework.answers.as_text: what was answered, as it was given
    form     the page it was made with; the same page sent twice makes one assessment
    """

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="assessments")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="assessments")
    number = models.PositiveIntegerField()
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    answers = models.TextField()
    own_judgment = models.CharField(max_length=12, choices=Need.choices)
    own_grounds = models.TextField(max_length=2000)
    form = models.UUIDField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["child", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["child", "number"], name="assessments_are_counted"),
            models.CheckConstraint(condition=Q(number__gte=1), name="assessments_start_at_one"),
            models.CheckConstraint(condition=Q(own_judgment__in=Need.values), name="own_judgment_is_known"),
            models.CheckConstraint(condition=~Q(own_grounds=""), name="own_judgment_has_grounds"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} {self.number}"


digested(
    Assessment,
    *("child_id", "case_id", "number", "form_version_id", "answers", "own_judgment", "own_grounds", "by_id", "at"),
)


class Conclusion(models.Model):
    """What was concluded once the machine's level stood beside the own judgment.

    machine_level  the city's word for the level at that moment; empty when the run did not notice the child
    agrees         whether level and machine's level say the same (machine.py)
    voice          what became of the child's own voice; voice_note: how, or why it was not heard
    """

    assessment = models.OneToOneField(Assessment, on_delete=models.PROTECT, related_name="conclusion")
    level = models.CharField(max_length=12, choices=Need.choices)
    machine_level = models.CharField(max_length=40, blank=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    agrees = models.BooleanField()
    override_reason = models.CharField(max_length=16, choices=OverrideReason.choices, blank=True)
    note = models.TextField(max_length=2000, blank=True)
    voice = models.CharField(max_length=12, choices=VoiceUse.choices)
    voice_note = models.TextField(max_length=2000, blank=True)
    form = models.UUIDField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(level__in=Need.values), name="conclusion_level_is_known"),
            models.CheckConstraint(
                condition=Q(override_reason__in=OverrideReason.values) | Q(override_reason="", agrees=True),
                name="conclusion_that_differs_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(voice="followed") | (Q(voice__in=["weighed", "not_heard"]) & ~Q(voice_note="")),
                name="conclusion_says_what_became_of_the_voice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id}"


digested(
    Conclusion,
    *("assessment_id", "level", "machine_level", "run_id", "agrees", "override_reason", "note"),
    *("voice", "voice_note", "by_id", "at"),
)


class Draft(models.Model):
    """What somebody has answered so far; deleted when it is recorded. While it lies here, its writer is judging.

    revision  counts the savings, so that one window never overwrites what another one saved
    """

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    answers = models.TextField()
    own_judgment = models.CharField(max_length=12, choices=Need.choices, blank=True)
    own_grounds = models.TextField(max_length=2000, blank=True)
    revision = models.PositiveIntegerField(default=1)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["child", "by"], name="one_draft_of_a_child_for_each_worker")]

    def __str__(self) -> str:
        return f"{self.child_id} {self.revision}"

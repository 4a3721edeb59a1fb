"""Doubtful pairs as the run brought them, sealed, and the decisions about them, which stay."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tsunagu_web.audit.content import digested


class Question(models.TextChoices):
    """Why a person must look, the most pressing first."""

    DECISIONS_DISAGREE = "decisions_disagree", _("Two decisions speak against each other")
    AGAINST_DECISION = "against_decision", _("The records now speak against the decision")
    NUMBER_CONTRADICTED = "number_contradicted", _("One number, but name and birth date speak against it")
    TWINS = "twins", _("Perhaps twins")
    NAMESAKES = "namesakes", _("More than one child fits")
    WEAK = "weak", _("Too little agrees")


class Verdict(models.TextChoices):
    """What was decided; a decision that is taken back leaves the pair as if it had never been decided."""

    SAME = "same", _("The same child")
    DIFFERENT = "different", _("Different children")
    CANNOT_TELL = "cannot_tell", _("Cannot tell")
    TAKEN_BACK = "taken_back", _("Taken back")


class Why(models.TextChoices):
    """What a decision rests on."""

    ASKED = "asked", _("The department was asked")
    DOCUMENT = "document", _("Seen in a document")
    SPELLING = "spelling", _("One name in other characters")
    RENAMED = "renamed", _("The name was changed, or is a second name")
    TYPING = "typing", _("A typing error")
    SIBLINGS = "siblings", _("Twins, brothers or sisters")
    NAMESAKES = "namesakes", _("Two children with one name")
    TOO_LITTLE = "too_little", _("The records say too little")
    MISTAKE = "mistake", _("Decided by mistake")


class Marked(models.Model):
    """The marks of a pair: keyed hashes that find it again in the next delivery, and its two persons of the run."""

    left_number = models.CharField(max_length=64)
    left_said = models.CharField(max_length=64)
    right_number = models.CharField(max_length=64)
    right_said = models.CharField(max_length=64)
    content = models.CharField(max_length=64)
    left_person = models.CharField(max_length=40)
    right_person = models.CharField(max_length=40)

    class Meta:
        abstract = True

    @property
    def persons(self) -> list[str]:
        return sorted({self.left_person, self.right_person})


MARKS = tuple(field.name for field in Marked._meta.fields)


class LinkPair(Marked):
    """One doubtful pair of the current run. What the records say is sealed with a key that is not in the database.

    pair     the mark of both records
    content  the mark of what a decision rests on; another one, and the pair is asked again
    urgency  place of the question among all, 0 first
    differs  how many fields differ
    """

    pair = models.CharField(max_length=64, primary_key=True)
    question = models.CharField(max_length=20, choices=Question.choices)
    urgency = models.PositiveSmallIntegerField()
    differs = models.PositiveSmallIntegerField()
    sealed = models.BinaryField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(question__in=Question.values), name="link_question_is_known")]

    def __str__(self) -> str:
        return self.pair[:12]


class LinkDecision(Marked):
    """One decision about a pair; the database refuses to change or delete it (migration 0002).

    number  counts the decisions of a pair; the last one holds
    marks   tells the key under which the marks were made; run: the run whose pair was looked at
    form    the form it was made with; the same form sent twice makes one decision
    """

    pair = models.CharField(max_length=64)
    number = models.PositiveIntegerField()
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    why = models.CharField(max_length=12, choices=Why.choices)
    marks = models.CharField(max_length=16)
    run = models.CharField(max_length=64)
    form = models.UUIDField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pair", "number"], name="link_decisions_are_counted"),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="link_verdict_is_known"),
            models.CheckConstraint(condition=Q(why__in=Why.values), name="link_decision_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.pair[:12]} {self.number}"


digested(LinkDecision, "pair", "number", "verdict", "why", "marks", "run", "by_id", "at", *MARKS)

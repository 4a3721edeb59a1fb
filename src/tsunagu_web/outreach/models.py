"""Contacts, rules of contact and sight confirmations, which are never changed; re-assessments, which move by steps."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tsunagu.casework.machines import REASSESSMENT
from tsunagu_web.audit.content import digested
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.steps.guards import guarded


class Mode(models.TextChoices):
    VISIT = "visit", _("Visit")
    PHONE = "phone", _("Telephone")
    LETTER = "letter", _("Letter")
    MESSAGE = "message", _("Message")
    CAME = "came", _("They came to us")
    SCHOOL = "school", _("At school or nursery")


class Result(models.TextChoices):
    REACHED = "reached", _("Reached")
    ABSENT = "absent", _("Nobody there")
    REFUSED = "refused", _("Did not want contact")
    LEFT_NOTE = "left_note", _("Left a note or letter")
    SENT = "sent", _("Sent, no answer yet")


class Answer(models.TextChoices):
    """What is known of a question; nothing recorded is not a yes."""

    YES = "yes", _("May")
    NO = "no", _("May not")
    UNKNOWN = "unknown", _("Not asked yet")


class Need(models.TextChoices):
    YES = "yes", _("Needed")
    NO = "no", _("Not needed")
    UNKNOWN = "unknown", _("Not asked yet")


class Contact(models.Model):
    """One attempt to reach a child or its family, as somebody recorded it. Never changed: a mistaken one is taken back.

    met      who was met or spoken to, in words; note: what came of it
    case     the case that was open then; null before there is one
    next_on  the day of the next attempt; null where none is planned
    form     the form it was made with; the same form sent twice makes one contact
    """

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="contacts")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    mode = models.CharField(max_length=10, choices=Mode.choices)
    result = models.CharField(max_length=10, choices=Result.choices)
    met = models.CharField(max_length=120, blank=True)
    note = models.TextField(max_length=4_000, blank=True)
    next_on = models.DateField(null=True)
    form = models.UUIDField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["child", "-at"], name="contact_child")]
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="contact_mode_is_known"),
            models.CheckConstraint(condition=Q(result__in=Result.values), name="contact_result_is_known"),
            models.CheckConstraint(
                condition=~Q(result="sent") | Q(mode__in=["letter", "message"]), name="contact_sent_is_in_writing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} {self.pk}"


digested(
    Contact, "child_id", "case_id", "at", "mode", "result", "met", "note", "next_on", "by_id", "entered_at",
)  # fmt: skip


class ContactRule(models.Model):
    """How a family may be contacted without harm, from a moment on; each change is a new version.

    number        1, 2, 3 … for each child
    phone_words   which number, whose, and when; letter_words: where to, in which envelope
    names_school  whether a letter, a message or a caller may name the school or the office
    may_be_told, must_not_know  who, in words
    """

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="contact_rules")
    number = models.PositiveIntegerField()
    letter = models.CharField(max_length=8, choices=Answer.choices)
    letter_words = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=8, choices=Answer.choices)
    phone_words = models.CharField(max_length=200, blank=True)
    message = models.CharField(max_length=8, choices=Answer.choices)
    names_school = models.CharField(max_length=8, choices=Answer.choices)
    may_be_told = models.CharField(max_length=200, blank=True)
    must_not_know = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=40, blank=True)
    interpreter = models.CharField(max_length=8, choices=Need.choices, default=Need.UNKNOWN)
    note = models.TextField(max_length=2_000, blank=True)
    form = models.UUIDField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["child", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["child", "number"], name="contact_rules_are_counted"),
            models.CheckConstraint(
                condition=Q(
                    letter__in=Answer.values,
                    phone__in=Answer.values,
                    message__in=Answer.values,
                    names_school__in=Answer.values,
                    interpreter__in=Need.values,
                ),
                name="contact_rule_answers_are_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} {self.number}"


digested(
    ContactRule, "child_id", "number", "letter", "letter_words", "phone", "phone_words", "message", "names_school",
    "may_be_told", "must_not_know", "language", "interpreter", "note", "by_id", "at",
)  # fmt: skip


class Seer(models.TextChoices):
    """Whose eyes saw the child."""

    OWN = "own", _("Myself")
    COLLEAGUE = "colleague", _("A colleague of the centre")
    SCHOOL = "school", _("Staff of the school")
    NURSERY = "nursery", _("Staff of the nursery")
    HEALTH = "health", _("Health or medical staff")
    GUIDANCE = "guidance", _("Staff of the guidance centre")
    OTHER = "other", _("Staff of another office")


class Place(models.TextChoices):
    HOME = "home", _("At home")
    SCHOOL = "school", _("At school")
    NURSERY = "nursery", _("At the nursery")
    OFFICE = "office", _("At an office")
    ELSEWHERE = "elsewhere", _("Elsewhere")


class Injuries(models.TextChoices):
    NONE = "none", _("None where one could see")
    SEEN = "seen", _("Injuries were seen")
    UNSEEN = "unseen", _("Could not be seen")


class SightConfirmation(models.Model):
    """Somebody of an office saw the child with their own eyes (目視確認): who, when, where, and how the child was.

    Never changed: a mistaken one is taken back. What a family says of a child nobody saw is a contact, and not this.
    seen_by_name  name and office of whoever saw the child; empty where it was who recorded it
    """

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="sights")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+")
    seen_on = models.DateField()
    seen_by = models.CharField(max_length=10, choices=Seer.choices)
    seen_by_name = models.CharField(max_length=80, blank=True)
    place = models.CharField(max_length=10, choices=Place.choices)
    place_words = models.CharField(max_length=120, blank=True)
    condition = models.TextField(max_length=2_000)
    injuries = models.CharField(max_length=8, choices=Injuries.choices)
    injury_words = models.TextField(max_length=2_000, blank=True)
    form = models.UUIDField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["child", "-seen_on"], name="sight_child")]
        constraints = [
            models.CheckConstraint(condition=Q(seen_by__in=Seer.values), name="sight_seer_is_known"),
            models.CheckConstraint(condition=Q(place__in=Place.values), name="sight_place_is_known"),
            models.CheckConstraint(condition=Q(injuries__in=Injuries.values), name="sight_injuries_are_known"),
            models.CheckConstraint(condition=Q(seen_by="own") | ~Q(seen_by_name=""), name="sight_names_who_saw"),
            models.CheckConstraint(
                condition=Q(injuries="seen") & ~Q(injury_words="") | ~Q(injuries="seen"),
                name="sight_says_which_injuries",
            ),
            models.CheckConstraint(condition=~Q(condition=""), name="sight_says_how_the_child_was"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} {self.pk}"


digested(
    SightConfirmation, "child_id", "case_id", "seen_on", "seen_by", "seen_by_name", "place", "place_words", "condition",
    "injuries", "injury_words", "by_id", "at",
)  # fmt: skip


class TakenBack(models.Model):
    """A contact or a sight confirmation that was entered by mistake: it stays readable and counts no more."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    contact = models.OneToOneField(Contact, null=True, on_delete=models.PROTECT, related_name="taken_back")
    sight = models.OneToOneField(SightConfirmation, null=True, on_delete=models.PROTECT, related_name="taken_back")
    reason = models.CharField(max_length=400)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(contact__isnull=False, sight__isnull=True) | Q(contact__isnull=True, sight__isnull=False),
                name="one_entry_is_taken_back",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="taken_back_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} {self.pk}"


digested(TakenBack, "child_id", "contact_id", "sight_id", "reason", "by_id", "at")


class Reassessment(models.Model):
    """A case to be looked at again, from what started the clock to somebody's decision; at most one due of a cause.

    outcome   what was decided; empty while it is due, and never without the step that says why
    revision  counts the changes: a further fact that arrives while it is due is one
    """

    class Cause(models.TextChoices):
        REPORT = "report", _("New report or consultation")
        INJURY = "injury", _("Somebody saw injuries")
        FLAT_WEIGHT = "flat_weight", _("No gain in weight")
        NO_CONTACT = "no_contact", _("Nobody reached, several times in a row")
        ABSENCE = "absence", _("More days absent")
        MOVE = "move", _("Moved house")
        NEW_ADULT = "new_adult", _("New adult in the household")
        NEW_BABY = "new_baby", _("New baby in the household")
        NOTICE = "notice", _("Noticed again")
        LEVEL = "level", _("The level rose")
        PERSON = "person", _("Somebody asked for it")

    class State(models.TextChoices):
        DUE = "due", _("Waiting for a decision")
        DECIDED = "decided", _("Decided")

    class Outcome(models.TextChoices):
        NO_CHANGE = "no_change", _("Nothing needs to change")
        PLAN_ANEW = "plan_anew", _("Plan anew")
        ASSESS_ANEW = "assess_anew", _("Assess anew")
        CONSULT = "consult", _("Consult the guidance centre")

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="reassessments")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reassessments")
    cause = models.CharField(max_length=12, choices=Cause.choices)
    started_on = models.DateField()
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.DUE)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["state", "due_on"], name="reassessment_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "cause"], condition=Q(state="due"), name="one_due_reassessment_of_a_cause"
            ),
            models.CheckConstraint(condition=Q(cause__in=[
                "report", "injury", "flat_weight", "no_contact", "absence", "move", "new_adult", "new_baby", "notice",
                "level", "person",
            ]), name="reassessment_cause_is_known"),
            models.CheckConstraint(
                condition=Q(state="due", outcome="")
                | Q(state="decided", outcome__in=["no_change", "plan_anew", "assess_anew", "consult"]),
                name="reassessment_ends_with_a_decision",
            ),
            models.CheckConstraint(condition=Q(due_on__gte=models.F("started_on")), name="reassessment_is_due_after"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.child_id} {self.pk}"


guarded(Reassessment, REASSESSMENT)


class ChangedFact(models.Model):
    """A changed fact behind a re-assessment, named in codes: the same fact starts the clock of a child once, ever.

    day  the day the fact speaks of
    """

    reassessment = models.ForeignKey(Reassessment, on_delete=models.PROTECT, related_name="facts")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=60)
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["reassessment", "day", "pk"]
        constraints = [models.UniqueConstraint(fields=["child", "reference"], name="a_fact_starts_the_clock_once")]

    def __str__(self) -> str:
        return f"{self.child_id} {self.reference}"


digested(ChangedFact, "reassessment_id", "child_id", "reference", "day", "at")

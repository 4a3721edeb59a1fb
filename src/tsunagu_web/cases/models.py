"""What a run said of the noticed children (replaced by the next run), and what people decided (kept for good)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tsunagu.casework.machines import CASE, STANDING
from tsunagu_web.access.decision import Subject
from tsunagu_web.access.models import INTAKE_TEAM, Team
from tsunagu_web.access.terms import CaseState, Label
from tsunagu_web.audit.content import digested
from tsunagu_web.people.models import Person
from tsunagu_web.steps.guards import guarded


class Run(models.Model):
    """A run folder that was taken in. `words` and `manifest` are what the run brought, kept as they came.

    as_of  the latest as-of date of each holder's facts, as text: {"jumin": "2026-09-30"}
    """

    seal = models.CharField(max_length=64, primary_key=True)
    on = models.DateField()
    taken_in_at = models.DateTimeField()
    is_current = models.BooleanField()
    words = models.JSONField()
    manifest = models.JSONField()
    as_of = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_current"], condition=Q(is_current=True), name="one_current_run")
        ]

    def __str__(self) -> str:
        return f"{self.on}"


class State(models.TextChoices):
    """Where a noticed child stands; the machine brings a child only to `new`, people alone move it on."""

    NEW = "new", _("New")
    CANDIDATE = "candidate", _("Support candidate")
    WATCH = "watch", _("Watching")
    NOT_NOW = "not_now", _("Not now")
    SUPPORTED = "supported", _("Already supported")


class NotNowReason(models.TextChoices):
    """Why a child gets no support for now; counted, so that the criteria can be judged by it."""

    EXPLAINED = "explained", _("The records have another explanation")
    RESOLVED = "resolved", _("It has been settled since")
    RECORD_WRONG = "record_wrong", _("A record is wrong")
    FAMILY_DECLINED = "family_declined", _("The child or family does not wish it")
    OTHER_OFFICE = "other_office", _("Another office has taken it on")


class Child(models.Model):
    """A person who was noticed: what the notice says, by whom the child may be seen, and what follows the decisions.

    kana        copy of the person's reading, so that the list goes by one index
    is_listed   in the current run; a child that is no longer noticed keeps page and history
    level_rank  order of the level in the criteria, 1 first
    team        key of the team that answers for the child; school, classroom: codes, empty outside school
    case        the newest case; case_state: where the work with the child stands, which follows it
    known_from  the day on which the desk first showed the notice; first_noticed_on: the day that run speaks of
    strength    orders children of one level: single judgments at level 2 count four, at level 1 one
    last_seen_on  the latest day a register names on which somebody saw the child: of records, not of the desk's staff
    reassess_since, reassess_by  the earliest re-assessment that waits for a decision; both null where none does
    """

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.PROTECT, related_name="child")
    is_listed = models.BooleanField()
    kana = models.CharField(max_length=120, blank=True)
    team = models.CharField(max_length=40, default=INTAKE_TEAM)
    school = models.CharField(max_length=20, blank=True)
    classroom = models.CharField(max_length=60, blank=True)
    case = models.ForeignKey("Case", null=True, on_delete=models.PROTECT, related_name="+")
    case_state = models.CharField(max_length=12, choices=CaseState.choices, default=CaseState.NOTICED)
    level = models.CharField(max_length=40)
    level_at_most = models.CharField(max_length=40)
    level_rank = models.SmallIntegerField()
    strength = models.SmallIntegerField()
    first_reason = models.CharField(max_length=40, blank=True)
    is_known_before = models.BooleanField()
    first_noticed_on = models.DateField()
    known_from = models.DateField()
    last_seen_on = models.DateField(null=True)
    reassess_since = models.DateField(null=True)
    reassess_by = models.DateField(null=True)

    state = models.CharField(max_length=12, choices=State.choices, default=State.NEW)
    due_on = models.DateField(null=True)
    decisions_made = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            # In the order of the list, a school's without the judgments: one school's or team's page is read off, a few
            # teams' rows lie together for the sort. None in the order of the city, through which the database would
            # look for a team's page when it takes the team's children to be spread over it.
            models.Index(fields=["school", "is_listed", "level_rank", "kana", "person"], name="child_school"),
            models.Index(fields=["team", "is_listed", "level_rank", "-strength", "kana", "person"], name="child_team"),
            models.Index(fields=["classroom", "is_listed"], name="child_classroom"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="child_state_is_known"),
            models.CheckConstraint(condition=Q(case_state__in=CaseState.values), name="child_case_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=State.WATCH, due_on__isnull=False) | ~Q(state=State.WATCH) & Q(due_on__isnull=True),
                name="child_due_only_while_watched",
            ),
            models.CheckConstraint(
                condition=Q(state=State.NEW, decisions_made=0) | ~Q(state=State.NEW) & Q(decisions_made__gt=0),
                name="child_leaves_new_only_by_a_decision",
            ),
            models.CheckConstraint(
                condition=Q(reassess_since__isnull=True, reassess_by__isnull=True)
                | Q(reassess_since__isnull=False, reassess_by__isnull=False) & ~Q(case_state="closed"),
                name="child_is_not_closed_while_to_be_reassessed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.person_id)

    def follow(self, person: Person) -> None:
        """Copies what the list needs of the person; the caller saves."""
        self.kana = person.kana

    def subject(self, label: Label = Label.GENERAL) -> Subject:
        """What access asks about; label: that of the piece of the record in question."""
        return Subject(self.person_id, self.team, self.school, self.classroom, self.case_state, label)


class Judgment(models.Model):
    """The level of one judgment of the criteria: 0, 1, 2, U (cannot tell), NA."""

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="judgments")
    judgment = models.CharField(max_length=40)
    level = models.CharField(max_length=40)
    at_least = models.CharField(max_length=40)
    at_most = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["child", "judgment"], name="one_level_per_judgment")]

    def __str__(self) -> str:
        return f"{self.child_id} {self.judgment}"


class Reason(models.Model):
    """A sign that holds, or an item that is missing. Columns as in the run folder's reasons table."""

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="reasons")
    place = models.SmallIntegerField()
    kind = models.CharField(max_length=8)
    code = models.CharField(max_length=40)
    judgment = models.CharField(max_length=40)
    indicator = models.CharField(max_length=80)
    number = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    text = models.CharField(max_length=80, blank=True)
    threshold = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    window_from = models.DateField(null=True)
    window_to = models.DateField(null=True)
    at = models.DateField(null=True)
    series = models.JSONField()
    source = models.CharField(max_length=200)
    row_keys = models.JSONField()

    class Meta:
        ordering = ["child", "place"]
        indexes = [models.Index(fields=["child", "place"], name="reason_child")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["sign", "missing"]), name="reason_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} {self.code}"


class Taking(models.Model):
    """A run was taken in on this day, and shown from then on; the same run may be taken in again after another one."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="takings")
    day = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["day"], name="taking_day")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.day}"


class Fact(models.Model):
    """A fact of a noticed child or of a member of the household, with where it came from.

    as_of       the as-of date of the delivery that brought it first; the run knows the latest of each holder
    known_from, known_to  the days on which the desk held it; null: it still does. Nothing known is deleted
    """

    person_id = models.CharField(max_length=40)
    item = models.CharField(max_length=40)
    label = models.CharField(max_length=80, blank=True)
    value = models.CharField(max_length=80, blank=True)
    number = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    state = models.CharField(max_length=12)
    holder = models.CharField(max_length=40)
    as_of = models.DateField()
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    known_from = models.DateField()
    known_to = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person_id", "item", "valid_from"], name="fact_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.item}"


class FactRow(NamedTuple):
    """What a page reads of a fact; a page has a hundred of them, and needs nothing else of a model."""

    item: str
    label: str
    value: str
    number: Decimal | None
    state: str
    holder: str
    as_of: dt.date
    valid_from: dt.date | None
    valid_to: dt.date | None


class Decision(models.Model):
    """What a named person decided about a child, and when. Never changed; a new one follows it.

    number  1, 2, 3 … for each child
    form    the form it was made with; the same form sent twice makes one decision
    level   the level the machine gave at that moment, kept apart from the person's own view
    """

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=12, choices=[c for c in State.choices if c[0] != State.NEW])
    until = models.DateField(null=True)
    reason = models.CharField(max_length=20, choices=NotNowReason.choices, blank=True)
    note = models.TextField(blank=True, max_length=2000)
    level = models.CharField(max_length=40)
    run = models.ForeignKey(Run, on_delete=models.PROTECT)
    form = models.UUIDField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        ordering = ["child", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["child", "number"], name="decisions_are_counted"),
            models.CheckConstraint(
                condition=Q(outcome__in=[v for v in State.values if v != "new"]), name="decision_outcome_is_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome="watch", until__isnull=False) | ~Q(outcome="watch") & Q(until__isnull=True),
                name="decision_until_only_when_watching",
            ),
            models.CheckConstraint(
                condition=Q(outcome="not_now", reason__in=NotNowReason.values) | ~Q(outcome="not_now") & Q(reason=""),
                name="decision_reason_only_when_not_now",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="decisions_start_at_one"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} {self.number}"


digested(Decision, "child_id", "number", "outcome", "until", "reason", "note", "level", "run_id", "by_id", "at")


class Voice(models.Model):
    """What the child said or wished to one decision, or why nobody knows it. Never changed, as the decision beside it.

    of     what was decided, as access names it: a decision, minutes of a conference, a re-assessment, a step of a case
    row    its key: of the decision or the minutes; of the step, where a step decides
    words  the child's own, or why there are none
    """

    class Said(models.TextChoices):
        HEARD = "heard", _("The child was heard")
        NOT_ASKED = "not_asked", _("The child has not been asked yet")
        COULD_NOT = "could_not", _("The child could not be asked")
        UNKNOWN = "unknown", _("Nobody knows yet")

    NEEDS_WORDS = (Said.HEARD, Said.NOT_ASKED, Said.COULD_NOT)

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="voices")
    of = models.CharField(max_length=20)
    row = models.BigIntegerField()
    said = models.CharField(max_length=12, choices=Said.choices)
    words = models.TextField(max_length=2_000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["of", "row"], name="one_voice_for_a_decision"),
            models.CheckConstraint(
                condition=Q(of__in=["decision", "conference", "reassessment", "case"]), name="voice_is_of_a_decision"
            ),
            models.CheckConstraint(
                condition=Q(said="unknown") | Q(said__in=["heard", "not_asked", "could_not"]) & ~Q(words=""),
                name="voice_has_its_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.of} {self.row}"


digested(Voice, "child_id", "of", "row", "said", "words", "by_id", "at")


class Case(models.Model):
    """The work of one team with one child, from the decision that opened it. At most one of a child is open.

    number    1, 2, 3 … for each child
    stage     how far the work has come: a state of casework/machines.py. state: what access asks, which follows it
    revision  counts the changes, so that nobody changes what somebody else changed unseen
    """

    class Kind(models.TextChoices):
        PROTECTION = "protection", _("Child in need of protection")
        SUPPORT = "support", _("Child in need of support")
        EXPECTANT = "expectant", _("Expectant mother in need of support")
        OTHER = "other", _("Other")

    class Stage(models.TextChoices):
        OPENED = "opened", _("Case opened")
        ASSESSING = "assessing", _("Assessing")
        PLANNING = "planning", _("Planning")
        APPROVAL = "approval", _("Waiting for approval")
        ACTIVE = "active", _("Support under way")
        REVIEW = "review", _("Under review")
        CLOSURE_PROPOSED = "closure_proposed", _("Closing proposed")
        CLOSED = "closed", _("Case closed")
        TRANSFERRING = "transferring", _("Being handed over")
        TRANSFERRED = "transferred", _("Handed over")

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="cases")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.OTHER)
    team = models.CharField(max_length=40)
    lead = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=CaseState.choices, default=CaseState.OPEN)
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.OPENED, db_default=Stage.OPENED)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["child", "-number"]
        indexes = [
            models.Index(fields=["team", "state"], name="case_team"),
            models.Index(fields=["lead", "state"], name="case_lead"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["child", "number"], name="cases_are_counted"),
            models.UniqueConstraint(fields=["child"], condition=Q(state="open"), name="one_open_case"),
            models.CheckConstraint(
                condition=Q(kind__in=["protection", "support", "expectant", "other"]), name="case_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_on__isnull=True)
                | Q(
                    state__in=["closed", "transferred"],
                    closed_on__isnull=False,
                    closed_on__gte=models.F("opened_on"),
                ),
                name="case_has_a_last_day_once_it_is_over",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="cases_start_at_one"),
            models.CheckConstraint(condition=~Q(team=""), name="case_is_of_a_team"),
            models.CheckConstraint(
                condition=Q(state="open", stage__in=[s for s, standing in STANDING.items() if standing == "open"])
                | Q(state="closed", stage="closed")
                | Q(state="transferred", stage="transferred"),
                name="case_state_follows_its_stage",
            ),
        ]

    @property
    def team_name(self) -> str:
        """The team by its name, as people call it; by its key where it is on the list of teams no longer."""
        return Team.objects.filter(pk=self.team).values_list("name", flat=True).first() or self.team

    def __str__(self) -> str:
        return f"{self.child_id} {self.number}"


guarded(Case, CASE, column="stage")

"""Notifications: what is being typed, sealed; what was told, never changed; where the work stands; who notified, apart.

A notification belongs to a child of the desk from the moment it is recorded. Before that it is its writer's draft.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tsunagu.casework.machines import INTAKE_MEETING, NOTIFICATION
from tsunagu_web.audit.content import digested
from tsunagu_web.cases.models import Child
from tsunagu_web.guidance_centre.choices import Complaint, Course, Difference, Naming, Route
from tsunagu_web.steps.guards import guarded

#: Within so many hours of the notification somebody has seen the child.
SEEN_WITHIN = dt.timedelta(hours=48)


class Draft(models.Model):
    """A notification while somebody types it; its writer's alone, and deleted when it is recorded or discarded.

    number    1, 2, 3 … among this person's drafts at that moment
    key       becomes the mark of the notification, so that recording it twice records it once
    sealed    everything typed, the notifier too, under the notifiers' key
    window    which page of a browser wrote last, and its turn: what comes late or twice from it is left
    revision  counts the savings, so that one window never overwrites what another one saved
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    key = models.UUIDField(unique=True)
    sealed = models.BinaryField()
    window = models.UUIDField(null=True)
    turn = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    begun_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["by", "number"], name="notification_drafts_are_counted")]

    def __str__(self) -> str:
        return f"{self.by_id} {self.number}"


class Notification(models.Model):
    """One notification (虐待相談・通告) about one child, and where the work on it stands.

    number     1, 2, 3 … for each child
    see_by     by when somebody must have seen the child
    urgency    the class that was decided; empty until then
    form       the draft's key; the same draft recorded twice makes one notification
    revision   counts the steps
    """

    class State(models.TextChoices):
        TAKEN_IN = "taken_in", _("Taken in")
        URGENCY_DECIDED = "urgency_decided", _("Urgency decided")
        CHECKING = "checking", _("Checking that the child is safe")
        CASE_OPENED = "case_opened", _("A case was opened")
        SENT = "sent", _("Sent")
        CLOSED = "closed", _("Closed")

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="notifications")
    number = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    see_by = models.DateTimeField()
    urgency = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.TAKEN_IN)
    form = models.UUIDField(unique=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["child", "-number"]
        indexes = [models.Index(fields=["state", "see_by"], name="notification_due")]
        constraints = [
            models.UniqueConstraint(fields=["child", "number"], name="notifications_are_counted"),
            models.CheckConstraint(
                condition=Q(
                    state__in=["taken_in", "urgency_decided", "checking", "case_opened", "sent", "closed"]
                ),
                name="notification_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="taken_in", urgency="") | ~Q(state="taken_in") & ~Q(urgency=""),
                name="notification_moves_on_with_its_urgency",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.child_id} {self.number}"


guarded(Notification, NOTIFICATION)


class Told(models.Model):
    """What was told, as it was typed; the database refuses to change it. Nothing in here says who told it.

    child_*        what the notifier knew of the child; born: null where the day is not known; age: in their words
    place          where the child is or lives, in their words; never searched
    account        what was seen or heard, in the notifier's words
    third_parties  people in the account who are neither child nor guardian, one a line
    """

    notification = models.OneToOneField(Notification, on_delete=models.PROTECT, related_name="told")
    route = models.CharField(max_length=16, choices=Route.choices)
    complaint = models.CharField(max_length=16, choices=Complaint.choices)
    child_name = models.CharField(max_length=120, blank=True)
    child_kana = models.CharField(max_length=120, blank=True)
    child_born = models.DateField(null=True)
    child_age = models.CharField(max_length=60, blank=True)
    child_sex = models.CharField(max_length=1, blank=True)
    place = models.CharField(max_length=400, blank=True)
    account = models.TextField(max_length=8_000)
    third_parties = models.TextField(max_length=1_000, blank=True)
    naming = models.CharField(max_length=12, choices=Naming.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(route__in=Route.values), name="notification_route_is_known"),
            models.CheckConstraint(condition=Q(complaint__in=Complaint.values), name="notification_complaint_is_known"),
            models.CheckConstraint(condition=Q(naming__in=Naming.values), name="notification_naming_is_known"),
            models.CheckConstraint(condition=~Q(account=""), name="notification_says_what_was_told"),
        ]

    def __str__(self) -> str:
        return f"{self.notification_id}"


digested(
    Told,
    *("notification_id", "route", "complaint", "child_name", "child_kana", "child_born", "child_age", "child_sex"),
    *("place", "account", "third_parties", "naming", "by_id", "at"),
)


class SealedNotifier(models.Model):
    """Who notified: one row for each notification, whether anybody was named or not, all of one length.

    place  keyed hash of the notification
    """

    place = models.CharField(max_length=64, primary_key=True)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return self.place


class RequestState(models.TextChoices):
    """Where a request to learn who notified stands; one that was not used in time counts as over."""

    WAITING = "waiting", _("Waiting for a second person")
    APPROVED = "approved", _("Agreed")
    DECLINED = "declined", _("Declined")
    TAKEN = "taken", _("Taken in an emergency")
    SHOWN = "shown", _("Shown")


class NotifierRequest(models.Model):
    """One person asks who notified; another of another duty decides, or looks at it after an emergency. Shown once.

    That a request exists tells nothing: it can be made of a notification of which nobody said who made it.

    need         what it is needed for, in words
    form         the form's own mark: the same form sent twice makes one request
    review       after an emergency, what the second person found
    """

    class Review(models.TextChoices):
        OPEN = "", _("Not yet reviewed")
        JUSTIFIED = "justified", _("It was needed")
        NOT_JUSTIFIED = "not_justified", _("It was not needed")

    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    form = models.UUIDField(unique=True)
    notification = models.ForeignKey(Notification, on_delete=models.PROTECT, related_name="requests")
    need = models.CharField(max_length=400)
    is_emergency = models.BooleanField()
    state = models.CharField(max_length=12, choices=RequestState.choices)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_as = models.CharField(max_length=40)
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_as = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True)
    review = models.CharField(max_length=16, choices=Review.choices, blank=True)
    shown_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["requested_by", "-requested_at"], name="notifier_requested_by"),
            models.Index(fields=["state", "requested_at"], name="notifier_state"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="notifier_state_is_known"),
            models.CheckConstraint(condition=~Q(need=""), name="notifier_says_what_for"),
            # Nothing is shown that nobody else agreed to, but in an emergency, which somebody else looks at afterwards.
            models.CheckConstraint(
                condition=Q(state="waiting", is_emergency=False, decided_by__isnull=True)
                | Q(state__in=["approved", "declined"], is_emergency=False, decided_by__isnull=False)
                | Q(state="taken", is_emergency=True)
                | Q(state="shown") & (Q(is_emergency=True) | Q(decided_by__isnull=False)),
                name="notifier_is_opened_by_two_or_in_an_emergency",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True, decided_as="")
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decided_as=""),
                name="notifier_decision_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(review="", is_emergency=False)
                | Q(review="", decided_by__isnull=True)
                | Q(review__in=["justified", "not_justified"], is_emergency=True, decided_by__isnull=False),
                name="notifier_review_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | ~Q(decided_by=F("requested_by")) & ~Q(decided_as=F("requested_as")),
                name="nobody_opens_a_notifier_alone",
            ),
            models.CheckConstraint(
                condition=Q(state="shown", shown_at__isnull=False) | ~Q(state="shown") & Q(shown_at__isnull=True),
                name="notifier_shown_has_its_moment",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.key}"


class SheetVersion(models.Model):
    """A sheet of urgency as it was when it was first answered; content: its file, as text. Old answers stay readable
    when the file has changed or is gone."""

    sheet = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64, unique=True)
    content = models.TextField()
    first_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.sheet} {self.version}"


digested(SheetVersion, "sheet", "version", "sha256", "content", "first_used_at")


class SheetDraft(models.Model):
    """What somebody has answered so far; its writer's alone, kept at every change, deleted when it is recorded.

    answers  tsunagu.guidance.answers.as_text; window, turn, revision: as of a draft of a notification
    """

    notification = models.ForeignKey(Notification, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sheet_version = models.ForeignKey(SheetVersion, on_delete=models.PROTECT, related_name="+")
    answers = models.TextField()
    window = models.UUIDField(null=True)
    turn = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notification", "by"], name="one_sheet_draft_for_each_worker")]

    def __str__(self) -> str:
        return f"{self.notification_id} {self.revision}"


class AnsweredSheet(models.Model):
    """The answers to a sheet as they were recorded. Never changed; more that is learned makes the next one.

    number   1, 2, 3 … for each notification
    form     the page it was made with; the same page sent twice makes one
    """

    notification = models.ForeignKey(Notification, on_delete=models.PROTECT, related_name="sheets")
    number = models.PositiveIntegerField()
    sheet_version = models.ForeignKey(SheetVersion, on_delete=models.PROTECT, related_name="+")
    answers = models.TextField()
    form = models.UUIDField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["notification", "-number"]
        constraints = [models.UniqueConstraint(fields=["notification", "number"], name="answered_sheets_are_counted")]

    def __str__(self) -> str:
        return f"{self.notification_id} {self.number}"


digested(AnsweredSheet, "notification_id", "number", "sheet_version_id", "answers", "by_id", "at")


class UrgencyView(models.Model):
    """What one person holds the urgency to be: before the sheet's floor was shown to them, and again after it.

    stage      before: with grounds, and nothing of the rules; after: beside what the rules come to
    urgency    the class; demanded, floor: those of the rules at that moment, empty before
    difference why it differs from the view before, or is below the floor
    settled    ids of the open questions that were settled by other means, where it is below the floor
    """

    class Stage(models.TextChoices):
        BEFORE = "before", _("Own view")
        AFTER = "after", _("View afterwards")

    answered = models.ForeignKey(AnsweredSheet, on_delete=models.PROTECT, related_name="views")
    stage = models.CharField(max_length=8, choices=Stage.choices)
    urgency = models.CharField(max_length=40)
    grounds = models.TextField(max_length=2_000, blank=True)
    demanded = models.CharField(max_length=40, blank=True)
    floor = models.CharField(max_length=40, blank=True)
    is_below_floor = models.BooleanField(default=False)
    difference = models.CharField(max_length=16, choices=Difference.choices, blank=True)
    settled = models.CharField(max_length=1_000, blank=True)
    role = models.CharField(max_length=40)
    form = models.UUIDField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["answered", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["answered", "by", "stage"], name="one_view_of_each_stage"),
            models.CheckConstraint(
                condition=Q(stage="before", demanded="", floor="", difference="", settled="", is_below_floor=False)
                & ~Q(grounds="")
                | Q(stage="after") & ~Q(demanded="") & ~Q(floor=""),
                name="own_view_comes_before_the_floor",
            ),
            # Nobody goes below the floor without saying which open question was settled, or why.
            models.CheckConstraint(
                condition=Q(is_below_floor=False) | ~Q(difference="") & (~Q(settled="") | ~Q(grounds="")),
                name="below_the_floor_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answered_id} {self.stage}"


digested(
    UrgencyView,
    *("answered_id", "stage", "urgency", "grounds", "demanded", "floor", "is_below_floor", "difference", "settled"),
    *("role", "by_id", "at"),
)


class Meeting(models.Model):
    """An intake meeting (受理会議) on a notification, and whether a supervisor confirmed it. The newest one holds.

    number   1, 2, 3 … for each notification
    """

    class State(models.TextChoices):
        WRITTEN_DOWN = "written_down", _("Waits for a supervisor")
        UPHELD = "upheld", _("Confirmed")
        GIVEN_BACK = "given_back", _("Given back")

    notification = models.ForeignKey(Notification, on_delete=models.PROTECT, related_name="meetings")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.WRITTEN_DOWN)
    form = models.UUIDField(unique=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["notification", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["notification", "number"], name="intake_meetings_are_counted"),
            models.CheckConstraint(
                condition=Q(state__in=["written_down", "upheld", "given_back"]), name="intake_meeting_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notification_id} {self.number}"


guarded(Meeting, INTAKE_MEETING)


class MeetingMinutes(models.Model):
    """What a meeting knew and decided, never changed; another decision is another meeting.

    is_emergency  held at once by two people; why_at_once: why it could not wait
    others        people who took part and have no account here, one a line
    present       how many took part
    is_heard      whether the child's own view was on record then; why_not_heard: of a protection, why it was not
    """

    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="minutes")
    held_at = models.DateTimeField()
    is_emergency = models.BooleanField()
    why_at_once = models.CharField(max_length=400, blank=True)
    others = models.CharField(max_length=1_000, blank=True)
    present = models.PositiveSmallIntegerField()
    known = models.TextField(max_length=4_000)
    course = models.CharField(max_length=12, choices=Course.choices)
    reason = models.TextField(max_length=2_000)
    is_heard = models.BooleanField()
    why_not_heard = models.CharField(max_length=400, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(course__in=Course.values), name="intake_meeting_course_is_known"),
            models.CheckConstraint(
                condition=Q(is_emergency=False, why_at_once="", present__gte=3)
                | Q(is_emergency=True, present__gte=2) & ~Q(why_at_once=""),
                name="intake_meeting_is_held_by_three_or_at_once_by_two",
            ),
            models.CheckConstraint(condition=~Q(known="") & ~Q(reason=""), name="intake_meeting_says_on_what"),
            # Nobody decides a protection past the child unsaid (Child Welfare Act, article 33-3-3).
            models.CheckConstraint(
                condition=~Q(course="protect") | Q(is_heard=True) | ~Q(why_not_heard=""),
                name="protection_is_decided_with_the_childs_view",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id}"


digested(
    MeetingMinutes,
    *("meeting_id", "held_at", "is_emergency", "why_at_once", "others", "present", "known", "course", "reason"),
    *("is_heard", "why_not_heard", "by_id", "at"),
)


class MeetingSeat(models.Model):
    """A member of staff who took part."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="seats")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "staff"], name="one_seat_each_in_a_meeting")]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.staff_id}"

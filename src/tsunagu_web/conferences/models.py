"""A conference, who attends, the children on its agenda, and what was said and agreed about each."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tsunagu.casework.machines import CONFERENCE
from tsunagu_web.audit.content import digested
from tsunagu_web.cases.models import Child
from tsunagu_web.steps.guards import guarded


class Conference(models.Model):
    """One meeting. It moves by steps; access of those who attend follows them.

    layer     of the council; team: key of the team that called it
    starts_at, ends_at  as planned; whoever attends loses access at ends_at at the latest
    form      the form it was called with; the same form sent twice calls one
    """

    class Layer(models.TextChoices):
        REPRESENTATIVES = "representatives", _("Representatives' conference")
        PRACTITIONERS = "practitioners", _("Practitioners' conference")
        INDIVIDUAL = "individual", _("Conference on individual children")

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        HELD = "held", _("Being held")
        RECORDED = "recorded", _("Over, minutes recorded")
        CANCELLED = "cancelled", _("Cancelled")

    layer = models.CharField(max_length=16, choices=Layer.choices)
    team = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PLANNED)
    form = models.UUIDField(unique=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["team", "-starts_at"], name="conference_team")]
        constraints = [
            models.CheckConstraint(
                condition=Q(layer__in=["representatives", "practitioners", "individual"]),
                name="conference_layer_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "held", "recorded", "cancelled"]), name="conference_state_is_known"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="conference_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return f"{self.team} {self.pk}"


guarded(Conference, CONFERENCE, person="")


class Attendee(models.Model):
    """A member of staff who attends."""

    conference = models.ForeignKey(Conference, on_delete=models.PROTECT, related_name="attendees")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conference", "staff"], name="one_seat_each")]

    def __str__(self) -> str:
        return f"{self.conference_id} {self.staff_id}"


class AgendaItem(models.Model):
    """A child on the agenda, and why it is there."""

    class Why(models.TextChoices):
        NEW_CASE = "new_case", _("New case, not yet spoken of")
        WATCH_DUE = "watch_due", _("The day to look again has come")
        CLOSING = "closing", _("Closing is proposed")
        FOLLOW_UP = "follow_up", _("Follow-up agreed last time")
        BY_HAND = "put_on_by_hand", _("Put on by a member of staff")

    conference = models.ForeignKey(Conference, on_delete=models.PROTECT, related_name="items")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="agenda_items")
    why = models.CharField(max_length=16, choices=Why.choices)

    class Meta:
        ordering = ["conference", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["conference", "child"], name="once_on_an_agenda"),
            models.CheckConstraint(
                condition=Q(why__in=["new_case", "watch_due", "closing", "follow_up", "put_on_by_hand"]),
                name="agenda_why_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conference_id} {self.child_id}"


class Minute(models.Model):
    """What was said and agreed about a child, from a moment on; the database refuses to change or delete it.

    number   1, 2, 3 … for each item; the newest holds
    roles    who does what from now on, as the conference shared it out
    next_on  the day on which the child is spoken of again; null where none was agreed
    """

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="minutes")
    number = models.PositiveIntegerField()
    said = models.TextField(max_length=4_000, blank=True)
    agreed = models.TextField(max_length=4_000)
    roles = models.TextField(max_length=2_000, blank=True)
    next_on = models.DateField(null=True)
    form = models.UUIDField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["item", "-number"]
        constraints = [models.UniqueConstraint(fields=["item", "number"], name="minutes_are_counted")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.number}"


digested(Minute, "item_id", "number", "said", "agreed", "roles", "next_on", "by_id", "at")

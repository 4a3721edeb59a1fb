"""A task: what is to be done for a child, by whom, by when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tsunagu.casework.machines import TASK
from tsunagu_web.cases.models import Child
from tsunagu_web.steps.guards import guarded


class Task(models.Model):
    """What one person is to do for one child. It moves by steps; who and when may change while it is open.

    origin    where it comes from; number: of the conference it was agreed in, of the hand-over that nobody answered, of
              the notification after which the child is to be seen, or of the protection whose clock it is; null for one
              set by hand
    form      the form it was set with; the same form sent twice sets one task
    revision  counts the changes
    """

    class Origin(models.TextChoices):
        BY_HAND = "by_hand", _("Set by hand")
        OF_A_CONFERENCE = "of_a_conference", _("Agreed in a conference")
        OF_A_TRANSFER = "of_a_transfer", _("No answer to a hand-over")
        OF_NOTIFICATION = "of_notification", _("The child is to be seen after a notification")
        OF_PROTECTION = "of_protection", _("A clock of a temporary protection")

    class State(models.TextChoices):
        OPEN = "open", _("To do")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Not needed any more")

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="tasks")
    what = models.CharField(max_length=400)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tasks")
    due_on = models.DateField()
    origin = models.CharField(max_length=16, choices=Origin.choices, default=Origin.BY_HAND)
    number = models.BigIntegerField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    form = models.UUIDField(unique=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["owner", "state", "due_on"], name="task_owner"),
            models.Index(fields=["child", "state", "due_on"], name="task_child"),
            models.Index(fields=["state", "due_on"], name="task_due"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["open", "done", "dropped"]), name="task_state_is_known"),
            models.CheckConstraint(
                condition=Q(origin="by_hand", number__isnull=True)
                | Q(
                    origin__in=["of_a_conference", "of_a_transfer", "of_notification", "of_protection"],
                    number__isnull=False,
                ),
                name="task_origin_is_whole",
            ),
            models.CheckConstraint(condition=~Q(what=""), name="task_says_what"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} {self.pk}"


guarded(Task, TASK)

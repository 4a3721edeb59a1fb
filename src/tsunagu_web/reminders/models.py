"""A reminder to one member of staff, the child it is about, and the mail that told of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tsunagu.casework.reminders import Kind
from tsunagu_web.cases.models import Child


class Mail(models.Model):
    """A mail to one person that tells how many reminders of which kinds are new. It holds no text: that is made when
    it is sent, of counts alone.

    reference   stands in the mail as its id, the same in every try, so that a mail sent twice is known for one
    is_at_once  did not wait for the mail of the day; day: of the city's calendar
    free_at     no try before this moment: another program may be sending it, or the last try failed
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be sent")
        SENT = "sent", _("Sent")
        ENDED = "ended", _("Not needed any more")

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reference = models.UUIDField(unique=True, default=uuid.uuid4)
    is_at_once = models.BooleanField()
    day = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    tries = models.PositiveIntegerField(default=0)
    free_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "free_at"], name="mail_waiting")]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "day"], condition=Q(is_at_once=False), name="one_mail_of_the_day_each"
            ),
            models.CheckConstraint(condition=Q(state__in=["waiting", "sent", "ended"]), name="mail_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent") & Q(sent_at__isnull=True),
                name="mail_sent_at_some_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.day}"


class Reminder(models.Model):
    """One person is told of one matter. It names no child: what it is about is a row of its own, under the second lock.

    number        of the thing: the task, the referral, the case
    day           the day itself: when it is due, or when it came about
    is_passed_on  others were told first and nobody acted, or nobody was there to be told
    told_at       since when; settled_on: the day on which the matter was found settled
    mail          the mail that told of it; null where none did
    """

    class State(models.TextChoices):
        NEW = "new", _("Not read yet")
        READ = "read", _("Read")
        SETTLED = "settled", _("Settled")

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=24)
    number = models.BigIntegerField()
    day = models.DateField()
    is_passed_on = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    told_at = models.DateTimeField()
    settled_on = models.DateField(null=True)
    mail = models.ForeignKey(Mail, null=True, on_delete=models.SET_NULL, related_name="reminders")

    class Meta:
        indexes = [models.Index(fields=["staff", "state", "-told_at"], name="reminder_staff")]
        constraints = [
            models.UniqueConstraint(fields=["staff", "kind", "number", "day"], name="told_once_of_a_matter"),
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in Kind]), name="reminder_kind_is_known"),
            models.CheckConstraint(condition=Q(state__in=["new", "read", "settled"]), name="reminder_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="settled", settled_on__isnull=False)
                | ~Q(state="settled") & Q(settled_on__isnull=True),
                name="reminder_settled_on_some_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.kind} {self.number}"


class About(models.Model):
    """The child a reminder is about; read only by those who may see the child."""

    reminder = models.OneToOneField(Reminder, primary_key=True, on_delete=models.CASCADE, related_name="about")
    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.child_id} {self.reminder_id}"

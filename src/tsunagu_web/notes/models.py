"""Notes with all their versions, and attachments whose bytes lie encrypted beside the database."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tsunagu_web.access.terms import Label
from tsunagu_web.audit.content import digested
from tsunagu_web.cases.models import Child

LABELS = [
    (Label.GENERAL.value, _("General")),
    (Label.INTERNAL.value, _("Internal")),
    (Label.SENSITIVE.value, _("Sensitive")),
    (Label.SEALED.value, _("Sealed")),
]


class Note(models.Model):
    """A note about a child. label: that of the newest version, by which rows are filtered; number: of that version.

    form  the form it was made with; the same form sent twice makes one note
    """

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="notes")
    label = models.SmallIntegerField(choices=LABELS)
    number = models.PositiveIntegerField()
    form = models.UUIDField(unique=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["child", "-changed_at"], name="note_child")]
        constraints = [models.CheckConstraint(condition=Q(label__in=[0, 1, 2, 3]), name="note_label_is_known")]

    def __str__(self) -> str:
        return f"{self.child_id} {self.pk}"


class NoteVersion(models.Model):
    """What a note said from a moment on; the database refuses to change or delete it (migration 0002).

    about_on  the day the note speaks of; null where it speaks of none
    """

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField(max_length=8_000)
    label = models.SmallIntegerField(choices=LABELS)
    about_on = models.DateField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["note", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["note", "number"], name="note_versions_are_counted"),
            models.CheckConstraint(condition=Q(label__in=[0, 1, 2, 3]), name="note_version_label_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.note_id} {self.number}"


digested(NoteVersion, "note_id", "number", "text", "label", "about_on", "by_id", "at")


class Attachment(models.Model):
    """A file that belongs to a child's record, or to one note of it.

    kind      what it is by its bytes: pdf, png, jpeg, text, xlsx, docx
    sha256    of the plain bytes; checked again at each download
    stored    the name of the encrypted file in the desk's folder
    revision  counts the changes of the label
    """

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="attachments")
    note = models.ForeignKey(Note, null=True, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    label = models.SmallIntegerField(choices=LABELS)
    stored = models.CharField(max_length=32, unique=True)
    form = models.UUIDField(unique=True)
    revision = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["child", "-at"], name="attachment_child")]
        constraints = [
            models.CheckConstraint(condition=Q(label__in=[0, 1, 2, 3]), name="attachment_label_is_known"),
            models.CheckConstraint(
                condition=Q(kind__in=["pdf", "png", "jpeg", "text", "xlsx", "docx"]), name="attachment_kind_is_known"
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_is_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} {self.pk}"

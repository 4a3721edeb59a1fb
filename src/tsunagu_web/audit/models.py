"""The stored chain. Rows are only ever inserted; the database itself refuses anything else (migration 0002)."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """A sealed row. The columns beside the body are copies to filter by; `audit-verify` compares them with the body."""

    number = models.BigIntegerField(primary_key=True)
    body = models.TextField()
    hash = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    action = models.CharField(max_length=80)
    object = models.CharField(max_length=80)

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="event_at"),
            models.Index(fields=["actor", "number"], name="event_actor"),
            models.Index(fields=["action", "number"], name="event_action"),
        ]

    def __str__(self) -> str:
        return f"{self.number}"

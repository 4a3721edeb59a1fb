"""The stored chain and what stands beside it. Rows are only ever inserted; the database refuses anything else."""

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


class EventPerson(models.Model):
    """A person whom an entry names: a copy to find "who looked at this child" by; compared with the body too.

    person_id  as in the body, so that it stays when the person's own rows are gone
    """

    pk = models.CompositePrimaryKey("event_id", "person_id")
    event = models.ForeignKey(
        Event, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="persons"
    )
    person_id = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["person_id", "event"], name="event_person")]

    def __str__(self) -> str:
        return f"{self.event_id} {self.person_id}"


class ContentSalt(models.Model):
    """What makes the digest in an entry unguessable; it goes when the row that the entry speaks of is erased.

    number  of the entry
    """

    number = models.BigIntegerField(primary_key=True)
    salt = models.CharField(max_length=32)

    def __str__(self) -> str:
        return f"{self.number}"


class IssuedHead(models.Model):
    """A signed head that this desk stored in the folder of heads, to know without asking the other machine.

    series, number, rows, digest  as in the head
    """

    digest = models.CharField(max_length=64, primary_key=True)
    series = models.CharField(max_length=32)
    number = models.BigIntegerField()
    rows = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at", "rows"], name="issued_head_at")]

    def __str__(self) -> str:
        return f"{self.series} {self.number}"

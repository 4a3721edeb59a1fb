"""The index of texts that are searched, and the sealed words of each search."""

from __future__ import annotations

from django.db import models


class Kind(models.IntegerChoices):
    """What a text is of; each kind is searched by itself. A number is never used again for another kind."""

    PERSON = 1
    NOTE = 2


class SearchText(models.Model):
    """One text in its searched form, given by a room in the transaction in which it writes the text itself.

    Whom it is about and who may read it stay with the room: the row there is limited first, and searched then.

    own_id  primary key of the row in the room it comes from
    text    the forms of tsunagu.text.search; empty before the first writing is done
    """

    id = models.AutoField(primary_key=True)  # half as wide as elsewhere: it stands in every posting
    kind = models.SmallIntegerField(choices=Kind.choices)
    own_id = models.CharField(max_length=40)
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "own_id"], name="one_search_text"),
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="search_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.own_id}"


class Posting(models.Model):
    """That a text holds a gram. No foreign key: its check at each deletion would read the whole table.

    gram      kind and two signs as one number (services.py)
    document  the number of the SearchText
    """

    pk = models.CompositePrimaryKey("gram", "document")
    gram = models.IntegerField()
    document = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.gram} {self.document}"


class Frequency(models.Model):
    """In how many texts a common gram stood when the index was last counted: where to begin, never what is found."""

    gram = models.IntegerField(primary_key=True)
    texts = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.gram}"


class SearchTerms(models.Model):
    """The words of one search, sealed (words.py), beside the entry of the log with this number."""

    event = models.BigIntegerField(primary_key=True)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.event}"

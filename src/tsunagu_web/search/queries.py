"""What is found among the rows a viewer may see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import connection
from django.db.models import BooleanField, Case, CharField, F, Func, Model, Q, QuerySet, Subquery, When
from django.db.models.functions import Cast

from tsunagu.text.search import Asked
from tsunagu_web.search.models import Kind, Posting, SearchText
from tsunagu_web.search.services import common_grams, grams_of

Row = TypeVar("Row", bound=Model)
FEW = 1_000  # up to so many rows are looked through one by one; of more, only those that the grams name
MANY = 500  # up to so many hits are handed on as a list
_IS = BooleanField()


def found(rows: QuerySet[Row], question: Asked, kind: Kind) -> QuerySet[Row]:
    """Those of the rows whose text holds what was asked.

    rows  children or notes, already limited to what the viewer may see (`visible_to`, with the label of a note)

    The text decides; the grams only spare looking at every text. For a viewer of few rows they are not asked at all:
    what other texts hold then changes neither the answer nor the work that is done for it.
    """
    if not question.is_enough:
        return rows.none()
    if rows.order_by()[: FEW + 1].count() <= FEW:
        own_ids = rows.order_by().values(own_id=Cast("pk", CharField()))
        texts = SearchText.objects.filter(_among("own_id", own_ids), kind=kind)
    elif starts := _where_to_begin(question, kind):
        # A gram tells the kind too; said once more, SQLite would go through all texts of the kind.
        texts = SearchText.objects.filter(_among("pk", Posting.objects.filter(gram__in=starts).values("document")))
    else:
        texts = SearchText.objects.filter(kind=kind)
    for forms in question.words:
        texts = texts.filter(_any(Q(text__contains=form) for form in forms))
    hits = texts.values_list(_own_key(kind, rows), flat=True)
    # Some hits are read once, for the count and the page alike; very many would make too long a list.
    some = list(hits[: MANY + 1])
    return rows.filter(pk__in=some if len(some) <= MANY else hits)


def _own_key(kind: Kind, rows: QuerySet[Row]) -> Case:
    """A text's `own_id` as a key of the rows; null for another kind, whose id PostgreSQL might cast before it asks."""
    return Case(When(kind=kind, then=Cast("own_id", rows.model._meta.pk)))


def _where_to_begin(question: Asked, kind: Kind) -> tuple[int, ...]:
    """The rarest gram of each form of the rarest word; empty when no word has a gram in each of its forms."""
    words = [[grams_of(kind, form) for form in forms] for forms in question.words]
    common = common_grams()
    best: tuple[int, tuple[int, ...]] | None = None
    for forms in words:
        if all(forms):
            rarest = {min(form, key=lambda gram: (common.get(gram, 0), gram)) for form in forms}
            size = sum(common.get(gram, 0) for gram in rarest)
            if best is None or size < best[0]:
                best = size, tuple(sorted(rarest))
    return best[1] if best else ()


class _Read(Subquery):
    """The one column of a query, read before anything is looked up by it."""

    template = "ARRAY(%(subquery)s)"


def _among(column: str, values: QuerySet[Any, Any]) -> Q | Func:
    """That a text's column is one of these. PostgreSQL would take its own policy to leave so few texts that it goes
    through all of them first and asks for the values afterwards; what was read already it can but look up."""
    if connection.vendor != "postgresql":
        return Q(**{f"{column}__in": values})
    return Func(F(column), _Read(values), template="%(expressions)s)", arg_joiner=" = ANY (", output_field=_IS)


def _any(conditions: Iterable[Q]) -> Q:
    either = Q()
    for condition in conditions:
        either |= condition
    return either

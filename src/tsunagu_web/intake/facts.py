"""Facts of a run against those known: what is new is added, what is no longer so gets its last day. None is deleted."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pyarrow as pa

from tsunagu_web.cases.models import Fact
from tsunagu_web.intake.batches import in_batches
from tsunagu_web.people.models import Person

# What makes two deliveries of a fact the same one. The as-of date does not: it moves with every delivery.
KEY = ("person_id", "item", "label", "value", "number", "state", "holder", "valid_from", "valid_to")
_AT_ONCE = 5_000

Key = tuple[Any, ...]


def write(found: pa.Table, today: dt.date) -> int:
    """Writes the difference, a piece of the city at a time; gives the number of facts of the run.

    found  FACTS, ordered by person
    """
    spoken_of: set[str] = set()
    for piece in _pieces(found):
        persons = {key[0] for key, _ in piece}
        spoken_of |= persons
        _write_difference(persons, piece, today)
    silent = (pk for pk in Person.objects.values_list("pk", flat=True).iterator() if pk not in spoken_of)
    for batch in in_batches(silent):
        Fact.objects.filter(person_id__in=batch, known_to__isnull=True).update(known_to=today)
    return int(found.num_rows)


def latest_as_of(found: pa.Table) -> dict[str, str]:
    """The latest as-of date of each holder."""
    latest = found.group_by("holder").aggregate([("as_of", "max")])
    return {row["holder"]: row["as_of_max"].isoformat() for row in latest.to_pylist()}


def _write_difference(persons: set[str], piece: list[tuple[Key, dt.date]], today: dt.date) -> None:
    # Counted, since two rows of a file may say the very same.
    new = Counter(key for key, _ in piece)
    over: list[int] = []
    in_force = Fact.objects.filter(person_id__in=sorted(persons), known_to__isnull=True)
    for pk, *rest in in_force.values_list("pk", *KEY).iterator(chunk_size=_AT_ONCE):
        key = tuple(rest)
        if new[key] > 0:
            new[key] -= 1
        else:
            over.append(pk)
    for batch in in_batches(over):
        Fact.objects.filter(pk__in=batch).update(known_to=today)
    as_of = dict(piece)
    Fact.objects.bulk_create(
        [
            Fact(**dict(zip(KEY, key, strict=True)), as_of=as_of[key], known_from=today)
            for key, times in new.items()
            for _ in range(times)
        ],
        batch_size=2_000,
    )


def _pieces(found: pa.Table) -> Iterator[list[tuple[Key, dt.date]]]:
    """The facts in pieces of whole persons."""
    piece: list[tuple[Key, dt.date]] = []
    for _person, rows in groupby(_rows(found), key=lambda row: row[0][0]):
        piece += rows
        if len(piece) >= _AT_ONCE:
            yield piece
            piece = []
    if piece:
        yield piece


def _rows(found: pa.Table) -> Iterator[tuple[Key, dt.date]]:
    for batch in found.select([*KEY, "as_of"]).to_batches(max_chunksize=10_000):
        columns = dict(zip([*KEY, "as_of"], (column.to_pylist() for column in batch.columns), strict=True))
        for name in ("label", "value"):
            columns[name] = [text or "" for text in columns[name]]
        yield from zip(zip(*(columns[name] for name in KEY), strict=True), columns["as_of"], strict=True)
